package child

// Started is how many children a pool has started.
func Started(p *Pool) int64 { return p.started.Load() }

// Living is how many of them live.
func Living(p *Pool) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.living
}

// Refuse has a pool hold that no child is confined.
func Refuse(p *Pool) { p.unconfined = true }
