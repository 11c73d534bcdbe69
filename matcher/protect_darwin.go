package matcher

// undumpable: the limit on core files is all that there is.
func undumpable() {}
