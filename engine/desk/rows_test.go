package desk_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/engine"
	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/desk"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/rules"
)

// fenced is an order whose changes move the position of a topic.
func fenced(rows []desk.Row, epoch, from int64) desk.RowsOrder {
	return desk.RowsOrder{Batch: "b1", Rows: rows, Workers: 3, Change: func(_ []desk.RowAnswer, a, b int) (ledger.Change, error) {
		return ledger.Change{Fence: &ledger.Fence{Topic: "t", Epoch: epoch, From: from + int64(a), To: from + int64(b)}}, nil
	}}
}

func (w *world) answer(c desk.Caller, o desk.RowsOrder) ([]desk.RowAnswer, error) {
	w.t.Helper()
	p, err := w.desk.Pin(w.t.Context(), "", "dibao", 20261101)
	must(w.t, err)
	defer func() { must(w.t, p.Close()) }()
	return w.desk.AnswerRows(w.t.Context(), c, p, o)
}

func rowsOf(lines ...[]byte) (rows []desk.Row) {
	for i, line := range lines {
		rows = append(rows, desk.Row{Number: int64(i + 1), Line: line})
	}
	return rows
}

// The rows of a batch are answered as verify answers them, each once, and the position
// moves with them.
func TestRowsAreAnsweredOnce(t *testing.T) {
	w := newWorld(t, 100)
	var lines [][]byte
	for h := range 40 {
		if h%7 != 3 { // of the others nobody has registered anything
			w.register(h, h)
		}
		lines = append(lines, request(h, h))
	}
	lines = append(lines, lines[5], request(6, 6), []byte(`{"household_id":"x"}`), []byte("no request"), lines[0])
	lines[41] = append(bytes.TrimSuffix(lines[41], []byte("}")), []byte(`,"declared_assets":{"financial_fen":1}}`)...)
	got, err := w.answer(centre, fenced(rowsOf(lines...), 1, 0))
	must(t, err)
	pack, err := rules.Load("reference")
	must(t, err)
	id, err := w.store.Current()
	must(t, err)
	g, err := w.store.Open(id)
	must(t, err)
	defer g.Close()
	v, err := engine.NewVerifier(g.Manifest(), pack, 20261101)
	must(t, err)
	v.Warrant(w.desk.BatchWarrants(t.Context(), centre))
	worker := v.Worker()
	refused := 0
	for i, line := range lines {
		var p engine.Plan
		worker.Prepare(line, int64(i+1), &p)
		want, err := worker.Look(t.Context(), g, &p)
		must(t, err)
		if d := cmp.Diff(string(want.AppendJSON(nil)), string(got[i].Line)); d != "" {
			t.Errorf("row %d: %s", i+1, d)
		}
		if (want.Outcome == household.Refused) != (got[i].Refusal != "") || (got[i].Refusal == "") != (got[i].Verdict != "") {
			t.Errorf("row %d: refusal %q, verdict %q", i+1, got[i].Refusal, got[i].Verdict)
		}
		if got[i].Refusal != "" {
			refused++
		}
	}
	if refused == 0 || refused == len(lines) {
		t.Fatalf("%d of %d refused", refused, len(lines))
	}
	position := func() int64 {
		p, err := ledger.Get[ledger.Position](t.Context(), w.ledger, ledger.PositionID("t", 0))
		must(t, err)
		return p.Offset
	}
	if position() != int64(len(lines)) {
		t.Errorf("the position is %d", position())
	}
	before, err := w.ledger.Digest(t.Context())
	must(t, err)
	// An old worker comes too late, and leaves nothing.
	if _, err := w.answer(centre, fenced(rowsOf(lines...), 1, 0)); !errors.Is(err, ledger.ErrFenced) {
		t.Errorf("a second time in the same place: %v", err)
	}
	if after, _ := w.ledger.Digest(t.Context()); after != before {
		t.Error("what was fenced left something behind")
	}
	// Redelivered elsewhere, the answers are those that stand in the ledger.
	w.clock.pass(1e9)
	again, err := w.answer(centre, fenced(rowsOf(lines...), 1, int64(len(lines))))
	must(t, err)
	for i := range again {
		if !bytes.Equal(again[i].Line, got[i].Line) || again[i].Verdict != got[i].Verdict || again[i].Refusal != got[i].Refusal || again[i].Division != got[i].Division {
			t.Errorf("row %d is answered otherwise: %s", i+1, cmp.Diff(got[i], again[i]))
		}
		if again[i].Again != got[i].Kept {
			t.Errorf("row %d: again is %v", i+1, again[i].Again)
		}
	}
	for i := range got {
		held, err := w.desk.RowAnswered(t.Context(), got[i].Request)
		if err != nil || (held != nil) != got[i].Kept || held != nil && !bytes.Equal(held.Line, got[i].Line) {
			t.Errorf("row %d is not found again: %v", i+1, err)
		}
	}
}

// Whoever shares the ledger keeps few rows in one change, and gives way between them.
func TestRowsGiveWay(t *testing.T) {
	w := newWorld(t, 100)
	var lines [][]byte
	for h := range 30 {
		if h%7 != 3 {
			w.register(h, h)
		}
		lines = append(lines, request(h, h))
	}
	var kept []int
	w.ledger.before = func(c ledger.Change) {
		if c.Fence != nil {
			n := 0
			for _, op := range c.Ops {
				if op.Kind == ledger.KindRequest {
					n++
				}
			}
			kept = append(kept, n)
		}
	}
	gave := 0
	o := fenced(rowsOf(lines...), 1, 0)
	o.Most, o.Workers, o.Between = 8, 1, func(context.Context) error { gave++; return nil }
	got, err := w.answer(centre, o)
	must(t, err)
	if d := cmp.Diff([]int{8, 8, 8, 6}, kept); d != "" || gave != 30+30+4 {
		t.Errorf("gave way %d times, %s", gave, d)
	}
	for i := range got {
		if held, err := w.desk.RowAnswered(t.Context(), got[i].Request); err != nil || held == nil {
			t.Errorf("row %d is not kept: %v", i+1, err)
		}
	}
}

// What was kept before a crash is not kept twice, and the rest goes on.
func TestRowsGoOn(t *testing.T) {
	w := newWorld(t, 100)
	var lines [][]byte
	for h := range 30 {
		w.register(h, h)
		lines = append(lines, request(h, h))
	}
	// The household of row 10 comes again otherwise, so that there are two changes.
	lines = append(lines, append(bytes.TrimSuffix(request(10, 10), []byte("}")), []byte(`,"declared_assets":{"financial_fen":1}}`)...))
	commits := 0
	w.ledger.before = func(c ledger.Change) {
		if c.Fence != nil {
			if commits++; commits > 1 {
				w.ledger.fail = errBoom
			}
		}
	}
	if _, err := w.answer(centre, fenced(rowsOf(lines...), 1, 0)); !errors.Is(err, errBoom) {
		t.Fatalf("got %v", err)
	}
	w.ledger.before, w.ledger.fail = nil, nil
	o := fenced(rowsOf(lines...), 2, 0)
	p, err := ledger.Get[ledger.Position](t.Context(), w.ledger, ledger.PositionID("t", 0))
	must(t, err)
	if p.Offset != 30 {
		t.Fatalf("the position is %d", p.Offset)
	}
	o.Done = int(p.Offset)
	looks := len(w.audit.looks)
	got, err := w.answer(centre, o)
	must(t, err)
	for i := range got {
		if got[i].Verdict == "" || got[i].Again != (i < 30) {
			t.Errorf("row %d: %+v", i+1, got[i])
		}
	}
	if n := len(w.audit.looks[looks].Subjects); len(w.audit.looks) != looks+1 || n != 1 {
		t.Errorf("%d households were looked at again", n)
	}
}

// A household that the sender does not reach is refused by itself, and whoever watches the
// audit log is told of it.
func TestRowsStayInTheSendersDivision(t *testing.T) {
	w := newWorld(t, 20)
	for h := range 3 {
		w.register(h, h)
	}
	views := w.store.count()
	other := centre
	other.Account, other.Division = "centre-340203", "340203"
	got, err := w.answer(other, fenced(rowsOf(request(0, 0), request(1, 1), []byte("no request")), 1, 0))
	must(t, err)
	for i, want := range []string{"authorization_unknown", "authorization_unknown", "invalid_request"} {
		if got[i].Refusal != want || got[i].Division != "" {
			t.Errorf("row %d: %+v", i+1, got[i])
		}
	}
	if w.store.count() != views {
		t.Error("somebody was looked at")
	}
	e := w.audit.last()
	if e.Outcome != audit.Denied || e.Code != "outside" && e.Code == "" || len(e.Subjects) != 2 || e.Object != "b1" {
		t.Errorf("the log has %+v", e)
	}
	// Below a city, and under the old code of a county that was merged into one of it.
	city := centre
	city.Division = "3401"
	o := fenced(rowsOf(request(0, 0)), 1, 3)
	o.Batch = "b2"
	got, err = w.answer(city, o)
	must(t, err)
	if got[0].Refusal != "" {
		t.Errorf("a household of the city: %s", got[0].Refusal)
	}
}

// A household that stands in the register of another place is not answered to whoever has
// registered it once more.
func TestRowsOfAnotherPlace(t *testing.T) {
	w := newWorld(t, 20)
	w.register(1, 1)
	w.check(verifier, request(1, 1))
	elsewhere := official("intake09", "340203")
	elsewhere.Roles = intake.Roles
	a := paper(1, 1)
	a.Number, a.Division = "SQ340203-000001", "340203"
	_, err := w.desk.RegisterAuthorization(t.Context(), elsewhere, a)
	must(t, err)
	line := bytes.ReplaceAll(request(1, 1), []byte("SQ340104-000001"), []byte(a.Number))
	line = bytes.ReplaceAll(line, []byte(`"region":"340104"`), []byte(`"region":"340203"`))
	other := centre
	other.Account, other.Division = "centre-340203", "340203"
	ask := func(from int64) desk.RowAnswer {
		t.Helper()
		got, err := w.answer(other, desk.RowsOrder{Batch: fmt.Sprint("b", from), Rows: rowsOf(line), Change: fenced(nil, 1, from).Change})
		must(t, err)
		return got[0]
	}
	if got := ask(0); got.Refusal != "household_elsewhere" {
		t.Fatalf("got %+v", got)
	}
	if e := w.audit.last(); e.Outcome != audit.Denied || len(e.Subjects) != 1 {
		t.Errorf("the log has %+v", e)
	}
	// It moved: the old authorisation is withdrawn.
	_, err = w.desk.WithdrawAuthorization(t.Context(), intake, paper(1).Number, "moved")
	must(t, err)
	if got := ask(1); got.Refusal != "" {
		t.Errorf("after it moved: %s", got.Refusal)
	}
}

// An authorisation that is withdrawn between the judgement and the keeping is judged again.
func TestRowsUnderWhatHolds(t *testing.T) {
	w := newWorld(t, 20)
	w.register(1, 1)
	w.register(2, 2)
	done := false
	w.ledger.before = func(c ledger.Change) {
		if c.Fence != nil && !done {
			done = true
			_, err := w.desk.WithdrawAuthorization(context.WithoutCancel(t.Context()), intake, paper(2).Number, "changed their mind")
			must(t, err)
		}
	}
	got, err := w.answer(centre, fenced(rowsOf(request(1, 1), request(2, 2)), 1, 0))
	must(t, err)
	if got[0].Refusal != "" || got[1].Refusal != "authorization_withdrawn" {
		t.Errorf("got %q and %q", got[0].Refusal, got[1].Refusal)
	}
}
