package streamtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/hedui/hedui/engine/stream"
)

// codecs: what other clients compress is read.
func codecs(t *testing.T, target Target) {
	b := target.Open(t)
	for name, codec := range map[string]kgo.CompressionCodec{
		"gzip": kgo.GzipCompression(), "snappy": kgo.SnappyCompression(), "lz4": kgo.Lz4Compression(), "zstd": kgo.ZstdCompression(),
	} {
		topic := target.Topic(t, b, 1)
		c := target.Other(t, kgo.ProducerBatchCompression(codec))
		var rs []*kgo.Record
		var want []string
		for i := range 300 {
			v := fmt.Sprintf("value %d %s", i, strings.Repeat("x", 50))
			rs, want = append(rs, &kgo.Record{Topic: topic, Value: []byte(v)}), append(want, v)
		}
		if err := c.ProduceSync(context.Background(), rs...).FirstErr(); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, values(read(t, reader(t, b, topic, 0, 0), len(want)))); diff != "" {
			t.Errorf("%s: -want +got\n%s", name, diff)
		}
		if got := read(t, reader(t, b, topic, 0, 150), 1); string(got[0].Value) != want[150] {
			t.Errorf("%s: from the middle of a batch: %s", name, got[0].Place())
		}
	}
}

// partitionOfKey: a key has the partition that Kafka's own clients give it.
func partitionOfKey(t *testing.T, target Target) {
	b := target.Open(t)
	topic := target.Topic(t, b, 7)
	c := target.Other(t, kgo.RecordPartitioner(kgo.StickyKeyPartitioner(nil)))
	for i := range 100 {
		r := &kgo.Record{Topic: topic, Key: fmt.Appendf(nil, "户 %d", i*i), Value: []byte("v")}
		if err := c.ProduceSync(context.Background(), r).FirstErr(); err != nil {
			t.Fatal(err)
		}
		if p := stream.PartitionOf(r.Key, 7); p != r.Partition {
			t.Fatalf("key %q: %d, another client has %d", r.Key, p, r.Partition)
		}
	}
}

// oversize: a record that is too large is named, with its key, and the partition goes on.
func oversize(t *testing.T, target Target) {
	b := target.Open(t, func(o *stream.Options) { o.MaxMessage, o.MaxBatch, o.Fetch = 10_000, 100_000, 20_000 })
	topic := target.Topic(t, b, 1)
	large := bytes.Repeat([]byte("很"), 5000)
	huge := bytes.Repeat([]byte("h"), 300_000)
	c := target.Other(t, kgo.ProducerBatchCompression(kgo.NoCompression()))
	for i, m := range []*kgo.Record{
		{Value: []byte("0")},
		{Key: []byte("large"), Value: large, Headers: []kgo.RecordHeader{{Key: "batch", Value: []byte("b")}}},
		{Value: []byte("2")},
		{Key: []byte("huge"), Value: huge},
		{Value: []byte("4")},
		{Key: bytes.Repeat([]byte("k"), 20_000), Value: []byte("large key")},
		{Value: []byte("6")},
	} {
		m.Topic = topic
		if err := c.ProduceSync(context.Background(), m).FirstErr(); err != nil {
			t.Fatal(i, err)
		}
	}
	got := read(t, reader(t, b, topic, 0, 0), 7)
	for i, m := range got {
		if m.Offset != int64(i) {
			t.Errorf("message %d is %s", i, m.Place())
		}
		if odd := i%2 == 1; (m.Oversize > 0) != odd || odd && m.Value != nil || m.Corrupt {
			t.Errorf("%s: oversize %d, value of %d bytes", m.Place(), m.Oversize, len(m.Value))
		}
	}
	if string(got[1].Key) != "large" || got[1].Oversize < len(large) {
		t.Errorf("the large record: key %q, %d bytes", got[1].Key, got[1].Oversize)
	}
	if string(got[1].Header("batch")) != "b" {
		t.Errorf("the large record: headers %q", got[1].Headers)
	}
	if got[3].Oversize < len(huge) {
		t.Errorf("the huge record: %d bytes", got[3].Oversize)
	}
}

// largeBatch: a batch that can't be held is passed, each of its offsets named.
func largeBatch(t *testing.T, target Target) {
	b := target.Open(t, func(o *stream.Options) { o.MaxMessage, o.MaxBatch = 10_000, 20_000 })
	topic := target.Topic(t, b, 1)
	c := target.Other(t, kgo.ProducerBatchCompression(kgo.NoCompression()), kgo.ProducerLinger(time.Second))
	var rs []*kgo.Record
	for range 10 {
		rs = append(rs, &kgo.Record{Topic: topic, Value: bytes.Repeat([]byte("v"), 4000)})
	}
	if err := c.ProduceSync(context.Background(), rs...).FirstErr(); err != nil {
		t.Fatal(err)
	}
	produce(t, b, stream.Message{Topic: topic, Value: []byte("last")})
	for i, m := range read(t, reader(t, b, topic, 0, 0), 11) {
		if m.Offset != int64(i) || (m.Oversize > 40_000) != (i < 10) || i == 10 && string(m.Value) != "last" {
			t.Errorf("%s: oversize %d, %d bytes", m.Place(), m.Oversize, len(m.Value))
		}
	}
}

// bomb: a record that is small until it is unpacked does no harm either.
func bomb(t *testing.T, target Target) {
	b := target.Open(t, func(o *stream.Options) { o.MaxMessage, o.MaxBatch = 1000, 2000 })
	for _, codec := range []kgo.CompressionCodec{kgo.ZstdCompression(), kgo.GzipCompression(), kgo.Lz4Compression(), kgo.SnappyCompression()} {
		topic := target.Topic(t, b, 1)
		c := target.Other(t, kgo.ProducerBatchCompression(codec), kgo.ProducerBatchMaxBytes(64<<20), kgo.BrokerMaxWriteBytes(100<<20))
		for i, n := range []int{10, 900_000, 10, 10} {
			r := &kgo.Record{Topic: topic, Value: bytes.Repeat([]byte("z"), n)}
			if err := c.ProduceSync(context.Background(), r).FirstErr(); err != nil {
				t.Fatal(i, err)
			}
		}
		got := read(t, reader(t, b, topic, 0, 0), 4)
		for i, m := range got {
			if m.Offset != int64(i) || (m.Oversize > 0) != (i == 1) {
				t.Errorf("%s: oversize %d", m.Place(), m.Oversize)
			}
		}
	}
}

// transactions: what was given up is never seen, and nothing of it stops a partition.
func transactions(t *testing.T, target Target) {
	b := target.Open(t)
	topic := target.Topic(t, b, 1)
	ctx := context.Background()
	c := target.Other(t, kgo.TransactionalID("tx-"+topic))
	other := target.Other(t)
	var want []string
	for i := range 6 {
		commit := i%3 != 1
		if err := c.BeginTransaction(); err != nil {
			t.Fatal(err)
		}
		for j := range 3 {
			v := fmt.Sprintf("transaction %d.%d", i, j)
			if err := c.ProduceSync(ctx, &kgo.Record{Topic: topic, Value: []byte(v)}).FirstErr(); err != nil {
				t.Fatal(err)
			}
			if commit {
				want = append(want, v)
			}
			if j == 1 {
				v = fmt.Sprintf("beside %d", i)
				if err := other.ProduceSync(ctx, &kgo.Record{Topic: topic, Value: []byte(v)}).FirstErr(); err != nil {
					t.Fatal(err)
				}
				want = append(slices.Clip(want), v)
			}
		}
		if err := c.EndTransaction(ctx, kgo.TransactionEndTry(commit)); err != nil {
			t.Fatal(err)
		}
	}
	r := reader(t, b, topic, 0, 0)
	got := read(t, r, len(want))
	if diff := cmp.Diff(want, values(got)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	produce(t, b, stream.Message{Topic: topic, Value: []byte("last")})
	if got := read(t, r, 1); string(got[0].Value) != "last" {
		t.Errorf("%q", got[0].Value)
	}
}

// tooLarge: what the brokers don't take is named, and what stood beside it is there.
func tooLarge(t *testing.T, target Target) {
	b := target.Open(t)
	topic := target.Topic(t, b, 1)
	ms := numbered(topic, 0, 5)
	ms[2].Value = bytes.Repeat([]byte{1}, 3<<20)
	err := b.Produce(t.Context(), ms...)
	var failed *stream.ProduceError
	if !errors.As(err, &failed) || !errors.Is(err, stream.ErrTooLarge) {
		t.Fatalf("%v", err)
	}
	if diff := cmp.Diff([]int{2}, failed.Failed); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if diff := cmp.Diff([]string{"value 0", "value 1", "value 3", "value 4"}, values(read(t, reader(t, b, topic, 0, 0), 4))); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}
