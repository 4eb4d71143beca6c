package watch_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hedui/hedui/engine/account"
	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/authorization"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/match"
	"github.com/hedui/hedui/engine/watch"
)

var (
	cst  = time.FixedZone("CST", 8*60*60)
	noon = time.Date(2026, 11, 3, 12, 0, 0, 0, cst)
)

const county = "340104"

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func idNumber(i int) string { return match.ResidentText(34010419700101000 + uint64(i)) }

type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = t
}

// paper is an authorisation of some people.
func paper(number, of string, at time.Time, people ...int) authorization.Authorization {
	a := authorization.Authorization{
		Number: number, Household: of, Division: county, Purposes: []string{"dibao"}, Classes: authorization.AllClasses(),
		From: 20260101, To: 20261231, ScanDigest: strings.Repeat("0a", 32), RegisteredBy: "intake01", RegisteredAt: at, Version: 1,
	}
	for _, i := range people {
		a.Members = append(a.Members, authorization.Member{
			Document: household.IDNumber(idNumber(i)), Name: "王秀英", Signature: authorization.Signature{Ref: "1", On: 20260101},
		})
	}
	return a
}

// enter writes an authorisation into a ledger, as the desk does.
func enter(t testing.TB, l ledger.Ledger, a authorization.Authorization) {
	t.Helper()
	e := &ledger.Authorization{Number: a.Number, Household: a.Household, Division: a.Division, From: a.From, To: a.To, Withdrawn: a.Withdrawn != nil, At: ledger.At(a.RegisteredAt)}
	for i := range a.Members {
		e.Persons = append(e.Persons, watch.Person(l, 0, a.Members[i].Document.Reveal()))
	}
	e.Body = authorization.Encode(&a)
	must(t, l.Commit(t.Context(), ledger.Change{Ops: []ledger.Op{ledger.PutOver(e)}}))
}

// hire makes an account.
func hire(t testing.TB, l ledger.Ledger, name, person, display string) {
	t.Helper()
	u := account.User{ID: "u-" + name, Name: name, Person: person, Display: display, Division: county, State: account.Active}
	text, err := account.EncodeUser(u)
	must(t, err)
	e := &ledger.User{ID: u.ID, Name: name, Person: person}
	e.Body = text
	must(t, l.Commit(t.Context(), ledger.Change{Ops: []ledger.Op{ledger.Put(e)}}))
}

func openLog(t testing.TB, dir string, o audit.Options) *audit.Log {
	t.Helper()
	o.Actor = "serve"
	l, err := audit.Open(dir, o)
	must(t, err)
	t.Cleanup(func() { must(t, l.Close()) })
	return l
}

func look(t testing.TB, l *audit.Log, actor string, households ...string) {
	t.Helper()
	k := audit.Look{Who: audit.Who{Actor: actor, Role: "verifier", Division: county}, Action: "check", On: 20261103}
	for _, h := range households {
		k.Subjects = append(k.Subjects, audit.Subject{Household: h})
	}
	token, err := l.Begin(k)
	must(t, err)
	must(t, l.End(token, make([]household.Outcome, len(households))))
}

func number(i int) string { return fmt.Sprintf("%s-%06d", county, i) }

// stored are the open alerts of a ledger, newest first, as "id signs".
func stored(t testing.TB, l ledger.Ledger, state string) (list []string) {
	t.Helper()
	must(t, ledger.All(t.Context(), l, watch.Alerts(state, "34"), func(e *ledger.Task) error {
		a, err := watch.AlertOf(e)
		list = append(list, fmt.Sprint(e.ID, " ", a.Household, " ", a.Signs))
		return err
	}))
	return list
}
