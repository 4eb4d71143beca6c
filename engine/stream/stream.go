package stream

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Header is one header of a message.
type Header struct {
	Key   string
	Value []byte
}

// Message is one record of a partition. What was read belongs to the caller.
type Message struct {
	Topic     string
	Partition int32
	Offset    int64
	// Key chooses the partition when a message is produced; nil takes turns. Value and
	// Headers are nil in a message that was too large or damaged.
	Key, Value []byte
	Headers    []Header
	Time       time.Time
	// Oversize is not 0 when the record is larger than Options.MaxMessage, or of a batch
	// that can't be held: its size in bytes, or of the batch, as far as it is known.
	Oversize int
	// Corrupt says that the broker holds something at this offset that nobody can read:
	// the checksum or the form of its batch is wrong, also when it was asked again.
	Corrupt bool
}

// Header returns the last header of a name, nil when there is none.
func (m Message) Header(name string) []byte {
	for _, h := range slices.Backward(m.Headers) {
		if h.Key == name {
			return h.Value
		}
	}
	return nil
}

// Place returns where a message stands, for an error or a log line.
func (m Message) Place() string { return place(m.Topic, m.Partition, m.Offset) }

func place(topic string, partition int32, offset int64) string {
	return fmt.Sprintf("topic %s partition %d offset %d", topic, partition, offset)
}

// TopicPartition names one partition.
type TopicPartition struct {
	Topic     string
	Partition int32
}

func (p TopicPartition) String() string {
	return fmt.Sprintf("topic %s partition %d", p.Topic, p.Partition)
}

// Topic is a topic to create.
type Topic struct {
	Name       string
	Partitions int32
	// Replicas is how many brokers keep it; 0 is the brokers' default.
	Replicas int
	// Config holds settings of the topic, such as retention.ms.
	Config map[string]string
}

// Broker is a cluster of Kafka brokers. It is safe for concurrent use.
type Broker interface {
	// Join enters Options.Group as a member that takes partitions of these topics. They
	// must exist.
	Join(ctx context.Context, topics ...string) (Membership, error)
	// Partitions returns how many partitions a topic has, ErrNoTopic without one.
	Partitions(ctx context.Context, topic string) (int32, error)
	// TopicID returns what tells a topic from one of the same name that was there before; ""
	// from brokers that don't know (before 2.8).
	TopicID(ctx context.Context, topic string) (string, error)
	// Bounds returns the first offset a partition still has and the one its next
	// message gets.
	Bounds(ctx context.Context, topic string, partition int32) (first, next int64, err error)
	// Read opens a reader that begins at an offset: ErrGone when the partition begins
	// behind it, ErrBeyond when it ends before it.
	Read(ctx context.Context, topic string, partition int32, from int64) (Reader, error)
	// Produce appends messages and returns when all are on all replicas in sync, or an
	// *ProduceError that says which may not be. Of messages with the same key the order
	// is kept. It tries again by itself until Options.Patience or ctx is over.
	Produce(ctx context.Context, messages ...Message) error
	// Ensure creates topics that are missing. One that exists is left as it is.
	Ensure(ctx context.Context, topics ...Topic) error
	// Close gives connections back; readers and memberships must be closed before.
	Close() error
}

// Membership is a member of a group. One goroutine asks for generations.
type Membership interface {
	// Next returns the next generation, when the one before is over. Brokers that can't
	// be reached are waited for until Options.Patience; Next can be called again then.
	Next(ctx context.Context) (Generation, error)
	// Close leaves the group, so that others get its partitions at once; before that it waits
	// for the Release of a generation as Next does.
	Close() error
}

// Generation is what one member of a group works on between two distributions.
type Generation interface {
	// ID grows with every distribution; Member is the name the brokers gave this member.
	ID() int32
	Member() string
	// Partitions are this member's, in order of topic and partition; they can be none.
	Partitions() []TopicPartition
	// Lost is closed when the generation is over. The caller stops its work then, and
	// says so by Release.
	Lost() <-chan struct{}
	// Commit tells the brokers how far the member came, for those who watch the group's
	// lag: the offsets that come next. It is advisory. ErrLost when the generation is
	// over.
	Commit(ctx context.Context, next map[TopicPartition]int64) error
	// Release says that nothing of the generation is worked on any more. The member
	// takes part in the next distribution then, and without it after Options.Drain.
	Release()
}

// Reader reads one partition. It is for one goroutine.
type Reader interface {
	// Next returns the next message and waits for it. ErrGone, ErrBeyond, ErrStalled and
	// ErrNoTopic end the reader; after ctx is over it can go on.
	Next(ctx context.Context) (Message, error)
	// Until has Next return io.EOF when nothing before this offset is left, also where the
	// offsets before it hold nothing.
	Until(to int64)
	// Offset is the offset that Next looks for, Lag how many offsets lie between it and
	// the end, as of the last answer of the broker.
	Offset() int64
	Lag() int64
	Close() error
}

// What can be wrong with a place to read from, or with who reads.
var (
	// ErrGone is an offset before the first one a partition still has: it was deleted by
	// age or by hand.
	ErrGone = errors.New("the partition begins behind this offset")
	// ErrBeyond is an offset behind the end: the topic was made anew, or lost messages.
	ErrBeyond = errors.New("the partition ends before this offset; its topic was made anew, or lost messages")
	// ErrStalled is a broker that answers, or takes connections, and lets go of nothing.
	ErrStalled = errors.New("no progress; restart this process, and look at the broker if that does not help")
	// ErrNoTopic is a topic or partition that does not exist.
	ErrNoTopic = errors.New("no such topic or partition; create it first")
	// ErrLost is a generation that is over.
	ErrLost = errors.New("this generation of the group is over")
	// ErrTooLarge is a message the brokers don't take because of its size.
	ErrTooLarge = errors.New("larger than the brokers take for this topic (max.message.bytes)")
	// ErrDenied is a broker that refuses: who is it that asks, and what may they do.
	ErrDenied = errors.New("the broker refuses; look at user, password, certificate and access lists")
	// ErrPlain is a connection in the clear to another machine.
	ErrPlain = errors.New("not in the clear to another machine: give kafka.tls, or say kafka.insecure")
)

// ProduceError says which messages of a Produce may not be on the brokers.
type ProduceError struct {
	// Failed are the places of the messages in the call, in order.
	Failed []int
	// Errs has an error for each.
	Errs []error
}

func (e *ProduceError) Error() string {
	var text strings.Builder
	fmt.Fprintf(&text, "%d messages not produced", len(e.Failed))
	var before string
	for i, err := range e.Errs {
		if s := err.Error(); s != before {
			fmt.Fprintf(&text, "; from message %d of the call: %s", e.Failed[i]+1, s)
			before = s
		}
		if text.Len() > 600 {
			break
		}
	}
	return text.String()
}

// Unwrap returns the errors of all messages that failed.
func (e *ProduceError) Unwrap() []error { return e.Errs }
