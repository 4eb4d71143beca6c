package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/spf13/cobra"

	"github.com/hedui/hedui/engine/account"
	"github.com/hedui/hedui/engine/api"
	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/desk"
	"github.com/hedui/hedui/engine/dock/upper"
	"github.com/hedui/hedui/engine/keyring"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/staff"
	"github.com/hedui/hedui/engine/stream"
	"github.com/hedui/hedui/engine/submission"
	"github.com/hedui/hedui/engine/worker"
	"github.com/hedui/hedui/rules"
)

type workerOptions struct {
	config     string
	acceptLoss bool
	create     int
	metrics    string
	profiles   string
	workers    int
}

// newWorkerCommand answers batches.
func newWorkerCommand(a *app) *cobra.Command {
	var o workerOptions
	cmd := &cobra.Command{
		Use:   "worker --config FILE",
		Short: "Answer batches: those that wait in the ledger, and requests of a Kafka topic",
		Long: `worker answers batches: those whose rows are in the ledger, and, where the configuration
has brokers (kafka), the requests that come by a topic. It reads the configuration of
hedui serve and works beside it on the same data directory; several share the work, each
a member of the group.

A request names its batch (hedui batch open) in the header "batch". Its verdict goes to
the topic of verdicts, byte for byte as hedui verify writes it; what can't be answered
goes to the topic of dead letters with its reason. How far each partition is stands in
the ledger, in the same change as the answers: a worker may be killed at any moment.

It ends by itself, with an error, when messages were removed from the topic before
anybody answered them (--accept-loss goes on without them), or when messages wait and
nothing moves for two minutes: have it started anew by whatever supervises it.
` + exitStatuses,
		Example: `  hedui worker --config hedui.yaml
  hedui worker --config hedui.yaml --create 12 --metrics 127.0.0.1:9444`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := requireFlags(cmd, "config"); err != nil {
				return err
			}
			return runWorker(cmd.Context(), a, o)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.config, "config", "", "configuration `file` (required), that of hedui serve")
	f.BoolVar(&o.acceptLoss, "accept-loss", false, "go on behind messages that were removed from the topic unanswered")
	f.IntVar(&o.create, "create", 0, "make the topics that are missing, with this `number` of partitions")
	f.StringVar(&o.metrics, "metrics", "", "`address` on this machine where metrics are shown; off by default")
	f.StringVar(&o.profiles, "profiles", "", "`address` on this machine where profiles of the program are shown; off by default")
	f.IntVar(&o.workers, "workers", 0, "`number` of households judged side by side (default one per core)")
	return cmd
}

func runWorker(ctx context.Context, a *app, o workerOptions) (err error) {
	c, packs, err := a.configured(o.config)
	if err != nil {
		return err
	}
	if err := keyring.NoCoreDumps(); err != nil { // one would hold what the disk must not
		return err
	}
	w, err := openWorker(ctx, a, c, packs, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	return w.run(ctx, a, c, o)
}

// workerService is everything that answers batches.
type workerService struct {
	ledger  ledger.Ledger
	audit   *audit.Log
	desk    *desk.Desk
	upper   *upper.Node // that serve asks for what this node lacks; nil asks nobody
	office  *submission.Office
	metrics *workerMetrics
}

// openWorker opens everything that a worker needs, from the ledger upwards.
func openWorker(ctx context.Context, a *app, c *config, packs map[string]*rules.Pack, o workerOptions) (_ *workerService, err error) {
	w := &workerService{metrics: newWorkerMetrics()}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.close())
		}
	}()
	st, err := a.openStore(c.Data)
	if err != nil {
		return nil, err
	}
	if w.ledger, err = a.dialServed(ctx, c.Data); err != nil {
		return nil, err
	}
	if w.audit, err = audit.Open(c.Data, audit.Options{Actor: "worker", Now: time.Now}); err != nil {
		return nil, err
	}
	do := desk.Options{
		Store: st, Ledger: w.ledger, Audit: w.audit, Packs: packs, Now: time.Now, Location: centreZone(), Limits: desk.Limits{WindowDays: c.ContestDays}, Program: program(),
	}
	if c.Dock != nil { // it is not asked here: what this node lacks is pending, and serve asks
		if w.upper, err = c.Dock.open(); err != nil {
			return nil, err
		}
		do.Upper = w.upper
	}
	if w.desk, err = desk.New(do); err != nil {
		return nil, err
	}
	accounts, err := account.Resolver(account.Options{Store: staff.NewStore(w.ledger), Rules: staff.Rules{}, Policy: account.DefaultPolicy()})
	if err != nil {
		return nil, err
	}
	unjudged, err := noAccounts(ctx, w.ledger)
	if err != nil {
		return nil, err
	}
	w.office, err = newBatchOffice(a, w.ledger, w.desk, w.audit, accounts, submission.Options{Limits: c.Batches.limits(), Workers: o.workers, Unjudged: unjudged})
	return w, err
}

func (w *workerService) close() error {
	var err error
	if w.office != nil {
		err = w.office.Close()
	}
	if w.desk != nil {
		err = errors.Join(err, w.desk.Close())
	}
	if w.upper != nil {
		w.upper.Close()
	}
	if w.audit != nil {
		err = errors.Join(err, w.audit.Close())
	}
	if w.ledger != nil {
		err = errors.Join(err, w.ledger.Close())
	}
	return err
}

// run answers until ctx ends or it can't go on.
func (w *workerService) run(ctx context.Context, a *app, c *config, o workerOptions) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var done sync.WaitGroup
	begin := func(do func() error) {
		done.Go(func() {
			if err := do(); err != nil {
				cancel(err)
			}
		})
	}
	for _, x := range []struct {
		flag, address string
		handler       http.Handler
	}{{"metrics", o.metrics, w.metrics.handler()}, {"profiles", o.profiles, api.Profiles()}} {
		if x.address == "" {
			continue
		}
		if p := c.exposed(x.address, false); p != "" {
			return wrongUsage(p, "--%s %s is no address of this machine", x.flag, x.address)
		}
		begin(func() error { return show(ctx, x.address, x.handler) })
	}
	begin(func() error { w.office.Run(ctx); return nil })
	begin(func() error { return w.attended(ctx) })
	if c.Kafka != nil {
		answer, closeBroker, err := w.kafka(ctx, a, c, o)
		if err != nil {
			cancel(err)
		} else {
			defer closeBroker()
			begin(func() error { return answer(ctx) })
		}
	}
	fmt.Fprintln(a.stdout, "answering batches of", c.Data)
	done.Wait()
	if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) {
		return cause
	}
	return nil
}

// kafka joins the group.
func (w *workerService) kafka(ctx context.Context, a *app, c *config, o workerOptions) (run func(context.Context) error, end func(), err error) {
	so, err := c.Kafka.options(a)
	if err != nil {
		return nil, nil, err
	}
	b, err := stream.Open(so)
	if err != nil {
		return nil, nil, err
	}
	end = func() { _ = b.Close() }
	topics := worker.Topics{Requests: c.Kafka.Requests, Verdicts: c.Kafka.Verdicts, DeadLetter: c.Kafka.DeadLetter}
	if o.create > 0 {
		n := int32(min(o.create, 1000)) //nolint:gosec // it is bounded
		err = b.Ensure(ctx, stream.Topic{Name: topics.Requests, Partitions: n}, stream.Topic{Name: topics.Verdicts, Partitions: n}, stream.Topic{Name: topics.DeadLetter, Partitions: 1})
	}
	var x *worker.Worker
	if err == nil {
		x, err = worker.New(worker.Options{Broker: b, Office: w.office, Topics: topics, AcceptLoss: o.acceptLoss, Watch: w.metrics, Log: a.logger})
	}
	if err != nil {
		end()
		if errors.Is(err, stream.ErrNoTopic) {
			err = withHint(err, "--create 12 makes the topics that are missing")
		}
		return nil, nil, err
	}
	return func(ctx context.Context) error {
		err := x.Run(ctx)
		if _, lost := errors.AsType[*submission.LossError](err); lost {
			return withHint(err, "find out why the topic lost them, have their senders send them again, then go on with --accept-loss")
		}
		if errors.Is(err, stream.ErrNoTopic) {
			return withHint(err, "--create 12 makes the topics that are missing")
		}
		return err
	}, end, nil
}

// attended ends with an error when nobody has answered for the ledger for a while: then this
// process, started anew, may answer for it itself.
func (w *workerService) attended(ctx context.Context) error {
	every := time.NewTicker(2 * time.Second)
	defer every.Stop()
	since := time.Now()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-every.C:
		}
		_, err := noAccounts(ctx, w.ledger)
		if !errors.Is(err, ledger.ErrUnreachable) {
			since = time.Now()
		} else if time.Since(since) > unattended {
			return errNoOwner
		}
	}
}

const unattended = 60 * time.Second

// workerMetrics are what a monitor sees of a worker.
type workerMetrics struct {
	registry *prometheus.Registry
	lag      *prometheus.GaugeVec
	answered *prometheus.CounterVec
	answers  prometheus.Histogram
	sent     *prometheus.CounterVec
	faults   *prometheus.CounterVec
}

func newWorkerMetrics() *workerMetrics {
	m := &workerMetrics{
		registry: prometheus.NewRegistry(),
		lag:      prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "hedui_worker_lag_messages", Help: "Messages of a partition that wait."}, []string{"partition"}),
		answered: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "hedui_worker_answered_total", Help: "Messages that are in the ledger with their answers."}, []string{"partition"}),
		answers: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "hedui_worker_answer_seconds", Help: "Time to answer a group of messages and keep the answers.", Buckets: prometheus.ExponentialBuckets(0.005, 2, 12),
		}),
		sent:   prometheus.NewCounterVec(prometheus.CounterOpts{Name: "hedui_worker_sent_total", Help: "Messages that were sent, by kind: verdict or dead_letter."}, []string{"kind"}),
		faults: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "hedui_worker_faults_total", Help: "How often a partition began again after a fault."}, []string{"partition"}),
	}
	m.registry.MustRegister(m.lag, m.answered, m.answers, m.sent, m.faults, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func number(p stream.TopicPartition) string { return strconv.Itoa(int(p.Partition)) }

// Lag implements worker.Watch.
func (m *workerMetrics) Lag(p stream.TopicPartition, n int64) {
	m.lag.WithLabelValues(number(p)).Set(float64(n))
}

// Answered implements worker.Watch.
func (m *workerMetrics) Answered(p stream.TopicPartition, n int, took time.Duration) {
	m.answered.WithLabelValues(number(p)).Add(float64(n))
	m.answers.Observe(took.Seconds())
}

// Sent implements worker.Watch.
func (m *workerMetrics) Sent(_ stream.TopicPartition, verdicts, dead int, _ time.Duration) {
	m.sent.WithLabelValues("verdict").Add(float64(verdicts))
	m.sent.WithLabelValues("dead_letter").Add(float64(dead))
}

// Fault implements worker.Watch.
func (m *workerMetrics) Fault(p stream.TopicPartition, _ error) {
	m.faults.WithLabelValues(number(p)).Inc()
}

func (m *workerMetrics) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{}))
	return mux
}

// show shows something at an address until ctx ends.
func show(ctx context.Context, address string, h http.Handler) error {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return err
	}
	s := &http.Server{Handler: h, ReadHeaderTimeout: 5 * time.Second}
	stop := context.AfterFunc(ctx, func() { _ = s.Close() })
	defer stop()
	if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
