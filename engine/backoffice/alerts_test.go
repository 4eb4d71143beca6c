package backoffice_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/account"
	"github.com/hedui/hedui/engine/api/wire"
	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/audit/snoop"
	"github.com/hedui/hedui/engine/backoffice"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/ledger/ledgertest"
	"github.com/hedui/hedui/engine/snapshot"
	"github.com/hedui/hedui/engine/staff"
	"github.com/hedui/hedui/engine/watch"
)

// journal is an audit log in memory.
type journal struct{ events []audit.Event }

func (*journal) Begin(audit.Look) (audit.Token, error)      { return audit.Token{}, nil }
func (*journal) End(audit.Token, []household.Outcome) error { return nil }
func (j *journal) Note(e audit.Event) error                 { j.events = append(j.events, e); return nil }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// office has an alert in each of three divisions, the newest in the second.
func office(t *testing.T) (*backoffice.Office, *journal) {
	t.Helper()
	l, j := &ledgertest.Memory{}, &journal{}
	now := func() time.Time { return time.Date(2026, 11, 3, 4, 0, 0, 0, time.UTC) }
	for i, division := range []string{"340104", "340111", "350100"} {
		seq := []int64{10, 12, 11}[i]
		a := watch.Alert{Alert: snoop.Alert{Seq: seq, Time: "2026-11-02T15:10:00Z", Actor: fmt.Sprint("verifier", i), Division: division, Operation: "check", Household: "h", Signs: []snoop.Sign{snoop.NoCase, snoop.Surname}}}
		e := &ledger.Task{ID: fmt.Sprint("a-", seq), Queue: watch.Queue, State: watch.Open, Division: division, Severity: int(seq), At: ledger.At(now())}
		var err error
		e.Body, err = json.Marshal(a)
		must(t, err)
		must(t, l.Commit(t.Context(), ledger.Change{Ops: []ledger.Op{ledger.Put(e)}}))
	}
	other := &ledger.Task{ID: "t-1", Queue: "changes", State: "open", Division: "340104", At: 1}
	must(t, l.Commit(t.Context(), ledger.Change{Ops: []ledger.Op{ledger.Put(other)}}))
	for name, person := range map[string]string{"auditor01": "P1", "verifier1": "P1"} {
		u := account.User{ID: "u-" + name, Name: name, Person: person, State: account.Active}
		text, err := account.EncodeUser(u)
		must(t, err)
		e := &ledger.User{ID: u.ID, Name: name, Person: person}
		e.Body = text
		must(t, l.Commit(t.Context(), ledger.Change{Ops: []ledger.Op{ledger.Put(e)}}))
	}
	accounts, err := account.New(account.Options{Store: staff.NewStore(l), Rules: staff.Rules{}, Policy: account.DefaultPolicy()})
	must(t, err)
	snapshots, err := snapshot.OpenDir(t.TempDir())
	must(t, err)
	k, err := backoffice.New(backoffice.Options{Accounts: accounts, Ledger: l, Audit: j, Snapshots: snapshots, Now: now, Location: time.FixedZone("CST", 8*60*60)})
	must(t, err)
	return k, j
}

func auditor(division string, roles ...access.Role) wire.Caller {
	if len(roles) == 0 {
		roles = []access.Role{access.Auditor}
	}
	return wire.Caller{Subject: access.Subject{Account: "auditor01", Person: "P1", Roles: access.RolesOf(roles...), Division: division}}
}

func refusedAs(t *testing.T, err error, want wire.Code) {
	t.Helper()
	var r *wire.Refusal
	if !errors.As(err, &r) || r.Code != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestAlertsOfADivisionNewestFirst(t *testing.T) {
	t.Parallel()
	k, _ := office(t)
	q := wire.AlertQuery{Page: wire.Page{Limit: 1}}
	first, err := k.AuditAlerts(t.Context(), auditor("340000"), q)
	must(t, err)
	q.After = first.Next
	second, err := k.AuditAlerts(t.Context(), auditor("340000"), q)
	must(t, err)
	if len(first.Items) != 1 || len(second.Items) != 1 || first.Items[0].ID != "a-12" || second.Items[0].ID != "a-10" {
		t.Fatalf("%+v, %+v", first, second)
	}
	if a := first.Items[0]; a.Rule != "no_case" || len(a.Signs) != 2 || a.State != "open" || a.Entries[0] != 12 || a.Account != "verifier1" {
		t.Errorf("%+v", a)
	}
	all, err := k.AuditAlerts(t.Context(), auditor("340104"), wire.AlertQuery{Page: wire.Page{Limit: 10}})
	if err != nil || len(all.Items) != 1 || all.Items[0].ID != "a-10" {
		t.Errorf("%+v, %v", all, err)
	}
	_, err = k.AuditAlerts(t.Context(), auditor("34", access.SystemAdmin), q)
	refusedAs(t, err, wire.Forbidden)
}

func TestAlertsAreClosedOnceAndByAnother(t *testing.T) {
	t.Parallel()
	k, j := office(t)
	shut := func(division, id string) (wire.Alert, error) {
		return k.CloseAlert(t.Context(), auditor(division), wire.AlertClosing{Alert: id, Reason: "已核实"})
	}
	for _, id := range []string{"a-11", "a-99", "t-1", "a\x00"} { // of another province, of nobody, of another queue
		_, err := shut("34", id)
		refusedAs(t, err, wire.NotFound)
	}
	_, err := shut("34", "a-12") // about the auditor's own second account
	refusedAs(t, err, wire.SecondPersonNeeded)
	a, err := shut("34", "a-10")
	if err != nil || a.State != "closed" || a.ClosedBy != "auditor01" || a.Reason != "已核实" || a.ClosedAt != "2026-11-03T12:00:00+08:00" {
		t.Errorf("%+v, %v", a, err)
	}
	if e := j.events[len(j.events)-1]; e.Operation != "audit.alert_close" || e.Object != "a-10" || e.Outcome != audit.Done || e.Reason != "" {
		t.Errorf("%+v", e)
	}
	_, err = shut("34", "a-10")
	refusedAs(t, err, wire.StateRefuses)
	for state, want := range map[string]int{"open": 1, "": 1, "closed": 1} {
		got, err := k.AuditAlerts(t.Context(), auditor("34"), wire.AlertQuery{State: state, Page: wire.Page{Limit: 10}})
		if err != nil || len(got.Items) != want {
			t.Errorf("%s: %+v, %v", state, got, err)
		}
	}
}
