// Package stream speaks to Apache Kafka for the rest of hedui: it joins groups, reads
// partitions, produces messages, and is the only package that imports a client library.
//
// Main types: Broker is what everything above uses, Open makes one of Options. A
// Membership hands out Generations, each the partitions that are this member's until
// Lost is closed. A Reader reads one partition in order. A Message is one record.
//
// Invariants:
//   - A Reader hands out offsets in growing order and leaves none out that the log
//     holds for it: what can't be handed out (too large, or its checksum is wrong) is
//     a Message that says so. Offsets that hold nothing, because of compaction,
//     transaction markers or a transaction that was aborted, are not handed out.
//   - A Reader never begins somewhere else than it was told. An offset the log no
//     longer has is ErrGone, one it doesn't have yet is ErrBeyond: the topic was
//     emptied or made anew, and what follows is the caller's to decide. A topic made anew
//     that has as many messages again is told by its id (TopicID): a Reader knows while it
//     is open, who stores an offset stores the id with it.
//   - Memory is bounded by Options, however large a record is, also when it was
//     compressed. A record over the bound never stops its partition.
//   - A broker that goes away and comes back is waited for. One that answers without
//     ever letting go of what it holds is ErrStalled, after Options.Reopens tries.
//   - Produce returns nil when every message is on all replicas that are in sync.
//     After an error each message that is named may be on the broker or not, once or
//     twice: who reads must know a message again by what is in it.
//   - A Generation says which partitions are a member's, not that nobody else works on
//     them: a member that was frozen learns late that its generation is over. Who
//     keeps results must refuse what comes from an old Generation.ID.
//   - Nothing is sent in the clear to another machine unless Options.Insecure says so,
//     whichever address the brokers name for themselves.
//   - No error and no log line holds a key or a value.
//
// What it does not do: keep offsets (Commit tells the broker for those who watch its
// lag; where to begin is what the caller kept with its results), create topics by
// accident, use transactions, or know what a message means.
package stream
