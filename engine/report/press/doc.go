// Package press prints reports: a document becomes a file that proves of itself where it
// came from.
//
// Main types: Press prints, in HTML, PDF or XLSX; Pool is the browsers that make PDF;
// Facts is what a seal says of a file, Verify reads it; Slip is what the square code on
// the paper says, ReadSlip reads it.
//
// Invariants:
//   - A sealed file changes in no byte without its seal saying so. A file without a
//     signature says that it has none.
//   - The square code is enough to check a paper without the centre: the facts and the
//     signature stand in it.
//   - A page is printed from memory: no file of it is made, and its browser reaches no
//     other machine.
//
// What it does not do: word a report (package report), say who may have one, or keep it.
package press
