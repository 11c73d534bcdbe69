package unpack

// later is an archive in which something is encrypted. It is read last, when all that lies beside it was read, for that
// may say the password.
type later struct {
	n    *node
	s    *spool
	read func() error
}

// maxLater are kept at one time; more are read at once, with the passwords known then.
const maxLater = 64

// putOff keeps an archive for later, and its spool, which is not the caller's any more. read is called once. It says no
// when there is too little room, or when it is late already.
func (w *walker) putOff(n *node, s *spool, read func(n *node, s *spool) error) bool {
	if w.late || !w.roomFor(w.later) {
		return false
	}
	kept := w.keep(n, s)
	w.later = append(w.later, later{kept, s, func() error { return read(kept, s) }})
	return true
}

// roomFor says whether one more may be kept.
func (w *walker) roomFor(list []later) bool { return len(list) < maxLater && w.mem <= w.l.MaxMemory/2 }

// keep gives a node whose spool is kept after what is around it was read.
func (w *walker) keep(n *node, s *spool) *node {
	if s.file == nil {
		w.release(s.held - int64(len(s.mem)))
		s.held = int64(len(s.mem))
	}
	kept := *n
	kept.src = nil
	return &kept
}

// readLater reads what was put off.
func (w *walker) readLater() error {
	w.late = true
	for len(w.later) > 0 {
		l := w.later[0]
		w.later = w.later[1:]
		err := w.end()
		if err == nil {
			err = l.read()
		}
		w.doneSpool(l.s)
		if err != nil {
			return err
		}
	}
	return w.end()
}

// dropLater removes what was put off and will not be read, for the Walk has ended.
func (w *walker) dropLater() {
	for _, l := range append(w.later, w.inside...) {
		w.doneSpool(l.s)
	}
	w.later, w.inside = nil, nil
}

// passwords are those to be tried, no more than the limit; more is noted.
func (w *walker) passwords() []string {
	list, all := w.hints.list(w.l.MaxPasswords)
	if !all {
		w.notes.add("passwords limit " + itoa(int64(w.l.MaxPasswords)) + ": rest untried")
	}
	return list
}
