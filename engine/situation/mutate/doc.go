// Package mutate says how firmly the situations of a rule pack hold its text. It
// changes every operator, bound, date, word and entry of the pack, one at a time, and
// tells which changes no situation notices (Run); and it tells which rules, dated
// texts and overlays no situation reaches (Cover). docs/rules-testing.md explains both.
//
// The main types are Mutant (a pack with one thing changed), Report and Coverage.
//
// Invariants:
//   - A mutant differs from the pack in the bytes of its change and in nothing else but
//     a byte order mark and carriage returns, which the loader drops too.
//   - The same pack gives the same mutants and the same report, whatever the number of
//     workers.
//   - Texts for people (doc, law, title, messages) and the flag verified are never
//     changed: no verdict depends on them.
//
// What it does not do: read the meaning of a pack. It knows the words of the language
// and where they stand; whether a change makes sense is for rules.LoadFS to say.
package mutate
