// Command synthetic is a server whose checks do nothing but burn a given amount of
// processor time: what bench/load measures of it is the frame and not the work.
//
//	synthetic -address 127.0.0.1:8080 -burn 300us -batch
//
// Its one token is "t". With -batch it has batch work to do all the time, which yields
// as batch work must.
package main

import (
	"context"
	"crypto/sha256"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/api"
	"github.com/hedui/hedui/engine/api/wire"
)

func main() {
	address := flag.String("address", "127.0.0.1:8080", "where it is reached")
	work := flag.Duration("burn", 300*time.Microsecond, "processor time of one check")
	batch := flag.Bool("batch", false, "have batch work all the time")
	flag.Parse()
	if err := run(*address, *work, *batch); err != nil {
		fmt.Fprintln(os.Stderr, "synthetic:", err)
		os.Exit(1)
	}
}

// desk answers checks and nothing else.
type desk struct {
	wire.Desk

	rounds int
}

// Check burns processor time.
func (d *desk) Check(context.Context, wire.Caller, wire.Check) (wire.Checked, error) {
	burn(d.rounds)
	return wire.Checked{ID: "v-1", Verdict: []byte(`{"outcome":"no_discrepancy"}`)}, nil
}

func burn(rounds int) {
	var sum [32]byte
	for range rounds {
		sum = sha256.Sum256(sum[:])
	}
}

// roundsOf finds how many rounds take as long as they should, undisturbed.
func roundsOf(d time.Duration) int {
	const tried = 10000
	best := time.Hour
	for range 20 {
		began := time.Now()
		burn(tried)
		best = min(best, time.Since(began))
	}
	return int(float64(tried) * float64(d) / float64(best))
}

type door struct{}

func (door) Authenticate(_ context.Context, c api.Credential) (access.Subject, error) {
	if c.Token != "t" {
		return access.Subject{}, api.ErrNobody
	}
	return access.Subject{Account: "counter01", Person: "p-1", Roles: access.RolesOf(access.Verifier), Division: "34", Classes: access.AllClasses()}, nil
}

func run(address string, work time.Duration, batch bool) error {
	d := &desk{rounds: roundsOf(work)}
	s, err := api.New(api.Options{
		Desk: d, Authenticator: door{}, Now: time.Now, Metrics: prometheus.NewRegistry(),
		Log:    slog.New(slog.NewJSONHandler(io.Discard, nil)),
		Limits: api.Limits{AccountRate: 1e9, AccountBurst: 1 << 30},
	})
	if err != nil {
		return err
	}
	stop, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	if batch {
		go func() {
			turn, err := s.Lanes().Batch(stop)
			if err != nil {
				return
			}
			defer turn.End()
			items := 0
			for turn.Yield(stop) == nil {
				burn(d.rounds / 10)
				items++
			}
			fmt.Fprintln(os.Stderr, "batch items:", items)
		}()
	}
	err = s.Run(stop, context.Background(), api.Listen{Address: address})
	var use syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &use) == nil {
		fmt.Fprintln(os.Stderr, "processor seconds:", time.Duration(use.Utime.Nano()+use.Stime.Nano()).Seconds())
	}
	return err
}
