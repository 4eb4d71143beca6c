// Package profile is the packed form of one person: every record the departments
// hold under one person key, small enough that a million people fit in memory
// and quick enough that a check decodes it instead of looking things up.
//
// An entry is what a block stores for one key. It holds the owners the records
// describe, the marks that quarantined rows left behind, the records
// themselves, and a digest of all of that, so that a later check can tell
// whether anything about the person changed.
//
// The main types are Profile (decoded), Builder (writes an entry, also by merging
// entries of several snapshots) and the typed records Tax, Vehicle, Property,
// Bank, Insurance and Registration.
//
// Invariants:
//   - Decode and Builder are inverse: what is written comes back equal.
//   - The content of a record is the same bytes in a snapshot and in a
//     generation, so a merge copies it without decoding.
//   - The digest depends on owners, forms, marks and contents only, never on
//     snapshot ordinals, files or rows.
//   - Hostile bytes give ErrDamaged, never a panic.
//
// What it does not do: it neither seals nor checks blocks (package block), and it
// does not know what a record means (package engine).
package profile

// Version is the version of the entry layout. History:
//
//	1  first layout
//	2  owners in place of names: a row's birth date, sex, division and country
//	   too; registrations of the population register
const Version = 2
