// Package oracle is a second, independent reading of the reference means test:
// the department files, the household to check, the `reference` pack and the
// verdict, written from the text of the contract alone so that the engine can
// be compared with it.
//
// The way through it: [Load] reads the departments' CSV files into a
// [Registry], [Verify] answers one request line from it, [Diff] names every
// field in which a verdict of the engine differs from that [Answer].
//
// Invariants:
//   - it imports nothing else of this module, so no mistake can be shared;
//   - it is slow and plain on purpose: text columns, linear searches over one
//     household's records, no index beyond one map from document to records;
//   - money is int64 fen everywhere and no float is used;
//   - the answer depends on the files, the request line and the date only.
//
// It does not read anything but CSV, holds everything in memory, writes no
// explanation and masks nothing: it is for tests on synthetic data. What the
// text leaves open is listed, with the reading chosen here, in README.md.
package oracle
