// Package ledgertest is the contract that every ledger.Ledger passes, and a ledger in
// memory that passes it: for tests of what stands on a ledger.
//
// Main types: Run is the suite, Memory the model. Compare drives a ledger and the
// model with the same random changes and reads.
//
// Invariants:
//   - Memory shares with the real ledger what an entry is found by, and nothing of
//     how it is kept or how a change is judged.
//   - The suite writes under names of its own and does not need an empty ledger.
//
// What it does not do: kill or damage anything. That is tested beside the ledger.
package ledgertest
