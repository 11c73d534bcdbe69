package matcher

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"leakwatch/leak"
)

// emptyMatcher keeps nothing of a registry in memory that may lie in the file.
func emptyMatcher(t interface {
	Helper()
	Fatal(...any)
}, temp string) *Matcher {
	t.Helper()
	m, err := New(Keys{Rings: []Key{{ID: "test-rk1", Secret: [32]byte{1}}}, Index: []Key{{ID: "pk-1", Secret: [32]byte{2}}},
		Find: []Key{{ID: "pk-2", Secret: [32]byte{3}}}}, Options{Temp: temp})
	if err != nil {
		t.Fatal(err)
	}
	m.registry.Load().pages.most = 1
	return m
}

// shared is a row of the model.
type shared struct {
	who leak.Person
	tag tag
}

// registryModel is what a registry should say: a plain set.
type registryModel struct {
	rows   map[shared]kindID
	ghosts map[tag]int // rows of clinics that were removed whole: they still count for a crowd
}

// owners of a tag, by the rules of crowding.
func (m *registryModel) owners(g tag) (who []leak.Person) {
	total, by := m.ghosts[g], map[string]int{}
	for s := range m.rows {
		if s.tag == g {
			total++
			by[s.who.Clinic]++
		}
	}
	for s := range m.rows {
		if s.tag == g && total <= maxOwners && by[s.who.Clinic] <= maxShared {
			who = append(who, s.who)
		}
	}
	return inOrder(who)
}

func inOrder(who []leak.Person) []leak.Person {
	slices.SortFunc(who, func(a, b leak.Person) int { return strings.Compare(a.Clinic+a.Ref, b.Clinic+b.Ref) })
	return who
}

// ask is how a reading asks.
func ask(r *registry, g tag) (who []leak.Person) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if !r.table.maybe(g.a) {
		return nil
	}
	v := r.view()
	defer r.done(v)
	place := r.table.find(g, v)
	if place < 0 {
		return nil
	}
	for _, i := range r.owned(place, v, nil) {
		if k, ok := r.personOf(i, v); ok {
			p := patient{key: k, ref: r.odd[i], clinic: &clinicState{id: r.clinics[k.clinic].id}}
			who = append(who, p.who())
		}
	}
	return inOrder(who)
}

// testTag makes few tags, of which each two have the same key.
func testTag(i int) tag { return tag{uint64(i/2) << 24, uint64(i)} }

// TestRegistryModel compares the registry with a plain set, over random changes, with many that share an identifier, most
// of its records in the file.
func TestRegistryModel(t *testing.T) {
	t.Parallel()
	temp := t.TempDir()
	rapid.Check(t, func(rt *rapid.T) {
		m := emptyMatcher(rt, temp)
		r := m.registry.Load()
		defer assets{r.table.table, r.people, r.pages}.free()
		model := &registryModel{rows: map[shared]kindID{}, ghosts: map[tag]int{}}
		people := rapid.IntRange(2, 90).Draw(rt, "people")
		for range rapid.IntRange(1, 150).Draw(rt, "steps") {
			model.step(rt, m, r, people)
		}
		for i := range 12 {
			g := testTag(i)
			if got, want := ask(r, g), model.owners(g); !slices.Equal(got, want) {
				rt.Fatalf("tag %d: %v, want %v", i, got, want)
			}
		}
		patients, all := map[leak.Person]bool{}, int64(0)
		for s := range model.rows {
			patients[s.who] = true
		}
		for i := range r.clinics {
			_, n := r.registered(uint16(i))
			all += n
		}
		if r.rows != len(model.rows) || all != int64(len(patients)) {
			rt.Fatalf("%d rows of %d people, want %d of %d", r.rows, all, len(model.rows), len(patients))
		}
	})
}

// step changes registry and model alike.
func (m *registryModel) step(rt *rapid.T, matcher *Matcher, r *registry, people int) {
	draw := func(what string, n int) int { return rapid.IntRange(0, n-1).Draw(rt, what) }
	someone := func() leak.Person {
		i := draw("person", people)
		ref := madeUpRef(i)
		if i%7 == 0 {
			ref = fmt.Sprint("odd", i)
		}
		return leak.Person{Clinic: fmt.Sprint("clinic-", draw("clinic", 4)/3), Ref: ref}
	}
	apply := func(do editing, batch ...unwrapped) {
		if err := matcher.apply(r, batch, do); err != nil {
			rt.Fatal(err)
		}
	}
	switch what := draw("what", 12); {
	case what < 4: // many share one
		g, n := testTag(draw("tag", 2)), draw("many", people)+1
		for i := range n {
			who := leak.Person{Clinic: fmt.Sprint("clinic-", i%5/4), Ref: madeUpRef(i)}
			if what > 0 {
				m.rows[shared{who, g}] = kEmail
				apply((*registry).add, unwrapped{who: who, rows: []row{{tag: g, kind: kEmail}}})
			} else {
				delete(m.rows, shared{who, g})
				apply((*registry).remove, unwrapped{who: who, rows: []row{{tag: g, kind: kEmail}}})
			}
		}
	case what < 9:
		u := unwrapped{who: someone()}
		for range draw("rows", 6) {
			u.rows = append(u.rows, row{tag: testTag(draw("tag", 12)), kind: kEmail})
		}
		m.change(u, what, apply)
	case what < 11: // what comes next lies in another chunk
		r.mu.Lock()
		_, err := r.pages.extend(pageRecords * chunkPages)
		r.writes++
		r.mu.Unlock()
		if err != nil || r.pages.failed != nil {
			rt.Fatal(err, r.pages.failed)
		}
	case draw("dissolve", 4) == 0:
		clinic := fmt.Sprint("clinic-", draw("clinic", 2))
		for s := range m.rows {
			if s.who.Clinic == clinic {
				delete(m.rows, s)
				m.ghosts[s.tag]++
			}
		}
		apply((*registry).revise, unwrapped{who: leak.Person{Clinic: clinic}})
	}
}

// change does the same with both.
func (m *registryModel) change(u unwrapped, what int, apply func(editing, ...unwrapped)) {
	remove, revise := what == 8, what == 7
	if revise {
		for s := range m.rows {
			if s.who == u.who {
				delete(m.rows, s)
			}
		}
	}
	for _, w := range u.rows {
		if remove {
			delete(m.rows, shared{u.who, w.tag})
		} else {
			m.rows[shared{u.who, w.tag}] = w.kind
		}
	}
	switch {
	case remove:
		apply((*registry).remove, u)
	case revise:
		apply((*registry).revise, u)
	default:
		apply((*registry).add, u)
	}
}

// secretRef must not be found in the file.
const secretRef = "SECRETSECRETSECRETSECRETSE"

// TestFileHoldsNothing: what lies in the temporary file is sealed, has no name where the system allows, and is gone with
// the registry.
func TestFileHoldsNothing(t *testing.T) {
	t.Parallel()
	temp := t.TempDir()
	m := emptyMatcher(t, temp)
	r := m.registry.Load()
	g := tag{0x4142434445464748, 0x5152535455565758}
	who := leak.Person{Clinic: "clinic-a", Ref: madeUpRef(7)}
	odd := leak.Person{Clinic: "clinic-a", Ref: secretRef + "?"}
	for _, p := range []leak.Person{who, odd} {
		if err := m.apply(r, []unwrapped{{who: p, rows: []row{{tag: g, kind: kEmail}}}}, (*registry).add); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := r.pages.extend(pageRecords * chunkPages * 2); err != nil || r.pages.file == nil {
		t.Fatal(err, r.pages.failed)
	}
	r.writes++
	if got := ask(r, g); len(got) != 2 {
		t.Fatalf("%v", got)
	}
	size, err := r.pages.file.file.Stat()
	if err != nil {
		t.Fatal(err)
	}
	raw := make([]byte, size.Size())
	if _, err := r.pages.file.file.ReadAt(raw, 0); err != nil {
		t.Fatal(err)
	}
	ref, _ := packRef(who.Ref)
	digest := refDigest(odd.Ref)
	for name, secret := range map[string][]byte{"half a tag": binary.LittleEndian.AppendUint64(nil, g.a), "the other half": binary.LittleEndian.AppendUint64(nil, g.b),
		"a reference": ref[:], "an odd one": digest, "its text": []byte(secretRef)} {
		if bytes.Contains(raw, secret) {
			t.Errorf("%s is in the file", name)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(temp, "*")); runtime.GOOS == "linux" && len(left) > 0 {
		t.Errorf("the file has a name: %v", left)
	}
	assets{r.table.table, r.people, r.pages}.free()
	if _, err := r.pages.file.file.Stat(); !errors.Is(err, os.ErrClosed) {
		t.Errorf("the file is open still: %v", err)
	}
}

// TestDamagedFileIsSaid: a registry whose file cannot be read any more says so, and is loaded anew; nobody is missed silently.
func TestDamagedFileIsSaid(t *testing.T) {
	t.Parallel()
	m := emptyMatcher(t, t.TempDir())
	if err := m.Load(5, func(yield func(leak.Tag, error) bool) {}); err != nil {
		t.Fatal(err)
	}
	r := m.registry.Load()
	r.pages.most = 1
	g := tag{1 << 40, 2}
	if err := m.apply(r, []unwrapped{{who: leak.Person{Clinic: "clinic-a", Ref: "r"}, rows: []row{{tag: g, kind: kEmail}}}}, (*registry).add); err != nil {
		t.Fatal(err)
	}
	if _, err := r.pages.extend(pageRecords * chunkPages * 2); err != nil {
		t.Fatal(err)
	}
	r.writes++
	if _, err := r.pages.file.file.WriteAt(make([]byte, 64), 0); err != nil {
		t.Fatal(err)
	}
	if got := ask(r, g); len(got) != 0 {
		t.Errorf("%v", got)
	}
	err := m.Begin(nil).Text(t.Context(), leak.Text{Reader: strings.NewReader("nothing")})
	if !errors.Is(err, errPages) || m.Generation() != 0 {
		t.Errorf("%v, generation %d", err, m.Generation())
	}
}

// TestNoFolder: a registry that needs a file and cannot have one is not loaded, and the one before it stays.
func TestNoFolder(t *testing.T) {
	t.Parallel()
	m := emptyMatcher(t, filepath.Join(t.TempDir(), "none"))
	m.options.MaxMemory = 0
	err := m.LoadParts(1, 0, []iter.Seq2[leak.Registration, error]{madeUp(400_000)})
	if err == nil || m.Generation() != 0 || m.Size() != 0 || strings.Contains(err.Error(), "none") {
		t.Errorf("%v, generation %d, %d rows", err, m.Generation(), m.Size())
	}
}

// TestMemoryLimit: a registry of more than the memory that it may have says so.
func TestMemoryLimit(t *testing.T) {
	t.Parallel()
	m := emptyMatcher(t, t.TempDir())
	m.options.MaxMemory = 1 << 20
	err := m.LoadParts(1, 0, []iter.Seq2[leak.Registration, error]{madeUp(400_000)})
	if err == nil || !strings.Contains(err.Error(), "limit of 1 MiB") || m.Size() != 0 {
		t.Errorf("%v, %d rows", err, m.Size())
	}
}

// TestEditsDuringReadings adds and removes while readers ask: whoever is registered throughout is always found.
func TestEditsDuringReadings(t *testing.T) {
	t.Parallel()
	m := emptyMatcher(t, t.TempDir())
	r := m.registry.Load()
	change := func(do editing, from, to int) {
		for i := from; i < to; i++ {
			u := unwrapped{who: leak.Person{Clinic: "clinic-a", Ref: madeUpRef(i)}, rows: []row{{tag: tag{uint64(i) << 44, uint64(i)}, kind: kEmail}}}
			if err := m.apply(r, []unwrapped{u}, do); err != nil {
				t.Error(err)
			}
		}
	}
	change((*registry).add, 0, 3000)
	var group sync.WaitGroup
	stop := make(chan struct{})
	for range 2 {
		group.Go(func() {
			for i := 0; ; i = (i + 7) % 1000 {
				select {
				case <-stop:
					return
				default:
				}
				if got := ask(r, tag{uint64(i) << 44, uint64(i)}); len(got) != 1 || got[0].Ref != madeUpRef(i) {
					t.Errorf("person %d: %v", i, got)
					return
				}
			}
		})
	}
	for range 3 {
		change((*registry).add, 3000, 6000)
		change((*registry).remove, 2000, 6000)
		change((*registry).add, 2000, 3000)
	}
	close(stop)
	group.Wait()
	if r.rows != 3000 {
		t.Errorf("%d rows", r.rows)
	}
}
