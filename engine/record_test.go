package engine_test

import (
	"bytes"
	"context"
	"testing"

	"pgregory.net/rapid"

	"github.com/hedui/hedui/engine"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/replay"
	"github.com/hedui/hedui/rules/trace"
)

// replayed compares a verdict with what its trace gives.
func replayed(t *rapid.T, v *household.Verdict, rests *trace.Trace) {
	text, err := rests.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := replay.Replay(text)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if want := v.AppendJSON(nil); !bytes.Equal(got, want) {
		t.Fatalf("stored   %s\nreplayed %s", want, got)
	}
}

// TestReplayOfAnyHousehold recomputes verdicts on random households from their traces.
func TestReplayOfAnyHousehold(t *testing.T) {
	p := reference()
	rapid.Check(t, func(t *rapid.T) {
		w := worlds().Draw(t, "world")
		v, err := engine.NewVerifier(w.manifest(), p, w.On)
		if err != nil {
			t.Fatal(err)
		}
		worker := v.Worker()
		var rests trace.Trace
		worker.Record(&rests)
		// Twice, since a worker keeps its memory.
		for range 2 {
			out, err := w.verifyWith(worker, "world")
			if err != nil {
				t.Fatal(err)
			}
			replayed(t, out, &rests)
		}
	})
}

// TestReplayOfWeakLinks does so where the links of records have to be confirmed.
func TestReplayOfWeakLinks(t *testing.T) {
	p := referenceLinks()
	confirmed := 0
	rapid.Check(t, func(t *rapid.T) {
		w := linkWorlds().Draw(t, "world")
		ctx := context.Background()
		gen := w.seal()
		defer gen.Close()
		v, err := engine.NewVerifier(gen.Manifest(), p, w.On)
		if err != nil {
			t.Fatal(err)
		}
		if err := v.LinkBy(ctx, gen, policy(), table()); err != nil {
			t.Fatal(err)
		}
		worker := v.Worker()
		var rests trace.Trace
		worker.Record(&rests)
		var plan engine.Plan
		worker.Prepare(w.line("world"), 1, &plan)
		out, err := worker.Look(ctx, gen, &plan)
		if err != nil {
			t.Fatal(err)
		}
		if hasToConfirm(out) {
			confirmed++
		}
		replayed(t, out, &rests)
	})
	if confirmed == 0 {
		t.Error("nothing had to be confirmed")
	}
}

// TestRecordChangesNothing compares verdicts with and without a recorder.
func TestRecordChangesNothing(t *testing.T) {
	worker, plan, profiles := prepared(t, ordinary(110000))
	var a, b household.Verdict
	if err := worker.Verify(plan, profiles, &a); err != nil {
		t.Fatal(err)
	}
	var rests trace.Trace
	worker.Record(&rests)
	if err := worker.Verify(plan, profiles, &b); err != nil {
		t.Fatal(err)
	}
	if x, y := a.AppendJSON(nil), b.AppendJSON(nil); !bytes.Equal(x, y) {
		t.Errorf("without\n%s\nwith\n%s", x, y)
	}
	worker.Record(nil)
	rests = trace.Trace{}
	if err := worker.Verify(plan, profiles, &b); err != nil || rests.Version != 0 {
		t.Errorf("recorded after the end (%v)", err)
	}
}

func BenchmarkVerifyAndRecord(b *testing.B) {
	worker, plan, profiles := prepared(b, ordinary(110000))
	var out household.Verdict
	var rests trace.Trace
	worker.Record(&rests)
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		if err := worker.Verify(plan, profiles, &out); err != nil {
			b.Fatal(err)
		}
		var err error
		if buf, err = rests.Append(buf[:0]); err != nil {
			b.Fatal(err)
		}
	}
	b.SetBytes(int64(len(buf)))
}
