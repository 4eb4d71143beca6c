package stream_test

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/hedui/hedui/engine/stream"
	"github.com/hedui/hedui/engine/stream/streamtest"
)

// A refusal that passes is tried again; what was written and said not to be is there twice.
func TestProduceAgain(t *testing.T) {
	f, b, topic := open(t, 0)
	f.FailProduce(topic, 2)
	if err := b.Produce(t.Context(), stream.Message{Topic: topic, Value: []byte("a")}); err != nil {
		t.Fatal(err)
	}
	f.ForgetProduce(topic, 1)
	if err := b.Produce(t.Context(), stream.Message{Topic: topic, Value: []byte("b")}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"0 a", "1 b", "2 b"}, take(t, reader(t, b, topic, 0), 3)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// The error names the messages that may not be there, and only those.
func TestProduceNames(t *testing.T) {
	f := streamtest.Fake(t)
	target := streamtest.Target{Brokers: f.Addrs}
	b := target.Open(t, func(o *stream.Options) { o.Patience = 500 * time.Millisecond })
	topic := target.Topic(t, b, 3)
	f.Cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Topic: topic, Partitions: []int32{1}, Err: kerr.NotEnoughReplicas, Count: -1})
	var ms []stream.Message
	var want []int
	for i := range 30 {
		m := stream.Message{Topic: topic, Key: fmt.Appendf(nil, "key %d", i), Value: []byte("v")}
		if stream.PartitionOf(m.Key, 3) == 1 {
			want = append(want, i)
		}
		ms = append(ms, m)
	}
	err := b.Produce(t.Context(), ms...)
	var failed *stream.ProduceError
	if !errors.As(err, &failed) {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, failed.Failed); diff != "" || len(failed.Errs) != len(want) {
		t.Errorf("-want +got\n%s", diff)
	}
	if text := err.Error(); !strings.Contains(text, fmt.Sprintf("%d messages not produced", len(want))) || !strings.Contains(text, "partition 1") || len(text) > 1000 {
		t.Error(text)
	}
	there := 0
	for p := range int32(3) {
		_, next, err := b.Bounds(t.Context(), topic, p)
		if err != nil {
			t.Fatal(err)
		}
		there += int(next)
	}
	if there != 30-len(want) {
		t.Errorf("%d are there", there)
	}
}

// A broker that never answers ends a Produce when patience does.
func TestProduceFrozen(t *testing.T) {
	f, b, topic := open(t, 1, func(o *stream.Options) { o.Patience = 700 * time.Millisecond })
	f.Freeze()
	defer f.Thaw()
	begun := time.Now()
	if err := b.Produce(t.Context(), stream.Message{Topic: topic, Value: []byte("x")}); err == nil {
		t.Error("it was produced")
	}
	if took := time.Since(begun); took > 5*time.Second {
		t.Errorf("after %v", took)
	}
}

func TestOptions(t *testing.T) {
	good := stream.Options{Brokers: []string{"127.0.0.1:9092"}}
	for _, c := range []struct {
		name   string
		change func(*stream.Options)
		want   string
	}{
		{"good", func(*stream.Options) {}, ""},
		{"no broker", func(o *stream.Options) { o.Brokers = nil }, "brokers: at least one"},
		{"no port", func(o *stream.Options) { o.Brokers = []string{"kafka"} }, "is not host:port"},
		{"half a certificate", func(o *stream.Options) { o.TLS.Certificate = "x" }, "certificate and key go together"},
		{"mechanism", func(o *stream.Options) { o.SASL = stream.SASL{Mechanism: "gssapi", User: "u", Password: "p"} }, "mechanism is one of"},
		{"no password", func(o *stream.Options) { o.SASL = stream.SASL{Mechanism: stream.Plain, User: "u"} }, "user and password"},
		{"heartbeat", func(o *stream.Options) { o.Heartbeat = 4 * time.Second }, "heartbeat: at most a third"},
		{"drain", func(o *stream.Options) { o.Drain = 10 * time.Second }, "drain: less than the session"},
		{"negative", func(o *stream.Options) { o.Stall = -1 }, "stall: must not be negative"},
		{"message and batch", func(o *stream.Options) { o.MaxMessage = 17 << 20 }, "at most the largest batch"},
		{"wait", func(o *stream.Options) { o.Wait = time.Minute }, "wait: less than the timeout"},
	} {
		o := good
		c.change(&o)
		err := o.Validate()
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	bad := stream.Options{TLS: stream.TLS{Key: "k"}, SASL: stream.SASL{Mechanism: "x"}}
	if err := bad.Validate(); err == nil || strings.Count(err.Error(), "\n") != 2 {
		t.Errorf("not all problems at once: %v", err)
	}
	missing := good
	missing.TLS.CA = "nowhere.pem"
	if _, err := stream.Open(missing); err == nil || !strings.Contains(err.Error(), "nowhere.pem") {
		t.Errorf("%v", err)
	}
}

func TestSecret(t *testing.T) {
	s := stream.SASL{User: "u", Password: "hunter2"}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "secret", s.Password, "sasl", s)
	for _, text := range []string{fmt.Sprint(s), fmt.Sprintf("%v %+v %#v %s %q", s, s, s, s.Password, s.Password), log.String()} {
		if strings.Contains(text, "hunter2") {
			t.Error(text)
		}
	}
}
