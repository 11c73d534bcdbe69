//go:build race

package matcher

// RaceDetector says whether the tests run under it.
const RaceDetector = true
