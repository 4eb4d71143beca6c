// Package form is a request as a form for people: the workbook they fill in, the cells
// they paste, the fields of a page, and the way from each of them to the line of JSON
// that asks about a household.
//
// Main types: a Field is one thing that is asked, and Fields all of them; everything else
// follows from that one list. WriteTemplate writes the workbook, Read and ReadPasted read
// what came back into a Batch, ReadBatch reads what somebody submits as a batch row by row,
// FromValues and ToValues are the way of one household through the fields of a page.
//
// Invariants:
//   - A household is taken whole or not at all: with a problem anywhere it is listed and
//     refused, and the others pass. RowsIn = RowsAccepted + RowsRefused, always.
//   - What is taken is a request: every line was read by household.ParseRequest and has
//     nothing invalid in it. Lines keep the order of the households in the file.
//   - Of a file of lines nothing is looked into but the length of a line.
//   - No amount is a float, none is rounded; a third decimal is a problem.
//   - A row that nobody asked for is named, never passed over: one of a household that is
//     not there, one of a household that is there twice, one left from the example.
//   - A Problem says where, what and what to do, and holds nothing that stood in a cell.
//   - Memory is bounded by the limits in this package, not by what a file claims to be.
//
// What it does not do: judge a household or its authorisation, look anybody up, or write
// files.
package form
