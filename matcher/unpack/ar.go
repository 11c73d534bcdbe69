package unpack

import (
	"bytes"
	"strconv"
	"strings"
	"time"

	"leakwatch/leak"
)

const (
	arMark   = "!<arch>\n"
	arThin   = "!<thin>\n"
	arHeader = 60
	arEnd    = "`\n"
	arNames  = 4 << 20 // of the table of long names
)

// isAr knows an archive by its mark and the end of the first header.
func isAr(head []byte) bool {
	return (bytes.HasPrefix(head, []byte(arMark)) || bytes.HasPrefix(head, []byte(arThin))) &&
		(len(head) == len(arMark) || len(head) >= len(arMark)+arHeader && string(head[len(arMark)+58:len(arMark)+arHeader]) == arEnd)
}

// ars reads an ar archive, as Debian's packages are, with long names as GNU and BSD write them: ar(5).
type ars struct {
	pieces
	thin  bool   // the files are elsewhere
	names string // GNU's table
}

func (w *walker) walkAr(n *node) error {
	a, before := &ars{pieces: pieces{w: w, n: n}}, w.shapes.n
	a.thin = bytes.HasPrefix(n.src.head(len(arThin)), []byte(arThin))
	a.skip(int64(len(arMark)))
	for {
		head := n.src.head(arHeader)
		if len(head) == 0 {
			return a.finish(before, "")
		}
		if len(head) < arHeader || string(head[58:]) != arEnd {
			note := "ar: damaged, rest left"
			if len(head) < arHeader {
				note = "ar: truncated"
			}
			return a.finish(before, note)
		}
		if err := a.entry(string(head)); err != nil {
			return err
		}
		if a.short {
			return a.finish(before, "")
		}
	}
}

// entry reads one entry behind its header.
func (a *ars) entry(head string) error {
	a.skip(arHeader)
	number := func(from, to int) int64 {
		v, err := strconv.ParseInt(strings.TrimSpace(head[from:to]), 10, 48)
		if err != nil {
			return 0
		}
		return max(v, 0)
	}
	name, size := strings.TrimRight(head[:16], " "), number(48, 58)
	odd := size & 1
	switch {
	case name == "//":
		table, _ := a.field(min(size, arNames))
		a.names = string(table)
		return a.bytes(size-int64(len(table)), odd)
	case name == "/" || name == "/SYM64/" || strings.HasPrefix(name, "__.SYMDEF"):
		return a.bytes(size, odd)
	case strings.HasPrefix(name, "#1/"):
		long, err := strconv.ParseInt(name[3:], 10, 32)
		if err == nil && long >= 0 && long <= min(size, longestField) {
			raw, _ := a.field(long)
			name, size = strings.TrimRight(string(raw), "\x00"), size-long
		}
	case strings.HasPrefix(name, "/"):
		name = a.long(name[1:])
	default:
		name = strings.TrimSuffix(name, "/")
	}
	name = fileName([]byte(name))
	m := leak.Member{Place: inner(a.n.place, name), Order: a.w.nextOrder(), Size: size, ModTime: time.Unix(number(16, 28), 0).UTC(),
		Owner: itoa(number(28, 34)) + ":" + itoa(number(34, 40))}
	if a.thin {
		m.Format, size, odd = "link", 0, 0
	}
	if err := a.member(m, name, size); err != nil {
		return err
	}
	if odd > 0 && !a.short && len(a.n.src.head(1)) > 0 {
		a.skip(1)
	}
	return a.w.end()
}

// bytes reads what is no member, a table of symbols, as the bytes that it is.
func (a *ars) bytes(size, odd int64) error {
	x := &piece{&a.pieces, size}
	if size > 0 && !a.short {
		if err := a.w.readBytes(a.n, x); err != nil {
			return err
		}
	}
	if !a.short {
		a.skip(x.left + odd)
	}
	return a.w.end()
}

// long is a name of GNU's table, by its offset.
func (a *ars) long(offset string) string {
	at, err := strconv.Atoi(offset)
	if err != nil || at < 0 || at >= len(a.names) {
		return "/" + offset
	}
	name, _, _ := strings.Cut(a.names[at:], "\n")
	return strings.TrimSuffix(name, "/")
}
