package api

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestGateLetsInInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(1, 10, time.Second, time.Now)
		since, err := g.enter(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var order []int
		var wg sync.WaitGroup
		for i := range 5 {
			wg.Go(func() {
				in, err := g.enter(t.Context())
				if err != nil {
					t.Error(err)
					return
				}
				order = append(order, i)
				time.Sleep(time.Millisecond)
				g.leave(in)
			})
			synctest.Wait()
		}
		g.leave(since)
		wg.Wait()
		for i, n := range order {
			if i != n {
				t.Fatalf("let in as %v", order)
			}
		}
		if running, waiting := g.load(); running != 0 || waiting != 0 {
			t.Errorf("%d in and %d waiting at the end", running, waiting)
		}
	})
}

func TestGateTurnsAwayByExpectedWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(2, 1000, 20*time.Millisecond, time.Now)
		for range 200 { // it learns that a piece takes 10 ms
			in, err := g.enter(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			time.Sleep(10 * time.Millisecond)
			g.leave(in)
		}
		var wg sync.WaitGroup
		let, away, atOnce := 0, 0, 0
		var mu sync.Mutex
		for range 50 {
			wg.Go(func() {
				began := time.Now()
				in, err := g.enter(t.Context())
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					away++
					if time.Since(began) == 0 {
						atOnce++
					}
					return
				}
				let++
				if took := time.Since(began); took > 20*time.Millisecond {
					t.Errorf("let in after %v", took)
				}
				time.AfterFunc(10*time.Millisecond, func() { g.leave(in) })
			})
		}
		wg.Wait()
		// At the very limit it can go either way: the turn and the end of the wait come
		// at one moment.
		if let < 4 || let > 8 || let+away != 50 || away-atOnce > 2 {
			t.Errorf("%d let in and %d turned away, %d of them at once", let, away, atOnce)
		}
		time.Sleep(time.Second)
	})
}

func TestGateGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(1, 10, 30*time.Millisecond, time.Now)
		held, err := g.enter(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		if _, err := g.enter(t.Context()); !errors.Is(err, errBusy) || time.Since(began) != 30*time.Millisecond {
			t.Errorf("behind one that does not end: %v after %v", err, time.Since(began))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		if _, err := g.enter(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("with a context that ended: %v", err)
		}
		g.leave(held)
		if running, waiting := g.load(); running != 0 || waiting != 0 {
			t.Errorf("%d in and %d waiting at the end", running, waiting)
		}
	})
}

func TestBatchWorkYields(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLanes(Limits{}.filled(), time.Now)
		turn, err := l.Batch(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer turn.End()
		yield := func() time.Duration {
			began := time.Now()
			if err := turn.Yield(t.Context()); err != nil {
				t.Fatal(err)
			}
			return time.Since(began)
		}
		time.Sleep(l.slice)
		if waited := yield(); waited != 0 {
			t.Errorf("with nobody at the counter it waited %v", waited)
		}
		in, err := l.gates[Interactive].enter(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if waited := yield(); waited != 0 {
			t.Errorf("within its slice it waited %v", waited)
		}
		l.gates[Interactive].leave(in)
		for range 3 { // whoever comes next finds a processor
			time.Sleep(l.slice)
			if waited := yield(); waited != l.pause {
				t.Errorf("with somebody at the counter a moment ago it rested %v, not a pause", waited)
			}
		}
		time.Sleep(calm)
		if waited := yield(); waited != 0 {
			t.Errorf("with nobody there for a second it waited %v", waited)
		}
	})
}

// TestCounterIsNeverBehindBatch fills the batch lane and its queue; the interactive
// lane must not notice.
func TestCounterIsNeverBehindBatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLanes(Limits{BatchSlots: 1, BatchQueue: 3, BatchWait: time.Hour}.filled(), time.Now)
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				turn, err := l.Batch(ctx)
				if err != nil {
					return
				}
				<-ctx.Done()
				turn.End()
			})
		}
		synctest.Wait()
		if _, err := l.Batch(ctx); !errors.Is(err, ErrBusy) {
			t.Errorf("the fifth piece of batch work: %v", err)
		}
		began := time.Now()
		in, err := l.gates[Interactive].enter(t.Context())
		if err != nil || time.Since(began) != 0 {
			t.Errorf("at the counter: %v after %v", err, time.Since(began))
		} else {
			l.gates[Interactive].leave(in)
		}
		cancel()
		wg.Wait()
	})
}

func TestRatesForget(t *testing.T) {
	r := newRates(1, 2)
	now := time.Now()
	for i := range 3 * maxBuckets {
		r.take(string(rune('a'+i%26))+time.Duration(i).String(), now)
	}
	if len(r.buckets) > maxBuckets {
		t.Errorf("it remembers %d callers", len(r.buckets))
	}
	for i, want := range []bool{true, true, false} {
		if _, ok := r.take("one", now); ok != want {
			t.Errorf("request %d: %v", i, ok)
		}
	}
	if _, ok := r.take("one", now.Add(time.Second)); !ok {
		t.Error("a second later there is no token")
	}
}

// TestOverload sends twice what can be done for ten seconds, at a constant rate that
// takes no notice of the answers: nearly all the capacity must go into answers, nobody
// may be let in late, and who is turned away is told at once.
func TestOverload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const work, slots, seconds = 500 * time.Microsecond, 2, 10
		capacity := slots * int(time.Second/work)
		g := newGate(slots, 256, 25*time.Millisecond, time.Now)
		var mu sync.Mutex
		var wg sync.WaitGroup
		done, away := 0, 0
		var waited, told time.Duration
		for range 2 * capacity * seconds {
			time.Sleep(time.Second / time.Duration(2*capacity))
			wg.Go(func() {
				began := time.Now()
				since, err := g.enter(t.Context())
				took := time.Since(began)
				mu.Lock()
				if err != nil {
					away++
					told = max(told, took)
					mu.Unlock()
					return
				}
				done++
				waited = max(waited, took)
				mu.Unlock()
				time.Sleep(work)
				g.leave(since)
			})
		}
		wg.Wait()
		t.Logf("%d done of %d possible, %d turned away; let in after at most %v, turned away after at most %v",
			done, capacity*seconds, away, waited, told)
		if done < capacity*seconds*9/10 || away < capacity*seconds*8/10 {
			t.Errorf("%d were done and %d turned away", done, away)
		}
		if waited > 30*time.Millisecond || told > 50*time.Millisecond {
			t.Errorf("let in after %v, turned away after %v", waited, told)
		}
		// And when it is over, the next one is let in at once.
		began := time.Now()
		since, err := g.enter(t.Context())
		if err != nil || time.Since(began) != 0 {
			t.Errorf("afterwards: %v after %v", err, time.Since(began))
		} else {
			g.leave(since)
		}
	})
}

// TestOneStallTurnsNobodyAway: a single piece of work that is held up must not make
// the gate expect the same of all others; but when all take longer it must learn it.
func TestOneStallTurnsNobodyAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(1, 1000, 25*time.Millisecond, time.Now)
		work := func(d time.Duration) {
			since, err := g.enter(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			time.Sleep(d)
			g.leave(since)
		}
		for range 100 {
			work(time.Millisecond)
		}
		work(time.Second)
		if g.mean > 2*time.Millisecond {
			t.Errorf("after one stall it expects %v", g.mean)
		}
		for range 64 {
			work(100 * time.Millisecond)
		}
		if g.mean < 80*time.Millisecond {
			t.Errorf("after many that took 100 ms it expects %v", g.mean)
		}
	})
}
