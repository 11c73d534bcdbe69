package store

import (
	"slices"
	"strings"
)

// mediaTypes are what a server may say in clear: anything else in that header could be a name.
var mediaTypes = strings.Fields(`application/gzip application/json application/jsonl application/msword application/octet-stream
	application/pdf application/rtf application/sql application/vnd.ms-excel application/vnd.ms-outlook application/vnd.ms-powerpoint
	application/vnd.oasis.opendocument.spreadsheet application/vnd.oasis.opendocument.text application/vnd.rar
	application/vnd.openxmlformats-officedocument.spreadsheetml.sheet application/vnd.sqlite3 application/x-sqlite3
	application/vnd.openxmlformats-officedocument.wordprocessingml.document application/x-7z-compressed application/x-bzip2
	application/vnd.openxmlformats-officedocument.presentationml.presentation application/x-gzip application/x-iso9660-image
	application/x-lzma application/x-ndjson application/x-rar-compressed application/x-tar application/x-xz
	application/x-zip-compressed application/xhtml+xml application/xml application/yaml application/zip application/zstd
	audio/mpeg audio/ogg audio/wav image/bmp image/gif image/heic image/jpeg image/png image/svg+xml image/tiff image/webp
	inode/x-empty message/rfc822 text/css text/csv text/html text/javascript text/markdown text/plain text/tab-separated-values
	text/xml video/mp4 video/quicktime video/webm video/x-matroska video/x-msvideo`)

// mediaType lets a known media type through and replaces the rest of any other.
func mediaType(s string) string {
	s = strings.ToLower(strings.TrimSpace(s))
	if s == "" || slices.Contains(mediaTypes, s) {
		return s
	}
	switch top, _, _ := strings.Cut(s, "/"); top {
	case "application", "audio", "font", "image", "message", "model", "multipart", "text", "video":
		return top + "/other"
	}
	return "other"
}
