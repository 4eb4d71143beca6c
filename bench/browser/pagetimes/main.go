// Command pagetimes measures how long the console takes for a page, over HTTP on the
// same machine, on a data directory of any size:
//
//	go run ./bench/browser/pagetimes -data STORE -batch batch.jsonl
//
// The directory must have a published generation and no accounts yet; its ledger is added
// to. It prints, for every page, how often it was asked for, the median, the 99th of a
// hundred and the longest.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"slices"
	"strings"
	"time"

	"github.com/hedui/hedui/bench/browser/site"
)

func main() {
	data := flag.String("data", "", "data `directory` (required)")
	batch := flag.String("batch", "", "`file` of requests that belongs to it (required)")
	dir := flag.String("work", "", "`folder` for what the driver keeps (default a new one)")
	households := flag.Int("households", 300, "how many households are checked")
	rounds := flag.Int("rounds", 5, "how often every page is asked for")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := measure(ctx, *data, *batch, *dir, *households, *rounds)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "pagetimes:", err)
		os.Exit(1)
	}
}

func measure(ctx context.Context, data, batch, dir string, households, rounds int) (err error) {
	if data == "" || batch == "" {
		return errors.New("-data and -batch are required")
	}
	if dir == "" {
		if dir, err = os.MkdirTemp("", "hedui-pagetimes-"); err != nil {
			return err
		}
		defer os.RemoveAll(dir)
	}
	s, err := site.Open(ctx, site.Options{Dir: dir, Data: data, Batch: batch, Ordinary: households})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	var pages []string
	for _, q := range s.Ordinary {
		r, err := s.Ask(ctx, s.Account("verifier01"), http.MethodPost, "/api/v1/checks", q, nil)
		if err != nil {
			return err
		}
		if id := r.Header.Get("X-Verdict-Id"); id != "" {
			pages = append(pages, "/console/verdicts/"+id)
		}
	}
	if len(pages) == 0 {
		return errors.New("no household has a verdict")
	}
	fmt.Printf("%d verdicts\n\n| page | asked | p50 ms | p99 ms | longest ms | kB |\n|---|---|---|---|---|---|\n", len(pages))
	for _, p := range []struct {
		name, who string
		paths     []string
	}{
		{"verdict", "reviewer01", pages},
		{"first page", "reviewer01", []string{"/console/home"}},
		{"queue of cases", "reviewer01", []string{"/console/cases"}},
		{"authorisations", "intake01", []string{"/console/authorizations"}},
		{"statistics", "leader01", []string{"/console/statistics"}},
		{"audit log", "auditor01", []string{"/console/audit"}},
	} {
		if err := one(ctx, s, p.name, p.who, p.paths, rounds); err != nil {
			return err
		}
	}
	return nil
}

// one asks for pages in turn, one after another, and prints a line of the table.
func one(ctx context.Context, s *site.Site, name, who string, paths []string, rounds int) error {
	n := max(rounds, 100/len(paths))
	var took []time.Duration
	size := 0
	for range n {
		for _, path := range paths {
			began := time.Now()
			r, err := s.Send(ctx, s.Account(who), http.MethodGet, path, nil)
			if err != nil {
				return err
			}
			if r.Status != http.StatusOK {
				fmt.Printf("| %s | %d | | | | |\n", name, r.Status)
				return nil
			}
			if !strings.HasPrefix(r.Header.Get("Content-Type"), "text/html") {
				return errors.New(name + " is no page")
			}
			took = append(took, time.Since(began))
			size += len(r.Body)
		}
	}
	slices.Sort(took)
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	fmt.Printf("| %s | %d | %.1f | %.1f | %.1f | %d |\n", name, len(took), ms(took[len(took)/2]), ms(took[len(took)*99/100]), ms(took[len(took)-1]), size/len(took)/1000)
	return nil
}
