package leak

import "errors"

// The marks by which rooms tell errors apart. Other errors wrap them.
var (
	// ErrPermanent marks an error that trying again will not mend.
	ErrPermanent = errors.New("permanent")
	// ErrRule marks what a rule forbids: robots.txt, the legal switch, a refused address. The version is skipped.
	ErrRule = errors.New("forbidden by a rule")
)
