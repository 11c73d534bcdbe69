package unpack_test

import (
	"runtime"
	"slices"
	"testing"
	"time"

	"leakwatch/matcher/unpack"
)

// What is left of the letters in pictures is said: the end of a long text, and the pictures for which there is no time.
func TestLimitsOfOCR(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("the command is of sh")
	}
	png := "\x89PNG\r\n\x1a\n" + string(random(1, 40_000))
	p := parsersOf(t, unpack.ParsersOptions{OCR: []string{"/bin/sh", "-c", "exec head -c 5000000 /dev/zero"}})
	if _, rep := walkParsed(t, p, "a.png", []byte(png), unpack.Limits{}); !slices.Equal(rep.Reasons, []string{
		"1 images, 40 kB: read by OCR", "OCR text limit 4 MiB: rest of 1 images left"}) || !rep.Cut {
		t.Errorf("%+v", rep)
	}
	p = parsersOf(t, unpack.ParsersOptions{OCR: []string{"/bin/sh", "-c", "exec sleep 600"}, OCRTime: 200 * time.Millisecond})
	doc := zipOf(t, file{"a.png", png}, file{"b.png", png}, file{"c.png", png})
	if _, rep := walkParsed(t, p, "a.zip", doc, unpack.Limits{}); !slices.Equal(rep.Reasons, []string{"3 images, 120 kB: not read, OCR time limit 200ms"}) {
		t.Errorf("%+v", rep)
	}
}
