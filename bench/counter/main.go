package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/hedui/hedui/bench/visitor"
	"github.com/hedui/hedui/engine/household"
)

func main() {
	if err := command(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "counter:", err)
		os.Exit(1)
	}
}

// options are the flags.
type options struct {
	data, batch, work, out, hedui   string
	rate, seconds, rounds           int
	connections, capacity           int
	on, profiles, more              string
	kills, rows                     int
	seed                            uint64
	soak                            time.Duration
	peerSocket, peerSchema, peerSQL string
	peerConnections                 int
	delivery, lock, note            string
	parts                           []string
}

func command(args []string) error {
	var o options
	f := flag.NewFlagSet("counter", flag.ContinueOnError)
	f.StringVar(&o.data, "data", "", "data `directory` with a published generation (required); its ledger is added to")
	f.StringVar(&o.batch, "batch", "", "`file` of requests (required)")
	f.StringVar(&o.work, "work", "", "`directory` for what the driver keeps (default beside the data)")
	f.StringVar(&o.out, "out", "", "`name` of the page and the numbers to write, without an ending")
	f.StringVar(&o.hedui, "hedui", "", "`program` to prove; built when absent")
	f.StringVar(&o.on, "on", "2026-11-01", "`date` of the checks")
	f.StringVar(&o.profiles, "profiles", "", "`address` where the server shows profiles")
	f.StringVar(&o.more, "limits", "", "`lines` of YAML to add to the server's limits, as in 'checks_at_once: 4'")
	f.IntVar(&o.rate, "rate", 1000, "requests a second")
	f.IntVar(&o.seconds, "seconds", 60, "of a measurement")
	f.IntVar(&o.rounds, "rounds", 1, "of load and peer, interleaved")
	f.IntVar(&o.connections, "connections", 256, "requests under way at most")
	f.IntVar(&o.capacity, "capacity", 0, "requests a second that the server can do; measured when 0")
	f.IntVar(&o.kills, "kills", 5, "of the server")
	f.IntVar(&o.rows, "rows", 30_000, "of the batch of a city, at most")
	f.Uint64Var(&o.seed, "seed", uint64(time.Now().UnixNano()), "of the moments of kills")
	f.DurationVar(&o.soak, "soak", 2*time.Minute, "how long to soak")
	f.StringVar(&o.peerSocket, "peer-socket", "", "`directory` of PostgreSQL's socket")
	f.StringVar(&o.peerSchema, "peer-schema", "", "`schema` of the batch")
	f.StringVar(&o.peerSQL, "peer-sql", "", "`file` with the query of one household")
	f.IntVar(&o.peerConnections, "peer-connections", 8, "of its pool")
	f.StringVar(&o.lock, "lock", "", "`file` that is locked while something is timed, on a machine that others measure on")
	f.StringVar(&o.note, "note", "", "`text` for the page: what else the machine did")
	f.StringVar(&o.delivery, "delivery", "", "`file` of vehicles that is ingested and published in the middle of a soak")
	if err := f.Parse(args); err != nil {
		return err
	}
	o.parts = f.Args()
	known := []string{"load", "overload", "peer", "kill", "soak", "pages", "city", "serve"}
	for _, p := range o.parts {
		if !slices.Contains(known, p) {
			return fmt.Errorf("%q is none of %s", p, strings.Join(known, ", "))
		}
	}
	if o.data == "" || o.batch == "" || len(o.parts) == 0 {
		return errors.New("-data, -batch and what to do are required")
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	return o.prove(ctx)
}

// prove does everything that was asked for.
func (o *options) prove(ctx context.Context) error {
	s, err := o.open(ctx)
	if err != nil {
		return err
	}
	load := filepath.Join(s.work, "load")
	if err := build(load, "./bench/load"); err != nil {
		return err
	}
	r := newReport(o, s)
	d := &driver{o: o, site: s, sender: &sender{load, s.work, o.lock}, report: r}
	for _, part := range o.parts {
		fmt.Fprintln(os.Stderr, "counter:", part)
		var err error
		switch part {
		case "load":
			err = d.load(ctx, false)
		case "peer":
			err = d.load(ctx, true)
		case "overload":
			err = d.overload(ctx)
		case "kill":
			err = d.kill(ctx)
		case "pages":
			err = d.pages(ctx)
		case "city":
			err = d.city(ctx)
		case "soak":
			err = d.soak(ctx)
		case "serve":
			err = d.serve(ctx)
		}
		if err != nil {
			return errors.Join(fmt.Errorf("%s: %w", part, err), r.write(os.Stdout))
		}
	}
	return r.write(os.Stdout)
}

// driver does the parts.
type driver struct {
	o      *options
	site   *site
	sender *sender
	report *report
}

// open makes the site: the program, the authorisations, the accounts.
func (o *options) open(ctx context.Context) (*site, error) {
	on, ok := household.ParseDate([]byte(o.on))
	if !ok {
		return nil, errors.New("-on is no date")
	}
	s := &site{hedui: o.hedui, data: o.data, work: o.work, on: on, profiles: o.profiles, began: time.Now()}
	if s.work == "" {
		s.work = filepath.Clean(o.data) + "-counter"
	}
	if err := os.MkdirAll(s.work, 0o700); err != nil {
		return nil, err
	}
	if s.hedui == "" {
		s.hedui = filepath.Join(s.work, "hedui")
		if err := build(s.hedui, "./cmd/hedui"); err != nil {
			return nil, err
		}
	}
	began := time.Now()
	if err := s.register(ctx, o.batch, 0); err != nil {
		return nil, err
	}
	fmt.Fprintf(os.Stderr, "counter: %d households may be looked at, after %.1f s\n", len(s.lines), time.Since(began).Seconds())
	return s, s.employ(ctx)
}

// employ makes the accounts, or takes those that an earlier run made.
func (s *site) employ(ctx context.Context) error {
	kept := filepath.Join(s.work, "people.json")
	if text, err := os.ReadFile(kept); err == nil {
		return json.Unmarshal(text, &s.people)
	}
	first, err := s.run(ctx, "users", "bootstrap", "--data", s.data, "--account", "security01", "--person", "P0001", "--display", "security", "--division", division)
	if err != nil {
		return err
	}
	v, err := s.start(ctx, "")
	if err != nil {
		return err
	}
	s.people, err = staff(ctx, visitor.New(v.Base), strings.TrimSpace(string(first)))
	if err := errors.Join(err, v.Stop()); err != nil {
		return err
	}
	text, err := json.Marshal(&s.people)
	if err != nil {
		return err
	}
	return os.WriteFile(kept, text, 0o600)
}

func build(to, what string) error {
	out, err := exec.Command("go", "build", "-o", to, what).CombinedOutput()
	if err != nil {
		return fmt.Errorf("build %s: %w: %s", what, err, bytes.TrimSpace(out))
	}
	return nil
}
