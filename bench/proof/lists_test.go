package proof

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// checks asks everybody to check every household. Who may check is told in the words of
// a verdict what is not to be known of: that there is no such authorisation.
func (m *matrix) checks(t *testing.T) {
	hidden := map[string]int{}
	calls := 0
	for _, c := range m.callers {
		for _, x := range m.things {
			f := *x.family
			f.division, f.scheme = "340104", cmpOr(x.scheme, "dibao")
			if x.there {
				f.division = x.division
			}
			if x.what == "a document" {
				f.number = "340104-000099" // a document in its place is no request at all
			}
			a := m.ask(c.person, "POST", "/api/v1/checks", f.request())
			calls++
			want, got := expected(c, "check", x.target), said(a)
			if got == reached && strings.Contains(string(a.body), "authorization_unknown") {
				got = unknown
				hidden[strings.NewReplacer(f.number, "N", f.scheme, "S").Replace(string(a.body))+fmt.Sprint(a.header.Get("X-Verdict-Id"))]++
			}
			if got == reached && !strings.Contains(string(a.body), `"coverage"`) {
				got = "no verdict"
			}
			if got != want {
				t.Errorf("%s checks %s: %s, the page says %s: %s", c.name, x.what, got, want, a.body)
			}
		}
	}
	if len(hidden) != 1 {
		t.Errorf("there are %d ways to say that an authorisation is unknown: %v", len(hidden), hidden)
	}
	t.Logf("%d checks", calls)
}

func cmpOr(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// list is one list and what in it is whose.
type list struct {
	operation, path string
	number          func(x *thing) string // that a line of it has
	asked           func(x *thing) string // the filter that asks for this thing
}

var lists = []list{
	{"authorization.search", "/api/v1/authorizations", func(x *thing) string { return x.family.paper }, func(x *thing) string { return "household=" + url.QueryEscape(x.family.number) }},
	{"case.list", "/api/v1/cases", func(x *thing) string { return x.family.caseID }, func(x *thing) string { return "household=" + url.QueryEscape(x.family.number) }},
	{"report.list", "/api/v1/reports", func(x *thing) string { return x.report }, func(x *thing) string { return "household=" + url.QueryEscape(x.family.number) }},
	{"batch.list", "/api/v1/batches", func(x *thing) string { return x.batch }, nil},
	{"user.list", "/api/v1/users", func(x *thing) string { return x.user }, nil},
	{"token.list", "/api/v1/tokens", func(x *thing) string { return x.issued }, nil},
}

// lists reads every list as everybody, whole and in pages of one line: what is outside is
// neither in it nor told by where a page ends.
func (m *matrix) lists(t *testing.T) {
	for _, x := range m.things {
		if x.there { // those that there were are revoked by now
			x.issued = m.issue(&person{account: x.issuedTo}, "me")
		}
	}
	for _, l := range lists {
		readers := 0
		whole := page[l.operation]
		whole.looks = ""
		for _, c := range m.callers {
			if c.nobody || c.setup || c.scopes != nil && !slices.Contains(c.scopes, l.operation) || !expectedBy(c, whole, target{}) {
				continue
			}
			readers++
			all, pages := m.read(t, c, l.path, 7)
			if pages == 0 {
				t.Errorf("%s: %s has no page", c.name, l.path)
			}
			for _, x := range m.things {
				row := page[l.operation]
				row.looks = strings.ReplaceAll(row.looks+" place scheme", "place place", "place")
				if l.asked == nil {
					row.looks = "place"
				}
				about := x.target
				about.owner = x.issuedTo
				if l.operation == "batch.list" {
					row.looks, about.owner = "place scheme", x.sender
				}
				want := x.there && expectedBy(c, row, about)
				if got := slices.ContainsFunc(all, func(line map[string]any) bool { return names(line, l.number(x)) }); got != want {
					t.Errorf("%s lists %s: %s is in it: %v, the page says %v", c.name, l.path, x.what, got, want)
				}
				if l.asked == nil {
					continue
				}
				some, pages := m.read(t, c, l.path+"?"+l.asked(x), 1)
				if want != (len(some) > 0) || !want && pages != 1 {
					t.Errorf("%s asks %s of %s: %d lines in %d pages, the page says %v", c.name, l.path, x.what, len(some), pages, want)
				}
			}
		}
		if readers < 3 {
			t.Errorf("only %d read %s", readers, l.path)
		}
	}
}

// expectedBy reports whether a line of a list is one that the caller may see.
func expectedBy(c *caller, r row, about target) bool {
	page["a line"] = r
	defer delete(page, "a line")
	return expected(&caller{person: c.person}, "a line", about) == reached
}

func names(line map[string]any, number string) bool {
	return line["number"] == number || line["id"] == number || line["account"] == number && line["display"] != nil
}

// read reads a list to its end.
func (m *matrix) read(t *testing.T, c *caller, path string, limit int) (all []map[string]any, pages int) {
	cursor := ""
	for pages < 200 {
		join := "?"
		if strings.Contains(path, "?") {
			join = "&"
		}
		a := m.ask(c.person, "GET", fmt.Sprintf("%s%slimit=%d&cursor=%s", path, join, limit, cursor), nil)
		var got struct {
			Items []map[string]any `json:"items"`
			Next  string           `json:"next"`
		}
		if a.status != 200 || json.Unmarshal(a.body, &got) != nil {
			t.Fatalf("%s reads %s: status %d: %s", c.name, path, a.status, a.body)
		}
		pages++
		all = append(all, got.Items...)
		if cursor = got.Next; cursor == "" {
			return all, pages
		}
	}
	t.Fatalf("%s: %s has no end", c.name, path)
	return nil, 0
}

// times holds the time of what is hidden against that of what is not there: as medians
// of many, interleaved, they lie in one grain.
func (m *matrix) times(t *testing.T) {
	var c *caller
	for _, x := range m.callers {
		if x.name == "verifier-340104" {
			c = x
		}
	}
	took := map[string][]time.Duration{}
	for range 60 {
		for _, path := range []string{
			"/api/v1/verdicts/%s /" + m.things[8].family.verdict + "/0" + m.things[8].family.verdict[1:],
			"/api/v1/cases/%s /" + m.things[8].family.caseID + "/0" + m.things[8].family.caseID[1:],
			"/api/v1/authorizations/%s /" + m.things[8].family.paper + "/SQ340203-999999",
		} {
			format, ids, _ := strings.Cut(path, " /")
			for i, id := range strings.Split(ids, "/") {
				began := time.Now()
				m.refusedAs(t, c, fmt.Sprintf(format, id))
				key := fmt.Sprint(i, format)
				took[key] = append(took[key], time.Since(began))
			}
		}
	}
	median := func(key string) time.Duration {
		slices.Sort(took[key])
		return took[key][len(took[key])/2]
	}
	for key := range took {
		if other, ok := strings.CutPrefix(key, "0"); ok {
			hidden, absent := median(key), median("1"+other)
			if hidden < grain || absent < grain || (hidden-absent).Abs() > 2*grain { // two, because others work on this machine too
				t.Errorf("%s: %v when it is hidden, %v when it is not there", other, hidden, absent)
			}
			t.Logf("%s: %v hidden, %v absent", other, hidden, absent)
		}
	}
}

func (m *matrix) refusedAs(t *testing.T, c *caller, path string) {
	if a := m.ask(c.person, "GET", path, nil); a.code != unknown {
		t.Fatalf("%s: %s", path, a.body)
	}
}

// seats asks everybody to end a session of everywhere.
func (m *matrix) seats(t *testing.T) {
	ended := 0
	m.address = "198.51.100.7:4000" // too many failed to sign in from the other
	defer func() { m.address = "" }()
	for _, c := range m.callers {
		for _, x := range m.things {
			if !x.there || x.scheme != "dibao" {
				continue
			}
			x = m.seated(x)
			about := x.target
			about.owner = x.seated
			a := m.ask(c.person, "DELETE", "/api/v1/sessions/"+x.seat, nil)
			want, got := expected(c, "session.end", about), said(a)
			if got != want {
				t.Errorf("%s ends a session of %s: %s, the page says %s", c.name, x.what, got, want)
			}
			if got == reached {
				ended++
			}
		}
	}
	if ended < 8 {
		t.Errorf("only %d sessions were ended", ended)
	}
}

// signOut is the last: it ends the sessions that it is asked with, in one office by their
// ids.
func (m *matrix) signOut(t *testing.T) {
	for _, c := range m.callers {
		if own := (target{there: true, division: c.division, owner: c.account}); c.cookie != "" && !c.nobody && !c.setup && strings.HasSuffix(c.account, "-340104") {
			a := m.ask(c.person, "DELETE", "/api/v1/sessions/"+seat(c.person), nil)
			if want, got := expected(c, "session.end", own), said(a); got != want {
				t.Errorf("%s ends their own session: %s, the page says %s", c.name, got, want)
			}
			if m.ask(c.person, "GET", "/api/v1/me", nil).code != signIn {
				t.Errorf("%s ended their session and is still there", c.name)
			}
			continue
		}
		a := m.ask(c.person, "POST", "/api/v1/sign-out", nil)
		if want, got := expected(c, "sign_out", target{}), said(a); got != want {
			t.Errorf("%s signs out: %s, the page says %s", c.name, got, want)
		}
		if a.status/100 == 2 && m.ask(c.person, "GET", "/api/v1/me", nil).code != signIn {
			t.Errorf("%s signed out and is still there", c.name)
		}
	}
}
