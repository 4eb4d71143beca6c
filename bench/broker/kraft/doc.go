// Package kraft runs a real Apache Kafka broker for tests and for trying things out: one
// node that is broker and controller, on this machine, in a folder.
//
// Main types: Node is a broker that runs, or did; Start makes one. For tests ForTest
// starts one, or takes the one that KAFKA_BROKERS names.
//
// Invariants:
//   - What runs is what jars.sha256 says, to the byte. Maven fetches it once, into the
//     user's cache directory; after that no network is needed.
//   - A node listens on 127.0.0.1 only: in the clear at Addr, encrypted and with a
//     password at Secure.
//   - Kill is kill -9. Restart comes back with the same addresses and the same data.
//
// What it does not do: run several nodes, or serve anybody but a test.
package kraft
