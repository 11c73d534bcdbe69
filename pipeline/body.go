package pipeline

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"

	"leakwatch/leak"
	"leakwatch/pipeline/evidence"
)

// errChanged says that what is at the place is no longer what was begun: the reading starts over.
var errChanged = errors.New("another version is at the place now")

// download is a version's bytes from first to last: what the spool already holds, then what the server sends, which
// goes into the spool on its way.
type download struct {
	ctx     context.Context
	crawler Crawler
	version leak.Version
	spool   *evidence.Spool
	replay  io.ReadCloser
	body    *leak.Body
	hash    hash.Hash
	got     int64
	ended   bool
}

func newDownload(ctx context.Context, c Crawler, v leak.Version, s *evidence.Spool) *download {
	return &download{ctx: ctx, crawler: c, version: v, spool: s, replay: s.Replay(), hash: sha256.New()}
}

// Read gives the body. Its errors are those of the spool, of the transport, or errChanged.
func (d *download) Read(p []byte) (int, error) {
	if d.replay != nil {
		n, err := d.replay.Read(p)
		d.took(p[:n])
		if err == nil || n > 0 {
			return n, nil
		}
		_ = d.replay.Close()
		d.replay = nil
		if !errors.Is(err, io.EOF) {
			return 0, err
		}
	}
	if d.body == nil {
		if err := d.open(); err != nil {
			return 0, err
		}
	}
	n, err := d.body.Read(p)
	if n > 0 {
		if _, werr := d.spool.Write(p[:n]); werr != nil {
			return 0, fmt.Errorf("spool: %w", werr)
		}
		d.took(p[:n])
	}
	d.ended = d.ended || errors.Is(err, io.EOF)
	return n, err
}

func (d *download) took(p []byte) {
	d.hash.Write(p)
	d.got += int64(len(p))
}

// open asks the server for the rest. A server that starts over with the same version has its first part skipped.
func (d *download) open() error {
	body, err := d.crawler.Open(d.ctx, leak.Fetch{Source: d.version.Item.Source, Place: d.version.Item.Place, From: d.got,
		Validators: d.spool.Validators(), Tip: d.version.Item.Source == Tips})
	if err != nil {
		return err
	}
	d.body = body
	if body.From == d.got {
		return d.spool.SetValidators(body.Validators)
	}
	if body.From != 0 || body.Validators == (leak.Validators{}) || body.Validators != d.spool.Validators() {
		return errChanged
	}
	if _, err := io.CopyN(io.Discard, body, d.got); err != nil {
		return fmt.Errorf("skip what is already here: %w", err)
	}
	return nil
}

// start opens the body before its first byte is asked for, so that the caller has what the server says of it. Bytes
// that are already here come first all the same.
func (d *download) start() (media, charset string, size int64, err error) {
	if d.spool.Resumed() {
		return "", "", -1, nil // content says what it is
	}
	_ = d.replay.Close() // a new spool replays nothing
	d.replay = nil
	if err := d.open(); err != nil {
		return "", "", -1, err
	}
	return d.body.MediaType, d.body.Charset, d.body.Size, nil
}

// rest reads to the end what unpacking left, so that the evidence is whole.
func (d *download) rest() error {
	if d.ended {
		return nil
	}
	_, err := io.Copy(io.Discard, readerOnly{d})
	return err
}

type readerOnly struct{ io.Reader }

// sum is the SHA-256 of the whole body, or "" when it was not read to its end or a limit cut it.
func (d *download) sum() string {
	if !d.ended || d.cut() != "" {
		return ""
	}
	return hex.EncodeToString(d.hash.Sum(nil))
}

func (d *download) cut() string {
	if d.body == nil || d.body.Cut == nil {
		return ""
	}
	return d.body.Cut()
}

func (d *download) exchanges() []leak.Exchange {
	if d.body == nil || d.body.Exchanges == nil {
		return nil
	}
	return d.body.Exchanges()
}

func (d *download) close() {
	if d.replay != nil {
		_ = d.replay.Close()
	}
	if d.body != nil {
		_ = d.body.Close()
	}
}
