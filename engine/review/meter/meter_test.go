package meter_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/review"
	"github.com/hedui/hedui/engine/review/meter"
)

var start = time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC)

// TestWilson holds the interval against values of the literature, and against the
// equation it solves.
func TestWilson(t *testing.T) {
	for _, c := range []struct {
		count, of int
		low, high float64
	}{
		{0, 0, 0, 1},
		{0, 10, 0, 0.2775},
		{10, 10, 0.7225, 1},
		{8, 10, 0.4902, 0.9433},
		{81, 263, 0.2553, 0.3662},
		{15, 148, 0.0624, 0.1605},
		{-1, 10, 0, 1},
		{11, 10, 0, 1},
	} {
		got := meter.Wilson(c.count, c.of)
		if math.Abs(got.Low-c.low) > 5e-5 || math.Abs(got.High-c.high) > 5e-5 {
			t.Errorf("%d of %d: %.4f to %.4f, want %.4f to %.4f", c.count, c.of, got.Low, got.High, c.low, c.high)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		of := rapid.IntRange(1, 5000).Draw(t, "of")
		count := rapid.IntRange(0, of).Draw(t, "count")
		r, p := meter.Wilson(count, of), float64(count)/float64(of)
		if r.Low < 0 || r.High > 1 || r.Low > p+1e-12 || r.High < p-1e-12 {
			t.Fatalf("%d of %d: %+v", count, of, r)
		}
		for _, end := range []float64{r.Low, r.High} {
			if end <= 0 || end >= 1 {
				continue
			}
			if z := math.Abs(p-end) / math.Sqrt(end*(1-end)/float64(of)); math.Abs(z-1.959964) > 1e-4 {
				t.Fatalf("%d of %d: the end %v lies %v deviations away", count, of, end, z)
			}
		}
	})
}

// TestMeasure plants known-false cases before reviewers of known habits and reports the
// rates with their intervals.
func TestMeasure(t *testing.T) {
	const seed = 26
	r := rand.New(rand.NewPCG(seed, 1))
	habits := []struct {
		person          string
		catches, agrees float64
		perRecord       time.Duration
		flags           []meter.Flag
	}{
		{"careful", 0.95, 0.7, 60 * time.Second, nil},
		{"credulous", 0.40, 0.9, 60 * time.Second, []meter.Flag{meter.MissesSeeds}},
		{"hasty", 0.95, 0.7, 3 * time.Second, []meter.Flag{meter.TooQuick}},
		{"new", 0, 0, 0, nil},
		{"rubber stamp", 0.10, 1.0, 2 * time.Second, []meter.Flag{meter.MissesSeeds, meter.TooQuick, meter.AlwaysAgrees}},
	}
	var list []meter.Decision
	for _, h := range habits {
		if h.person == "new" {
			continue
		}
		for i := range 400 {
			d := meter.Decision{Person: h.person, Case: fmt.Sprint(i), Records: 1 + r.IntN(4), Seeded: i%10 == 0}
			d.Dwell = time.Duration(float64(d.Records) * float64(h.perRecord) * (0.9 + 0.2*r.Float64()))
			d.Agreed = r.Float64() < h.agrees
			if d.Seeded {
				d.Caught = r.Float64() < h.catches
				d.Agreed = !d.Caught
			}
			list = append(list, d)
		}
	}
	list = append(list, meter.Decision{Person: "new", Seeded: true, Agreed: true}) // one miss says nothing
	reports := meter.Measure(list, meter.Defaults())
	if len(reports) != len(habits) {
		t.Fatalf("%d reports", len(reports))
	}
	for i, got := range reports {
		if diff := cmp.Diff(habits[i].flags, got.Flags); diff != "" || got.Person != habits[i].person {
			t.Errorf("%s, seed %d: %+v\n%s", got.Person, seed, got, diff)
		}
		t.Logf("%-12s finds %d of %d (%.0f to %.0f %%), median %s, quick %.0f %%, agrees %.0f %%: %v", got.Person,
			got.Detection.Count, got.Detection.Of, 100*got.Detection.Low, 100*got.Detection.High, got.Median.Round(time.Second),
			100*float64(got.Quick.Count)/float64(got.Quick.Of), 100*float64(got.Agreement.Count)/float64(max(got.Agreement.Of, 1)), got.Flags)
	}
	// The order of answers decides nothing, and without thresholds nobody is flagged.
	r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	if diff := cmp.Diff(reports, meter.Measure(list, meter.Defaults())); diff != "" {
		t.Error(diff)
	}
	for _, got := range meter.Measure(list, meter.Thresholds{}) {
		if got.Flags != nil {
			t.Errorf("%s is flagged by no threshold: %v", got.Person, got.Flags)
		}
	}
}

// TestIntervalHoldsTheTruth: a reviewer's true rate lies in the interval about as often as
// it says.
func TestIntervalHoldsTheTruth(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	for _, rate := range []float64{0.05, 0.3, 0.8, 0.95} {
		held := 0
		const runs = 4000
		for range runs {
			caught := 0
			for range 40 {
				if r.Float64() < rate {
					caught++
				}
			}
			if w := meter.Wilson(caught, 40); w.Low <= rate && rate <= w.High {
				held++
			}
		}
		if share := float64(held) / runs; share < 0.92 || share > 0.985 {
			t.Errorf("the true rate %v lies in the interval %.1f %% of the time", rate, 100*share)
		}
	}
}

// TestMostFlagsAreDeserved: of reviewers who just meet a threshold, few are flagged by
// chance.
func TestMostFlagsAreDeserved(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	var list []meter.Decision
	const people = 2000
	for p := range people {
		for range 30 {
			caught := r.Float64() < meter.Defaults().Detection
			list = append(list, meter.Decision{Person: fmt.Sprint(p), Seeded: true, Caught: caught, Agreed: !caught, Dwell: time.Hour, Records: 1})
		}
	}
	flagged := 0
	for _, got := range meter.Measure(list, meter.Defaults()) {
		if got.Flags != nil {
			flagged++
		}
	}
	if t.Logf("%d of %d flagged by chance", flagged, people); flagged == 0 || flagged > people/20 {
		t.Errorf("%d of %d, want some and at most 5 %%", flagged, people)
	}
}

func TestDecisions(t *testing.T) {
	records := []review.Record{{Ref: "r1", Source: household.Bank, Coverage: household.Found}}
	c, err := review.New("1", "340104-1", "dibao", 15, review.Verdict{ID: "v1", Outcome: household.SuspectedIneligible, LoadBearing: records}, start)
	if err != nil {
		t.Fatal(err)
	}
	c.Seeded = true
	at := start
	does := func(person string, kind review.Kind, e review.Event) {
		t.Helper()
		at = at.Add(time.Minute)
		e.Kind, e.At, e.Actor = kind, at, review.Actor{Person: person, Account: person}
		var err error
		if c, _, err = review.Apply(c, e); err != nil {
			t.Fatal(kind, err)
		}
	}
	why := review.Event{Reason: "已核实"}
	does("A", review.Propose, why)
	does("B", review.TakeUp, review.Event{})
	does("B", review.OpenEvidence, review.Event{Record: "r1"})
	does("B", review.Return, why) // caught, two minutes after taking it up
	does("A", review.Propose, why)
	does("A", review.TakeUp, review.Event{})
	does("C", review.OpenEvidence, review.Event{Record: "r1"})
	does("", review.Recheck, review.Event{Verdict: &review.Verdict{ID: "v2", Outcome: household.SuspectedIneligible, LoadBearing: records}})
	does("C", review.OpenEvidence, review.Event{Record: "r1"})
	does("C", review.Confirm, why) // missed, a minute after opening the new verdict's record
	does("B", review.Return, why)  // of what was confirmed: no answer to the verdict
	want := []meter.Decision{
		{Person: "B", Case: "1", Dwell: 2 * time.Minute, Records: 1, Seeded: true, Caught: true},
		{Person: "C", Case: "1", Agreed: true, Dwell: time.Minute, Records: 1, Seeded: true},
	}
	if diff := cmp.Diff(want, meter.Decisions(&c)); diff != "" {
		t.Error(diff)
	}
}
