// Package ledger keeps what the centre must be able to answer for: authorisations,
// the checks that were asked, verdicts and the records they rest on, the state of
// every registered household, cases, objections, corrections, users, tokens,
// sessions, work queues and how far each stream of messages was worked off.
//
// The ledger is a Badger database in the directory ledger of a data directory; its
// form is in docs/ledger-format.md. One process owns it. Every other process speaks
// to the owner through a socket in the same directory, by the same interface.
//
// Main types: Ledger is the interface. Dial gives the owner's or a client's,
// whichever is possible; Open insists on owning, Connect on not owning. A Change is
// a set of puts that happens whole or not at all. The entries (Authorization,
// Request, Verdict, Household, Case, Objection, Correction, Task, User, Token,
// Session, Position) are plain structs of what is looked up by, and a Body that only
// its owner understands. Get, Find, List and Put are their typed forms.
//
// Invariants:
//   - When Commit returns nil the change is on the disk. When it returns an error
//     that is not one of this package's refusals, it may or may not be: read.
//   - A reader sees all of a change or nothing of it. It may see it a moment before it is
//     on the disk; what is committed on the strength of that is on the disk after it.
//   - Every entry has a version, counted from 1. A put names the version it was made
//     from, and is refused when another came between.
//   - Keys are never used a second time: an entry that is erased leaves a stub, and
//     keys of indexes carry the version that wrote them.
//   - Every value has a checksum over its key and itself. A damaged one, a missing
//     file or a log cut short is ErrDamaged, never ErrNotFound.
//   - Persons and records are in keys only by pseudonym.
//   - The content of two ledgers is equal exactly when their digests are.
//
// What it does not do: understand a Body, decide who may read, read a clock, or
// remove anything by itself.
package ledger
