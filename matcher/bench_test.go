package matcher

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"leakwatch/leak"
)

// corpora are four kinds of text, made from a seed; internal/bench has larger ones and compares with ripgrep.
func corpora() map[string][]byte {
	r := rand.New(rand.NewPCG(1, 1))
	words := strings.Fields("asiakas kertoi että viime viikolla uni oli parempi mutta työssä kuormitus jatkui and the client reports that sleep improved")
	fill := func(n int, line func() string) []byte {
		var b bytes.Buffer
		for b.Len() < n {
			b.WriteString(line())
		}
		return b.Bytes()
	}
	id := func() string {
		p := planted[r.IntN(len(planted))]
		return p.forms[r.IntN(len(p.forms))]
	}
	const size = 4 << 20
	return map[string][]byte{
		"notes": fill(size, func() string {
			s := strings.Repeat(words[r.IntN(len(words))]+" ", 3) + words[r.IntN(len(words))] + ". "
			if r.IntN(60) == 0 {
				s += id() + "\n"
			}
			return s
		}),
		"dump": fill(size, func() string {
			return fmt.Sprintf("%d;%s;%s;%06d-%04d;%s%d@example.com\n", r.IntN(1000000), words[r.IntN(len(words))], id(), r.IntN(1000000), r.IntN(10000),
				words[r.IntN(len(words))], r.IntN(100000))
		}),
		"paste": fill(size, func() string {
			if r.IntN(300) == 0 {
				return id() + "\n"
			}
			return fmt.Sprintf("2026-11-%02dT10:%02d:%02dZ GET /v1/items/%d 200 %016x\n", 1+r.IntN(28), r.IntN(60), r.IntN(60), r.IntN(100000), r.Uint64())
		}),
		"adv": fill(size, func() string { return mess(r, 200) }),
	}
}

// million makes a matcher with a million rows of nobody beside the planted ones.
func million(b testing.TB) *Matcher {
	m := inner(b, chunkSize)
	r := rand.New(rand.NewPCG(2, 2))
	tags := make([]leak.Tag, 1_000_000)
	for i := range tags {
		tags[i] = leak.Tag{Clinic: "clinic-b", Ref: fmt.Sprint("ref", i/4), Kind: kindNames[i%int(kName)], RK: "test-rk1", PK: "pk-1"}
		for j := range tags[i].W {
			tags[i].W[j] = byte(r.Uint32())
		}
	}
	if err := m.Add(tags); err != nil {
		b.Fatal(err)
	}
	return m
}

func BenchmarkText(b *testing.B) {
	m := million(b)
	for name, text := range corpora() {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				r := m.Begin(nil)
				if err := r.Text(context.Background(), leak.Text{Reader: bytes.NewReader(text)}); err != nil {
					b.Fatal(err)
				}
				r.Finish()
			}
		})
	}
}

func BenchmarkMAC(b *testing.B) {
	m := newMAC(&[32]byte{1})
	canon := []byte("131052-308T")
	b.ReportAllocs()
	for b.Loop() {
		m.of(kindPrefixes[kHetu], canon)
	}
}

func BenchmarkFold(b *testing.B) {
	for _, name := range []string{"notes", "paste"} {
		b.Run(name, func(b *testing.B) {
			text, f := corpora()[name], folded{}
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				f.fold(text, false)
			}
		})
	}
}
