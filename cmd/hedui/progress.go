package main

import (
	"log/slog"
	"time"

	"github.com/schollz/progressbar/v3"
)

// logInterval is the time between two progress lines where there is no terminal.
const logInterval = 10 * time.Second

// tracker shows how far a long work is, with its rate and the remaining time: as
// a bar on a terminal, as one log line per interval elsewhere. Its methods are
// called by one goroutine at a time.
type tracker struct {
	a             *app
	what, unit    string
	bar           *progressbar.ProgressBar // nil before the first update, and off a terminal
	start, logged time.Time
	first         int64 // where the work stood at the first update
}

// track starts to follow a work; unit is the plural of what is counted.
func (a *app) track(what, unit string) *tracker {
	now := time.Now()
	return &tracker{a: a, what: what, unit: unit, start: now, logged: now, first: -1}
}

// update tells how far the work is. total may be an estimate that changes from
// call to call; 0 means unknown.
func (t *tracker) update(done, total int64) {
	if t.first < 0 {
		t.first = done
	}
	if t.a.terminal {
		t.draw(done, total)
		return
	}
	now := time.Now()
	if now.Sub(t.logged) < logInterval {
		return
	}
	t.logged = now
	attrs := []any{slog.Int64(t.unit, done)}
	if total > 0 {
		attrs = append(attrs, slog.Int64("of", total))
	}
	elapsed := now.Sub(t.start).Seconds()
	if rate := float64(done-t.first) / elapsed; rate >= 1 {
		attrs = append(attrs, slog.Int64("per_second", int64(rate)))
		if total > done {
			left := time.Duration(float64(total-done) / rate * float64(time.Second))
			attrs = append(attrs, slog.String("remaining", left.Round(time.Second).String()))
		}
	}
	t.a.logger.Info(t.what, attrs...)
}

// draw moves the bar. An error of the terminal is no reason to stop the work.
func (t *tracker) draw(done, total int64) {
	if total <= 0 {
		total = -1
	}
	if t.bar == nil {
		t.bar = progressbar.NewOptions64(total,
			progressbar.OptionSetWriter(t.a.stderr),
			progressbar.OptionSetDescription(t.what),
			progressbar.OptionShowCount(),
			progressbar.OptionShowIts(),
			progressbar.OptionSetItsString(t.unit),
			progressbar.OptionSetPredictTime(true),
			progressbar.OptionSetWidth(30),
			progressbar.OptionThrottle(100*time.Millisecond),
			progressbar.OptionClearOnFinish(),
		)
		t.bar.StartWithoutRender() // a rate needs two points in time
		return
	}
	if total != t.bar.GetMax64() && total > 0 {
		t.bar.ChangeMax64(total)
	}
	_ = t.bar.Set64(done)
}

// stop takes the bar away, so that what is printed next starts on a clean line.
func (t *tracker) stop() {
	if t.bar != nil {
		_ = t.bar.Clear()
	}
}
