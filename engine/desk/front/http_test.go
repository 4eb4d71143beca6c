package front_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/api"
	"github.com/hedui/hedui/engine/api/wire"
	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/desk"
	"github.com/hedui/hedui/engine/desk/front"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ledger/ledgertest"
	"github.com/hedui/hedui/engine/match"
	"github.com/hedui/hedui/engine/profile"
	"github.com/hedui/hedui/engine/store"
	"github.com/hedui/hedui/rules"
)

// officials are the tokens of the test.
var officials = map[wire.Secret]access.Subject{
	"intake":   official("intake01", access.Intake),
	"verifier": official("verifier01", access.Verifier),
	"reviewer": official("reviewer01", access.Reviewer),
	"approver": official("approver01", access.Approver),
	"auditor":  official("auditor01", access.Auditor),
	"stranger": func() access.Subject {
		s := official("verifier09", access.Verifier)
		s.Division = "340203"
		return s
	}(),
}

func official(account string, role access.Role) access.Subject {
	return access.Subject{
		Account: account, Person: "p-" + account, Roles: access.RolesOf(role), Division: "340104",
		Purposes: []string{"dibao"}, Classes: access.AllClasses(),
	}
}

type door struct{}

func (door) Authenticate(_ context.Context, c api.Credential) (access.Subject, error) {
	s, ok := officials[c.Token]
	if !ok {
		return access.Subject{}, api.ErrNobody
	}
	return s, nil
}

const (
	person  = "王秀英"
	account = "6222000000000007"
)

var number = match.ResidentText(34010419700101007)

// serve is a desk over one person with a large balance, behind the HTTP interface.
func serve(t *testing.T) (*httptest.Server, *bytes.Buffer) {
	t.Helper()
	c := serveFront(t)
	return c.server, c.said
}

// counter is a front behind HTTP, and the ledger below it.
type counter struct {
	server *httptest.Server
	said   *bytes.Buffer // what was logged
	front  *front.Front
	ledger *ledgertest.Memory
}

func serveFront(t *testing.T) *counter {
	t.Helper()
	now := func() time.Time { return time.Date(2026, 11, 1, 4, 0, 0, 0, time.UTC) }
	s := store.NewMemory()
	b, err := s.Begin(store.BuildOptions{})
	must(t, err)
	sec, err := b.Section(store.SectionPeople, profile.Version)
	must(t, err)
	var bld profile.Builder
	r := household.Record{Bank: household.BankRecord{Institution: []byte("工商银行"), AccountNo: []byte(account), Kind: 1, Balance: 90_000_000_00, BalanceOn: 20261031}}
	bld.Add(household.Bank, profile.Origin{File: 1, Row: 1}, profile.AppendOwner(nil, profile.Owner{Name: person}), profile.AppendContent(nil, household.Bank, &r))
	must(t, sec.Add(match.ParseDocument(household.ResidentID, []byte(number)).Key, bld.Append(nil)))
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
	must(t, s.Activate(m.ID))

	log, err := audit.Open(t.TempDir(), audit.Options{Actor: "serve", Now: now})
	must(t, err)
	t.Cleanup(func() { must(t, log.Close()) })
	pack, err := rules.Load("reference")
	must(t, err)
	books := &ledgertest.Memory{}
	d, err := desk.New(desk.Options{Store: s, Ledger: books, Audit: log, Packs: map[string]*rules.Pack{"dibao": pack}, Now: now})
	must(t, err)
	t.Cleanup(func() { must(t, d.Close()) })
	var said bytes.Buffer
	f := &front.Front{Desk: d, Person: func(_ context.Context, account string) (string, bool, error) { return "p-" + account, true, nil }}
	server, err := api.New(api.Options{
		Desk: f, Authenticator: door{}, Now: now, Log: slog.New(slog.NewJSONHandler(&said, nil)), Metrics: prometheus.NewRegistry(), PlainCookie: true,
	})
	must(t, err)
	h := httptest.NewServer(server)
	t.Cleanup(h.Close)
	return &counter{h, &said, f, books}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// call asks the server, and returns status, body and the id of a verdict.
func call(t *testing.T, h *httptest.Server, token, method, path, body string) (int, string, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, h.URL+"/api/v1"+path, strings.NewReader(body))
	must(t, err)
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", "application/json")
	got, err := h.Client().Do(r)
	must(t, err)
	defer got.Body.Close()
	text, err := io.ReadAll(got.Body)
	must(t, err)
	return got.StatusCode, string(text), got.Header.Get("X-Verdict-Id")
}

// forms are an authorisation and a request of the household.
func forms() (registration, request string) {
	registration = fmt.Sprintf(`{"number":"SQ340104-000001","household":"340104-000001","division":"340104","members":[{"name":%q,"id_number":%q,"signed_on":"2026-01-01"}],"purposes":["dibao"],"data_classes":["tax","vehicle","property","bank","insurance"],"valid_from":"2026-01-01","valid_to":"2026-12-31","scan_digest":%q}`,
		person, number, strings.Repeat("0a", 32))
	request = fmt.Sprintf(`{"household_id":"340104-000001","region":"340104","scheme":"dibao","residence":"urban","authorization":{"number":"SQ340104-000001"},
		"members":[{"name":%q,"id_number":%q,"relation":"head"}],"declared_assets":{"financial_fen":0}}`, person, number)
	return registration, request
}

// A household from the counter to a decision, over HTTP; nobody who may not sees it, and
// nothing personal is in what is not meant for the family's own officials.
func TestOverHTTP(t *testing.T) {
	h, said := serve(t)
	var others []string // what must hold nothing personal
	registration, request := forms()
	expect := func(token, method, path, body string, status int, holds string) (text, verdict string) {
		t.Helper()
		got, text, verdict := call(t, h, token, method, path, body)
		if got != status || !strings.Contains(text, holds) {
			t.Fatalf("%s %s by %s: %d, want %d with %q\n%s", method, path, token, got, status, holds, text)
		}
		others = append(others, text)
		return text, verdict
	}
	expect("auditor", "POST", "/authorizations", registration, 403, "forbidden")
	expect("intake", "POST", "/authorizations", registration, 200, `"live"`)
	expect("intake", "POST", "/authorizations", registration, 409, "exists")
	expect("stranger", "POST", "/checks", request, 200, "authorization_unknown")
	expect("stranger", "GET", "/authorizations/SQ340104-000001", "", 404, "not_found")
	expect("auditor", "POST", "/checks", request, 403, "forbidden")
	text, verdict := expect("verifier", "POST", "/checks", request, 200, `"household_id":"340104-000001"`)
	if verdict == "" || strings.Contains(text, "refused") {
		t.Fatalf("%q %s", verdict, text)
	}
	if _, again := expect("verifier", "POST", "/checks", request, 200, strings.TrimSpace(text)); again != verdict {
		t.Errorf("%s and then %s", verdict, again)
	}
	expect("verifier", "GET", "/verdicts/"+verdict, "", 200, verdict)
	expect("stranger", "GET", "/verdicts/"+verdict, "", 404, "not_found")
	expect("verifier", "GET", "/households/340104-000001", "", 200, verdict)
	cases, _ := expect("reviewer", "GET", "/cases", "", 200, verdict)
	_, rest, _ := strings.Cut(cases, `"id":"`)
	id, _, _ := strings.Cut(rest, `"`)
	expect("verifier", "POST", "/cases/"+id+"/propose", `{"reason":"余额超标","version":0}`, 200, `"proposer":"verifier01"`)
	expect("reviewer", "POST", "/cases/"+id+"/take-up", `{"version":2}`, 200, `"under_review"`)
	expect("approver", "POST", "/cases/"+id+"/confirm", `{"reason":"属实","version":3}`, 403, "evidence_not_opened")
	expect("approver", "POST", "/verdicts/"+verdict+"/evidence/1/open", "", 200, `"account_no"`)
	expect("reviewer", "POST", "/cases/"+id+"/confirm", `{"reason":"属实","version":4}`, 403, "second_person")
	expect("approver", "POST", "/cases/"+id+"/confirm", `{"reason":"属实","version":3}`, 409, "changed")
	expect("approver", "POST", "/cases/"+id+"/confirm", `{"reason":"属实","version":4}`, 200, `"confirmed"`)
	expect("stranger", "GET", "/cases/"+id, "", 404, "not_found")
	objected, _ := expect("intake", "POST", "/cases/"+id+"/objections", `{"evidence":1,"ground":"账户已注销"}`, 200, `"open"`)
	_, rest, _ = strings.Cut(objected, `"id":"`)
	objection, _, _ := strings.Cut(rest, `"`)
	expect("approver", "POST", "/objections/"+objection+"/decide", `{"upheld":true,"reason":"银行证明"}`, 200, `"upheld"`)
	expect("intake", "POST", "/authorizations/SQ340104-000001/withdraw", `{"reason":"申请人撤回"}`, 200, `"withdrawn"`)
	expect("verifier", "POST", "/checks", request, 200, "authorization_withdrawn")
	others = append(others, said.String())
	for _, text := range others {
		for _, canary := range []string{person, number, account} {
			if strings.Contains(text, canary) {
				t.Errorf("%s is in %.300s", canary, text)
			}
		}
	}
	if !strings.Contains(said.String(), "evidence") {
		t.Errorf("the server logged nothing:\n%.300s", said)
	}
}
