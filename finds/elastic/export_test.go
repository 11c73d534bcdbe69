package elastic

import "context"

// NoWait makes tries follow each other at once.
func (x *Index) NoWait() { x.wait = func(context.Context, int) error { return nil } }
