package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"sync"

	"leakwatch/internal/corpus"
	"leakwatch/matcher/unpack"
)

// chainsARound are the shapes that are drawn by lot for each document of every other shape.
const chainsARound = 100

// readShapes makes documents of every shape with every kind in them, of new people each time, and reads them as the service
// does. It fails where one of them is not read as its truth asks for.
func (m *measured) readShapes(ctx context.Context, dir string) (err error) {
	if m.o.recall <= 0 {
		return nil
	}
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	parsers := unpack.NewParsers(unpack.ParsersOptions{Command: []string{self, childCommand}, Processes: runtime.NumCPU()})
	defer func() { err = errors.Join(err, parsers.Close()) }()
	for round := range uint64(m.o.recall) {
		seed := m.o.seed + round
		people := corpus.People(seed, 200)
		reader, failed := corpus.NewReader(people, parsers)
		if failed != nil {
			return errors.Join(err, failed)
		}
		shapes := corpus.Shapes()
		for n := range uint64(chainsARound) {
			shapes = append(shapes, corpus.Chain(seed*chainsARound+n))
		}
		if err = errors.Join(err, m.readRound(ctx, dir, seed, people, reader, shapes)); ctx.Err() != nil {
			break
		}
	}
	return err
}

// readRound reads a document of each shape, as many at once as there are processors.
func (m *measured) readRound(ctx context.Context, dir string, seed uint64, people []*corpus.Person, reader *corpus.Reader, shapes []corpus.Shape) error {
	next := make(chan corpus.Shape, len(shapes))
	for _, s := range shapes {
		next <- s
	}
	close(next)
	errs := make([]error, runtime.NumCPU())
	var readers sync.WaitGroup
	for i := range errs {
		readers.Go(func() {
			for s := range next {
				d := s.Make(seed, people)
				res, err := reader.Read(ctx, d, dir)
				if err != nil {
					errs[i] = errors.Join(errs[i], fmt.Errorf("read %s/%s, seed %d: %w", s.Group, s.Name, seed, err))
					return
				}
				m.recall.Add(s, d, res)
				for _, f := range res.Faults(d) {
					errs[i] = errors.Join(errs[i], fmt.Errorf("%s/%s, seed %d: %s", s.Group, s.Name, seed, f))
				}
			}
		})
	}
	readers.Wait()
	return errors.Join(errs...)
}
