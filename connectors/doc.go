// Package connectors reads the files of the departments into typed records.
//
// Open finds out what a file is: its format, compression, encoding, delimiter and
// columns. It returns Tables, whose Next fills one household.Record after the
// other. A table of delimited text can be Cut into Pieces instead, which several
// goroutines read at the same time, with the same rows and faults. OpenFeed returns the
// table of rows that come from somewhere else than a file. A Department says which columns a source has; the packages beneath this
// one hold one department each. A Mapping describes a file that does not follow
// the contract, so that a new layout needs no code.
//
// Invariants:
//   - Every row of a file is given out once, as a record or as a *Fault, and only
//     blank lines are passed over. The caller can therefore account for all rows.
//   - No byte is guessed: text that is not well formed, a third decimal, a value
//     outside its code list is a fault of its row, never a replacement character, a
//     rounding or an empty value.
//   - Of several faults of a row the one of the first column is given, in the
//     order of the department's columns, whatever the order of the file's.
//   - Memory is bounded by the longest row allowed, not by the file.
//   - Errors and faults name files, lines, columns and codes. Content appears only in
//     the masked excerpt of a fault.
//
// What it does not do: tell duplicates, check identity numbers or write anything.
package connectors
