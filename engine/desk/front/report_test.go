package front_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/api/wire"
	"github.com/hedui/hedui/engine/desk/front"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/report"
)

// printer prints a report as its JSON, and no PDF.
type printer struct{}

func (printer) Print(_ context.Context, d *report.Document, form string) ([]byte, error) {
	if form == "pdf" {
		return nil, fmt.Errorf("no browser: %w", front.ErrNoPrinter)
	}
	return json.Marshal(d)
}

// A report from its issue to the file, over HTTP: the same bytes whenever it is asked for,
// names and amounts in full, and no number of a document or an account.
func TestReportOverHTTP(t *testing.T) {
	counter := serveFront(t)
	h, said, f := counter.server, counter.said, counter.front
	f.Printer, f.Centre, f.ReportDays = printer{}, "瑶海区民政局", 30
	registration, request := forms()
	expect := func(token, method, path, body string, status int, holds string) (text, verdict string) {
		t.Helper()
		got, text, verdict := call(t, h, token, method, path, body)
		if got != status || !strings.Contains(text, holds) {
			t.Fatalf("%s %s by %s: %d, want %d with %q\n%s", method, path, token, got, status, holds, text)
		}
		return text, verdict
	}
	expect("intake", "POST", "/authorizations", registration, 200, `"live"`)
	_, verdict := expect("verifier", "POST", "/checks", request, 200, `"household_id":"340104-000001"`)
	at := "/verdicts/" + verdict + "/reports"
	expect("intake", "POST", at, `{"recipient":"申请人本人"}`, 403, "forbidden")
	expect("stranger", "POST", at, `{"recipient":"申请人本人"}`, 404, "not_found")
	expect("verifier", "POST", at, `{"recipient":""}`, 422, "recipient")
	expect("verifier", "POST", at, `{"recipient":"申请人`+number+`"}`, 422, "recipient")
	issued, _ := expect("verifier", "POST", at, `{"recipient":"申请人本人"}`, 200, `"number":"HD340104-20261101-`)
	var r wire.Report
	must(t, json.Unmarshal([]byte(issued), &r))
	expect("stranger", "GET", "/reports/"+r.Number, "", 404, "not_found")
	expect("reviewer", "GET", "/reports/"+r.Number+"?form=pdf", "", 409, "not_available")
	expect("reviewer", "GET", "/reports/"+r.Number+"?form=doc", "", 422, "form")
	text, _ := expect("reviewer", "GET", "/reports/"+r.Number, "", 200, person)
	for _, want := range []string{"90,000,000.00", r.Number, "申请人本人", "瑶海区民政局", "2026-12-01", "疑似不符合", "SQ340104-000001"} {
		if !strings.Contains(text, want) {
			t.Errorf("the report lacks %s: %s", want, text)
		}
	}
	for _, canary := range []string{number, account} {
		if strings.Contains(text, canary) || strings.Contains(said.String()+issued, canary) {
			t.Errorf("%s is in the report or the log", canary)
		}
	}
	if again, _ := expect("approver", "GET", "/reports/"+r.Number+"?form=xlsx", "", 200, person); again != text {
		t.Error("read again it is another")
	}
	var d report.Document
	must(t, json.Unmarshal([]byte(text), &d))
	if d.Code() != r.Code || d.DigestHex() != r.Digest {
		t.Errorf("it is %s and %s, and was issued as %s and %s", d.Code(), d.DigestHex(), r.Code, r.Digest)
	}
	expect("reviewer", "GET", "/reports?household=340104-000001", "", 200, r.Number)
	if list, _ := expect("stranger", "GET", "/reports?household=340104-000001", "", 200, `"items":[]`); strings.Contains(list, r.Number) {
		t.Error("a stranger lists it")
	}
	tampered(t, counter.ledger, r.Number, "90,000,000.00", "10,000,000.00", func() {
		expect("reviewer", "GET", "/reports/"+r.Number, "", 500, "internal")
	})
	expect("reviewer", "GET", "/reports/"+r.Number, "", 200, person)
	f.Printer = nil
	expect("reviewer", "GET", "/reports/"+r.Number, "", 409, "not_available")
	english, _ := expect("verifier", "POST", at, `{"recipient":"the applicant","lang":"en"}`, 200, `"lang":"en"`)
	if strings.Contains(english, r.Number) {
		t.Error("two reports with one number")
	}
	page, err := f.Sheet(t.Context(), wire.Caller{Subject: officials["verifier"]}, verdict)
	must(t, err)
	doc, err := f.Document(page, "zh")
	must(t, err)
	shown, err := json.Marshal(doc)
	must(t, err)
	if page.Masks[access.FieldName] != access.Partly || strings.Contains(string(shown), person) || strings.Contains(string(shown), "90,000,000.00") {
		t.Errorf("a page shows what only a report shows: %s", shown)
	}
	if _, err := f.Sheet(t.Context(), wire.Caller{Subject: officials["stranger"]}, verdict); err == nil {
		t.Error("a stranger has the sheet")
	}
	expect("intake", "POST", "/authorizations/SQ340104-000001/withdraw", `{"reason":"申请人撤回"}`, 200, `"withdrawn"`)
	expect("verifier", "POST", at, `{"recipient":"申请人本人"}`, 409, "state_refuses")
	expect("reviewer", "GET", "/reports/"+r.Number, "", 409, "state_refuses")
}

// tampered does something while the ledger has other words in a report.
func tampered(t *testing.T, l ledger.Ledger, number, old, other string, do func()) {
	t.Helper()
	put := func(from, to string) {
		r, err := ledger.Get[ledger.IssuedReport](t.Context(), l, number)
		must(t, err)
		body := strings.Replace(string(r.Body), from, to, 1)
		if body == string(r.Body) {
			t.Fatalf("%s is not in the report", from)
		}
		r.Body = []byte(body)
		must(t, l.Commit(t.Context(), ledger.Change{Ops: []ledger.Op{ledger.Put(r)}}))
	}
	put(old, other)
	do()
	put(other, old)
}

// deliveries is the part of an office that lists snapshots.
type deliveries struct{ front.Rest }

func (deliveries) Snapshots(context.Context, wire.Caller, wire.Page) (wire.List[wire.Snapshot], error) {
	return wire.List[wire.Snapshot]{Items: []wire.Snapshot{
		{ID: "bb", Source: "bank", Provider: "bank", AsOf: "2026-10-31", State: "active", Rows: 1000, Accepted: 990, Quarantined: 8, Duplicates: 2},
		{ID: "old", Source: "bank", Provider: "bank", AsOf: "2025-10-31", State: "active", Rows: 10, Accepted: 10},
	}}, nil
}

// Coverage joins what is published with what is held.
func TestCoverage(t *testing.T) {
	counter := serveFront(t)
	h := counter.server
	counter.front.Rest = deliveries{}
	status, text, _ := call(t, h, "reviewer", "GET", "/coverage", "")
	var c wire.Coverage
	if err := json.Unmarshal([]byte(text), &c); status != 200 || err != nil || len(c.Sources) != 5 {
		t.Fatalf("%d %s", status, text)
	}
	for _, s := range c.Sources {
		switch {
		case s.Missing || s.StaleDays == 0:
			t.Errorf("%+v", s)
		case s.Source != "bank":
		case len(s.Deliveries) != 2:
			t.Errorf("%+v", s)
		default:
			in, out := s.Deliveries[0], s.Deliveries[1]
			if !in.Published || in.PerMillion != 8000 || in.AgeDays != 1 || in.Stale || in.State != "active" || out.Published || out.AgeDays != 366 || !out.Stale {
				t.Errorf("%+v, %+v", in, out)
			}
		}
	}
	if status, _, _ := call(t, h, "intake", "GET", "/coverage", ""); status != 403 {
		t.Errorf("intake: %d", status)
	}
}
