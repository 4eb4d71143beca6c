// Package simulate rehearses a change of the rules: every household of a batch is
// judged by the pack of today and by the one that is proposed, or by one pack on two
// dates, on the evidence of one generation, and the difference is counted.
//
// It says how many households go from which outcome to which, by region and by
// finding, how many more a person has to look at and how long that takes. Who they
// are is only written when a list is asked for.
//
// Invariants:
//   - Nothing is changed and no verdict is written; the audit log takes down who is
//     looked at before anything is read, as for a verification.
//   - Both sides judge the same profiles, read once, with the household's consent for
//     each side; each verdict is what a verification by that pack would have written.
//   - A report is a function of the batch, the generation, both packs and both dates.
//   - A report names no number of a region in which fewer than five households change,
//     nor one from which such a number could be worked out.
package simulate
