// Package meter measures how well people review: whether they find what is known to be
// false, how long they look, and how often they say what the engine said.
//
// Known-false cases are planted among the others and look like them (review.Case.Seeded).
// Whoever confirms one has not looked. A centre that measures this knows whether its
// second pair of eyes is one.
//
// Main types: Decision is one answer of one person, read from a case by Decisions; Report
// is what Measure says of a person; Thresholds are the centre's, as data.
//
// Invariants: a rate comes with its Wilson interval, and nobody is flagged on fewer cases
// than the thresholds ask for, nor unless the whole interval lies on the wrong side. The
// order of decisions decides nothing.
//
// What it does not do: plant cases, show which ones are planted, or judge anybody. A flag
// is a reason to talk.
package meter
