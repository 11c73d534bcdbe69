package unpack

import (
	"bytes"
	"io"
	"strconv"
	"strings"

	"leakwatch/leak"
)

// mailFields are headers that mails have. Those before the bar are in hardly anything else.
const mailFields = " from received return-path message-id mime-version delivered-to dkim-signature subject in-reply-to | to cc bcc date reply-to " +
	"sender content-type content-transfer-encoding references x-mailer x-originating-ip list-id importance priority "

// isMail says whether text begins with the headers of a mail: two of its fields, one of which little else has. One line may be none.
func isMail(head []byte) bool {
	fields, sure, bad := 0, 0, 0
	for range 64 {
		line, rest, more := bytes.Cut(head, []byte("\n"))
		line, head = bytes.TrimRight(line, "\r"), rest
		if len(line) == 0 {
			break
		}
		at, known := mailField(line)
		switch {
		case known:
			fields++
			if at < strings.IndexByte(mailFields, '|') {
				sure++
			}
		case at < 0 && (line[0] != ' ' && line[0] != '\t' || fields == 0):
			if bad++; bad > 1 || fields == 0 {
				return false
			}
		}
		if !more {
			break
		}
	}
	return fields >= 2 && sure > 0
}

// mailField finds a line's field among those of mails. at is less than zero when the line is no field at all.
func mailField(line []byte) (at int, known bool) {
	name, _, ok := bytes.Cut(line[:min(len(line), 80)], []byte(":"))
	if !ok || len(name) == 0 {
		return -1, false
	}
	for _, c := range name {
		if (c|0x20 < 'a' || c|0x20 > 'z') && c != '-' && c != '_' && (c < '0' || c > '9') {
			return -1, false
		}
	}
	i := strings.Index(mailFields, " "+strings.ToLower(string(name))+" ")
	return max(i, 0), i >= 0
}

// isFrom says whether a line begins a mail in an mbox (RFC 4155): From, an address, and a date with its year.
func isFrom(line []byte) bool {
	line, _, _ = bytes.Cut(line[:min(len(line), 256)], []byte("\n"))
	words := strings.Fields(string(line))
	if len(words) < 4 || words[0] != "From" || !bytes.HasPrefix(line, []byte("From ")) {
		return false
	}
	clock, year := false, false
	for _, s := range words[2:] {
		n, err := strconv.Atoi(s)
		year = year || err == nil && n > 1970 && n < 2200
		clock = clock || strings.Count(s, ":") >= 1
	}
	return clock && year
}

// isMbox says whether text begins as a file of mails does.
func isMbox(head []byte) bool {
	if !isFrom(head) {
		return false
	}
	_, rest, _ := bytes.Cut(head, []byte("\n"))
	at, _ := mailField(rest)
	return at >= 0
}

// mailClass knows mails and other text of folded lines by how it begins.
func mailClass(head []byte) format {
	if len(head) == 0 || head[0]|0x20 < 'a' || head[0]|0x20 > 'z' {
		return ""
	}
	begins := func(s string) bool { return len(head) >= len(s) && strings.EqualFold(string(head[:len(s)]), s) }
	switch {
	case begins("BEGIN:VCARD"):
		return "vcf"
	case begins("BEGIN:VCALENDAR"):
		return "ics"
	case isMbox(head):
		return "mbox"
	case isMail(head):
		return "eml"
	}
	return ""
}

// walkLetters reads text, and mails as the mails that they are where a child process reads those.
func (w *walker) walkLetters(n *node, head []byte) error {
	if w.childReads("eml") && n.depth < w.l.MaxDepth {
		switch mailClass(head) {
		case "eml":
			if subject, ok := plainMail(head); ok {
				return w.walkPlainMail(n, subject)
			}
			return w.walkMail(n)
		case "mbox":
			return w.walkMbox(n)
		}
	}
	return w.walkText(n)
}

// walkMail has a mail read by a child process, and reads its bytes as text as well: what a wrong boundary hides is found there.
func (w *walker) walkMail(n *node) error {
	s := w.newSpool(n.src)
	defer w.doneSpool(s)
	if err := w.end(); err != nil {
		return err
	}
	if s.cut != "" {
		w.notes.add(s.cut)
	}
	n.format = "eml"
	if _, err := w.parse(n, s, false); err != nil {
		return err
	}
	i := *n
	i.src, i.path, i.parsed = w.newSource(io.NewSectionReader(s, 0, s.size)), nil, true // its shape was told
	defer w.done(i.src)
	return w.walkText(&i)
}

// walkMbox reads a file of mails one by one, as they come.
func (w *walker) walkMbox(n *node) error {
	n.format = "mbox"
	before := w.shapes.n
	for k := int64(1); ; k++ {
		if len(n.src.head(1)) == 0 {
			break
		}
		if err := w.member(); err != nil {
			return err
		}
		name := "message " + itoa(k)
		m := leak.Member{Place: inner(n.place, name), Order: w.nextOrder(), Size: -1}
		if err := w.envelope(n.src, m.Place); err != nil {
			return err
		}
		if err := w.walkMember(n, &oneMail{src: n.src}, &m, name); err != nil {
			return err
		}
	}
	if w.shapes.n == before {
		w.shape(n, "")
	}
	return w.end()
}

// envelope hands over the line before a mail, which is none of its headers.
func (w *walker) envelope(src *source, p leak.Place) error {
	line, _, more := bytes.Cut(src.head(mailLine), []byte("\n"))
	if !isFrom(line) {
		return nil
	}
	line = bytes.Clone(line)
	_, _ = src.Discard(len(line) + boolInt(more))
	return w.text(leak.Text{Place: p, Reader: bytes.NewReader(line)})
}

// oneMail reads from a file of mails up to where the next one begins.
type oneMail struct {
	src  *source
	last [3]byte // that were read
	over bool
}

// mailLine is as much as must be seen of a line to know it for the first of a mail.
const mailLine = 300

func (o *oneMail) Read(p []byte) (int, error) {
	if o.over {
		return 0, io.EOF
	}
	b := o.src.head(headBytes)
	if len(b) == 0 {
		return 0, io.EOF
	}
	n := o.next(b)
	if n < 0 {
		n = len(b)
		if n == headBytes {
			n -= mailLine
		}
	} else if n <= len(p) {
		o.over = true
	}
	if n == 0 {
		return 0, io.EOF
	}
	n = copy(p, b[:n])
	copy(o.last[:], o.before(b[:n]))
	_, _ = o.src.Discard(n)
	return n, nil
}

// next finds where the next mail begins, behind an empty line, or gives -1.
func (o *oneMail) next(b []byte) int {
	for at := 0; ; {
		if isFrom(b[at:]) {
			if last := o.before(b[:at]); bytes.HasSuffix(last, []byte("\n\n")) || bytes.HasSuffix(last, []byte("\n\r\n")) {
				return at
			}
		}
		i := bytes.Index(b[at:], []byte("\nFrom "))
		if i < 0 {
			return -1
		}
		at += i + 1
	}
}

// before gives the last three bytes before what follows b.
func (o *oneMail) before(b []byte) []byte {
	all := append(o.last[:3:3], b[max(len(b)-3, 0):]...)
	return all[len(all)-3:]
}
