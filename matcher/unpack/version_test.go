package unpack

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// TestVersionRisesWithWhatIsRead fails when a format is read that was not: then Version is to be raised, so that documents of it that were
// left are due again, and both are to be written down here.
func TestVersionRisesWithWhatIsRead(t *testing.T) {
	t.Parallel()
	const version, read = "3", "7z ar br bz2 cpio dbf doc docx dot eml epub gz iso json lz4 lzip lzma mpp msg odg odp ods odt ole parquet pdf pgdump pps ppt pptx pub " +
		"rar rpm sqlite sqlite-journal sqlite-wal sz tar txt vsd wps xls xlsx xlt xz z zip zlib zst"
	all := map[string]bool{}
	for f := range extractors() {
		all[f] = true
	}
	for _, m := range magics {
		all[string(m.format)] = true
	}
	for _, f := range []format{fBzip2, fBrotli, fLZMA, fZlib, fTar, fCpio, fAr, fText, fJSON, "dbf"} {
		all[string(f)] = true
	}
	maps.DeleteFunc(all, func(f string, _ bool) bool {
		return extractors()[f] == nil && simple(format(f)) == nil && !opened(format(f)) && !textual(format(f))
	})
	if now := strings.Join(slices.Sorted(maps.Keys(all)), " "); now != read || Version != version {
		t.Errorf("version %s reads\n%s\nand was %s with\n%s", Version, now, version, read)
	}
}
