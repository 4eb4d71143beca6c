package watch

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/audit/snoop"
	"github.com/hedui/hedui/engine/ledger"
)

// Options of New; zero values are the defaults.
type Options struct {
	Ledger ledger.Ledger
	Data   string // the data directory, for the audit log
	// Plain has the hours of work, the calendar and the place.
	Plain snoop.Plain
	Snoop snoop.Options // its location is Plain's
	Log   *slog.Logger  // told of alerts, without what they are about; nil is quiet
	// Alerted is given each alert once it is stored; nil tells nobody.
	Alerted func(Alert)
	Every   time.Duration // how often the log is looked at without being woken; 5 s
	Pause   time.Duration // between two looks at the log, so that many entries are one step; 100 ms
	Save    time.Duration // how far the mark in the ledger may fall behind; 10 s
	// Warm is how many days before the mark are gone through again at the start, for
	// what is only seen over days; 14.
	Warm int
}

// stepEntries are watched between two looks at the lists and the mark.
const stepEntries = 1000

// markID is the counter that holds how far the log was watched.
const markID = "watch/mark"

// mark says how far the log was watched, and where the last days begin in it.
type mark struct {
	Seq  int64     `json:"seq"`
	Days []markDay `json:"days,omitempty"`

	counter *ledger.Counter
}

type markDay struct {
	Day   string `json:"day"`
	After int64  `json:"after"` // the entry before its first
}

// Watcher follows the audit log. Run it once.
type Watcher struct {
	o      Options
	wake   chan struct{}
	newest atomic.Int64
	done   atomic.Int64
}

// New returns a watcher.
func New(o Options) (*Watcher, error) {
	if o.Ledger == nil || o.Data == "" {
		return nil, errors.New("internal: a watcher needs a ledger and an audit log")
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Plain.Location == nil {
		o.Plain.Location = time.UTC
	}
	o.Snoop.Location = o.Plain.Location
	for _, d := range []struct {
		v     *time.Duration
		usual time.Duration
	}{{&o.Every, 5 * time.Second}, {&o.Pause, 100 * time.Millisecond}, {&o.Save, 10 * time.Second}} {
		if *d.v <= 0 {
			*d.v = d.usual
		}
	}
	if o.Warm <= 0 {
		o.Warm = 14
	}
	return &Watcher{o: o, wake: make(chan struct{}, 1)}, nil
}

// Entry wakes the watcher; it is for audit.Options.Watch. It never waits and keeps nothing:
// the watcher reads the log itself, so that nothing can overflow.
func (w *Watcher) Entry(e *audit.Entry) {
	w.newest.Store(e.Seq)
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// Behind is how many entries this process has written that were not watched yet.
func (w *Watcher) Behind() int64 { return max(0, w.newest.Load()-w.done.Load()) }

// Run watches until ctx ends. What fails is told, and tried again from the mark on.
func (w *Watcher) Run(ctx context.Context) {
	for wait := w.o.Every; ; wait = min(2*wait, time.Minute) {
		began := w.done.Load()
		err := w.follow(ctx)
		if ctx.Err() != nil {
			if err != nil && !errors.Is(err, context.Canceled) {
				w.o.Log.Error("the mark of the audit log's watch could not be kept", slog.Any("error", err))
			}
			return
		}
		w.o.Log.Error("the audit log can't be watched; it is tried again", slog.Any("error", err))
		if w.done.Load() != began {
			wait = w.o.Every
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
	}
}

// pass is one time that the log is followed: the memory of the detector is of its own.
type pass struct {
	w        *Watcher
	c        *Context
	detector *snoop.Detector
	mark     *mark
	tail     *audit.Tail
	saved    int64 // where the mark in the ledger stands
	found    []*found
}

// found is an alert that is not stored yet.
type found struct {
	id, division string
	alert        Alert
}

func (w *Watcher) follow(ctx context.Context) (err error) {
	m, err := w.readMark(ctx)
	if err != nil {
		return err
	}
	p := &pass{w: w, c: NewContext(w.o.Ledger, w.o.Plain), mark: m, saved: m.Seq}
	p.detector = snoop.New(p.c, w.o.Snoop)
	from := m.Seq
	if len(m.Days) > 0 {
		from = min(from, m.Days[0].After)
	}
	p.tail = audit.Follow(w.o.Data, from)
	defer func() { err = errors.Join(err, p.tail.Close()) }()
	tick, save := time.NewTicker(w.o.Every), time.NewTicker(w.o.Save)
	defer tick.Stop()
	defer save.Stop()
	for {
		n, err := p.step(ctx)
		if err == nil && len(p.found) > 0 {
			err = p.store(ctx)
		}
		select {
		case <-save.C:
			if err == nil {
				err = p.save(ctx)
			}
		default:
		}
		if err != nil && ctx.Err() == nil {
			return err
		}
		w.done.Store(p.mark.Seq)
		if n == stepEntries && ctx.Err() == nil {
			continue
		}
		select {
		case <-ctx.Done():
			// Alerts of a step that was cut off are found again behind the mark.
			return p.save(context.WithoutCancel(ctx))
		case <-time.After(w.o.Pause):
		}
		select {
		case <-ctx.Done():
			return p.save(context.WithoutCancel(ctx))
		case <-w.wake:
		case <-tick.C:
		}
	}
}

// step watches what is new, at most stepEntries.
func (p *pass) step(ctx context.Context) (int, error) {
	if err := p.c.Begin(ctx); err != nil {
		return 0, err
	}
	return p.tail.Next(ctx, stepEntries, func(e *audit.Entry) error {
		again := e.Seq <= p.mark.Seq // only for the detector's memory
		for i, a := range snoop.AccessesOf(e) {
			p.c.forget()
			alert, is := p.detector.Observe(a)
			if is && !again {
				p.found = append(p.found, &found{alertID(e.Seq, i), p.c.division(&a), Alert{Alert: alert}})
			}
		}
		if err := p.c.Err(); err != nil {
			return err // the entry is not passed: what was found in it is found again
		}
		if !again {
			p.pass(e)
		}
		return nil
	})
}

// pass moves the mark past an entry.
func (p *pass) pass(e *audit.Entry) {
	m := p.mark
	m.Seq = e.Seq
	at, err := time.Parse(time.RFC3339, e.Time)
	if err != nil {
		return
	}
	day := at.In(p.w.o.Plain.Location).Format(time.DateOnly)
	if n := len(m.Days); n > 0 && m.Days[n-1].Day >= day {
		return // the same, or a clock that was put back
	}
	m.Days = append(m.Days, markDay{day, e.Seq - 1})
	if over := len(m.Days) - p.w.o.Warm - 1; over > 0 {
		m.Days = append(m.Days[:0], m.Days[over:]...)
	}
}

func (w *Watcher) readMark(ctx context.Context) (*mark, error) {
	c, err := counter(ctx, w.o.Ledger, markID)
	if err != nil {
		return nil, err
	}
	m := &mark{counter: c}
	if c.Version > 0 && json.Unmarshal(c.Body, m) != nil {
		return nil, bad(markID)
	}
	return m, nil
}

// save puts the mark where everything before it is watched and stored.
func (p *pass) save(ctx context.Context) (err error) {
	if p.mark.Seq == p.saved || len(p.found) > 0 {
		return nil
	}
	next := *p.mark.counter
	if next.Body, err = json.Marshal(p.mark); err != nil {
		return err
	}
	if err := p.w.o.Ledger.Commit(ctx, ledger.Change{Ops: []ledger.Op{ledger.Put(&next)}}); err != nil {
		return err
	}
	next.Version++
	p.mark.counter, p.saved = &next, p.mark.Seq
	return nil
}

// storeAtOnce is how many alerts are one change of the ledger.
const storeAtOnce = 500

// store writes down what was found, and tells. What is there already was stored before the
// mark could be moved.
func (p *pass) store(ctx context.Context) error {
	for len(p.found) > 0 {
		part := p.found[:min(storeAtOnce, len(p.found))]
		var change ledger.Change
		var fresh []*found
		for _, f := range part {
			_, err := p.w.o.Ledger.Get(ctx, ledger.KindTask, f.id)
			if err == nil || errors.Is(err, ledger.ErrErased) {
				continue
			}
			if !errors.Is(err, ledger.ErrNotFound) {
				return err
			}
			t, err := task(f.id, f.division, &f.alert)
			if err != nil {
				return err
			}
			change.Ops = append(change.Ops, ledger.Put(t))
			fresh = append(fresh, f)
		}
		if len(change.Ops) > 0 {
			if err := p.w.o.Ledger.Commit(ctx, change); err != nil {
				return err
			}
		}
		for _, f := range fresh {
			p.w.tell(f)
		}
		p.found = p.found[len(part):]
	}
	p.found = nil
	return nil
}

// tell says that there is an alert, and not what it is about.
func (w *Watcher) tell(f *found) {
	w.o.Log.Warn("a look that somebody should ask about", slog.String("alert", f.id), slog.Any("signs", f.alert.Signs), slog.Bool("urgent", f.alert.Urgent))
	if w.o.Alerted != nil {
		w.o.Alerted(f.alert)
	}
}
