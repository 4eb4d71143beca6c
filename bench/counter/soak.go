package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"github.com/hedui/hedui/bench/program"
	"github.com/hedui/hedui/bench/visitor"
)

// soaked is what a long time came to.
type soaked struct {
	Seconds  float64        `json:"seconds"`
	Done     map[string]int `json:"acknowledged"`
	Searches int            `json:"audit_searches"`
	Publish  string         `json:"generation_published,omitempty"`
	Samples  []sample       `json:"samples"`
	// Slopes are by least squares over the samples after the first third.
	Slopes map[string]float64 `json:"slopes_per_hour"`
	Lost   []string           `json:"lost"`
}

// sample is the server at one moment.
type sample struct {
	At         float64 `json:"at"` // seconds
	Goroutines int     `json:"goroutines"`
	Files      int     `json:"open_files"`
	Threads    int     `json:"threads"`
	RSS        int64   `json:"rss_bytes"`
	Own        int64   `json:"own_bytes"` // of RSS, without pages of files
	Disk       int64   `json:"disk_bytes"`
	Done       int64   `json:"done"`
}

// soak has many hands work for a long time, searches the audit log, publishes in the
// middle, and watches what the server holds.
func (d *driver) soak(ctx context.Context) (err error) {
	s := d.site
	address, err := program.FreeAddress()
	if err != nil {
		return err
	}
	s.profiles = address
	defer func() { s.profiles = d.o.profiles }()
	v, err := s.start(ctx, d.extra())
	if err != nil {
		return err
	}
	running := true
	defer func() {
		if running {
			err = errors.Join(err, v.Stop())
		}
	}()
	if err := s.people.arrive(ctx, visitor.New(v.Base)); err != nil {
		return err
	}
	out := &soaked{Seconds: d.o.soak.Seconds(), Done: map[string]int{}, Slopes: map[string]float64{}}
	d.report.Soak = out
	b := newBooks()
	b.moving = d.o.delivery != ""
	hands := s.hands(b, manyHands, rand.New(rand.NewPCG(d.o.seed, 2)))
	ending, stop := context.WithTimeout(ctx, d.o.soak)
	defer stop()
	worked := make(chan error, 1)
	go func() {
		_, err := work(ending, hands, v.Base)
		worked <- err
	}()
	published := make(chan error, 1)
	go func() { published <- d.publish(ending, out) }()
	began := time.Now()
	profiles := visitor.New("http://" + s.profiles)
	auditor := visitor.New(v.Base).As("", s.people.auditor)
	for ending.Err() == nil {
		x, err := s.sample(ending, v, profiles)
		if err != nil && ending.Err() == nil {
			return err
		}
		if err == nil {
			x.At, x.Done = time.Since(began).Seconds(), b.count()
			out.Samples = append(out.Samples, x)
		}
		if r, err := auditor.Send(ending, http.MethodGet, "/api/v1/audit/entries?operation=check&limit=20", nil); err == nil && r.Status == http.StatusOK {
			out.Searches++
		}
		select {
		case <-time.After(d.o.soak / 120):
		case <-ending.Done():
		}
	}
	err = errors.Join(<-worked, <-published)
	for _, h := range hands {
		for what, n := range h.asked {
			out.Done[what] += n
		}
	}
	out.slopes()
	if err != nil {
		return err
	}
	running = false
	if err := v.Stop(); err != nil {
		return err
	}
	if out.Lost, err = b.check(ctx, s.data); err == nil && len(out.Lost) > 0 {
		err = fmt.Errorf("%d things are not as they were acknowledged, first: %s", len(out.Lost), out.Lost[0])
	}
	return err
}

// count is how many things were acknowledged.
func (b *books) count() int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return int64(len(b.requests))
}

// publish takes in another delivery in the middle of the time, and publishes it.
func (d *driver) publish(ctx context.Context, out *soaked) error {
	if d.o.delivery == "" {
		return nil
	}
	select {
	case <-time.After(d.o.soak / 2):
	case <-ctx.Done():
		return nil
	}
	token, err := d.site.stewardsToken(ctx)
	if err != nil {
		return err
	}
	if _, err := d.site.runAs(ctx, token, "", "ingest", "--data", d.site.data, "--source", "vehicle", "--as-of", "2026-11-01", "--supersede", d.o.delivery); err != nil {
		return err
	}
	text, err := d.site.runAs(ctx, token, "", "publish", "--data", d.site.data)
	if err != nil {
		return err
	}
	out.Publish, _, _ = strings.Cut(string(text), "\n")
	return nil
}

// sample reads what the server holds.
func (s *site) sample(ctx context.Context, v *server, profiles *visitor.Client) (sample, error) {
	u, err := usageOf(v.Pid())
	if err != nil {
		return sample{}, err
	}
	x := sample{Files: u.Files, Threads: u.Threads, RSS: u.RSS, Own: u.Own}
	if x.Disk, err = written(s.data); err != nil {
		return x, err
	}
	r, err := profiles.Send(ctx, http.MethodGet, "/debug/pprof/goroutine?debug=1", nil)
	if err != nil {
		return x, err
	}
	_, err = fmt.Sscanf(string(r.Body), "goroutine profile: total %d", &x.Goroutines)
	return x, err
}

// written is the size of what the server writes: the ledger and the audit log.
func written(data string) (int64, error) {
	l, err := size(filepath.Join(data, "ledger"))
	if err != nil {
		return 0, err
	}
	a, err := size(filepath.Join(data, "audit"))
	return l + a, err
}

// slopes fits a line to each number, after the first third.
func (s *soaked) slopes() {
	late := s.Samples[len(s.Samples)/3:]
	for name, of := range map[string]func(*sample) float64{
		"goroutines": func(x *sample) float64 { return float64(x.Goroutines) },
		"open_files": func(x *sample) float64 { return float64(x.Files) },
		"threads":    func(x *sample) float64 { return float64(x.Threads) },
		"rss_mib":    func(x *sample) float64 { return float64(x.RSS) / (1 << 20) },
		"own_mib":    func(x *sample) float64 { return float64(x.Own) / (1 << 20) },
		"disk_mib":   func(x *sample) float64 { return float64(x.Disk) / (1 << 20) },
		"done":       func(x *sample) float64 { return float64(x.Done) },
	} {
		s.Slopes[name] = slope(late, of) * 3600
	}
}

// slope is how fast a number grows, a second.
func slope(list []sample, of func(*sample) float64) float64 {
	var t, y float64
	for i := range list {
		t, y = t+list[i].At, y+of(&list[i])
	}
	n := float64(len(list))
	t, y = t/n, y/n
	var above, below float64
	for i := range list {
		d := list[i].At - t
		above += d * (of(&list[i]) - y)
		below += d * d
	}
	if below == 0 {
		return 0
	}
	return above / below
}

func (s *soaked) page(w io.Writer) {
	if s == nil || len(s.Samples) == 0 {
		return
	}
	first, last := s.Samples[len(s.Samples)/3], s.Samples[len(s.Samples)-1]
	fmt.Fprintf(w, "\n## Soak\n\n%.0f s of checks, registrations, withdrawals and case steps: %v; %d searches of the audit log; published: %q. Lost: %d.\n\n"+
		"| | after a third | at the end | an hour |\n|---|---|---|---|\n", s.Seconds, s.Done, s.Searches, s.Publish, len(s.Lost))
	row := func(name string, a, b float64) {
		fmt.Fprintf(w, "| %s | %.0f | %.0f | %+.1f |\n", name, a, b, s.Slopes[name])
	}
	row("goroutines", float64(first.Goroutines), float64(last.Goroutines))
	row("open_files", float64(first.Files), float64(last.Files))
	row("threads", float64(first.Threads), float64(last.Threads))
	row("rss_mib", float64(first.RSS>>20), float64(last.RSS>>20))
	row("own_mib", float64(first.Own>>20), float64(last.Own>>20))
	row("disk_mib", float64(first.Disk>>20), float64(last.Disk>>20))
	if done := last.Done - first.Done; done > 0 {
		fmt.Fprintf(w, "\nDisk grows by %.0f bytes for each thing done.\n", float64(last.Disk-first.Disk)/float64(done))
	}
}
