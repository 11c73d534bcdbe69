package store_test

import (
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"leakwatch/leak"
	"leakwatch/store"
)

func (b *base) note(n int) {
	b.t.Helper()
	b.ok(b.Audit(b.ctx, leak.AuditEntry{Actor: leak.Principal{Name: "kim", Role: leak.RoleInvestigator, Purpose: "case", Case: "K-1"},
		Action: "lookup", Object: fmt.Sprintf("f-%d", n), Outcome: "found"}))
}

// raw opens the file past the store, as somebody with the disk does.
func (b *base) raw() *sql.DB {
	b.t.Helper()
	db, err := sql.Open("sqlite", "file:"+strings.NewReplacer("#", "%23", "?", "%3f", " ", "%20").Replace(b.path)+"?_pragma=busy_timeout(10000)")
	b.ok(err)
	b.t.Cleanup(func() { b.ok(db.Close()) })
	return db
}

func TestAuditChain(t *testing.T) {
	t.Parallel()
	b := newBase(t)
	b.ok(b.VerifyAudit(b.ctx))
	other := b.second()
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for n := range 10 {
				b.note(n)
			}
		})
	}
	for range 10 {
		b.ok(other.Audit(b.ctx, leak.AuditEntry{Action: "reveal", Object: "f-1"}))
	}
	wg.Wait()
	b.ok(b.VerifyAudit(b.ctx))
	all, err := b.AuditEntries(b.ctx, 0, 0)
	b.ok(err)
	if len(all) != 50 || all[49].Seq != 50 || len(all[0].Hash) != 64 {
		t.Errorf("%d entries", len(all))
	}
	if some, err := b.AuditEntries(b.ctx, 48, 1); err != nil || len(some) != 1 || some[0] != all[48] {
		t.Error(some, err)
	}
}

func TestTamperingIsNoticed(t *testing.T) {
	t.Parallel()
	for name, q := range map[string]string{
		"changed":           `UPDATE audit SET object = 'f-99' WHERE seq = 3`,
		"changed time":      `UPDATE audit SET at = at + 1 WHERE seq = 3`,
		"taken out":         `DELETE FROM audit WHERE seq = 3`,
		"the last":          `DELETE FROM audit WHERE seq = 5`,
		"the first":         `DELETE FROM audit WHERE seq = 1`,
		"all":               `DELETE FROM audit`,
		"put in":            `INSERT INTO audit SELECT 6, at, actor, role, clinic, purpose, matter, action, object, outcome, prev, hash, expires_at, hold FROM audit WHERE seq = 5`,
		"changed with hash": `UPDATE audit SET outcome = 'none', hash = 'ab' WHERE seq = 5`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBase(t)
			for n := range 5 {
				b.note(n)
			}
			db := b.raw()
			if strings.HasPrefix(q, "UPDATE") {
				if _, err := db.Exec(q); err == nil {
					t.Error("the chain let itself be changed")
				}
				_, err := db.Exec(`DROP TRIGGER audit_append_only`)
				b.ok(err)
			}
			_, err := db.Exec(q)
			b.ok(err)
			if err := b.VerifyAudit(b.ctx); !errors.Is(err, store.ErrAuditBroken) {
				t.Errorf("verify gave %v", err)
			}
		})
	}
}
