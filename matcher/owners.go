package matcher

// maxOwners is how many people may share an identifier. One that more share is a switchboard's number or a clinic's own
// address: it says nothing about anybody, and is not matched for as long as that is so.
const maxOwners = 64

// A clinic's identifier that more of its patients share than this is not matched for that clinic.
const (
	maxShared     = 20
	maxSharedName = 8
)

// tagTable is the table of identifiers, by the first words of their tags. What its filters let pass is confirmed by the whole
// tag: ask perhaps and maybe of all that are to be looked up, touch what passed, touchRecord, and then find each.
type tagTable struct {
	*table
	reg *registry
}

// touchRecord brings near the record that find will compare with, if it is in memory.
func (t *tagTable) touchRecord(g tag) byte {
	s := t.shard(g.a)
	slot := s.next(printOf(g.a), -1)
	if slot < 0 {
		return 0
	}
	n, from := at(s.record(slot))
	if own := t.reg.pages.here(n); own != nil {
		return own[from]
	}
	return 0
}

// find gives the place of a tag's owners, for owned, or -1.
func (t *tagTable) find(g tag, v *view) int {
	s, p := t.shard(g.a), printOf(g.a)
	for slot := s.next(p, -1); slot >= 0; slot = s.next(p, slot) {
		if head := s.record(slot); tagIn(v.record(head, t.reg.writes)) == g {
			return int(head)
		}
	}
	return -1
}

// owner is somebody whose identifier it is.
type owner struct {
	person uint32
	clinic uint16
	kind   kindID
}

// owned appends the people of a place that find gave to dst. Those of a clinic that has too many of them are left out.
func (r *registry) owned(place int, v *view, dst []uint32) []uint32 {
	var all [maxOwners]owner
	n := 0
	for i := uint32(place); i != 0 && n < maxOwners; {
		b := v.record(i, r.writes)
		if b[30] >= deadMark || b[30] == freeMark {
			return dst
		}
		row := rowOf(b)
		if !r.clinics[row.clinic].gone {
			all[n] = owner{row.person, row.clinic, row.kind}
			n++
		}
		i = row.next
	}
	return uncrowded(all[:n], dst)
}

// uncrowded appends those whose clinic has not too many of them.
func uncrowded(all []owner, dst []uint32) []uint32 {
	for i := range all {
		most, n := maxShared, 0
		if all[i].kind == kName {
			most = maxSharedName
		}
		for j := 0; j < len(all) && len(all) > most; j++ {
			if all[j].clinic == all[i].clinic {
				n++
			}
		}
		if n <= most {
			dst = append(dst, all[i].person)
		}
	}
	return dst
}
