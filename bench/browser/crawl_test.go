package browser

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/hedui/hedui/bench/browser/corpus"
	"github.com/hedui/hedui/bench/browser/drive"
	"github.com/hedui/hedui/bench/browser/site"
)

// place is a page somewhere in the console, as somebody finds it by its links.
type place struct {
	who, path, route string
}

// everybody are the accounts that look, those with the most pages first.
var everybody = []string{"reviewer01", "verifier01", "intake01", "approver01", "leader01", "steward01", "auditor01", "system01", "security01"}

// alike is how many addresses of one route somebody looks at.
const alike = 3

// special are addresses that show what pages must bear. They are looked at first.
func special(t testing.TB) []place {
	t.Helper()
	s := centre(t)
	var out []place
	add := func(who, path string) {
		if route := pattern(t, http.MethodGet, path); route != "" {
			out = append(out, place{who, path, route})
		}
	}
	for _, why := range []string{"12 members", "60 records", "a long name", twoPersons, "nothing found"} {
		f := s.Family(why)
		add("reviewer01", "/console/verdicts/"+f.Verdict)
		if f.Case != "" {
			add("reviewer01", "/console/cases/"+f.Case)
		}
		add("intake01", "/console/authorizations/"+f.Paper)
		add("reviewer01", "/console/households/"+f.Number)
	}
	return out
}

// places finds the pages of the console as people do, by following links from the first
// page. Of every route it takes some addresses. What links lead to and is no page fails.
func places(t testing.TB) []place {
	t.Helper()
	found.Do(func() { found.all, found.err = find(t) })
	must(t, found.err)
	if len(found.all) < len(everybody) {
		t.Fatalf("%d pages were found", len(found.all))
	}
	if *only != "" {
		return slices.DeleteFunc(slices.Clone(found.all), func(p place) bool { return !strings.Contains(p.route, *only) })
	}
	return found.all
}

func find(t testing.TB) ([]place, error) {
	s := centre(t)
	ctx := context.Background()
	var out []place
	taken := map[string]int{} // by person and route
	routeTaken := map[string]int{}
	var visit func(p place, from string) error
	visit = func(p place, from string) error {
		key := p.who + " " + p.route + " " + names(p.path)
		if taken[key] >= alike || routeTaken[p.route+names(p.path)] >= 3*alike {
			return nil
		}
		for _, o := range out {
			if o.who == p.who && o.path == p.path {
				return nil
			}
		}
		var account *site.Account
		if p.who != "" {
			account = s.Account(p.who)
		}
		r, err := s.Send(ctx, account, http.MethodGet, p.path, nil)
		if err != nil {
			return err
		}
		taken[key]++
		routeTaken[p.route+names(p.path)]++
		switch {
		case r.Status >= 400:
			t.Errorf("%s leads %s to %s, which is answered with %d", from, p.who, p.path, r.Status)
			return nil
		case r.Status >= 300:
			return nil
		case !strings.HasPrefix(r.Header.Get("Content-Type"), "text/html"):
			files.add(p.route, p.path)
			return nil
		}
		out = append(out, p)
		for _, m := range href.FindAllStringSubmatch(string(r.Body), -1) {
			to := strings.ReplaceAll(m[1], "&amp;", "&")
			to, _, _ = strings.Cut(to, "#")
			if strings.HasPrefix(to, "?") {
				base, _, _ := strings.Cut(p.path, "?")
				to = base + to
			}
			if !strings.HasPrefix(to, "/console/") || strings.HasPrefix(to, "/console/assets/") {
				continue
			}
			route := pattern(t, http.MethodGet, to)
			if route == "" {
				t.Errorf("%s has a link to %s, which is no page", p.path, to)
				continue
			}
			if err := visit(place{p.who, to, route}, p.path); err != nil {
				return err
			}
		}
		return nil
	}
	for _, p := range special(t) {
		if err := visit(p, "a test"); err != nil {
			return nil, err
		}
	}
	for _, who := range everybody {
		if err := visit(place{who, "/console/home", "GET /console/home"}, "signing in"); err != nil {
			return nil, err
		}
	}
	err := visit(place{"", "/console/sign-in", "GET /console/sign-in"}, "nowhere")
	return out, err
}

var href = regexp.MustCompile(`(?:href|hx-get)="([^"]*)"`)

// names are the names of an address's parameters.
func names(path string) string {
	_, query, _ := strings.Cut(path, "?")
	values, err := url.ParseQuery(query)
	if err != nil {
		return ""
	}
	var out []string
	for name, v := range values {
		if len(v) > 0 && v[0] != "" && name != "done" {
			out = append(out, name)
		}
	}
	sort.Strings(out)
	return strings.Join(out, ",")
}

// open opens a page as the one who found it.
func open(t testing.TB, p *drive.Page, at place) {
	t.Helper()
	if at.who != "" {
		enter(t, p, at.who)
	}
	must(t, p.Go(at.path))
	if now, err := p.Path(); err != nil || at.who != "" && strings.HasPrefix(now, "/console/sign-in") {
		t.Fatalf("%s: %s is signed in no more: %v", at.path, at.who, err)
	}
	if p.Status() != http.StatusOK {
		t.Errorf("%s as %s: status %d", at.path, at.who, p.Status())
	}
}

// few are at most so many pages of every route and person, the first that were found.
func few(all []place, most int) []place {
	count := map[string]int{}
	var out []place
	for _, p := range all {
		if count[p.route+names(p.path)]++; count[p.route+names(p.path)] <= most {
			out = append(out, p)
		}
	}
	return out
}

// Every page is as a page should be: nothing strange in it, labels, contrast, focus,
// headings, words; nothing that a browser complains about.
func TestBrowserEveryPage(t *testing.T) {
	for _, at := range few(places(t), 2) {
		t.Run(at.who+at.path, func(t *testing.T) {
			p := window(t, drive.Visitor{Home: centre(t).Home})
			open(t, p, at)
			text, err := p.Text()
			must(t, err)
			shown := strings.Contains(text, corpus.Marker) // hostile strings look like what a program left over
			for _, wrong := range judge(t, p) {
				if !shown || !strings.HasPrefix(wrong, "left over") {
					t.Error(wrong)
				}
			}
			whole, err := p.HTML()
			must(t, err)
			for _, f := range centre(t).Families {
				for _, member := range f.People {
					if strings.Contains(whole, member.Number) {
						t.Errorf("it holds a whole document number of %s", f.Number)
					}
				}
			}
			for _, v := range p.Visited() {
				h := http.Header{}
				for name, value := range v.Header {
					h.Set(name, value)
				}
				if wrong := headers(h); len(wrong) > 0 {
					t.Errorf("%s: %s", v.Path, strings.Join(wrong, "; "))
				}
			}
		})
	}
}

// No page scrolls sideways on a phone, and nothing on it is too small to press.
func TestBrowserNarrow(t *testing.T) {
	for _, at := range few(places(t), 2) {
		t.Run(at.who+at.path, func(t *testing.T) {
			p := window(t, drive.Visitor{Home: centre(t).Home, Width: drive.Phone, Height: 720})
			open(t, p, at)
			wide, err := p.Overflow()
			must(t, err)
			if len(wide) > 0 {
				t.Errorf("it scrolls sideways: %s", strings.Join(wide, ", "))
			}
			small, err := p.Small()
			must(t, err)
			if len(small) > 0 {
				t.Errorf("too small to press: %s", strings.Join(small, ", "))
			}
		})
	}
}

// Every page says the same without scripts: it can be opened, and what can be pressed
// with them is there without them.
func TestBrowserNoScript(t *testing.T) {
	for _, at := range few(places(t), 1) {
		t.Run(at.who+at.path, func(t *testing.T) {
			with := window(t, drive.Visitor{Home: centre(t).Home})
			open(t, with, at)
			without := window(t, drive.Visitor{Home: centre(t).Home, NoScript: true})
			open(t, without, at)
			a, err := with.Buttons()
			must(t, err)
			b, err := without.Buttons()
			must(t, err)
			for _, name := range a {
				if name == "打印" { // the browser's own menu prints; a button can't without a script
					continue
				}
				if !slices.Contains(b, name) {
					t.Errorf("without scripts there is no %q", name)
				}
			}
			wrong, err := without.Strangers()
			must(t, err)
			if len(wrong) > 0 {
				t.Errorf("not of this console: %s", strings.Join(wrong, ", "))
			}
		})
	}
}

// Every page can be read in English: its title, headings, labels and buttons.
func TestBrowserEnglish(t *testing.T) {
	for _, at := range few(places(t), 1) {
		t.Run(at.who+at.path, func(t *testing.T) {
			p := window(t, drive.Visitor{Home: centre(t).Home, Language: "en"})
			must(t, p.Keep("hedui-language", "en"))
			open(t, p, at)
			said, err := p.Chrome()
			must(t, err)
			if len(said) == 0 {
				t.Error("the page has no words of its own")
			}
			for _, s := range said {
				if s != "中文" && chinese.MatchString(s) {
					t.Errorf("in English it says %s", s)
				}
			}
			text, err := p.Text()
			must(t, err)
			for _, wrong := range wording(text, "en") {
				if !strings.HasPrefix(wrong, "left over") {
					t.Error(wrong)
				}
			}
		})
	}
}

var chinese = regexp.MustCompile(`\p{Han}{2,}`)

// Every page is drawn once for the eyes of people, where a folder for pictures is given.
func TestBrowserPictures(t *testing.T) {
	must(t, os.MkdirAll(*pictures, 0o755))
	drawn := map[string]bool{}
	draw := func(name string, v drive.Visitor, at place) {
		v.Home = centre(t).Home
		p := window(t, v)
		if v.Language == "en" {
			must(t, p.Keep("hedui-language", "en"))
		}
		open(t, p, at)
		picture, err := p.Picture()
		must(t, err)
		if len(picture) > 150_000 {
			t.Errorf("%s: %d bytes", name, len(picture))
		}
		must(t, os.WriteFile(filepath.Join(*pictures, name+".png"), picture, 0o644))
	}
	for _, at := range places(t) {
		name := pictureName(at)
		if drawn[name] || strings.Contains(name, "cursor") { // what comes next in a list looks alike
			continue
		}
		drawn[name] = true
		draw(name, drive.Visitor{}, at)
		if samples[name] {
			draw(name+"-narrow", drive.Visitor{Width: drive.Phone, Height: 720}, at)
			draw(name+"-en", drive.Visitor{Language: "en"}, at)
		}
	}
	if len(drawn) == 0 {
		t.Error("nothing was drawn")
	}
}

// samples are pages that are drawn narrow and in English too.
var samples = map[string]bool{"home": true, "sign-in": true, "verdicts-id": true, "cases": true, "cases-id": true, "authorizations-new": true, "checks-new": true, "statistics": true}

// pictureName is what the picture of a page is called: its route.
func pictureName(at place) string {
	name := strings.TrimPrefix(at.route, "GET /console/")
	name = strings.NewReplacer("/", "-", "{", "", "}", "", "$", "", ".", "").Replace(name)
	if n := names(at.path); n != "" {
		name += "-by-" + strings.ReplaceAll(n, ",", "-")
	}
	if name == "home" && at.who != "reviewer01" {
		name += "-" + strings.TrimRight(at.who, "0123456789")
	}
	return fmt.Sprint(name)
}
