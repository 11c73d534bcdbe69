package unpack

import (
	"context"
	"errors"
	"io"
	"runtime"
	"strconv"
	"time"

	"github.com/nwaples/rardecode/v2"

	"leakwatch/matcher/unpack/child"
)

// extractRar reads a rar archive of any version in a child process, in the order in which it lies. Of several volumes it
// reads what this one holds.
func extractRar(_ context.Context, in io.ReaderAt, size int64, e *emitter) error {
	a := &rars{in: in, size: size, e: e}
	if e.Document().Sealed {
		return a.sealed()
	}
	if err := a.comment(); err != nil {
		return err
	}
	err := a.files("", false)
	if nerr := a.notes(); nerr != nil {
		return nerr
	}
	return err
}

// rars reads one archive.
type rars struct {
	in      io.ReaderAt
	size    int64
	e       *emitter
	locked  int64 // members left for want of a password
	damaged int64
	volumes int64
}

const (
	rarSkips = 64        // damaged headers in a row that are gone round
	rarModel = 352 << 20 // the largest model of PPMd, of 256 MiB, as the library has it, and a little more
)

func (a *rars) notes() error {
	for _, n := range []struct {
		note  child.Note
		count int64
	}{{child.EncryptedMembers, a.locked}, {child.DamagedMembers, a.damaged}, {child.VolumesMissing, a.volumes}} {
		if n.count == 0 {
			continue
		}
		if err := a.e.Note(n.note, n.count); err != nil {
			return err
		}
	}
	return nil
}

// reader opens the archive anew. Its memory stays below that of the process.
func (a *rars) reader(password string) (*rardecode.Reader, error) {
	var options []rardecode.Option
	if password != "" {
		options = append(options, rardecode.Password(password))
	}
	if most := a.e.Document().Memory; most > 0 {
		options = append(options, rardecode.MaxDictionarySize(most/2))
	}
	return rardecode.NewReader(io.NewSectionReader(a.in, 0, a.size), options...)
}

// files hands over those that are encrypted, or those that are not.
func (a *rars) files(password string, sealed bool) error {
	r, err := a.reader(password)
	for skips := 0; err == nil; {
		var h *rardecode.FileHeader
		h, err = r.Next()
		switch {
		case err == nil:
			skips = 0
			err = a.file(r, h, password, sealed)
		case errors.Is(err, rardecode.ErrInvalidFileBlock) && skips < rarSkips: // the rest of a file of the volume before
			skips++
			a.volumes = 1
			err = nil
		}
	}
	return a.ended(err)
}

// ended makes of an error what it says about the archive.
func (a *rars) ended(err error) error {
	switch {
	case errors.Is(err, io.EOF):
		return nil
	case errors.Is(err, rardecode.ErrMultiVolume):
		a.volumes = 1
		return nil
	case errors.Is(err, rardecode.ErrArchiveEncrypted), errors.Is(err, rardecode.ErrBadPassword):
		return child.ErrEncrypted
	case errors.Is(err, rardecode.ErrUnexpectedArcEnd):
		return io.ErrUnexpectedEOF
	case errors.Is(err, rardecode.ErrUnknownVersion), errors.Is(err, rardecode.ErrUnsupportedDecoder):
		return child.ErrUnsupported
	case errors.Is(err, rardecode.ErrDictionaryTooLarge):
		return child.ErrBounded
	}
	return err
}

// file hands over one file, if it is of those that are wanted now.
func (a *rars) file(r *rardecode.Reader, h *rardecode.FileHeader, password string, sealed bool) error {
	locked, m := h.Encrypted || h.HeaderEncrypted, rarEntry(h)
	switch {
	case locked && !sealed && m.Format == "":
		a.locked++
		return nil
	case locked != sealed:
		return nil
	}
	if m.Format != "" {
		return a.e.Member(m, nil)
	}
	if locked && password == "" {
		a.locked++
		m.Format = "encrypted"
		return a.e.Member(m, nil)
	}
	t := &tracked{r: r}
	err := a.e.Member(m, t)
	switch {
	case t.err == nil:
		return err
	case errors.Is(t.err, rardecode.ErrMultiVolume): // the end of the file is in the next
		return t.err
	case errors.Is(t.err, rardecode.ErrBadPassword), errors.Is(t.err, rardecode.ErrArchivedFileEncrypted):
		a.locked++
	default:
		a.damaged++
	}
	return nil
}

// rarEntry is what the archive says of a file.
func rarEntry(h *rardecode.FileHeader) child.Entry {
	m := child.Entry{Name: h.Name, Size: h.UnPackedSize, Link: h.LinkTarget, Owner: rarOwner(h)}
	if h.UnKnownSize || m.Size < 0 {
		m.Size = -1
	}
	if t := h.ModificationTime; !t.IsZero() && t.After(time.Unix(0, 0)) && t.Year() < 3000 {
		m.ModTime = t.Unix()
	}
	switch {
	case h.PackedSize > 0: // whatever it is called, it has contents
	case h.IsDir:
		m.Format = "dir"
	case h.LinkType != rardecode.LinkTypeNone:
		m.Format = "link"
	}
	return m
}

func rarOwner(h *rardecode.FileHeader) string {
	if h.UnixOwnerUserName == nil && h.UnixOwnerGroupName == nil && h.UnixOwnerUserID == nil {
		return ""
	}
	one := func(name *string, id *uint64) string {
		switch {
		case name != nil:
			return *name
		case id != nil:
			return strconv.FormatUint(*id, 10)
		}
		return ""
	}
	return one(h.UnixOwnerUserName, h.UnixOwnerUserID) + ":" + one(h.UnixOwnerGroupName, h.UnixOwnerGroupID)
}

// sealed hands over what is encrypted, with the first password that opens it.
func (a *rars) sealed() error {
	a.makeRoom()
	fits := ""
	// Newer archives tell a wrong password from damage. Whether this one does, a password that nobody has tells.
	tells := errors.Is(a.proves("\x01\x02\x03"), rardecode.ErrBadPassword)
	for _, p := range a.e.Passwords() {
		if err := a.proves(p); err == nil || tells && !errors.Is(err, rardecode.ErrBadPassword) {
			fits = p
			break
		}
	}
	err := a.files(fits, true)
	if nerr := a.notes(); nerr != nil {
		return nerr
	}
	return err
}

// makeRoom has the system give the most that one file may ask for in one piece, and frees it for whoever asks. In an archive of version 4 a
// wrong password shows only by what it makes of the packed bytes, and that asks for a model (PPMd) of any size. Pieces that grow from one password
// to the next would be too much together.
func (a *rars) makeRoom() {
	var mark [7]byte
	if _, err := a.in.ReadAt(mark[:], 0); err == nil && mark[6] == 0 && a.e.Document().Memory >= rarModel+rarModel/4 {
		runtime.KeepAlive(make([]byte, rarModel))
		runtime.GC()
	}
}

// proves reads an encrypted file to its checksum, or far enough. It gives the error of the last of a few. Each has a reader of its own, so
// that nothing is kept of what a wrong password made of the one before.
func (a *rars) proves(password string) error {
	for n := range triedMembers {
		tried, err := a.provesFile(password, n)
		runtime.GC()
		if !tried || err == nil || errors.Is(err, rardecode.ErrBadPassword) {
			return err
		}
	}
	return errPassword
}

// provesFile reads the encrypted file behind n others, and says whether there is one. Without one there is an error.
func (a *rars) provesFile(password string, n int) (tried bool, err error) {
	r, err := a.reader(password)
	if err != nil {
		return false, err
	}
	for {
		h, err := r.Next()
		if err != nil {
			return false, err
		}
		if !h.Encrypted && !h.HeaderEncrypted || rarEntry(h).Format != "" || h.UnPackedSize == 0 {
			continue
		}
		if n--; n < 0 {
			_, err = io.Copy(io.Discard, io.LimitReader(r, provedBytes))
			return true, err
		}
	}
}
