// Package proof holds the tests of the whole counter: the HTTP interface with the
// real desk, ledger, audit log and accounts behind it, asked from outside only.
//
// It exports nothing. The tests ask every route as everybody and compare the answers
// with an oracle that was written by hand from docs/access.md and shares no code with
// the policy; they lead a household from its authorisation to a final decision; they
// look for a family's values in every answer.
// Each has a self-check that plants a mistake and must see it.
package proof
