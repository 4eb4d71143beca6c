package batches

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/hedui/hedui/engine/desk"
)

// place is where a message stands: in which of the topics that there were, one after the
// other, and there.
type place struct {
	topic     int
	partition int32
	offset    int64
}

// sender sends requests to a topic: some twice, not in their order, and among them what
// nobody can answer. It keeps its own list.
type sender struct {
	t     testing.TB
	s     *site
	sent  []sent
	order []int // of sending, by place in sent

	turn   sync.Mutex // of whoever sends, or makes the topic anew
	client *kgo.Client
	topic  int
	next   int // in order

	mu     sync.Mutex
	places map[place]int // of what the broker acknowledged
	failed error
}

// poison is a share of messages that nobody can answer, twice that share comes twice.
const (
	poison     = 1.0 / 100
	duplicates = 1.0 / 20
	window     = 300 // messages that are put out of order
)

// newSender makes the list of what is sent for batches.
func newSender(s *site, batches []string, random *rand.Rand) *sender {
	x := &sender{t: s.t, s: s, places: map[place]int{}}
	for i, line := range s.lines {
		batch := batches[batchOf(i, len(batches), len(s.lines))]
		x.add(sent{batch: batch, key: keyOf(line), value: line, id: desk.RowRequest(batch, scheme, line), household: numberOf(line)})
	}
	x.addPoison(batches, max(20, int(poison*float64(len(s.lines)))))
	x.order = shuffled(len(s.lines), len(x.sent), random)
	return x
}

// batchOf is which of some batches a request is of.
func batchOf(i, batches, requests int) int { return i * batches / requests }

// numberOf is the number of the household of a request.
func numberOf(line []byte) string {
	var q struct {
		Number string `json:"household_id"`
	}
	_ = json.Unmarshal(line, &q) // then it has none
	return q.Number
}

func (x *sender) add(m sent) { x.sent = append(x.sent, m) }

// keyOf is the same for the same household, and says nothing of it.
func keyOf(line []byte) string {
	h := sha256.Sum256([]byte("a key\x00" + numberOf(line)))
	return hex.EncodeToString(h[:8])
}

// addPoison adds messages that nobody can answer, each with a key of its own.
func (x *sender) addPoison(batches []string, n int) {
	large := bytes.Repeat([]byte(" "), 3<<19)
	copy(large, x.sent[0].value)
	for i := range n {
		line := x.sent[i].value
		m := sent{batch: batches[i%len(batches)], key: fmt.Sprintf("poison-%d", i), reason: "not_a_request"}
		switch i % 10 {
		case 0:
			m.value = fmt.Appendf(nil, "no JSON at all %d", i)
		case 1:
			m.value = line[:len(line)/2]
		case 2:
			m.value = nil
		case 3:
			m.value = slices.Concat(line, []byte("\n"), line)
		case 4:
			m.value = fmt.Appendf(nil, "[%s]", line)
		case 5:
			m.value = fmt.Appendf(nil, `{"a":%d}`, i)
		case 6:
			m.value = fmt.Appendf(nil, `{"household_id":"h%d","region":5}`, i)
		case 7:
			m.value, m.batch, m.reason = line, "", "no_batch"
		case 8:
			m.value, m.batch, m.reason = line, "00000000-no-such-batch", "unknown_batch"
		case 9:
			m.value, m.reason = large, oversize
			if i%20 == 9 { // what is read, and is too large to be kept
				m.value = large[:1_000_000]
			}
		}
		x.add(m)
	}
}

// shuffled is an order of sending: requests a little out of order, some of them twice and the
// second time anywhere later, and everything else in between.
func shuffled(requests, all int, random *rand.Rand) []int {
	type turn struct {
		at    float64
		which int
	}
	var turns []turn
	for i := range requests {
		at := float64(i)
		turns = append(turns, turn{at + random.Float64()*window, i})
		if random.Float64() < duplicates {
			turns = append(turns, turn{at + random.Float64()*float64(requests-i), i})
		}
	}
	for i := requests; i < all; i++ {
		turns = append(turns, turn{random.Float64() * float64(requests), i})
	}
	slices.SortFunc(turns, func(a, b turn) int {
		switch {
		case a.at < b.at:
			return -1
		case a.at > b.at:
			return 1
		}
		return a.which - b.which
	})
	order := make([]int, len(turns))
	for i, x := range turns {
		order[i] = x.which
	}
	return order
}

// connect begins to send to the topic as it is now.
func (x *sender) connect() {
	x.client = client(x.t, x.s, kgo.DefaultProduceTopic(topicRequests), kgo.RequiredAcks(kgo.AllISRAcks()), kgo.ProducerBatchMaxBytes(largest-1024),
		kgo.RecordPartitioner(kgo.StickyKeyPartitioner(nil)), kgo.MaxBufferedRecords(5000), kgo.UnknownTopicRetries(-1))
}

// one sends one message.
func (x *sender) one(ctx context.Context, which, topic int) {
	m := &x.sent[which]
	r := &kgo.Record{Key: []byte(m.key), Value: m.value}
	if m.batch != "" {
		r.Headers = []kgo.RecordHeader{{Key: "batch", Value: []byte(m.batch)}}
	}
	x.client.Produce(ctx, r, func(r *kgo.Record, err error) {
		x.mu.Lock()
		defer x.mu.Unlock()
		if err != nil {
			if ctx.Err() == nil {
				x.failed = err
			}
			return
		}
		if r.Offset >= 0 {
			x.places[place{topic, r.Partition, r.Offset}] = which
		}
	})
}

// run sends everything, at most ahead messages before those that were answered.
func (x *sender) run(ctx context.Context, ahead int, done func() int) error {
	for {
		x.turn.Lock()
		if x.next == len(x.order) {
			err := x.client.Flush(ctx)
			x.turn.Unlock()
			x.mu.Lock()
			defer x.mu.Unlock()
			return cmpErr(err, x.failed)
		}
		if x.next-done() < ahead {
			for range min(50, len(x.order)-x.next) {
				x.one(ctx, x.order[x.next], x.topic)
				x.next++
			}
			x.turn.Unlock()
			continue
		}
		x.turn.Unlock()
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func cmpErr(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

// anew removes the topic and makes it again. Everything that was sent is sent again, as a
// sender does that keeps a list, but what came last comes first: a worker that goes on where
// it was leaves out what nobody has answered. It returns what was in the topic.
func (x *sender) anew(ctx context.Context, random *rand.Rand) (reading, error) {
	x.turn.Lock()
	defer x.turn.Unlock()
	if err := x.client.Flush(ctx); err != nil {
		return nil, err
	}
	x.client.Close()
	old, err := x.s.readAll(ctx, topicRequests, *partitions)
	if err != nil {
		return nil, err
	}
	admin := client(x.t, x.s)
	defer admin.Close()
	if err := removeTopic(ctx, admin, topicRequests); err != nil {
		return nil, fmt.Errorf("remove: %w", err)
	}
	if err := makeTopic(ctx, admin, topicRequests, *partitions); err != nil {
		return nil, fmt.Errorf("make: %w", err)
	}
	x.topic++
	x.connect()
	again := slices.Concat(x.order[x.next/2:x.next], x.order[:x.next/2])
	for i := range again {
		j := i + random.IntN(min(window, len(again)-i))
		again[i], again[j] = again[j], again[i]
	}
	for _, which := range again {
		x.one(ctx, which, x.topic)
	}
	return old, x.client.Flush(ctx)
}

// at is which message stands at a place, as far as the broker has acknowledged it.
func (x *sender) at(p place) (*sent, bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	which, known := x.places[p]
	if !known {
		return nil, false
	}
	return &x.sent[which], true
}

// different counts requests, poisoned counts what nobody can answer.
func (x *sender) different() (requests, poisoned int) {
	ids := map[string]bool{}
	for i := range x.sent {
		if x.sent[i].reason != "" {
			poisoned++
		} else {
			ids[x.sent[i].id] = true
		}
	}
	return len(ids), poisoned
}
