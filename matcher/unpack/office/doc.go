// Package office reads the text of documents that are zips of XML (Office Open XML of ECMA-376, OpenDocument of ISO 26300, EPUB), for
// the child process.
//
// Every part that is XML is read as text: letters that formatting splits are joined, paragraphs and cells are kept apart, rows are lines.
// What is said in attributes (authors, titles, addresses of links, data of one's own, and whatever else may name somebody by a number or an
// address) follows, with such instructions and declarations; names of parts like that are names. Every other part is a member: pictures, embedded
// documents, macros. A part whose XML is damaged is a member too, as it lies.
package office
