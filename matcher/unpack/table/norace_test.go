//go:build !race

package table_test

// slowed says that the race detector is on.
const slowed = false
