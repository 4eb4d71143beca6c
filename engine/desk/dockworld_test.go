package desk_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/hedui/hedui/engine"
	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/changes"
	"github.com/hedui/hedui/engine/desk"
	"github.com/hedui/hedui/engine/dock"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/profile"
	"github.com/hedui/hedui/engine/store"
	"github.com/hedui/hedui/rules"
)

// docked are two nodes in one process: a city that lacks the bank, and the node above it
// that holds everything. between does to an exchange what a test wants.
type docked struct {
	*world // the city

	above *world
	node  desk.Caller // the city, as the node above knows it
	key   *audit.PrivateKey
	by    *audit.PublicKey
	link  *link
}

// link is the way from the city to the node above.
type link struct {
	d     *docked
	known *engine.Upstream
	asked int // questions that came through

	down   bool
	before func(q *dock.Question) *dock.Question // what arrives
	after  func(q *dock.Question, s *dock.Sealed) *dock.Sealed
	past   *dock.Sealed // the last answer
}

func (l *link) Known() *engine.Upstream { return l.known }

func (l *link) Refresh(ctx context.Context) error {
	if l.down {
		return &dock.Failure{Code: dock.Unreachable}
	}
	s, err := l.d.above.desk.DockCatalogue(ctx, l.d.node, "nonce")
	if err != nil {
		return &dock.Failure{Code: dock.Refused, Err: err}
	}
	c, err := dock.OpenCatalogue(s, l.d.by, "nonce", l.d.clock.Now())
	if err != nil {
		return err
	}
	next, err := c.Upstream("省平台", l.known.Sources)
	if err == nil && !l.known.Same(next) {
		l.known = next
	}
	return err
}

func (l *link) Ask(ctx context.Context, q *dock.Question, _ bool) ([][]byte, error) {
	if l.down {
		return nil, &dock.Failure{Code: dock.Unreachable}
	}
	l.asked++
	q.Nonce, q.Node = fmt.Sprintf("%032d", l.asked), "省平台"
	arrives := q
	if l.before != nil {
		arrives = l.before(q)
	}
	s, err := l.d.above.desk.DockEvidence(ctx, l.d.node, arrives)
	if r, ok := desk.Refused(err); ok {
		if r.Code == desk.Changed {
			return nil, &dock.Failure{Code: dock.Outdated}
		}
		return nil, &dock.Failure{Code: dock.Refused, Detail: string(r.Code)}
	}
	if err != nil {
		return nil, err
	}
	if l.after != nil {
		s = l.after(q, s)
	}
	l.past = s
	return dock.OpenAnswer(s, l.d.by, q, l.d.clock.Now())
}

// newDocked makes both nodes; of the people the one above knows a balance.
func newDocked(t testing.TB, people int) *docked {
	t.Helper()
	private, public, err := audit.NewKey()
	must(t, err)
	d := &docked{world: newWorld(t, 1), above: newWorld(t, people)}
	d.key, err = audit.ParsePrivateKey(private)
	must(t, err)
	d.by, err = audit.ParsePublicKey(public)
	must(t, err)
	d.above.clock = d.clock
	pack, err := rules.Load("reference")
	must(t, err)
	packs := map[string]*rules.Pack{"dibao": pack}
	d.above.desk, err = desk.New(desk.Options{Store: d.above.store, Ledger: d.above.ledger, Audit: d.above.audit, Packs: packs, Now: d.clock.Now, Answers: d.key})
	must(t, err)
	t.Cleanup(func() { must(t, d.above.desk.Close()) })
	d.node = desk.Caller{Subject: access.Subject{
		Account: "city-3401", Roles: access.RolesOf(access.Centre), Division: "3401", Purposes: []string{"dibao"}, Classes: access.AllClasses(), Certificate: true,
	}, Address: "10.1.0.1:5000"}
	d.link = &link{d: d, known: &engine.Upstream{Node: "省平台"}}
	d.link.known.Sources[household.Bank] = true
	d.publishCity("city")
	d.desk, err = desk.New(desk.Options{Store: d.store, Ledger: d.ledger, Audit: d.audit, Packs: packs, Now: d.clock.Now, Upper: d.link})
	must(t, err)
	t.Cleanup(func() { must(t, d.desk.Close()) })
	must(t, d.desk.RefreshUpper(t.Context()))
	return d
}

// publishCity publishes what the city holds: nothing of anybody, of every source but the
// bank.
func (d *docked) publishCity(id string) {
	t := d.t
	t.Helper()
	b, err := d.store.Begin(store.BuildOptions{})
	must(t, err)
	sec, err := b.Section(store.SectionPeople, profile.Version)
	must(t, err)
	var bld profile.Builder
	var digests changes.Builder
	bld.Reset()
	r := household.Record{Vehicle: household.VehicleRecord{VIN: []byte(id), Plate: []byte("皖A00001"), Class: 1, Status: 2}}
	bld.Add(household.Vehicle, profile.Origin{Snapshot: 1, File: 1, Row: 1}, profile.AppendOwner(nil, profile.Owner{Name: name}), profile.AppendContent(nil, household.Vehicle, &r))
	key, entry := household.PersonKey{Num: resident(500)}, bld.Append(nil)
	must(t, sec.Add(key, entry))
	must(t, digests.Add(key, bld.Fingerprint(entry)))
	must(t, sec.Close())
	must(t, digests.WriteTo(b))
	covers, _ := household.ParseMonths("2025-01..2026-10")
	var refs []store.SnapshotRef
	for i, src := range []household.Source{household.Tax, household.Vehicle, household.Property, household.Insurance} {
		ref := store.SnapshotRef{Ordinal: i, ID: fmt.Sprint(id, i), Source: src, Provider: src.String(), AsOf: 20261031}
		if src.IsFlow() {
			ref.Covers, ref.Supplies = covers, []household.Months{covers}
		}
		refs = append(refs, ref)
	}
	m, err := b.Seal(store.Contents{ProfileVersion: profile.Version, Snapshots: refs})
	must(t, err)
	must(t, d.store.Activate(m.ID))
}

// waits are the tasks that wait for the node above, by household.
func (d *docked) waits(state string) map[string]*ledger.Task {
	d.t.Helper()
	out := map[string]*ledger.Task{}
	must(d.t, ledger.All(d.t.Context(), d.ledger, ledger.TasksIn(desk.QueueUpstream, state, ""), func(t *ledger.Task) error {
		if strings.Contains(string(t.Body), name) || strings.Contains(string(t.Body), "3401041970") {
			d.t.Error("a task holds something personal")
		}
		out[t.Household] = t
		return nil
	}))
	return out
}

func parsed(t testing.TB, text []byte) *household.Verdict {
	t.Helper()
	v, err := household.ParseVerdict(text)
	must(t, err)
	return v
}

func bankOf(t testing.TB, a *desk.Answer) *household.SourceCoverage {
	t.Helper()
	return &parsed(t, a.JSON).Coverage[household.Bank]
}
