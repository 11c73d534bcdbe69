package matcher

// mapped is how many words are worth memory of their own. The collector lets a heap grow to twice of what lives in it,
// and the registry is most of what lives: outside of the heap it takes no more than it needs.
const mapped = 1 << 11

// area is zeroed memory, outside of Go's heap where there is much of it and the system can. free gives it back.
type area struct {
	all     []uint64
	outside bool
}

func newArea(n int) (area, error) {
	if n < mapped {
		return area{all: make([]uint64, n)}, nil
	}
	return mapArea(n)
}

// free gives the memory back; nobody may use it any more.
func (w *area) free() {
	if w.outside {
		unmapArea(w.all)
	}
	*w = area{}
}
