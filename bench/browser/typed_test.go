package browser

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hedui/hedui/bench/browser/corpus"
	"github.com/hedui/hedui/bench/browser/drive"
)

// harmless fails where something ran that was only meant to be read.
func harmless(t testing.TB, p *drive.Page, where string) {
	t.Helper()
	trouble := p.Trouble()
	trouble.Console = slices.DeleteFunc(trouble.Console, func(s string) bool {
		return strings.Contains(s, "does not conform to the required format") // a date that is none, said back
	})
	if !trouble.None() {
		t.Errorf("%s: %s", where, trouble)
	}
	strange, err := p.Strangers()
	must(t, err)
	if len(strange) > 0 {
		t.Errorf("%s: not of this console: %s", where, strings.Join(strange, ", "))
	}
}

// squeezed is a text without space, which a page may break anywhere.
func squeezed(s string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \t\n\r\u00a0\u2028\u2029\u2000\u2003\u0085\u000b\u000c", r) {
			return -1
		}
		return r
	}, s)
}

// On every page of a family whose names, payers, banks, addresses, reasons and grounds
// are made to be code, nothing of it runs.
func TestBrowserHostileFamilies(t *testing.T) {
	s := centre(t)
	p := loose(t, drive.Visitor{Home: s.Home})
	pages := 0
	for _, f := range s.Families {
		if f.Why != hostile {
			continue
		}
		for _, at := range []struct{ who, path string }{
			{"intake01", "/console/authorizations/" + f.Paper},
			{"reviewer01", "/console/verdicts/" + f.Verdict},
			{"reviewer01", "/console/cases/" + f.Case},
			{"reviewer01", "/console/households/" + f.Number},
			{"auditor01", "/console/audit/subject?household=" + f.Number},
		} {
			if pattern(t, http.MethodGet, at.path) == "" || strings.HasSuffix(at.path, "/") {
				continue
			}
			open(t, p, place{who: at.who, path: at.path})
			harmless(t, p, at.path)
			pages++
		}
	}
	if pages < 20 {
		t.Errorf("%d pages", pages)
	}
	t.Logf("%d pages", pages)
}

// What an account is called is shown as it was written, every character of it.
func TestBrowserHostileAccounts(t *testing.T) {
	p := loose(t, drive.Visitor{Home: centre(t).Home})
	open(t, p, place{who: "security01", path: "/console/users"})
	harmless(t, p, "/console/users")
	text, err := p.Text()
	must(t, err)
	for i, name := range batches(corpus.Short(60), 60)[:24] {
		if !strings.Contains(squeezed(text), squeezed(name)) {
			t.Errorf("account hostile%02d is not shown as it is called", i+1)
		}
		path := fmt.Sprintf("/console/users/hostile%02d", i+1)
		open(t, p, place{who: "security01", path: path})
		harmless(t, p, path)
		one, err := p.Text()
		must(t, err)
		if !strings.Contains(squeezed(one), squeezed(name)) {
			t.Errorf("%s does not show what the account is called", path)
		}
		open(t, p, place{who: "security01", path: "/console/users"})
	}
}

// forbidden are forms that would take an account or a session from the tests.
var forbidden = regexp.MustCompile(`/(sign-out|language|end|disable|reset|change|withdraw|close)$|^/console/account/`)

// Every form of every page is sent with every string in its fields, by turns, whatever
// the fields ask for; what comes back runs nothing. Every string is tried in at least
// one form.
func TestBrowserHostileForms(t *testing.T) {
	all := corpus.All()
	var texts []string
	for _, h := range all {
		texts = append(texts, h.Text)
	}
	next, forms, fields := 0, 0, 0
	turn := func(n int) []string {
		var out []string
		for range n {
			out = append(out, texts[next%len(texts)])
			next++
		}
		return out
	}
	s := centre(t)
	p := loose(t, drive.Visitor{Home: s.Home})
	tried := map[string]bool{}
	stuffed := func(at place, only int) {
		open(t, p, at)
		list, err := p.Forms()
		must(t, err)
		for _, f := range list {
			key := f.Method + f.Action + fmt.Sprint(f.Fields)
			if forbidden.MatchString(f.Action) || f.Fields == 0 || tried[key] && only == 0 || only > 0 && !strings.Contains(f.Action, at.path) {
				continue
			}
			tried[key] = true
			open(t, p, at) // what was sent before may have changed what the page offers
			now, err := p.Forms()
			must(t, err)
			if f.Index >= len(now) || now[f.Index] != f {
				continue
			}
			n, err := p.Stuff(f.Index, turn(f.Fields)...)
			must(t, err)
			forms++
			fields += n
			harmless(t, p, at.path+" → "+f.Action)
			if p.Status() >= 500 {
				t.Errorf("%s → %s: status %d", at.path, f.Action, p.Status())
			}
		}
	}
	for _, at := range places(t) {
		stuffed(at, 0)
	}
	// A form of many fields takes what is left.
	for next < len(texts) {
		before := next
		stuffed(place{who: "intake01", path: "/console/authorizations/new"}, 1)
		if next == before {
			t.Fatal("no form takes what is left")
		}
	}
	if forms < 3 {
		t.Errorf("%d forms", forms)
	}
	t.Logf("%d forms, %d fields, %d strings", forms, fields, len(texts))
}

// Strings in an address are said back as text or not at all.
func TestBrowserHostileAddresses(t *testing.T) {
	s := centre(t)
	p := loose(t, drive.Visitor{Home: s.Home})
	enter(t, p, "reviewer01")
	asked := 0
	for _, h := range corpus.All() {
		if strings.ContainsAny(h.Text, "\x00") || len(h.Text) > 200 {
			continue
		}
		address := []string{"/console/authorizations?household=", "/console/sign-in?next=", "/console/home?done=", "/console/nothing?", "/console/authorizations/"}[asked%5]
		must(t, p.Go(address+escape(h.Text)))
		asked++
		if trouble := p.Trouble(); !trouble.None() {
			t.Errorf("%d in %s: %s", h.N, address, trouble)
		}
		strange, err := p.Strangers()
		must(t, err)
		if len(strange) > 0 {
			t.Errorf("%d in %s: not of this console: %s", h.N, address, strings.Join(strange, ", "))
		}
	}
	if asked < 200 {
		t.Errorf("%d addresses", asked)
	}
}

// escape writes a text into an address.
func escape(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		fmt.Fprintf(&b, "%%%02X", c)
	}
	return b.String()
}
