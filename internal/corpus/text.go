package corpus

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// writing writes records in a format of text.
type writing struct {
	name  string // of the format, and of the shape
	file  string
	write func(*page, []Record)
}

// writings are all formats of text that are one file of characters.
var writings = []writing{
	{"prose", "notes.txt", prose("fi")}, {"key-value", "patient.txt", keyValue},
	{"csv comma", "patients.csv", csv(",", `"`, "\n")}, {"csv semicolon", "patients.csv", csv(";", "", "\r\n")},
	{"csv tab", "patients.tsv", csv("\t", "", "\n")}, {"csv pipe", "patients.csv", csv("|", "", "\n")},
	{"csv quoted", "patients.csv", csv(";", `'`, "\n")}, {"csv no header", "patients.csv", bareCSV},
	{"mysqldump", "dump.sql", mysqldump}, {"pg copy", "dump.sql", pgCopy}, {"mssql", "dump.sql", mssql},
	{"jsonl", "patients.jsonl", jsonLines(plainJSON)}, {"json", "patients.json", jsonWhole(plainJSON)},
	{"json escapes", "patients.json", jsonWhole(escapedJSON)}, {"json in json", "log.json", jsonInJSON},
	{"xml elements", "patients.xml", xmlElements}, {"xml attributes", "patients.xml", xmlAttributes}, {"xml entities", "patients.xml", xmlEntities},
	{"html text", "page.html", html(htmlPlain)}, {"html entities", "page.html", html(htmlEntities)}, {"html attributes", "page.html", htmlAttributes},
	{"html split by tags", "page.html", html(htmlTags)}, {"rtf", "notes.rtf", rtf(false)}, {"rtf split by runs", "notes.rtf", rtf(true)},
	{"url escapes", "access.log", urlEscapes}, {"quoted-printable", "mail.eml", quotedPrintable}, {"ldif", "people.ldif", ldif},
	{"vcf", "people.vcf", vcard}, {"ics", "visits.ics", calendar}, {"yaml", "patients.yaml", yaml}, {"log", "app.log", logLines},
}

// prose speaks of every identifier in a sentence.
func prose(language string) func(*page, []Record) {
	return func(p *page, records []Record) {
		for _, rec := range records {
			for _, i := range rec {
				p.say(sentence(p.r, language), " ", i.ID.Words, " ")
				p.plant(i)
				p.say(". ", sentence(p.r, language), "\n")
			}
			p.say("\n")
		}
	}
}

func keyValue(p *page, records []Record) {
	for _, rec := range records {
		for _, i := range rec {
			p.say(i.ID.Words, ": ")
			p.plant(i)
			p.say("\n")
		}
		p.say("--\n")
	}
}

// csv has a column for each place in a record; what is in it stands before it.
func csv(sep, quote, end string) func(*page, []Record) {
	return func(p *page, records []Record) {
		p.say("id", sep, "type", sep, "a", sep, "type", sep, "b", sep, "type", sep, "c", sep, "note", end)
		for n, rec := range records {
			p.say(strconv.Itoa(n + 1))
			for _, i := range rec {
				p.say(sep, quote+i.ID.Words+quote, sep, quote)
				p.plant(i)
				p.say(quote)
			}
			p.say(sep, quote+strings.TrimSuffix(sentence(p.r, "fi"), ".")+quote, end)
		}
	}
}

// bareCSV has no word that says what is in it: records must speak for each other.
func bareCSV(p *page, records []Record) {
	for n, rec := range records {
		p.say(strconv.Itoa(n + 1))
		for _, i := range rec {
			p.say(",")
			p.plant(i)
		}
		p.say(",x\n")
	}
}

func (p *page) quoted(i Item, open, close string) {
	p.raw(open)
	p.plant(i)
	p.raw(close)
}

func mysqldump(p *page, records []Record) {
	p.escape = strings.NewReplacer(`\`, `\\`, `'`, `\'`, "\n", `\n`).Replace
	p.raw("-- MySQL dump 10.13  Distrib 8.0.36\nDROP TABLE IF EXISTS `patient`;\nINSERT INTO `patient` VALUES ")
	for n, rec := range records {
		p.raw(fmt.Sprintf("(%d,NULL", n+1))
		for _, i := range rec {
			p.raw(",'")
			p.say(i.ID.Words)
			p.quoted(i, "','", "'")
		}
		p.raw(",'")
		p.say("O'n\n" + sentence(p.r, "fi"))
		p.raw([]string{"'),", "');\nINSERT INTO `patient` VALUES "}[p.r.IntN(2)])
	}
	p.raw("(0,NULL,'');\n")
}

func pgCopy(p *page, records []Record) {
	p.escape = strings.NewReplacer(`\`, `\\`, "\t", `\t`, "\n", `\n`).Replace
	p.raw("--\n-- PostgreSQL database dump\n--\nCOPY public.patient (id, note, values) FROM stdin;\n")
	for n, rec := range records {
		p.raw(strconv.Itoa(n+1), "\t\\N")
		for _, i := range rec {
			p.raw("\t")
			p.say("line\n", i.ID.Words, "\t")
			p.plant(i)
		}
		p.raw("\n")
	}
	p.raw("\\.\n")
}

func mssql(p *page, records []Record) {
	p.escape = strings.NewReplacer(`'`, `''`).Replace
	p.raw("USE [clinic]\r\nGO\r\nSET IDENTITY_INSERT [dbo].[Patient] ON\r\n")
	for n, rec := range records {
		p.raw("INSERT [dbo].[Patient] ([Id], [A]) VALUES (", strconv.Itoa(n+1), ", NULL")
		for _, i := range rec {
			p.raw(", N'")
			p.say(i.ID.Words, "'s")
			p.quoted(i, "', N'", "'")
		}
		p.raw(", CAST(N'2019-04-01T00:00:00.000' AS DateTime))\r\nGO\r\n")
	}
}

func plainJSON(p *page) func(string) string {
	return func(s string) string {
		b, _ := json.Marshal(s) // a string always can
		return string(b[1 : len(b)-1])
	}
}

// escapedJSON writes some characters, and all that may be, as escapes.
func escapedJSON(p *page) func(string) string {
	return eachRune(func(c rune) string {
		switch {
		case c == '/':
			return `\/`
		case c > 126 || c == '@' || c < 32 || c == '"' || c == '\\' || p.r.IntN(3) == 0:
			return fmt.Sprintf(`\u%04x`, c)
		}
		return string(c)
	})
}

func (p *page) jsonObject(rec Record) {
	p.raw(`{"id":`, strconv.Itoa(p.r.IntN(9999)))
	for n, i := range rec {
		p.raw(`,"key`, strconv.Itoa(n), `":"`)
		p.say(i.ID.Words)
		p.quoted(i, `","value":"`, `"`)
	}
	p.raw(`,"ok":true}`)
}

func jsonLines(escape func(*page) func(string) string) func(*page, []Record) {
	return func(p *page, records []Record) {
		p.escape = escape(p)
		for _, rec := range records {
			p.jsonObject(rec)
			p.raw("\n")
		}
	}
}

func jsonWhole(escape func(*page) func(string) string) func(*page, []Record) {
	return func(p *page, records []Record) {
		p.escape = escape(p)
		p.raw("{\"patients\": [\n")
		for n, rec := range records {
			if n > 0 {
				p.raw(",\n")
			}
			p.jsonObject(rec)
		}
		p.raw("\n]}\n")
	}
}

// jsonInJSON has objects as strings of objects, as logs do.
func jsonInJSON(p *page, records []Record) {
	for _, rec := range records {
		in := page{r: p.r}
		in.escape = escapedJSON(&in)
		p.raw(`{"level":"info","body":"`)
		for n, i := range rec {
			in.b = in.b[:0]
			if n == 0 {
				in.raw(`{"id":1`)
			}
			in.raw(`,"x`, strconv.Itoa(n), `":"`)
			in.say(i.ID.Words, " ")
			p.escape = plainJSON(p)
			p.say(string(in.b))
			in.b = in.b[:0]
			in.say(i.Form)
			p.plant(Item{i.Person, i.ID, string(in.b), i.Odd})
			p.say(`"`)
		}
		p.say("}")
		p.raw("\"}\n")
	}
}

func yaml(p *page, records []Record) {
	for _, rec := range records {
		p.say("- patient:\n")
		for _, i := range rec {
			p.say("    ", i.ID.Words, ": '")
			p.plant(i)
			p.say("'\n")
		}
	}
}

func logLines(p *page, records []Record) {
	for _, rec := range records {
		for _, i := range rec {
			p.say(fmt.Sprintf("2026-03-%02dT10:%02d:00.123Z INFO [worker-3] update of %s=", 1+p.r.IntN(28), p.r.IntN(60), i.ID.Words))
			p.plant(i)
			p.say(fmt.Sprintf(" took %dms\n", p.r.IntN(900)))
		}
	}
}
