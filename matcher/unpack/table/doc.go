// Package table reads the tables of spreadsheets and databases: XLSX, XLS, ODS, SQLite, DBF, custom dumps of PostgreSQL. Each
// is an extractor (child.Extractor): it hands over each sheet or table as a text, a line a row with tabs between its cells, so
// that what stands in one row is in one record, and numbers and dates as their program shows them. Everything it reads
// is hostile: memory is bounded, whatever a header says, nothing is followed twice, and what is left is noted.
package table
