package unpack

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zlib"
)

// provenBytes unpacked without fault, and text or a known format, are proof of what has little or no mark.
const provenBytes = 512

// isZlib knows a zlib stream, whose mark is two bytes, by unpacking its beginning: to its checksum, if there is no more
// of it. RFC 1950
func isZlib(head []byte) bool {
	if len(head) < 8 || head[0] != 0x78 || strings.IndexByte("\x01\x5e\x9c\xda", head[1]) < 0 {
		return false
	}
	out, err := begun(head, func(r io.Reader) (io.Reader, error) { return zlib.NewReader(r) })
	if len(head) < 64 { // the beginning of what will be asked for again
		return err == nil || errors.Is(err, io.ErrUnexpectedEOF)
	}
	return err == nil && len(out) > 0 && len(head) < headBytes || len(out) >= provenBytes && sense(out)
}

// isBrotli says whether what is called brotli, which has neither mark nor checksum, gives text or a known format.
// RFC 7932
func isBrotli(head []byte) bool {
	out, err := begun(head, func(r io.Reader) (io.Reader, error) { return brotli.NewReader(r), nil })
	return (err == nil || len(out) >= provenBytes) && len(out) > 0 && sense(out)
}

// isLZW says whether what begins with the mark of .Z, which is short, gives text or a known format. head may end within a code.
func isLZW(head []byte) bool {
	out, err := begun(head, func(r io.Reader) (io.Reader, error) { return newLZW(bufio.NewReader(r)) })
	return (err == nil || errors.Is(err, io.ErrUnexpectedEOF)) && len(out) >= 8 && (plausible(out) || strongMark(out) != "" || paddedName(out))
}

// begun decodes what there is of a beginning.
func begun(head []byte, open func(io.Reader) (io.Reader, error)) (out []byte, err error) {
	err = guard(func() error {
		r, err := open(bytes.NewReader(head))
		if err == nil {
			out, err = io.ReadAll(io.LimitReader(r, freeBytes))
		}
		return err
	})
	return out, err
}

func sense(b []byte) bool {
	b = b[:min(len(b), lookBytes)]
	return look(b).text() || known(b) != ""
}
