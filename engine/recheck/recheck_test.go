package recheck_test

import (
	"context"
	"flag"
	"fmt"
	"testing"

	"go.uber.org/goleak"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/recheck"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var worlds = flag.Int("recheck.worlds", 2, "number of small provinces in which a recheck is compared with a full run")

const stepsOf = 6

// counts are what a test of many steps came to.
type counts struct {
	registered, again, changed, steps, sparing int
}

// agree changes a province again and again and compares every recheck with a full run.
// It returns what disagrees, "" for nothing.
func agree(t testing.TB, seed uint64, pack string, drop func(household.PersonKey) bool, n *counts) string {
	ctx := context.Background()
	w := newWorld(t, seed, pack == "reference_links")
	kept := &recheck.Memory{}
	var log string
	for step := range stepsOf {
		for range w.rng.IntN(3) + 1 {
			if step > 0 {
				log += fmt.Sprintf("; %d: %s", step, w.change())
			}
		}
		full := &recheck.Memory{}
		for h := range w.members {
			name := fmt.Sprintf("H%03d", h)
			kept.Register(name, w.request(h))
			full.Register(name, w.request(h))
		}
		id := w.publish(t)
		before := all(t, kept)

		o := options(t, w.dir, id, pack, full)
		everybody, err := recheck.Select(ctx, o)
		if err != nil {
			t.Fatal(err)
		}
		if err := recheck.Run(ctx, o, everybody.Households, full.Keep); err != nil {
			t.Fatal(err)
		}
		want := all(t, full)

		o.Registry = kept
		o.Overlooking(drop)
		selected, err := recheck.Select(ctx, o)
		if err != nil {
			t.Fatal(err)
		}
		changed := map[string]*recheck.Change{}
		err = recheck.Run(ctx, o, selected.Households, func(r *recheck.Result) error {
			if r.Change != nil {
				changed[r.Last.Household] = r.Change
			}
			return kept.Keep(r)
		})
		if err != nil {
			t.Fatal(err)
		}
		for name, l := range all(t, kept) {
			if l.Substance != want[name].Substance || l.Outcome != want[name].Outcome {
				return fmt.Sprintf("step %d, household %s: recheck says %s, a full run %s%s", step, name, l.Outcome, want[name].Outcome, log)
			}
			_, said := changed[name]
			if differs := step == 0 || before[name].Substance != want[name].Substance; said != differs {
				return fmt.Sprintf("step %d, household %s: a change is said %t, is %t%s", step, name, said, differs, log)
			}
		}
		if step == 0 {
			continue
		}
		n.steps++
		n.registered += len(w.members)
		n.again += len(selected.Households)
		n.changed += len(changed)
		if len(selected.Households) < len(w.members) {
			n.sparing++
		}
	}
	return ""
}

// After any changes a recheck leaves what a full run says of every household, says whose
// verdict says something else, and does not verify everybody again.
func TestRecheckIsAFullRun(t *testing.T) {
	for _, pack := range []string{"reference", "reference_links", "dibao"} {
		t.Run(pack, func(t *testing.T) {
			var n counts
			for seed := range *worlds {
				if diff := agree(t, uint64(seed), pack, nil, &n); diff != "" {
					t.Errorf("province %d: %s", seed, diff)
				}
			}
			t.Logf("%+v", n)
			switch {
			case n.steps == 0 || n.registered == 0:
				t.Error("nothing was compared")
			case n.changed == 0:
				t.Error("no verdict changed: nothing was tested")
			case n.again >= n.registered || n.sparing == 0:
				t.Error("everybody was verified again")
			case pack != "reference_links" && n.again*2 > n.registered:
				t.Errorf("%d of %d households were verified again", n.again, n.registered)
			}
		})
	}
}

// The test notices a change that is overlooked.
func TestAnOverlookedChangeIsNoticed(t *testing.T) {
	var n counts
	overlooked := func(k household.PersonKey) bool { return k.Num%3 == 0 }
	for seed := range 3 {
		if agree(t, uint64(seed), "reference", overlooked, &n) != "" {
			return
		}
	}
	t.Error("a third of all changes was overlooked and nobody noticed")
}
