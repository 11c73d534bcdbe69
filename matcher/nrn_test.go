package matcher_test

import (
	"testing"

	"leakwatch/leak"
)

func TestNrn(t *testing.T) {
	at := func(pattern, why string) string { return fill(t, leak.BENrn, pattern, why) }
	numbers{
		kind:   leak.BENrn,
		number: "85073003328", // of python-stdnum
		forms: []string{"85.07.30-033.28", "85.07.30-033-28", "85.07.30-033 28", "85073003328", "85.07.30.033.28", "85 07 30 033 28", "850730-033-28",
			"850730 033 28", "85.07.30 033.28"},
		hits: []hit{
			{"17.07.30-033.84", "17073003384", "17.07.30-033.84"}, // born in 2017, of python-stdnum
			self("98472899765"),                                                                                           // BIS number
			self(at("750000001??", "accepted")), self(at("752000998??", "accepted")), self(at("754000001??", "accepted")), // the date is not known
			self(at("000229001??", "accepted")), // 2000 had a leap day
		},
		misses: []string{"85.07.30-033.29", "85.07.30-03328", "85/07/30-033.28", "85.07.30-033.280", at("850731033??", "accepted") + "1", at("850732033??", "date"),
			at("851330033??", "date"), at("850230033??", "date"), at("850730000??", "format"), at("850730999??", "format"), "850730033"},
		counted: map[string]bool{"85073003328": true, "85.07.30-033.28": true},
		refused: map[string]string{"85.07.30-033.28": "accepted", "85073003329": "checksum", at("850732033??", "date"): "date", at("850730999??", "format"): "format",
			at("000101001??", "accepted")[3:]: "accepted", "850730033": "checksum"},
	}.check(t)
}
