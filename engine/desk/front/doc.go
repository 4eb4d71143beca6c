// Package front joins a desk to the HTTP interface: it turns what crosses the counter
// (package api/wire) into what the desk is asked, and back.
//
// Main type: Front, which with what has no household in it (accounts, the audit log,
// snapshots) is the wire.Desk that the HTTP server is given.
//
// Invariants:
//   - It decides nothing. Every method is one call of the desk.
//   - A refusal of the desk is told to the caller; every other error stays the centre's.
//   - What an answer shows is masked as the desk says.
//
// What it does not do: read a request, write an answer, or know who is signed in.
package front
