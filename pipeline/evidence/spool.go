package evidence

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"filippo.io/age"

	"leakwatch/leak"
)

// inMemory is how much of a body is held before anything is written. A paste that turns out clean never touches the
// disk; one that is lost with the process is simply fetched again.
const inMemory = 256 << 10

// Spool is one version while it is read. Write appends to the body; the caller ends it with Keep, Drop or Pause. Not
// for concurrent use, but for Member, which may run beside Write.
type Spool struct {
	vault     *Vault
	version   string
	dir       string
	state     *state
	identity  *age.X25519Identity
	parts     int // that were here at the start
	pending   []byte
	onDisk    bool
	body      part
	members   part
	memberLog []byte // as long as nothing is on disk
	mu        sync.Mutex
}

// part is one age file that is being written.
type part struct {
	file   *os.File
	buffer *bufio.Writer
	seal   io.WriteCloser
}

// Spool begins a version's spool, or takes up one that a stop or a crash left.
func (v *Vault) Spool(version string) (*Spool, error) {
	dir, err := folder(version)
	if err != nil {
		return nil, err
	}
	s := &Spool{vault: v, version: version, dir: dir}
	st, err := v.load(dir)
	switch {
	case err == nil:
		if s.identity, err = age.ParseX25519Identity(st.Identity); err != nil {
			return nil, fmt.Errorf("spool of %s: identity: %w", version, err)
		}
		s.state, s.onDisk = st, true
		s.parts = len(s.partNames())
	case errors.Is(err, fs.ErrNotExist):
		s.state = &state{}
	default:
		return nil, fmt.Errorf("spool of %s: %w", version, err)
	}
	return s, nil
}

// Resumed says whether an earlier reading left part of the body here.
func (s *Spool) Resumed() bool { return s.parts > 0 }

// Validators are those of what is already here.
func (s *Spool) Validators() leak.Validators { return s.state.Validators }

// SetValidators notes what version the server says it sends.
func (s *Spool) SetValidators(val leak.Validators) error {
	if s.state.Validators == val {
		return nil
	}
	s.state.Validators = val
	if !s.onDisk {
		return nil
	}
	return s.vault.save(s.dir, s.state)
}

// Replay reads what an earlier reading left, to its last whole chunk. Empty for a new spool.
func (s *Spool) Replay() io.ReadCloser {
	return &replay{spool: s, names: s.partNames()[:s.parts]}
}

// Write appends to the body.
func (s *Spool) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.body.seal == nil && len(s.pending)+len(p) <= inMemory && !s.onDisk {
		s.pending = append(s.pending, p...)
		return len(p), nil
	}
	if s.body.seal == nil {
		if err := s.spill(); err != nil {
			return 0, err
		}
	}
	return s.body.seal.Write(p)
}

// spill opens the body's next part on disk and moves there what was in memory.
func (s *Spool) spill() error {
	if err := s.ensure(); err != nil {
		return err
	}
	if err := s.create(&s.body, fmt.Sprintf("body.%03d.age", s.parts)); err != nil {
		return err
	}
	_, err := s.body.seal.Write(s.pending)
	s.pending = nil
	return err
}

// ensure makes the folder and the sealed identity before the first byte that needs them.
func (s *Spool) ensure() error {
	if s.onDisk {
		return nil
	}
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		return fmt.Errorf("spool of %s: %w", s.version, err)
	}
	s.identity, s.state.Identity = identity, identity.String()
	if err := s.vault.setAside(s.dir); err != nil {
		return fmt.Errorf("spool of %s: %w", s.version, err)
	}
	if err := s.vault.root.MkdirAll(s.dir, 0o700); err != nil {
		return fmt.Errorf("spool of %s: %w", s.version, err)
	}
	if err := s.vault.save(s.dir, s.state); err != nil {
		return fmt.Errorf("spool of %s: %w", s.version, err)
	}
	s.onDisk = true
	return nil
}

func (s *Spool) create(p *part, name string) error {
	f, err := s.vault.root.OpenFile(filepath.Join(s.dir, name), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("spool of %s: %w", s.version, err)
	}
	p.file, p.buffer = f, bufio.NewWriterSize(f, 64<<10)
	if p.seal, err = age.Encrypt(p.buffer, s.identity.Recipient()); err != nil {
		return errors.Join(fmt.Errorf("spool of %s: %w", s.version, err), f.Close())
	}
	return nil
}

func (p *part) close() error {
	if p.file == nil {
		return nil
	}
	err := errors.Join(p.seal.Close(), p.buffer.Flush(), p.file.Sync(), p.file.Close())
	*p = part{}
	return err
}

// memberRow is a container's entry in clear, for members.age.
type memberRow struct {
	Path     string `json:"path"`
	Order    int64  `json:"order"`
	Size     int64  `json:"size"`
	Modified string `json:"modified,omitempty"`
	Owner    string `json:"owner,omitempty"`
	SHA256   string `json:"sha256,omitempty"`
	Format   string `json:"format,omitempty"`
}

// Member writes down what a container said of one of its members. A reading that starts over starts the list over.
func (s *Spool) Member(m leak.Member) error {
	row := memberRow{Path: m.Place.Reveal(), Order: m.Order, Size: m.Size, Owner: m.Owner, SHA256: m.SHA256, Format: m.Format}
	if !m.ModTime.IsZero() {
		row.Modified = m.ModTime.UTC().Format("2006-01-02T15:04:05Z")
	}
	line, err := json.Marshal(row)
	if err != nil {
		return fmt.Errorf("spool of %s: member: %w", s.version, err)
	}
	line = append(line, '\n')
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.members.seal == nil && len(s.memberLog)+len(line) <= inMemory {
		s.memberLog = append(s.memberLog, line...)
		return nil
	}
	if s.members.seal == nil {
		if err := s.spillMembers(); err != nil {
			return err
		}
	}
	_, err = s.members.seal.Write(line)
	return err
}

func (s *Spool) spillMembers() error {
	if err := s.ensure(); err != nil {
		return err
	}
	if err := s.create(&s.members, "members.age"); err != nil {
		return err
	}
	_, err := s.members.seal.Write(s.memberLog)
	s.memberLog = nil
	return err
}

// Keep ends the spool and seals its identity to the investigators: from here on only they can open it.
func (s *Spool) Keep() error {
	if s.body.seal == nil && len(s.pending) > 0 || !s.onDisk {
		if err := s.spill(); err != nil {
			return err
		}
	}
	if s.members.seal == nil && len(s.memberLog) > 0 {
		if err := s.spillMembers(); err != nil {
			return err
		}
	}
	if err := s.Pause(); err != nil {
		return err
	}
	var sealed bytes.Buffer
	w, err := age.Encrypt(&sealed, s.vault.investigators...)
	if err != nil {
		return fmt.Errorf("keep %s: %w", s.version, err)
	}
	_, err = io.WriteString(w, s.state.Identity+"\n")
	if err = errors.Join(err, w.Close()); err != nil {
		return fmt.Errorf("keep %s: %w", s.version, err)
	}
	if err := s.vault.write(filepath.Join(s.dir, "identity.age"), sealed.Bytes()); err != nil {
		return fmt.Errorf("keep %s: %w", s.version, err)
	}
	if err := s.vault.root.Remove(filepath.Join(s.dir, "reading.sealed")); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("keep %s: %w", s.version, err)
	}
	return nil
}

// Pause closes the files and leaves them for a later reading to take up.
func (s *Spool) Pause() error {
	if err := errors.Join(s.body.close(), s.members.close()); err != nil {
		return fmt.Errorf("spool of %s: %w", s.version, err)
	}
	return nil
}

// Hold puts what is in memory only on the disk, sealed, so that Pause leaves it for a later reading.
func (s *Spool) Hold() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.pending) == 0 {
		return nil
	}
	return s.spill()
}

// Drop closes the spool and deletes it. What an earlier reading of the version sealed stays: somebody was found in it.
func (s *Spool) Drop() error {
	err := s.Pause()
	s.pending, s.memberLog = nil, nil
	if !s.onDisk {
		return err
	}
	s.onDisk = false
	return errors.Join(err, s.vault.dropReading(s.dir))
}

func (s *Spool) partNames() []string {
	var names []string
	for i := 0; ; i++ {
		name := filepath.Join(s.dir, fmt.Sprintf("body.%03d.age", i))
		if _, err := s.vault.root.Stat(name); err != nil {
			return names
		}
		names = append(names, name)
	}
}

// replay reads the parts in turn. The last one may end in the middle of a chunk: what is whole in it counts.
type replay struct {
	spool *Spool
	names []string
	file  *os.File
	clear io.Reader
}

func (r *replay) Read(p []byte) (int, error) {
	for {
		if r.clear == nil {
			if len(r.names) == 0 {
				return 0, io.EOF
			}
			if err := r.next(); err != nil {
				return 0, err
			}
			continue
		}
		n, err := r.clear.Read(p)
		if err != nil { // the end, or the torn end of a part: the next part goes on from here
			err = r.Close()
		}
		if n > 0 || err != nil {
			return n, err
		}
	}
}

func (r *replay) next() error {
	f, err := r.spool.vault.root.Open(r.names[0])
	if err != nil {
		return fmt.Errorf("replay %s: %w", r.spool.version, err)
	}
	r.names, r.file = r.names[1:], f
	if r.clear, err = age.Decrypt(bufio.NewReaderSize(f, 64<<10), r.spool.identity); err != nil {
		r.clear = bytes.NewReader(nil) // torn within its header: it holds nothing
	}
	return nil
}

// Close ends the replay.
func (r *replay) Close() error {
	if r.file == nil {
		return nil
	}
	err := r.file.Close()
	r.file, r.clear = nil, nil
	return err
}
