// Package situation runs the tests of a rule pack: households in, verdicts out, in
// YAML that domain people write. The tests of a pack lie in its folder tests.
//
// A situation says who lives in the household, what was declared, what each
// department's records show and how far each source could answer; and then what
// the verdict must be. Run packs the records into profiles exactly as ingest does,
// verifies and compares. docs/rules-testing.md explains the format.
//
// The main types are File (a file of situations), Situation and Report.
//
// Invariants:
//   - Every finding of the verdict must be expected and every expected one given,
//     in order; so must the outcome. Other parts are compared where they are named.
//   - An unknown key is an error, so a misspelt expectation can't pass.
//
// What it does not do: read a store or departments' files.
package situation
