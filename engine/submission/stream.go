package submission

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/ledger"
)

// Message is a request that came by a topic.
type Message struct {
	Offset   int64
	Batch    string // that it names
	Key      []byte
	Value    []byte // one request, as a line of a batch has it
	Oversize int    // bytes of a message that was too large to be read; then there is no value
	Corrupt  bool   // nobody can read what is there; then there is no value either
}

// print is by what a message is known again.
func (m *Message) print() string {
	h := sha256.New()
	for _, part := range [][]byte{[]byte(m.Batch), m.Key, m.Value, []byte(strconv.Itoa(m.Oversize))} {
		_, _ = fmt.Fprintf(h, "%d:", len(part)) // never fails
		_, _ = h.Write(part)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// size is what a message takes in a part, as far as it can be told before it is answered.
func (m *Message) size() int { return len(m.Value) + 2*len(m.Key) + len(m.Batch) }

// Outgoing is a message that answers one.
type Outgoing struct {
	Dead    bool // for the topic of what was set aside; else for that of verdicts
	Key     []byte
	Value   []byte
	Headers []Header
}

// Header is a name and a value beside a message.
type Header struct{ Name, Value string }

// The versions of what is sent.
const (
	VerdictSchema = "hedui.verdict.v1"
	DeadSchema    = "hedui.dead-letter.v1"
)

// Sending is the answers of a part that are to be sent. They are in the ledger; Settle says
// that they were sent.
type Sending struct {
	Messages []Outgoing

	part *ledger.Part
}

// lastMessage is the message before a position.
type lastMessage struct {
	Offset int64  `json:"offset"`
	Print  string `json:"print"`
}

// Stream answers the messages of one partition of a topic, as long as it is this worker's.
// It belongs to one goroutine.
type Stream struct {
	o         *Office
	topic     string
	partition int32
	epoch     int64
	at        int64 // the next offset to work off
	last      *lastMessage
	topicID   string

	sent    []*ledger.Part // sent, and not yet said to be
	batches map[string]*opened
	looked  bool // for batches that are complete and not ended, since the partition was claimed
}

// opened is what is known of a batch that messages name.
type opened struct {
	b       *Batch // nil when there is none
	asked   time.Time
	counted time.Time // its rows
	since   int64     // rows since then
}

// Stream returns the stream of a partition. It is nobody's before Claim.
func (o *Office) Stream(topic string, partition int32) *Stream {
	return &Stream{o: o, topic: topic, partition: partition, batches: map[string]*opened{}}
}

// Log is what a broker says of a partition.
type Log struct {
	ID          string // of the topic, another one when it was made anew; "" when the brokers give none
	First, Next int64  // offsets: of the oldest message held, and of the one that comes next
	// At reads the message of an offset; false when there is none there any more.
	At func(ctx context.Context, offset int64) (Message, bool, error)
}

// LossError says that a partition has lost messages that nobody had answered.
type LossError struct {
	Topic     string
	Partition int32
	From, To  int64
}

func (e *LossError) Error() string {
	return fmt.Sprintf("topic %s partition %d: the messages from offset %d up to %d are gone and nobody had answered them", e.Topic, e.Partition, e.From, e.To)
}

// Claim takes the partition over and says from where it goes on: a worker that had it
// before commits nothing any more. A topic that was made anew since is read from its
// beginning; what is in it again is told by its number. A LossError says that messages were
// removed by the broker before anybody answered them; anyway says to go on behind them.
func (s *Stream) Claim(ctx context.Context, log Log, anyway bool) (from int64, err error) {
	s.epoch, s.at, s.last, s.topicID = 1, log.First, nil, log.ID
	fence := &ledger.Fence{Topic: s.topic, Partition: s.partition}
	p, err := ledger.Get[ledger.Position](ctx, s.o.o.Ledger, ledger.PositionID(s.topic, s.partition))
	switch {
	case errors.Is(err, ledger.ErrNotFound):
	case err != nil:
		return 0, ledgerError(err)
	default:
		var m mark
		if len(p.Body) > 0 && json.Unmarshal(p.Body, &m) != nil {
			return 0, fmt.Errorf("position %s: its mark is not one", p.Key())
		}
		s.epoch = p.Epoch + 1
		anew, err := s.anew(ctx, p.Offset, &m, &log)
		switch {
		case err != nil:
			return 0, err
		case anew:
			fence.Restart = true
		case p.Offset < log.First && !anyway:
			return 0, &LossError{s.topic, s.partition, p.Offset, log.First}
		case p.Offset < log.First:
			fence.Restart = true
		default:
			s.at, s.last = p.Offset, m.Last
		}
		if fence.Restart {
			s.o.o.Log.Warn("a topic is read from its beginning: it is another than before, or has lost messages", slog.String("topic", s.topic),
				slog.Int("partition", int(s.partition)), slog.Int64("before", p.Offset), slog.Int64("now", s.at))
			e := audit.Event{Operation: "topic_restarted", Outcome: audit.Done, Object: fmt.Sprintf("%s/%d", s.topic, s.partition)}
			if err := s.o.note(e); err != nil {
				return 0, err
			}
		}
	}
	fence.Epoch, fence.From, fence.To, fence.Mark = s.epoch, s.at, s.at, s.mark(s.last)
	return s.at, ledgerError(s.o.o.Ledger.Commit(ctx, ledger.Change{Fence: fence}))
}

// anew reports whether a topic is another one than that whose position is kept.
func (s *Stream) anew(ctx context.Context, offset int64, was *mark, log *Log) (bool, error) {
	if offset > log.Next || was.Topic != "" && log.ID != "" && was.Topic != log.ID {
		return true, nil
	}
	last := was.Last
	if last == nil || last.Offset < log.First || last.Offset >= log.Next {
		return false, nil
	}
	m, held, err := log.At(ctx, last.Offset)
	if err != nil || !held {
		return false, err
	}
	return m.print() != last.Print, nil
}

func (s *Stream) mark(last *lastMessage) []byte {
	m := mark{Worker: s.o.o.Name, At: ledger.At(s.o.o.Now()), Topic: s.topicID, Last: last}
	return m.text()
}

// Answer answers messages that follow one another, from where the stream stands. What is
// returned is in the ledger with the new position, and is to be sent. With an error some of
// it may be in the ledger: what is there is in Unsent of whoever claims the partition next.
func (s *Stream) Answer(ctx context.Context, messages []Message) ([]Sending, error) {
	var out []Sending
	for len(messages) > 0 {
		n, size := 1, messages[0].size()
		for n < len(messages) && n < partRows && size+messages[n].size() <= partBytes {
			size += messages[n].size()
			n++
		}
		if messages[0].Offset < s.at {
			return nil, fmt.Errorf("topic %s partition %d: offset %d comes again behind %d", s.topic, s.partition, messages[0].Offset, s.at)
		}
		// Batches that come at the same time are answered one after the other, not message by
		// message. The position moves with the last of them, when all are answered.
		batches := byBatch(messages[:n])
		for i, of := range batches {
			var end *Message
			if i == len(batches)-1 {
				end = &messages[n-1]
			}
			more, err := s.answer(ctx, of, end)
			if err != nil {
				return nil, err
			}
			out = append(out, more...)
		}
		messages = messages[n:]
	}
	return out, nil
}

// byBatch are messages by the batch that they name, in the order in which the batches come.
func byBatch(messages []Message) (list [][]Message) {
	at := map[string]int{}
	for i := range messages {
		k, known := at[messages[i].Batch]
		if !known {
			k = len(list)
			at[messages[i].Batch], list = k, append(list, nil)
		}
		list[k] = append(list[k], messages[i])
	}
	return list
}

// answer answers messages that name the same batch. The position then stands behind end, or
// does not move.
func (s *Stream) answer(ctx context.Context, messages []Message, end *Message) ([]Sending, error) {
	batch, err := s.open(ctx, messages[0].Batch)
	if err != nil {
		return nil, err
	}
	r := &run{s: s, start: s.at, end: end, batch: batch, messages: messages, answers: make([][]byte, len(messages))}
	r.answering = answering{o: s.o, batch: noBatch, items: make([]item, len(messages)), change: r.change, told: func(i int, line []byte) { r.answers[i] = line }}
	reason, free, err := r.ready(ctx)
	if err != nil {
		return nil, err
	}
	defer free()
	if err := r.sort(ctx, reason); err != nil {
		return nil, err
	}
	if r.p == nil {
		err = ledgerError(s.o.o.Ledger.Commit(ctx, r.change(0, len(r.items))))
	} else {
		_, err = r.run(ctx)
	}
	if err != nil {
		return nil, err
	}
	if end != nil {
		s.at, s.last = end.Offset+1, &lastMessage{end.Offset, end.print()}
	}
	var out []Sending
	for _, m := range r.made {
		m.part.Version = 1
		out = append(out, m.Sending)
	}
	s.sent = s.sent[:copy(s.sent, s.sent[r.settled:])]
	for i := range r.items {
		if !r.items[i].Dead && !r.items[i].Again {
			batch.since++
		}
	}
	return out, nil
}

// open reads the batch that messages name. It is read again after a moment: it may be over.
func (s *Stream) open(ctx context.Context, id string) (*opened, error) {
	now := s.o.o.Now()
	if len(id) > maxKey { // no batch has such a number, and it is not kept
		return &opened{asked: now}, nil
	}
	x := s.batches[id]
	if x != nil && now.Sub(x.asked) < time.Second {
		return x, nil
	}
	b, err := s.o.read(ctx, id)
	if err != nil {
		return nil, err
	}
	switch counted := x != nil && x.b != nil && now.Sub(x.counted) < countEvery; {
	case b == nil || b.State != Open:
	case counted && x.left() > 0: // what others answered meanwhile is not known, and not much
		b.Counts = x.b.Counts
		x.b, x.asked = b, now
		return x, nil
	default:
		if b, err = s.o.complete(ctx, b); err != nil {
			return nil, err
		}
	}
	if len(s.batches) >= 1000 { // numbers that nobody has must not fill the memory
		clear(s.batches)
	}
	x = &opened{b: b, asked: now, counted: now}
	s.batches[id] = x
	return x, nil
}

// countEvery is how long the rows of an open batch are not counted anew: its parts are many.
// More than were announced may be answered by as many as workers answer in this time.
const countEvery = 5 * time.Second

// left is how many rows more a batch takes, of those that were not answered yet.
func (x *opened) left() int64 {
	if x.b == nil {
		return 0
	}
	return x.b.Rows - x.b.Different() - x.since
}

// complete counts the rows of an open batch, and ends it when all have come that its sender
// announced.
func (o *Office) complete(ctx context.Context, b *Batch) (*Batch, error) {
	if err := o.sum(ctx, b); err != nil {
		return nil, err
	}
	if b.Different() < b.Rows {
		return b, nil
	}
	if err := o.end(ctx, b.ID, Done, "", nil); err != nil {
		return nil, err
	}
	return o.read(ctx, b.ID)
}

// Idle is called when no message waits: what was sent is said to be, and batches whose rows
// have all come are ended.
func (s *Stream) Idle(ctx context.Context) error {
	if err := s.Flush(ctx); err != nil {
		return err
	}
	if !s.looked { // whoever had the partition before may have answered the last row of one, and ended
		err := ledger.All(ctx, s.o.o.Ledger, ledger.BatchesBeing(string(Open)), func(e *ledger.Batch) error {
			b, err := batchIn(e)
			if err == nil {
				_, err = s.o.complete(ctx, b)
			}
			return err
		})
		if err != nil {
			return err
		}
		s.looked = true
	}
	for id, x := range s.batches {
		if x.since == 0 || x.b == nil || x.b.State != Open {
			continue
		}
		b, err := s.o.complete(ctx, x.b)
		if err != nil {
			return err
		}
		s.batches[id] = &opened{b: b, asked: s.o.o.Now(), counted: s.o.o.Now()}
	}
	return nil
}
