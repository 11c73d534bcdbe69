package ole

import (
	"encoding/binary"
	"strings"
	"unicode"
	"unicode/utf16"

	"golang.org/x/text/encoding/charmap"
)

// leastWords are the letters in a row that are taken for text among bytes that are none.
const leastWords = 5

// words gives what looks like text in bytes: letters of one byte, and of two, in a row.
func words(b []byte) string {
	var out strings.Builder
	for i := 0; i < len(b); {
		narrow := narrowRun(b[i:])
		wide := wideRun(b[i:])
		switch {
		case wide >= leastWords*2 && wide/2 >= narrow:
			out.WriteString(utf16Text(b[i : i+wide]))
			out.WriteByte('\n')
			i += wide
		case narrow >= leastWords:
			out.WriteString(ansiText(b[i : i+narrow]))
			out.WriteByte('\n')
			i += narrow
			if i+1 < len(b) && b[i] == 0 && b[i+1] >= ' ' { // its last letter may be the first of two bytes
				i--
			}
		default:
			i += max(narrow-1, 1) // its last letter may be the first of two bytes
		}
	}
	return out.String()
}

func narrowRun(b []byte) int {
	for i, c := range b {
		if c < ' ' && c != '\t' && c != '\n' && c != '\r' || c == 0x7f {
			return i
		}
	}
	return len(b)
}

// wideRun counts the bytes of letters of two, of the scripts of Europe.
func wideRun(b []byte) int {
	i := 0
	for ; i+1 < len(b); i += 2 {
		u := binary.LittleEndian.Uint16(b[i:])
		if u < ' ' && u != '\t' && u != '\n' && u != '\r' || u > 0x52f && (u < 0x2010 || u > 0x2122) || unicode.IsControl(rune(u)) && u > ' ' {
			break
		}
	}
	return i
}

// utf16Text decodes text of two bytes a letter.
func utf16Text(b []byte) string {
	u := make([]uint16, len(b)/2)
	for i := range u {
		u[i] = binary.LittleEndian.Uint16(b[2*i:])
	}
	return string(utf16.Decode(u))
}

// ansiText decodes text of one byte a letter.
func ansiText(b []byte) string {
	s, err := charmap.Windows1252.NewDecoder().Bytes(b)
	if err != nil {
		return ""
	}
	return string(s)
}

// macro undoes the compression of a module of Visual Basic (MS-OVBA 2.4.1), which lies somewhere in its stream.
func macro(b []byte) (code []byte, ok bool) {
	const begin = "Attribut"
	for i := 0; i+3+len(begin) < len(b); i++ {
		// A container begins with 1, its first chunk with three letters that are none of the text: a header and a row of flags.
		if b[i] != 1 || b[i+2]&0x70 != 0x30 || b[i+3] != 0 || string(b[i+4:i+4+len(begin)]) != begin {
			continue
		}
		if code = ovba(b[i+1:]); len(code) > 0 {
			return code, true
		}
	}
	return nil, false
}

const mostMacro = 16 << 20

// ovba undoes a container's chunks, as far as they are sound.
func ovba(b []byte) (out []byte) {
	for len(b) > 2 && len(out) < mostMacro {
		head := binary.LittleEndian.Uint16(b)
		size := min(int(head&0xfff)+3, len(b))
		chunk := b[2:size]
		b = b[size:]
		if head>>12&7 != 3 {
			return out
		}
		if head>>15 == 0 {
			out = append(out, chunk...)
			continue
		}
		out = unchunk(out, chunk)
	}
	return out
}

// unchunk undoes one chunk of up to 4096 bytes.
func unchunk(out, b []byte) []byte {
	start := len(out)
	for len(b) > 0 {
		flags := b[0]
		b = b[1:]
		for k := 0; k < 8 && len(b) > 0; k++ {
			if flags>>k&1 == 0 {
				out = append(out, b[0])
				b = b[1:]
				continue
			}
			if len(b) < 2 {
				return out
			}
			token := binary.LittleEndian.Uint16(b)
			b = b[2:]
			bits := 4
			for 1<<bits < len(out)-start {
				bits++
			}
			length := int(token&(0xffff>>bits)) + 3
			from := len(out) - int(token>>(16-bits)) - 1
			if from < start || len(out)-start > 8192 {
				return out
			}
			for range length {
				out = append(out, out[from])
				from++
			}
		}
	}
	return out
}
