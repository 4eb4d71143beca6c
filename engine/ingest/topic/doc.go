// Package topic makes deliveries for an ingest of what a department sends to a topic of
// Kafka: each message is one row.
//
// Main types: Options say which messages, Plan finds the Spans of offsets that are taken,
// Feeds hands them to package ingest. After says where the last snapshot ended.
//
// Invariants:
//   - The spans are settled before a row is read. The same spans of the same topic give
//     the same snapshot, however often the ingest was killed before; what came later is
//     of the next one.
//   - Every message of a span is a row, also one that is empty, too large or damaged: those
//     are quarantined. Only a mark, a message with the header "end", is none.
//   - The row of a message is its offset and one, so what is said of a row is said of a
//     message.
//   - The spans are kept in the manifest of the snapshot and nowhere else: a snapshot and
//     how far it reached are there together or not at all.
//   - What retention took away before it was read is an error, never left out.
//
// What it does not do: know brokers (package stream), type rows (package connectors), or
// join a group: one ingest reads all partitions.
package topic
