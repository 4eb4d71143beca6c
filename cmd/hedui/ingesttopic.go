package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ingest"
	"github.com/hedui/hedui/engine/ingest/topic"
	"github.com/hedui/hedui/engine/snapshot"
	"github.com/hedui/hedui/engine/stream"
)

// ingestFrom is a topic that hedui ingest takes instead of files.
type ingestFrom struct {
	from      topicFlag
	kafka     string
	columns   []string
	until     untilFlag
	idle      time.Duration
	beginning bool
}

func (o *ingestFrom) flags(f *pflag.FlagSet) {
	f.Var(&o.from, "from", "`topic` to take instead of files, as in kafka://host:port/hedui.bank; each message is a row")
	f.StringVar(&o.kafka, "kafka", "", "YAML `file` with brokers, tls, sasl and insecure, for --from")
	f.StringSliceVar(&o.columns, "columns", nil, "`names` of the fields of a message that is a line of CSV; without them each is a JSON object")
	f.Var(&o.until, "until", "`end` of the delivery: now (what is there), idle (nothing comes for --idle) or mark (a message with the header end in every partition)")
	f.DurationVar(&o.idle, "idle", 30*time.Second, "`time` without a message that ends the delivery, or with --until mark the waiting")
	f.BoolVar(&o.beginning, "beginning", false, "take everything the topic has, not only what came since the last snapshot")
}

// args refuses a command line with a topic and files, or with neither.
func (o *ingestFrom) args(files cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if o.from.topic == "" {
			for _, name := range []string{"kafka", "columns", "until", "idle", "beginning"} {
				if cmd.Flags().Changed(name) {
					return wrongUsage("add --from kafka://host:port/topic, or leave it out", "--%s is for a topic", name)
				}
			}
			return files(cmd, args)
		}
		if len(args) > 0 {
			return wrongUsage("ingest them one after the other, as of different days or from different providers", "a topic and files are two deliveries")
		}
		return nil
	}
}

// connect opens the brokers.
func (o *ingestFrom) connect(a *app) (stream.Broker, error) {
	c := &kafkaConfig{}
	if o.kafka != "" {
		var err error
		if c, err = loadKafka(o.kafka); err != nil {
			return nil, err
		}
	}
	if o.from.brokers != nil {
		c.Brokers = o.from.brokers
	}
	so, err := c.options(a)
	if err != nil {
		return nil, err
	}
	so.Logger = a.logger
	return stream.Open(so)
}

// deliver settles which messages are ingested.
func (o *ingestFrom) deliver(ctx context.Context, b stream.Broker, in *ingest.Options) error {
	plan := topic.Options{Broker: b, Topic: o.from.topic, Until: o.until.until, Pause: o.idle}
	if !o.beginning {
		provider := in.Provider
		if provider == "" && in.Mapping != nil {
			provider = in.Mapping.Provider
		}
		// A snapshot that is replaced gives its messages back.
		replaced := household.Date(0)
		if in.Supersede {
			replaced = in.AsOf
		}
		dir, err := snapshot.OpenDirWith(in.Dir, snapshot.Options{Keys: in.Keys})
		if err != nil {
			return err
		}
		if plan.After, err = topic.After(dir, in.Department.Source, cmp.Or(provider, in.Department.Source.String()), o.from.topic, replaced); err != nil {
			return err
		}
	}
	spans, err := topic.Plan(ctx, plan)
	if err != nil {
		return topicFailure(err)
	}
	in.Feeds = topic.Feeds(b, spans, o.columns)
	return nil
}

// topicFailure says what can be done about a topic that can't be taken.
func topicFailure(err error) error {
	switch {
	case errors.Is(err, stream.ErrGone):
		return withHint(err, "have the department send what is missing again, or take what is left with --beginning")
	case errors.Is(err, stream.ErrBeyond):
		return withHint(err, "if the topic was made anew, take all of it with --beginning")
	case errors.Is(err, topic.ErrNoMark):
		return withHint(err, "wait for the department to end its delivery, or take what is there with --until now")
	case errors.Is(err, topic.ErrNothing):
		return withHint(err, "take everything the topic has with --beginning")
	case errors.Is(err, stream.ErrPlain):
		return withHint(err, "say how to encrypt, or insecure: true, in the file of --kafka")
	}
	return err
}

// spansText says which messages a snapshot was made of.
func spansText(files []snapshot.FileAccount) string {
	var b strings.Builder
	for _, f := range files {
		if s := f.Stream; s != nil && s.From < s.To {
			fmt.Fprintf(&b, "  topic %s partition %d: offsets %d to %d\n", s.Topic, s.Partition, s.From, s.To-1)
		}
	}
	return b.String()
}

// untilFlag is a flag whose value says where a delivery ends.
type untilFlag struct{ until topic.Until }

var untilNames = []string{topic.Now: "now", topic.Idle: "idle", topic.Mark: "mark"}

func (f *untilFlag) String() string { return untilNames[f.until] }

func (f *untilFlag) Set(text string) error {
	for i, name := range untilNames {
		if name == text {
			f.until = topic.Until(i)
			return nil
		}
	}
	return errors.New("not an end, want now, idle or mark")
}

func (*untilFlag) Type() string { return "end" }
