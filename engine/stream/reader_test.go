package stream_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/hedui/hedui/engine/stream"
	"github.com/hedui/hedui/engine/stream/streamtest"
)

// open opens a fake with short times, and a topic of one partition with n messages.
func open(t *testing.T, n int, changes ...func(*stream.Options)) (*streamtest.FakeBroker, stream.Broker, string) {
	t.Helper()
	f := streamtest.Fake(t)
	target := streamtest.Target{Brokers: f.Addrs}
	b := target.Open(t, append([]func(*stream.Options){func(o *stream.Options) {
		o.Wait, o.Timeout, o.Stall, o.Reopens = 50*time.Millisecond, 300*time.Millisecond, 100*time.Millisecond, 3
	}}, changes...)...)
	topic := target.Topic(t, b, 1)
	for i := range n {
		if err := b.Produce(t.Context(), stream.Message{Topic: topic, Key: fmt.Append(nil, i), Value: fmt.Appendf(nil, "value %d", i)}); err != nil {
			t.Fatal(err)
		}
	}
	return f, b, topic
}

func reader(t *testing.T, b stream.Broker, topic string, from int64) stream.Reader {
	t.Helper()
	r, err := b.Read(t.Context(), topic, 0, from)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

// take reads n messages and returns each in a few words.
func take(t *testing.T, r stream.Reader, n int) (out []string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for range n {
		m, err := r.Next(ctx)
		if err != nil {
			t.Fatalf("after %q: %v", out, err)
		}
		switch {
		case m.Corrupt:
			out = append(out, fmt.Sprintf("%d corrupt", m.Offset))
		case m.Oversize > 0:
			out = append(out, fmt.Sprintf("%d oversize", m.Offset))
		default:
			out = append(out, fmt.Sprintf("%d %s", m.Offset, m.Value))
		}
	}
	return out
}

// answers has the fake answer every Fetch with what f returns for its offset; nil lets
// the fake answer.
func answers(f *streamtest.FakeBroker, answer func(offset int64) (records []byte, end int64)) {
	f.Cluster.ControlKey(int16(kmsg.Fetch), func(req kmsg.Request) (kmsg.Response, error, bool) {
		f.Cluster.KeepControl()
		in := req.(*kmsg.FetchRequest)
		records, end := answer(in.Topics[0].Partitions[0].FetchOffset)
		if end < 0 {
			return nil, nil, false
		}
		out := in.ResponseKind().(*kmsg.FetchResponse)
		topic := kmsg.NewFetchResponseTopic()
		topic.Topic = in.Topics[0].Topic
		p := kmsg.NewFetchResponseTopicPartition()
		p.HighWatermark, p.LastStableOffset, p.RecordBatches = end, end, records
		topic.Partitions = append(topic.Partitions, p)
		out.Topics = append(out.Topics, topic)
		return out, nil, true
	})
}

// batchOf is a batch as a broker keeps it: values with the offsets from base on, in a
// batch that reaches to last.
func batchOf(base, last int64, attributes int16, values map[int64]string) []byte {
	var records []byte
	n := 0
	for o := base; o <= last; o++ {
		v, ok := values[o]
		if !ok {
			continue
		}
		n++
		r := []byte{0}
		r = binary.AppendVarint(r, 0)
		r = binary.AppendVarint(r, o-base)
		r = binary.AppendVarint(r, -1)
		r = binary.AppendVarint(r, int64(len(v)))
		r = append(r, v...)
		r = binary.AppendVarint(r, 0)
		records = binary.AppendVarint(records, int64(len(r)))
		records = append(records, r...)
	}
	b := binary.BigEndian.AppendUint64(nil, uint64(base))
	b = binary.BigEndian.AppendUint32(b, uint32(49+len(records)))
	b = binary.BigEndian.AppendUint32(b, 0)
	b = append(b, 2, 0, 0, 0, 0)
	b = binary.BigEndian.AppendUint16(b, uint16(attributes))
	b = binary.BigEndian.AppendUint32(b, uint32(last-base))
	b = append(b, make([]byte, 16)...)
	b = binary.BigEndian.AppendUint64(b, ^uint64(0))
	b = append(b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)
	b = binary.BigEndian.AppendUint32(b, uint32(n))
	b = append(b, records...)
	binary.BigEndian.PutUint32(b[17:], crc32.Checksum(b[21:], crc32.MakeTable(crc32.Castagnoli)))
	return b
}

// A batch whose checksum is wrong is asked for again; when it stays wrong each of its
// offsets is handed out as corrupt, and the partition goes on.
func TestCorruptBatch(t *testing.T) {
	for _, c := range []struct {
		name   string
		damage func([]byte)
	}{
		{"a record", func(b []byte) { b[len(b)-2] ^= 1 }},
		{"the checksum", func(b []byte) { b[18] ^= 1 }},
		{"the version", func(b []byte) { b[16] = 1 }},
		{"the last offset", func(b []byte) { b[23] ^= 0x80 }},
		{"the count", func(b []byte) { b[57] ^= 0x80 }},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, b, topic := open(t, 8)
			first := batchOf(0, 1, 0, map[int64]string{0: "a", 1: "b"})
			bad := batchOf(2, 4, 0, map[int64]string{2: "c", 3: "d", 4: "e"})
			c.damage(bad)
			last := batchOf(5, 7, 0, map[int64]string{5: "f", 6: "g", 7: "h"})
			answers(f, func(offset int64) ([]byte, int64) {
				switch {
				case offset < 2:
					return bytes.Join([][]byte{first, bad, last}, nil), 8
				case offset < 5:
					return bytes.Join([][]byte{bad, last}, nil), 8
				}
				return last, 8
			})
			want := []string{"0 a", "1 b", "2 corrupt", "3 corrupt", "4 corrupt", "5 f", "6 g", "7 h"}
			if diff := cmp.Diff(want, take(t, reader(t, b, topic, 0), 8)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// What was damaged on the way only is read at the second try.
func TestCorruptOnce(t *testing.T) {
	f, b, topic := open(t, 3)
	var tries atomic.Int64
	answers(f, func(int64) ([]byte, int64) {
		batch := batchOf(0, 2, 0, map[int64]string{0: "a", 1: "b", 2: "c"})
		if tries.Add(1) == 1 {
			batch[len(batch)-1] ^= 4
		}
		return batch, 3
	})
	if diff := cmp.Diff([]string{"0 a", "1 b", "2 c"}, take(t, reader(t, b, topic, 0), 3)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// A batch that is whole and says nonsense inside is corrupt from there on.
func TestNonsenseInABatch(t *testing.T) {
	f, b, topic := open(t, 4)
	batch := batchOf(0, 2, 0, map[int64]string{0: "a", 1: "b", 2: "c"})
	i := bytes.IndexByte(batch[61:], 'b') + 61
	batch[i-1] = 0x7e // a value longer than its record
	binary.BigEndian.PutUint32(batch[17:], crc32.Checksum(batch[21:], crc32.MakeTable(crc32.Castagnoli)))
	answers(f, func(offset int64) ([]byte, int64) {
		if offset < 3 {
			return batch, 4
		}
		return batchOf(3, 3, 0, map[int64]string{3: "d"}), 4
	})
	if diff := cmp.Diff([]string{"0 a", "1 corrupt", "2 corrupt", "3 d"}, take(t, reader(t, b, topic, 0), 4)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// A batch that counts more records than it has is corrupt where they end.
func TestTooFewRecords(t *testing.T) {
	f, b, topic := open(t, 4)
	batch := batchOf(0, 2, 0, map[int64]string{0: "a"})
	batch[60] = 2
	binary.BigEndian.PutUint32(batch[17:], crc32.Checksum(batch[21:], crc32.MakeTable(crc32.Castagnoli)))
	answers(f, func(offset int64) ([]byte, int64) {
		if offset < 3 {
			return batch, 4
		}
		return batchOf(3, 3, 0, map[int64]string{3: "d"}), 4
	})
	if diff := cmp.Diff([]string{"0 a", "1 corrupt", "2 corrupt", "3 d"}, take(t, reader(t, b, topic, 0), 4)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// Offsets that compaction took are not handed out, at the end of a batch neither, and a
// batch without a record does not hold the reader up. Until is reached there too.
func TestGaps(t *testing.T) {
	f, b, topic := open(t, 12)
	answers(f, func(offset int64) ([]byte, int64) {
		var out []byte
		for _, batch := range []struct {
			base, last int64
			values     map[int64]string
		}{{0, 3, map[int64]string{1: "b", 2: "c"}}, {4, 6, nil}, {7, 9, map[int64]string{8: "i"}}, {10, 11, nil}} {
			if batch.last >= offset {
				out = append(out, batchOf(batch.base, batch.last, 0, batch.values)...)
			}
		}
		return out, 12
	})
	r := reader(t, b, topic, 0)
	r.Until(12)
	if diff := cmp.Diff([]string{"1 b", "2 c", "8 i"}, take(t, r, 3)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if _, err := r.Next(t.Context()); err == nil || err.Error() != "EOF" || r.Offset() != 12 {
		t.Errorf("at the end: %v, offset %d", err, r.Offset())
	}
	// An end before what comes next, which comes when there is no end any more.
	r = reader(t, b, topic, 0)
	r.Until(2)
	take(t, r, 1)
	if m, err := r.Next(t.Context()); err == nil || err.Error() != "EOF" {
		t.Errorf("%s, %v", m.Place(), err)
	}
	r.Until(-1)
	if diff := cmp.Diff([]string{"2 c"}, take(t, r, 1)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// The end of the last batch of an answer that was cut is asked for again.
func TestCutAnswer(t *testing.T) {
	f, b, topic := open(t, 4)
	whole := append(batchOf(0, 1, 0, map[int64]string{0: "a", 1: "b"}), batchOf(2, 3, 0, map[int64]string{2: "c", 3: "d"})...)
	var cut atomic.Int64
	answers(f, func(offset int64) ([]byte, int64) {
		if offset == 0 {
			return whole[:len(whole)-1-int(cut.Load())], 4
		}
		return batchOf(2, 3, 0, map[int64]string{2: "c", 3: "d"}), 4
	})
	for n := range len(whole) / 2 {
		cut.Store(int64(n))
		if diff := cmp.Diff([]string{"0 a", "1 b", "2 c", "3 d"}, take(t, reader(t, b, topic, 0), 4)); diff != "" {
			t.Fatalf("%d bytes cut: -want +got\n%s", n+1, diff)
		}
	}
}

// A broker that has messages and hands none out is left after some tries.
func TestStalled(t *testing.T) {
	for name, records := range map[string][]byte{
		"nothing": nil, "what was before": batchOf(0, 1, 0, map[int64]string{0: "a", 1: "b"}), "half a batch": batchOf(2, 3, 0, nil)[:30],
	} {
		f, b, topic := open(t, 4)
		answers(f, func(int64) ([]byte, int64) { return records, 4 })
		r := reader(t, b, topic, 2)
		begun := time.Now()
		_, err := r.Next(t.Context())
		if !errors.Is(err, stream.ErrStalled) {
			t.Errorf("%s: %v", name, err)
		}
		if took := time.Since(begun); took < 300*time.Millisecond || took > 10*time.Second {
			t.Errorf("%s: after %v", name, took)
		}
		if !strings.Contains(err.Error(), "partition 0 offset 2") || !strings.Contains(err.Error(), "127.0.0.1:") {
			t.Errorf("%s: %v names no place", name, err)
		}
	}
}

// A frozen broker is waited for and left; one that thaws in time is read on.
func TestFrozen(t *testing.T) {
	f, b, topic := open(t, 2, func(o *stream.Options) { o.Reopens = 50 })
	r := reader(t, b, topic, 0)
	take(t, r, 1)
	f.Freeze()
	go func() {
		time.Sleep(700 * time.Millisecond)
		f.Thaw()
	}()
	if diff := cmp.Diff([]string{"1 value 1"}, take(t, r, 1)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	g, c, other := open(t, 1)
	r = reader(t, c, other, 0)
	take(t, r, 1)
	g.Freeze()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	if _, err := r.Next(ctx); !errors.Is(err, stream.ErrStalled) && !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
}

// Connections that break again and again lose and repeat nothing.
func TestCutConnections(t *testing.T) {
	const n = 400
	f, b, topic := open(t, 0)
	var ms []stream.Message
	var want []string
	for i := range n {
		ms = append(ms, stream.Message{Topic: topic, Value: fmt.Appendf(nil, "value %d", i)})
		want = append(want, fmt.Sprintf("%d value %d", i, i))
	}
	if err := b.Produce(t.Context(), ms...); err != nil {
		t.Fatal(err)
	}
	r, err := b.Read(t.Context(), topic, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	f.Delay(time.Millisecond)
	var got []string
	for len(got) < n {
		if len(got)%40 == 0 {
			f.Cut()
		}
		got = append(got, take(t, r, 8)...)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// What is logged and what is wrong name places, never what a message holds.
func TestNothingPersonalInErrors(t *testing.T) {
	var log bytes.Buffer
	const secret = "340104199410246653"
	f, b, topic := open(t, 0, func(o *stream.Options) {
		o.Logger, o.Patience, o.MaxMessage = slog.New(slog.NewTextHandler(&log, nil)), time.Second, 1000
	})
	large := bytes.Repeat([]byte(secret), 200_000)
	err := b.Produce(t.Context(), stream.Message{Topic: topic, Key: []byte(secret), Value: large})
	f.FailProduce(topic, -1)
	err = errors.Join(err, b.Produce(t.Context(), stream.Message{Topic: topic, Key: []byte(secret), Value: []byte(secret)}))
	r := reader(t, b, topic, 0)
	f.Cut()
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	_, nextErr := r.Next(ctx)
	text := fmt.Sprintf("%v %+v %v %s", err, err, nextErr, log.String())
	if err == nil || strings.Contains(text, secret) {
		t.Error(strings.ReplaceAll(text, secret, "<the number>"))
	}
	if !strings.Contains(text, topic) {
		t.Errorf("%s does not name the topic", text)
	}
}
