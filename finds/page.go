package finds

import (
	"encoding/base64"
	"strconv"
	"strings"

	"leakwatch/leak"
)

// The sizes of a page.
const (
	defaultLimit = 50
	maxLimit     = 1000
)

// Limit is how many documents a page of the query has.
func Limit(q leak.Query) int {
	if q.Limit <= 0 {
		return defaultLimit
	}
	return min(q.Limit, maxLimit)
}

// Cursor says after which document a page ended.
type Cursor struct {
	Order int64
	ID    string
}

// String is the cursor as Answer.After holds it.
func (c Cursor) String() string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(c.Order, 10) + "." + c.ID))
}

// ParseCursor reads what String gave; "" is no cursor, and ok false. Anything else is ErrCursor.
func ParseCursor(s string) (c Cursor, ok bool, err error) {
	if s == "" {
		return Cursor{}, false, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		return Cursor{}, false, ErrCursor
	}
	order, id, found := strings.Cut(string(b), ".")
	n, err := strconv.ParseInt(order, 10, 64)
	if err != nil || !found || id == "" {
		return Cursor{}, false, ErrCursor
	}
	return Cursor{Order: n, ID: id}, true, nil
}

// Narrow leaves in a document what one clinic may see of it: its own part, its own confidence and its own kinds. With
// no clinic the document stays as it is.
func Narrow(d leak.IndexDoc, clinic string) leak.IndexDoc {
	if clinic == "" {
		return d
	}
	own := leak.IndexDoc{}
	for _, c := range d.Clinics {
		if c.Clinic == clinic {
			own.Clinics = append(own.Clinics, c)
			own.Confidence = c.Confidence
			own.Kinds = kindsOf(c)
		}
	}
	d.Clinics, d.Confidence, d.Kinds = own.Clinics, own.Confidence, own.Kinds
	return d
}
