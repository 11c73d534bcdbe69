// Package leak holds the words of leakwatch and the rules that bind them: what a source, an item, a version, a find,
// a leak and an alert are, when a find suffices to be told, which event it is, and how a place is shown without
// being given away. It imports the standard library only, does no input or output, and is imported by every room.
//
// The way of the data is one direction, with no way back:
//
//	Source → Item → Version → Document → Text → (candidate) → Match → Find → Leak → Alert → Delivery
package leak
