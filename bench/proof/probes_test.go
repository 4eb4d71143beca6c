package proof

import (
	"cmp"
	"fmt"
	"net/url"
	"strings"
)

// probe is one way to ask a route about a thing, made so that what is allowed changes
// nothing, or nothing that another probe rests on.
type probe struct {
	route   string // method and address of the table
	about   bool   // it is asked about a thing
	inPlace bool   // … namely about its place only
	bare    bool   // a form that is about nothing yet
	gone    bool   // what it asks about is not there
	to      string // its address, when it is not its route
	query   string
	body    any
	path    func(x *thing) string
	with    func(x *thing) any
}

func at(format string, of func(x *thing) string) func(x *thing) string {
	return func(x *thing) string { return fmt.Sprintf(format, url.PathEscape(of(x))) }
}

func by(body map[string]any) func(*thing) any { return func(*thing) any { return body } }

// probes are all of them.
func probes() []probe {
	paper := func(x *thing) string { return x.family.paper }
	withdrawn := func(x *thing) string { return x.withdrawn }
	number := func(x *thing) string { return x.family.number }
	verdict := func(x *thing) string { return x.family.verdict }
	caseID := func(x *thing) string { return x.family.caseID }
	objection := func(x *thing) string { return x.family.objection }
	user := func(x *thing) string { return x.user }
	issued := func(x *thing) string { return x.issued }
	stale := by(map[string]any{"version": 999, "reason": "材料齐全"})
	out := []probe{
		{route: "GET /healthz"},
		{route: "GET /readyz"},
		{route: "GET /metrics"},
		{route: "GET /api/v1/openapi.json"},
		{route: "GET /api/v1/me"},
		{route: "GET /api/v1/operations"},
		{route: "POST /api/v1/sign-in", body: map[string]any{"account": "nobody-at-all", "password": "x"}},
		{route: "POST /api/v1/me/password", body: map[string]any{"old": "x", "new": "short"}},
		{route: "POST /api/v1/me/factor", body: map[string]any{"confirm": "yes"}},
		{route: "GET /api/v1/cases"},
		{route: "GET /api/v1/recheck/changes"},
		{route: "GET /api/v1/snapshots"},
		{route: "GET /api/v1/coverage"},
		{route: "GET /api/v1/reports"},
		{route: "GET /api/v1/dock/catalogue", query: "?nonce=" + strings.Repeat("0", 32)},
		{route: "GET /api/v1/objections"},
		{route: "GET /api/v1/users"},
		{route: "GET /api/v1/tokens"},
		{route: "GET /api/v1/sessions"},
		{route: "GET /api/v1/keys"},
		{route: "GET /api/v1/corrections", query: "?department=bank"},
		{route: "GET /api/v1/audit/entries"},
		{route: "GET /api/v1/audit/head"},
		{route: "GET /api/v1/audit/alerts"},

		{route: "POST /api/v1/authorizations", about: true, inPlace: true, with: func(x *thing) any {
			r := newFamily(x.family.person, x.division, x.scheme).registration()
			r["number"] = x.family.paper // there is one already
			return r
		}},
		{route: "GET /api/v1/authorizations", about: true, inPlace: true, path: at("?division=%s", func(x *thing) string { return x.division })},
		{route: "GET /api/v1/authorizations/{number}", about: true, path: at("/%s", paper)},
		{route: "POST /api/v1/authorizations/{number}/withdraw", about: true, path: at("/%s/withdraw", withdrawn), with: by(map[string]any{"reason": "撤回"})},
		{route: "POST /api/v1/authorizations/{number}/left", about: true, path: at("/%s/left", paper), with: by(map[string]any{"id_number": idNumber(79), "on": "2026-06-30", "reason": "离婚"})},
		{route: "POST /api/v1/authorizations/{number}/signed", about: true, path: at("/%s/signed", paper), with: by(map[string]any{"id_number": idNumber(79), "on": "2026-06-30", "reason": "成年"})},
		{route: "GET /api/v1/households/{number}", about: true, path: at("/%s", number)},
		{route: "GET /api/v1/verdicts/{id}", about: true, path: at("/%s", verdict)},
		{route: "POST /api/v1/verdicts/{id}/evidence/{evidence}/open", about: true, path: at("/%s/evidence/1/open", verdict)},
		{route: "POST /api/v1/unmask", about: true, with: func(x *thing) any {
			return map[string]any{"verdict": x.family.verdict, "evidence": 1, "field": "balance", "reason": "与申请人当面核对"}
		}},
		{route: "POST /api/v1/verdicts/{id}/reports", about: true, path: at("/%s/reports", verdict), with: by(map[string]any{"recipient": "两\n行"})},
		{route: "GET /api/v1/reports/{number}", about: true, path: at("/%s?form=html", func(x *thing) string { return cmp.Or(x.report, "HD-none") })},
		{route: "GET /api/v1/cases/{id}", about: true, path: at("/%s", caseID)},
		{route: "POST /api/v1/cases/{id}/objections", about: true, path: at("/%s/objections", caseID), with: by(map[string]any{"evidence": 99999, "ground": "有误"})},
		{route: "GET /api/v1/objections/{id}", about: true, path: at("/%s", objection)},
		{route: "POST /api/v1/objections/{id}/decide", about: true, path: at("/%s/decide", objection), with: by(map[string]any{"upheld": true, "reason": "有误"})},
		{route: "POST /api/v1/dock/evidence", about: true, with: func(x *thing) any {
			return map[string]any{
				"nonce": strings.Repeat("0", 32), "node": "x", "generation": strings.Repeat("0", 32), "household": x.family.number, "authorization": x.family.paper,
				"division": "340104", "scheme": "dibao", "on": "2026-11-01", "sources": []string{"bank"}, "persons": []string{"AAAAAAAAAAE="},
			}
		}},
		{route: "GET /api/v1/statistics", about: true, inPlace: true, path: at("?division=%s", func(x *thing) string { return x.division })},
		{route: "POST /api/v1/public-notices", about: true, inPlace: true, with: func(x *thing) any {
			return map[string]any{
				"division": x.division, "scheme": x.scheme, "from": "2026-11-02", "to": "2026-11-01", "recipient": "街道办事处", "objects": "民政局", "reason": "公示",
			} // the last day is before the first
		}},
		{route: "GET /api/v1/reviewers", about: true, inPlace: true, path: at("?division=%s", func(x *thing) string { return x.division })},
		{route: "POST /api/v1/reviewers/planted-cases", about: true, inPlace: true, with: func(x *thing) any {
			return map[string]any{
				"household": x.family.number, "authorization": x.family.paper, "division": x.division, "scheme": x.scheme, "on": "2026-11-01",
				"outcome": "needs_review", "reason": "质量抽查", "records": []any{map[string]any{
					"source": "bank", "row": 7, "amount_fen": 100, "rule": "undeclared_assets", "law": "第五条", "fields": []any{map[string]any{"name": "balance", "amount_fen": 100}},
				}},
			} // the numbers are somebody's
		}},
		{route: "GET /api/v1/audit/subjects/{household}", about: true, path: at("/%s", number)},

		{route: "POST /api/v1/users", about: true, inPlace: true, with: func(x *thing) any {
			return map[string]any{"account": "security01", "person": "P9", "display": "x", "roles": []string{"leader"}, "division": x.division, "purposes": []string{}, "reason": "新到岗"}
		}},
		{route: "GET /api/v1/users/{account}", about: true, path: at("/%s", user)},
		{route: "PATCH /api/v1/users/{account}", about: true, path: at("/%s", user), with: stale},
		{route: "POST /api/v1/users/{account}/disable", about: true, path: at("/%s/disable", user), with: stale},
		{route: "POST /api/v1/users/{account}/reset", about: true, path: at("/%s/reset", user), with: stale},
		{route: "POST /api/v1/tokens", about: true, with: func(x *thing) any {
			return map[string]any{"account": x.user, "operations": []string{"no.such"}, "note": "x", "expires": "2027-01-01", "reason": "接口"}
		}},
		{route: "DELETE /api/v1/tokens/{id}", about: true, path: at("/%s", issued)},
		{route: "DELETE /api/v1/sessions/{id}", about: true, path: at("/%s", func(x *thing) string { return cmp.Or(x.seat, "s-0") })},
		{route: "POST /api/v1/corrections/send", about: true, with: func(x *thing) any { return map[string]any{"ids": []string{x.family.caseID}} }},
	}
	batch := func(x *thing) string { return cmp.Or(x.batch, "b-none") }
	out = append(out,
		probe{route: "POST /api/v1/batches", about: true, inPlace: true, body: []byte("[]"), path: at("?scheme=%s", func(x *thing) string { return x.scheme })}, // no lines
		probe{route: "POST /api/v1/batches/open", about: true, inPlace: true, with: func(x *thing) any { return map[string]any{"scheme": x.scheme, "rows": 1} }},
		probe{route: "GET /api/v1/batches"},
		probe{route: "GET /api/v1/batches/{id}", about: true, path: at("/%s", batch)},
		probe{route: "GET /api/v1/batches/{id}/results", about: true, path: at("/%s/results?format=csv", batch)},
	)
	for _, what := range []string{"close", "cancel", "retry"} { // a batch that is done takes none
		p := probe{route: "POST /api/v1/batches/{id}/" + what, about: true, path: at("/%s/"+what, batch)}
		if what != "close" {
			p.with = by(map[string]any{})
		}
		out = append(out, p)
	}
	alert := func(x *thing) string { return x.alert }
	out = append(out, probe{
		route: "POST /api/v1/audit/alerts/{id}/close", about: true, path: at("/%s/close", alert), with: by(map[string]any{"reason": "已核实"}),
	})
	for _, step := range []string{"propose", "take-up", "confirm", "clear", "return", "notify", "assign"} {
		body := map[string]any{"version": 999, "reason": "材料齐全"}
		if step == "assign" {
			body["assignee"] = "second"
		}
		out = append(out, probe{route: "POST /api/v1/cases/{id}/" + step, about: true, path: at("/%s/"+step, caseID), with: by(body)})
	}
	out = append(out, pageProbes()...)
	// An account that there is none of must not tell a case that is hidden.
	return append(out, probe{
		route: "POST /api/v1/cases/{id}/assign", about: true, path: at("/%s/assign", caseID), with: by(map[string]any{"version": 999, "assignee": "no-such-account"}),
	})
}

// address is where a probe asks about a thing: its route up to the first parameter, and
// what path says.
func (p *probe) address(x *thing) string {
	_, path, _ := strings.Cut(p.route, " ")
	if p.to != "" {
		return p.to
	}
	if p.path == nil {
		return path + p.query
	}
	path, _, _ = strings.Cut(path, "/{")
	return path + p.path(x)
}
