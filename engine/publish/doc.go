// Package publish makes a generation of the newest snapshots: one merge, in ranges
// of keys on all processors, sealed and switched to atomically.
//
// Which snapshot supplies what: of stocks the newest active one of every source
// and provider; of flows, for every month, the newest active one that covers it.
// A record of a bare year goes with the last month of its year that its own
// snapshot covers. Snapshots that supply nothing are left out; the others are pinned
// by the generation.
//
// Main types: Options and Result of Run; Prune drops old generations.
//
// Invariants:
//   - The same snapshots give the same generation, whenever and wherever, into
//     however many ranges the merge is cut and whoever merges them.
//   - Readers see the old generation until the new one is sealed and synced.
//   - A damaged snapshot stops the publish; nothing is left out in silence.
//
// What it does not do: read departments' files (package ingest) or lay out blocks
// and generations (package store).
package publish
