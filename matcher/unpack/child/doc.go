// Package child runs parsers of risky formats in a process of their own, so that a parser that loops, takes all memory
// or is taken over by what it reads costs one document and nothing else.
//
// The process is this program again (Serve). It gets no file, no address, no environment and no name: it asks for bytes of the
// document over a pipe, and hands texts and members back over another. It lives under limits on memory and
// time that the kernel keeps, and, where the system can, under a filter that leaves it no call to open, connect or
// start anything. It serves the documents of one Visit, which are a source document and what lies in it, and ends with that, or when it
// dies, has grown, has served enough, or says something unasked: so what took it over sees nothing of another source.
//
// The other side (Pool, Visit, Session) believes nothing that comes from it: each frame is bounded and must be one that may come
// now, notes are taken from a list of fixed words, and time that the process takes is counted. What it hands over is
// bytes like any other; the walk around it keeps its own limits.
package child
