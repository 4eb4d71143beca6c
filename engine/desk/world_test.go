package desk_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/authorization"
	"github.com/hedui/hedui/engine/block"
	"github.com/hedui/hedui/engine/desk"
	"github.com/hedui/hedui/engine/desk/desktest"
	"github.com/hedui/hedui/engine/export"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/ledger/ledgertest"
	"github.com/hedui/hedui/engine/match"
	"github.com/hedui/hedui/engine/store"
	"github.com/hedui/hedui/rules"
)

// county is where the households of the tests live.
const county = desktest.County

var noon = desktest.Noon // at the centre

// world is a small centre: a generation in memory in which everybody has one balance,
// a ledger, an audit log, and a desk over them.
type world struct {
	t      testing.TB
	store  *reads
	ledger *books
	audit  *journal
	clock  *clock
	desk   *desk.Desk
	name   string // of the batch
	shelf  shelf
}

// shelf keeps marks in memory, and fails when told to.
type shelf struct {
	kept []*export.Marks
	fail error
}

func (*shelf) Key() export.Key {
	k, err := export.NewKey([]byte(strings.Repeat("k", 32)))
	if err != nil {
		panic(err)
	}
	return k
}

func (s *shelf) Keep(m *export.Marks) error {
	if s.fail == nil {
		s.kept = append(s.kept, m)
	}
	return s.fail
}

func resident(i int) uint64 { return desktest.Resident(i) }

func idNumber(i int) string { return match.ResidentText(resident(i)) }

// name is everybody's name.
const name = desktest.Name

func balance(i int) household.Fen { return desktest.Balance(i) }

func newWorld(t testing.TB, people int) *world {
	t.Helper()
	return newWorldIn(t, store.NewMemory(), people)
}

func newWorldIn(t testing.TB, s store.Store, people int) *world {
	t.Helper()
	w := &world{
		t: t, store: &reads{Store: s}, ledger: &books{Ledger: &ledgertest.Memory{}}, audit: &journal{}, clock: &clock{now: noon},
	}
	w.publish(people, balance)
	pack, err := rules.Load("reference")
	must(t, err)
	w.desk, err = desk.New(desk.Options{
		Store: w.store, Ledger: w.ledger, Audit: w.audit, Packs: map[string]*rules.Pack{"dibao": pack}, Now: w.clock.Now, Exports: &w.shelf,
	})
	must(t, err)
	t.Cleanup(func() { must(t, w.desk.Close()) })
	return w
}

// publish makes and activates a generation.
func (w *world) publish(people int, balance func(int) household.Fen) {
	w.t.Helper()
	desktest.Publish(w.t, w.store, people, balance)
}

// reads is a store that counts what is read of people.
type reads struct {
	store.Store
	mu    sync.Mutex
	views int
}

func (r *reads) Open(id string) (store.Generation, error) {
	g, err := r.Store.Open(id)
	if err != nil {
		return nil, err
	}
	return &watched{g, r}, nil
}

func (r *reads) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.views
}

type watched struct {
	store.Generation
	by *reads
}

func (w *watched) View(s string, k household.PersonKey, fn func(block.Block) error) error {
	w.by.mu.Lock()
	w.by.views++
	w.by.mu.Unlock()
	return w.Generation.View(s, k, fn)
}

// books is a ledger that fails when told to, or does something first.
type books struct {
	ledger.Ledger
	fail   error
	unread error // of every read
	before func(ledger.Change)

	gets, lists atomic.Int64 // reads
}

func (b *books) Get(ctx context.Context, k ledger.Kind, id string) (ledger.Row, error) {
	b.gets.Add(1)
	if b.unread != nil {
		return ledger.Row{}, b.unread
	}
	return b.Ledger.Get(ctx, k, id)
}

func (b *books) List(ctx context.Context, q ledger.Query) (ledger.Page, error) {
	b.lists.Add(1)
	if b.unread != nil {
		return ledger.Page{}, b.unread
	}
	return b.Ledger.List(ctx, q)
}

func (b *books) Commit(ctx context.Context, c ledger.Change) error {
	if b.before != nil {
		b.before(c)
	}
	if b.fail != nil {
		return b.fail
	}
	return b.Ledger.Commit(ctx, c)
}

// journal is an audit log in memory that fails when told to.
type journal struct {
	mu     sync.Mutex
	looks  []audit.Look
	ends   [][]household.Outcome
	events []audit.Event
	fail   error
}

func (j *journal) Begin(l audit.Look) (audit.Token, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.fail == nil {
		l.Subjects = slices.Clone(l.Subjects)
		j.looks = append(j.looks, l)
	}
	return audit.Token{}, j.fail
}

func (j *journal) End(_ audit.Token, o []household.Outcome) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.ends = append(j.ends, o)
	return j.fail
}

func (j *journal) Note(e audit.Event) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.fail == nil {
		j.events = append(j.events, e)
	}
	return j.fail
}

func (j *journal) last() audit.Event {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.events) == 0 {
		return audit.Event{}
	}
	return j.events[len(j.events)-1]
}

type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// official is somebody with roles in a division.
func official(account, division string, roles ...access.Role) desk.Caller {
	return desk.Caller{Subject: access.Subject{
		Account: account, Person: "p-" + account, Roles: access.RolesOf(roles...), Division: division,
		Purposes: []string{"dibao"}, Classes: access.AllClasses(),
	}, Address: "10.0.0.1:5000"}
}

var (
	intake   = official("intake01", county, access.Intake)
	verifier = official("verifier01", county, access.Verifier)
	stranger = official("verifier09", "340203", access.Verifier)
)

// paper is the authorisation of the household of the people given.
func paper(h int, people ...int) authorization.Authorization {
	a := authorization.Authorization{
		Number: fmt.Sprintf("SQ%s-%06d", county, h), Household: householdNumber(h), Division: county,
		Purposes: []string{"dibao"}, Classes: authorization.AllClasses(), From: 20260101, To: 20261231, ScanDigest: strings.Repeat("0a", 32),
	}
	for _, i := range people {
		a.Members = append(a.Members, authorization.Member{
			Document: household.IDNumber(idNumber(i)), Name: name, Signature: authorization.Signature{Ref: "1", On: 20260101},
		})
	}
	return a
}

func householdNumber(h int) string { return fmt.Sprintf("%s-%06d", county, h) }

func (w *world) register(h int, people ...int) *authorization.Authorization {
	w.t.Helper()
	a, err := w.desk.RegisterAuthorization(w.t.Context(), intake, paper(h, people...))
	must(w.t, err)
	return a
}

// request asks about a household, whose members declare nothing.
func request(h int, people ...int) []byte {
	var members []string
	for _, i := range people {
		members = append(members, fmt.Sprintf(`{"name":%q,"id_number":%q,"relation":"head"}`, name, idNumber(i)))
	}
	return fmt.Appendf(nil, `{"household_id":%q,"region":%q,"scheme":"dibao","residence":"urban","authorization":{"number":"SQ%s-%06d"},"members":[%s],"declared_assets":{"financial_fen":0}}`,
		householdNumber(h), county, county, h, strings.Join(members, ","))
}

func (w *world) check(c desk.Caller, line []byte) *desk.Answer {
	w.t.Helper()
	a, err := w.desk.Check(w.t.Context(), c, line, desk.CheckOptions{})
	must(w.t, err)
	return a
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// refusedAs fails unless an error is the refusal of a code.
func refusedAs(t testing.TB, err error, want desk.Code) {
	t.Helper()
	r, ok := desk.Refused(err)
	if !ok || r.Code != want {
		t.Fatalf("got %v, want %s", err, want)
	}
}

var errBoom = errors.New("no space")
