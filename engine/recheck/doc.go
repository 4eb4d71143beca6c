// Package recheck verifies again, after a publish, the registered households whose
// answer may have changed, and says whose answer has.
//
// A new generation has another id, and its snapshots have other ids, dates and orders of
// rows, so the bytes of every verdict differ. What a verdict says, its substance, differs
// for few: the households of whose people something else is held, and those for whom
// another law, date or coverage counts. Select finds them without reading a profile; Run
// verifies them and compares the substance; of the others it is known to be the same.
//
// The main types are Last, what is kept of a household's last verdict; Registry, which
// hands the registered households out; Selection; Result and Change, what Run finds; and
// Substance.
//
// Invariants:
//   - After Select and Run the substance kept of every registered household is that of a
//     full run on the generation, and exactly those have a Change whose substance is
//     another than before.
//   - Whatever can't be compared (another program, a generation that is dropped or has no
//     digests, an index that differs) is verified again, never taken for the same.
//   - Neither reads anybody whom the audit log has not taken down.
//   - The same registry and generations give the same selection and changes.
//
// What it does not do: keep anything, judge whether an authorisation still holds beyond
// what the request says, or decide what becomes of a change.
package recheck
