package proof

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha1" // RFC 6238, as an authenticator application computes it
	"encoding/base32"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/account"
	"github.com/hedui/hedui/engine/api"
	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/backoffice"
	"github.com/hedui/hedui/engine/console"
	"github.com/hedui/hedui/engine/desk"
	"github.com/hedui/hedui/engine/desk/front"
	"github.com/hedui/hedui/engine/export"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/match"
	"github.com/hedui/hedui/engine/profile"
	"github.com/hedui/hedui/engine/snapshot"
	"github.com/hedui/hedui/engine/staff"
	"github.com/hedui/hedui/engine/store"
	"github.com/hedui/hedui/engine/submission"
	"github.com/hedui/hedui/engine/submission/filing"
	"github.com/hedui/hedui/rules"
)

// noon is when the tests begin, at the centre.
var noon = time.Date(2026, 11, 1, 4, 0, 0, 0, time.UTC)

var china = time.FixedZone("CST", 8*60*60)

// world is a centre: a generation of a few people, and everything that serve puts over
// it.
type world struct {
	t        testing.TB
	dir      string
	clock    *clock
	store    store.Store
	ledger   ledger.Ledger
	audit    *audit.Log
	accounts *account.Accounts
	users    *staff.Store
	desk     *desk.Desk
	server   *api.Server
	office   *backoffice.Office
	batches  *submission.Office
	senders  map[string]access.Subject // of batches, as they are judged
	log      *buffer

	security *person // the first account
	address  string  // that requests come from; "" for the usual one
	key      string  // by which a batch is sent once

	elsewhere *person // who registers what is in another county
	planting  bool    // a cell of the policy is wrong on purpose, and so is what is shown
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

// buffer is a log that several may write to.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// grain is the grain of time of what is not found, short so that thousands of calls
// take seconds.
const grain = time.Millisecond

func newWorld(t testing.TB, people int) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir(), clock: &clock{now: noon}, store: store.NewMemory(), log: &buffer{}}
	w.publish(people, balance)
	log := slog.New(slog.NewJSONHandler(w.log, nil))
	var err error
	w.ledger, err = ledger.Open(w.dir, ledger.Options{Reserve: 1, Logger: log})
	must(t, err)
	t.Cleanup(func() { must(t, w.ledger.Close()) })
	w.audit, err = audit.Open(w.dir, audit.Options{Actor: "serve", Now: w.clock.Now})
	must(t, err)
	t.Cleanup(func() { must(t, w.audit.Close()) })
	packs := map[string]*rules.Pack{}
	for scheme, name := range map[string]string{"dibao": "reference", "tekun": "tekun"} {
		packs[scheme], err = rules.Load(name)
		must(t, err)
	}
	shelf, err := export.OpenShelf(w.dir, nil)
	must(t, err)
	w.desk, err = desk.New(desk.Options{Store: w.store, Ledger: w.ledger, Audit: w.audit, Packs: packs, Now: w.clock.Now, Location: china, Exports: shelf})
	must(t, err)
	t.Cleanup(func() { must(t, w.desk.Close()) })
	policy := account.DefaultPolicy()
	policy.Cost = account.Cost{KiB: 8, Passes: 1, Lanes: 1} // nobody guesses at them here
	w.users = staff.NewStore(w.ledger)
	w.accounts, err = account.New(account.Options{Store: w.users, Rules: staff.Rules{}, Policy: policy})
	must(t, err)
	snapshots, err := snapshot.OpenDir(w.dir)
	must(t, err)
	office, err := backoffice.New(backoffice.Options{
		Snapshots: snapshots,
		Accounts:  w.accounts, Ledger: w.ledger, Audit: w.audit, Data: w.dir, Now: w.clock.Now, Location: china, Idle: policy.Idle,
	})
	must(t, err)
	w.office = office
	limits := api.DefaultLimits()
	limits.HideTime, limits.AccountRate, limits.AccountBurst = grain, 1e6, 1e6
	limits.SignInRate, limits.SignInBurst = 1e6, 1e6
	limits.BulkSlots, limits.BulkWait = 16, 10*time.Second
	limits.InteractiveWait, limits.HeavySlots, limits.HeavyWait = 10*time.Second, 8, 10*time.Second
	w.senders = map[string]access.Subject{}
	w.batches, err = submission.New(submission.Options{
		Desk: w.desk, Ledger: w.ledger, Audit: w.audit, Now: w.clock.Now, Limits: submission.Limits{Unfinished: 1000},
		Standing: func(_ context.Context, name string) (access.Subject, error) { return w.senders[name], nil },
	})
	must(t, err)
	t.Cleanup(func() { must(t, w.batches.Close()) })
	desk := &front.Front{
		Rest: office, Desk: w.desk, Person: office.Person, Centres: office.Centres, Location: china,
		Submissions: &front.Submissions{Office: w.batches, Filing: &filing.Office{Batches: w.batches, Shelf: shelf, Where: china, Now: w.clock.Now}},
	}
	pages, err := console.New(console.Options{Desk: desk, Now: w.clock.Now, Location: china, Plain: true})
	must(t, err)
	w.server, err = api.New(api.Options{
		Desk: desk, Pages: pages,
		Authenticator: office, Denied: office.Denied, Now: w.clock.Now, Log: log, Metrics: prometheus.NewRegistry(), Limits: limits, PlainCookie: true,
	})
	must(t, err)
	w.bootstrap()
	return w
}

// bootstrap makes the first account and sets it up.
func (w *world) bootstrap() {
	w.t.Helper()
	u, secret, _, err := w.accounts.Bootstrap(w.t.Context(), account.NewUser{
		Name: "security01", Person: "P0001", Display: "安全管理员", Roles: []account.Role{"security_admin"}, Division: "34",
	}, w.clock.Now())
	must(w.t, err)
	w.security = &person{account: u.Name, roles: []string{"security_admin"}, division: "34", password: secret.Reveal()}
	w.settle(w.security)
	w.signIn(w.security)
}

// person is somebody with an account, and what they know.
type person struct {
	account  string
	number   string
	roles    []string
	division string
	purposes []string

	password, key string
	cookie        string // of the session
	token         string // that is used instead
}

// hire makes an account and sets it up, over HTTP. A machine gets a token.
func (w *world) hire(name, division string, purposes []string, roles ...string) *person {
	w.t.Helper()
	p := &person{account: name, number: "P-" + name, roles: roles, division: division, purposes: purposes}
	a := w.want(201, w.security, "POST", "/api/v1/users", map[string]any{
		"account": name, "person": p.number, "display": "岗位 " + name, "roles": roles, "division": division, "purposes": purposes, "reason": "新到岗",
	})
	p.password = a.text("first_password")
	if p.machine() {
		return p
	}
	w.settle(p)
	return p
}

func (p *person) machine() bool { return p.roles[0] == "centre" || p.roles[0] == "metrics" }

// settle sets somebody's password and second factor, as they do on their first day.
func (w *world) settle(p *person) {
	w.t.Helper()
	first := p.password
	w.signIn(p)
	p.password = "长亭外古道边芳草碧连天晚风拂柳"
	w.want(204, p, "POST", "/api/v1/me/password", map[string]any{"old": first, "new": p.password})
	if p.roles[0] == "leader" {
		return
	}
	w.signIn(p)
	key := w.want(200, p, "POST", "/api/v1/me/factor", map[string]any{"password": p.password}).text("secret")
	w.want(200, p, "POST", "/api/v1/me/factor", map[string]any{"confirm": true, "code": code(key, w.clock.Now())})
	p.key = key
	w.clock.pass(30 * time.Second) // a code is good once
}

// signIn opens a session.
func (w *world) signIn(p *person) {
	w.t.Helper()
	body := map[string]any{"account": p.account, "password": p.password}
	if p.key != "" {
		body["code"] = code(p.key, w.clock.Now())
	}
	a := w.want(200, nil, "POST", "/api/v1/sign-in", body)
	cookies := (&http.Response{Header: a.header}).Cookies()
	if len(cookies) != 1 || !cookies[0].HttpOnly || cookies[0].SameSite != http.SameSiteStrictMode {
		w.t.Fatalf("the session of %s: %v", p.account, a.header)
	}
	p.cookie = cookies[0].Value
}

// signInAll opens sessions for everybody whose code of the present half minute is used
// already.
func (w *world) signInAll(people ...*person) {
	w.t.Helper()
	w.clock.pass(30 * time.Second)
	for _, p := range people {
		if !p.machine() {
			w.signIn(p)
		}
	}
}

// code is what an authenticator application shows.
func code(secret string, now time.Time) string {
	key, _ := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret)
	mac := hmac.New(sha1.New, key)
	_ = binary.Write(mac, binary.BigEndian, now.Unix()/30)
	sum := mac.Sum(nil)
	at := sum[19] & 15
	return fmt.Sprintf("%06d", (binary.BigEndian.Uint32(sum[at:])&0x7fffffff)%1_000_000)
}

// issue gives a machine a token for some operations, over HTTP.
func (w *world) issue(p *person, operations ...string) (id string) {
	w.t.Helper()
	a := w.want(201, w.security, "POST", "/api/v1/tokens", map[string]any{
		"account": p.account, "operations": operations, "note": "前置机", "expires": "2027-03-31", "reason": "接口",
	})
	p.token = a.text("secret")
	return a.text("id")
}

// answer is what came back.
type answer struct {
	t      testing.TB
	status int
	code   string // of a refusal
	body   []byte
	header http.Header
}

// text is one text of the body.
func (a *answer) text(name string) string {
	a.t.Helper()
	var m map[string]any
	must(a.t, json.Unmarshal(a.body, &m))
	s, ok := m[name].(string)
	if !ok || s == "" {
		a.t.Fatalf("the answer has no %s: %s", name, a.body)
	}
	return s
}

// read decodes the body.
func (a *answer) read(into any) {
	a.t.Helper()
	if err := json.Unmarshal(a.body, into); err != nil {
		a.t.Fatalf("%v: %s", err, a.body)
	}
}

// ask sends one request as somebody; nil is nobody.
func (w *world) ask(p *person, method, path string, body any) *answer {
	var text []byte
	kind := "application/json"
	switch b := body.(type) {
	case nil:
	case []byte:
		text = b
	case url.Values:
		text, kind = []byte(b.Encode()), "application/x-www-form-urlencoded"
	default:
		var err error
		if text, err = json.Marshal(body); err != nil {
			w.t.Error(err)
		}
	}
	r := httptest.NewRequest(method, path, bytes.NewReader(text))
	if text != nil {
		r.Header.Set("Content-Type", kind)
	}
	switch {
	case p == nil:
	case p.token != "":
		r.Header.Set("Authorization", "Bearer "+p.token)
	case p.cookie != "":
		r.AddCookie(&http.Cookie{Name: "hedui", Value: p.cookie})
	}
	if w.key != "" {
		r.Header.Set("Idempotency-Key", w.key)
	}
	if w.address != "" {
		r.RemoteAddr = w.address
	}
	out := httptest.NewRecorder()
	w.server.ServeHTTP(out, r)
	a := &answer{t: w.t, status: out.Code, body: out.Body.Bytes(), header: out.Header()}
	switch {
	case paged(method + " " + r.URL.Path):
		a.code = pageCode(a)
	case out.Code >= 400:
		var problem struct {
			Code string `json:"code"`
		}
		if json.Unmarshal(a.body, &problem) != nil || problem.Code == "" {
			w.t.Errorf("%s %s: status %d without a code: %s", method, path, out.Code, a.body)
		}
		a.code = problem.Code
	}
	seen := a.body
	if typed, ok := body.(url.Values); ok { // a form that is shown again says what was typed
		for _, values := range typed {
			for _, v := range values {
				if len(v) > 3 {
					seen = bytes.ReplaceAll(seen, []byte(v), nil)
				}
			}
		}
	}
	if what := shows(p, path, seen); what != "" && !w.planting {
		w.t.Errorf("%s %s shows %s: %s", method, path, what, a.body)
	}
	return a
}

// want is ask for what must be answered with a status.
func (w *world) want(status int, p *person, method, path string, body any) *answer {
	w.t.Helper()
	a := w.ask(p, method, path, body)
	if a.status != status && (status/100 != 2 || a.status/100 != 2) {
		w.t.Fatalf("%s %s: status %d, want %d: %s\n%s", method, path, a.status, status, a.body, tail(w.log.String()))
	}
	return a
}

// refused is ask for what must be refused with a code.
func (w *world) refused(code string, p *person, method, path string, body any) {
	w.t.Helper()
	if a := w.ask(p, method, path, body); a.code != code {
		w.t.Fatalf("%s %s: status %d, want the code %s: %s", method, path, a.status, code, a.body)
	}
}

// tail is the end of the log, for a failure.
func tail(s string) string { return s[max(0, len(s)-600):] }

// The people of the tests: everyone born in 1970 of one county, each with a name, an
// account and a vehicle of their own.

func resident(i int) uint64 { return 34010419700101000 + uint64(i) }

func idNumber(i int) string { return match.ResidentText(resident(i)) }

func nameOf(i int) string {
	surnames := []rune("赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许")
	given := []rune("秀英建国志强桂兰玉珍春梅海燕晓东永红")
	return string([]rune{surnames[i%len(surnames)], given[i/7%len(given)], given[(i*5+3)%len(given)]})
}

func accountNo(i int) string { return fmt.Sprintf("622202130%07d", 3141592+i*271) }

func plate(i int) string { return fmt.Sprintf("皖A%05d", 27182+i*7) }

func vin(i int) string { return fmt.Sprintf("LSVAM4187C2%06d", 184131+i) }

// balance is far above any limit, and different for everybody.
func balance(i int) household.Fen { return household.Fen(83_217_45_00 + int64(i)*100_37) }

// publish makes and activates a generation.
func (w *world) publish(people int, balance func(int) household.Fen) {
	t := w.t
	t.Helper()
	b, err := w.store.Begin(store.BuildOptions{})
	must(t, err)
	sec, err := b.Section(store.SectionPeople, profile.Version)
	must(t, err)
	var bld profile.Builder
	for i := range people {
		bld.Reset()
		owner := profile.AppendOwner(nil, profile.Owner{Name: nameOf(i)})
		r := household.Record{Bank: household.BankRecord{
			Institution: []byte("工商银行"), AccountNo: []byte(accountNo(i)), Kind: 1, Balance: balance(i), BalanceOn: 20261031,
		}}
		bld.Add(household.Bank, profile.Origin{Snapshot: 0, File: 1, Row: int64(i + 1)}, owner, profile.AppendContent(nil, household.Bank, &r))
		v := household.Record{Vehicle: household.VehicleRecord{
			VIN: []byte(vin(i)), Plate: []byte(plate(i)), Class: 1, Status: 1, Use: 1, RegisteredOn: 20240301, Value: 156_000_00,
		}}
		bld.Add(household.Vehicle, profile.Origin{Snapshot: 2, File: 1, Row: int64(i + 1)}, owner, profile.AppendContent(nil, household.Vehicle, &v))
		must(t, sec.Add(household.PersonKey{Num: resident(i)}, bld.Append(nil)))
	}
	must(t, sec.Close())
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
	must(t, err)
	must(t, w.store.Activate(m.ID))
}

// family is a household of one person, registered in a division for a scheme.
type family struct {
	person           int
	division, scheme string
	number, paper    string

	verdict, caseID, objection string
}

func newFamily(person int, division, scheme string) *family {
	return &family{
		person: person, division: division, scheme: scheme,
		number: fmt.Sprintf("%s-%06d", division, person), paper: fmt.Sprintf("SQ%s-%06d", division, person),
	}
}

// registration is the body that registers a family's authorisation.
func (f *family) registration() map[string]any {
	return map[string]any{
		"number": f.paper, "household": f.number, "division": f.division, "purposes": []string{f.scheme},
		"data_classes": []string{"tax", "vehicle", "property", "bank", "insurance"},
		"valid_from":   "2026-01-01", "valid_to": "2027-12-31", "scan_digest": strings.Repeat("0a", 32),
		"members": []any{map[string]any{"name": nameOf(f.person), "id_number": idNumber(f.person), "signed_on": "2026-01-01"}},
	}
}

// request is the body that asks about a family, which declares nothing.
func (f *family) request() []byte {
	return fmt.Appendf(nil, `{"household_id":%q,"region":%q,"scheme":%q,"residence":"urban","authorization":{"number":%q},"members":[{"name":%q,"id_number":%q,"relation":"head"}],"declared_assets":{"financial_fen":0}}`,
		f.number, f.division[:6], f.scheme, f.paper, nameOf(f.person), idNumber(f.person))
}

// check checks a family and notes its verdict and case.
func (w *world) check(p *person, f *family) *answer {
	w.t.Helper()
	a := w.want(200, p, "POST", "/api/v1/checks", f.request())
	f.verdict = a.header.Get("X-Verdict-Id")
	if f.verdict == "" {
		w.t.Fatalf("no verdict: %s", a.body)
	}
	var v struct {
		Case string `json:"case"`
	}
	w.want(200, p, "GET", "/api/v1/verdicts/"+f.verdict, nil).read(&v)
	f.caseID = v.Case
	return a
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
