package matcher

import "slices"

// tagSet is a small set, mostly: most people have few identifiers, and nothing keeps a bundle from giving one all.
type tagSet struct {
	few  []tag
	many map[tag]struct{}
}

const fewTags = 32

func newTagSet(n int) *tagSet {
	if n > fewTags {
		return &tagSet{many: make(map[tag]struct{}, n)}
	}
	return &tagSet{few: make([]tag, 0, n)}
}

func (s *tagSet) add(g tag) {
	if s.many == nil && len(s.few) == fewTags {
		s.many = map[tag]struct{}{}
		for _, g := range s.few {
			s.many[g] = struct{}{}
		}
	}
	if s.many != nil {
		s.many[g] = struct{}{}
		return
	}
	s.few = append(s.few, g)
}

func (s *tagSet) has(g tag) bool {
	if s.many != nil {
		_, ok := s.many[g]
		return ok
	}
	return slices.Contains(s.few, g)
}

func tagsIn(rows []row) *tagSet {
	s := newTagSet(len(rows))
	for i := range rows {
		s.add(rows[i].tag)
	}
	return s
}
