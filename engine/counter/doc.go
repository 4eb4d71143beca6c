// Package counter is what stands behind the HTTP interface: it turns what crosses the
// wire into what the desk, the accounts and the audit log understand, and their answers
// and refusals back.
//
// Main types: Counter is the wire.Desk and the api.Authenticator.
//
// Invariants:
//   - It decides nothing: the policy is asked by the desk and, for accounts, tokens and
//     the audit log, here by one function, before anything is read.
//   - Every event of an account is in the audit log before its result is used. When
//     that fails, a session that was opened is ended.
//   - What the desk masks stays masked: numbers and names cross the wire by types whose
//     JSON is masked.
//
// What it does not do: HTTP, or look at a household.
package counter
