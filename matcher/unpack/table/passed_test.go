package table_test

import (
	"strings"
	"testing"

	"leakwatch/matcher/unpack/child"
	"leakwatch/matcher/unpack/table"
)

// TestXLSXWhatNoCellShows reads texts that no cell names any more, and what attributes say.
func TestXLSXWhatNoCellShows(t *testing.T) {
	t.Parallel()
	doc := zipOf(t, "xl/workbook.xml", `<workbook><sheets><sheet name="a" id="r1"/></sheets></workbook>`, "xl/_rels/workbook.xml.rels",
		`<Relationships><Relationship Id="r1" Type="x/worksheet" Target="s.xml"/><Relationship Id="r2" Type="x/sharedStrings" Target="t.xml"/></Relationships>`,
		"xl/t.xml", `<sst><si><t>gone 131052-308T</t></si><si><t>shown</t></si><si><t>Matti Meikäläinen</t></si></sst>`,
		"xl/s.xml", `<worksheet><sheetData><row r="1"><c t="s"><v>1</v></c><c t="s"><v>99</v></c></row></sheetData><dataValidations><dataValidation type="list" promptTitle="Meikalainen" prompt="010594Y9032"/></dataValidations></worksheet>`)
	r := run(table.XLSX, doc)
	for _, want := range []string{"shown\t", "gone 131052-308T\nMatti Meikäläinen\n", "Meikalainen\t010594Y9032\n"} {
		if !strings.Contains(all(r), want) || strings.Count(all(r), "shown") != 1 || strings.Contains(all(r), "list") || r.Outcome != child.Whole {
			t.Errorf("%q is not in %q, %s", want, all(r), r.Outcome)
		}
	}
}

// TestDBFBehindItsEnd reads what lies behind the mark of the end.
func TestDBFBehindItsEnd(t *testing.T) {
	t.Parallel()
	doc := append(dbfOf(2, false, " M\x84kinen     19940501131052-308"), " gone        19500101131052-308T\x1a"...)
	if r := run(table.DBF, doc); !strings.Contains(all(r), "131052-308T") || r.Outcome != child.Whole {
		t.Errorf("%q %s", all(r), r.Outcome)
	}
	if r := run(table.DBF, append(doc[:len(doc)-34], make([]byte, 9000)...)); len(r.Texts) != 1 || r.Outcome != child.Whole {
		t.Errorf("%q %s", all(r), r.Outcome)
	}
}
