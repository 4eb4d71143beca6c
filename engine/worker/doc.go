// Package worker answers the requests of a topic: it is a member of a consumer group, and
// every partition that the group gives it is worked off by one goroutine.
//
// The way of a message: read, answered and kept in the ledger with the partition's new
// position in one change, sent to the topic of verdicts or of what was set aside, said to be
// sent. How far a partition is stands in the ledger; what the brokers are told of it is for
// those who watch the group.
//
// Main types: Worker does it, Watch is what it tells whoever watches.
//
// Invariants:
//   - A partition is read no further ahead than it is answered, and answered no further
//     ahead than it is sent, but for a bounded number of messages: memory does not grow with
//     the lag, nor with a slow broker.
//   - A worker that lost a partition without knowing commits nothing.
//   - Nothing is skipped. Messages that the broker removed before they were answered end the
//     worker, until somebody says to go on without them.
//   - A partition that has messages and does not move ends the worker, so that whoever
//     supervises it starts it anew.
//
// What it does not do: judge, keep (package submission), or know a broker's client library
// (package stream).
package worker
