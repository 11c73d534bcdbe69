package unpack

import (
	"bytes"
	"encoding/binary"
	"path"
	"slices"
	"strings"
)

// format is the short word for what bytes are, as reports, shapes and members say it.
type format string

// The formats that are opened, and two for all that has no mark of its own.
const (
	fGzip   format = "gz"
	fBzip2  format = "bz2"
	fXz     format = "xz"
	fZstd   format = "zst"
	fLZ4    format = "lz4"
	fSnappy format = "sz"
	fBrotli format = "br"
	fLZMA   format = "lzma"
	fLzip   format = "lzip"
	fLZW    format = "z"
	fZlib   format = "zlib"
	fTar    format = "tar"
	fZip    format = "zip"
	fCpio   format = "cpio"
	fAr     format = "ar"
	fRPM    format = "rpm"
	fISO    format = "iso"
	fText   format = "txt"
	fJSON   format = "json"
	fBinary format = "binary"
	fEmpty  format = "empty"
)

// magic is a mark that bytes of a format begin with, after at bytes of anything.
type magic struct {
	at     int
	mark   string
	format format
}

// magics are looked at in order. Those past the first lines are never opened: each is recorded as unreadable.
var magics = []magic{
	{0, "\x1f\x8b\x08", fGzip}, {0, "\xfd7zXZ\x00", fXz}, {0, "\x28\xb5\x2f\xfd", fZstd},
	{0, "PK\x03\x04", fZip}, {0, "PK\x05\x06", fZip}, {0, "PK\x07\x08PK\x03\x04", fZip},
	// documents
	{0, "%PDF-", "pdf"}, {0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"}, {0, "AT&TFORM", "djvu"},
	// archives and compressions
	{0, "7z\xbc\xaf\x27\x1c", "7z"}, {0, "Rar!\x1a\x07", "rar"}, {0, "MSCF\x00\x00\x00\x00", "cab"},
	{32769, "CD001", fISO}, {32769, "BEA01", "udf"}, {0, "\x04\x22\x4d\x18", fLZ4}, {0, "\x02\x21\x4c\x18", fLZ4},
	{0, "LZIP\x01", fLzip}, {0, "\x89LZO\x00\r\n\x1a\n", "lzo"}, {0, "\x1f\x9d", fLZW}, {0, "\x1f\xa0", "lzh"},
	{0, "\x1f\x1e", "pack"}, {0, "\xff\x06\x00\x00sNaPpY", fSnappy}, {0, "\xff\x06\x00\x00S2sTwO", fSnappy}, {2, "-lh", "lha"}, {0, "\x60\xea", "arj"}, {0, "xar!\x00", "xar"},
	{0, "\xed\xab\xee\xdb", fRPM}, {0, "ustar-", "tar-part"}, {0, "zlb\x1a", "zpaq"},
	{7, "**ACE**", "ace"}, {0, "ZOO ", "zoo"}, {0, "SIT!", "sit"}, {0, "StuffIt (c)", "sit"}, {0, "ALZ\x01", "alz"}, {0, "EGGA", "egg"},
	{0, "ISc(", "cab"}, {0, "LRZI", "lrzip"}, {0, "RZIP", "rzip"}, {0, "SZDD\x88\xf0\x27\x33", "mslz"}, {0, "KWAJ\x88\xf0\x27\xd1", "mslz"},
	{0, "MSWIM\x00\x00\x00", "wim"}, {0, "hsqs", "squashfs"}, {0, "sqsh", "squashfs"}, {0, "PAR2\x00PKT", "par2"}, {0, "bvx2", "lzfse"},
	// databases and tables
	{0, "\x37\x7f\x06\x82", "sqlite-wal"}, {0, "\x37\x7f\x06\x83", "sqlite-wal"}, {0, "\xd9\xd5\x05\xf9\x20\xa1\x63\xd7", "sqlite-journal"},
	{0, "SQLite format 3\x00", "sqlite"}, {0, "PAR1", "parquet"}, {0, "PARE", "parquet"}, {0, "Obj\x01", "avro"}, {0, "ORC", "orc"},
	{0, "\x00\x01\x00\x00Standard Jet DB", "mdb"}, {0, "\x00\x01\x00\x00Standard ACE DB", "accdb"},
	{0, "!BDN", "pst"}, {0, "\xcf\xad\x12\xfe", "dbx"}, {0, "ElfFile\x00", "evtx"}, {0, "regf", "hive"},
	{0, "PGDMP", "pgdump"}, {0, "\xfebin", "mysql-binlog"}, {0, "REDIS0", "rdb"}, {0, "\x89HDF\r\n\x1a\n", "hdf5"},
	{4, "\x00\x00\x00\x00MSSQLBAK", "mssql"}, {0, "TAPE\x00\x00", "mssql"},
	// pictures
	{0, "\x89PNG\r\n\x1a\n", "png"}, {0, "\xff\xd8\xff", "jpg"}, {0, "GIF87a", "gif"}, {0, "GIF89a", "gif"},
	{0, "II*\x00", "tiff"}, {0, "MM\x00*", "tiff"}, {8, "WEBP", "webp"}, {0, "8BPS", "psd"},
	{0, "\x00\x00\x01\x00\x01\x00", "ico"}, {4, "ftypheic", "heic"}, {4, "ftypmif1", "heic"}, {4, "ftypavif", "avif"},
	{128, "DICM", "dicom"}, {0, "\x00\x00\x00\x0cjP  \r\n", "jp2"},
	// sound and film
	{0, "ID3", "mp3"}, {0, "fLaC", "flac"}, {0, "OggS", "ogg"}, {8, "WAVE", "wav"}, {8, "AVI ", "avi"},
	{4, "ftypM4A", "m4a"}, {4, "ftypqt", "mov"}, {4, "ftyp", "mp4"}, {0, "\x1a\x45\xdf\xa3", "mkv"},
	{0, "\x30\x26\xb2\x75\x8e\x66\xcf\x11", "wmv"}, {0, "FLV\x01", "flv"}, {0, "\x00\x00\x01\xba", "mpeg"},
	{0, "\x00\x00\x01\xb3", "mpeg"}, {0, "#!AMR", "amr"}, {0, "MThd", "midi"},
	// programs
	{0, "\x7fELF", "elf"}, {0, "\xca\xfe\xba\xbe", "class"}, {0, "\xcf\xfa\xed\xfe", "macho"},
	{0, "\xce\xfa\xed\xfe", "macho"}, {0, "\x00asm", "wasm"}, {0, "dex\n", "dex"},
	// discs, captures, keys, fonts
	{64, "\x7f\x10\xda\xbe", "vdi"}, {0, "EVF\x09\x0d\x0a\xff\x00", "ewf"}, {3, "NTFS    ", "ntfs"}, {54, "FAT1", "fat"}, {82, "FAT32", "fat"},
	{512, "EFI PART", "disk"}, {32, "NXSB", "apfs"}, {1024, "H+\x00\x04", "hfs"}, {16, "Compressed ROMFS", "cramfs"},
	{0, "KDMV", "vmdk"}, {0, "COWD", "vmdk"}, {0, "conectix", "vhd"}, {0, "vhdxfile", "vhdx"}, {0, "QFI\xfb", "qcow"},
	{0, "LUKS\xba\xbe", "luks"}, {0, "-FVE-FS-", "bitlocker"}, {3, "-FVE-FS-", "bitlocker"},
	{0, "\xd4\xc3\xb2\xa1", "pcap"}, {0, "\xa1\xb2\xc3\xd4", "pcap"}, {0, "\x0a\x0d\x0d\x0a", "pcapng"},
	{0, "Salted__", "openssl"}, {0, "age-encryption.org/v1", "age"}, {0, "\x03\xd9\xa2\x9a", "kdbx"},
	{0, "wOFF", "woff"}, {0, "wOF2", "woff"}, {0, "OTTO\x00", "otf"}, {0, "\x00\x01\x00\x00\x00", "ttf"},
	{0, "d8:announce", "torrent"}, {0, "bplist00", "plist"},
}

// magicsBy are the magics by where their mark is, first of all those at the beginning, and by its first byte.
var magicsBy = func() (by []magicsAt) {
	for _, m := range magics {
		i, found := slices.BinarySearchFunc(by, m.at, func(a magicsAt, at int) int { return a.at - at })
		if !found {
			by = slices.Insert(by, i, magicsAt{at: m.at})
		}
		by[i].by[m.mark[0]] = append(by[i].by[m.mark[0]], m)
	}
	return by
}()

type magicsAt struct {
	at int
	by [256][]magic
}

// known gives the format that head is marked as, or "".
func known(head []byte) format {
	for i := range magicsBy {
		a := &magicsBy[i]
		if len(head) <= a.at {
			break
		}
		b := head[a.at:]
		for _, m := range a.by[b[0]] {
			if len(b) >= len(m.mark) && string(b[:len(m.mark)]) == m.mark {
				return m.format
			}
		}
	}
	if f := skippable(head); f != "" {
		return f
	}
	switch {
	case len(head) >= 10 && string(head[:3]) == "BZh" && head[3] >= '1' && head[3] <= '9' &&
		(string(head[4:10]) == "1AY&SY" || string(head[4:10]) == "\x17rE8P\x90"):
		return fBzip2
	case isTar(head):
		return fTar
	case bytes.Contains(head[:min(len(head), 1024)], []byte("%PDF-1")) && !bytes.HasPrefix(head, []byte("PK")):
		return "pdf"
	case isCpio(head):
		return fCpio
	case isAr(head):
		return fAr
	case isLZMA(head):
		return fLZMA
	case isZlib(head):
		return fZlib
	case len(head) > 64 && string(head[:2]) == "MZ" && hasNUL(head[:64]):
		return "exe"
	case len(head) > 14 && string(head[:2]) == "BM" && string(head[6:10]) == "\x00\x00\x00\x00":
		return "bmp"
	case isDBF(head):
		return "dbf"
	}
	return ""
}

// isTar checks a header block's own sum, so that archives without the ustar mark are known too.
func isTar(head []byte) bool {
	if len(head) < 512 {
		return false
	}
	want, ok := octal(head[148:156])
	if !ok {
		return false
	}
	var unsigned, signed int64
	for i, c := range head[:512] {
		if i >= 148 && i < 156 {
			c = ' '
		}
		unsigned += int64(c)
		signed += int64(int8(c))
	}
	return want != 256 && (want == unsigned || want == signed)
}

func octal(b []byte) (n int64, ok bool) {
	for _, c := range b {
		switch {
		case c >= '0' && c <= '7':
			n, ok = n<<3|int64(c-'0'), true
		case c != ' ' && c != 0:
			return 0, false
		}
	}
	return n, ok
}

// skippable knows the frames that some writers put before a zstd or lz4 stream.
func skippable(head []byte) format {
	rest := head
	for len(rest) >= 12 && rest[0]&0xf0 == 0x50 && string(rest[1:4]) == "\x2a\x4d\x18" {
		next := 8 + int64(binary.LittleEndian.Uint32(rest[4:]))
		if next+4 > int64(len(rest)) {
			return fZstd
		}
		rest = rest[next:]
	}
	switch {
	case len(rest) == len(head), len(rest) < 4:
		return ""
	case string(rest[:4]) == "\x28\xb5\x2f\xfd":
		return fZstd
	case string(rest[:4]) == "\x04\x22\x4d\x18":
		return fLZ4
	}
	return ""
}

// isDBF looks at a dBASE header: version, date, and a header length that fits its fields.
func isDBF(head []byte) bool {
	if len(head) < 65 || !strings.ContainsRune("\x02\x03\x04\x05\x30\x31\x32\x43\x63\x83\x8b\x8e\xcb\xf5\xfb", rune(head[0])) {
		return false
	}
	size := int(binary.LittleEndian.Uint16(head[8:]))
	fields := size - 33
	if head[0]&0x30 == 0x30 {
		fields -= 263
	}
	return head[2] >= 1 && head[2] <= 12 && head[3] >= 1 && head[3] <= 31 && fields > 0 && fields%32 <= 1 &&
		head[30] == 0 && strings.IndexByte("CNDLMFBGPYTI@O+", head[43]) >= 0
}

func hasNUL(b []byte) bool { return bytes.IndexByte(b, 0) >= 0 }

// extension is the lower-case last extension of a name without its dot.
func extension(name string) string {
	return strings.ToLower(strings.TrimPrefix(path.Ext(strings.ReplaceAll(name, `\`, "/")), "."))
}

// marked are extensions of formats without a mark, or whose mark is shared (OLE2). What has the extension and is not
// text is called by it.
func marked(ext string) bool {
	return strings.Contains(" br lzma z lz4 lzo dbf doc dot xls xlt ppt pps msg mdb pub vsd one mpp wpd wps sav dta por sas7bdat xpt "+
		"mp3 aac mpg mpeg ts swf mxf raw cr2 nef arw dng gpg pgp tc hc vhd img dmg fdb gdb frm ibd myd myi mdf ldf ndf "+
		"bkf edb ost nsf dbx wim esd squashfs ace sit zoo lha arj pak so dll pyc ", " "+ext+" ")
}

// bare formats keep text as it was, without compression: their bytes are read as they lie, though never as whole.
func bare(f format) bool {
	return strings.Contains(" pdf ole doc dot xls xlt ppt pps msg mdb accdb pub vsd one udf sqlite sqlite-wal sqlite-journal dbf pst dbx evtx hive pgdump "+
		"mysql-binlog rdb mssql hdf5 avro parquet orc exe elf macho class wasm dex pcap pcapng plist torrent tar-part dicom dta sav por sas7bdat xpt "+
		"fdb gdb frm ibd myd myi mdf ldf ndf bkf edb ost nsf img so dll vmdk vhd vhdx qcow vdi ntfs fat apfs hfs disk rtf wpd wps "+string(fBinary)+" ",
		" "+string(f)+" ")
}
