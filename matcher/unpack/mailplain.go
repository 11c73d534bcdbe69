package unpack

import (
	"bytes"
	"strings"
)

// plainMail says whether a mail is what its bytes say: one part of text in UTF-8, without a transfer encoding and without an encoded word
// in its headers. Then no parser finds more in it than a reader of text does. It gives the subject too, which is a name.
func plainMail(head []byte) (subject string, ok bool) {
	if len(head) == headBytes && !bytes.Contains(head, []byte("\n\n")) && !bytes.Contains(head, []byte("\n\r\n")) {
		return "", false // its headers go on
	}
	field := ""
	for len(head) > 0 {
		line, rest, _ := bytes.Cut(head, []byte("\n"))
		line, head = bytes.TrimRight(line, "\r"), rest
		if len(line) == 0 {
			break
		}
		if bytes.Contains(line, []byte("=?")) || hasNUL(line) {
			return "", false
		}
		if line[0] == ' ' || line[0] == '\t' {
			if field == "subject" {
				subject += " " + string(bytes.TrimSpace(line))
			}
			if strings.HasPrefix(field, "content-") {
				return "", false
			}
			continue
		}
		k, v, _ := bytes.Cut(line, []byte(":"))
		field = strings.ToLower(string(bytes.TrimSpace(k)))
		v = bytes.TrimSpace(v)
		if field == "subject" {
			subject = string(v)
		}
		if strings.HasPrefix(field, "content-") && !plainField(field, strings.ToLower(string(v))) {
			return "", false
		}
	}
	return subject, true
}

// plainField says whether a header of MIME says that there is nothing to it.
func plainField(field, v string) bool {
	switch field {
	case "content-length", "content-language":
		return true
	case "content-transfer-encoding":
		return v == "7bit" || v == "8bit"
	case "content-type":
		kind, charset, _ := strings.Cut(strings.ReplaceAll(strings.ReplaceAll(v, `"`, ""), " ", ""), ";")
		return kind == "text/plain" && (charset == "" || charset == "charset=utf-8" || charset == "charset=us-ascii")
	}
	return false
}

// walkPlainMail reads a plain mail as the text that it is, in this process: there are files of millions.
func (w *walker) walkPlainMail(n *node, subject string) error {
	if err := w.nameText(n.place, fileName([]byte(subject))); err != nil {
		return err
	}
	return w.walkText(n)
}
