// Package corpus makes documents whose truth is known: texts, tables, mail, office files and archives in which identifiers
// of made-up people are planted, each with what stands where. The same seed gives the same bytes.
//
// It shares no rule with the matcher. Numbers, canonical forms, hashes, encodings and containers are made here a second
// time, after the same sources, so that a mistake in one of the two shows. Its test reads the documents through
// matcher/unpack and matcher and compares; internal/bench reads its large texts.
//
// Nobody in it exists: numbers are of the test ranges of their issuers where those exist, addresses of reserved domains,
// telephone numbers of the range that Britain keeps for drama.
package corpus
