// Package watch looks over the audit log while it grows, with what the ledger knows, and
// keeps what somebody should ask about.
//
// Main types: Watcher follows the log and stores alerts in the ledger; Context answers
// package snoop from the ledger: cases, authorisations, divisions, relations, honey
// households; Lookup finds the households of a person; Honey and Staff are the lists.
//
// What is knowable of relations: the numbers of staff members and of their relatives, when
// a security administrator registered them, are compared with the members on a
// household's authorisations, as pseudonyms. The surname of an account's display name is
// compared with the members' names. Addresses are in no ledger: who lives with a staff
// member is registered as a relative.
//
// Invariants:
//   - Appending to the log waits for nothing here. A watcher is woken and reads the log
//     itself, as far as it is acknowledged, whichever process wrote it.
//   - No entry is left out over restarts: the ledger has the last one that was watched, and
//     an alert is stored before the mark passes its entry. An alert is stored once.
//   - Cases and authorisations are answered as they were at the time that is asked about,
//     so that an old log gives the alerts it gave then. The lists are those of today.
//   - While the ledger can't be read nothing is passed over: the watcher waits and begins
//     again.
//   - Lists hold numbers of households and pseudonyms of persons, never a document number.
//
// What it does not do: judge, tell anybody but the log of the program and the ledger, or
// read a clock (the caller hands one in).
package watch
