package stream

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/segmentio/kafka-go"
)

// member is a Membership on kafka-go's ConsumerGroup.
type member struct {
	o     Options
	d     *dialer
	group *kafka.ConsumerGroup
	once  sync.Once
}

func (c *cluster) Join(ctx context.Context, topics ...string) (Membership, error) {
	if c.o.Group == "" || len(topics) == 0 {
		return nil, errors.New("join: a group and at least one topic must be said")
	}
	// kafka-go asks for topics in a way that creates those that are missing, where the
	// brokers allow it, with as many partitions as they like.
	for _, t := range topics {
		if _, err := c.topic(ctx, t); err != nil {
			return nil, err
		}
	}
	// A member has connections of its own, so that its end can close them.
	d, err := newDialer(c.o)
	if err != nil {
		return nil, err
	}
	k := d.kafka()
	k.Timeout = c.o.Timeout
	group, err := kafka.NewConsumerGroup(kafka.ConsumerGroupConfig{
		ID: c.o.Group, Brokers: c.o.Brokers, Dialer: k, Topics: topics,
		GroupBalancers:    []kafka.GroupBalancer{kafka.RangeGroupBalancer{}, kafka.RoundRobinGroupBalancer{}},
		HeartbeatInterval: c.o.Heartbeat, SessionTimeout: c.o.Session, RebalanceTimeout: c.o.Rebalance,
		JoinGroupBackoff: min(time.Second, c.o.Heartbeat), Timeout: c.o.Timeout,
		WatchPartitionChanges: true, PartitionWatchInterval: 30 * time.Second,
		StartOffset: kafka.FirstOffset,
	})
	if err != nil {
		return nil, c.where("join group "+c.o.Group, err)
	}
	return &member{o: c.o, d: d, group: group}, nil
}

func (m *member) Next(ctx context.Context) (Generation, error) {
	limit, cancel := context.WithTimeout(ctx, m.o.Patience)
	defer cancel()
	var last error
	for {
		g, err := m.group.Next(limit)
		switch {
		case err == nil:
			return newGeneration(g, m.o.Drain), nil
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case limit.Err() != nil:
			return nil, fmt.Errorf("group %s: no generation within %v: %w", m.o.Group, m.o.Patience, cmpErr(last, err))
		case errors.Is(err, kafka.ErrGroupClosed):
			return nil, fmt.Errorf("group %s: %w", m.o.Group, ErrLost)
		}
		// kafka-go tries again by itself, after a while.
		last = plainly(err)
		m.o.Logger.WarnContext(ctx, "group not joined", "group", m.o.Group, "error", last)
		if errors.Is(last, ErrDenied) || errors.Is(last, ErrPlain) {
			return nil, fmt.Errorf("group %s: %w", m.o.Group, last)
		}
	}
}

func (m *member) Close() error {
	m.once.Do(func() {
		done := make(chan struct{})
		go func() {
			defer close(done)
			m.group.Close()
		}()
		// Leaving asks a broker, which may be one that never answers.
		t := time.NewTimer(m.o.Timeout)
		defer t.Stop()
		select {
		case <-done:
		case <-t.C:
		}
		m.d.close()
		<-done
	})
	return nil
}

// generation is a Generation on kafka-go's.
type generation struct {
	g          *kafka.Generation
	partitions []TopicPartition
	lost       chan struct{}
	released   chan struct{}
	once       sync.Once
}

func newGeneration(g *kafka.Generation, drain time.Duration) *generation {
	gen := &generation{g: g, lost: make(chan struct{}), released: make(chan struct{})}
	for topic, ps := range g.Assignments {
		for _, p := range ps {
			gen.partitions = append(gen.partitions, TopicPartition{topic, int32(p.ID)})
		}
	}
	slices.SortFunc(gen.partitions, func(a, b TopicPartition) int {
		return cmp.Or(cmp.Compare(a.Topic, b.Topic), cmp.Compare(a.Partition, b.Partition))
	})
	// kafka-go takes part in the next distribution when this has returned.
	g.Start(func(ctx context.Context) {
		select {
		case <-ctx.Done():
		case <-gen.released:
		}
		close(gen.lost)
		t := time.NewTimer(drain)
		defer t.Stop()
		select {
		case <-gen.released:
		case <-t.C:
		}
	})
	return gen
}

func (g *generation) ID() int32                    { return g.g.ID }
func (g *generation) Member() string               { return g.g.MemberID }
func (g *generation) Partitions() []TopicPartition { return slices.Clone(g.partitions) }
func (g *generation) Lost() <-chan struct{}        { return g.lost }
func (g *generation) Release()                     { g.once.Do(func() { close(g.released) }) }

func (g *generation) Commit(ctx context.Context, next map[TopicPartition]int64) error {
	select {
	case <-g.lost:
		return ErrLost
	case <-ctx.Done():
		return ctx.Err()
	default:
	}
	offsets := make(map[string]map[int]int64)
	for p, n := range next {
		if !slices.Contains(g.partitions, p) {
			return fmt.Errorf("%s is not of generation %d: %w", p, g.g.ID, ErrLost)
		}
		if offsets[p.Topic] == nil {
			offsets[p.Topic] = make(map[int]int64)
		}
		offsets[p.Topic][int(p.Partition)] = n
	}
	err := g.g.CommitOffsets(offsets)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, kafka.IllegalGeneration), errors.Is(err, kafka.UnknownMemberId), errors.Is(err, kafka.RebalanceInProgress):
		return fmt.Errorf("commit in generation %d: %w (%w)", g.g.ID, ErrLost, plainly(err))
	}
	return fmt.Errorf("commit in generation %d: %w", g.g.ID, plainly(err))
}
