package enroll

import (
	"bufio"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"filippo.io/age"

	"leakwatch/leak"
)

// SpecExport names the format of an export.
const SpecExport = "leakwatch-export/1"

// Export is an alert's people, on their way back to the clinic.
type Export struct {
	ID         string // of this export; "" lets SealExport make one
	Alert      string
	Clinic     string
	Event      leak.Event
	Confidence leak.Confidence
	ListedAt   time.Time
	FetchedAt  time.Time
	MatchedAt  time.Time
	Created    time.Time
	Test       bool
	Persons    []ExportPerson
}

// ExportPerson is one of them: a handle that only the clinic's mapping turns into a patient.
type ExportPerson struct {
	Ref   string      `json:"ref"`
	Kinds []leak.Kind `json:"kinds"`
	Told  bool        `json:"told,omitempty"` // known from an earlier find of the leak
}

// exportHeader is the first line of an export's opened form; a line for each person follows.
type exportHeader struct {
	Spec       string          `json:"spec"`
	ID         string          `json:"id"`
	Alert      string          `json:"alert"`
	Clinic     string          `json:"clinic"`
	Event      leak.Event      `json:"event"`
	Confidence leak.Confidence `json:"confidence"`
	ListedAt   time.Time       `json:"listed_at"`
	FetchedAt  time.Time       `json:"fetched_at"`
	MatchedAt  time.Time       `json:"matched_at"`
	Created    time.Time       `json:"created"`
	Test       bool            `json:"test,omitempty"`
	Persons    int             `json:"persons"`
}

// SealExport writes an export, sealed to the clinic's recipient. The caller closes w. The seal says to whom, not from
// whom: refs are random, so nobody but the server can name one.
func SealExport(w io.Writer, recipient string, e Export) error {
	to, err := age.ParseX25519Recipient(recipient)
	if err != nil {
		return errors.New("seal export: the clinic's recipient is no age recipient; it comes with the clinic's first bundle")
	}
	if e.ID == "" {
		e.ID = rand.Text()
	}
	sealed, err := age.Encrypt(w, to)
	if err != nil {
		return fmt.Errorf("seal export: %w", withoutPath(err))
	}
	out := bufio.NewWriter(sealed)
	lines := json.NewEncoder(out)
	err = lines.Encode(exportHeader{SpecExport, e.ID, e.Alert, e.Clinic, e.Event, e.Confidence, e.ListedAt, e.FetchedAt,
		e.MatchedAt, e.Created, e.Test, len(e.Persons)})
	for i := 0; err == nil && i < len(e.Persons); i++ {
		err = lines.Encode(e.Persons[i])
	}
	if err == nil {
		err = out.Flush()
	}
	if err == nil {
		err = sealed.Close()
	}
	if err != nil {
		return fmt.Errorf("seal export: %w", withoutPath(err))
	}
	return nil
}

var errExport = errors.New("it is damaged")

// readExport opens an export with the clinic's identity.
func readExport(r io.Reader, identity age.Identity) (Export, error) {
	plain, err := age.Decrypt(bufio.NewReaderSize(r, 64<<10), identity)
	if err != nil {
		return Export{}, errors.New("it is no export, or not sealed to the keys beside this mapping")
	}
	return parseExport(plain)
}

func parseExport(r io.Reader) (Export, error) {
	in := bufio.NewScanner(r)
	in.Buffer(make([]byte, 16<<10), 1<<20)
	var h exportHeader
	if !in.Scan() || json.Unmarshal(in.Bytes(), &h) != nil || h.Spec != SpecExport || h.ID == "" || strings.ContainsAny(h.ID, "\t\r\n") {
		return Export{}, errExport
	}
	e := Export{ID: h.ID, Alert: h.Alert, Clinic: h.Clinic, Event: h.Event, Confidence: h.Confidence, ListedAt: h.ListedAt,
		FetchedAt: h.FetchedAt, MatchedAt: h.MatchedAt, Created: h.Created, Test: h.Test}
	for in.Scan() {
		var p ExportPerson
		if json.Unmarshal(in.Bytes(), &p) != nil || len(e.Persons) == h.Persons {
			return Export{}, errExport
		}
		for _, k := range p.Kinds {
			if !k.Known() {
				return Export{}, errExport
			}
		}
		e.Persons = append(e.Persons, p)
	}
	if in.Err() != nil || len(e.Persons) != h.Persons {
		return Export{}, errExport
	}
	return e, nil
}
