package main

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"strings"

	"leakwatch/leak"
)

const (
	beginMark = "<!-- bench: begin -->"
	endMark   = "<!-- bench: end -->"
)

// report makes the tables.
func (m *measured) report() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d MiB a text, %d registered, median of %d rounds in turn, %s %s/%s, %d processors.\n\n",
		m.o.mib, m.o.registered, m.o.rounds, runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
	m.speedTable(&b, "On the clock, GB a second, one worker; in brackets how many times as fast as the first peer:", speed.perWall)
	m.speedTable(&b, "For each second of processor time, GB:", speed.perCPU)
	m.detailTable(&b)
	m.archiveTable(&b)
	m.recallTable(&b)
	m.precisionTable(&b)
	return b.String()
}

func (m *measured) speedTable(b *strings.Builder, title string, of func(speed) float64) {
	fmt.Fprintf(b, "%s\n\n| text |", title)
	for _, o := range m.ours {
		fmt.Fprintf(b, " ours, %s |", o.name)
	}
	for _, p := range m.peers {
		fmt.Fprintf(b, " `%s` |", p.name)
	}
	fmt.Fprintf(b, "\n| --- |%s\n", strings.Repeat(" ---: |", len(m.ours)+len(m.peers)))
	for _, t := range m.texts {
		fmt.Fprintf(b, "| %s |", t.name)
		for _, o := range m.ours {
			ours := of(median(m.speeds[t.name+" "+o.name]))
			fmt.Fprintf(b, " %.3f", ours)
			if len(m.peers) > 0 {
				fmt.Fprintf(b, " (%.2f×)", ours/of(median(m.speeds[t.name+" "+m.peers[0].name])))
			}
			b.WriteString(" |")
		}
		for _, p := range m.peers {
			fmt.Fprintf(b, " %.3f |", of(median(m.speeds[t.name+" "+p.name])))
		}
		b.WriteString("\n")
	}
	b.WriteString("| what it finds |" + strings.Repeat(" registered people, checked, with offsets |", len(m.ours)))
	for _, p := range m.peers {
		fmt.Fprintf(b, " %s |", p.finds)
	}
	b.WriteString("\n\n")
}

func (m *measured) detailTable(b *strings.Builder) {
	b.WriteString("| text | bytes an identifier | distinct candidates | allocations a run | two workers, portable | two workers, kernels |\n| --- | ---: | ---: | ---: | ---: | ---: |\n")
	for _, t := range m.texts {
		a := m.last[t.name+" "+m.ours[0].name]
		fmt.Fprintf(b, "| %s | %d | %d | %d |", t.name, t.Size/int64(max(1, t.IDs)), a.Candidates, a.Allocs)
		for _, o := range m.ours {
			fmt.Fprintf(b, " %.2f× |", median(m.speeds[t.name+" "+who(o, 2)]).perWall()/median(m.speeds[t.name+" "+o.name]).perWall())
		}
		b.WriteString("\n")
	}
	b.WriteString("\n")
}

func (m *measured) archiveTable(b *strings.Builder) {
	fmt.Fprintf(b, "Notes, dump and paste as one gzip of %d MiB (%d MiB unpacked), GB of text a second:\n\n", m.packed>>20, m.unpacked>>20)
	b.WriteString("| build | unpacking alone, one processor | read whole, one processor | read whole, two processors |\n| --- | ---: | ---: | ---: |\n")
	for _, o := range m.ours {
		at := func(do string) float64 { return median(m.speeds["gzip "+o.name+" "+do]).perWall() }
		alone := at("gunzip 1")
		fmt.Fprintf(b, "| %s | %.3f | %.3f (%.2f×) | %.3f (%.2f×) |\n", o.name, alone, at("gz 1"), at("gz 1")/alone, at("gz 2"), at("gz 2")/alone)
	}
	b.WriteString("\n")
}

// recallTable says what was found of what was planted, by groups of shapes and classes of kinds.
func (m *measured) recallTable(b *strings.Builder) {
	if m.o.recall <= 0 {
		return
	}
	fmt.Fprintf(b, "Found of what was planted, every kind in every shape, %d documents of each:\n\n", m.o.recall)
	b.WriteString("| shapes | documents | strong | medium | weak |\n| --- | ---: | ---: | ---: | ---: |\n")
	for _, g := range m.recall.Groups() {
		fmt.Fprintf(b, "| %s | %d |", g, m.recall.Documents(g))
		for _, class := range []leak.Class{leak.Strong, leak.Medium, leak.Weak} {
			n, of := m.recall.Of(g, func(k leak.Kind) bool { return k.Class() == class })
			fmt.Fprintf(b, " %d of %d |", n, of)
		}
		b.WriteString("\n")
	}
	b.WriteString("\n")
}

func (m *measured) precisionTable(b *strings.Builder) {
	if m.o.precision <= 0 {
		return
	}
	told := map[leak.Confidence]int{}
	for _, f := range m.precision.Findings {
		told[f.Verdict.Confidence]++
	}
	var hits, candidates int64
	for _, c := range m.precision.Whole.Clinics {
		for _, n := range c.Hits {
			hits += n
		}
	}
	for _, n := range m.precision.Whole.Candidates {
		candidates += n
	}
	fmt.Fprintf(b, "Clean text: %d MiB in %d texts of fifteen sorts, against %d rows of thirteen clinics: %d distinct valid candidates, %d chance hits that count; verdicts of confirmed %d, probable %d, possible %d.\n",
		m.precision.Bytes>>20, m.precision.Texts, m.o.registered, candidates, hits, told[leak.Confirmed], told[leak.Probable], told[leak.Possible])
}

// writeTables puts the tables between the markers of a document.
func writeTables(path, tables string) error {
	doc, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read the document of the tables: %w", err)
	}
	i, j := bytes.Index(doc, []byte(beginMark)), bytes.Index(doc, []byte(endMark))
	if i < 0 || j < i {
		return fmt.Errorf("%s has no %s and %s", path, beginMark, endMark)
	}
	out := append([]byte{}, doc[:i+len(beginMark)]...)
	out = append(out, "\n"+tables...)
	return os.WriteFile(path, append(out, doc[j:]...), 0o644)
}
