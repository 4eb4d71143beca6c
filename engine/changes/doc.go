// Package changes tells of whom two generations do not hold the same.
//
// A generation has a section with one digest for everybody it holds something of, the
// people who are known and the rows that belong to nobody. Two such sections are read
// side by side, 13 bytes a person, instead of the profiles themselves.
//
// The main types are Builder, which writes the section, and Diff, what Compare finds.
//
// Invariants:
//   - Two people with one digest are the same to a check, but for the generation and for
//     where in a file a row stands: contents, their order, marks, and who delivered them.
//     What a snapshot says of itself (its date, the months it supplies) is not in it.
//   - The order of rows, the numbers of files and the ids of snapshots change no digest.
//   - A damaged section, or one that ends early, is an error and never "no change".
//   - A generation without the section can be compared with none: ErrNoDigests.
//
// What it does not do: say what has changed of a person, or whom it concerns.
package changes
