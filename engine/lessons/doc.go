// Package lessons holds what went wrong elsewhere as tests of this engine. Systems of
// other countries averaged pay over periods, counted what belonged to a namesake, read
// whom they should not have read, or judged by rules that had silently lost a condition.
// Each test is named after the lesson, says in a line what happened and what is required
// instead, and runs on the packs that ship.
//
// Invariants:
//   - Every test goes through what everybody else uses: a pack, a situation or a sealed
//     generation, a verdict. None looks inside the engine.
//   - Every suite plants the mistake and sees it noticed.
//
// What it does not do: anything at run time; the package has no code.
package lessons
