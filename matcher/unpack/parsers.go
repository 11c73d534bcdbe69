package unpack

import (
	"context"
	"fmt"
	"io"
	"time"

	"leakwatch/matcher/unpack/child"
	"leakwatch/matcher/unpack/mail"
	"leakwatch/matcher/unpack/ocr"
	documents "leakwatch/matcher/unpack/office"
	"leakwatch/matcher/unpack/ole"
	"leakwatch/matcher/unpack/pdf"
	"leakwatch/matcher/unpack/table"
)

// extractor reads a format that is not simple, in a child process: see child.Extractor for what it promises.
type extractor = child.Extractor

// emitter takes what an extractor finds.
type emitter = child.Emitter

// extractors is the table of them, by format.
func extractors() map[string]extractor {
	compound := ole.Extract(table.XLS)
	return map[string]extractor{
		"ole": compound, "doc": compound, "dot": compound, "ppt": compound, "pps": compound, "msg": compound, "pub": compound, "vsd": compound,
		"mpp": compound, "wps": compound, "xls": compound, "xlt": compound,
		"7z":   extract7z,
		"pdf":  pdf.Extract,
		"eml":  mail.Extract,
		"docx": documents.Extract, "pptx": documents.Extract, "odt": documents.Extract, "odp": documents.Extract, "odg": documents.Extract, "epub": documents.Extract,
		"rar": extractRar, "xlsx": table.XLSX, "ods": table.ODS, "sqlite": table.SQLite,
		"parquet": table.Parquet,
	}
}

// simple gives the extractor of a format that is read in this process where no child reads it: of our own making, bounded, and
// without anything that could be taken over. It is nil for any other.
func simple(f format) extractor {
	switch f {
	case "xlsx":
		return table.XLSX
	case "ods":
		return table.ODS
	case "sqlite":
		return table.SQLite
	case "sqlite-wal":
		return table.SQLiteLog
	case "sqlite-journal":
		return table.SQLiteJournal
	case "dbf":
		return table.DBF
	case "pgdump":
		return table.PGDump
	}
	return nil
}

// ServeChild is the child process: it reads documents that come over in until in ends, with every right given up that the
// system lets a process give up. Nothing else may go on in its process. The program that Parsers.Command names calls it with
// its standard input and output.
func ServeChild(in io.Reader, out io.Writer) error {
	if err := child.Serve(in, out, extractors()); err != nil {
		return fmt.Errorf("serve as a reader: %w", err)
	}
	return nil
}

// ParsersOptions say how child processes are started and what they may take. What is zero takes its default.
type ParsersOptions struct {
	Command   []string      // starts a program that calls ServeChild
	Memory    int64         // bytes of one child beside the program itself; 512 MiB
	Time      time.Duration // for one document, and a second more for each MiB of it read or unpacked; two minutes
	Total     time.Duration // for all documents of a Walk, and a second more for each MiB of them; ten minutes
	Processes int           // Walks that have documents read at once; what lies in one of these is read beside it. 2
	Confined  bool          // without a system that bounds a child's memory and filters its calls, none reads anything
	OCR       []string      // command that reads a picture from its standard input and writes its text; none reads no pictures
	OCRTime   time.Duration // for the pictures of one document together; 10 minutes
}

// Parsers read formats that are not simple, in child processes: each serves the documents of one Walk, and is replaced when it
// dies or has grown. They are for concurrent use by any number of Walks.
type Parsers struct {
	pool  *child.Pool
	reads map[format]bool
	ocr   *ocr.Reader // nil when the letters in pictures are not read
}

// NewParsers starts nothing yet. The caller closes them.
func NewParsers(o ParsersOptions) *Parsers {
	p := &Parsers{pool: child.NewPool(child.Options{Command: o.Command, Memory: o.Memory, Time: o.Time, Total: o.Total,
		Processes: o.Processes, Confined: o.Confined}),
		reads: map[format]bool{}}
	limits := p.pool.Options()
	p.ocr = ocr.New(ocr.Options{Command: o.OCR, Time: limits.Time, Budget: o.OCRTime, Bytes: mostLetters, Processes: limits.Processes})
	for f := range extractors() {
		p.reads[format(f)] = true
	}
	return p
}

// Close ends the child processes and waits until they are gone, and for Walks that still use one.
func (p *Parsers) Close() error { return p.pool.Close() }

// Enforced says which limits the system keeps for a child.
type Enforced = child.Enforced

// Probe starts a child, which then waits for a Walk, and says which limits the system keeps for it. The error says that there is none.
func (p *Parsers) Probe(ctx context.Context) (Enforced, error) { return p.pool.Probe(ctx) }

// parses says whether a format is read by an extractor here.
func (w *walker) parses(f format) bool { return w.childReads(f) || simple(f) != nil }

// childReads says whether a format is read in a child process here.
func (w *walker) childReads(f format) bool { return w.parsers != nil && w.parsers.reads[f] }

// opens says whether a format is read as more than its bytes.
func (w *walker) opens(f format) bool { return opened(f) || w.parses(f) }
