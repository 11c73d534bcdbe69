package child

// Started is how many children a pool has started.
func Started(p *Pool) int64 { return p.started.Load() }
