// Package conflicts lists the rows of a generation whose identity conflicts, for the
// departments that delivered them.
//
// A row conflicts when its number is valid and the row, or the register, says of it
// what can't all be true:
//
//	X1  the row names somebody else than the register has under the number, or,
//	    where the register has nobody, rows of one number name different people
//	X2  the row fits two people of the register, or the register has two people
//	    under the number
//
// These are the tiers of package identity, seen from the row instead of from a
// declared person: what differs at most as an N5 name does is for a person to look
// at and no conflict.
//
// Main types: Find walks a generation and returns a Report, a List for each provider;
// WriteCSV writes one of them.
//
// Invariants:
//   - A report holds no name and no number: rows are found by file and row, and what
//     the register says is masked.
//   - The same generation gives the same report.
//   - A block that can't be read is an error, never a shorter list.
//
// What it does not do: say who is right, look at rows without a valid number, keep
// anything between two runs. The lists are held in memory, some 50 bytes a row.
package conflicts
