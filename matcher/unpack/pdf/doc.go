// Package pdf reads the text of PDF files (ISO 32000), sound or damaged, for the child process.
//
// It does not follow the cross-reference table: the file is looked through for objects, the last of each number counts, and streams
// of objects are opened. So a table that is cut off, lies, or leads in circles changes nothing, and what earlier
// revisions of the file held is read too. Pages are read in their order, with the letters that their fonts stand for
// and with spaces and line ends where the letters are apart; then what no page names: form fields, annotations, metadata, bookmarks,
// attachments, pictures.
//
// Nothing in it trusts the file: depth, numbers of objects, operators and decoded bytes are bounded.
package pdf
