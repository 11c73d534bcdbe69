package pipeline

import "context"

// IndexStep is one turn of the worker of the index.
func IndexStep(p *Pipeline, ctx context.Context) (bool, error) { return p.indexStep(ctx) }
