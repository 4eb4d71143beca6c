// Package enrol reads lists of authorisations (授权书) and registers them by the thousand,
// as a centre does once with everybody on its register.
//
// Main types: a Source hands out the authorisations of a list: JSONLines and Table read
// files of them, Requests makes them of the requests of a batch. Run registers what a
// source hands out, and returns an Account of it.
//
// Invariants:
//   - Every authorisation of a list is registered, a duplicate or refused, and counted
//     once.
//   - A list may come again, after it was interrupted too: what is registered with the
//     same content is a duplicate. What comes with other content is refused.
//   - What is refused is named by line, field and code; the file of refusals holds no
//     content.
//   - Nothing half read is registered: a field nobody knows refuses its authorisation.
//
// What it does not do: judge whether an authorisation can be registered or who may
// register it (package desk), or keep it.
package enrol
