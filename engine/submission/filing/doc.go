// Package filing turns the file of a city centre into the rows of a batch, and the answers
// of a batch into the files that the centre fetches.
//
// Main types: Rows are the rows of a file as they come; Office writes the results of a batch
// in one of their forms, marked for whoever fetches them.
//
// Invariants:
//   - Every row of a file comes once: as a request, or with all that is wrong with it and
//     where.
//   - Results leave when the audit log has the export and the marks of the copy are kept,
//     and not before.
//   - Nothing of a file or of results goes to a disk in the clear, but for the pieces that
//     the maker of workbooks keeps of large sheets while it works.
//
// What it does not do: keep batches or answer them (package submission), decide who may
// have one, or know where a file came from.
package filing
