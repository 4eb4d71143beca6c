// Command counter proves hedui serve from outside, as the machines of a city meet it:
// under load, under overload, beside PostgreSQL, killed at any moment, and over time.
//
//	go run ./bench/counter -data STORE -batch batch.jsonl load overload peer kill soak
//
// It takes a data directory with a published generation, registers an authorisation for
// every household of the batch that may be looked at, makes the first account and over
// HTTP all others, and sends by command load, which times every answer from when its
// request was due. What was measured goes to standard output as a page and, with -out,
// into a page and a file of numbers.
//
// Main types: site is a data directory and who works there, server one process of hedui
// serve, books what was acknowledged and must be found again after a kill.
//
// Invariants:
//   - Every request that is counted looks: no request of the load is one that the
//     register refuses.
//   - What says how the server did comes from another process than the server.
//   - A kill is SIGKILL; what is checked afterwards is read from the files before a
//     server opens them, and again through the next server.
//
// What it does not do: make the store (hedui gen, ingest and publish do), or start
// PostgreSQL (postgres_peer.py does).
package main
