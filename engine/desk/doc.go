// Package desk is the way of one request. Whatever looks at a household or decides
// about one goes through it, in one order: policy, authorisation, audit, look, ledger.
// The HTTP interface, the console, commands and workers call it and hold no logic.
//
// Main types: Desk does what is asked, Caller is who asks; Answer is what a check came
// to. Register judges authorisations for whoever verifies batches. What a caller is
// refused is a *Refusal with a code; every other error is the centre's own.
//
// Invariants:
//   - Nothing is looked at before the policy and a registered authorisation allow it
//     and the audit log has it on the disk.
//   - Nothing is answered before the ledger and the audit log have what came of it on
//     the disk.
//   - What a caller must not know to exist is refused exactly as what does not exist.
//   - A withdrawal holds from the moment it is acknowledged: authorisations are read
//     from the ledger for every look.
//   - A verdict has the same id whenever the same is asked of the same generation under
//     the same law, and is written once.
//   - What the upper node has not answered is pending and is asked again; nothing but an
//     answer of it is ever taken for one. A node below is answered after this one has
//     judged the authorisation itself.
//   - Errors and logs name households, authorisations, cases and codes, never content.
//
// What it does not do: sign anybody in, decide the policy (package access), judge an
// authorisation (package authorization), move a case (package review), verify
// (package engine), or read a clock.
package desk
