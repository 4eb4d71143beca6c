// Package access says who may do what: the one policy of the centre.
//
// Policy is a table with a row for every operation. Decide answers from it: the
// subject's roles, the division subtree of the registered authorisation, the purpose,
// the data classes, and how each field is masked. The API, the console, exports,
// commands and tests read the table; nobody else decides.
//
// Main types: Operation names what is wanted, Subject who wants it, Object of what;
// Decision is the answer, Masks how each field of a household is shown.
//
// Invariants:
//   - What no row allows is denied, and so is every subject whose roles exclude one
//     another: the three administrators have no other role and see no case data.
//   - A denial that depends on the object's place, purpose or owner says Hide, so that
//     the answer is the same as for an object that does not exist. A denial that doesn't
//     is given before the object is looked at.
//   - Two persons are two values of Subject.Person, never two accounts.
//   - The zero Masks show nothing.
//
// What it does not do: sign anybody in, count towards limits, keep what was begun until
// a second person comes, or look at whether a household authorised anything (package
// authorization does).
package access
