package store

import (
	"context"
	"fmt"
)

// Stats counts what the store holds, for metrics: "items", "versions/due", "finds", "deliveries/dead", "due/watches"
// and the like. due/TABLE counts the rows of a table of work whose time has come.
func (s *Store) Stats(ctx context.Context) (map[string]int64, error) {
	rows, err := s.read().QueryContext(ctx, `
		SELECT 'items', count(*) FROM items
		UNION ALL SELECT 'versions', count(*) FROM versions
		UNION ALL SELECT 'versions/due', count(*) FROM versions WHERE due_at IS NOT NULL
		UNION ALL SELECT 'versions/dead', count(*) FROM versions WHERE dead_at IS NOT NULL
		UNION ALL SELECT 'clinics', count(*) FROM clinics
		UNION ALL SELECT 'tags', count(*) FROM tags
		UNION ALL SELECT 'runs', count(*) FROM runs
		UNION ALL SELECT 'exchanges', count(*) FROM exchanges
		UNION ALL SELECT 'listings', count(*) FROM listings
		UNION ALL SELECT 'audit', count(*) FROM audit
		UNION ALL SELECT 'finds', count(*) FROM finds WHERE revision > 0
		UNION ALL SELECT 'leaks', count(*) FROM leaks
		UNION ALL SELECT 'alerts', count(*) FROM alerts
		UNION ALL SELECT 'deliveries/due', count(*) FROM deliveries WHERE due_at IS NOT NULL
		UNION ALL SELECT 'deliveries/sent', count(*) FROM deliveries WHERE sent_at IS NOT NULL
		UNION ALL SELECT 'deliveries/dead', count(*) FROM deliveries WHERE dead_at IS NOT NULL`)
	if err != nil {
		return nil, fmt.Errorf("stats: %w", err)
	}
	defer rows.Close()
	stats := map[string]int64{}
	for rows.Next() {
		var name string
		var n int64
		if err := rows.Scan(&name, &n); err != nil {
			return nil, fmt.Errorf("stats: %w", err)
		}
		stats[name] = n
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("stats: %w", err)
	}
	stats["versions/done"] = stats["versions"] - stats["versions/due"] - stats["versions/dead"]
	for _, w := range works() {
		var n int64
		if err := s.read().QueryRowContext(ctx, fmt.Sprintf(`SELECT count(*) FROM %s WHERE due_at <= ?`, w.table), micros(s.now())).Scan(&n); err != nil {
			return nil, fmt.Errorf("stats: due %s: %w", w.table, err)
		}
		stats["due/"+w.table] = n
	}
	return stats, nil
}

// works are the tables that hold work.
func works() []work { return []work{workSources, workVersions, workFinds, workDeliveries, workWatches} }
