package unpack

import "slices"

// putOut keeps a document, and its spool beside whoever has it, that lies too far inside others to be read beside them, until the
// outermost of these was read. It says no when there is too little room.
func (w *walker) putOut(n *node, s *spool) bool {
	if !w.roomFor(w.inside) {
		return false
	}
	kept := w.keep(n, s)
	kept.path = nil // its shape is told
	s.keepers++
	w.inside = append(w.inside, later{n: kept, s: s})
	return true
}

// readInside reads what putOut kept, once no document is being read any more.
func (w *walker) readInside() error {
	if w.outside || len(w.inside) == 0 || !w.visit.Idle() {
		return w.end()
	}
	w.outside = true
	defer func() { w.outside = false }()
	for len(w.inside) > 0 && w.end() == nil {
		l := w.inside[0]
		w.inside = w.inside[1:]
		if err := w.readOut(l.n, l.s); err != nil {
			return err
		}
	}
	return w.end()
}

// readOut reads one of them, and removes its spool unless it is kept for later.
func (w *walker) readOut(n *node, s *spool) error {
	kept := false
	defer func() {
		if !kept {
			w.doneSpool(s)
		}
	}()
	o, err := w.parse(n, s, false)
	switch {
	case err != nil, n.format == "eml": // its text was read
	case isZip(n.format) && o.failed():
		if zr, held, ok := w.openDirectory(s); ok {
			kept, err = w.walkDirectory(n, s, zr)
			w.release(held)
		}
	case o.sealed:
		if kept = w.putOff(n, s, w.parseSealed); !kept {
			err = w.parseSealed(n, s)
		}
	default:
		err = w.parsedBytes(n, s, o)
	}
	return err
}

// isZip says whether a document that no child could read is read as the zip that it is.
func isZip(f format) bool {
	return slices.Contains([]format{"docx", "xlsx", "pptx", "odt", "ods", "odp", "odg", "epub"}, f)
}
