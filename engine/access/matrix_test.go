package access_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/household"
)

// The oracle: what each role does, written from what the roles are for and read the
// other way round from the table.
var does = map[access.Role]string{
	access.Intake: `authorization.register authorization.read authorization.search authorization.amend authorization.withdraw
		check household.read verdict.read case.notify objection.file objection.list objection.read audit.subject`,
	access.Verifier: `authorization.register authorization.read authorization.search authorization.amend authorization.withdraw
		check household.read verdict.read evidence.open unmask report.issue report.list report.read case.list case.read case.propose case.take_up case.notify
		objection.file objection.list objection.read correction.list recheck.run recheck.changes batch.submit batch.list batch.read
		snapshot.list unmask.all+ export.bulk+ batch.cancel@ batch.export@`,
	access.Reviewer: `authorization.read authorization.search household.read verdict.read evidence.open unmask report.issue report.list report.read
		case.list case.read case.assign case.propose case.take_up case.confirm case.clear case.return objection.list objection.read objection.decide
		correction.list recheck.changes batch.list batch.read statistics snapshot.list unmask.all+ export.bulk+`,
	access.Approver: `authorization.read authorization.search household.read verdict.read evidence.open unmask report.issue report.list report.read
		case.list case.read case.assign case.confirm case.clear case.return objection.list objection.read objection.decide
		correction.list recheck.run recheck.changes batch.list batch.read batch.cancel statistics snapshot.list
		unmask.all export.bulk export.public_notice rules.simulate rules.change retention.change`,
	access.Leader: `statistics reviewer.meter reviewer.seed snapshot.list`,
	access.DataSteward: `correction.list correction.send snapshot.list snapshot.verify snapshot.drop ingest publish conflicts
		rules.change+ retention.change+`,
	access.SystemAdmin: `snapshot.list snapshot.verify key.list audit.head audit.verify backup restore retention.run doctor config.read metrics
		session.list@ session.end@`,
	access.SecurityAdmin: `user.list user.read user.create user.change user.disable user.reset session.list session.end
		token.list token.issue token.revoke key.list key.rotate key.erase config.read`,
	access.Auditor: `audit.search audit.subject audit.head audit.verify audit.alerts audit.alert_close session.list@ session.end@`,
	access.Centre: `authorization.register authorization.read authorization.search check batch.submit batch.list@ batch.read@ batch.cancel@
		batch.export@ rules.read token.list@ token.revoke@ dock.catalogue dock.evidence`,
	access.Metrics: `metrics`,
}

const (
	worker   = " rules.read session.list@ session.end@ token.list@ token.revoke@"
	people   = " password.change factor.enrol"
	everyone = " sign_out me operations"
	public   = " sign_in console.open health ready "
	// Of the whole installation, so in no division.
	nowhere = public + everyone + people + ` snapshot.list snapshot.verify snapshot.drop ingest publish conflicts rules.read
		rules.change retention.change key.list key.rotate key.erase audit.head audit.verify backup restore retention.run doctor config.read metrics dock.catalogue `
	// Of a division, but of no scheme.
	anyScheme = ` correction.list correction.send statistics reviewer.meter reviewer.seed user.list user.read user.create user.change
		user.disable user.reset session.list session.end token.list token.issue token.revoke audit.search audit.subject audit.alerts audit.alert_close `
	readsData = ` check verdict.read evidence.open unmask unmask.all report.issue report.read recheck.run batch.submit batch.export export.bulk rules.simulate dock.evidence `
	twoEyes   = ` unmask.all export.bulk rules.change retention.change `
	shows     = ` authorization.read authorization.search authorization.amend check household.read verdict.read evidence.open unmask report.issue report.list report.read
		case.list case.read case.propose case.take_up case.confirm case.clear case.return case.notify objection.file objection.list objection.read
		objection.decide recheck.changes batch.export export.bulk `
	reasons = ` authorization.amend authorization.withdraw unmask unmask.all case.propose case.confirm case.clear case.return
		objection.decide export.bulk export.public_notice reviewer.seed snapshot.drop conflicts rules.change retention.change
		user.create user.change user.disable user.reset token.issue key.rotate key.erase audit.alert_close restore retention.run `
)

func in(list, word string) bool { return word != "" && slices.Contains(strings.Fields(list), word) }

func is(r access.Role, list ...access.Role) bool { return slices.Contains(list, r) }

// want is the oracle's answer.
func want(c access.Case) access.Decision {
	name, s, o := c.Operation.String(), c.Subject, c.Object
	var deny access.Decision
	d := access.Decision{Allow: true, NeedReason: in(reasons, name)}
	if in(public, name) {
		return d
	}
	roles := s.Roles.List()
	if strings.HasPrefix(name, "dock.") && !s.Certificate {
		return deny
	}
	admin := slices.ContainsFunc(roles, func(r access.Role) bool { return is(r, access.SystemAdmin, access.SecurityAdmin, access.Auditor) })
	machine := slices.ContainsFunc(roles, func(r access.Role) bool { return is(r, access.Centre, access.Metrics) })
	if s.Account == "" || len(roles) == 0 || (admin || machine) && len(roles) > 1 || s.Person == "" && !machine {
		return deny
	}
	if s.Scopes != nil && !slices.Contains(s.Scopes, c.Operation) {
		return deny
	}
	fully, only, own := false, false, false // of everything; only to begin; of one's own
	for _, r := range roles {
		list := does[r] + everyone
		if !machine {
			list += people
		}
		if !machine && !admin {
			list += worker
		}
		fully = fully || in(list, name)
		only = only || in(list, name+"+")
		own = own || in(list, name+"@")
	}
	switch {
	case !fully && !only && !own:
		return deny
	case !fully && !only && o.Owner != s.Account:
		deny.Hide = true
		return deny
	case !in(nowhere, name) && (s.Division == "" || !strings.HasPrefix(o.Division, s.Division) || strings.ContainsAny(o.Division, "O")):
		deny.Hide = true
		return deny
	case !in(nowhere, name) && !in(anyScheme, name) && (o.Purpose == "" || !slices.Contains(s.Purposes, o.Purpose)):
		deny.Hide = true
		return deny
	}
	if in(readsData, name) {
		asked := false
		for i := range o.Classes {
			if o.Classes[i] && !s.Classes[i] {
				return deny
			}
			asked = asked || o.Classes[i]
		}
		if d.Classes = o.Classes; !asked {
			d.Classes = s.Classes
		}
		if d.Classes == (access.Classes{}) {
			return deny
		}
	}
	if in(twoEyes, name) || (name == "case.confirm" || name == "case.clear") && (o.Adverse || o.Overridden) {
		self, other := false, false
		for _, p := range o.Persons {
			self = self || p == s.Person
			other = other || p != s.Person && p != ""
		}
		switch {
		case other && !fully: // may only begin
			return deny
		case self && !other:
			deny.NeedSecondPerson = true
			return deny
		}
		d.NeedSecondPerson = !other
	}
	if in(shows, name) {
		for f := range d.Masks {
			d.Masks[f] = access.Partly
		}
		decides := slices.ContainsFunc(roles, func(r access.Role) bool { return is(r, access.Verifier, access.Reviewer, access.Approver) })
		if decides && s.Person == o.Assignee {
			d.Masks[access.FieldAmount] = access.Full
		}
	}
	switch name {
	case "unmask":
		d.Masks[o.Field] = access.Full
	case "unmask.all":
		for f := range d.Masks {
			d.Masks[f] = access.Full
		}
	case "report.issue", "report.read":
		d.Masks[access.FieldName], d.Masks[access.FieldAmount] = access.Full, access.Full
	case "export.public_notice":
		d.Masks[access.FieldName] = access.Full
	}
	return d
}

type decide func(access.Subject, access.Operation, access.Object) access.Decision

// question is a case and the oracle's answer.
type question struct {
	access.Case
	want access.Decision
}

// matrix is every case by its operation, answered by the oracle once.
var matrix = sync.OnceValue(func() map[access.Operation][]question {
	m := map[access.Operation][]question{}
	for c := range access.Cases() {
		m[c.Operation] = append(m[c.Operation], question{c, want(c)})
	}
	return m
})

// ask returns how the answer differs from the oracle's, or "".
func (q *question) ask(f decide) string {
	got := f(q.Subject, q.Operation, q.Object)
	reason := got.Reason
	got.Reason, got.Limit = "", access.Limit{}
	if got == q.want && (reason == "") == got.Allow {
		return ""
	}
	return fmt.Sprintf("%s %v, object %s, %s, %s, persons %v: got %+v (%s), want %+v",
		q.Subject.Roles, q.Operation, q.Where, q.Whose, q.Purpose, q.Object.Persons, got, reason, q.want)
}

// notices reports whether the oracle objects to an answer about the operation.
func notices(op access.Operation, f decide) bool {
	list := matrix()[op]
	return slices.ContainsFunc(list, func(q question) bool { return q.ask(f) != "" })
}

func TestAccessMatrix(t *testing.T) {
	cases, allowed, wrong := 0, 0, 0
	for _, list := range matrix() {
		for i := range list {
			cases++
			if list[i].want.Allow {
				allowed++
			}
			if diff := list[i].ask(access.Decide); diff != "" {
				if wrong++; wrong <= 20 {
					t.Error(diff)
				}
			}
		}
	}
	t.Logf("%d cases, %d allowed, %d wrong", cases, allowed, wrong)
	if cases < 5000 || allowed < 1000 {
		t.Errorf("the matrix is too small to prove anything: %d cases, %d allowed", cases, allowed)
	}
}

// TestMatrixFindsPlantedFaults proves that the matrix can fail.
func TestMatrixFindsPlantedFaults(t *testing.T) {
	plants := map[string]decide{
		"the division is not compared": func(s access.Subject, op access.Operation, o access.Object) access.Decision {
			o.Division = s.Division
			return access.Decide(s, op, o)
		},
		"divisions are compared by city": func(s access.Subject, op access.Operation, o access.Object) access.Decision {
			s.Division = s.Division[:min(4, len(s.Division))]
			return access.Decide(s, op, o)
		},
		"one sees upwards too": func(s access.Subject, op access.Operation, o access.Object) access.Decision {
			if access.Within(s.Division, o.Division) {
				o.Division = s.Division
			}
			return access.Decide(s, op, o)
		},
		"the purpose is not compared": func(s access.Subject, op access.Operation, o access.Object) access.Decision {
			o.Purpose = casePurpose
			return access.Decide(s, op, o)
		},
		"the owner is not compared": func(s access.Subject, op access.Operation, o access.Object) access.Decision {
			o.Owner = s.Account
			return access.Decide(s, op, o)
		},
		"two accounts are two persons": func(s access.Subject, op access.Operation, o access.Object) access.Decision {
			o.Persons = append([]string{"another account"}, o.Persons...)
			return access.Decide(s, op, o)
		},
		"nobody is asked for a second person": func(s access.Subject, op access.Operation, o access.Object) access.Decision {
			d := access.Decide(s, op, o)
			d.NeedSecondPerson = false
			return d
		},
		"roles that exclude one another are held": func(s access.Subject, op access.Operation, o access.Object) access.Decision {
			for _, r := range s.Roles.List() {
				one := s
				one.Roles = access.RolesOf(r)
				if d := access.Decide(one, op, o); d.Allow {
					return d
				}
			}
			return access.Decide(s, op, o)
		},
		"existence leaks": func(s access.Subject, op access.Operation, o access.Object) access.Decision {
			d := access.Decide(s, op, o)
			d.Hide = false
			return d
		},
		"amounts are shown to whoever looks": func(s access.Subject, op access.Operation, o access.Object) access.Decision {
			o.Assignee = s.Person
			return access.Decide(s, op, o)
		},
		"every class is read": func(s access.Subject, op access.Operation, o access.Object) access.Decision {
			s.Classes = access.AllClasses()
			return access.Decide(s, op, o)
		},
		"tokens may do everything": func(s access.Subject, op access.Operation, o access.Object) access.Decision {
			s.Scopes = nil
			return access.Decide(s, op, o)
		},
	}
	for name, f := range plants {
		seen := false
		for op := range matrix() {
			seen = seen || notices(op, f)
		}
		if !seen {
			t.Errorf("%s: the matrix does not notice", name)
		}
	}
	// A wrong cell of the table: any role given or taken, of everything or of its own.
	cells, missed := 0, 0
	for i := range access.Policy {
		row := &access.Policy[i]
		whole := *row
		for _, role := range access.AllRoles() {
			one := access.RolesOf(role)
			for _, change := range [...]struct {
				what       string
				roles, own access.Roles
			}{
				{"reversed", (whole.Roles ^ one) &^ (whole.Own & one), whole.Own &^ one},
				{"confined to its own", whole.Roles &^ one, whole.Own | one},
				{"widened", whole.Roles | one, whole.Own &^ one},
			} {
				if whole.Public || change.roles == whole.Roles && change.own == whole.Own {
					continue
				}
				row.Roles, row.Own = change.roles, change.own
				if cells++; !notices(row.Operation, access.Decide) {
					missed++
					t.Errorf("%s: the matrix does not notice when %v is %s", whole.Name, role, change.what)
				}
				*row = whole
			}
		}
		for what, plant := range map[string]func(){
			"no division": func() { row.Division = !row.Division }, "no purpose": func() { row.Purpose = !row.Purpose },
			"no classes": func() { row.Classes = !row.Classes }, "no reason": func() { row.Reason = !row.Reason },
			"shows more": func() { row.Shows = (row.Shows + 1) % (access.ShowsNotice + 1) },
			"four eyes":  func() { row.FourEyes = (row.FourEyes + 1) % 3 },
			"one second": func() { row.Second ^= access.RolesOf(access.Approver) },
		} {
			plant()
			if what == "one second" && row.FourEyes == access.Never {
				*row = whole
				continue // nobody reads it there
			}
			if cells++; !notices(row.Operation, access.Decide) && !whole.Public {
				missed++
				t.Errorf("%s: the matrix does not notice %s", whole.Name, what)
			}
			*row = whole
		}
	}
	t.Logf("%d planted, %d wrong cells of the table, %d missed", len(plants), cells, missed)
	if cells < 1000 {
		t.Errorf("only %d cells were tried", cells)
	}
}

const casePurpose = "dibao"

// TestAdministratorsSeeNoCase reads the table itself: no row that an administrator has
// shows anything of a household or reads data of departments.
func TestAdministratorsSeeNoCase(t *testing.T) {
	rows := 0
	for i := range access.Policy {
		r := &access.Policy[i]
		if (r.Roles|r.Own|r.Second)&access.Administrators == 0 {
			continue
		}
		rows++
		if r.Shows != access.ShowsNothing || r.Classes || r.Purpose || r.FourEyes != access.Never {
			t.Errorf("%s: %v would see a case", r.Name, (r.Roles|r.Own)&access.Administrators)
		}
	}
	if rows < 20 {
		t.Errorf("only %d rows of administrators", rows)
	}
}

// TestHiddenIsLikeMissing proves that what lies outside can't be told from what is not
// there: the whole decision is the same.
func TestHiddenIsLikeMissing(t *testing.T) {
	s := access.Subject{
		Account: "wang", Person: "P1", Roles: access.RolesOf(access.Reviewer), Division: "340104",
		Purposes: []string{"dibao"}, Classes: access.AllClasses(),
	}
	missing := access.Decide(s, access.VerdictRead, access.Object{})
	var bank access.Classes
	bank[household.Bank] = true
	for _, o := range []access.Object{
		{Division: "320104", Purpose: "dibao"},
		{Division: "340103", Purpose: "dibao", Classes: bank, Adverse: true, Persons: []string{"P1"}},
		{Division: "340104", Purpose: "housing", Owner: "wang", Assignee: "P1"},
	} {
		if got := access.Decide(s, access.VerdictRead, o); got != missing || !got.Hide {
			t.Errorf("%+v is told apart from nothing: %+v", o, got)
		}
	}
}

func TestMay(t *testing.T) {
	s := access.Subject{Account: "wang", Person: "P1", Roles: access.RolesOf(access.Reviewer)}
	for op, w := range map[access.Operation]access.Reason{
		access.CaseConfirm: "", access.Ingest: access.ReasonRole, 9999: access.ReasonUnknown, access.Health: "",
	} {
		if got := access.May(s, op); got != w {
			t.Errorf("%v: %q, want %q", op, got, w)
		}
	}
}
