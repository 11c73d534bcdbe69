package matcher

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
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
	return map[string]kernels{"portable": {}, "picked": pickKernels()}
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
