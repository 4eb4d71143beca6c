package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/hedui/hedui/engine/stream"
	"github.com/hedui/hedui/engine/submission"
)

// Topics are where requests come from and answers go.
type Topics struct{ Requests, Verdicts, DeadLetter string }

// The names of the topics when nobody gives others. Their version is that of what is in
// them: another form of it is another topic.
const (
	Requests   = "hedui.requests.v1"
	Verdicts   = "hedui.verdicts.v1"
	DeadLetter = "hedui.dead-letter.v1"
)

// Watch is told how the work goes. Its methods must not block.
type Watch interface {
	// Lag is how many messages of a partition wait.
	Lag(p stream.TopicPartition, messages int64)
	// Answered counts messages that are in the ledger, Sent those that are in a topic.
	Answered(p stream.TopicPartition, messages int, took time.Duration)
	Sent(p stream.TopicPartition, verdicts, dead int, took time.Duration)
	// Fault is told of what made a partition begin again.
	Fault(p stream.TopicPartition, err error)
}

// Options of a worker.
type Options struct {
	Broker stream.Broker
	Office *submission.Office
	Topics Topics
	// AcceptLoss goes on behind messages that the broker removed before they were answered.
	AcceptLoss bool
	// Stall is how long a partition may have messages and not move; 0 is 2 minutes.
	Stall time.Duration
	Watch Watch // may be nil
	Log   *slog.Logger
}

// Worker answers requests. Run it once.
type Worker struct {
	o Options
}

// New returns a worker.
func New(o Options) (*Worker, error) {
	if o.Broker == nil || o.Office == nil {
		return nil, errors.New("a worker needs a broker and an office")
	}
	set := func(s *string, usual string) {
		if *s == "" {
			*s = usual
		}
	}
	set(&o.Topics.Requests, Requests)
	set(&o.Topics.Verdicts, Verdicts)
	set(&o.Topics.DeadLetter, DeadLetter)
	if o.Topics.Verdicts == o.Topics.Requests || o.Topics.DeadLetter == o.Topics.Requests {
		return nil, errors.New("answers can't go where requests come from")
	}
	if o.Stall <= 0 {
		o.Stall = 2 * time.Minute
	}
	if o.Watch == nil {
		o.Watch = quiet{}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Worker{o}, nil
}

// Run works until ctx ends, which is no error, or until it can't go on.
func (w *Worker) Run(ctx context.Context) (err error) {
	m, err := w.o.Broker.Join(ctx, w.o.Topics.Requests)
	if err != nil {
		return unlessOver(ctx, err)
	}
	defer func() { err = errors.Join(err, m.Close()) }()
	for {
		g, err := m.Next(ctx)
		if err != nil {
			return unlessOver(ctx, err)
		}
		w.o.Log.Info("a distribution of partitions", slog.Int("generation", int(g.ID())), slog.Any("partitions", g.Partitions()))
		err = w.generation(ctx, g)
		g.Release()
		if err != nil {
			return err
		}
	}
}

func unlessOver(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil //nolint:nilerr // it was told to end
	}
	return err
}

// generation works on the partitions of one distribution, until it is over.
func (w *Worker) generation(ctx context.Context, g stream.Generation) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() {
		select {
		case <-g.Lost():
			cancel(errLost)
		case <-ctx.Done():
		}
	}()
	var done sync.WaitGroup
	commits := &committed{g: g, next: map[stream.TopicPartition]int64{}}
	for _, p := range g.Partitions() {
		done.Go(func() {
			if err := w.partition(ctx, p, commits); err != nil {
				cancel(fmt.Errorf("%s: %w", p, err))
			}
		})
	}
	commits.keep(ctx)
	done.Wait()
	commits.send(context.WithoutCancel(ctx))
	if cause := context.Cause(ctx); !errors.Is(cause, errLost) && !errors.Is(cause, context.Canceled) {
		return cause
	}
	return nil
}

// errLost says that the distribution is over.
var errLost = errors.New("the partitions are given out anew")

// committed tells the brokers how far the partitions are.
type committed struct {
	g    stream.Generation
	mu   sync.Mutex
	next map[stream.TopicPartition]int64
}

func (c *committed) set(p stream.TopicPartition, next int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.next[p] = next
}

// keep tells them every few seconds until ctx ends.
func (c *committed) keep(ctx context.Context) {
	every := time.NewTicker(5 * time.Second)
	defer every.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-every.C:
			c.send(ctx)
		}
	}
}

// send tells them once. That it fails changes nothing: the ledger has the positions.
func (c *committed) send(ctx context.Context) {
	c.mu.Lock()
	next := c.next
	c.next = map[stream.TopicPartition]int64{}
	c.mu.Unlock()
	if len(next) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	_ = c.g.Commit(ctx, next)
}

type quiet struct{}

func (quiet) Lag(stream.TopicPartition, int64)                    {}
func (quiet) Answered(stream.TopicPartition, int, time.Duration)  {}
func (quiet) Sent(stream.TopicPartition, int, int, time.Duration) {}
func (quiet) Fault(stream.TopicPartition, error)                  {}
