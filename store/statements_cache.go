package store

import (
	"context"
	"database/sql"
	"sync"
)

// statementsMax is how many statements of one database are kept ready. The store's own are fewer: what is made at run
// time, such as filters of lists, must not fill memory.
const statementsMax = 400

// statements keeps those statements of a database ready that were asked for twice: parsing one costs more than running
// it. A statement is prepared when no transaction holds the connection that does it, so the first transactions with it
// run it unprepared. They are closed with their database.
//
// A statement that is kept has one cursor for each connection: no query is run again inside the loop over its own rows.
type statements struct {
	db *sql.DB

	mu    sync.Mutex
	ready map[string]*sql.Stmt
	asked map[string]int
	due   []string // asked for twice
}

func newStatements(db *sql.DB) *statements {
	return &statements{db: db, ready: map[string]*sql.Stmt{}, asked: map[string]int{}}
}

// of gives a statement that is ready, or nil.
func (s *statements) of(query string) *sql.Stmt {
	s.mu.Lock()
	defer s.mu.Unlock()
	if st := s.ready[query]; st != nil || len(s.asked) >= statementsMax && s.asked[query] == 0 {
		return st
	}
	if s.asked[query]++; s.asked[query] == 2 {
		s.due = append(s.due, query)
	}
	return nil
}

// prepare readies what was asked for. The caller holds no connection. What cannot be prepared runs as it did before,
// and says itself what is wrong with it.
func (s *statements) prepare(ctx context.Context) {
	s.mu.Lock()
	due := s.due
	s.due = nil
	s.mu.Unlock()
	for i, query := range due {
		st, err := s.db.PrepareContext(ctx, query)
		if ctx.Err() != nil {
			if err == nil {
				_ = st.Close() // it was only prepared
			}
			s.mu.Lock()
			s.due = append(s.due, due[i:]...)
			s.mu.Unlock()
			return
		}
		if err != nil {
			continue
		}
		s.mu.Lock()
		s.ready[query] = st
		s.mu.Unlock()
	}
}

// begin begins a transaction that uses them.
func (s *statements) begin(ctx context.Context, o *sql.TxOptions) (*txn, error) {
	s.prepare(ctx)
	t, err := s.db.BeginTx(ctx, o)
	if err != nil {
		return nil, err
	}
	return &txn{Tx: t, kept: s}, nil
}

// txn is a transaction that uses statements which are ready.
type txn struct {
	*sql.Tx
	kept *statements // nil: none
}

func (t *txn) stmt(ctx context.Context, query string) *sql.Stmt {
	if t.kept == nil {
		return nil
	}
	st := t.kept.of(query)
	if st == nil {
		return nil
	}
	return t.Tx.StmtContext(ctx, st)
}

// ExecContext is that of sql.Tx.
func (t *txn) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if st := t.stmt(ctx, query); st != nil {
		return st.ExecContext(ctx, args...)
	}
	return t.Tx.ExecContext(ctx, query, args...)
}

// QueryContext is that of sql.Tx.
func (t *txn) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if st := t.stmt(ctx, query); st != nil {
		return st.QueryContext(ctx, args...)
	}
	return t.Tx.QueryContext(ctx, query, args...)
}

// QueryRowContext is that of sql.Tx.
func (t *txn) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	if st := t.stmt(ctx, query); st != nil {
		return st.QueryRowContext(ctx, args...)
	}
	return t.Tx.QueryRowContext(ctx, query, args...)
}
