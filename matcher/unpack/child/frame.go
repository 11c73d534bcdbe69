package child

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// kind says what a frame is. A frame is its kind, the length of what follows in four bytes, little end first, and that.
type kind byte

// To the child: settings, once; a document; bytes that it asked for. From the child: that it is ready, and the rest.
const (
	kStart  kind = 's' // settings, JSON
	kOpen   kind = 'o' // Document, JSON
	kBytes  kind = 'b' // bytes of the document; fewer than asked for at its end
	kReady  kind = 'r' // ready, JSON
	kRead   kind = 'q' // offset and number of bytes that are asked for
	kText   kind = 't' // a text of the document begins
	kName   kind = 'n' // a text that is a name
	kMember kind = 'm' // a member begins: wireEntry, JSON
	kData   kind = 'd' // bytes of what was begun
	kEnd    kind = 'e' // its end
	kNote   kind = 'w' // Note and count, JSON
	kDone   kind = 'x' // the document's end: done, JSON
)

// maxFrame is the most that a frame holds, in either direction.
const maxFrame = 64 << 10

// protocol is raised when frames change their meaning. Both sides must have the same.
const protocol = 1

var errFrame = errors.New("child: not a frame")

// writeFrame writes one frame with one Write.
func writeFrame(w io.Writer, buf []byte, k kind, payload []byte) ([]byte, error) {
	if len(payload) > maxFrame {
		return buf, errFrame
	}
	buf = append(buf[:0], byte(k))
	buf = binary.LittleEndian.AppendUint32(buf, uint32(len(payload)))
	buf = append(buf, payload...)
	_, err := w.Write(buf)
	return buf, err
}

// readFrame reads one frame into buf, which has room for maxFrame bytes.
func readFrame(r *bufio.Reader, buf []byte) (kind, []byte, error) {
	var head [5]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return 0, nil, fmt.Errorf("read frame: %w", err)
	}
	n := binary.LittleEndian.Uint32(head[1:])
	if n > maxFrame {
		return 0, nil, errFrame
	}
	if _, err := io.ReadFull(r, buf[:n]); err != nil {
		return 0, nil, fmt.Errorf("read frame: %w", err)
	}
	return kind(head[0]), buf[:n], nil
}
