// Package api is the HTTP interface: the frame in which a desk answers.
//
// It reads a request, finds out who sends it, asks the policy table whether such a one
// may do such a thing at all, lets it wait its turn, hands it to a wire.Desk, and
// writes the answer or a Problem. What it says of itself is an OpenAPI 3.1 document.
//
// Main types: Server, made by New from Options and run by Run; the route table, shown
// by Routes; Lanes, the queues; Problem, the one form of a refusal.
//
// Invariants:
//   - A handler is put on the mux by the route table only, and a route names a row of
//     the policy. New fails otherwise.
//   - Nothing that was sent is said back in a refusal, logged, or put into a metric: a
//     refusal holds a code, words of a table, and names of fields.
//   - What must not be known to exist is refused like what does not exist: the same
//     bytes, after the same grain of time.
//   - Batch work never stands before a request of the counter.
//   - No body is read before it is known who sends it, none is longer than its limit
//     or takes longer than its time, and none is unpacked.
//   - A body means what it says: no key twice, no unknown key, no mended text.
//
// What it does not do: decide about an object, read the ledger, write the audit log,
// or keep sessions. The desk and the authenticator do.
package api
