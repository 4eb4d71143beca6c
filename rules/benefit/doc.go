// Package benefit computes what the law would pay: the monthly amount of a household
// that is entitled, and the temporary price subsidy of a month (价格补贴联动).
//
// Main types: Plan is what benefit.yaml says, Compute makes a Sheet of it for one
// Input; Linkage is what linkage.yaml says, Index holds the published rates, and
// Linkage.Month says whether the subsidy is due.
//
// Invariants:
//   - Everything is multiplied first and divided once, at the end, by
//     household.MulDiv. Income is never averaged over the members and multiplied back.
//   - The lines of a sheet add up to its total.
//   - What is not known never adds to an amount: it is listed for a person to confirm.
//   - A missing law, value or rate is an error or an unknown month, never 0.
//
// A sheet is a proposal (测算). What it does not do: judge whether a household is
// entitled (package rules), decide, pay, or read files.
package benefit
