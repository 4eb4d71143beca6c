// Package site makes a centre to look at from outside: the real program, serving a small
// province with accounts for every role, and families whose names and records are hard
// to write down.
//
// Main types: Site, made by Open; Account, somebody who works there; Family, a household
// with its people and what departments hold of them.
//
// Invariants:
//   - The same options on the same day give the same families, files and outcomes. Dates
//     follow the day, because the program knows no other: deliveries are of the end of
//     the month before.
//   - Everything is done as people do it, by commands and over HTTP. Nothing is written
//     into the data directory by the side.
//   - An error holds the operation and the code of a refusal, and nothing of a family.
//
// What it does not do: look at pages.
package site
