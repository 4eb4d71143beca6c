// Package snoop finds look-ups that have no business being made, in the stream of the
// audit log's entries.
//
// Main types: Detector takes accesses in the order of the log and gives alerts at once;
// Context answers what the log does not know: cases, divisions, who is related to whom,
// which households are honey, when people work.
//
// An access shows signs. A strong sign alarms by itself: a honey household, a relative's
// address, a colleague, no case, another region, looks after a case was closed again and
// again, numbers in a row, far more than the peers. A weak sign is what honest work shows
// too, a shared surname or an hour too late: two of them alarm together where no
// case is open, and several late looks on end do.
//
// Invariants:
//   - The alerts are a function of the accesses, the context and the options: no clock,
//     no map order.
//   - What the context does not know is never a sign.
//   - A honey household alarms at once, whoever touches it and however, also in a batch
//     and when it was denied.
//   - One access gives at most one alert, with all its signs.
//
// What it does not do: judge a person. An alert is a reason for the auditor to ask.
package snoop
