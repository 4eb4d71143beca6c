// Package rules holds the law as data: it loads rule packs, checks that they are
// whole, compiles them and judges facts by them.
//
// A pack is a folder of YAML files. It says which window of months is looked at,
// when evidence is too old, which records are which income, which assets count,
// the dated parameters, the rules and the words for people. What a pack can talk
// about is fixed here: the facts (see Facts), their attributes and their scopes.
// The engine computes the facts; a rule compares one of them with a limit.
//
// The main types are Pack (a loaded pack), Rule (one comparison and what follows
// from it), Limits (a pack on one date) and Errors (why a pack did not load).
//
// Invariants:
//   - A pack loads whole or not at all. Unknown keys, names, codes and units, wrong
//     types, overlapping or gapped dates, parameters nobody uses, rules that can
//     never fire or always fire and missing messages are errors, all reported at
//     once with file, line and column.
//   - Only evidence of grade A alone can carry suspected_ineligible.
//   - Judging is a native comparison of integers: no maps, no reflection, no I/O,
//     no clock, no allocation.
//   - A loaded pack is immutable and safe for use by several goroutines.
//
// What it does not do: read records or requests, compute facts, or print verdicts.
package rules
