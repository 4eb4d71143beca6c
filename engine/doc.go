// Package engine verifies households: it puts what a household declared beside
// what the departments hold, applies a rule pack and says, with its evidence,
// whether a person must look at it.
//
// The main types are Verifier (one generation, one pack, one date; shared),
// Worker (the memory of one goroutine), Plan (one request on its way) and the
// verdicts of package household. A Worker first prepares a line: it parses the
// request and refuses it, or says whose profiles are needed. The caller reads
// them, however it likes, and hands them to Verify. Check does all of that for one
// household.
//
//	request → Prepare → keys of the members → profiles → Verify → verdict
//
// Invariants:
//   - A verdict is a function of the request, the generation, the pack and the
//     date. It does not depend on the clock, on the order of records, on the worker
//     or on what it did before.
//   - Nothing is looked up for a refused request, and records of a source that the
//     household did not authorise are never looked at.
//   - Only records of grade A support suspected_ineligible.
//   - A record counts for a member only when document and name are the same after
//     lossless normalisation.
//   - Absence is proven: an empty profile comes from the verified block that covers
//     the person. A damaged block or profile is an error, never an empty answer.
//   - Money is added in fen and never divided.
//
// What it does not do: read files, keep verdicts, or know any number of the law;
// those are in the pack.
package engine
