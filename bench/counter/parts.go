package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"
)

// extra is what the driver's flags add to the server's limits.
func (d *driver) extra() string {
	if d.o.more == "" {
		return ""
	}
	return "  " + d.o.more + "\n"
}

func (d *driver) shot(v *server, name string) shot {
	return shot{
		name: name, url: v.Base + "/api/v1/checks?on=" + d.site.on.String(), token: d.site.people.Machine, rate: float64(d.o.rate),
		seconds: d.o.seconds, warm: 3, connections: d.o.connections, bodies: d.site.bodies,
	}
}

// serve serves until it is interrupted, for whoever wants to look around.
func (d *driver) serve(ctx context.Context) error {
	v, err := d.site.start(ctx, d.extra())
	if err != nil {
		return err
	}
	fmt.Println(v.Base, d.site.bodies)
	<-ctx.Done()
	return v.Stop()
}

// load sends checks at the rate that was asked for: alone, and while a batch runs; with
// the peer, the same to it in turn.
func (d *driver) load(ctx context.Context, with bool) (err error) {
	v, err := d.site.start(ctx, d.extra())
	if err != nil {
		return err
	}
	var p *peer
	if with {
		if p, err = d.startPeer(ctx); err != nil {
			return errors.Join(err, v.Stop())
		}
		defer func() { err = errors.Join(err, p.stop()) }()
	}
	err = d.rounds(ctx, v, p)
	return errors.Join(err, v.Stop())
}

func (d *driver) rounds(ctx context.Context, v *server, p *peer) error {
	for range d.o.rounds {
		alone, err := d.sender.send(ctx, d.shot(v, "hedui"), v.cpu)
		if err != nil {
			return err
		}
		d.report.add(alone)
		if p != nil {
			other := d.shot(v, "PostgreSQL")
			other.url, other.token = p.base+"/api/v1/checks", ""
			got, err := d.sender.send(ctx, other, p.cpu)
			if err != nil {
				return err
			}
			d.report.add(got)
			continue
		}
		b := d.site.beside(ctx, d.o.batch, len(d.site.lines))
		x := d.shot(v, "hedui")
		with, err := d.sender.send(ctx, x, v.cpu)
		if err := errors.Join(err, b.end()); err != nil {
			return err
		}
		with.Beside, with.Households, with.BesideCPU = "a batch", b.households.Load(), time.Duration(b.cpu.Load()).Seconds()
		with.OthersCPU -= with.BesideCPU
		d.report.add(with)
	}
	if p == nil {
		return nil
	}
	if _, err := d.capacity(ctx, d.shot(v, "hedui"), v.cpu); err != nil {
		return err
	}
	other := d.shot(v, "PostgreSQL")
	other.url, other.token = p.base+"/api/v1/checks", ""
	_, err := d.capacity(ctx, other, p.cpu)
	return err
}

// capacity is how many checks a second are answered, by sending more and more until not
// all are. Every step is short: it is where to begin, and no result.
func (d *driver) capacity(ctx context.Context, x shot, cpu func() float64) (float64, error) {
	best, short := 0.0, 0
	x.seconds, x.warm, x.name = 5, 1, x.name+", finding the capacity"
	for x.rate = 500; x.rate < 100_000; x.rate = math.Round(x.rate * 1.3) {
		got, err := d.sender.send(ctx, x, cpu)
		if err != nil {
			return 0, err
		}
		d.report.add(got)
		best = max(best, got.Goodput)
		if got.Goodput > .9*x.rate && got.OK.P99 < 1000 {
			short = 0
		} else if short++; short == 2 { // once may be somebody else's work
			return best, nil
		}
	}
	return best, nil
}
