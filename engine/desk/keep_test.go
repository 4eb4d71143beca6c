package desk_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/hedui/hedui/engine"
	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/batch"
	"github.com/hedui/hedui/engine/desk"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/rules"
)

// counted is a sink that counts.
type counted struct {
	outcomes [household.Refused + 1]atomic.Int64
	written  atomic.Int64
	commits  atomic.Int64
}

func (*counted) Open(int)  {}
func (*counted) Begin(int) {}

func (c *counted) Judged(_ int, h *batch.Household) (household.Outcome, error) {
	o := h.Verdicts[0].Outcome
	c.outcomes[o].Add(1)
	return o, nil
}

func (c *counted) Write(_, n int) error {
	c.written.Add(int64(n))
	return nil
}

func (c *counted) Commit(batch.Position) error {
	c.commits.Add(1)
	return nil
}

// batch runs a batch of a centre's through the keeper.
func (w *world) batch(c desk.Caller, lines string) (*counted, error) {
	w.t.Helper()
	in := filepath.Join(w.t.TempDir(), "in.jsonl")
	must(w.t, os.WriteFile(in, []byte(lines), 0o600))
	id, err := w.store.Current()
	must(w.t, err)
	g, err := w.store.Open(id)
	must(w.t, err)
	defer g.Close()
	pack, err := rules.Load("reference")
	must(w.t, err)
	v, err := engine.NewDocked(g.Manifest(), pack, 20261101, w.desk.Upstream())
	must(w.t, err)
	v.Warrant(w.desk.BatchWarrants(w.t.Context(), c))
	out := &counted{}
	keeper := w.desk.Keeper(w.t.Context(), c, w.name, g, []*engine.Verifier{v}, out)
	_, err = batch.Pass(w.t.Context(), batch.PassOptions{
		Batch: in, Generation: g, Judges: []batch.Judge{{Verifier: v}}, Look: audit.Look{Action: "verify"}, Audit: w.audit, Chunk: 20, Workers: 3,
	}, keeper)
	if closed := keeper.Close(); err == nil && closed != nil {
		w.t.Errorf("after the batch: %v", closed)
	}
	return out, err
}

var centre = func() desk.Caller {
	c := official("centre-340104", county, access.Centre)
	c.Person = ""
	return c
}()

// A batch leaves in the ledger what single checks leave there, however often it is run.
func TestBatchIsKept(t *testing.T) {
	const people = 50
	alone, w := newWorld(t, people), newWorld(t, people)
	var lines strings.Builder
	for h := range people {
		for _, x := range []*world{alone, w} {
			if h != 7 {
				x.register(h, h)
			}
			if h == 9 {
				_, err := x.desk.WithdrawAuthorization(t.Context(), intake, paper(h).Number, "撤回")
				must(t, err)
			}
		}
		fmt.Fprintf(&lines, "%s\n", request(h, h))
	}
	fmt.Fprintf(&lines, "%s\nnot a request\n", request(3, 3)) // a line twice, and one that is none
	got, err := w.batch(centre, lines.String())
	must(t, err)
	if n := got.outcomes[household.Refused].Load(); n != 3 || got.written.Load() != people+2 {
		t.Fatalf("%d refused, %d written", n, got.written.Load())
	}
	verdicts := 0
	for h := range people {
		want := alone.check(verifier, request(h, h))
		var found []string
		must(t, ledger.All(t.Context(), w.ledger, ledger.VerdictsOf(householdNumber(h)), func(v *ledger.Verdict) error {
			found = append(found, v.ID)
			if string(v.Body) != string(want.JSON) {
				t.Errorf("household %d: another text", h)
			}
			return nil
		}))
		if want.Verdict == "" {
			if len(found) != 0 {
				t.Errorf("household %d is refused and has a verdict", h)
			}
			continue
		}
		if len(found) != 1 || found[0] != want.Verdict {
			t.Errorf("household %d: verdicts %v, want %s", h, found, want.Verdict)
		}
		verdicts++
		cases, _, err := ledger.List[ledger.Case](t.Context(), w.ledger, ledger.CasesOf(householdNumber(h)))
		must(t, err)
		if (len(cases) == 1) != (want.Case != "") || len(cases) == 1 && cases[0].ID != want.Case {
			t.Errorf("household %d: %d cases, want %q", h, len(cases), want.Case)
		}
	}
	if verdicts < 40 {
		t.Fatalf("only %d verdicts", verdicts)
	}
	before, err := w.ledger.Digest(t.Context())
	must(t, err)
	if _, err = w.batch(centre, lines.String()); err != nil {
		t.Fatal(err)
	}
	if after, err := w.ledger.Digest(t.Context()); err != nil || after != before {
		t.Errorf("a second run changes the ledger: %v", err)
	}
}

// Another county's machine gets every row refused as if nothing were registered.
func TestBatchOfAnotherCounty(t *testing.T) {
	w := newWorld(t, 9)
	w.register(1, 3)
	other := centre
	other.Division = "340203"
	before := w.store.count()
	got, err := w.batch(other, string(request(1, 3))+"\n"+string(request(2, 4))+"\n")
	must(t, err)
	if n := got.outcomes[household.Refused].Load(); n != 2 || w.store.count() != before {
		t.Errorf("%d refused, %d reads", n, w.store.count()-before)
	}
	must(t, ledger.All(t.Context(), w.ledger, ledger.RequestsOf(householdNumber(1)), func(r *ledger.Request) error {
		if r.Refusal != "authorization_unknown" || r.Division != "" {
			t.Errorf("%+v", r)
		}
		return nil
	}))
}

// A ledger that fails stops the batch before what is written out counts.
func TestBatchWithoutALedger(t *testing.T) {
	w := newWorld(t, 9)
	w.register(1, 3)
	w.ledger.fail = errBoom
	got, err := w.batch(centre, string(request(1, 3))+"\n")
	if err == nil || got.commits.Load() != 0 {
		t.Errorf("%v, %d commits", err, got.commits.Load())
	}
}
