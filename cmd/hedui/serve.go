package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/spf13/cobra"

	"github.com/hedui/hedui/engine/account"
	"github.com/hedui/hedui/engine/account/oidc"
	"github.com/hedui/hedui/engine/api"
	"github.com/hedui/hedui/engine/api/wire"
	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/backoffice"
	"github.com/hedui/hedui/engine/console"
	"github.com/hedui/hedui/engine/desk"
	"github.com/hedui/hedui/engine/desk/front"
	"github.com/hedui/hedui/engine/dock/upper"
	"github.com/hedui/hedui/engine/durable"
	"github.com/hedui/hedui/engine/explain"
	"github.com/hedui/hedui/engine/keyring"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/report/press"
	"github.com/hedui/hedui/engine/staff"
	"github.com/hedui/hedui/engine/store"
	"github.com/hedui/hedui/engine/submission"
	"github.com/hedui/hedui/engine/submission/filing"
	"github.com/hedui/hedui/engine/watch"
	"github.com/hedui/hedui/rules"
)

type serveOptions struct {
	config string
	check  bool
	admin  string
}

// newServeCommand answers over HTTP.
func newServeCommand(a *app) *cobra.Command {
	var o serveOptions
	cmd := &cobra.Command{
		Use:   "serve --config FILE",
		Short: "Answer over HTTP: checks, authorisations, review, audit",
		Long: `serve owns the ledger of a data directory and answers over HTTP: /api/v1, described by
/api/v1/openapi.json; /healthz and /readyz; /metrics. Every request needs an account or
a token, and the policy (hedui serve --config FILE, then GET /api/v1/operations) says
who may do what. While it runs, other commands on the directory go on working: they ask
it for what the ledger holds.

It reads the generation that is current and takes a new one when it is published. The
first SIGTERM or SIGINT lets what was begun finish; the second ends it at once.
` + exitStatuses,
		Example: `  hedui users bootstrap --data store --account security01 --person P0001 --display 安全管理员
  hedui serve --config hedui.yaml --check
  hedui serve --config hedui.yaml`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := requireFlags(cmd, "config"); err != nil {
				return err
			}
			return runServe(cmd, a, o)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.config, "config", "", "configuration `file` (required); packaging/hedui.yaml is an example")
	f.BoolVar(&o.check, "check", false, "read the configuration, say what is wrong, and serve nothing")
	f.StringVar(&o.admin, "profiles", "", "`address` on this machine where profiles of the program are shown; off by default")
	return cmd
}

func runServe(cmd *cobra.Command, a *app, o serveOptions) (err error) {
	c, packs, err := a.configured(o.config)
	if err != nil {
		return err
	}
	if err := readCalendar(c.Calendar, &c.work); err != nil {
		return fmt.Errorf("%s: calendar: %w", o.config, err)
	}
	if o.check {
		fmt.Fprintf(a.stderr, "%s: good\n", o.config)
		return nil
	}
	if err := keyring.NoCoreDumps(); err != nil { // one would hold what the disk must not
		return err
	}
	s, err := openService(cmd.Context(), a, c, packs)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	return s.run(cmd.Context(), a, c, o)
}

// service is everything that answers.
type service struct {
	ledger  ledger.Ledger
	audit   *audit.Log
	watch   *watch.Watcher
	desk    *desk.Desk
	press   *press.Press
	batches *submission.Office
	server  *api.Server
	log     *slog.Logger
	upper   *upper.Node // that is asked for what this one lacks; nil asks nobody

	turn     atomic.Pointer[api.Turn] // of the batch that is answered
	alerts   *prometheus.CounterVec
	anchored bool // the head of the audit log goes to a second place
}

// openService opens everything that is owned and puts it together, from the ledger
// upwards.
func openService(ctx context.Context, a *app, c *config, packs map[string]*rules.Pack) (_ *service, err error) {
	s := &service{log: a.logger}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	st, err := a.openStore(c.Data)
	if err != nil {
		return nil, err
	}
	lo, err := a.ledgerOptions(c.Data)
	if err != nil {
		return nil, err
	}
	owner, err := ledger.Open(c.Data, lo)
	if errors.Is(err, ledger.ErrOwned) {
		return nil, withHint(err, "one process serves a data directory: stop the other first")
	}
	if err != nil {
		return nil, err
	}
	s.ledger = owner
	where := centreZone()
	s.alerts = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "hedui_audit_alerts_total", Help: "Looks that somebody should ask about, by their strongest sign.",
	}, []string{"sign"})
	if s.watch, err = watch.New(watch.Options{
		Ledger: s.ledger, Data: c.Data, Plain: c.work, Log: a.logger,
		Alerted: func(x watch.Alert) { s.alerts.WithLabelValues(string(x.Signs[0])).Inc() },
	}); err != nil {
		return nil, err
	}
	ao := audit.Options{Actor: "serve", Now: time.Now, Watch: s.watch.Entry}
	var signer *audit.PrivateKey
	if c.Audit.Key != "" {
		if signer, err = readPrivateKey(c.Audit.Key); err != nil {
			return nil, err
		}
		s.anchored = true
		ao.Anchors = audit.AnchorOptions{Key: signer, Path: filepath.Join(c.Audit.Anchor, "hedui-audit-heads.jsonl")}
	}
	if s.audit, err = audit.Open(c.Data, ao); err != nil {
		return nil, err
	}
	shelf, err := a.openShelf(c.Data)
	if err != nil {
		return nil, err
	}
	do := desk.Options{
		Store: st, Exports: shelf, Ledger: s.ledger, Audit: s.audit, Packs: packs, Now: time.Now, Location: where, Limits: desk.Limits{WindowDays: c.ContestDays}, Program: program(),
	}
	if err := s.dock(c, &do); err != nil {
		return nil, err
	}
	if s.desk, err = desk.New(do); err != nil {
		return nil, err
	}
	if _, err := s.desk.Refresh(ctx); err != nil && !errors.Is(err, store.ErrNoCurrent) {
		return nil, err
	}
	policy := account.DefaultPolicy()
	accounts, err := account.New(account.Options{Store: staff.NewStore(s.ledger), Rules: staff.Rules{}, Policy: policy})
	if err != nil {
		return nil, err
	}
	if s.batches, err = newBatchOffice(a, s.ledger, s.desk, s.audit, accounts, submission.Options{
		Limits: c.Batches.limits(), Name: "serve", Workers: 1, Between: s.giveWay, Most: mostKept,
	}); err != nil {
		return nil, err
	}
	snapshots, err := a.openSnapshots(c.Data)
	if err != nil {
		return nil, err
	}
	co := backoffice.Options{
		Snapshots: snapshots,
		Accounts:  accounts, Ledger: s.ledger, Audit: s.audit, Data: c.Data, Now: time.Now, Location: where, Idle: policy.Idle,
	}
	if signer != nil {
		co.SignHead = func(context.Context) (wire.AuditHead, error) { return signedHead(c.Data, signer) }
	}
	office, err := backoffice.New(co)
	if err != nil {
		return nil, err
	}
	seen, err := office.Seen(ctx)
	if err != nil {
		return nil, err
	}
	s.desk.Recall(seen)
	if s.press, err = newPress(c.Report.Key, c.Report.Chromium); err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	behind := &front.Front{
		Rest: office, Desk: s.desk, Person: office.Person, Centres: office.Centres, Location: where,
		Centre: c.Centre, Objects: c.Report.Where, ReportDays: c.Report.Days, Printer: printer{s.press},
		Submissions: &front.Submissions{Office: s.batches, Filing: &filing.Office{
			Batches: s.batches, Shelf: shelf, Where: where, Now: time.Now,
			Titles:  func(code string) string { return findingTitle(packs, code, explain.Zh) },
			Between: func(ctx context.Context) error { return s.server.Lanes().GiveWay(ctx) },
		}},
	}
	var signOn api.SignOn
	if c.OIDC != nil {
		p, err := newProvider(c)
		if err != nil {
			return nil, err
		}
		signOn = office.SignOn(p)
	}
	pages, err := console.New(console.Options{
		Desk: behind, Now: time.Now, Centre: c.Centre, Location: where, Plain: c.TLS.Key == "", SignOn: signOn != nil, PDF: s.press.Pool != nil,
		Finding: func(code, lang string) string { return findingTitle(packs, code, lang) },
	})
	if err != nil {
		return nil, err
	}
	s.server, err = s.newServer(a, c, behind, office, signOn, pages, st)
	return s, err
}

func (s *service) newServer(a *app, c *config, behind wire.Desk, office *backoffice.Office, signOn api.SignOn, pages api.Pages, st store.Store) (*api.Server, error) {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	registry.MustRegister(s.alerts, prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "hedui_audit_unwatched_entries", Help: "Entries of the audit log that were not looked over yet.",
	}, func() float64 { return float64(s.watch.Behind()) }))
	limits := api.DefaultLimits()
	limits.Body, limits.WorkTime, limits.StopTime, limits.File = c.body, c.request, c.stop, c.Batches.upload
	limits.InteractiveSlots, limits.InteractiveQueue = c.Limits.ChecksAtOnce, c.Limits.ChecksWaiting
	limits.AccountRate, limits.AccountBurst = float64(c.Limits.PerMinute)/60, max(1, c.Limits.PerMinute/4)
	return api.New(api.Options{
		Desk: behind, Authenticator: office, Denied: office.Denied, SignOn: signOn, Pages: pages, Now: time.Now, Log: a.logger, Metrics: registry, Limits: limits, Version: version,
		PlainCookie: c.TLS.Key == "",
		Checks: []api.Check{
			{Name: "generation", Ask: func(context.Context) error { _, err := st.Current(); return err }},
			{Name: "ledger", Ask: func(ctx context.Context) error {
				_, err := s.ledger.List(ctx, ledger.Query{Kind: ledger.KindUser, Prefix: ledger.Every(ledger.KindUser).Prefix, Limit: 1})
				return err
			}},
			{Name: "space", Ask: func(context.Context) error { return enoughSpace(c.Data) }},
		},
	})
}

// findingTitle is what a finding is called by the first pack that knows it, in the order of
// schemes.
func findingTitle(packs map[string]*rules.Pack, code, lang string) string {
	for _, scheme := range slices.Sorted(maps.Keys(packs)) {
		if title := (rules.Texts{Pack: packs[scheme]}).Title(code, lang); title != "" {
			return title
		}
	}
	return ""
}

// leastSpace is the free space below which the service says that it is not ready: the
// ledger refuses changes a little later.
const leastSpace = 512 << 20

func enoughSpace(dir string) error {
	free, known, err := durable.FreeBytes(dir)
	if err != nil || !known || free >= leastSpace {
		return err
	}
	return fmt.Errorf("%d MiB are free, at least %d are needed", free>>20, leastSpace>>20)
}

func (s *service) close() error {
	var err error
	if s.batches != nil {
		err = s.batches.Close()
	}
	if s.desk != nil {
		err = errors.Join(err, s.desk.Close())
	}
	if s.upper != nil {
		s.upper.Close()
	}
	err = errors.Join(err, closePress(s.press))
	if s.audit != nil {
		err = errors.Join(err, s.audit.Close())
	}
	if s.ledger != nil {
		err = errors.Join(err, s.ledger.Close())
	}
	return err
}

// run serves until it is told to stop.
func (s *service) run(ctx context.Context, a *app, c *config, o serveOptions) error {
	end, endNow := context.WithCancel(context.WithoutCancel(ctx))
	defer endNow()
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(signals)
	go func() {
		<-ctx.Done() // by the first signal, or because the program ends
		select {
		case <-signals: // the first one again, or the second
			select {
			case <-signals:
				endNow()
			case <-end.Done():
			}
		case <-end.Done():
		}
	}()
	background, stopBackground := context.WithCancel(context.WithoutCancel(ctx))
	var done sync.WaitGroup
	done.Go(func() { s.work(background) })
	done.Go(func() { s.watch.Run(background) })
	if !c.Batches.Elsewhere {
		done.Go(func() { s.answerBatches(background) })
	}
	done.Go(func() { s.keepDocked(background) })
	if s.anchored {
		done.Go(func() {
			s.audit.KeepAnchored(background, c.every, func(err error) {
				s.log.Error("the head of the audit log could not be anchored", slog.Any("error", err))
			})
		})
	}
	defer func() { stopBackground(); done.Wait() }()
	return s.server.Run(ctx, end, api.Listen{
		Address: c.Listen, Cert: c.TLS.Certificate, Key: c.TLS.Key, Clients: c.TLS.Clients, Admin: o.admin,
		Opened: func(main, _ net.Addr) {
			s.log.Info("serving", slog.String("address", main.String()), slog.String("generation", s.desk.Generation()), slog.String("version", version))
			fmt.Fprintln(a.stdout, "serving on", main)
		},
	})
}

// How often the service looks after what does not come by a request.
const (
	refreshEvery = time.Second // whether another generation was published
	tickEvery    = time.Hour   // whether a term to contest has run out
)

// work does what does not come by a request, until ctx ends.
func (s *service) work(ctx context.Context) {
	refresh, tick := time.NewTicker(refreshEvery), time.NewTicker(tickEvery)
	defer refresh.Stop()
	defer tick.Stop()
	s.tick(ctx)
	for {
		select {
		case <-ctx.Done():
			return
		case <-refresh.C:
			if changed, err := s.desk.Refresh(ctx); err != nil && !errors.Is(err, store.ErrNoCurrent) {
				s.log.Error("the new generation can't be read; the one before goes on", slog.Any("error", err))
			} else if changed {
				s.log.Info("generation", slog.String("generation", s.desk.Generation()))
			}
		case <-tick.C:
			s.tick(ctx)
		}
	}
}

func (s *service) tick(ctx context.Context) {
	n, err := s.desk.Tick(ctx)
	if err != nil {
		s.log.Error("terms to contest could not be looked after", slog.Any("error", err))
		return
	}
	if n > 0 {
		s.log.Info("terms to contest ran out", slog.Int("cases", n))
	}
}

// signedHead is the newest entry of the audit log, signed.
func signedHead(data string, key audit.Signer) (wire.AuditHead, error) {
	h, err := audit.TakeHead(data, key, time.Now())
	if err != nil {
		return wire.AuditHead{}, err
	}
	return wire.AuditHead{Seq: uint64(h.Seq), Hash: h.Hash, Segment: h.Segment, Bytes: h.Bytes, Time: h.Time, Key: h.Key, Signature: h.Signature.Signature}, nil
}

// newProvider is the identity provider of the configuration. It is not asked anything
// before somebody signs in by it: the service starts without it.
func newProvider(c *config) (*oidc.Provider, error) {
	o := oidc.Config{
		Issuer: c.OIDC.Issuer, ClientID: c.OIDC.ClientID, RedirectURL: c.OIDC.Redirect, GroupsClaim: c.OIDC.Claim,
		TwoFactors: c.OIDC.TwoFactors, Roles: map[string][]account.Role{},
	}
	for group, roles := range c.OIDC.Groups {
		for _, r := range roles {
			o.Roles[group] = append(o.Roles[group], account.Role(r))
		}
	}
	if c.OIDC.ClientSecretFile != "" {
		text, err := os.ReadFile(c.OIDC.ClientSecretFile)
		if err != nil {
			return nil, err
		}
		o.ClientSecret = account.Secret(strings.TrimSpace(string(text)))
	}
	return oidc.New(o)
}
