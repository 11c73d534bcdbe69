// Package store holds the records of truth in one SQLite file: sources and their runs, items and versions, evidence,
// clinics and their registered tags, finds with their lineage, alerts and deliveries, the audit chain. What it holds in
// clear names no patient: places, names and headers are sealed under the place key, identifiers come as keyed tokens.
//
// A row that is due is the job: there is no separate queue. Five tables say when each row is due, and one helper leases
// them (lease.go). All writes go through one connection, grouped into transactions (write.go); reads have a pool of
// their own. Any number of processes may open the same file.
package store
