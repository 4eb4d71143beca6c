// Package review says how a verdict becomes a decision of people, and that nothing else
// does: the state machine of cases, notices and objections.
//
//	proposed → under_review → confirmed → final
//	                        ↘ cleared
//	                        ↘ returned → proposed
//	any of them, by an objection → disputed → back to people
//	any that is not final, by a withdrawn authorisation → withdrawn
//
// Main types: Case is where one verdict stands, Event what happens to it, Effect what the
// caller must do besides storing the case. Apply is the whole machine: a function of its
// arguments, without clock or store. Queue orders what waits.
//
// Invariants, proven by walking every reachable state:
//   - An adverse outcome is confirmed only by a second person, who has not proposed it nor
//     taken it up, by person and not by account; who has opened every record it rests on
//     since the verdict was made; with a reason; and only when every one of those records
//     is of a source that answered fully, and is not disputed.
//   - Time decides nothing but the end of the contest window. It confirms nothing, and a
//     case that nobody answers stays where it is.
//   - An adverse outcome is final only when the household had a notice of it with source,
//     date, amount, rule, law and term, the term has run out, and nothing is disputed.
//   - An objection needs no proof: it alone makes the case disputed, and the record counts
//     for nothing until people have decided. Whoever rejects one is nobody whose name
//     stands on the case.
//   - A case that was closed stays closed. New evidence makes a new case, which knows
//     nothing of the old one.
//
// What it does not do: store anything, send anything, or know roles (package access does).
// Package meter measures how well people review.
package review
