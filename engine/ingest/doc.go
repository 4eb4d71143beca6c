// Package ingest turns a department's files, or rows that come otherwise, into one sealed
// snapshot.
//
// The way of a row: a table of package connectors reads it, delimited text in pieces
// that all cores work on; it becomes an item,
// which carries its person, its record key and its content; items are sorted by
// person and record in slabs of memory, spilled as sorted runs when the memory is
// used up; the order is cut into spans, in each of which the runs are merged and
// rows of the same record settled (duplicate or conflict), several spans at a time;
// what is left goes, person by person, into the files of the snapshot.
//
// Main types: Options and Result of Run; Feed is a delivery that is no file.
//
// Invariants:
//   - RowsIn = Accepted + Quarantined + Duplicates for every file and for the
//     snapshot. It is checked before the seal; a violation is an error.
//   - The order of rows and files changes nothing but the rows that evidence names.
//     How a file is cut and how many work on it changes nothing at all.
//   - Memory is bounded by Options.MemoryBudget and a fixed part, whatever the
//     size of the files; spilling changes no byte of the result.
//   - An ingest that is killed leaves the catalogue as it was or with the new
//     snapshot in it, and nothing that the next command does not clear away.
//   - In an encrypted data directory nothing of a row is written in the clear, to no
//     temporary file either.
//   - No error and no progress holds anything of a person.
//
// What it does not do: read formats and columns (package connectors), lay out
// files (package snapshot) or choose what a generation is made of (package publish).
package ingest
