// Package audit keeps the audit log: the chain of who looked at whom, when and on
// which authority, and of everything else that must be answerable for.
//
// The audit log is the folder audit in a data directory: segments 000001.log and so on
// of one JSON object a line, each with the SM3 hash of the one before it, so that an
// entry can't be changed, taken out, put in or moved without every later hash telling.
// A segment begins with an entry that names the one before it as it was sealed. Zeros
// behind the text of the newest segment are room, and no text. Beside
// them audit.head names the newest entry, so that a log cut short at its end tells too.
// Who can rewrite all of them can rewrite history: heads that are signed and taken to
// another place are what protects against that.
//
// Main types: Log appends, Look says what is about to be looked at, Event what
// happened, Report is what Verify found.
//
// Invariants:
//   - Begin and Note return only when their entries are on the disk. When one fails,
//     the caller must not read, or not acknowledge.
//   - The chain is linear: an append holds the lock of the log and starts from its
//     last entry, whichever process wrote it. What several callers bring at once is
//     written and synced as one.
//   - What a crash left half written was never acknowledged. It is moved aside and
//     the log says so.
//   - A log that does not end in the entry the head names is never appended to.
//   - Nothing personal but household and authorisation numbers is written: members are
//     words and numbers, and what could be a sentence or a resident's number is refused.
//
// What it does not do: read a clock (the caller hands one in) or decide who may
// look.
package audit
