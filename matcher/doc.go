// Package matcher finds out who is in a document: it looks for personal identifiers in text, hashes each with the keys
// of LWH-1 (docs/hashing.md) and looks it up among the hashes that clinics registered.
//
// An identifier in clear never leaves this package: nothing exported gives one, and no error or log line holds one.
// What comes out is a leak.Match (whose patient, of which kind, where), counts, and tokens. Keys and T1 stay inside as
// well, so that the package can become a process of its own.
//
// The package compiles to WebAssembly: Hasher is what a clinic's machine, or its browser, runs.
package matcher
