// Package batch verifies files of requests: many households, one generation, one
// date, by one pack or by those of several schemes.
//
// A batch is cut into chunks of households. For each chunk the requests are
// parsed and refused where they must be, the audit log takes down who is about
// to be looked at, the members are sorted by key and the blocks of the
// generation walked once in key order, every household is verified, and the
// verdicts are written in the order of the requests. A checkpoint then says how
// far the file is, so that a batch that was killed goes on where it stopped.
//
// Several schemes judge the same evidence: what is held of a household is read once,
// each scheme answers as it would alone, and the line says which one helps most.
// Pass is the same work for those who want the verdicts and no file of them.
//
// Invariants:
//   - Nothing is read of anybody before the audit log has taken it down.
//   - One answer for every line, in order, whatever the number of workers.
//   - Each scheme needs the household's consent for itself; a household that every
//     scheme refuses is not read.
//   - A checkpoint is only followed by the same batch, generation, date, packs and
//     order of schemes; what was written before it is checked against its digest.
//   - The output appears under its name only when it is whole.
//   - Memory is bounded by the chunk, not by the batch.
//
// What it does not do: decide anything (package engine), or read a topic.
package batch
