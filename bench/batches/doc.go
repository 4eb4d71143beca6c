// Package batches tries batches from outside, with a real Kafka broker: the built program
// answers requests of a topic while brokers, workers and the owner of the ledger are killed,
// workers are frozen, and messages come twice, out of order, damaged and too large.
//
// Main types, all of the tests: evidence is what was sent and what is found of it, and its
// check says what is not as it must be; site is a centre that serves; sender sends, by a
// client library that the program does not use.
//
// Invariants:
//   - What is expected comes from the sender's own list and from hedui verify, never from
//     what the workers say.
//   - The check finds what it is there for: its own tests plant every fault, without a broker.
//   - A run in which nothing was asked or nobody was killed fails.
//
// What it does not do: measure anything but what a test says it does.
package batches
