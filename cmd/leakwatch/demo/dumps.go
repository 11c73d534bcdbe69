package demo

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"fmt"
	"math/rand/v2"
	"time"
)

// TarGz is the register as one archive: a file of notes for each client under its number.
func TarGz(seed uint64, people []Person) ([]byte, error) {
	rnd := rand.New(rand.NewPCG(seed, 2))
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	t := tar.NewWriter(z)
	for _, p := range people {
		notes := p.Notes(rnd)
		head := &tar.Header{Name: "register/" + p.ID + ".txt", Mode: 0o644, Size: int64(len(notes)), ModTime: time.Unix(1600000000, 0)}
		if err := t.WriteHeader(head); err != nil {
			return nil, fmt.Errorf("make tar: %w", err)
		}
		if _, err := t.Write([]byte(notes)); err != nil {
			return nil, fmt.Errorf("make tar: %w", err)
		}
	}
	if err := t.Close(); err != nil {
		return nil, fmt.Errorf("make tar: %w", err)
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("make tar: %w", err)
	}
	return b.Bytes(), nil
}

// Zip is an archive whose member names are the clients' names.
func Zip(seed uint64, people []Person) ([]byte, error) {
	rnd := rand.New(rand.NewPCG(seed, 3))
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, p := range people {
		w, err := z.Create(p.FileName("txt"))
		if err == nil {
			_, err = w.Write([]byte(p.Notes(rnd)))
		}
		if err != nil {
			return nil, fmt.Errorf("make zip: %w", err)
		}
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("make zip: %w", err)
	}
	return b.Bytes(), nil
}

// Loose is one client's notes, as they lie in a folder of files named after clients.
func Loose(seed uint64, p Person) []byte {
	return []byte(p.Notes(rand.New(rand.NewPCG(seed, 4))))
}
