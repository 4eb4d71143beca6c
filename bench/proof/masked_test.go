package proof

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// secrets are the values of everybody in the tests.
var secrets = sync.OnceValue(func() [][]byte {
	var out [][]byte
	for i := range 80 {
		for _, text := range []string{nameOf(i), idNumber(i), accountNo(i), plate(i), vin(i)} {
			out = append(out, []byte(text))
		}
	}
	return out
})

// shows says what an answer shows that it must not: of anybody a value in full, but where
// one field was asked for with a reason; and to who sees statistics or administers, any
// household at all. It looks at every answer of every test here.
func shows(p *person, path string, body []byte) string {
	if path == "/api/v1/public-notices" { // which says names, and nothing else of anybody
		for i := range 80 {
			body = bytes.ReplaceAll(body, fmt.Appendf(nil, `"applicant":%q`, nameOf(i)), nil)
		}
	}
	if path != "/api/v1/unmask" && slices.ContainsFunc(secrets(), func(s []byte) bool { return bytes.Contains(body, s) }) {
		return "a value of somebody in full"
	}
	if p == nil || len(p.roles) != 1 {
		return ""
	}
	switch p.roles[0] {
	case "leader", "system_admin", "security_admin", "metrics":
		for _, place := range places {
			if bytes.Contains(body, []byte(place+"-0000")) {
				return "a household to " + p.roles[0]
			}
		}
	}
	return ""
}

// The scan itself sees what is shown.
func TestScanSees(t *testing.T) {
	leader := &person{roles: []string{"leader"}}
	for what, shown := range map[string]string{
		"name": nameOf(3), "number": idNumber(7), "account": accountNo(11), "plate": plate(13), "vin": vin(17),
	} {
		if shows(nil, "/api/v1/verdicts/1", fmt.Appendf(nil, `{"x":%q}`, shown)) == "" {
			t.Errorf("a %s is shown and not seen", what)
		}
	}
	if shows(leader, "/api/v1/statistics", []byte(`{"household":"340104-000001"}`)) == "" {
		t.Error("a household is shown to a leader and not seen")
	}
	if got := shows(leader, "/api/v1/statistics", []byte(`{"counts":[]}`)); got != "" {
		t.Error(got)
	}
}

// A record is masked for whoever opens it; one field is shown for a reason, to so many an
// hour.
func TestMasked(t *testing.T) {
	w := newWorld(t, 20)
	c := w.crew()
	f := newFamily(1, "340104", "dibao")
	w.want(201, c.intake, "POST", "/api/v1/authorizations", f.registration())
	w.check(c.verifier, f)
	balanceFen := strconv.FormatInt(int64(balance(1)), 10)
	unmask := map[string]any{"verdict": f.verdict, "evidence": 1, "field": "account_no", "reason": "与申请人当面核对账户"}
	for _, p := range []*person{c.verifier, c.reviewer, c.approver} {
		body := string(w.want(200, p, "POST", "/api/v1/verdicts/"+f.verdict+"/evidence/1/open", nil).body)
		if !strings.Contains(body, "***") || strings.Contains(body, balance(1).Yuan()) {
			t.Errorf("%s sees %s", p.account, body)
		}
		// … and the verdict itself says in which bands its amounts lie.
		body = string(w.want(200, p, "GET", "/api/v1/verdicts/"+f.verdict, nil).body)
		if strings.Contains(body, "_fen") || strings.Contains(body, balanceFen) || !strings.Contains(body, `"financial_band":"`) {
			t.Errorf("%s reads %s", p.account, body)
		}
		if got := w.want(200, p, "POST", "/api/v1/unmask", unmask).text("value"); got != accountNo(1) {
			t.Errorf("%s is shown %q", p.account, got)
		}
	}
	// Who judges a case that is assigned to them sees its amounts.
	w.want(200, c.reviewer, "POST", "/api/v1/cases/"+f.caseID+"/assign", map[string]any{"version": 0, "assignee": "approver01"})
	if body := string(w.want(200, c.approver, "POST", "/api/v1/verdicts/"+f.verdict+"/evidence/1/open", nil).body); !strings.Contains(body, balance(1).Yuan()) {
		t.Errorf("the assignee sees %s", body)
	}
	if body := string(w.want(200, c.approver, "GET", "/api/v1/verdicts/"+f.verdict, nil).body); !strings.Contains(body, `"financial_fen":`) || !strings.Contains(body, balanceFen) {
		t.Errorf("the assignee reads %s", body)
	}
	for range 19 {
		w.want(200, c.reviewer, "POST", "/api/v1/unmask", unmask)
	}
	w.refused("too_many_requests", c.reviewer, "POST", "/api/v1/unmask", unmask)
	// A desk that begins knows it too.
	seen, err := w.office.Seen(t.Context())
	must(t, err)
	of := 0
	for _, s := range seen {
		if strings.Contains(s.Person, "reviewer01") {
			of++
		}
	}
	if of != 20 || len(seen) != 22 {
		t.Errorf("the log has %d of the reviewer, %d in all: %v", of, len(seen), seen)
	}
	for _, p := range []*person{c.intake, c.steward, c.leader, c.auditor, c.system, w.security} {
		w.refused("forbidden", p, "POST", "/api/v1/unmask", unmask)
	}
}
