// Package store keeps generations: sealed, immutable sets of blocks that a
// verifier reads from start to end. It loads them in key order, seals them with
// counts and digests, switches the current one atomically and drops old ones.
//
// Main types: Store holds generations; Builder and SectionWriter load one;
// Generation reads one; Manifest says what is in it. OpenDir is the store on disk,
// a Badger directory for each generation; NewMemory is the one in memory. Package
// storetest holds the contract that both pass.
//
// Invariants:
//   - The blocks of a section partition the key space, so every key is covered by
//     exactly one block, also in an empty section. "Nothing is held" is only ever
//     read from the verified block whose range covers the key.
//   - A block reaches a reader only when its checksum, size and range are those of
//     the sealed fence. A missing or damaged block is a DamageError, never an empty
//     answer; so is a damaged file when the generation is opened.
//   - The id of a generation derives from content only: the same blocks and
//     snapshots give the same id, in either store, whenever and wherever.
//   - A generation appears under its name only when it is whole and synced, and
//     CURRENT names only such a one: a crash leaves the old or the new.
//   - Nothing in a sealed generation is ever changed, so any number of processes
//     read it while others are built and dropped.
//   - In an encrypted data directory no key of a person and no payload is on the disk
//     in the clear. What is read is opened first and verified as ever.
//
// What it does not do: know what a payload means, make or keep snapshots, choose
// what goes into a generation, keep requests or verdicts. The bytes on disk are
// described in docs/store-format.md.
package store
