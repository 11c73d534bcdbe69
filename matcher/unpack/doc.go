// Package unpack turns documents into texts: it looks at what bytes are, opens archives and compressed streams one
// inside the other, decodes character sets, base64 and hex, and hands every piece of readable text to a sink, in
// UTF-8 and with a way back to the offset before decoding. Everything it reads is hostile: it streams in bounded
// memory, every limit that cuts is recorded in the Report, and whatever format it cannot read is named there, so that
// "no identifier found" is never mistaken for "not looked".
//
// docs/formats.md lists the formats and says what the limits do.
package unpack
