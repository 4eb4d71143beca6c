package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"time"

	"github.com/hedui/hedui/bench/visitor"
)

// killed is what many kills came to.
type killed struct {
	Kills      int            `json:"kills"`
	Seed       uint64         `json:"seed"`
	UnderLoad  int            `json:"under_load"` // the others came 5 to 500 ms after the start
	Done       map[string]int `json:"acknowledged"`
	Lost       []string       `json:"lost"`
	Restarts   []float64      `json:"restart_seconds"` // after kills, before anybody else opened the files
	LongestMS  float64        `json:"longest_restart_ms"`
	Checks     int            `json:"checks_of_the_files"`
	HandsAsked int64          `json:"things_done"`
}

// killing kills servers of a site, and checks after each that nothing is lost.
type killing struct {
	s      *site
	kills  int
	seed   uint64
	extra  string
	check  func(ctx context.Context) ([]string, error)
	report *killed
}

const manyHands = 8

// run kills. It fails when a server does not come back or something is lost.
func (k *killing) run(ctx context.Context) (err error) {
	random := rand.New(rand.NewPCG(k.seed, 1))
	b := newBooks()
	if k.check == nil {
		k.check = func(ctx context.Context) ([]string, error) { return b.check(ctx, k.s.data) }
	}
	k.report = &killed{Seed: k.seed, Done: map[string]int{}}
	hands := k.s.hands(b, manyHands, random)
	v, err := k.s.start(ctx, k.extra)
	if err != nil {
		return err
	}
	if err := k.s.people.arrive(ctx, visitor.New(v.Base)); err != nil {
		return errors.Join(err, v.Stop())
	}
	for k.report.Kills < k.kills {
		moment := time.Duration(5+random.IntN(496)) * time.Millisecond
		if err := k.one(ctx, v, hands, moment); err != nil {
			return err
		}
		if random.IntN(3) == 0 { // and again, right after its start
			again, err := k.s.launch(ctx, k.extra)
			if err != nil {
				return err
			}
			time.Sleep(time.Duration(5+random.IntN(496)) * time.Millisecond)
			if err := again.Kill(); err != nil {
				return err
			}
			k.report.Kills++
		}
		if random.IntN(2) == 0 || k.report.Kills >= k.kills {
			lost, err := k.check(ctx)
			if err != nil {
				return fmt.Errorf("after %d kills: %w", k.report.Kills, err)
			}
			k.report.Checks++
			if k.report.Lost = lost; len(lost) > 0 {
				return fmt.Errorf("after %d kills, seed %d: %d things are not as they were acknowledged, first: %s", k.report.Kills, k.seed, len(lost), lost[0])
			}
		}
		if v, err = k.s.start(ctx, k.extra); err != nil {
			return err
		}
		k.report.Restarts = append(k.report.Restarts, v.ready.Seconds())
		k.report.LongestMS = max(k.report.LongestMS, float64(v.ready.Milliseconds()))
	}
	for _, h := range hands {
		for what, n := range h.asked {
			k.report.Done[what] += n
		}
	}
	return v.Stop()
}

// one works for a moment and kills.
func (k *killing) one(ctx context.Context, v *server, hands []*hand, moment time.Duration) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	gone := make(chan error, 1)
	timer := time.AfterFunc(moment, func() { gone <- v.Kill() })
	defer timer.Stop()
	n, err := work(ctx, hands, v.Base)
	if err := errors.Join(err, <-gone); err != nil {
		return err
	}
	k.report.Kills++
	k.report.UnderLoad++
	k.report.HandsAsked += n
	return nil
}

// kill is the part of the driver.
func (d *driver) kill(ctx context.Context) error {
	k := &killing{s: d.site, kills: d.o.kills, seed: d.o.seed, extra: d.extra()}
	err := k.run(ctx)
	d.report.Kills = k.report
	return err
}

func (k *killed) page(w io.Writer) {
	if k == nil {
		return
	}
	fmt.Fprintf(w, "\n## Kills\n\n%d kills, %d of them under load and the others 5 to 500 ms after the start, seed %d. Acknowledged: %v.\n"+
		"Files checked %d times: %d things lost or by half. The longest restart took %.0f ms.\n", k.Kills, k.UnderLoad, k.Seed, k.Done, k.Checks, len(k.Lost), k.LongestMS)
}
