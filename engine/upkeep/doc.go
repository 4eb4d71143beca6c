// Package upkeep keeps a data directory alive: backups that are taken while the centre
// works, restores that prove themselves, and what a doctor would look at.
//
// A backup lies in a pool, a directory that holds the backups of one data directory:
//
//	POOL/hedui-backup        marks the pool and its format
//	POOL/objects/ab/cdef…    the content of files, named by their SHA-256
//	POOL/backups/<id>.json   one backup: which file had which content
//	POOL/tmp/                objects being written
//
// Sealed snapshots and generations never change, so a second backup writes what is new
// and nothing else. A backup exists from the moment its list has its name; one that was
// killed on the way is nothing but objects, which the next run uses or Prune removes.
//
// Main types: Pool takes, lists, verifies, restores and prunes; Options and List say of
// what. Proof is what a directory holds, proven.
//
// Invariants:
//   - A backup is one state: the ledger is read first, in one transaction, and what it
//     speaks of (generations, snapshots, the audit log) after it, so that nothing it
//     names is younger than what was copied.
//   - Keys of an encrypted directory are never part of a backup. Who destroys a data key
//     has destroyed what it sealed in every backup too.
//   - Restore writes into an empty directory, below the name RESTORING, compares every
//     byte with its digest while it writes, and is not done before the seals, the audit
//     chain and the digest of the ledger are what they were. Until then every package that
//     opens data directories refuses this one.
//
// What it does not do: copy keys, decide when, or send anything anywhere.
package upkeep
