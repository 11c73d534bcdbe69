package unpack_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"leakwatch/leak"
	"leakwatch/matcher/unpack"
)

// cpioOf writes an archive in one of the four forms.
func cpioOf(form string, files ...file) []byte {
	var b bytes.Buffer
	for _, f := range append(slices.Clone(files), file{"TRAILER!!!", ""}) {
		mode := 0o100600
		switch {
		case strings.HasSuffix(f.name, "link"):
			mode = 0o120777
		case strings.HasSuffix(f.name, "/"):
			mode = 0o040700
		}
		align := 4
		switch form {
		case "newc":
			fmt.Fprintf(&b, "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x", 1, mode, 7, 8, 1, 1700000000, len(f.body), 0, 0, 0, 0, len(f.name)+1, 0)
		case "odc":
			align = 1
			fmt.Fprintf(&b, "070707%06o%06o%06o%06o%06o%06o%06o%011o%06o%011o", 1, 1, mode, 7, 8, 1, 0, 1700000000, len(f.name)+1, len(f.body))
		default:
			align = 2
			o := binary.AppendByteOrder(binary.LittleEndian)
			if form == "big" {
				o = binary.BigEndian
			}
			t, n := 1700000000, len(f.body)
			for _, v := range []int{0o070707, 1, 1, mode, 7, 8, 1, 0, t >> 16, t & 0xffff, len(f.name) + 1, n >> 16, n & 0xffff} {
				b.Write(o.AppendUint16(nil, uint16(v)))
			}
		}
		b.WriteString(f.name + "\x00")
		b.Write(make([]byte, -b.Len()&(align-1)))
		b.WriteString(f.body)
		b.Write(make([]byte, -b.Len()&(align-1)))
	}
	return b.Bytes()
}

// arOf writes an archive with long names as GNU or BSD would.
func arOf(bsd bool, files ...file) []byte {
	var b, table bytes.Buffer
	b.WriteString("!<arch>\n")
	entry := func(name, body string) {
		fmt.Fprintf(&b, "%-16s%-12d%-6d%-6d%-8o%-10d`\n%s", name, 1700000000, 7, 8, 0o100600, len(body), body)
		if len(body)%2 == 1 {
			b.WriteByte('\n')
		}
	}
	var names []string
	for _, f := range files {
		names = append(names, fmt.Sprintf("/%d", table.Len()))
		table.WriteString(f.name + "/\n")
	}
	if !bsd {
		entry("//", table.String())
	}
	for i, f := range files {
		if bsd {
			entry(fmt.Sprintf("#1/%d", len(f.name)), f.name+f.body)
			continue
		}
		entry(names[i], f.body)
	}
	return b.Bytes()
}

func TestArchivesInARow(t *testing.T) {
	t.Parallel()
	files := []file{{"clients/Mäkinen, Matti.txt", "odd" + records(30)}, {"clients/b.bin", string(random(1, 3001))}, {"a/long/name/of/b.txt", "second " + notes}}
	linked := append(slices.Clone(files), file{"the link", "clients/liisa.txt"})
	for name, doc := range map[string][]byte{
		"newc.cpio": cpioOf("newc", linked...), "odc.cpio": cpioOf("odc", linked...), "little.cpio": cpioOf("little", linked...), "big.cpio": cpioOf("big", linked...),
		"twice.cpio": slices.Concat(cpioOf("newc", file{"first.txt", notes}), make([]byte, 512), cpioOf("newc", linked...)),
		"image.cpio": slices.Concat(cpioOf("newc", file{"first.txt", notes}), make([]byte, 90_000), gzipOf(t, cpioOf("newc", linked...))),
		"gnu.ar":     arOf(false, files...), "bsd.ar": arOf(true, files...),
		"a.deb": arOf(false, file{"debian-binary", "2.0\n"}, file{"data.tar.gz", string(gzipOf(t, tarOf(t, files...)))}),
	} {
		r, rep := walk(t, name, doc, unpack.Limits{})
		one, ok := r.find("line 29: " + notes)
		_, two := r.find("second " + notes)
		if !ok || !two || !strings.HasSuffix(one.place, "!clients/Mäkinen, Matti.txt") || !slices.Equal(rep.Reasons, []string{"binary: 1 unreadable, read as bytes"}) {
			t.Errorf("%s: %v %v %q %s %q", name, ok, two, one.place, rep.Completeness, rep.Reasons)
		}
		if strings.HasSuffix(name, ".cpio") && !slices.Contains(r.names(), "clients/liisa.txt") {
			t.Errorf("%s: names %q", name, r.names())
		}
		i := slices.IndexFunc(r.members, func(m leak.Member) bool { return strings.HasSuffix(m.Place.Reveal(), "!a/long/name/of/b.txt") })
		if m := r.members[i]; m.SHA256 != sum("second "+notes) || name != "a.deb" && (m.Owner != "7:8" || m.ModTime.Unix() != 1700000000) {
			t.Errorf("%s: %+v", name, m)
		}
		// Behind the end of one archive nobody knows that another should come.
		for n := 200; n < len(doc)-130 && !strings.HasPrefix(name, "twice") && !strings.HasPrefix(name, "image"); n += len(doc)/20 + 1 {
			if _, rep := walk(t, name, doc[:n], unpack.Limits{}); rep.Completeness == leak.Whole {
				t.Errorf("%s cut after %d of %d is whole", name, n, len(doc))
			}
		}
	}
}

func TestCpioGoesOn(t *testing.T) {
	t.Parallel()
	doc := cpioOf("newc", file{"a.txt", records(9)}, file{"b.txt", records(2000)}, file{"c.txt", "last " + notes})
	copy(doc[bytes.Index(doc, []byte("b.txt"))-50:], "no digits")
	r, rep := walk(t, "a.cpio", doc, unpack.Limits{})
	if _, ok := r.find("last " + notes); !ok || !has(rep, "cpio: damaged in 1 places") {
		t.Errorf("%v %+v", ok, rep)
	}
}

func TestRPM(t *testing.T) {
	t.Parallel()
	header := func(body string) []byte {
		h := append([]byte("\x8e\xad\xe8\x01\x00\x00\x00\x00\x00\x00\x00\x01"), binary.BigEndian.AppendUint32(nil, uint32(len(body)))...)
		return append(append(h, make([]byte, 16)...), body...)
	}
	signature := header("signature..")
	lead := append([]byte("\xed\xab\xee\xdb\x03\x00\x00\x00\x00\x01lead@example.com"), make([]byte, 70)...)
	doc := slices.Concat(lead, signature, make([]byte, -len(signature)&7),
		header("packager\x00matti.meikalainen@example.com\x00"), zstdOf(t, cpioOf("newc", file{"./a.txt", records(30)})))
	r, rep := walk(t, "a.rpm", doc, unpack.Limits{})
	_, ok := r.find("line 29: " + notes)
	if _, first := r.find("lead@example.com"); !first {
		t.Error("what stands before the headers was not read")
	}
	if who, head := r.find("packager"); !ok || !head || !strings.Contains(who.text, markers[1]) || rep.Completeness != leak.Whole || rep.Shape != "rpm/zst/cpio/txt" {
		t.Errorf("%v %v %+v", ok, head, rep)
	}
}

func TestISO(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"both.iso.gz", "joliet.iso.gz"} {
		r, rep := walk(t, name, sample(t, name), unpack.Limits{})
		one, ok := r.find("line 59: " + notes)
		_, two := r.find("second " + notes)
		if !ok || !two || !strings.HasSuffix(one.place, "clients/Matti Meikäläisen tiedot (kaikki).txt") || rep.Completeness != leak.Whole || rep.Shape != "gz/iso/txt" {
			t.Errorf("%s: %v %v %q %+v", name, ok, two, one.place, rep)
		}
		names := r.names()
		if !slices.Contains(names, "clients/deep/er/b.txt") || !slices.Contains(names, "empty.txt") || name == "both.iso.gz" && (!slices.Contains(names, "clients/nowhere.txt") || !slices.Contains(names, "DISC OF CLINIC")) {
			t.Errorf("%s: names %q", name, names)
		}
		if n := len(r.members); n > 7 {
			t.Errorf("%s: %d members: %q", name, n, names)
		}
	}
}

// made runs a program in a folder with files, and gives what it wrote to a file or to its output.
func made(t *testing.T, variable, what, out string, input string, files []file, args ...string) []byte {
	t.Helper()
	path := os.Getenv(variable)
	if path == "" {
		t.Skipf("%s is not set: path of %s", variable, what)
	}
	dir := t.TempDir()
	for _, f := range files {
		at := filepath.Join(dir, f.name)
		if err := os.MkdirAll(filepath.Dir(at), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at, []byte(f.body), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c := exec.Command(path, args...)
	c.Dir, c.Stdin = dir, strings.NewReader(input)
	got, err := c.Output()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	if out == "" {
		return got
	}
	if got, err = os.ReadFile(filepath.Join(dir, out)); err != nil {
		t.Fatal(err)
	}
	return got
}

func TestArchivesOfOthers(t *testing.T) {
	t.Parallel()
	files := []file{{"clients/a.txt", records(200)}, {"clients/a name that is longer than sixteen.txt", "second " + notes}}
	list := files[0].name + "\n" + files[1].name + "\n"
	check := func(t *testing.T, name string, doc []byte) {
		r, rep := walk(t, name, doc, unpack.Limits{})
		_, ok := r.find("line 199: " + notes)
		if _, two := r.find("second " + notes); !ok || !two || rep.Completeness != leak.Whole {
			t.Errorf("%s: %v %v %+v", name, ok, two, rep)
		}
	}
	t.Run("cpio", func(t *testing.T) {
		for _, form := range []string{"bin", "odc", "newc", "crc", "tar", "ustar", "hpbin", "hpodc"} {
			check(t, form+".cpio", made(t, "LEAKWATCH_TEST_CPIO", "GNU cpio", "", list, files, "-o", "-H", form))
		}
	})
	t.Run("ar", func(t *testing.T) {
		check(t, "a.a", made(t, "LEAKWATCH_TEST_AR", "ar of binutils", "a.a", "", files, "rc", "a.a", files[0].name, files[1].name))
	})
	t.Run("iso", func(t *testing.T) {
		for _, args := range []string{"-R -J", "-R", "-J", "-quiet", "-R -udf"} {
			doc := made(t, "LEAKWATCH_TEST_GENISOIMAGE", "genisoimage", "a.iso", "", files, append(strings.Fields(args), "-o", "a.iso", "clients")...)
			r, rep := walk(t, "a.iso", doc, unpack.Limits{})
			_, ok := r.find("line 199: " + notes)
			if _, two := r.find("second " + notes); !ok || !two || has(rep, "iso: 1 with a UDF") != strings.Contains(args, "udf") || len(rep.Reasons) > 1 {
				t.Errorf("%s: %v %v %+v", args, ok, two, rep)
			}
		}
	})
	t.Run("lzip", func(t *testing.T) {
		check(t, "a.lz", made(t, "LEAKWATCH_TEST_LZIP", "lzip", "", records(200)+"second "+notes, nil, "-9", "-c"))
	})
	t.Run("compress", func(t *testing.T) {
		for _, bits := range []string{"10", "12", "16"} {
			check(t, "a.Z", made(t, "LEAKWATCH_TEST_COMPRESS", "compress of ncompress", "", records(200)+"second "+notes, nil, "-b"+bits, "-c"))
		}
	})
}

// TestTarInParts reads the volumes of a tar that goes over several, each for itself: the second begins with the rest of a
// member, under a header of its own (type M), or, when it was cut anywhere, in the middle of one.
func TestTarInParts(t *testing.T) {
	t.Parallel()
	whole := tarOf(t, file{"a.txt", records(300)}, file{"b.txt", "second " + notes})
	cut := 10 * 1024
	rest := len(records(300)) - (cut - 512)
	head := slices.Clone(whole[:512])
	head[156] = 'M'
	copy(head[124:], fmt.Sprintf("%011o\x00", rest))
	copy(head[148:], "        ")
	sum := 0
	for _, c := range head {
		sum += int(c)
	}
	copy(head[148:], fmt.Sprintf("%06o\x00 ", sum))
	for name, c := range map[string]struct {
		doc  []byte
		want string
	}{
		"a.tar.001": {whole[:cut], "line 5: "},
		"a.tar.002": {slices.Concat(head, whole[cut:]), "line 299: "},
		"a.tar.003": {slices.Concat(head, whole[cut:]), "second "},
		"a.tar.ab":  {whole[cut:], "line 299: "},
		"b.tar.ab":  {whole[cut:], "second "},
	} {
		r, rep := walk(t, name, c.doc, unpack.Limits{})
		if _, ok := r.find(c.want); !ok {
			t.Errorf("%s: %+v", name, rep)
		}
		if name == "a.tar.001" && !has(rep, "tar: truncated") {
			t.Errorf("%s: %+v", name, rep)
		}
	}
}
