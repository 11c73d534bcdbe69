package unpack

import (
	"bytes"

	"leakwatch/leak"
)

// wides finds UTF-16 text among other bytes, as old office files and databases keep it: at least minWide letters below
// 256 in a row, each followed by a NUL. They are handed over as a text beside, with their offsets.
type wides struct {
	t    *tap
	view aside
	base int64  // text offset of the next byte to be looked at
	pend []byte // letters in a row
	held int    // byte that may be the first of a pair, -1 if there is none
	part bool   // earlier letters of the row were handed on
	any  bool
}

const (
	minWide = 6
	maxWide = 512 // letters that are kept before they are handed on
)

// scan looks through the next bytes.
func (v *wides) scan(b []byte, last bool) error {
	if !v.any {
		v.held, v.any = -1, true
	}
	for i := 0; i < len(b); i++ {
		if len(v.pend) == 0 && !v.part {
			if i = v.leap(b, i); i == len(b) {
				break
			}
		}
		c := b[i]
		switch {
		case v.held >= 0 && c == 0:
			v.pend = append(v.pend, byte(v.held))
			v.held = -1
			if len(v.pend) == maxWide {
				if err := v.flush(v.base+int64(i)+1, false); err != nil {
					return err
				}
			}
			continue
		case v.held >= 0 || sorts[c] > 1:
			if err := v.flush(v.base+int64(i)-int64(boolInt(v.held >= 0)), true); err != nil {
				return err
			}
			v.held = -1
		}
		if sorts[c] <= 1 {
			v.held = int(c)
		}
	}
	v.base += int64(len(b))
	if !last {
		return nil
	}
	if err := v.flush(v.base-int64(boolInt(v.held >= 0)), true); err != nil {
		return err
	}
	return v.view.finish()
}

// leap goes from i on to the next NUL, before which no row can begin.
func (v *wides) leap(b []byte, i int) int {
	k := bytes.IndexByte(b[i:], 0)
	if k == 0 {
		return i
	}
	if k < 0 {
		k = len(b) - i
	}
	v.held = -1
	if c := b[i+k-1]; sorts[c] <= 1 {
		v.held = int(c)
	}
	return i + k
}

// flush hands on the letters that end before text offset end.
func (v *wides) flush(end int64, whole bool) error {
	b := v.pend
	v.pend = v.pend[:0]
	if !v.part && (len(b) == 0 || len(b) < minWide && whole) {
		return nil
	}
	v.part = !whole
	if v.view.w == nil {
		v.view = aside{w: v.t.w, n: v.t.n, views: maxViews, place: func() leak.Place { return v.t.n.place }}
	}
	first := end - 2*int64(len(b))
	for i, c := range b {
		at := v.t.way.back(first + 2*int64(i))
		letter := []byte(string(rune(c)))
		v.view.marks.set(v.view.out, at, 2, asIs, 0)
		if err := v.view.put(letter); err != nil {
			return err
		}
		if len(letter) > 1 {
			v.view.marks.set(v.view.out, at+2, 2, asIs, 0)
		}
	}
	if whole {
		return v.view.put([]byte("\n\n"))
	}
	return nil
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}
