// Package audit keeps the audit log: the chain of who looked at whom, when and on
// which authority.
//
// The audit log is the file audit/audit.log in a data directory: one JSON object a
// line, each with the SM3 hash of the one before it, so that an entry can't be
// changed, taken out, put in or moved without every later hash telling. Beside it
// audit.head names the newest entry, so that a log cut short at its end tells too.
// Who can rewrite both files can rewrite history: exporting the head to another
// place is what protects against that.
//
// Main types: Log appends, Look says what is about to be looked at, Report is
// what Verify found.
//
// Invariants:
//   - Begin returns only when its entries are on the disk. When it fails, the
//     caller must not read.
//   - The chain is linear: an append holds the lock of the log and starts from its
//     last entry, whichever process wrote it.
//   - What a crash left half written was never acknowledged. It is moved aside and
//     the log says so.
//   - A log that does not end in the entry the head names is never appended to.
//   - Nothing personal but household and authorisation numbers is written.
//
// What it does not do: read a clock (the caller hands one in) or decide who may
// look.
package audit
