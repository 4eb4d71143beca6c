// Package explain turns a verdict into text that a caseworker can read out, in
// Chinese or in English.
//
// Main types: Input is what Write words, Texts are the words of a rule pack, Counts
// is what Summary puts into tables.
//
// Invariants:
//   - Names and document numbers are masked unless Input.Reveal is set; without it
//     they are masked in the text of Input.Cold too.
//   - "Nothing found" (查无记录) is only said of a source whose state is none. For
//     anything short of that the text says that absence is not established.
//   - Arithmetic is only written out when it comes out to the fen.
//   - Nothing that came from a file reaches a terminal as a control character.
//
// What it does not do: decide anything, look anything up, or word the findings,
// which is the rule pack's business.
package explain
