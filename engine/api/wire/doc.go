// Package wire holds what crosses the counter: the questions and answers of every
// operation as plain structs, the Desk that answers them, and the codes with which
// it refuses.
//
// The HTTP interface reads requests into these structs and hands them to a Desk;
// the desk knows nothing of HTTP. Commands and workers can ask the same desk.
//
// Main types: Desk has one method for each operation, Caller says who asks,
// Refusal is the one error that a caller gets to see, and Codes is the table of
// all of them with their words.
//
// Invariants:
//   - A Refusal holds a code of the table and names of fields, never a value that
//     somebody sent.
//   - Amounts are int64 fen in fields that end in _fen; dates are text in the form
//     2006-01-02.
//   - What identifies a person comes in as household.IDNumber and household.Name,
//     which print masked. Only Unmasked carries a value in full, and only it; and
//     NoticeRow the name that a public notice has to say.
//
// What it does not do: decide, read, store or log.
package wire
