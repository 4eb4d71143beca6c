package console

import (
	"net/http"
	"net/url"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/api"
)

// framePages are what all pages need, and the first page.
func (c *Console) framePages() []api.Page {
	assets := c.get(access.ConsoleOpen, "/assets/{name}", "加载页面资源", "load what pages are made of", c.sendAsset)
	assets.Lane = api.Direct
	front := c.get(access.ConsoleOpen, "", "打开首页", "go to the first page", func(v *visit) error { return v.goTo(prefix + "/home") })
	root := front
	root.Path = "/{$}"
	for _, p := range []*api.Page{&front, &root} {
		p.Lane = api.Direct
	}
	return []api.Page{
		assets, front, root,
		c.post(access.ConsoleOpen, "/language", "切换语言", "change the language", changeLanguage, "language", "back"),
		c.get(access.Me, "/home", "首页", "the first page", showHome),
	}
}

// changeLanguage keeps which language somebody reads.
func changeLanguage(v *visit) error {
	lang := chinese
	if v.field("language") == english {
		lang = english
	}
	http.SetCookie(v.w, &http.Cookie{
		Name: languageCookie, Value: lang, Path: "/", MaxAge: 365 * 24 * 60 * 60, HttpOnly: true, SameSite: http.SameSiteStrictMode,
		Secure: !v.console.o.Plain,
	})
	return v.goTo(inside(v.field("back")))
}

// item is a line of the menu: a page, and whose it is.
type item struct {
	key       string // of the catalogue: nav.key
	path      string // below the prefix
	operation access.Operation
}

// menu is what there is to open, in groups.
var menu = [...]struct {
	key   string
	items []item
}{
	{"nav.work", []item{
		{key: "check", path: "/check", operation: access.Check},
		{key: "batches", path: "/batches", operation: access.BatchList},
		{key: "cases", path: "/cases", operation: access.CaseList},
		{key: "objections", path: "/objections", operation: access.ObjectionList},
		{key: "authorizations", path: "/authorizations", operation: access.AuthorizationSearch},
		{key: "reports", path: "/reports", operation: access.ReportList},
	}},
	{"nav.data", []item{
		{key: "changes", path: "/changes", operation: access.RecheckChanges},
		{key: "sources", path: "/sources", operation: access.SnapshotList},
		{key: "corrections", path: "/corrections", operation: access.CorrectionList},
		{key: "notice", path: "/public-notice", operation: access.PublicNotice},
		{key: "statistics", path: "/statistics", operation: access.Statistics},
		{key: "reviewers", path: "/reviewers", operation: access.ReviewerMeter},
	}},
	{"nav.control", []item{
		{key: "alerts", path: "/alerts", operation: access.AuditAlerts},
		{key: "audit", path: "/audit", operation: access.AuditSearch},
		{key: "subject", path: "/audit/subject", operation: access.AuditSubject},
		{key: "head", path: "/audit/head", operation: access.AuditHead},
		{key: "users", path: "/users", operation: access.UserList},
		{key: "tokens", path: "/tokens", operation: access.TokenIssue},
		{key: "sessions", path: "/sessions", operation: access.SessionList},
		{key: "keys", path: "/keys", operation: access.KeyList},
		{key: "operations", path: "/operations", operation: access.OperationList},
	}},
}

// navGroup is a group of the menu as one person sees it.
type navGroup struct {
	Title string
	Items []navItem
}

// navItem is one line of it.
type navItem struct {
	Title, Help, Path string
	Here              bool
}

// nav is the menu of the caller: what they may open, and nothing else.
func (v *visit) nav() []navGroup {
	if v.call.Account == "" {
		return nil
	}
	var out []navGroup
	for _, g := range menu {
		group := navGroup{Title: v.say(g.key)}
		for _, i := range g.items {
			if v.may(i.operation) {
				path := prefix + i.path
				group.Items = append(group.Items, navItem{v.say("nav." + i.key), v.say("nav." + i.key + ".help"), path, v.r.URL.Path == path})
			}
		}
		if len(group.Items) > 0 {
			out = append(out, group)
		}
	}
	return out
}

// AtHome reports whether it is the first page.
func (v *view) AtHome() bool { return v.visit.r.URL.Path == prefix+"/home" }

func showHome(v *visit) error {
	if v.settingUp() {
		return v.goTo(prefix + "/account")
	}
	return v.show("home", nil)
}

// signInPath is the page to sign in, and what to open after it.
func signInPath(next, done string) string {
	q := url.Values{}
	if next != "" && inside(next) != prefix {
		q.Set("next", inside(next))
	}
	if done != "" {
		q.Set(doneParameter, done)
	}
	u := url.URL{Path: prefix + "/sign-in", RawQuery: q.Encode()}
	return u.String()
}
