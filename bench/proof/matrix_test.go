package proof

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/account"
	"github.com/hedui/hedui/engine/desk"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/submission"
	"github.com/hedui/hedui/engine/watch"
)

// fewestCalls is how many calls the matrix must make to have shown anything.
const fewestCalls = 5000

// offices are where somebody of every role sits: a county, the city above it, and a town
// in it.
var offices = []string{"340104", "3401", "340104001"}

// places are where things are: in that county, that town, the town beside, the county
// beside, and another city. To each office some are its own, some below, some above or
// beside.
var places = []string{"340104", "340104001", "340104002", "340111", "340203"}

// thing is one thing that can be asked about: a household with everything that the
// centre holds of it, and the accounts of its place.
type thing struct {
	what string
	target
	family             *family // verdict, case under review, objection decided
	withdrawn          string  // authorisation
	user, issued, seat string  // an account, an API token, a session
	issuedTo, seated   string  // whose token, and whose session
	report             string  // a report that was issued
	alert              string  // a look that somebody should ask about
	batch, sender      string  // that was answered, and whose
}

// matrix is a centre where everybody is and something is everywhere.
type matrix struct {
	*world
	callers []*caller
	things  []*thing
	leaders string // the password of those whose sessions are ended
}

func newMatrix(t *testing.T) *matrix {
	m := &matrix{world: newWorld(t, 80)}
	m.hireAll()
	m.fill()
	m.specials()
	return m
}

// every is the name of every operation that can be asked for over HTTP.
func every() []string { return slices.Sorted(maps.Keys(page)) }

// hireAll makes an account of every role in every office.
func (m *matrix) hireAll() {
	for _, division := range offices {
		for _, role := range []string{
			"intake", "verifier", "reviewer", "approver", "leader", "data_steward", "system_admin", "security_admin", "auditor", "centre", "metrics",
		} {
			p := m.hire(strings.ReplaceAll(role, "_", "-")+"-"+division, division, []string{"dibao"}, role)
			c := &caller{person: p, name: p.account}
			if p.machine() {
				m.issue(p, every()...)
				c.scopes = every()
			}
			m.callers = append(m.callers, c)
		}
	}
	for name, p := range map[string]*person{
		"two roles":   m.hire("two-roles", "340104", []string{"dibao"}, "intake", "approver"),
		"no schemes":  m.hire("no-schemes", "340104", []string{}, "verifier"),
		"both scheme": m.hire("both", "340104", []string{"dibao", "tekun"}, "verifier", "reviewer"),
	} {
		m.callers = append(m.callers, &caller{person: p, name: name})
	}
}

// fill puts a household of each scheme, an account, a token and a session everywhere.
func (m *matrix) fill() {
	both := []string{"dibao", "tekun"}
	desk := m.hire("desk", "34", both, "intake", "verifier")
	second := m.hire("second", "34", both, "reviewer", "approver")
	m.signInAll(m.security, desk, second)
	next := 0
	household := func(place, scheme string) *family {
		next++
		f := newFamily(next, place, scheme)
		m.want(201, desk, "POST", "/api/v1/authorizations", f.registration())
		again := f.registration() // a second paper of the same household
		again["number"] = f.paper + "-2"
		m.want(201, desk, "POST", "/api/v1/authorizations", again)
		m.check(desk, f)
		return f
	}
	for _, place := range places {
		// A machine, so that it can be given a token, and a person, who has sessions.
		machine := m.hire("machine-"+place, place, both, "centre")
		issued := m.issue(machine, "me")
		user := m.hire("user-"+place, place, both, "leader")
		m.leaders = user.password
		for _, scheme := range both {
			f := household(place, scheme)
			m.want(200, desk, "POST", "/api/v1/cases/"+f.caseID+"/propose", map[string]any{"version": 0, "reason": "余额超标"})
			objected := household(place, scheme)
			evidence := 1
			f.objection = m.want(200, desk, "POST", "/api/v1/cases/"+objected.caseID+"/objections", map[string]any{"evidence": evidence, "ground": "账户已注销"}).text("id")
			m.want(200, second, "POST", "/api/v1/objections/"+f.objection+"/decide", map[string]any{"upheld": false, "reason": "属实"})
			report := m.want(200, desk, "POST", "/api/v1/verdicts/"+f.verdict+"/reports", map[string]any{"recipient": "申请人本人"}).text("number")
			gone := household(place, scheme)
			m.want(200, desk, "POST", "/api/v1/authorizations/"+gone.paper+"/withdraw", map[string]any{"reason": "撤回"})
			m.things = append(m.things, &thing{
				what: place + " " + scheme, target: target{there: true, division: place, scheme: scheme}, family: f, withdrawn: gone.paper,
				user: "machine-" + place, issued: issued, issuedTo: "machine-" + place, alert: m.alarm(place), report: report,
			})
			m.submitted(m.things[len(m.things)-1])
		}
	}
	m.absent(household)
}

// submitted puts a batch of a place into the ledger, and has it answered. Its sender is
// one of those who ask, where one of them sits there.
func (m *matrix) submitted(x *thing) {
	m.t.Helper()
	role := []string{"centre", "verifier"}[len(m.things)%2]
	x.sender = role + "-" + x.division
	c := desk.Caller{Subject: access.Subject{
		Account: x.sender, Person: "P-" + x.sender, Roles: access.RolesOf(access.Verifier), Division: x.division, Purposes: []string{x.scheme}, Classes: access.AllClasses(),
	}}
	m.senders[x.sender] = c.Subject
	line, err := json.Marshal(x.family.request())
	must(m.t, err)
	b, err := m.batches.Submit(m.t.Context(), c, submission.Order{Scheme: x.scheme, Channel: submission.File}, func(yield func(submission.Coming, error) bool) {
		yield(submission.Coming{Number: 1, Line: line}, nil)
	})
	must(m.t, err)
	x.batch = b.ID
	worked, err := m.batches.Work(m.t.Context())
	must(m.t, err)
	if !worked {
		m.t.Fatal("nobody answers the batch")
	}
}

// alarm puts an alert of a place into the queue.
func (m *matrix) alarm(place string) string {
	m.t.Helper()
	a := &ledger.Task{
		ID: fmt.Sprintf("a-%09d", len(m.things)+1), Queue: watch.Queue, State: watch.Open, Division: place, At: ledger.At(m.clock.Now()),
	}
	var err error
	a.Body, err = json.Marshal(watch.Alert{})
	must(m.t, err)
	must(m.t, m.ledger.Commit(m.t.Context(), ledger.Change{Ops: []ledger.Op{ledger.Put(a)}}))
	return a.ID
}

// absent adds what is not there: numbers beside real ones, numbers of another kind,
// made-up ones, and what a rule of retention has erased.
func (m *matrix) absent(household func(place, scheme string) *family) {
	real := m.things[0]
	beside := func(s string) string {
		b := []byte(s)
		if b[len(b)-1]++; b[len(b)-1] > '8' {
			b[len(b)-1] = '0'
		}
		return string(b)
	}
	f := real.family
	m.things = append(m.things,
		&thing{what: "beside", family: &family{
			person: 70, scheme: "dibao", division: "340104", number: "340104-000077", paper: "SQ340104-000077",
			verdict: beside(f.verdict), caseID: beside(f.caseID), objection: beside(f.objection),
		}, batch: beside(real.batch), withdrawn: "SQ340104-000078", user: "machine-340105", issued: beside(real.issued), alert: "a-000000077"},
		&thing{what: "swapped", family: &family{
			person: 71, scheme: "dibao", division: "340104", number: f.paper, paper: f.number,
			verdict: f.caseID, caseID: f.objection, objection: f.verdict,
		}, batch: f.caseID, withdrawn: f.caseID, user: "p-verifier-340104", issued: f.caseID, alert: f.caseID},
		&thing{what: "made up", family: &family{
			person: 72, scheme: "dibao", division: "340104", number: "000000", paper: "0", verdict: "v", caseID: "-", objection: "-.-",
		}, withdrawn: "x", user: "root", issued: "x", alert: "x"},
		&thing{what: "a document", family: &family{
			person: 73, scheme: "dibao", division: "340104", number: idNumber(3), paper: idNumber(3), verdict: idNumber(3), caseID: idNumber(3), objection: idNumber(3),
		}, batch: idNumber(3), withdrawn: idNumber(3), user: strings.ToLower(idNumber(3)), issued: idNumber(3), alert: idNumber(3)},
	)
	gone := household("340104", "dibao")
	ctx := m.t.Context()
	for _, number := range []string{gone.paper, gone.paper + "-2"} {
		a, err := ledger.Get[ledger.Authorization](ctx, m.ledger, number)
		must(m.t, err)
		must(m.t, m.ledger.Commit(ctx, ledger.Change{Ops: []ledger.Op{ledger.Erase(a)}}))
	}
	v, err := ledger.Get[ledger.Verdict](ctx, m.ledger, gone.verdict)
	must(m.t, err)
	c, err := ledger.Get[ledger.Case](ctx, m.ledger, gone.caseID)
	must(m.t, err)
	must(m.t, m.ledger.Commit(ctx, ledger.Change{Ops: []ledger.Op{ledger.Erase(v), ledger.Erase(c)}}))
	gone.objection = gone.caseID
	m.things = append(m.things, &thing{what: "erased", family: gone, withdrawn: gone.paper, user: "erased", issued: "erased", alert: gone.caseID})
}

// specials are those whose credentials are not what they were, and everybody's own
// tokens.
func (m *matrix) specials() {
	hired := map[string]*person{}
	for _, name := range []string{"signed-out", "expired", "disabled", "narrow"} {
		hired[name] = m.hire(name, "340104", []string{"dibao"}, "verifier")
	}
	m.signInAll(hired["expired"])
	m.clock.pass(16 * time.Minute) // longer than a session lasts unused

	var sessions []*person
	for _, c := range m.callers {
		sessions = append(sessions, c.person)
	}
	m.signInAll(append(sessions, m.security, hired["signed-out"], hired["disabled"], hired["narrow"])...)
	m.want(204, hired["signed-out"], "POST", "/api/v1/sign-out", nil)
	m.want(200, m.security, "POST", "/api/v1/users/disabled/disable", map[string]any{"version": m.version("disabled"), "reason": "离岗"})
	revoked := m.hire("revoked", "340104", []string{"dibao"}, "centre")
	m.want(204, m.security, "DELETE", "/api/v1/tokens/"+m.issue(revoked, every()...), nil)
	scoped := m.hire("scoped", "340104", []string{"dibao"}, "centre")
	m.issue(scoped, "batch.read", "authorization.read")
	narrow := *hired["narrow"]
	narrow.token, _ = m.own(&narrow, "verdict.read", "token.revoke")
	setup := &person{account: "setup", roles: []string{"verifier"}, division: "340104", purposes: []string{"dibao"}}
	setup.password = m.want(201, m.security, "POST", "/api/v1/users", map[string]any{
		"account": "setup", "person": "P-setup", "display": "新人", "roles": setup.roles, "division": setup.division, "purposes": setup.purposes, "reason": "新到岗",
	}).text("first_password")
	m.signIn(setup)

	for _, c := range m.callers {
		if c.machine() {
			spare := *c.person
			c.mine = m.issue(&spare, "me")
			continue
		}
		_, c.mine = m.own(c.person, "me")
	}
	m.callers = append(m.callers,
		&caller{person: &person{}, name: "nobody", nobody: true},
		&caller{person: &person{cookie: strings.Repeat("A", 43)}, name: "a made-up session", nobody: true},
		&caller{person: &person{token: "not-a-token"}, name: "a made-up token", nobody: true},
		&caller{person: hired["signed-out"], name: "signed out", nobody: true},
		&caller{person: hired["expired"], name: "expired session", nobody: true},
		&caller{person: hired["disabled"], name: "disabled", nobody: true},
		&caller{person: revoked, name: "revoked token", nobody: true},
		&caller{person: scoped, name: "token of other scope", scopes: []string{"batch.read", "authorization.read"}},
		&caller{person: &narrow, name: "a person's token", scopes: []string{"verdict.read", "token.revoke"}},
		&caller{person: setup, name: "not set up", setup: true},
	)
}

// version is the version of an account.
func (m *matrix) version(account string) int {
	var u struct {
		Version int `json:"version"`
	}
	m.want(200, m.security, "GET", "/api/v1/users/"+account, nil).read(&u)
	return u.Version
}

// own gives a person a token of their own.
func (m *matrix) own(p *person, operations ...string) (token, id string) {
	m.t.Helper()
	who, _, err := m.accounts.ResolveSession(m.t.Context(), account.Secret(p.cookie), "", m.clock.Now())
	must(m.t, err)
	text, x, _, err := m.accounts.IssueToken(m.t.Context(), who, account.TokenRequest{
		Label: "own", Operations: operations, Expires: m.clock.Now().Add(24 * time.Hour),
	}, m.clock.Now())
	must(m.t, err)
	return text.Reveal(), x.ID
}

// call is one call of the matrix.
type call struct {
	probe     *probe
	operation string
	caller    *caller
	thing     *thing // nil for none
}

// seated is a thing with a session that the next call may end. There is one at a time: who
// signs in ends the session that there was.
func (m *matrix) seated(x *thing) *thing {
	user := &person{account: "user-" + x.division, password: m.leaders}
	m.signIn(user)
	out := *x
	out.seat, out.seated = seat(user), user.account
	return &out
}

// seat is the id of somebody's session.
func seat(p *person) string { return "s-" + account.HashOf(account.Secret(p.cookie)).String()[:24] }

func (m *matrix) calls(only string) []call {
	operations := map[string]string{}
	for _, r := range m.server.Routes() {
		operations[r.Method+" "+r.Path] = r.Operation.String()
	}
	all := probes()
	probed := map[string]bool{}
	var out []call
	for i := range all {
		p := &all[i]
		probed[p.route] = true
		operation, ok := operations[p.route]
		if !ok {
			m.t.Fatalf("there is no route %s", p.route)
		}
		if only != "" && operation != only {
			continue
		}
		some := 1
		if paged(p.route) {
			some = 3 // the page asks the desk what the interface asks it; a part shows that it does
		}
		for _, c := range m.callers {
			if !p.about {
				out = append(out, call{p, operation, c, nil})
				continue
			}
			ends := strings.HasPrefix(p.route, "DELETE /api/v1/sessions")
			for i, x := range m.things {
				if ends && x.there || x.there && i%some != 0 {
					continue // sessions one after the other: see seats
				}
				if x.there || !p.inPlace {
					out = append(out, call{p, operation, c, x})
				}
			}
			if (strings.HasPrefix(p.route, "DELETE /api/v1/tokens") || strings.HasPrefix(p.route, "POST /console/tokens/{id}")) && c.mine != "" {
				out = append(out, call{p, operation, c, &thing{
					what: "one's own", target: target{there: true, division: c.division, owner: c.account}, issued: c.mine,
				}})
			}
		}
	}
	for route := range operations {
		if !probed[route] && route != "POST /api/v1/sign-out" && route != "POST /api/v1/checks" && route != "POST /console/sign-out" && route != "GET /console/assets/{name}" {
			m.t.Errorf("nobody asks %s", route)
		}
	}
	return out
}

// said is an answer in the words of the oracle.
func said(a *answer) string {
	switch a.code {
	case forbidden, unknown, signIn:
		return a.code
	case "internal", "audit_unavailable", "overloaded", "took_too_long":
		return "an outage: " + a.code
	}
	return reached
}

// run makes the calls and returns those that were answered otherwise than the page says,
// and every way in which something was not found.
func (m *matrix) run(calls []call) (wrong []string, hidden map[string]int) {
	hidden = map[string]int{}
	var mu sync.Mutex
	var next atomic.Int64
	var g sync.WaitGroup
	for range 16 {
		g.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(calls) {
					return
				}
				c := &calls[i]
				method, _, _ := strings.Cut(c.probe.route, " ")
				about := c.about()
				body, path := c.probe.body, c.probe.address(c.thing)
				what := "no object"
				if c.thing != nil {
					what = c.thing.what
					if c.probe.with != nil {
						body = c.probe.with(c.thing)
					}
				}
				a := m.ask(c.caller.person, method, path, body)
				want, got := c.expected(about), said(a)
				if c.probe.bare {
					want = mayAtAll(c.caller, c.operation)
				}
				mu.Lock()
				if got != want {
					wrong = append(wrong, fmt.Sprintf("%s asks %s of %s: %s (status %d, %s), the page says %s", c.caller.name, c.probe.route, what, got, a.status, a.code, want))
				}
				if got == unknown {
					hidden[blank(a)]++
				}
				mu.Unlock()
			}
		})
	}
	g.Wait()
	slices.Sort(wrong)
	return wrong, hidden
}

// expected is the answer of the page. Whoever sends batches changes those that they may
// know of: a machine its own.
func (c *call) expected(about target) string {
	want := expected(c.caller, c.operation, about)
	if want == reached && c.operation == "batch.submit" && strings.Contains(c.probe.route, "/batches/{") && !has(c.caller.roles, "核对") && about.owner != c.caller.account {
		return unknown
	}
	return want
}

// about is what a call is about, as the oracle looks at it.
func (c *call) about() target {
	if c.thing == nil {
		return target{}
	}
	about := c.thing.target
	switch {
	case c.probe.gone:
		about.there = false
	case about.owner != "" || !about.there:
	case strings.Contains(c.probe.route, "/tokens/"):
		about.owner = c.thing.issuedTo
	case strings.HasSuffix(c.probe.route, "/batches"), strings.HasSuffix(c.probe.route, "/batches/open"):
		about.division = c.caller.division // a new one lies where its sender is
	case strings.Contains(c.probe.route, "/batches/{"):
		about.owner = c.thing.sender
	case strings.Contains(c.probe.route, "/sessions/"):
		about.owner = c.thing.seated
	case strings.Contains(c.probe.route, "/corrections/"):
		about.there = false // the number of a case
	}
	return about
}

var requestID = regexp.MustCompile(`[0-9a-f]{16}`)

// blank is an answer without the number of its request.
func blank(a *answer) string {
	h := a.header.Clone()
	h.Del("X-Request-Id")
	if main := mainPart.Find(a.body); main != nil { // around it stands the menu of whoever asks
		return fmt.Sprint(a.status, requestID.ReplaceAllString(string(main), "ID"), h)
	}
	return fmt.Sprint(a.status, requestID.ReplaceAllString(string(a.body), "ID"), h)
}

// Every route is asked as everybody about everything, and the page says what comes of it.
func TestMatrix(t *testing.T) {
	m := newMatrix(t)
	calls := m.calls("")
	began := time.Now()
	wrong, hidden := m.run(calls)
	t.Logf("%d calls by %d callers at %d routes about %d things, %d wrong, in %v", len(calls), len(m.callers), len(m.server.Routes()), len(m.things), len(wrong), time.Since(began).Round(time.Millisecond))
	for i, w := range wrong {
		if i == 40 {
			t.Errorf("and %d more", len(wrong)-i)
			break
		}
		t.Error(w)
	}
	if len(calls) < fewestCalls {
		t.Errorf("only %d calls were made", len(calls))
	}
	if len(hidden) != 2 { // one of the interface, one of the pages
		t.Errorf("there are %d ways to say that something is not there: %v", len(hidden), hidden)
	}
	t.Run("checks", m.checks)
	t.Run("lists", m.lists)
	t.Run("times", m.times)
	t.Run("sessions", m.seats)
	t.Run("planted", m.planted)
	t.Run("signing out", m.signOut)
}

// planted changes one cell of the policy at a time, and each must be seen.
func (m *matrix) planted(t *testing.T) {
	for _, p := range []struct {
		what string
		op   access.Operation
		do   func(r *access.Rule)
	}{
		{"a leader reads cases", access.CaseRead, func(r *access.Rule) { r.Roles |= access.RolesOf(access.Leader) }},
		{"a verdict of anywhere", access.VerdictRead, func(r *access.Rule) { r.Division = false }},
		{"an authorisation of any scheme", access.AuthorizationRead, func(r *access.Rule) { r.Purpose = false }},
		{"anybody's token is one's own", access.TokenRevoke, func(r *access.Rule) { r.Roles, r.Own = r.Roles|r.Own, 0 }},
		{"an auditor may not audit", access.AuditSubject, func(r *access.Rule) { r.Roles = access.RolesOf(access.Intake) }},
	} {
		rule, _ := p.op.Rule()
		kept := *rule
		p.do(rule)
		m.planting = true // what is shown too much then is what must be seen
		wrong, _ := m.run(m.calls(p.op.String()))
		m.planting, *rule = false, kept
		if len(wrong) == 0 {
			t.Errorf("%s, and the matrix does not see it", p.what)
		}
	}
}
