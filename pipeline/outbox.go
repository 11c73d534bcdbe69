package pipeline

import (
	"context"
	"errors"
	"time"

	"leakwatch/leak"
)

// outboxBatch is one: a lease is for one message, and not for what stands before it in a queue behind a slow server.
const outboxBatch = 1

func (p *Pipeline) outboxStep(ctx context.Context) (bool, error) {
	due, err := p.Store.LeaseDeliveries(ctx, p.worker, outboxBatch, p.Config.Lease)
	if err != nil {
		return false, err
	}
	for _, d := range due {
		if err := p.deliver(ctx, d); err != nil {
			return true, err
		}
	}
	return len(due) > 0, nil
}

// deliver tells one message and writes down how it went. What comes between the other side's acceptance and our commit
// is told again under the same id.
func (p *Pipeline) deliver(ctx context.Context, d leak.Delivery) error {
	sending, cancel := context.WithTimeout(ctx, p.Config.Lease) // past it another worker may send the same
	defer cancel()
	err := p.Sender.Send(sending, d)
	channel := d.Contact.Channel
	if err == nil {
		at := p.Now()
		// a stop must not come between the other side's acceptance and our commit
		if err := p.Store.FinishDelivery(context.WithoutCancel(ctx), d.ID, at); err != nil {
			return err
		}
		p.Metrics.Deliveries.WithLabelValues(channel, "accepted").Inc()
		if d.Kind == leak.NoticeAlert && !d.Alert.ListedAt.IsZero() {
			p.Metrics.Told.Observe(at.Sub(d.Alert.ListedAt).Seconds())
		}
		p.Log.Info("told", "delivery", d.ID, "kind", d.Kind, "alert", d.Alert.ID, "attempt", d.Attempt)
		p.Happened(Happening{What: "sent", Message: d})
		return nil
	}
	if ctx.Err() != nil {
		return ctx.Err() // the lease runs out, and the same message is due again
	}
	var next time.Time // zero gives up
	outcome := "given up"
	if !errors.Is(err, leak.ErrPermanent) {
		if pause := p.Backoff(d.Attempt); pause > 0 {
			next, outcome = p.Now().Add(pause), "retried"
		}
	}
	p.Metrics.Deliveries.WithLabelValues(channel, outcome).Inc()
	p.Log.Warn("delivery failed", "delivery", d.ID, "attempt", d.Attempt, "next", next, "err", err)
	return p.Store.RetryDelivery(ctx, d.ID, err.Error(), next)
}

const indexBatch = 200

// indexStep writes what is due to the index, and takes out what was purged or erased. It does so in this order: a
// document that was made before its find went, and written after, goes the next time.
func (p *Pipeline) indexStep(ctx context.Context) (bool, error) {
	written, err := p.writeIndex(ctx)
	if err != nil {
		return written, err
	}
	removed, err := p.cleanIndex(ctx)
	return written || removed, err
}

func (p *Pipeline) cleanIndex(ctx context.Context) (bool, error) {
	ids, err := p.Store.RemovedFinds(ctx, indexBatch)
	if err != nil || len(ids) == 0 {
		return false, err
	}
	if err := p.Index.Delete(ctx, ids); err != nil {
		p.Log.Warn("index failed", "removed", len(ids), "err", err)
		return false, nil // they stay due, until the next poll
	}
	return true, p.Store.FinishRemoved(ctx, ids)
}

func (p *Pipeline) writeIndex(ctx context.Context) (bool, error) {
	docs, err := p.Store.LeaseUnindexed(ctx, p.worker, indexBatch, p.Config.Lease)
	if err != nil || len(docs) == 0 {
		return false, err
	}
	if err := p.Index.Put(ctx, docs); err != nil {
		p.Log.Warn("index failed", "finds", len(docs), "err", err)
		return true, p.Store.RetryIndexed(context.WithoutCancel(ctx), docs, err.Error(), p.Now().Add(failedPoll))
	}
	return true, p.Store.FinishIndexed(ctx, docs)
}

const watchBatch = 16

func (p *Pipeline) watchStep(ctx context.Context) (bool, error) {
	due, err := p.Store.LeaseWatches(ctx, p.worker, watchBatch, p.Config.Lease)
	if err != nil {
		return false, err
	}
	for _, w := range due {
		if err := p.look(ctx, w); err != nil {
			return true, err
		}
	}
	return len(due) > 0, nil
}

// look asks whether what was found is still there, and keeps the answer as evidence.
func (p *Pipeline) look(ctx context.Context, w leak.Watch) error {
	alive, exchange, err := p.Crawler.Look(ctx, w)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		p.Log.Info("look failed", "source", w.Source, "place", w.Place, "err", err)
		alive = leak.Unknown
	}
	if exchange.Method != "" {
		if err := p.Store.PutExchanges(ctx, w.VersionID, []leak.Exchange{exchange}, p.Digest); err != nil {
			return err
		}
	}
	if err := p.Store.FinishWatch(ctx, w.VersionID, alive, p.Now().Add(p.Config.RecheckEvery)); err != nil {
		return err
	}
	if alive != leak.Unknown && (alive != leak.GoneNow || !w.Gone) {
		p.Happened(Happening{What: string(alive), Source: w.Source, Place: w.Place})
	}
	if alive == leak.GoneNow || alive == leak.Changed {
		p.wakeUp("outbox")
		p.wakeUp("versions")
	}
	return nil
}
