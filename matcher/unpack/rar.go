package unpack

import (
	"cmp"
	"context"
	"errors"
	"io"
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
	rarSkips = 64 // damaged headers in a row that are gone round
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

// proves reads an encrypted file to its checksum, or far enough. It gives the error of the last of a few.
func (a *rars) proves(password string) error {
	r, err := a.reader(password)
	for tried := 0; err == nil && tried < triedMembers; {
		h, rerr := r.Next()
		if rerr != nil {
			return rerr
		}
		if !h.Encrypted && !h.HeaderEncrypted || rarEntry(h).Format != "" || h.UnPackedSize == 0 {
			continue
		}
		tried++
		_, rerr = io.Copy(io.Discard, io.LimitReader(r, provedBytes))
		if rerr == nil || errors.Is(rerr, rardecode.ErrBadPassword) {
			return rerr
		}
	}
	return cmp.Or(err, errPassword)
}
