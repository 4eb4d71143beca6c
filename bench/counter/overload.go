package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/hedui/hedui/bench/visitor"
)

// overloaded is what twice the capacity came to.
type overloaded struct {
	Capacity   float64 `json:"capacity"` // answered a second, at best
	Run        *loaded `json:"run"`
	Share      float64 `json:"goodput_share"` // of the capacity
	Probes     int     `json:"refusals_seen"`
	NoRetry    int     `json:"without_retry_after"`
	Recovery   float64 `json:"recovery_seconds"` // until half the capacity is answered as before
	Unanswered int64   `json:"unanswered"`
}

// overload finds the capacity, asks for twice of it, and then for half of it.
func (d *driver) overload(ctx context.Context) error {
	v, err := d.site.start(ctx, d.extra())
	if err != nil {
		return err
	}
	return errors.Join(d.overloadOf(ctx, v), v.Stop())
}

func (d *driver) overloadOf(ctx context.Context, v *server) error {
	o := &overloaded{Capacity: float64(d.o.capacity)}
	x := d.shot(v, "hedui")
	x.connections = 2 * d.o.connections
	if o.Capacity == 0 {
		var err error
		if o.Capacity, err = d.capacity(ctx, x, v.cpu); err != nil {
			return err
		}
	}
	x.name, x.rate = "hedui, twice the capacity", 2*o.Capacity
	stop := d.probe(ctx, v, o)
	var err error
	o.Run, err = d.sender.send(ctx, x, v.cpu)
	stop()
	if err != nil {
		return err
	}
	d.report.add(o.Run)
	o.Share, o.Unanswered = o.Run.Goodput/o.Capacity, o.Run.Failed.Count
	began := time.Now()
	x.name, x.rate, x.seconds, x.warm = "hedui, half the capacity, afterwards", o.Capacity/2, 1, 0
	for range 10 {
		got, err := d.sender.send(ctx, x, v.cpu)
		if err != nil {
			return err
		}
		d.report.add(got)
		o.Recovery = time.Since(began).Seconds()
		if got.Refused.Count == 0 && got.Failed.Count == 0 {
			break
		}
	}
	d.report.Overload = o
	return nil
}

// probe asks beside the load whether whoever is refused is told when to come again.
func (d *driver) probe(ctx context.Context, v *server, o *overloaded) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	wg.Go(func() {
		c := visitor.New(v.Base).As(d.site.people.Machine, "")
		for i := 0; ctx.Err() == nil; i++ {
			r, err := c.Send(ctx, http.MethodPost, "/api/v1/checks?on="+d.site.on.String(), d.site.lines[i%len(d.site.lines)])
			if err == nil && (r.Status == http.StatusServiceUnavailable || r.Status == http.StatusTooManyRequests) {
				o.Probes++
				if r.Header.Get("Retry-After") == "" {
					o.NoRetry++
				}
			}
			time.Sleep(20 * time.Millisecond)
		}
	})
	return func() { cancel(); wg.Wait() }
}

func (o *overloaded) page(w io.Writer) {
	if o == nil {
		return
	}
	fmt.Fprintf(w, "\n## Overload\n\nCapacity %.0f a second (the best of short steps). At twice of it for %.0f s: %.0f a second answered (%.0f %% of the capacity), "+
		"p99 %.1f ms; the rest refused, p50 %.1f, p99 %.1f ms; %d without an answer. Of %d refusals that were looked at %d had no Retry-After. "+
		"Half the capacity was answered without a refusal %.1f s afterwards.\n",
		o.Capacity, o.Run.Seconds, o.Run.Goodput, 100*o.Share, o.Run.OK.P99, o.Run.Refused.P50, o.Run.Refused.P99, o.Unanswered, o.Probes, o.NoRetry, o.Recovery)
}
