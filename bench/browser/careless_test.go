package browser

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/hedui/hedui/bench/browser/drive"
)

// careless is a console as nobody should make one: it takes forms from anywhere, lets
// itself be framed, keeps the cookie that was there before, and writes what it is sent
// into its pages as it is.
func careless(t testing.TB) (home string, changed *atomic.Int64) {
	t.Helper()
	changed = &atomic.Int64{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if r.Method == http.MethodPost {
			changed.Add(1)
			_ = r.ParseForm()
		}
		if r.URL.Path == "/away" {
			http.Redirect(w, r, r.URL.Query().Get("next"), http.StatusSeeOther)
			return
		}
		fmt.Fprint(w, head+`<form method="post"><label>名称 <input name="name" value="`+r.PostForm.Get("name")+`"></label><button>提交</button></form><p>`+r.PostForm.Get("name")+`</p></main>`)
	}))
	t.Cleanup(s.Close)
	return s.URL, changed
}

// What the attacks would do to a careless console is seen.
func TestBrowserAttacksAreReal(t *testing.T) {
	home, changed := careless(t)
	t.Run("forged form", func(t *testing.T) {
		p := loose(t, drive.Visitor{Home: home})
		must(t, p.Go(attacker(t, post(home+"/x", url.Values{"name": {"a"}}))))
		if changed.Load() == 0 {
			t.Error("a form of another site did not reach a careless console")
		}
	})
	t.Run("frame", func(t *testing.T) {
		p := loose(t, drive.Visitor{Home: home})
		must(t, p.Go(attacker(t, `<iframe title="f" src="`+home+`/"></iframe>`)))
		trouble := p.Trouble()
		for _, said := range append(trouble.Console, trouble.Policy...) {
			if strings.Contains(said, "frame-ancestors") || strings.Contains(said, "X-Frame-Options") {
				t.Error("a page that may be framed counts as refused")
			}
		}
	})
	t.Run("headers", func(t *testing.T) {
		r, err := http.Get(home)
		must(t, err)
		defer r.Body.Close()
		if wrong := headers(r.Header); len(wrong) < 8 {
			t.Errorf("a page without any header lacks only %v", wrong)
		}
		good := http.Header{
			"Content-Type": {"text/html"}, "X-Frame-Options": {"DENY"}, "Referrer-Policy": {"same-origin"}, "Cache-Control": {"no-store"}, "X-Content-Type-Options": {"nosniff"},
			"Content-Security-Policy": {"default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"},
		}
		if wrong := headers(good); len(wrong) != 1 || !strings.Contains(wrong[0], "unsafe-inline") {
			t.Errorf("of a policy with unsafe-inline: %v", wrong)
		}
	})
	t.Run("sent elsewhere", func(t *testing.T) {
		p := loose(t, drive.Visitor{Home: home})
		must(t, p.Go("/away?next="+url.QueryEscape(attacker(t, "<p>x</p>"))))
		if trouble := p.Trouble(); len(trouble.Foreign) == 0 {
			t.Error("being sent elsewhere is not seen")
		}
	})
	t.Run("hostile form", func(t *testing.T) {
		p := loose(t, drive.Visitor{Home: home})
		seen := 0
		for _, text := range []string{`"><script>heduiPlanted(1)</script>`, `<img src=x onerror=heduiPlanted(2)>`, `<svg onload=heduiPlanted(3)>`, `<iframe src="javascript:parent.heduiPlanted(4)">`, `</main><base href="//evil.test/">`} {
			must(t, p.Go("/"))
			n, err := p.Stuff(0, text)
			must(t, err)
			if n != 1 {
				t.Fatalf("%d fields", n)
			}
			strange, err := p.Strangers()
			must(t, err)
			if trouble := p.Trouble(); len(trouble.Planted) > 0 || len(strange) > 0 {
				seen++
			}
		}
		if seen != 5 {
			t.Errorf("%d of 5 strings that became code were seen", seen)
		}
	})
}
