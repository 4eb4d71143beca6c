package proof

import (
	"cmp"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// The pages of the console are asked by the same matrix. They tell by a page what the
// interface tells by a code.

// paged reports whether a route is a page.
func paged(route string) bool {
	_, path, _ := strings.Cut(route, " ")
	return path == "/{$}" || path == "/console" || strings.HasPrefix(path, "/console/")
}

var (
	errorCode = regexp.MustCompile(`data-code="([a-z_]+)"`)
	mainPart  = regexp.MustCompile(`(?s)<main.*</main>`)
)

// pageCode is the code of what a page refuses, "" when it does not: a form that is shown
// again was reached.
func pageCode(a *answer) string {
	if to := a.header.Get("Location"); strings.HasPrefix(to, "/console/sign-in") && a.status == 303 && !strings.Contains(to, "done=") {
		return signIn
	}
	if m := errorCode.FindSubmatch(a.body); m != nil {
		return string(m[1])
	}
	return ""
}

// form is a form with these fields.
func form(pairs ...string) func(*thing) any {
	return func(*thing) any {
		out := url.Values{}
		for i := 0; i < len(pairs); i += 2 {
			out.Add(pairs[i], pairs[i+1])
		}
		return out
	}
}

// pageProbes are one for every page.
func pageProbes() []probe {
	paper := func(x *thing) string { return x.family.paper }
	withdrawn := func(x *thing) string { return x.withdrawn }
	user := func(x *thing) string { return x.user }
	stale := form("version", "999", "reason", "材料齐全")
	number := func(x *thing) string { return x.family.number }
	verdict := func(x *thing) string { return x.family.verdict }
	caseID := func(x *thing) string { return x.family.caseID }
	objection := func(x *thing) string { return x.family.objection }
	place := func(x *thing) string { return x.division }
	batch := func(x *thing) string { return cmp.Or(x.batch, "b-none") }
	out := []probe{
		{route: "GET /{$}", to: "/"},
		{route: "GET /console", to: "/console"},
		{route: "GET /console/sign-in"},
		{route: "POST /console/sign-in", body: url.Values{"account": {"nobody-at-all"}, "password": {"x"}}},
		{route: "POST /console/language", body: url.Values{"language": {"en"}}},
		{route: "GET /console/home"},
		{route: "GET /console/account"},
		{route: "POST /console/account/password", body: url.Values{"old": {"x"}, "new": {"short"}, "again": {"short"}}},
		{route: "POST /console/account/factor", body: url.Values{"password": {""}}},
		{route: "POST /console/account/factor/confirm", body: url.Values{"code": {""}}},

		{route: "GET /console/authorizations", about: true, inPlace: true, path: at("?division=%s", func(x *thing) string { return x.division })},
		{route: "GET /console/authorizations/new", bare: true},
		{route: "POST /console/authorizations/new", about: true, inPlace: true, with: func(x *thing) any {
			f := newFamily(x.family.person, x.division, x.scheme)
			return url.Values{
				"number": {x.family.paper}, "household": {f.number}, "division": {x.division}, "purposes": {x.scheme}, "data_classes": {"bank"},
				"valid_from": {"2026-01-01"}, "valid_to": {"2026-12-31"}, "scan_digest": {strings.Repeat("0f", 32)}, "members": {"1"},
				"m1_name": {"某某"}, "m1_id_number": {idNumber(x.family.person)}, "m1_signed_on": {"2026-01-01"},
			} // there is one already
		}},
		{route: "GET /console/authorizations/{number}", about: true, path: at("/%s", paper)},
		{route: "POST /console/authorizations/{number}/withdraw", about: true, path: at("/%s/withdraw", withdrawn), with: form("reason", "撤回")},
		{route: "POST /console/authorizations/{number}/amend", about: true, path: at("/%s/amend", paper), with: form("what", "left", "id_number", idNumber(79), "on", "2026-06-30", "reason", "离婚")},

		{route: "GET /console/audit"},
		{route: "GET /console/audit/subject", about: true, path: at("?household=%s", func(x *thing) string { return x.family.number })},
		{route: "GET /console/audit/head"},
		{route: "GET /console/alerts"},
		{route: "POST /console/alerts/{id}/close", about: true, path: at("/%s/close", func(x *thing) string { return x.alert }), with: form("reason", "已核实")},
		{route: "GET /console/operations"},

		{route: "GET /console/users"},
		{route: "GET /console/users/new", bare: true},
		{route: "POST /console/users/new", about: true, inPlace: true, with: func(x *thing) any {
			return url.Values{"account": {"security01"}, "person": {"P9"}, "display": {"x"}, "roles": {"leader"}, "division": {x.division}, "reason": {"新到岗"}}
		}},
		{route: "GET /console/users/{account}", about: true, path: at("/%s", user)},
		{route: "POST /console/users/{account}/change", about: true, path: at("/%s/change", user), with: form("version", "999", "reason", "调岗", "roles", "leader", "division", "34")},
		{route: "POST /console/users/{account}/disable", about: true, path: at("/%s/disable", user), with: stale},
		{route: "POST /console/users/{account}/reset", about: true, path: at("/%s/reset", user), with: stale},
		{route: "GET /console/tokens"},
		{route: "GET /console/tokens/new", bare: true},
		{route: "POST /console/tokens/new", about: true, with: func(x *thing) any {
			return url.Values{"account": {x.user}, "operations": {"no.such"}, "note": {"x"}, "expires": {"2027-01-01"}, "reason": {"接口"}}
		}},
		{route: "POST /console/tokens/{id}/end", about: true, path: at("/%s/end", func(x *thing) string { return x.issued }), with: form()},
		{route: "GET /console/sessions"},
		{route: "POST /console/sessions/{id}/end", about: true, path: at("/%s/end", func(*thing) string { return "s-0" }), with: form(), gone: true},
		{route: "GET /console/keys"},

		{route: "GET /console/check", bare: true},
		{route: "GET /console/template.xlsx", bare: true},
		{route: "POST /console/check", bare: true, body: url.Values{"household_id": {""}}},
		{route: "GET /console/households", bare: true, query: "?number=340104-000001"},
		{route: "GET /console/households/{number}", about: true, path: at("/%s", number)},
		{route: "GET /console/verdicts/{id}", about: true, path: at("/%s", verdict)},
		{route: "POST /console/verdicts/{id}/evidence/{number}/open", about: true, path: at("/%s/evidence/1/open", verdict), with: form()},
		{route: "POST /console/verdicts/{id}/evidence/{number}/unmask", about: true, path: at("/%s/evidence/1/unmask", verdict), with: form("field", "no_such", "reason", "与申请人当面核对")},
		{route: "POST /console/verdicts/{id}/reports", about: true, path: at("/%s/reports", verdict), with: form("recipient", "某单位\n", "lang", "zh")},
		{route: "GET /console/reports"},
		{route: "GET /console/reports/{number}", about: true, path: at("/%s", func(x *thing) string { return cmp.Or(x.report, "HD-none") })},
		{route: "GET /console/reports/{number}/{form}", about: true, path: at("/%s/html", func(x *thing) string { return cmp.Or(x.report, "HD-none") })},

		{route: "GET /console/batches"},
		{route: "POST /console/batches", bare: true, body: url.Values{"scheme": {"dibao"}}}, // without a file
		{route: "GET /console/batches/{id}", about: true, path: at("/%s", batch)},
		{route: "GET /console/batches/{id}/{form}", about: true, path: at("/%s/csv", batch)},
		{route: "POST /console/batches/{id}/cancel", about: true, path: at("/%s/cancel", batch), with: form("reason", "重复提交")},
		{route: "POST /console/batches/{id}/retry", about: true, path: at("/%s/retry", batch), with: form()},

		{route: "GET /console/cases"},
		{route: "GET /console/cases/{id}", about: true, path: at("/%s", caseID)},
		{route: "GET /console/objections"},
		{route: "GET /console/objections/{id}", about: true, path: at("/%s", objection)},
		{route: "POST /console/cases/{id}/objections", about: true, path: at("/%s/objections", caseID), with: form("evidence", "99999", "ground", "有误")},
		{route: "POST /console/objections/{id}/decide", about: true, path: at("/%s/decide", objection), with: form("upheld", "yes", "reason", "有误")},

		{route: "GET /console/changes"},
		{route: "GET /console/sources"},
		{route: "GET /console/corrections"},
		{route: "POST /console/corrections/send", about: true, with: func(x *thing) any { return url.Values{"ids": {x.family.caseID}} }},
		{route: "GET /console/public-notice", bare: true},
		{route: "POST /console/public-notice", about: true, inPlace: true, with: func(x *thing) any {
			return url.Values{
				"division": {x.division}, "scheme": {x.scheme}, "from": {"2026-10-01"}, "to": {"2026-10-31"}, "recipient": {"某街道"}, "objects": {"某科"}, "reason": {"公示"}, "format": {"csv"},
			}
		}},
		{route: "GET /console/statistics", about: true, inPlace: true, path: at("?division=%s", place)},
		{route: "GET /console/reviewers", about: true, inPlace: true, path: at("?division=%s", place)},
	}
	for _, step := range []string{"propose", "take-up", "confirm", "clear", "return", "notify", "assign"} {
		out = append(out, probe{route: "POST /console/cases/{id}/" + step, about: true, path: at("/%s/"+step, caseID), with: form("version", "999", "reason", "材料齐全", "assignee", "second")})
	}
	return out
}

// mayAtAll is what the page of the policy says of a form that is not about anything yet.
func mayAtAll(c *caller, operation string) string {
	r, ok := page[operation]
	switch {
	case !ok:
		return "the oracle does not know " + operation
	case c.nobody:
		return signIn
	case c.setup || c.scopes != nil && !slices.Contains(c.scopes, operation):
		return forbidden
	case !has(c.roles, r.who) && !has(c.roles, r.own), r.certificate:
		return forbidden
	}
	return reached
}
