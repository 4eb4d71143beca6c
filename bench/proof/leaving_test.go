package proof

import (
	"slices"
	"strings"
	"testing"
)

// What leaves the centre over HTTP: a public notice, with names and nothing else of
// anybody, and what a leader is told, which names nobody.
func TestWhatLeaves(t *testing.T) {
	w := newWorld(t, 20)
	c := w.crew()
	for i := 1; i <= 12; i++ {
		f := newFamily(i, "340104", "dibao")
		w.want(201, c.intake, "POST", "/api/v1/authorizations", f.registration())
		w.check(c.verifier, f)
		if i > 5 { // of the others somebody still decides
			step := map[string]any{"version": 0, "reason": "账户为代管"}
			w.want(200, c.verifier, "POST", "/api/v1/cases/"+f.caseID+"/propose", step)
			w.want(200, c.reviewer, "POST", "/api/v1/cases/"+f.caseID+"/take-up", step)
			w.openAll(c.approver, f)
			w.want(200, c.approver, "POST", "/api/v1/cases/"+f.caseID+"/clear", step)
		}
	}
	query := map[string]any{
		"division": "340104", "scheme": "dibao", "from": "2026-11-01", "to": "2026-11-30", "recipient": "三里庵街道办事处", "objects": "区民政局", "reason": "11月公示",
	}
	var notice struct {
		Number string   `json:"number"`
		Foot   []string `json:"foot"`
		Rows   []struct {
			Applicant string `json:"applicant"`
			Members   int    `json:"members"`
			Place     string `json:"place"`
		} `json:"rows"`
	}
	a := w.want(200, c.approver, "POST", "/api/v1/public-notices", query)
	a.read(&notice)
	if len(notice.Rows) != 7 {
		t.Fatalf("%s", a.body)
	}
	for _, r := range notice.Rows {
		if !strings.HasPrefix(r.Place, "蜀山区") || r.Members < 1 || !slices.ContainsFunc(rangeOf(20), func(i int) bool { return nameOf(i) == r.Applicant }) {
			t.Errorf("%+v", r)
		}
	}
	if notice.Number == "" || !strings.Contains(strings.Join(notice.Foot, ""), notice.Number) {
		t.Errorf("%s", a.body)
	}
	for _, secret := range []string{"340104-0000", "SQ340104", "_fen", "***"} { // and what every answer is searched for
		if strings.Contains(string(a.body), secret) {
			t.Errorf("%s is on the notice", secret)
		}
	}
	for _, p := range []*person{c.intake, c.verifier, c.reviewer, c.leader, c.steward, c.auditor, c.system, w.security} {
		w.refused("forbidden", p, "POST", "/api/v1/public-notices", query)
	}

	centre := w.hire("city-centre", "340104", []string{"dibao"}, "centre")
	w.issue(centre, "me")
	w.want(200, centre, "GET", "/api/v1/me", nil)
	var s struct {
		Months  []struct{ Month string }
		Centres []struct {
			Division  string `json:"division"`
			Accounts  int    `json:"accounts"`
			LastHeard string `json:"last_heard"`
		}
	}
	w.want(200, c.leader, "GET", "/api/v1/statistics", nil).read(&s)
	if len(s.Months) != 1 || s.Months[0].Month != "2026-11" {
		t.Errorf("%+v", s)
	}
	if len(s.Centres) != 1 || s.Centres[0].Division != "340104" || s.Centres[0].LastHeard != "2026-11-01" || s.Centres[0].Accounts != 1 {
		t.Errorf("%+v", s.Centres)
	}
}

func rangeOf(n int) (out []int) {
	for i := range n {
		out = append(out, i)
	}
	return out
}
