package watch_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/audit/snoop"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/ledger/ledgertest"
	"github.com/hedui/hedui/engine/watch"
)

// failing is a ledger that fails when told to, or at random.
type failing struct {
	ledger.Ledger
	mu    sync.Mutex
	fail  error
	rnd   *rand.Rand
	oneIn int
}

var errBoom = errors.New("boom")

func (f *failing) err() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.oneIn > 0 && f.rnd.IntN(f.oneIn) == 0 {
		return errBoom
	}
	return f.fail
}

func (f *failing) Get(ctx context.Context, k ledger.Kind, id string) (ledger.Row, error) {
	if err := f.err(); err != nil {
		return ledger.Row{}, err
	}
	return f.Ledger.Get(ctx, k, id)
}

func (f *failing) List(ctx context.Context, q ledger.Query) (ledger.Page, error) {
	if err := f.err(); err != nil {
		return ledger.Page{}, err
	}
	return f.Ledger.List(ctx, q)
}

func (f *failing) Commit(ctx context.Context, c ledger.Change) error {
	if err := f.err(); err != nil {
		return err
	}
	return f.Ledger.Commit(ctx, c)
}

// run watches until something is so, or for ever.
func run(t testing.TB, o watch.Options, until func(w *watch.Watcher) bool) {
	t.Helper()
	w, err := watch.New(o)
	must(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); w.Run(ctx) }()
	deadline := time.Now().Add(20 * time.Second)
	for !until(w) {
		if time.Now().After(deadline) {
			t.Error("nothing came of the watch in 20 s")
			break
		}
		time.Sleep(time.Millisecond)
	}
	cancel()
	<-done
}

func fast(l ledger.Ledger, dir string) watch.Options {
	return watch.Options{
		Ledger: l, Data: dir, Plain: snoop.Plain{Location: cst}, Every: 2 * time.Millisecond, Pause: time.Millisecond, Save: 3 * time.Millisecond,
	}
}

// An alert is stored while the log grows, whoever writes it, and told without content.
func TestAlertsWhileTheLogGrows(t *testing.T) {
	t.Parallel()
	dir, l, now := t.TempDir(), &ledgertest.Memory{}, &clock{now: noon}
	enter(t, l, paper("p", number(1), noon.Add(-time.Hour), 1))
	_, err := watch.SetHoney(t.Context(), l, []string{number(9)}, true, noon)
	must(t, err)
	var told strings.Builder
	var alerted []watch.Alert
	o := fast(l, dir)
	o.Log = slog.New(slog.NewTextHandler(&told, nil))
	o.Alerted = func(a watch.Alert) { alerted = append(alerted, a) }
	w, err := watch.New(o)
	must(t, err)
	ours, theirs := openLog(t, dir, audit.Options{Now: now.Now, Watch: w.Entry}), openLog(t, dir, audit.Options{Now: now.Now})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); w.Run(ctx) }()
	wait := func(n int) {
		t.Helper()
		for deadline := time.Now().Add(20 * time.Second); len(stored(t, l, watch.Open)) < n; time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatal("no alert")
			}
		}
	}
	look(t, ours, "li", number(1))
	look(t, ours, "li", number(9))
	wait(1)
	look(t, theirs, "root", number(1), number(9))
	wait(2)
	look(t, ours, "li", number(4)) // nobody's
	wait(3)
	for deadline := time.Now().Add(20 * time.Second); w.Behind() > 0 && time.Now().Before(deadline); time.Sleep(time.Millisecond) {
	}
	cancel()
	<-done
	want := []string{
		fmt.Sprintf("a-000000007 %s [no_case]", number(4)), fmt.Sprintf("a-000000005-1 %s [honey no_case]", number(9)), fmt.Sprintf("a-000000003 %s [honey no_case]", number(9)),
	}
	if d := cmp.Diff(want, stored(t, l, watch.Open)); d != "" {
		t.Error(d)
	}
	if len(alerted) != 3 || !alerted[0].Urgent || w.Behind() != 0 {
		t.Errorf("told %+v, %d behind", alerted, w.Behind())
	}
	if text := told.String(); strings.Count(text, "alert=a-") != 3 || strings.Contains(text, county) || strings.Contains(text, "li ") {
		t.Error(text)
	}
	// Closed once, with a reason, and found no more among the open ones.
	e, a, err := watch.Find(t.Context(), l, "a-000000003")
	must(t, err)
	closing := watch.Closing{By: "auditor01", At: noon, Reason: "演练"}
	must(t, watch.Close(t.Context(), l, e, &a, closing))
	if err := watch.Close(t.Context(), l, e, &a, closing); !errors.Is(err, ledger.ErrConflict) {
		t.Error("closed twice:", err)
	}
	if e, a, err = watch.Find(t.Context(), l, "a-000000003"); err != nil || a.Closed == nil || a.Closed.Reason != "演练" {
		t.Errorf("%+v, %v", a, err)
	}
	if err := watch.Close(t.Context(), l, e, &a, closing); !errors.Is(err, watch.ErrClosed) {
		t.Error("closed again:", err)
	}
	if len(stored(t, l, watch.Open)) != 2 || len(stored(t, l, watch.Closed)) != 1 {
		t.Error("a closed alert is not where it belongs")
	}
	// A new watcher begins where this one ended, and opens nothing again.
	run(t, fast(l, dir), func(*watch.Watcher) bool { time.Sleep(50 * time.Millisecond); return true })
	if len(stored(t, l, watch.Open)) != 2 || len(stored(t, l, watch.Closed)) != 1 {
		t.Error("a new watcher found the same again")
	}
}

// Whenever it is stopped, and however often the ledger fails, every alert is stored once,
// as by one that went through the log in one piece.
func TestNothingIsLostOverRestarts(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		rnd := rand.New(rand.NewPCG(seed, 6))
		dir, m, now := t.TempDir(), &ledgertest.Memory{}, &clock{now: noon}
		for i := range 40 {
			enter(t, m, paper(fmt.Sprint("p-", i), number(i*3), noon.Add(-time.Hour), i))
		}
		_, err := watch.SetHoney(t.Context(), m, []string{number(50), number(20)}, true, noon)
		must(t, err)
		log := openLog(t, dir, audit.Options{Now: now.Now, SegmentBytes: 20_000})
		whole, entries := 0, 0
		write := func(n int) {
			for range n {
				now.set(now.Now().Add(time.Duration(rnd.IntN(90)) * time.Minute))
				look(t, log, fmt.Sprint("w", rnd.IntN(3)), number(rnd.IntN(40)*3+rnd.IntN(8)/7))
			}
			entries += n
		}
		l := &failing{Ledger: m, rnd: rand.New(rand.NewPCG(seed, 7)), oneIn: 60}
		want := func() (list []string) {
			c := watch.NewContext(m, snoop.Plain{Location: cst})
			must(t, c.Begin(t.Context()))
			d := snoop.New(c, snoop.Options{Location: cst})
			must(t, audit.Entries(t.Context(), dir, func(e *audit.Entry) error {
				for _, a := range snoop.AccessesOf(e) {
					if alert, is := d.Observe(a); is {
						list = append(list, fmt.Sprintf("a-%09d %s %v", e.Seq, alert.Household, alert.Signs))
					}
				}
				return nil
			}))
			slices.Reverse(list)
			return list
		}
		for range 12 {
			write(1 + rnd.IntN(60))
			stop := time.Now().Add(time.Duration(rnd.IntN(25)) * time.Millisecond)
			run(t, fast(l, dir), func(*watch.Watcher) bool { return time.Now().After(stop) })
		}
		l.oneIn = 0
		all := want()
		run(t, fast(l, dir), func(*watch.Watcher) bool { return len(stored(t, m, watch.Open)) >= len(all) })
		whole = len(all)
		if d := cmp.Diff(all, stored(t, m, watch.Open)); d != "" {
			t.Errorf("seed %d: %s", seed, d)
		}
		if whole < 20 || whole == entries {
			t.Errorf("seed %d: %d alerts in %d looks prove nothing", seed, whole, entries)
		}
	}
}
