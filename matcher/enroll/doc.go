// Package enroll is the clinic's side of leakwatch and the server's counterpart of it: the kit that a clinic gets, the
// hashing of its patient table into a bundle, the mapping that the clinic keeps, and the way back from an alert to
// people.
//
// HashTable and Resolve run on the clinic's machine, with no network and no configuration but the kit. OpenBundle and
// SealExport run on the server. What passes between the two is LWH-1 (docs/hashing.md) in the files that
// docs/bundle.md describes.
//
// A value of the table never leaves this package in clear: not in an error, a report, a summary or a preview. Header
// names are shown only when they are known words or were typed by the user, for a table without a header has a patient
// in its first row.
package enroll
