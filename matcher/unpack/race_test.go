//go:build race

package unpack_test

// slowed says that the race detector is on.
const slowed = true
