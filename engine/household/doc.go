// Package household holds the words every other package speaks: amounts in fen,
// civil dates and months, the masked forms of personal data, the typed records
// of the departments, the profile of one person, the request that asks about a
// household and the verdict that answers it.
//
// It is a leaf: it imports the standard library only and does no input or output.
//
// Invariants:
//   - Money is Fen, an int64; no float ever touches money or a date.
//   - Dates are civil: a Date has no clock and no time zone.
//   - IDNumber, Name, Account and Plate mask themselves whenever they are printed,
//     logged or marshalled. Only Reveal gives the text, and a caller of Reveal
//     must have a reason that an auditor accepts.
//   - The zero value of a code, a date, a month or a period means "not given".
//
// What it does not do: normalise names or documents (package match), read files
// (package connectors) or decide anything (packages engine and rules).
package household
