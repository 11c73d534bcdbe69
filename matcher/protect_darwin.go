package matcher

// RLIMIT_MEMLOCK, and no limit, of setrlimit(2).
const (
	rlimitMemlock  = 6
	rlimitInfinity = 1<<63 - 1
)

// undumpable: the limit on core files is all that there is.
func undumpable() {}
