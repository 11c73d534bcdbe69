package main

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"
)

const (
	beginMark = "<!-- bench: begin -->"
	endMark   = "<!-- bench: end -->"
)

// report makes the table.
func report(o options, rows []row, rg string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d MiB a text, %d registered, one worker, portable build, median of %d rounds in turn, %s %s/%s.\n\n",
		o.mib, o.registered, o.rounds, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	b.WriteString("| text | bytes an identifier | distinct candidates | allocations a run | ours GB/s | `rg -ob` GB/s | ratio | ours GB a CPU second | `rg -ob` | ratio |\n")
	b.WriteString("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n")
	for _, r := range rows {
		ours := speed(r.corpus.size, median(r.ours))
		fmt.Fprintf(&b, "| %s | %d | %d | %d | %.3f |", r.corpus.name, r.corpus.size/int64(max(1, r.corpus.ids)), r.candidates, r.allocs, ours)
		if rg == "" {
			b.WriteString(" not installed | | | | |\n")
			continue
		}
		other := speed(r.corpus.size, median(r.rg))
		fmt.Fprintf(&b, " %.3f | %.2f× |", other, ours/other)
		ours, other = speed(r.corpus.size, median(r.oursCPU)), speed(r.corpus.size, median(r.rgCPU))
		fmt.Fprintf(&b, " %.3f | %.3f | %.2f× |\n", ours, other, ours/other)
	}
	return b.String()
}

func speed(n int64, d time.Duration) float64 { return float64(n) / d.Seconds() / 1e9 }

// writeTable puts the table between the markers of a document.
func writeTable(path, table string) error {
	doc, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read the document of the table: %w", err)
	}
	i, j := bytes.Index(doc, []byte(beginMark)), bytes.Index(doc, []byte(endMark))
	if i < 0 || j < i {
		return fmt.Errorf("%s has no %s and %s", path, beginMark, endMark)
	}
	out := append([]byte{}, doc[:i+len(beginMark)]...)
	out = append(out, "\n"+table...)
	return os.WriteFile(path, append(out, doc[j:]...), 0o644)
}
