package topic_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/connectors/departments"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ingest"
	"github.com/hedui/hedui/engine/ingest/topic"
	"github.com/hedui/hedui/engine/snapshot"
	"github.com/hedui/hedui/engine/stream"
	"github.com/hedui/hedui/engine/stream/streamtest"
)

var (
	kills = flag.Int("topic.kills", 8, "how `many` times an ingest is killed")
	child = flag.String("topic.ingest", "", "be the ingest: `directory,broker,topic`")
)

func TestMain(m *testing.M) {
	flag.Parse()
	if *child != "" {
		f := strings.Split(*child, ",")
		if err := take(f[0], f[1], f[2]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// take ingests what a topic has, as the command does.
func take(dir, broker, name string) error {
	b, err := stream.Open(stream.Options{Brokers: []string{broker}, Wait: 100 * time.Millisecond, MaxMessage: 2000})
	if err != nil {
		return err
	}
	defer b.Close()
	ctx := context.Background()
	spans, err := topic.Plan(ctx, topic.Options{Broker: b, Topic: name})
	if err != nil {
		return err
	}
	asOf, _ := household.ParseDate([]byte("2026-10-31"))
	_, err = ingest.Run(ctx, ingest.Options{
		Dir: dir, Department: departments.Of(household.Vehicle), AsOf: asOf,
		Feeds: topic.Feeds(b, spans, []string{"姓名", "证件号码", "车辆识别代号", "号牌号码", "车辆类型", "状态"}),
	})
	return err
}

func broker(t *testing.T) (*streamtest.FakeBroker, stream.Broker) {
	t.Helper()
	f := streamtest.Fake(t)
	b, err := stream.Open(stream.Options{Brokers: f.Addrs, Wait: 50 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return f, b
}

func row(i int) []byte {
	return fmt.Appendf(nil, "赵伟,340104199410246653,LSVAM4187C2%06d,皖A%05d,轿车,正常", i, i%100000)
}

// An ingest that is killed, wherever it is, leaves nothing, and the next one makes the
// snapshot that it would have made.
func TestKilledIngestIsTakenAgain(t *testing.T) {
	f, b := broker(t)
	if err := b.Ensure(t.Context(), stream.Topic{Name: "vehicles", Partitions: 3}); err != nil {
		t.Fatal(err)
	}
	const rows = 30_000
	var ms []stream.Message
	for i := range rows {
		m := stream.Message{Topic: "vehicles", Key: fmt.Append(nil, i), Value: row(i)}
		switch i % 1000 {
		case 17:
			m.Value = []byte("poison")
		case 18:
			m.Value = nil
		case 19:
			m.Value = []byte(strings.Repeat("很", 3000)) // too large to be handed out
		}
		ms = append(ms, m)
	}
	if err := b.Produce(t.Context(), ms...); err != nil {
		t.Fatal(err)
	}
	dirs := [2]string{t.TempDir(), t.TempDir()}
	begun := time.Now()
	if err := take(dirs[0], f.Addrs[0], "vehicles"); err != nil {
		t.Fatal(err)
	}
	whole := time.Since(begun)
	// What came later is of the next snapshot: the spans are those of a plan, so the killed
	// ones are run before it.
	killed, done := 0, 0
	for range *kills {
		cmd := exec.Command(os.Args[0], "-topic.ingest="+dirs[1]+","+f.Addrs[0]+",vehicles")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(rand.Int64N(int64(whole))))
		_ = cmd.Process.Kill()
		if cmd.Wait() != nil {
			killed++
		}
		if _, err := the(dirs[1]); err == nil {
			done++ // it was done before it was killed
			dirs[1] = t.TempDir()
		}
	}
	if _, err := the(dirs[1]); err != nil {
		if err := take(dirs[1], f.Addrs[0], "vehicles"); err != nil {
			t.Fatal(err)
		}
	}
	want, err := the(dirs[0])
	if err != nil {
		t.Fatal(err)
	}
	got, err := the(dirs[1])
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(text(t, want), text(t, got)); diff != "" {
		t.Errorf("-unkilled +killed\n%s", diff)
	}
	if killed == 0 || want.Counts.RowsIn != rows || want.Counts.Quarantined != 3*rows/1000 {
		t.Errorf("%d were killed, %+v", killed, want.Counts)
	}
	t.Logf("%d killed, %d of them done before, %+v", killed, done, want.Counts)
}

// the is the manifest of the one snapshot of a directory.
func the(dir string) (*snapshot.Manifest, error) {
	d, err := snapshot.OpenDir(dir)
	if err != nil {
		return nil, err
	}
	entries, err := d.List()
	if err != nil {
		return nil, err
	}
	if len(entries) != 1 {
		return nil, fmt.Errorf("%d snapshots", len(entries))
	}
	s, err := d.Open(entries[0].ID)
	if err != nil {
		return nil, err
	}
	return s.Manifest(), s.Close()
}

func text(t *testing.T, m *snapshot.Manifest) string {
	t.Helper()
	b, err := m.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestPlan(t *testing.T) {
	f, b := broker(t)
	ctx := t.Context()
	if err := b.Ensure(ctx, stream.Topic{Name: "t", Partitions: 2}); err != nil {
		t.Fatal(err)
	}
	send := func(partition int32, n int, header ...stream.Header) {
		t.Helper()
		key := []byte("0")
		for i := 0; stream.PartitionOf(key, 2) != partition; i++ {
			key = fmt.Append(nil, i)
		}
		for range n {
			if err := b.Produce(ctx, stream.Message{Topic: "t", Key: key, Value: []byte("x"), Headers: header}); err != nil {
				t.Fatal(err)
			}
		}
	}
	id, err := b.TopicID(ctx, "t")
	if err != nil || id == "" {
		t.Fatal(id, err)
	}
	span := func(p int32, from, to int64) snapshot.Span {
		return snapshot.Span{Topic: "t", ID: id, Partition: p, From: from, To: to}
	}
	check := func(what string, o topic.Options, want []snapshot.Span, wantErr error) {
		t.Helper()
		o.Broker, o.Topic = b, "t"
		got, err := topic.Plan(ctx, o)
		if !errors.Is(err, wantErr) {
			t.Errorf("%s: %v, want %v", what, err, wantErr)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: -want +got\n%s", what, diff)
		}
	}
	check("an empty topic", topic.Options{}, nil, topic.ErrNothing)
	send(0, 3)
	send(1, 1)
	check("what is there", topic.Options{}, []snapshot.Span{span(0, 0, 3), span(1, 0, 1)}, nil)
	check("after", topic.Options{After: []snapshot.Span{span(0, 0, 2), span(1, 0, 1), {Topic: "other", To: 77}}}, []snapshot.Span{span(0, 2, 3), span(1, 1, 1)}, nil)
	check("after all", topic.Options{After: []snapshot.Span{span(0, 0, 3), span(1, 0, 1)}}, nil, topic.ErrNothing)
	check("after another topic of this name", topic.Options{After: []snapshot.Span{{Topic: "t", ID: "another", To: 2}}}, nil, stream.ErrBeyond)
	check("after one of brokers that know no ids", topic.Options{After: []snapshot.Span{{Topic: "t", To: 2}}}, []snapshot.Span{span(0, 2, 3), span(1, 0, 1)}, nil)
	check("after more than all", topic.Options{After: []snapshot.Span{span(0, 0, 4)}}, nil, stream.ErrBeyond)
	check("no mark", topic.Options{Until: topic.Mark, Pause: 100 * time.Millisecond}, nil, topic.ErrNoMark)
	send(0, 1, stream.Header{Key: topic.End})
	send(0, 2)
	check("one mark", topic.Options{Until: topic.Mark, Pause: 100 * time.Millisecond}, nil, topic.ErrNoMark)
	go func() {
		time.Sleep(150 * time.Millisecond)
		send(1, 1, stream.Header{Key: topic.End})
		send(1, 1)
	}()
	check("a mark that is waited for", topic.Options{Until: topic.Mark}, []snapshot.Span{span(0, 0, 4), span(1, 0, 2)}, nil)
	time.Sleep(100 * time.Millisecond)
	go func() {
		for range 3 {
			time.Sleep(100 * time.Millisecond)
			send(0, 1)
		}
	}()
	check("idle", topic.Options{Until: topic.Idle, Pause: 400 * time.Millisecond}, []snapshot.Span{span(0, 0, 9), span(1, 0, 3)}, nil)
	streamtest.Target{Brokers: f.Addrs}.Trim(t, "t", 0, 5)
	check("what is left", topic.Options{}, []snapshot.Span{span(0, 5, 9), span(1, 0, 3)}, nil)
	check("deleted", topic.Options{After: []snapshot.Span{span(0, 0, 4)}}, nil, stream.ErrGone)
}
