package matcher

import (
	"bytes"
	"testing"

	"leakwatch/leak"
)

// FuzzFindThree compares the kernel with its twin, and the two ways of a watch with each other.
func FuzzFindThree(f *testing.F) {
	f.Add([]byte("the Example Clinic, example_clinic and clinic.example"), uint8(0), uint8(0))
	f.Add(bytes.Repeat([]byte("exam EXA mple c"), 40), uint8(7), uint8(3))
	terms := []leak.Term{{Clinic: "a", Text: "Example Clinic"}, {Clinic: "a", Text: "clinic.example"}, {Clinic: "b", Text: "HUS"},
		{Clinic: "b", Text: "Mehiläisklinikka"}}
	portable := newWatch(terms, nil)
	f.Fuzz(func(t *testing.T, text []byte, from, cut uint8) {
		b := padded(bytes.Clone(text))
		lo := min(int(from), len(b))
		hi := max(lo, len(b)-int(cut))
		want := found(portable, b, lo, hi)
		if got := byTree(portable, b, lo, hi); got != want {
			t.Fatalf("by the tree: %v, want %v", got, want)
		}
		for name, k := range allKernels() {
			if k.three == nil {
				continue
			}
			w := newWatch(terms, k.three)
			full := b[:len(b)+slack]
			for i := lo; i < hi; i++ {
				if got, want := k.three(&full[0], i, hi+past, &w.anchors.tables), findThreeGo(full[:hi+past], i, &w.anchors.tables); min(got, hi+1) != min(want, hi+1) {
					t.Fatalf("%s: from %d: %d, want %d", name, i, got, want)
				}
			}
			if got := found(w, b, lo, hi); got != want {
				t.Fatalf("%s: %v, want %v", name, got, want)
			}
		}
	})
}

func found(w *watch, b []byte, lo, hi int) (n [4]int) {
	for _, term := range w.find(b, lo, hi, nil) {
		n[term]++
	}
	return n
}

// byTree counts the terms by the tree alone.
func byTree(w *watch, b []byte, lo, hi int) (n [4]int) {
	w.tree.find(b, lo, hi, func(term int) { n[term]++ })
	return n
}
