package api

import (
	"context"
	"errors"
	"sync"
	"time"
)

// Lane says which queue an operation stands in.
type Lane uint8

// The lanes.
const (
	// Direct is no queue: what costs next to nothing and must answer always.
	Direct Lane = iota
	// Interactive is for one household with somebody waiting at the counter.
	Interactive
	// Heavy is for single requests that cost much more than a check: hashing a
	// password, searching the audit log, counting.
	Heavy
	// Bulk is for files of batches, which come and go for minutes: few at once, because
	// what comes is held in memory.
	Bulk

	numLanes
)

func (l Lane) String() string { return [numLanes]string{"direct", "interactive", "heavy", "bulk"}[l] }

// errBusy is returned by a gate that would not be done in time.
var errBusy = errors.New("the lane is full")

// gate lets so many in at once, lets some wait in order, and turns the others away
// at once. It turns away by the wait that it expects, not by how many stand there:
// a queue is as long as its limit allows whatever one piece of work costs.
type gate struct {
	slots int           // let in at once
	queue int           // may wait at most
	wait  time.Duration // and expect to wait at most
	now   func() time.Time

	mu      sync.Mutex
	running int
	waiting []chan struct{} // in order; a closed one has been let in
	mean    time.Duration   // what a piece of work took lately
	idle    chan struct{}   // closed when nobody is in and nobody waits; nil when nobody asked
	came    time.Time       // the last one
}

func newGate(slots, queue int, wait time.Duration, now func() time.Time) *gate {
	return &gate{slots: slots, queue: queue, wait: wait, now: now, mean: time.Millisecond}
}

// full reports whether enter would turn away. It is asked before anything has been
// spent on a request.
func (g *gate) full() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.fullLocked()
}

func (g *gate) fullLocked() bool {
	if g.running < g.slots {
		return false
	}
	n := len(g.waiting)
	return n >= g.queue || g.mean*time.Duration(n+1)/time.Duration(g.slots) > g.wait
}

// enter waits until there is room. It fails with errBusy when there won't be in
// time, and with the context's error when that ends first. After nil, leave must be
// called with what enter returned.
func (g *gate) enter(ctx context.Context) (time.Time, error) {
	g.mu.Lock()
	g.came = g.now()
	if g.running < g.slots && len(g.waiting) == 0 {
		g.running++
		g.mu.Unlock()
		return g.now(), nil
	}
	if g.fullLocked() {
		g.mu.Unlock()
		return time.Time{}, errBusy
	}
	turn := make(chan struct{})
	g.waiting = append(g.waiting, turn)
	g.mu.Unlock()

	late := time.NewTimer(g.wait)
	defer late.Stop()
	var err error
	select {
	case <-turn:
		return g.now(), nil
	case <-late.C:
		err = errBusy
	case <-ctx.Done():
		err = ctx.Err()
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	for i, w := range g.waiting {
		if w == turn {
			g.waiting = append(g.waiting[:i], g.waiting[i+1:]...)
			g.restLocked()
			return time.Time{}, err
		}
	}
	return g.now(), nil // let in at the same moment
}

// leave gives the room back to the next in order.
func (g *gate) leave(since time.Time) {
	took := g.now().Sub(since)
	g.mu.Lock()
	defer g.mu.Unlock()
	// One that took very long, because the machine was held up or the disk was, says
	// little of the next; when all take longer the mean follows within some dozens.
	took = min(took, 4*max(g.mean, 100*time.Microsecond))
	g.mean += (took - g.mean) / 16
	g.running--
	if len(g.waiting) > 0 {
		g.running++
		close(g.waiting[0])
		g.waiting = g.waiting[1:]
	}
	g.restLocked()
}

// since is how long ago somebody came; very long where nobody ever did.
func (g *gate) since(now time.Time) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	return now.Sub(g.came)
}

func (g *gate) restLocked() {
	if g.idle != nil && g.running == 0 && len(g.waiting) == 0 {
		close(g.idle)
		g.idle = nil
	}
}

// rest returns a channel that is closed when nobody is in and nobody waits, or nil
// when that is so now.
func (g *gate) rest() <-chan struct{} {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.running == 0 && len(g.waiting) == 0 {
		return nil
	}
	if g.idle == nil {
		g.idle = make(chan struct{})
	}
	return g.idle
}

// load is what metrics show.
func (g *gate) load() (running, waiting int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.running, len(g.waiting)
}

// Lanes are the queues of one server and, beside them, the turns of batch work.
type Lanes struct {
	gates [numLanes]*gate // none for Direct
	batch *gate
	slice time.Duration
	pause time.Duration
	now   func() time.Time
}

func newLanes(l Limits, now func() time.Time) *Lanes {
	return &Lanes{
		gates: [numLanes]*gate{
			Interactive: newGate(l.InteractiveSlots, l.InteractiveQueue, l.InteractiveWait, now),
			Heavy:       newGate(l.HeavySlots, l.HeavyQueue, l.HeavyWait, now),
			Bulk:        newGate(l.BulkSlots, l.BulkQueue, l.BulkWait, now),
		},
		batch: newGate(l.BatchSlots, l.BatchQueue, l.BatchWait, now),
		slice: l.BatchSlice,
		pause: l.BatchPause,
		now:   now,
	}
}

// after is how long somebody who was turned away should stay away, in whole
// seconds as the header has them.
func (l *Lanes) after(lane Lane) time.Duration {
	return max(time.Second, 2*l.gates[lane].wait)
}

// Turn is the leave to do batch work. It belongs to one goroutine.
type Turn struct {
	lanes *Lanes
	since time.Time // of the slice
	began time.Time // what the gate gave
}

// Batch waits for a turn to do batch work; ErrBusy says that too many wait already.
// End must be called when the work is done.
func (l *Lanes) Batch(ctx context.Context) (*Turn, error) {
	began, err := l.batch.enter(ctx)
	if err != nil {
		return nil, err
	}
	return &Turn{lanes: l, since: began, began: began}, nil
}

// Yield is called between two pieces of batch work, none of which should take more
// than some milliseconds. When the slice is over and anybody was at the counter a moment ago
// it rests: batch work then takes a part of the time, whoever comes meanwhile finds a
// processor and the disk, and what it writes does not pile up. It returns the context's
// error when that ends.
func (t *Turn) Yield(ctx context.Context) error {
	now := t.lanes.now()
	if now.Sub(t.since) < t.lanes.slice {
		return nil
	}
	if t.lanes.gates[Interactive].since(now) < calm {
		t.lanes.stand(ctx, nil)
	}
	t.since = t.lanes.now()
	return ctx.Err()
}

// calm is after how long without anybody at the counter batch work need not rest.
const calm = time.Second

// GiveWay waits until nobody is at the counter, but never longer than a pause. It is called
// by work in a lane of its own, every some milliseconds of it.
func (l *Lanes) GiveWay(ctx context.Context) error {
	if rest := l.gates[Interactive].rest(); rest != nil {
		l.stand(ctx, rest)
	}
	return ctx.Err()
}

// stand stands back for a pause, until there is rest, or until ctx ends.
func (l *Lanes) stand(ctx context.Context, rest <-chan struct{}) {
	late := time.NewTimer(l.pause)
	defer late.Stop()
	select {
	case <-rest:
	case <-late.C:
	case <-ctx.Done():
	}
}

// End gives the turn back.
func (t *Turn) End() { t.lanes.batch.leave(t.began) }

// ErrBusy says that no more batch work is taken on.
var ErrBusy = errBusy
