//go:build linux || darwin

package matcher

import (
	"fmt"
	"syscall"
	"unsafe"
)

func mapArea(n int) (area, error) {
	b, err := syscall.Mmap(-1, 0, n*8, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		return area{}, fmt.Errorf("no memory for %d bytes: %w", n*8, err)
	}
	lockTable(b)
	return area{all: unsafe.Slice((*uint64)(unsafe.Pointer(&b[0])), n), outside: true}, nil
}

func unmapArea(w []uint64) {
	_ = syscall.Munmap(unsafe.Slice((*byte)(unsafe.Pointer(&w[0])), len(w)*8)) // it was mapped so
}
