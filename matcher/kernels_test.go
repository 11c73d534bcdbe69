package matcher

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"slices"
	"strings"
	"testing"
)

// FuzzLanes compares the hashing of queues with crypto/hmac, in every way that this processor can do it.
func FuzzLanes(f *testing.F) {
	f.Add([]byte("key"), []byte("131052-308T"), uint8(1))
	f.Add([]byte("k"), bytes.Repeat([]byte("a"), 55), uint8(16))
	f.Add([]byte{0xff}, bytes.Repeat([]byte("\xff"), 119), uint8(40))
	f.Fuzz(func(t *testing.T, secret, text []byte, n uint8) {
		var key [32]byte
		copy(key[:], secret)
		var short []block1
		var long []block2
		var want [2][]half
		for i := range int(n) {
			msg := text[min(i, len(text)):]
			sum := hmac.New(sha256.New, key[:])
			sum.Write(msg)
			switch {
			case len(msg) <= len(block1{})-9:
				var b block1
				copy(b[:], msg)
				endMessage(b[:], len(msg))
				short, want[0] = append(short, b), append(want[0], half(sum.Sum(nil)))
			case len(msg) <= len(block2{})-9:
				var b block2
				copy(b[:], msg)
				endMessage(b[:], len(msg))
				long, want[1] = append(long, b), append(want[1], half(sum.Sum(nil)))
			}
		}
		short, long = append(make([]block1, 0, 256), short...), append(make([]block2, 0, 256), long...)
		for name, k := range allKernels() {
			m, sums := newMAC(&key).with(&k), make([]half, 256)
			m.short(sums, short)
			for i, s := range want[0] {
				if sums[i] != s {
					t.Fatalf("%s: message %d of %d: another sum than crypto/hmac's", name, i, len(short))
				}
			}
			m.long(sums, long)
			for i, s := range want[1] {
				if sums[i] != s {
					t.Fatalf("%s: message %d of %d of two blocks: another sum than crypto/hmac's", name, i, len(long))
				}
			}
		}
	})
}

// allKernels are all ways in which the hot path can run here.
func allKernels() map[string]kernels {
	all := otherKernels()
	all["portable"], all["picked"] = kernels{}, pickKernels()
	return all
}

func BenchmarkLanes(b *testing.B) {
	for name, k := range allKernels() {
		b.Run(name, func(b *testing.B) {
			m, sums, messages := newMAC(&[32]byte{1}).with(&k), make([]half, queueSize), make([]block1, queueSize)
			for i := range messages {
				endMessage(messages[i][:], 40)
			}
			for b.Loop() {
				m.short(sums, messages)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/queueSize, "ns/hash")
		})
	}
}

// FuzzMasks compares the masks of text, made in every way that this processor can, with what they are by their words.
func FuzzMasks(f *testing.F) {
	f.Add([]byte("131052-308T a@example.com \\n1 %C3%A4 \u00a0–x９"), uint8(0))
	f.Add([]byte("{|}~z`@[/0:9;\xc1\xc2\xc3\xd5\xd6\xff\x7f\x80\xba\xb0\xdc\xa5"), uint8(63))
	f.Fuzz(func(t *testing.T, text []byte, at uint8) {
		text = append(make([]byte, int(at)), text...)
		n := (len(text) + block - 1) / block
		want := make([]masks, n)
		for i, c := range text {
			m, bit := &want[i/block], uint64(1)<<(i%block)
			set := func(mask *uint64, is bool) {
				if is {
					*mask |= bit
				}
			}
			set(&m.digit, c >= '0' && c <= '9')
			set(&m.at, c == '@')
			set(&m.odd, c == 0xC2 || c >= 0xD6)
			set(&m.letter, c|0x20 >= 'a' && c|0x20 <= 'z')
			set(&m.escape, c == '\\' || c == '%')
			set(&m.join, strings.IndexByte(" -./()+\n\v\f\r", c) >= 0)
		}
		for i := range want {
			if want[i].digit == 0 {
				want[i].letter, want[i].escape, want[i].join = 0, 0, 0
			}
		}
		m := &Matcher{}
		for name, k := range allKernels() {
			m.kernels = k
			s := &scanner{m: m}
			b := append(append(make([]byte, 1), text...), make([]byte, slack)...)[1 : len(text)+1] // at no round address
			s.classify(b, false)
			s.classify(b, true)
			for i := range s.masks[:n] {
				if k.masks == nil {
					s.masks[i].tell(b[:len(b)+slack][i*block:])
				}
			}
			if !slices.Equal(s.masks, append(slices.Clone(want), masks{}, masks{})) {
				t.Fatalf("%s: masks of %q are %x, want %x", name, text, s.masks, want)
			}
		}
	})
}

func BenchmarkMasks(b *testing.B) {
	for name, k := range allKernels() {
		for _, kind := range []string{"notes", "paste"} {
			text := corpora()[kind][:chunkSize+slack]
			b.Run(name+" "+kind, func(b *testing.B) {
				s := &scanner{m: &Matcher{kernels: k}}
				b.SetBytes(chunkSize)
				for b.Loop() {
					s.classify(text[:chunkSize], true)
					if k.masks == nil {
						s.classify(text[:chunkSize], false)
					}
				}
			})
		}
	}
}
