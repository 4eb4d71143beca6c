// Package desktest is a small centre for the tests of what stands on a desk: a generation in
// memory in which everybody has one balance, a ledger in memory, an audit log in memory.
//
// Main types: Centre is the centre, Journal its audit log.
//
// Invariants: the same calls give the same centre; the clock stands still unless it is moved.
//
// What it does not do: files, processes, networks.
package desktest

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/authorization"
	"github.com/hedui/hedui/engine/changes"
	"github.com/hedui/hedui/engine/desk"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/ledger/ledgertest"
	"github.com/hedui/hedui/engine/match"
	"github.com/hedui/hedui/engine/profile"
	"github.com/hedui/hedui/engine/store"
	"github.com/hedui/hedui/rules"
)

// County is where the households live.
const County = "340104"

// Name is everybody's name.
const Name = "王秀英"

// Noon is when the clock of a centre begins.
var Noon = time.Date(2026, 11, 1, 4, 0, 0, 0, time.UTC) //nolint:gochecknoglobals // a constant

// Centre is a centre in memory.
type Centre struct {
	T      testing.TB
	Store  *store.Memory
	Ledger ledger.Ledger
	Audit  *Journal
	Desk   *desk.Desk

	mu  sync.Mutex
	now time.Time
}

// New returns a centre that holds something of so many people.
func New(t testing.TB, people int) *Centre {
	t.Helper()
	c := &Centre{T: t, Store: store.NewMemory(), Ledger: &ledgertest.Memory{}, Audit: &Journal{}, now: Noon}
	c.Publish(people)
	c.Desk = c.NewDesk(c.Ledger)
	return c
}

// NewDesk returns another desk of the centre, on its ledger or on what stands before it.
func (c *Centre) NewDesk(l ledger.Ledger) *desk.Desk {
	c.T.Helper()
	pack, err := rules.Load("reference")
	c.must(err)
	d, err := desk.New(desk.Options{Store: c.Store, Ledger: l, Audit: c.Audit, Packs: map[string]*rules.Pack{"dibao": pack}, Now: c.Now})
	c.must(err)
	c.T.Cleanup(func() { c.must(d.Close()) })
	return d
}

func (c *Centre) must(err error) {
	c.T.Helper()
	if err != nil {
		c.T.Fatal(err)
	}
}

// Now is the time of the centre's clock.
func (c *Centre) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Pass moves the clock.
func (c *Centre) Pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Resident is the number of the i-th person without its check digit, who was born in 1970.
func Resident(i int) uint64 { return 34010419700101000 + uint64(i) }

// Balance is what the bank holds of the i-th person: for every third far above any limit.
func Balance(i int) household.Fen {
	if i%3 == 0 {
		return 100_000_00_00
	}
	return household.Fen(100 * i)
}

// Publish makes and activates a generation.
func (c *Centre) Publish(people int) {
	c.T.Helper()
	Publish(c.T, c.Store, people, Balance)
}

// Publish makes and activates a generation in a store, in which everybody has one balance
// and every other source has nothing.
func Publish(t testing.TB, s store.Store, people int, balance func(int) household.Fen) {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	b, err := s.Begin(store.BuildOptions{})
	must(err)
	sec, err := b.Section(store.SectionPeople, profile.Version)
	must(err)
	var bld profile.Builder
	var digests changes.Builder
	bld.Deliver([]uint64{1})
	for i := range people {
		bld.Reset()
		r := household.Record{Bank: household.BankRecord{
			Institution: []byte("工商银行"), AccountNo: fmt.Appendf(nil, "6222%012d", i), Kind: 1, Balance: balance(i), BalanceOn: 20261031,
		}}
		bld.Add(household.Bank, profile.Origin{Snapshot: 0, File: 1, Row: int64(i + 1)}, profile.AppendOwner(nil, profile.Owner{Name: Name}), profile.AppendContent(nil, household.Bank, &r))
		key, entry := household.PersonKey{Num: Resident(i)}, bld.Append(nil)
		must(sec.Add(key, entry))
		must(digests.Add(key, bld.Fingerprint(entry)))
	}
	must(sec.Close())
	must(digests.WriteTo(b))
	covers, _ := household.ParseMonths("2025-01..2026-10")
	refs := []store.SnapshotRef{{Ordinal: 0, ID: "bb", Source: household.Bank, Provider: "bank", AsOf: 20261031}}
	for i, src := range []household.Source{household.Tax, household.Vehicle, household.Property, household.Insurance} {
		ref := store.SnapshotRef{Ordinal: i + 1, ID: fmt.Sprint("s", i), Source: src, Provider: src.String(), AsOf: 20261031}
		if src.IsFlow() {
			ref.Covers, ref.Supplies = covers, []household.Months{covers}
		}
		refs = append(refs, ref)
	}
	m, err := b.Seal(store.Contents{ProfileVersion: profile.Version, Snapshots: refs})
	must(err)
	must(s.Activate(m.ID))
}

// Official is somebody with roles in a division.
func Official(account, division string, roles ...access.Role) desk.Caller {
	c := desk.Caller{Subject: access.Subject{
		Account: account, Person: "p-" + account, Roles: access.RolesOf(roles...), Division: division,
		Purposes: []string{"dibao"}, Classes: access.AllClasses(),
	}, Address: "10.0.0.1:5000"}
	if c.Roles.Has(access.Centre) {
		c.Person = ""
	}
	return c
}

// Number is the number of a household.
func Number(h int) string { return fmt.Sprintf("%s-%06d", County, h) }

// Register registers the authorisation of the household of the h-th person.
func (c *Centre) Register(h int) {
	c.T.Helper()
	_, err := c.Desk.RegisterAuthorization(c.T.Context(), Official("intake01", County, access.Intake), authorization.Authorization{
		Number: "SQ" + Number(h), Household: Number(h), Division: County,
		Purposes: []string{"dibao"}, Classes: authorization.AllClasses(), From: 20260101, To: 20261231, ScanDigest: strings.Repeat("0a", 32),
		Members: []authorization.Member{{
			Document: household.IDNumber(match.ResidentText(Resident(h))), Name: Name, Signature: authorization.Signature{Ref: "1", On: 20260101},
		}},
	})
	c.must(err)
}

// Request asks about the household of the h-th person, who declares nothing.
func Request(h int) []byte {
	return fmt.Appendf(nil, `{"household_id":%q,"region":%q,"scheme":"dibao","residence":"urban","authorization":{"number":"SQ%s"},`+
		`"members":[{"name":%q,"id_number":%q,"relation":"head"}],"declared_assets":{"financial_fen":0}}`,
		Number(h), County, Number(h), Name, match.ResidentText(Resident(h)))
}

// Journal is an audit log in memory that fails when told to.
type Journal struct {
	mu     sync.Mutex
	looks  []audit.Look
	events []audit.Event
	fail   error
}

// Fail has everything fail from now on, or nothing.
func (j *Journal) Fail(err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.fail = err
}

// Begin implements desk.Audit.
func (j *Journal) Begin(l audit.Look) (audit.Token, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.fail == nil {
		l.Subjects = append([]audit.Subject(nil), l.Subjects...)
		j.looks = append(j.looks, l)
	}
	return audit.Token{}, j.fail
}

// End implements desk.Audit.
func (j *Journal) End(audit.Token, []household.Outcome) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.fail
}

// Note implements desk.Audit.
func (j *Journal) Note(e audit.Event) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.fail == nil {
		j.events = append(j.events, e)
	}
	return j.fail
}

// Looks are the looks so far, in their order.
func (j *Journal) Looks() []audit.Look {
	j.mu.Lock()
	defer j.mu.Unlock()
	return append([]audit.Look(nil), j.looks...)
}

// Events are the events so far, in their order.
func (j *Journal) Events() []audit.Event {
	j.mu.Lock()
	defer j.mu.Unlock()
	return append([]audit.Event(nil), j.events...)
}
