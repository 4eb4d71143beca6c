package submission

import (
	"bytes"
	"context"
	"errors"
	"strconv"

	"github.com/hedui/hedui/engine/desk"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ledger"
)

// run is messages of one batch on their way.
type run struct {
	answering

	s        *Stream
	start    int64    // the position before them
	end      *Message // the message that the position stands behind when they are answered; nil when it does not move
	batch    *opened
	messages []Message
	answers  [][]byte // the verdict of each
	made     []made
	settled  int // parts that the first change says to be sent
}

// made is what is to be sent of the messages from one on.
type made struct {
	Sending

	from int
}

// change is what goes into one change of the ledger with the answers from and up to to:
// their part, the new position, and that earlier parts were sent.
func (r *run) change(from, to int) (change ledger.Change) {
	for len(r.made) > 0 && r.made[len(r.made)-1].from >= from { // it was refused, and is made anew
		r.made = r.made[:len(r.made)-1]
	}
	s := r.s
	p := &ledger.Part{
		Batch: r.answering.batch, First: r.messages[from].Offset, Rows: int64(to - from), State: partOutbox, Topic: s.topic, Partition: s.partition, Epoch: s.epoch,
		Counts: countItems(r.items[from:to]), At: ledger.At(s.o.o.Now()),
	}
	p.Body = encodeItems(r.items[from:to])
	out := Sending{part: p}
	for i := from; i < to; i++ {
		out.Messages = append(out.Messages, s.outgoing(&r.items[i], r.answers[i], p))
	}
	r.made = append(r.made, made{out, from})
	if from == 0 {
		r.settled = len(s.sent)
		change.Ops = s.settling()
	}
	change.Ops = append(change.Ops, ledger.Put(p))
	change.Fence = r.fence(from, to)
	return change
}

// fence moves the position with the answers from and up to to: those of other batches before
// them are in the ledger.
func (r *run) fence(from, to int) *ledger.Fence {
	s := r.s
	f := &ledger.Fence{Topic: s.topic, Partition: s.partition, Epoch: s.epoch, From: r.start, To: r.start, Mark: s.mark(s.last)}
	if r.end == nil {
		return f
	}
	last := &r.messages[to-1]
	if to == len(r.messages) {
		last = r.end
	}
	if from > 0 {
		f.From = r.messages[from-1].Offset + 1
	}
	f.To, f.Mark = last.Offset+1, s.mark(&lastMessage{last.Offset, last.print()})
	return f
}

// sort finds the messages that are set aside. reason says why none of their batch can be
// answered any more; those that were answered before have their answers all the same.
func (r *run) sort(ctx context.Context, reason string) error {
	left := r.batch.left()
	full := left < int64(len(r.messages))
	asked := map[string]bool{} // what comes twice is one row
	for i := range r.messages {
		m, x := &r.messages[i], &r.items[i]
		*x = item{Number: m.Offset, line: m.Value}
		why := reason
		switch {
		case m.Oversize > 0, m.size() > partBytes:
			why, x.line = DeadOversize, nil
		case m.Corrupt:
			why = DeadCorrupt
		case r.batch.b == nil:
		case !isRequest(m.Value):
			why = DeadNoRequest
		case reason != "" || full:
			id := desk.RowRequest(r.batch.b.ID, r.batch.b.Scheme, m.Value)
			if asked[id] {
				break
			}
			a, err := r.s.o.o.Desk.RowAnswered(ctx, id)
			if err != nil {
				return err
			}
			if a != nil {
				x.line = nil
				x.answer(a)
				r.answers[i] = a.Line
				continue
			}
			if left--; left < 0 && reason == "" {
				why = DeadQuota
			}
			asked[id] = why == ""
		}
		if why != "" {
			x.Dead, x.Refusal, x.Tries = true, why, 1
			if len(m.Key) <= maxKey {
				x.Key = m.Key
			}
			if len(m.Batch) <= maxKey {
				x.Batch = m.Batch
			}
		}
	}
	return nil
}

// isRequest reports whether a message is one JSON object in one line that can be read as a
// request. What verify writes of another names its line; a message has none, and another
// offset each time it comes.
func isRequest(value []byte) bool {
	if len(value) == 0 || len(value) > partBytes || value[0] != '{' || bytes.IndexByte(value, '\n') >= 0 {
		return false
	}
	_, err := household.ParseRequest(value)
	return err == nil
}

// Why a message is set aside, beside failed.
const (
	DeadOversize  = "oversize"      // larger than a worker reads, or than a part holds
	DeadCorrupt   = "corrupt"       // damaged at the broker
	DeadNoRequest = "not_a_request" // not one JSON object in one line, or not one of a household
	DeadNoBatch   = "no_batch"      // it names none
	DeadUnknown   = "unknown_batch" // there is none of this number, or not by this way
	DeadOver      = "batch_over"    // the batch was finished or cancelled
	DeadStopped   = "batch_stopped" // the batch can't go on; see its state
	DeadQuota     = "quota"         // more came than its sender announced
)

// DeadReasons are the reasons why a message is set aside.
func DeadReasons() []string {
	return []string{
		DeadOversize, DeadCorrupt, DeadNoRequest, DeadNoBatch, DeadUnknown, DeadOver, DeadStopped, DeadQuota, failed,
	}
}

// maxKey is how long a key or the number of a batch may be to be kept with what is set aside.
const maxKey = 4 << 10

// noBatch is the number of the parts of messages that belong to no batch.
const noBatch = "none"

// ready finds out what the messages are judged by, and by whose leave; reason is why they
// are all set aside.
func (r *run) ready(ctx context.Context) (reason string, free func(), err error) {
	b, o := r.batch.b, r.s.o
	nothing := func() {}
	switch {
	case r.messages[0].Batch == "":
		return DeadNoBatch, nothing, nil
	case b == nil || b.Channel != Kafka:
		return DeadUnknown, nothing, nil
	}
	r.answering.batch = b.ID
	switch b.State {
	case Open:
	case Stopped:
		return DeadStopped, nothing, nil
	default:
		return DeadOver, nothing, nil
	}
	var why Why
	if r.c, r.own, why, err = o.sender(ctx, b); err != nil {
		return "", nothing, err
	}
	free = nothing
	if why == "" {
		r.p, free, err = o.pin(ctx, b)
		if gone, ok := errors.AsType[*errWhy](err); ok {
			why, err, free = gone.why, nil, nothing
		}
	}
	if why != "" {
		return DeadStopped, nothing, o.end(ctx, b.ID, Stopped, why, nil)
	}
	return "", free, err
}

// outgoing is the message that tells what became of an item of a part.
func (s *Stream) outgoing(x *item, verdict []byte, p *ledger.Part) Outgoing {
	if x.Dead {
		return Outgoing{Dead: true, Key: x.Key, Value: x.line, Headers: []Header{
			{"schema", DeadSchema},
			{"reason", x.Refusal},
			{"tries", strconv.Itoa(x.Tries)},
			{"topic", p.Topic},
			{"partition", strconv.Itoa(int(p.Partition))},
			{"offset", strconv.FormatInt(x.Number, 10)},
			{"batch", x.Batch},
		}}
	}
	key := ""
	if x.Household != "" {
		key = s.o.o.Ledger.Pseudonym(householdOf, []byte(x.Household)).String()
	}
	return Outgoing{Key: []byte(key), Value: verdict, Headers: []Header{
		{"schema", VerdictSchema}, {"id", x.Request}, {"batch", p.Batch}, {"verdict", x.Verdict}, {"outcome", x.Outcome},
	}}
}

// householdOf keeps the pseudonyms of households in the keys of messages apart.
const householdOf ledger.Domain = "household"
