package unpack

import (
	"archive/zip"
	"errors"
	"io"

	"leakwatch/leak"
)

const (
	provedBytes  = 64 << 20 // that come out well prove a password
	triedMembers = 16       // of one archive, on which all passwords are tried
)

// walkSealed reads the encrypted members of a zip that was put off.
func (w *walker) walkSealed(n *node, s *spool) error {
	zr, held, ok := w.openDirectory(s)
	if !ok {
		w.notes.add(w.lostDirectory(held))
		return w.end()
	}
	defer w.release(held)
	return w.sealedMembers(n, zr)
}

// sealedMembers reads the encrypted members of a zip, with the passwords that are known now.
func (w *walker) sealedMembers(n *node, zr *zip.Reader) error {
	k := w.newZipKeyring()
	for _, f := range zr.File {
		if f.Flags&1 == 0 {
			continue
		}
		if err := w.check(); err != nil {
			return err
		}
		name := fileName([]byte(f.Name))
		m := w.zipHead(n, f, name)
		if err := w.sealedMember(n, k, entryOf(f), f.OpenRaw, &m, name); err != nil {
			return err
		}
	}
	return nil
}

// sealedMember reads one that is encrypted, or records that no password fits.
func (w *walker) sealedMember(n *node, k *zipKeyring, e zipEntry, open func() (io.Reader, error), m *leak.Member, name string) error {
	r, err := k.open(e, open)
	switch {
	case err == nil:
		return w.zipContents(n, r, e.packed, m, name)
	case !errors.Is(err, errPassword):
		return w.zipUnread(n, m, err)
	case w.end() != nil:
		return w.end()
	}
	w.notes.add("zip: %d encrypted members: " + sealedWord(len(k.words)))
	m.Format = "encrypted"
	w.shape(n.inner(nil, n.format).as("encrypted"), "")
	return w.report(*m)
}

// sealedWord says why what is encrypted was not read.
func sealedWord(passwords int) string {
	if passwords == 0 {
		return "no password published beside them"
	}
	return "no published password fits"
}

// zipKeyring are the passwords for one zip.
type zipKeyring struct {
	w     *walker
	words [][]byte
	fits  []byte // the one that fitted last
	left  int    // members on which all are still tried
}

func (w *walker) newZipKeyring() *zipKeyring {
	k := &zipKeyring{w: w, left: triedMembers}
	for _, p := range w.passwords() {
		k.words = append(k.words, spellings(p)...)
	}
	return k
}

// open opens an entry with the password that fits, or gives errPassword. A password that passes the entry's own short check
// must prove itself on the contents, once.
func (k *zipKeyring) open(e zipEntry, raw func() (io.Reader, error)) (io.ReadCloser, error) {
	if k.fits != nil {
		if r, err := k.try(e, raw, k.fits); !errors.Is(err, errPassword) {
			return r, err
		}
	}
	if k.left--; k.left < 0 {
		return nil, errPassword
	}
	for _, p := range k.words {
		r, err := k.try(e, raw, p)
		if errors.Is(err, errPassword) {
			continue
		}
		if err != nil {
			return nil, err
		}
		ok := k.w.proves(r)
		_ = guard(r.Close)
		if ok {
			k.fits, k.left = p, triedMembers
			return k.try(e, raw, p)
		}
	}
	return nil, errPassword
}

func (k *zipKeyring) try(e zipEntry, raw func() (io.Reader, error), password []byte) (r io.ReadCloser, err error) {
	err = guard(func() error {
		packed, err := raw()
		if err == nil {
			r, err = k.w.openEntry(e, packed, password)
		}
		return err
	})
	return r, err
}

// proves reads what a password opens, to its checksum or far enough.
func (w *walker) proves(r io.Reader) bool {
	b := w.scratch()
	defer w.putScratch(b)
	for left := int64(provedBytes); left > 0; {
		if w.check() != nil {
			return false
		}
		n, err := guarded(r, b)
		left -= int64(n)
		if err != nil {
			return err == io.EOF
		}
	}
	return true
}
