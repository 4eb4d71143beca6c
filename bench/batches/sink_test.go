package batches

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// quota bounds what hedui may produce, in bytes a second; 0 bounds it no longer.
func quota(ctx context.Context, c *kgo.Client, rate float64) error {
	name := "hedui" // what hedui calls itself to brokers
	entity := kmsg.NewAlterClientQuotasRequestEntryEntity()
	entity.Type, entity.Name = "client-id", &name
	op := kmsg.NewAlterClientQuotasRequestEntryOp()
	op.Key, op.Value, op.Remove = "producer_byte_rate", rate, rate == 0
	e := kmsg.NewAlterClientQuotasRequestEntry()
	e.Entity, e.Ops = append(e.Entity, entity), append(e.Ops, op)
	r := kmsg.NewPtrAlterClientQuotasRequest()
	r.Entries = append(r.Entries, e)
	answer, err := r.RequestWith(ctx, c)
	if err != nil {
		return err
	}
	return kerr.ErrorForCode(answer.Entries[0].ErrorCode)
}

// verdictBytes are the bytes of values in the topic of verdicts, as heard so far.
func (l *listener) verdictBytes() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.bytes
}

// A topic of verdicts that takes a tenth of what a worker could answer holds it up. Its
// memory stays what it was, and when the topic takes everything again it catches up.
func TestBrokerLongSink(t *testing.T) {
	*partitions = 12
	s := newSite(t, *load)
	ctx := t.Context()
	admin := client(t, s)
	for topic, n := range map[string]int{topicRequests: *partitions, topicVerdicts: *partitions, topicDead: 1} {
		must(t, makeTopic(ctx, admin, topic, n))
	}
	id := s.open(len(s.lines))
	c := client(t, s, kgo.DefaultProduceTopic(topicRequests), kgo.RecordPartitioner(kgo.StickyKeyPartitioner(nil)))
	for _, line := range s.lines {
		c.Produce(ctx, &kgo.Record{Key: []byte(keyOf(line)), Value: line, Headers: []kgo.RecordHeader{{Key: "batch", Value: []byte(id)}}}, nil)
	}
	must(t, c.Flush(ctx))
	l := s.listen(ctx)
	w := s.worker(0)
	text := "second,phase,verdicts,rss_mib\n"
	began := time.Now()
	// phase watches the worker for a while, or until so many are answered.
	phase := func(name string, d time.Duration, until int) (rss []int64, n int, took time.Duration) {
		start := time.Now()
		first, _, _, _ := l.heard()
		for time.Since(start) < d {
			time.Sleep(500 * time.Millisecond)
			n, _, _, _ = l.heard()
			x := rssOf(w.pid())
			rss = append(rss, x)
			text += fmt.Sprintf("%.1f,%s,%d,%.1f\n", time.Since(began).Seconds(), name, n, float64(x)/(1<<20))
			if n >= until {
				break
			}
		}
		return rss, n - first, time.Since(start)
	}
	_, _, _ = phase("begin", time.Minute, len(s.lines)/20)
	bytes := l.verdictBytes()
	_, n, took := phase("free", 10*time.Second, len(s.lines))
	rate := float64(l.verdictBytes()-bytes) / took.Seconds()
	t.Logf("free: %d in %.1f s, %.0f bytes a second", n, took.Seconds(), rate)
	must(t, quota(ctx, admin, float64(int64(rate/10)))) // the broker wants a whole number
	_, _, _ = phase("settling", 20*time.Second, len(s.lines))
	rss, n, took := phase("slow", time.Minute, len(s.lines))
	median := slices.Sorted(slices.Values(rss))[len(rss)/2]
	least, most := slices.Min(rss), slices.Max(rss)
	t.Logf("a tenth: %d in %.1f s; RSS %d to %d MiB, median %d", n, took.Seconds(), least>>20, most>>20, median>>20)
	if float64(most) > 1.1*float64(median) || float64(least) < 0.9*float64(median) {
		t.Errorf("the memory moves by more than a tenth")
	}
	must(t, quota(ctx, admin, 0))
	_, n, took = phase("free again", 10*time.Minute, len(s.lines))
	t.Logf("free again: the other %d in %.1f s; %s", n, took.Seconds(), w)
	if all, dead, said, _ := l.heard(); all != len(s.lines) || dead > 0 {
		t.Errorf("%d of %d verdicts, %d set aside, %d messages", all, len(s.lines), dead, said)
	}
	answered.Add(int64(n))
	must(t, os.WriteFile(filepath.Join(s.dir, "sink.csv"), []byte(text), 0o600))
}
