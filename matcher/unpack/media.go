package unpack

import (
	"maps"
	"mime"
	"slices"
)

// mediaTypes are the registered names of formats that content tells.
var mediaTypes = map[format]string{
	fGzip: "application/gzip", fBzip2: "application/x-bzip2", fXz: "application/x-xz", fZstd: "application/zstd",
	fTar: "application/x-tar", fZip: "application/zip", fText: "text/plain", fJSON: "application/json",
	"csv": "text/csv", "xml": "application/xml", "html": "text/html", "sql": "application/sql", "log": "text/plain",
	"eml": "message/rfc822", "mbox": "application/mbox", "vcf": "text/vcard", "ics": "text/calendar", "rtf": "application/rtf",
	"pdf": "application/pdf", "7z": "application/x-7z-compressed", "rar": "application/vnd.rar",
	"docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
	"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	"pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
	"odt":  "application/vnd.oasis.opendocument.text", "ods": "application/vnd.oasis.opendocument.spreadsheet",
	"odp": "application/vnd.oasis.opendocument.presentation", "epub": "application/epub+zip",
	"doc": "application/msword", "xls": "application/vnd.ms-excel", "ppt": "application/vnd.ms-powerpoint",
	"msg": "application/vnd.ms-outlook", "sqlite": "application/vnd.sqlite3", "parquet": "application/vnd.apache.parquet",
	"png": "image/png", "jpg": "image/jpeg", "gif": "image/gif", "webp": "image/webp", "tiff": "image/tiff", "bmp": "image/bmp",
	"mp3": "audio/mpeg", "flac": "audio/flac", "ogg": "audio/ogg", "wav": "audio/wav", "mp4": "video/mp4", "mov": "video/quicktime",
	"mkv": "video/x-matroska", "avi": "video/x-msvideo", fISO: "application/x-iso9660-image", fCpio: "application/x-cpio", fAr: "application/x-archive", fRPM: "application/x-rpm",
	"cab": "application/vnd.ms-cab-compressed", fLZ4: "application/x-lz4", fSnappy: "application/x-snappy-framed",
	fBrotli: "application/x-brotli", fLZMA: "application/x-lzma", fLzip: "application/lzip", fLZW: "application/x-compress", fZlib: "application/zlib",
	"torrent": "application/x-bittorrent",
}

// formatsByMedia is the way back.
var formatsByMedia = func() map[string]format {
	m := map[string]format{}
	for _, f := range slices.Sorted(maps.Keys(mediaTypes)) {
		if _, ok := m[mediaTypes[f]]; !ok {
			m[mediaTypes[f]] = f
		}
	}
	return m
}()

// mediaType names a format; where it has no name of its own, what the server said stands, if that is a known name.
func mediaType(f format, said string) string {
	if t := mediaTypes[f]; t != "" {
		return t
	}
	if base, _, err := mime.ParseMediaType(said); err == nil && formatsByMedia[base] != "" {
		return base
	}
	if f == fEmpty {
		return "text/plain"
	}
	return "application/octet-stream"
}
