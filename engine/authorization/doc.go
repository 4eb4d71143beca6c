// Package authorization says what a household's registered authorisation (授权书)
// permits. No look without a warrant: what a sender writes into a request is only a
// claim, and this package holds the claim against what was registered.
//
// Main types: Authorization is what is registered, Query what somebody wants to look at,
// Code why not. Judge answers; Validate says what is wrong with an authorisation that is
// to be registered; ClaimOf turns a request into a Query; Encode and Decode are the stored
// form, which holds everything in full.
//
// Judge compares on five axes, household and members, signers and guardians, purpose,
// data classes, time, and besides withdrawal and division. The query must lie within the
// authorisation on every one. Exactly one code is given, the first in the order of the
// constants.
//
// Invariants:
//   - Everybody who is looked up is on the authorisation by their document, has not left
//     the household by the date of the check nor by the day of access, and is signed for:
//     an adult by themselves, a minor or a person without capacity by a guardian. Whoever
//     has turned 18 since is an adult.
//   - Both the date of the check and the day of access, in China, lie in From..To.
//   - Withdrawal counts from its instant on, also in the middle of a batch.
//   - Only data classes that Judge returns may be read.
//   - People are compared by their normalised documents and never by name.
//   - Texts of problems name the field and what to do, never what is written there.
//
// What it does not do: store, read a clock (the caller hands in the time of access), or
// decide whether the official may ask (package access does).
package authorization
