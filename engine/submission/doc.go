// Package submission keeps batches: many households that a city or county centre asks
// about at once, however they come, each answered once.
//
// A batch is accepted for one scheme, one generation, one version of the rules and one day,
// and is judged by them to its last row. Its rows lie in the ledger in parts. Rows of a file
// or an upload are there before they are answered; rows of a topic come with their answers.
// A part is answered in one change of the ledger or a few, each together with the move of a
// fenced position: of the batch, or of the partition that the messages came by.
//
// Main types: Office does what is asked of batches and answers them; Batch is one, Row one
// of its rows as its sender gets it; Stream answers the messages of a partition.
//
// Invariants:
//   - A row is answered once. Delivered again, in whatever way, it has the answer that the
//     ledger has under batch, scheme and line.
//   - A position never passes a row that is not answered, refused or set aside.
//   - Whoever sent a batch is asked of the policy again at every part: an account that lost
//     a role or a division loses it in the middle of a batch.
//   - What is to be sent is in the ledger before it is sent, and said to be sent after it
//     was: a topic may say an answer twice, and never with other bytes.
//   - What can't be answered is set aside with its reason, and the rest goes on.
//
// What it does not do: judge a household (package desk), read files of people (package
// form), speak to a broker (package stream), or decide who may do what (package access).
package submission
