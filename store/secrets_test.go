package store_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"leakwatch/leak"
	"leakwatch/store"
)

// A fictitious patient, with an official test number.
const (
	plantedName = "Matti Meikäläinen"
	plantedHetu = "131052-308T"
)

// planted are the ways in which the patient would show in a file.
func planted() [][]byte {
	var all [][]byte
	for _, s := range []string{plantedName, "Meikäläinen", "meikäläinen", plantedHetu, "131052"} {
		all = append(all, []byte(s), []byte(url.PathEscape(s)), []byte(hex.EncodeToString([]byte(s))),
			[]byte(strings.TrimRight(base64.StdEncoding.EncodeToString([]byte(s)), "=")[:8]))
	}
	return all
}

func TestNobodyIsInTheFile(t *testing.T) {
	t.Parallel()
	b := newBase(t)
	var logged bytes.Buffer
	b.ok(b.Close())
	s, err := store.Open(b.ctx, store.Options{Path: b.path, Places: b.places, Now: b.clock.now, Log: slog.New(slog.NewTextHandler(&logged, nil))})
	b.ok(err)
	b.Store = s
	b.sources(9, "paste")
	b.run(plantedItem(b))
	v := b.lease("w", 1)[0]
	if v.Item.Name != plantedHetu+" "+plantedName+".txt" {
		t.Fatalf("the name did not come back")
	}
	e := exchange(b.clock.now(), 200, "ETag: \""+plantedName+"\"\r\nContent-Disposition: attachment; filename="+plantedHetu+".txt\r\n")
	e.URL, e.Error = v.Item.Place.Reveal(), "at "+plantedName
	b.ok(b.PutExchanges(b.ctx, v.ID, []leak.Exchange{e}, "digest"))
	b.ok(b.PutListing(b.ctx, "paste", leak.Page{Place: v.Item.Group, Raw: []byte("<a>" + plantedName + " " + plantedHetu + "</a>"), Exchange: e}))
	b.ok(b.FinishVersion(b.ctx, v.ID, "w", leak.Outcome{Result: leak.Matched, Completeness: leak.Whole, MediaType: "text/" + plantedHetu}))
	b.ok(b.Audit(b.ctx, leak.AuditEntry{Action: "reveal", Object: fmt.Sprint(v.Item.Place)}))
	_, err = b.AddTip(b.ctx, plantedItem(b))
	b.ok(err)
	bad := plantedItem(b)
	bad.Source = "none"
	_, err = b.PutItems(b.ctx, b.clock.now(), []leak.Item{bad})
	if err == nil {
		t.Fatal("an item of no source was written")
	}
	files := map[string][]byte{"log": logged.Bytes(), "error": []byte(err.Error())}
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if files["db"+suffix], err = os.ReadFile(b.path + suffix); err != nil {
			t.Fatal(err)
		}
	}
	b.ok(b.Close())
	if files["db at rest"], err = os.ReadFile(b.path); err != nil || len(files["db at rest"]) < 100_000 {
		t.Fatal(err)
	}
	for name, content := range files {
		for _, p := range planted() {
			if bytes.Contains(content, p) {
				t.Errorf("%s holds %q", name, p)
			}
		}
	}
}

func plantedItem(b *base) leak.Item {
	root := "https://paste.test/"
	clear := root + url.PathEscape(plantedName) + "/" + plantedHetu + " " + plantedName + ".txt"
	return leak.Item{Source: "paste", Key: b.places.Digest(clear), Place: b.places.Place(root, clear), Name: plantedHetu + " " + plantedName + ".txt",
		Title: b.places.Title("records of " + plantedName), Collection: b.places.Digest(root + plantedName),
		Group: b.places.Place(root, root+url.PathEscape(plantedName)+"/"), Poster: b.places.Title(plantedName),
		Published: leak.Stamp{From: b.clock.now(), To: b.clock.now().Add(time.Hour), Said: plantedName}, Size: leak.UnknownSize,
		Mark: plantedHetu + "|123", Fetch: true}
}
