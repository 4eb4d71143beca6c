package stream

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/segmentio/kafka-go"
)

// How many bytes of messages go into one request, so that brokers with the usual
// limits take it.
const producedAtOnce = 900 << 10

// turn spreads messages without a key.
type turn struct{ n atomic.Uint32 }

func (c *cluster) Produce(ctx context.Context, messages ...Message) error {
	parts := make(map[TopicPartition][]int)
	var order []TopicPartition
	failed := make([]error, len(messages))
	count := make(map[string]int32)
	for i, m := range messages {
		n, ok := count[m.Topic]
		if !ok {
			var err error
			if n, err = c.Partitions(ctx, m.Topic); err != nil {
				n, failed[i] = -1, err
			}
			count[m.Topic] = n
		}
		if n <= 0 {
			failed[i] = cmpErr(failed[i], ErrNoTopic)
			continue
		}
		p := TopicPartition{m.Topic, PartitionOf(m.Key, n)}
		if m.Key == nil {
			p.Partition = int32(c.turn.n.Add(1) % uint32(n))
		}
		if parts[p] == nil {
			order = append(order, p)
		}
		parts[p] = append(parts[p], i)
	}
	var wg sync.WaitGroup
	for _, p := range order {
		wg.Go(func() { c.produce(ctx, p, parts[p], messages, failed) })
	}
	wg.Wait()
	var e ProduceError
	for i, err := range failed {
		if err != nil {
			e.Failed, e.Errs = append(e.Failed, i), append(e.Errs, err)
		}
	}
	if e.Failed == nil {
		return nil
	}
	return &e
}

func cmpErr(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

// produce appends messages to one partition, in their order. What stands behind one
// that could not be produced is not tried: it would overtake it.
func (c *cluster) produce(ctx context.Context, p TopicPartition, which []int, messages []Message, failed []error) {
	for len(which) > 0 {
		n, size := 0, 0
		for n < len(which) {
			m := messages[which[n]]
			if size += len(m.Key) + len(m.Value) + 100; n > 0 && size > producedAtOnce {
				break
			}
			n++
		}
		err := c.append(ctx, p, which[:n], messages, failed)
		if err != nil {
			for _, i := range which {
				failed[i] = cmpErr(failed[i], err)
			}
			return
		}
		which = which[n:]
	}
}

// append appends what goes into one request. One message that is too large is not in
// the way of the others; every other error is of all of them.
func (c *cluster) append(ctx context.Context, p TopicPartition, which []int, messages []Message, failed []error) error {
	err := c.again(ctx, func(ctx context.Context) error {
		records := make([]kafka.Record, 0, len(which))
		for _, i := range which {
			records = append(records, record(messages[i]))
		}
		answer, err := c.client.Produce(ctx, &kafka.ProduceRequest{
			Topic: p.Topic, Partition: int(p.Partition), RequiredAcks: kafka.RequireAll,
			Records: kafka.NewRecordReader(records...),
		})
		if err != nil {
			return err
		}
		return answer.Error
	})
	if !errors.Is(err, kafka.MessageSizeTooLarge) && !errors.Is(err, kafka.RecordListTooLarge) {
		return c.where(p.String(), err)
	}
	if len(which) == 1 {
		failed[which[0]] = c.where(p.String(), err)
		return nil
	}
	half := len(which) / 2
	if err := c.append(ctx, p, which[:half], messages, failed); err != nil {
		return err
	}
	return c.append(ctx, p, which[half:], messages, failed)
}

func record(m Message) kafka.Record {
	r := kafka.Record{Time: m.Time, Headers: make([]kafka.Header, 0, len(m.Headers))}
	// nil is no key and no value, which is something else than an empty one.
	if m.Key != nil {
		r.Key = kafka.NewBytes(m.Key)
	}
	if m.Value != nil {
		r.Value = kafka.NewBytes(m.Value)
	}
	for _, h := range m.Headers {
		r.Headers = append(r.Headers, kafka.Header{Key: h.Key, Value: h.Value})
	}
	return r
}

// PartitionOf returns the partition of a key, as the Java client and kcat -X
// partitioner=murmur2 choose it.
func PartitionOf(key []byte, partitions int32) int32 {
	all := make([]int, partitions)
	for i := range all {
		all[i] = i
	}
	return int32(kafka.Murmur2Balancer{Consistent: true}.Balance(kafka.Message{Key: slices.Clip(key)}, all...))
}
