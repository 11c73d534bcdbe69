package ole

import (
	"io"
	"strings"

	"github.com/richardlehane/mscfb"
)

// Storage is a folder of a compound file with all that is under it.
type Storage struct {
	path    string
	name    string // the last of it
	streams []*Stream
}

// Stream is a file in it.
type Stream struct {
	Name string // with the folders that it is in, and the character before its name if that is none of a word: "ObjectPool/_1/\x01Ole"
	Size int64
	file *mscfb.File
}

const mostStreams = 1 << 20

// Open reads the directory of a compound file.
func Open(in io.ReaderAt, size int64) (*Storage, error) {
	r, err := mscfb.New(&padded{in, size})
	if err != nil {
		return nil, err
	}
	s := &Storage{}
	for len(s.streams) < mostStreams {
		f, err := r.Next()
		if err != nil {
			break
		}
		if f.FileInfo().IsDir() {
			continue
		}
		name := f.Name
		if f.Initial > 0 && f.Initial < ' ' {
			name = string(rune(f.Initial)) + name
		}
		// A stream is no longer than the file; one that says so is in circles.
		s.streams = append(s.streams, &Stream{Name: strings.Join(append(f.Path[:len(f.Path):len(f.Path)], name), "/"), Size: min(f.Size, size), file: f})
	}
	return s, nil
}

// padded is a file with zeros after its end, to the end of its last sector.
type padded struct {
	io.ReaderAt
	size int64
}

func (p *padded) ReadAt(b []byte, off int64) (int, error) {
	n, err := p.ReaderAt.ReadAt(b, off)
	if err == io.EOF && n < len(b) && off < p.size && off+int64(len(b)) < p.size+4096 {
		clear(b[n:])
		return len(b), nil
	}
	return n, err
}

// Reader reads the stream from its beginning, once.
func (s *Stream) Reader() io.Reader { return io.LimitReader(s.file, s.Size) }

// Read reads up to most bytes of the stream.
func (s *Stream) Read(most int64) ([]byte, error) {
	return io.ReadAll(io.LimitReader(s.file, min(s.Size, most)))
}

// Stream gives a stream of this folder by its name, or nil.
func (s *Storage) Stream(name string) *Stream {
	for _, t := range s.streams {
		if t.Name == s.path+name {
			return t
		}
	}
	return nil
}

// split parts what lies here into streams and folders, in their order.
func (s *Storage) split() (files []*Stream, folders []*Storage) {
	under := map[string]*Storage{}
	for _, t := range s.streams {
		dir, _, deeper := strings.Cut(t.Name[len(s.path):], "/")
		if !deeper {
			files = append(files, t)
			continue
		}
		f := under[dir]
		if f == nil {
			f = &Storage{path: s.path + dir + "/", name: dir}
			under[dir], folders = f, append(folders, f)
		}
		f.streams = append(f.streams, t)
	}
	return files, folders
}

// base is the stream's own name.
func (s *Stream) base() string { return s.Name[strings.LastIndexByte(s.Name, '/')+1:] }
