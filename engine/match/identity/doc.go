// Package identity says how a row of a department is linked to a declared person:
// its tier, what each field adds in bits, what it may be used for, and why.
//
// A Policy is data: weights for the levels of each field and an ordered list of
// tiers, of which the first that holds wins. Load refuses a policy that is laxer
// than the rules below; it may only be stricter.
//
//   - A valid number that the register has for somebody else ends the matter: no
//     agreement of other fields makes the row a link.
//   - Only a whole, valid number is ever strong. A repaired or masked number, or
//     none, is for people to look at, however many bits there are.
//   - A missing value is worth nothing, neither for nor against.
//   - The parts of a Link sum to its total exactly.
//   - Each field adds only what the fields before it have not said: the birth date
//     inside an equal number is not counted again, nor the county when the
//     population is already that of a region.
//
// The package is pure: no files, no clock, no state. What the population register
// knows comes through World, which may be nil. Bits order what people look at and
// serve the thresholds of a policy; no total makes a row strong.
//
// Left out: evidence from co-owners of the same household. It would have to count
// a surname shared by blood relatives once, and needs the other owners of the row.
package identity
