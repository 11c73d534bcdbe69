package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"leakwatch/leak"
)

// Scanned is the source of local files that are recorded.
const Scanned = "scan"

// Files takes the crawler's place for local files: their paths are the places.
type Files struct {
	Places *leak.PlaceKey
	Now    func() time.Time
}

// Walk gives an item for every file under the paths, in order. Links are not followed.
func (f Files) Walk(ctx context.Context, paths []string, yield func(leak.Item) error) error {
	for _, root := range paths {
		base := parent(root)
		if info, err := os.Stat(root); err == nil && info.IsDir() {
			base = strings.TrimSuffix(filepath.ToSlash(root), "/") + "/"
		}
		err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			switch {
			case ctx.Err() != nil:
				return ctx.Err()
			case err != nil:
				return fmt.Errorf("walk: %s", cause(err))
			case entry.IsDir():
				return nil
			}
			item, err := f.item(base, path, entry)
			if err != nil {
				return err
			}
			return yield(item)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (f Files) item(base, path string, entry fs.DirEntry) (leak.Item, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return leak.Item{}, fmt.Errorf("walk: %s", cause(err))
	}
	absolute = filepath.ToSlash(absolute)
	group := f.Places.Place(base, base)
	if abs, err := filepath.Abs(base); err == nil {
		base = strings.TrimSuffix(filepath.ToSlash(abs), "/") + "/"
	}
	item := leak.Item{Source: Scanned, Key: f.Places.Digest("file:" + absolute), Place: f.Places.Place(base, absolute),
		Name: strings.TrimPrefix(absolute, base), Title: f.Places.Title(entry.Name()), Group: group,
		Collection: f.Places.Digest("folder:" + base), Size: leak.UnknownSize, Fetch: entry.Type().IsRegular()}
	if !item.Fetch {
		item.Skip = "not a regular file"
	}
	if info, err := entry.Info(); err == nil {
		item.Size = leak.Size{Min: info.Size(), Max: info.Size()}
		item.Published = leak.Stamp{From: info.ModTime().UTC(), To: info.ModTime().UTC(), Said: info.ModTime().UTC().Format(time.RFC3339)}
		item.Mark = fmt.Sprintf("%d %s", info.Size(), info.ModTime().UTC().Format(time.RFC3339Nano))
	}
	return item, nil
}

// List lists nothing: files are recorded one by one.
func (f Files) List(context.Context, string, func(leak.Page) error) (leak.Run, error) {
	return leak.Run{}, errors.ErrUnsupported
}

// Open opens a local file.
func (f Files) Open(_ context.Context, fetch leak.Fetch) (*leak.Body, error) {
	file, err := os.Open(filepath.FromSlash(fetch.Place.Reveal()))
	if err != nil {
		return nil, fmt.Errorf("%w: %s", leak.ErrPermanent, cause(err))
	}
	info, err := file.Stat()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%w: %s", leak.ErrPermanent, cause(err)), file.Close())
	}
	validators := leak.Validators{LastModified: info.ModTime().UTC().Format(time.RFC3339Nano)}
	from := int64(0)
	if fetch.From > 0 && fetch.Validators == validators {
		if from, err = file.Seek(fetch.From, 0); err != nil {
			return nil, errors.Join(fmt.Errorf("seek: %s", cause(err)), file.Close())
		}
	}
	asked := leak.Exchange{At: f.Now(), Method: "READ", URL: fetch.Place.Reveal(), Network: leak.Direct}
	return &leak.Body{ReadCloser: file, From: from, Size: info.Size(), Validators: validators,
		Cut: func() string { return "" }, Exchanges: func() []leak.Exchange { return []leak.Exchange{asked} }}, nil
}

// Look says whether the file is as it was.
func (f Files) Look(_ context.Context, w leak.Watch) (leak.Liveness, leak.Exchange, error) {
	info, err := os.Stat(filepath.FromSlash(w.Place.Reveal()))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return leak.GoneNow, leak.Exchange{}, nil
	case err != nil:
		return leak.Unknown, leak.Exchange{}, fmt.Errorf("look: %s", cause(err))
	case w.Validators.LastModified != info.ModTime().UTC().Format(time.RFC3339Nano):
		return leak.Changed, leak.Exchange{}, nil
	}
	return leak.Live, leak.Exchange{}, nil
}
