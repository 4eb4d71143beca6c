package ledgertest

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/hedui/hedui/engine/ledger"
)

// Compare drives a ledger and the model with the same random changes and reads, and
// fails where they differ. open gives a ledger of the directory of one round: it is
// called again after each Close in the middle of a round.
func Compare(t *testing.T, open func(dir string) (ledger.Ledger, error)) {
	rounds, committed := 0, 0
	rapid.Check(t, func(r *rapid.T) {
		rounds++
		c := &comparison{r: r, model: new(Memory)}
		dir := t.TempDir()
		var err error
		if c.real, err = open(dir); err != nil {
			r.Fatal(err)
		}
		r.Repeat(map[string]func(*rapid.T){
			"commit": c.commit,
			"get":    c.get,
			"find":   c.find,
			"list":   c.list,
			"scan":   c.scan,
			"reopen": func(r *rapid.T) {
				if rapid.IntRange(0, 3).Draw(r, "closes") > 0 {
					return
				}
				if err := c.real.Close(); err != nil {
					r.Fatal(err)
				}
				if c.real, err = open(dir); err != nil {
					r.Fatal(err)
				}
			},
		})
		want, _ := c.model.Digest(t.Context())
		report, err := c.real.Verify(t.Context())
		if err != nil || !report.OK() || report.Digest != want {
			r.Errorf("at the end: %v %v, digest %s, want %s", report.Damage, err, report.Digest, want)
		}
		committed += c.committed
		if err := c.real.Close(); err != nil {
			r.Error(err)
		}
	})
	if committed == 0 {
		t.Errorf("%d rounds committed nothing", rounds)
	}
}

type comparison struct {
	r         *rapid.T
	model     *Memory
	real      ledger.Ledger
	committed int
}

// entry draws an entry of few ids, so that they meet.
func (c *comparison) entry(r *rapid.T) ledger.Entry {
	word := func(label string, n int) string { return fmt.Sprint(label[:1], rapid.IntRange(0, n).Draw(r, label)) }
	hash := func(label string) ledger.Pseudonym {
		return c.model.Pseudonym(ledger.Person, []byte(word(label, 3)))
	}
	some := func(label string) (list []ledger.Pseudonym) {
		for range rapid.IntRange(0, 3).Draw(r, "how many "+label) {
			list = append(list, hash(label))
		}
		return list
	}
	division := rapid.SampledFrom([]string{"34", "3401", "340104", "340104001", "340105"}).Draw(r, "division")
	at := ledger.Instant(rapid.IntRange(-2, 2).Draw(r, "at"))
	body := ledger.Stored{Body: rapid.SliceOfN(rapid.Byte(), 0, 600).Draw(r, "body")}
	id := word("id", 4)
	switch rapid.IntRange(0, 5).Draw(r, "kind") {
	case 0:
		return &ledger.Authorization{Stored: body, Number: id, Household: word("household", 2), Division: division, Persons: some("persons"), At: at}
	case 1:
		return &ledger.Verdict{Stored: body, ID: id, Household: word("household", 2), Records: some("records"), At: at}
	case 2:
		return &ledger.Household{Stored: body, Number: word("household", 2), Scheme: word("scheme", 1), Division: division, Members: some("members"), At: at}
	case 3:
		return &ledger.Case{Stored: body, ID: id, Household: word("household", 2), Division: division, State: word("state", 1), Severity: rapid.IntRange(0, 2).Draw(r, "severity"), Assignee: word("assignee", 1), Opened: at}
	case 4:
		return &ledger.User{Stored: body, ID: id, Name: word("name", 3), Person: word("person", 2)}
	default:
		return &ledger.Task{Stored: body, ID: id, Queue: "q", State: word("state", 1), Division: division, At: at}
	}
}

// version is the one an entry has, or nearly.
func (c *comparison) version(r *rapid.T, kind ledger.Kind, id string) ledger.Version {
	row := c.model.rows[key{kind, id}]
	if v := row.Version; v > 0 && rapid.IntRange(0, 9).Draw(r, "an old version") == 0 {
		return v - 1
	}
	return row.Version
}

func (c *comparison) commit(r *rapid.T) {
	change := ledger.Change{}
	for range rapid.IntRange(0, 4).Draw(r, "puts") {
		e := c.entry(r)
		op := ledger.Put(e)
		op.Expect = c.version(r, op.Kind, op.ID)
		switch rapid.IntRange(0, 7).Draw(r, "how") {
		case 0:
			op = ledger.PutOver(e)
		case 1:
			op = ledger.Op{Kind: op.Kind, ID: op.ID, Expect: op.Expect, Erase: true}
		}
		change.Ops = append(change.Ops, op)
	}
	if rapid.IntRange(0, 3).Draw(r, "a condition") == 0 {
		e := c.entry(r)
		change.Requires = append(change.Requires, ledger.Require{Kind: e.Kind(), ID: e.Key(), Version: c.version(r, e.Kind(), e.Key())})
	}
	if rapid.IntRange(0, 3).Draw(r, "a fence") == 0 {
		from := int64(rapid.IntRange(0, 3).Draw(r, "from"))
		change.Fence = &ledger.Fence{Topic: "t", Epoch: int64(rapid.IntRange(0, 3).Draw(r, "epoch")), From: from, To: from + 1}
	}
	want := c.model.Commit(r.Context(), change)
	got := c.real.Commit(r.Context(), change)
	same(r, want, got)
	if got == nil {
		c.committed++
	}
}

func (c *comparison) get(r *rapid.T) {
	e := c.entry(r)
	want, e1 := c.model.Get(r.Context(), e.Kind(), e.Key())
	got, e2 := c.real.Get(r.Context(), e.Kind(), e.Key())
	same(r, e1, e2)
	if d := cmp.Diff(want, got); e1 == nil && d != "" {
		r.Fatal(d)
	}
}

func (c *comparison) find(r *rapid.T) {
	name := ledger.UserName(fmt.Sprint("n", rapid.IntRange(0, 3).Draw(r, "name")))
	want, e1 := c.model.Find(r.Context(), ledger.KindUser, name)
	got, e2 := c.real.Find(r.Context(), ledger.KindUser, name)
	same(r, e1, e2)
	if d := cmp.Diff(want, got); e1 == nil && d != "" {
		r.Fatal(d)
	}
}

func (c *comparison) list(r *rapid.T) {
	p := c.model.Pseudonym(ledger.Person, []byte(fmt.Sprint("p", rapid.IntRange(0, 3).Draw(r, "person"))))
	q := rapid.SampledFrom([]ledger.Query{
		ledger.AuthorizationsOf("h1"), ledger.AuthorizationsOfPerson(p), ledger.AuthorizationsIn("3401"),
		ledger.VerdictsOf("h1"), ledger.VerdictsOfRecord(p), ledger.HouseholdsOfPerson(p), ledger.HouseholdsIn("34"),
		ledger.HouseholdsNumbered("h1"), ledger.CasesIn("", "s0"), ledger.CasesIn("340104", "s1"),
		ledger.CasesWith("a1", "s0"), ledger.CasesOf("h0"), ledger.TasksIn("q", "s0", "34"), ledger.UsersOfPerson("p1"),
		ledger.Every(ledger.KindCase), ledger.Every(ledger.KindPosition), ledger.Every(ledger.KindVerdict),
	}).Draw(r, "query")
	q.Limit = rapid.IntRange(0, 3).Draw(r, "limit")
	q.Bare = rapid.Bool().Draw(r, "bare")
	// The cursors differ: each is the ledger's own.
	var wantNext, gotNext string
	for {
		a, b := q, q
		a.Cursor, b.Cursor = wantNext, gotNext
		want, e1 := c.model.List(r.Context(), a)
		got, e2 := c.real.List(r.Context(), b)
		same(r, e1, e2)
		if d := cmp.Diff(want.Rows, got.Rows); d != "" {
			r.Fatal(d)
		}
		if wantNext, gotNext = want.Next, got.Next; (wantNext == "") != (gotNext == "") {
			r.Fatal("one ends and the other does not")
		}
		if wantNext == "" {
			return
		}
	}
}

func (c *comparison) scan(r *rapid.T) {
	kind := ledger.Kind(rapid.IntRange(1, 9).Draw(r, "kind"))
	all := func(l ledger.Ledger) (list []ledger.Row) {
		err := l.Scan(r.Context(), kind, func(row *ledger.Row) error {
			list = append(list, clone(*row))
			return nil
		})
		if err != nil {
			r.Fatal(err)
		}
		return list
	}
	if d := cmp.Diff(all(c.model), all(c.real)); d != "" {
		r.Fatal(d)
	}
}

func same(r *rapid.T, want, got error) {
	for _, e := range []error{ledger.ErrNotFound, ledger.ErrErased, ledger.ErrConflict, ledger.ErrFenced, ledger.ErrInvalid} {
		if errors.Is(want, e) != errors.Is(got, e) {
			r.Fatalf("%v, want %v", got, want)
		}
	}
	if (want == nil) != (got == nil) {
		r.Fatalf("%v, want %v", got, want)
	}
}
