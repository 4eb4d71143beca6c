package submission_test

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/account"
	"github.com/hedui/hedui/engine/desk"
	"github.com/hedui/hedui/engine/desk/desktest"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/submission"
)

// world is a centre with an office, whose accounts can be changed.
type world struct {
	*desktest.Centre

	office   *submission.Office
	mu       sync.Mutex
	accounts map[string]access.Subject
}

var (
	centre   = desktest.Official("centre-340104", desktest.County, access.Centre)
	verifier = desktest.Official("verifier01", desktest.County, access.Verifier)
	approver = desktest.Official("approver01", desktest.County, access.Approver)
	stranger = desktest.Official("centre-340203", "340203", access.Centre)
)

func newWorld(t testing.TB, people int) *world {
	t.Helper()
	w := &world{Centre: desktest.New(t, people), accounts: map[string]access.Subject{}}
	for _, c := range []desk.Caller{centre, verifier, stranger} {
		w.accounts[c.Account] = c.Subject
	}
	w.office = w.newOffice(w.Ledger, submission.Limits{})
	return w
}

func (w *world) newOffice(l ledger.Ledger, limits submission.Limits) *submission.Office {
	w.T.Helper()
	o, err := submission.New(submission.Options{
		Desk: w.NewDesk(l), Ledger: l, Audit: w.Audit, Now: w.Now, Workers: 2, Limits: limits,
		Standing: func(_ context.Context, name string) (access.Subject, error) {
			w.mu.Lock()
			defer w.mu.Unlock()
			s, ok := w.accounts[name]
			if !ok {
				return s, account.ErrNotFound
			}
			return s, nil
		},
	})
	must(w.T, err)
	w.T.Cleanup(func() { must(w.T, o.Close()) })
	return o
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func refusedAs(t testing.TB, err error, want desk.Code) {
	t.Helper()
	if r, ok := desk.Refused(err); !ok || r.Code != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// coming are lines as the rows of a file.
func coming(lines ...[]byte) iter.Seq2[submission.Coming, error] {
	return func(yield func(submission.Coming, error) bool) {
		for i, line := range lines {
			c := submission.Coming{Number: int64(i + 1), Line: line}
			if bytes.HasPrefix(line, []byte("unread")) {
				c.Line, c.Unread = nil, &submission.Unread{Code: "id_number", Place: fmt.Sprint("B", i+1), Text: household.Text{Zh: "证件号码有误", En: "the number is wrong"}}
			}
			if !yield(c, nil) {
				return
			}
		}
	}
}

// households registers n households and gives a line for each; every seventh is not.
func (w *world) households(n int) (lines [][]byte) {
	for h := range n {
		if h%7 != 3 {
			w.Register(h)
		}
		lines = append(lines, desktest.Request(h))
	}
	return lines
}

var order = submission.Order{Scheme: "dibao", Channel: submission.File, Title: "十一月"}

func (w *world) submit(lines ...[]byte) *submission.Batch {
	w.T.Helper()
	b, err := w.office.Submit(w.T.Context(), centre, order, coming(lines...))
	must(w.T, err)
	return b
}

func (w *world) rows(c desk.Caller, id string) (rows []submission.Row) {
	w.T.Helper()
	_, err := w.office.Rows(w.T.Context(), c, id, func(r *submission.Row) error {
		rows = append(rows, *r)
		return nil
	})
	must(w.T, err)
	return rows
}

// work answers batches until none is left.
func (w *world) work(o *submission.Office) {
	w.T.Helper()
	for {
		worked, err := o.Work(w.T.Context())
		must(w.T, err)
		if !worked {
			return
		}
	}
}

// A file of households is accepted, answered, counted and fetched; what could not be read
// is a row too.
func TestBatchFromFile(t *testing.T) {
	w := newWorld(t, 400)
	lines := w.households(300)
	lines = append(lines, []byte("unread"), []byte(`{"no":"request"`), lines[0])
	b := w.submit(lines...)
	if b.State != submission.Accepted || b.Rows != 303 || b.Generation == "" || len(b.Digest) != 64 || len(w.Audit.Looks()) > 0 {
		t.Fatalf("accepted: %+v", b)
	}
	for _, r := range w.rows(centre, b.ID) {
		if !r.Waiting && r.Unread == nil {
			t.Fatalf("row %d is answered before anybody worked", r.Number)
		}
	}
	// Another generation changes nothing for it.
	w.Publish(10)
	_, err := w.Desk.Refresh(t.Context())
	must(t, err)
	w.work(w.office)
	got, err := w.office.Get(t.Context(), centre, b.ID)
	must(t, err)
	if got.State != submission.Done || got.Generation != b.Generation || got.Finished() != 303 || got.Counts.Unread != 1 || got.Counts.Again != 1 {
		t.Errorf("done: %+v", got.Counts)
	}
	if n := got.Counts.Refusals["authorization_unknown"]; n != 43 {
		t.Errorf("%d are refused", n)
	}
	p, err := w.Desk.Pin(t.Context(), b.Generation, "dibao", b.On)
	must(t, err)
	defer p.Close()
	rows := w.rows(centre, b.ID)
	var asked []desk.Row
	for i := range lines {
		if rows[i].Number != int64(i+1) {
			t.Fatalf("row %d stands at %d", rows[i].Number, i+1)
		}
		if rows[i].Unread == nil {
			asked = append(asked, desk.Row{Number: int64(i + 1), Line: lines[i]})
		}
	}
	want, err := w.Desk.AnswerRows(t.Context(), centre, p, desk.RowsOrder{Batch: "other", Rows: asked, Change: func([]desk.RowAnswer, int, int) (ledger.Change, error) {
		return ledger.Change{Ops: []ledger.Op{ledger.PutOver(&ledger.Counter{ID: "x"})}}, nil
	}})
	must(t, err)
	for i, a := range want {
		if r := rows[asked[i].Number-1]; !bytes.Equal(r.Line, a.Line) || r.Refusal != a.Refusal || r.Outcome != a.Outcome {
			t.Errorf("row %d: %s", r.Number, cmp.Diff(string(a.Line), string(r.Line)))
		}
	}
}
