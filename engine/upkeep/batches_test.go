package upkeep_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/ledger/ledgertest"
	"github.com/hedui/hedui/engine/upkeep"
)

// Batches that are over go with their rows when their time is; one that is not over stays,
// and so does its generation.
func TestBatchesGo(t *testing.T) {
	l := &ledgertest.Memory{}
	put := func(e ledger.Entry) {
		t.Helper()
		must(t, l.Commit(t.Context(), ledger.Change{Ops: []ledger.Op{ledger.Put(e)}}))
	}
	for _, b := range []struct {
		id     string
		months int
		held   bool
	}{{"old", 13, false}, {"young", 11, false}, {"stopped", 30, true}} {
		put(&ledger.Batch{ID: b.id, Sender: "u", Division: "340104", Scheme: "dibao", Channel: "file", State: "done", Generation: "g-" + b.id, Held: b.held, At: ledger.At(ago(b.months))})
		for i := range 3 {
			put(&ledger.Part{Batch: b.id, First: int64(1 + 128*i), Rows: 128, State: "done", At: ledger.At(ago(b.months))})
		}
	}
	put(&ledger.Part{Batch: "none", Topic: "requests", First: 7, Rows: 1, State: "done", At: ledger.At(ago(13))})
	put(&ledger.Part{Batch: "none", Topic: "requests", First: 8, Rows: 1, State: "done", At: ledger.At(ago(1))})
	c := newCentre(t)
	o := upkeep.RetainOptions{Data: c.data, Now: clock(), Rules: upkeep.DefaultRetention(), Ledger: l, CaseEnd: caseEnd, Log: c.log}
	out, err := upkeep.Retain(t.Context(), o, plan(t, o), audit.Who{}, "yearly")
	must(t, err)
	if d := cmp.Diff(map[string]int{"batch": 1, "part": 4}, out.Removed); d != "" {
		t.Error(d)
	}
	var left []string
	for _, kind := range []ledger.Kind{ledger.KindBatch, ledger.KindPart} {
		page, err := l.List(t.Context(), ledger.Every(kind))
		must(t, err)
		for _, r := range page.Rows {
			left = append(left, r.ID)
		}
	}
	if len(left) != 2+6+1 {
		t.Errorf("left are %v", left)
	}
}
