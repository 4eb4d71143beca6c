package stream

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol"
)

// How old the list of brokers, topics and leaders may be: what moved is found again
// within this time.
const metadataAge = 2 * time.Second

// cluster is a Broker on kafka-go.
type cluster struct {
	o         Options
	d         *dialer
	transport *kafka.Transport
	client    *kafka.Client
	turn      turn
}

// Open returns the brokers of options. It connects to none: they may come up later.
func Open(o Options) (Broker, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	return open(o.filled())
}

func open(o Options) (*cluster, error) {
	d, err := newDialer(o)
	if err != nil {
		return nil, err
	}
	c := &cluster{o: o, d: d}
	c.transport = &kafka.Transport{
		Dial: d.dial, DialTimeout: o.Timeout, ClientID: o.Client, SASL: d.sasl,
		MetadataTTL: metadataAge,
	}
	c.client = &kafka.Client{Addr: kafka.TCP(o.Brokers...), Transport: c.transport}
	return c, nil
}

func (c *cluster) Close() error {
	c.transport.CloseIdleConnections()
	c.d.close()
	return nil
}

// asked is a context for one question.
func (c *cluster) asked(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, c.o.Timeout)
}

// where adds to an error which brokers were asked for what.
func (c *cluster) where(what string, err error) error {
	if err == nil {
		return nil
	}
	err = fmt.Errorf("brokers %s: %s: %w", strings.Join(c.o.Brokers, ", "), what, plainly(err))
	if c.d.sasl != nil && (errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)) {
		// Some brokers say so to who gives a wrong password.
		err = fmt.Errorf("%w; the broker closed the connection: is the password right", err)
	}
	return err
}

// plainly gives errors of brokers the names of this package, where it has one.
func plainly(err error) error {
	// kafka-go says which of its functions it was.
	for strings.HasPrefix(err.Error(), "kafka.(") && errors.Unwrap(err) != nil {
		err = errors.Unwrap(err)
	}
	var code kafka.Error
	if errors.Is(err, protocol.ErrNoTopic) || errors.Is(err, protocol.ErrNoPartition) {
		return ErrNoTopic
	}
	if !errors.As(err, &code) {
		return err
	}
	switch code {
	case kafka.UnknownTopicOrPartition, kafka.InvalidTopic, kafka.UnknownTopicID:
		return fmt.Errorf("%w (%w)", ErrNoTopic, brief(code))
	case kafka.MessageSizeTooLarge, kafka.RecordListTooLarge:
		return fmt.Errorf("%w (%w)", ErrTooLarge, brief(code))
	case kafka.TopicAuthorizationFailed, kafka.GroupAuthorizationFailed, kafka.ClusterAuthorizationFailed,
		kafka.SASLAuthenticationFailed, kafka.UnsupportedSASLMechanism, kafka.IllegalSASLState, kafka.TransactionalIDAuthorizationFailed:
		return fmt.Errorf("%w (%w)", ErrDenied, brief(code))
	}
	return brief(code)
}

// brief is an error of a broker in its number and title, without kafka-go's advice.
type brief kafka.Error

func (b brief) Error() string {
	return fmt.Sprintf("broker error %d, %s", int(b), strings.ToLower(kafka.Error(b).Title()))
}

// passing says whether an error may be gone at the next try.
func passing(err error) bool {
	var code kafka.Error
	var b brief
	switch {
	case err == nil, errors.Is(err, ErrPlain), errors.Is(err, ErrDenied), errors.Is(err, ErrTooLarge):
		return false
	case errors.As(err, &code):
		return code.Temporary() || code == kafka.UnknownTopicOrPartition
	case errors.As(err, &b):
		return kafka.Error(b).Temporary() || kafka.Error(b) == kafka.UnknownTopicOrPartition
	}
	var op net.Error
	return errors.As(err, &op) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, context.DeadlineExceeded) || unrouted(err)
}

// unrouted is an error of a list of leaders that is too old, or made too early.
func unrouted(err error) bool {
	return errors.Is(err, protocol.ErrNoTopic) || errors.Is(err, protocol.ErrNoPartition) || errors.Is(err, protocol.ErrNoLeader)
}

// again calls f until it has an answer, or an error that stays, or patience is over.
func (c *cluster) again(ctx context.Context, f func(context.Context) error) error {
	limit, cancel := context.WithTimeout(ctx, c.o.Patience)
	defer cancel()
	for try := 0; ; try++ {
		one, done := c.asked(limit)
		err := f(one)
		done()
		if err == nil || !passing(err) || limit.Err() != nil {
			return err
		}
		if !pause(limit, try) {
			return err
		}
	}
}

// pause waits the longer the more often something was tried, and says whether ctx lives.
func pause(ctx context.Context, try int) bool {
	t := time.NewTimer(min(50*time.Millisecond<<min(try, 6), 2*time.Second))
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

func (c *cluster) Partitions(ctx context.Context, topic string) (int32, error) {
	t, err := c.topic(ctx, topic)
	return int32(len(t.Partitions)), err
}

// topic returns what the brokers say of a topic, with its partitions in order.
func (c *cluster) topic(ctx context.Context, name string) (kafka.Topic, error) {
	var t kafka.Topic
	missing := 0
	err := c.again(ctx, func(ctx context.Context) error {
		m, err := c.client.Metadata(ctx, &kafka.MetadataRequest{Topics: []string{name}})
		if err != nil {
			return err
		}
		for _, found := range m.Topics {
			if found.Name != name {
				continue
			}
			t = found
			if errors.Is(t.Error, kafka.UnknownTopicOrPartition) {
				// The list may be older than the topic; twice its age is not.
				if missing++; missing > 6 {
					return ErrNoTopic
				}
			}
			return t.Error
		}
		return ErrNoTopic
	})
	if err != nil {
		return t, c.where("topic "+name, err)
	}
	slices.SortFunc(t.Partitions, func(a, b kafka.Partition) int { return cmp.Compare(a.ID, b.ID) })
	return t, nil
}

func (c *cluster) Bounds(ctx context.Context, topic string, partition int32) (first, next int64, err error) {
	err = c.again(ctx, func(ctx context.Context) error {
		first, next, err = c.bounds(ctx, topic, partition)
		return err
	})
	if err != nil {
		return 0, 0, c.where(TopicPartition{topic, partition}.String(), err)
	}
	return first, next, nil
}

func (c *cluster) bounds(ctx context.Context, topic string, partition int32) (first, next int64, err error) {
	// Brokers refuse two questions about one partition in one request, kafka-go splits them.
	answer, err := c.client.ListOffsets(ctx, &kafka.ListOffsetsRequest{
		Topics:         map[string][]kafka.OffsetRequest{topic: {kafka.FirstOffsetOf(int(partition)), kafka.LastOffsetOf(int(partition))}},
		IsolationLevel: kafka.ReadCommitted,
	})
	if err != nil {
		return 0, 0, err
	}
	for _, p := range answer.Topics[topic] {
		if p.Partition != int(partition) {
			continue
		}
		if errors.Is(p.Error, kafka.Unknown) {
			// So kafka-go calls a connection that broke.
			return 0, 0, io.ErrUnexpectedEOF
		}
		if p.Error != nil {
			return 0, 0, p.Error
		}
		if p.FirstOffset < 0 || p.LastOffset < 0 {
			return 0, 0, kafka.OffsetNotAvailable
		}
		return p.FirstOffset, p.LastOffset, nil
	}
	return 0, 0, kafka.UnknownTopicOrPartition
}

func (c *cluster) Ensure(ctx context.Context, topics ...Topic) error {
	want := make([]kafka.TopicConfig, 0, len(topics))
	for _, t := range topics {
		k := kafka.TopicConfig{Topic: t.Name, NumPartitions: int(t.Partitions), ReplicationFactor: or(t.Replicas, -1)}
		for _, name := range slices.Sorted(maps.Keys(t.Config)) {
			k.ConfigEntries = append(k.ConfigEntries, kafka.ConfigEntry{ConfigName: name, ConfigValue: t.Config[name]})
		}
		want = append(want, k)
	}
	err := c.again(ctx, func(ctx context.Context) error {
		answer, err := c.client.CreateTopics(ctx, &kafka.CreateTopicsRequest{Topics: want})
		if err != nil {
			return err
		}
		for _, t := range topics {
			if err := answer.Errors[t.Name]; err != nil && !errors.Is(err, kafka.TopicAlreadyExists) {
				return fmt.Errorf("topic %s: %w", t.Name, err)
			}
		}
		return nil
	})
	if err != nil {
		return c.where("create topics", err)
	}
	// A topic is there for everybody a moment after it was made.
	for _, t := range topics {
		if _, err := c.topic(ctx, t.Name); err != nil {
			return err
		}
	}
	return nil
}
