package unpack

// Lines that look alike need not be one run: a hash may stand above a line of base64, and the word on the line after an
// encoded one may be made of the same characters. So what makes no sense as a whole is tried without its last line, and
// line by line.

// decodeLines decodes the lines of a short run that is none as a whole.
func (f *finder) decodeLines() error {
	n := f.run.lastLine()
	if n == 0 {
		return nil
	}
	all := f.run
	defer func() { f.run = all }()
	if c, ok := f.t.w.codeRun(f.cut(&all, 0, n)); ok {
		if err := f.decodeAs(c); err != nil {
			return err
		}
		return f.decodeLine(&all, n, len(all.parts))
	}
	return f.decodeEach(&all, len(all.parts))
}

// decodeEach decodes the lines before part n of a run by themselves.
func (f *finder) decodeEach(all *run, n int) error {
	for from := 0; from < n; {
		to := from + 1
		for to < n && !all.parts[to].line {
			to++
		}
		if err := f.decodeLine(all, from, to); err != nil {
			return err
		}
		from = to
	}
	return nil
}

// decodeLong decodes the lines before part n of a run that becomes too long to be kept, and leaves the rest.
func (f *finder) decodeLong(n int) error {
	all := f.run
	err := f.decodeEach(&all, n)
	rest, parts := f.cut(&all, n, len(all.parts)), f.run.parts
	f.run = all
	f.run.pend, f.run.parts = append(all.pend[:0], rest...), append(all.parts[:0], parts...)
	return err
}

func (f *finder) decodeLine(all *run, from, to int) error {
	c, ok := f.t.w.codeRun(f.cut(all, from, to))
	if !ok {
		return nil
	}
	return f.decodeAs(c)
}

// cut makes the run be some parts of another one, and gives its characters.
func (f *finder) cut(all *run, from, to int) []byte {
	start, end := all.parts[from].char, len(all.pend)
	if to < len(all.parts) {
		end = all.parts[to].char
	}
	f.run.pend, f.run.parts = all.pend[start:end:end], append(f.lines[:0], all.parts[from:to]...)
	f.lines = f.run.parts[:0]
	for i := range f.run.parts {
		f.run.parts[i].char -= start
	}
	return f.run.pend
}

// lastLine is the part that begins the last line, 0 where there is one line only.
func (r *run) lastLine() int {
	n := len(r.parts) - 1
	for n > 0 && !r.parts[n].line {
		n--
	}
	return max(n, 0)
}
