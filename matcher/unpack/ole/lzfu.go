package ole

import "encoding/binary"

// lzfuStart is what the dictionary of compressed RTF begins with (MS-OXRTFCP 2.1.2.1).
const lzfuStart = `{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0` +
	"\r\n" + `\par \pard\plain\f0\fs20\b\i\u\tab\tx`

const (
	lzfuPacked = 0x75465a4c
	lzfuPlain  = 0x414c454d
	lzfuWindow = 4096
)

// lzfu undoes the compression of RTF in mails. Its sum is not checked: what can be read is read.
func lzfu(b []byte) (out []byte, ok bool) {
	if len(b) < 16 {
		return nil, false
	}
	size, mark := binary.LittleEndian.Uint32(b[4:]), binary.LittleEndian.Uint32(b[8:])
	b = b[16:]
	if mark == lzfuPlain {
		return b[:min(int64(size), int64(len(b)))], true
	}
	if mark != lzfuPacked {
		return nil, false
	}
	var window [lzfuWindow]byte
	at := copy(window[:], lzfuStart)
	put := func(c byte) {
		window[at%lzfuWindow] = c
		at++
		out = append(out, c)
	}
	for len(b) > 0 {
		flags := b[0]
		b = b[1:]
		for k := 0; k < 8 && len(b) > 0; k++ {
			if flags>>k&1 == 0 {
				put(b[0])
				b = b[1:]
				continue
			}
			if len(b) < 2 {
				return out, len(out) > 0
			}
			token := int(b[0])<<8 | int(b[1])
			b = b[2:]
			from := token >> 4
			if from == at%lzfuWindow { // the end
				return out, true
			}
			for range token&15 + 2 {
				put(window[from%lzfuWindow])
				from++
			}
		}
	}
	return out, len(out) > 0
}
