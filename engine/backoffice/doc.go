// Package backoffice is the part of the HTTP interface that has no household in it:
// signing in, accounts, tokens, the audit log, the snapshots, and the queue of changes.
//
// Main types: Office is the api.Authenticator and the front.Rest.
//
// Invariants:
//   - It decides nothing: the policy is asked by one function, before anything is told,
//     and what it says is in the audit log either way.
//   - Every event of an account is in the audit log before its result is used. When
//     that fails, a session that was opened is ended.
//
// What it does not do: HTTP, or look at a household.
package backoffice
