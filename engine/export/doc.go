// Package export writes the lists that leave the centre: safe in a spreadsheet, exact to
// the fen, and marked for whom they were made.
//
// Main types: Writer takes the rows of a table with typed columns and writes CSV or XLSX;
// File is such a table read back. A Marker puts the rows into an order that only one
// recipient has, and Marks is what the centre keeps of it; Identify says from the marks
// whose copy a file is. Shelf keeps marks in a data directory. NoticeEntry is all that a
// public notice (公示) may say of a household. BatchBook writes the results of a batch: the
// lines of its verdicts, a table, or a workbook with its refusals and counts by county.
//
// Invariants:
//   - No cell of text is a formula: in CSV what a spreadsheet would take for one has an
//     apostrophe before it, in XLSX it is a cell of text. Amounts, days and counts stay
//     numbers, below zero too.
//   - What Read reads is what was written, whatever the text: guards come off, a lone
//     carriage return stays one. Only what a spreadsheet can't hold at all, control
//     characters and bytes that are no UTF-8, was replaced by U+FFFD when it was written.
//   - Each row of a batch stands in its results once, on the sheet of results or on that of
//     refusals, and counts once. Its lines are those that hedui verify writes.
//   - Marks hold no content: a keyed token for each cell, that nobody can turn back.
//   - A recipient is named only when chance would name one of all recipients less than once
//     in a million such files; otherwise nobody is.
//
// What it does not do: decide who may export what (package access), choose the rows
// (package desk), read a clock, or seal or sign the file.
package export
