// Package streamtest is the contract of engine/stream, and a broker in memory to try it
// and what stands on it.
//
// Main types: Fake starts a broker in this process, which speaks Kafka's protocol and
// whose connections can be cut, refused, frozen and slowed down. Target is what the
// contract needs of any broker, Run tries it.
//
// Invariants:
//   - The same cases run against the fake and against a real broker; what a broker
//     can't be made to do fails, it is not left out.
//   - Whatever a case starts is over when it ends, to the last goroutine.
//
// What it does not do: start a real broker (bench/broker) or measure.
package streamtest
