// Package linkage finds the records of two tables, or of one, that speak of the
// same person. What is compared, and how, is data: a Model read from YAML names
// fields, an ordered list of levels for each (missing, exact, …, else; the first
// that holds wins), blocking rules, a prior and a threshold.
//
// A Builder normalises rows into Data, Block brings records together, Train learns
// the weights, Score links, Evaluate measures, Explain and Candidates say why. Sample
// draws pairs for people, and Review learns from what they decide.
//
// The weights are Fellegi and Sunter's: log2(m/u) for each level, m learned without
// labels by EM and u from random pairs. Where a model says what a household shares,
// people of one household are a third class of pairs. Train and Review return a new
// Model; the given one is never changed. Candidates are walked over, never held.
//
// Invariants:
//   - Weights are whole thousandths of a bit. The parts of an Explanation sum to its
//     total exactly, also as they are printed.
//   - A missing value is worth nothing: neither agreement nor disagreement.
//   - A score does not depend on which record stands left.
//   - Results do not depend on the order of rows or the number of workers.
//   - Values are masked unless a caller asks to reveal them.
//
// It reads no files and no clock, and it never decides what a link may be used for.
package linkage
