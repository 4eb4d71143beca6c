// Package snapshot keeps what departments handed over: for each delivery one
// sealed, immutable directory, sorted by person, and a catalogue of them all.
//
// Main types: Dir is a data directory with its catalogue; Snapshot reads one
// snapshot; Writer makes one; Lock is the right to change anything; Manifest says
// what a snapshot holds and Entry what the catalogue knows of it.
//
// Invariants:
//   - A snapshot gets its name when all its files are synced, and it counts only
//     from the moment the catalogue lists it: that switch is the acknowledgement.
//   - Nothing in a sealed snapshot is ever changed.
//   - A page reaches a reader only when its checksum and its range are those of
//     the fence, and ranges partition the key space: absence is proven.
//   - The id derives from content only: the same files give the same id.
//   - Damaged or hostile bytes give a *DamageError, never a panic and never an
//     empty answer.
//
// What it does not do: make keys (package keyring), parse a department's files
// (package connectors), decide which rows are good (package ingest) or which snapshots
// make a generation (package publish). docs/store-format.md describes the bytes.
package snapshot
