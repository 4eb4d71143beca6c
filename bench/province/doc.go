// Package province writes a synthetic province: five department files, a batch
// of households to check, and the truth about the households planted in it; on
// request also the population register, and identities written as wrongly as real
// departments write them, with the truth about each row.
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
//   - Without Options.Dirty and Options.Corrupt every row is acceptable and carries a
//     valid document.
//   - Minors have no tax rows, vehicles or property, except where a case says so.
//   - Rows made bad on purpose belong to ordinary households, or to the planted
//     cases named incomplete_*; each is listed in dirty.jsonl.
//
// # The register and corrupted identities
//
// Options.Register adds a sixth source, the population register: one row for each
// person, and some for people who died. Its household_no is that of the province,
// but some ordinary households are split over two numbers and some have somebody
// more, who lives elsewhere.
//
// With Options.Corrupt departments write numbers and names as wrongly as real ones
// do; corrupt_rates.go has every rate and where it comes from. Each change of a row is
// drawn by itself, so that they combine as they do in life. Names are more varied
// then, 4.3 % of people bear a rare character, and some are easily taken for others:
//
//   - a decoy is a person of the register, with a number of its own, who has the name,
//     the birth date, the county and the first six digits of somebody of another
//     household; its rows miss, mask and mistype the number more often;
//   - a shared number is one that two people of a day and county had: rows of the one
//     whose number was corrected still carry the other's.
//
// Only rows of ordinary households are changed: the answers in truth.jsonl hold. What
// the register knows (former numbers and names, other documents) explains most of the
// changes that it explains in life. identity.csv lists every row that doesn't carry
// its person's own number and name, and every row of a decoy:
//
//	source,file,row,person,corruption
//	bank,bank.csv,17,341221198412093572,id15+name_variant
//
// Row counts data rows from 1. Person is the number of the person's document, before
// it, for other documents than a resident's or a permit, their type and a colon. A row
// that is not listed belongs to whose number and name it carries. The codes are
// decoy, id_shared, id_other, id_former, id15, id_substituted, id_transposed,
// id_double, id_masked, id_written, id_missing, name_changed, name_rare, name_variant,
// name_pinyin, name_mojibake and name_missing, in the order in which the row was
// changed; of a missing number nothing else is told. A wrong birth_date, sex or
// division is not listed.
//
// It does not verify anything: the matcher and the verifier never import it, and it
// imports nothing of them, so that one misreading cannot hide in both.
package province
