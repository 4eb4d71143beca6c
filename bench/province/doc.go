// Package province writes a synthetic province: five department files, a batch
// of households to check, and the truth about the households planted in it.
//
// [Generate] is the whole door. Everything it writes is a pure function of its
// [Options]: the same options give the same bytes, whatever GOMAXPROCS.
//
// # How it works
//
// A household is a pure function of the seed and its number, so nothing but a few
// bytes per person is held in memory: a first pass deals out document numbers, then
// every file is written row by row in a seeded random order, building the household
// of each row again. Households come in two kinds:
//
//   - ordinary ones, drawn at random: honest poor families, families that forgot to
//     declare something, and the comfortable general public. No truth is claimed
//     for them;
//   - planted ones, one sketch per case of the contract (every finding, its
//     near-misses, every refusal), repeated with varying residence and size. Their
//     expected outcome is in truth.jsonl.
//
// # Invariants
//
//   - Document numbers, accounts, VINs, unit codes and record numbers are unique.
//   - Without Options.Dirty every row is acceptable and carries a valid document.
//   - Minors have no tax rows, vehicles or property, except where a case says so.
//   - Rows made bad on purpose belong to ordinary households, or to the planted
//     cases named incomplete_*; each is listed in dirty.jsonl.
//
// It does not verify anything: the matcher and the verifier never import it, and it
// imports nothing of them, so that one misreading cannot hide in both.
package province
