package browser

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/hedui/hedui/bench/browser/drive"
)

// strict is the policy that pages of the console have.
const strict = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

const head = `<!doctype html><html lang="zh"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>试验</title><link rel="stylesheet" href="/good.css"></head><body><main><h1>试验页</h1>`

// pages is a site of pages as they should be and as they should not.
func pages(t testing.TB, policy string, more map[string]string) string {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("/good.css", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/css")
		fmt.Fprint(w, `body{color:#222;background:#fff} button,input,select{min-height:32px;min-width:40px;color:#111;background:#fff} .faint{color:#999} .wide{width:2000px}
			.none:focus,.none:focus-visible{outline:none} .tiny{min-height:0;min-width:0;width:10px;height:10px;padding:0} .clip{width:4em;overflow:hidden;white-space:nowrap} a{color:#00e}`)
	})
	mux.HandleFunc("/favicon.ico", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	mux.HandleFunc("/posted", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_ = r.ParseMultipartForm(1 << 20)
		var said []string
		for _, name := range []string{"name", "kind", "on", "yes"} {
			said = append(said, name+"=["+r.PostForm.Get(name)+"]")
		}
		body := strings.ReplaceAll(strings.Join(said, " "), "<", "&lt;")
		fmt.Fprint(w, head+"<p>"+body+"</p></main>")
	})
	for path, body := range more {
		mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			if policy != "" {
				w.Header().Set("Content-Security-Policy", policy)
			}
			fmt.Fprint(w, head+body+"</main></body></html>")
		})
	}
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s.URL
}

const form = `<form method="post" action="/posted"><p><label>姓名 <input name="name"></label></p>
<p><label for="k">类别</label> <select id="k" name="kind"><option>甲</option><option value="b">乙</option></select></p>
<p><label for="d">日期：</label><input id="d" type="date" name="on"></p>
<p><label><input type="checkbox" name="yes" value="1"> 同意</label></p>
<p><button>提交</button></p></form><p><a href="/other">别处</a></p>`

// A form is filled and sent by its labels, with the mouse and by the keyboard alone, with
// scripts and without.
func TestBrowserDrives(t *testing.T) {
	home := pages(t, strict, map[string]string{"/form": form, "/other": "<p>到了</p>"})
	want := "name=[𠮷野<b>] kind=[b] on=[2026-11-01] yes=[1]"
	for _, noScript := range []bool{false, true} {
		t.Run(fmt.Sprint("noscript=", noScript), func(t *testing.T) {
			p := window(t, drive.Visitor{Home: home, NoScript: noScript})
			must(t, p.Go("/form"))
			must(t, p.Fill("姓名", "𠮷野<b>"))
			must(t, p.Fill("类别", "乙"))
			must(t, p.Fill("日期", "2026-11-01"))
			must(t, p.Fill("同意", "是"))
			must(t, p.Press("提交"))
			must(t, p.Says(want))
			if p.Status() != 200 {
				t.Errorf("status %d", p.Status())
			}
			must(t, p.Go("/form"))
			must(t, p.TabTo("姓名"))
			must(t, p.Type("键盘"))
			must(t, p.TabTo("提交"))
			must(t, p.Enter())
			must(t, p.Says("name=[键盘] kind=[甲]"))
			must(t, p.Back())
			must(t, p.Press("别处"))
			must(t, p.Says("到了"))
			if err := p.Fill("没有", "x"); err == nil {
				t.Error("a field that is not there was filled")
			}
		})
	}
}

// A page that is as it should be has nothing to say against it.
func TestBrowserFindsNothingWrong(t *testing.T) {
	home := pages(t, strict, map[string]string{"/form": form + `<h2>表</h2><table><tr><th scope="col">项</th></tr><tr><td>一</td></tr></table>`})
	p := window(t, drive.Visitor{Home: home})
	must(t, p.Go("/form"))
	if wrong := judge(t, p); len(wrong) > 0 {
		t.Errorf("a good page: %s", strings.Join(wrong, "; "))
	}
	picture, err := p.Picture()
	must(t, err)
	if !bytes.HasPrefix(picture, []byte("\x89PNG")) || len(picture) > 150_000 {
		t.Errorf("a picture of %d bytes", len(picture))
	}
	printed, err := p.Print()
	must(t, err)
	if !bytes.HasPrefix(printed, []byte("%PDF")) {
		t.Error("what was printed is no PDF")
	}
}

// Every mistake that the suites look for is made once, and seen.
func TestBrowserSeesMistakes(t *testing.T) {
	for _, m := range []struct{ name, policy, body, want string }{
		{"script", "", `<script>heduiPlanted('a')</script>`, "planted: a"},
		{"handler", "", `<img src="/none.png" alt="x" onerror="heduiPlanted('b')">`, "planted: b"},
		{"dialog", "", `<script>alert(1)</script>`, "dialog: alert 1"},
		{"blocked script", strict, `<script>heduiPlanted('c')</script>`, "policy: script-src"},
		{"blocked style", strict, `<p style="color:red">x</p>`, "policy: style-src"},
		{"style", strict, `<p style="color:red">x</p>`, "p style"},
		{"foreign", "", `<img src="http://elsewhere.invalid/x.png" alt="x">`, "foreign: http://elsewhere.invalid"},
		{"exception", "", `<script>throw new Error('boom')</script>`, "boom"},
		{"iframe", "", `<iframe src="/form" title="f"></iframe>`, "iframe"},
		{"javascript link", strict, `<a href="javascript:alert(1)">x</a>`, "a href"},
		{"no label", strict, `<input name="x">`, "textbox without a name"},
		{"placeholder", strict, `<input name="x" placeholder="姓名">`, "named by a hint only"},
		{"button", strict, `<button></button>`, "button without a name"},
		{"picture", strict, `<img src="/good.css">`, "image without a name"},
		{"faint", strict, `<p class="faint">淡</p>`, "contrast 2.8"},
		{"wide", strict, `<div class="wide">x</div>`, "scrolls sideways"},
		{"no focus", strict, `<p><a class="none" href="/x">看不见</a></p>`, "focus is not seen: a 看不见"},
		{"trap", strict, `<p><a tabindex="0" href="/x">a</a> <a href="/y" tabindex="3">b</a></p>`, "tabindex"},
		{"headings", strict, `<h4>x</h4>`, "heading jumps"},
		{"twice", strict, `<p id="a">x</p><p id="a">y</p>`, "id twice"},
		{"tiny", strict, `<button class="tiny">x</button>`, "too small"},
		{"table", strict, `<table><tr><td>x</td></tr></table>`, "table without headers"},
		{"cut", strict, `<div class="clip">很长的名字很长的名字很长的名字</div>`, "cut off"},
		{"odd", strict, `<p><label>理由 <textarea>false</textarea></label></p>`, "nobody typed: 理由: false"},
		{"twins", strict, `<p><a href="/a">打开</a> <a href="/b">打开</a></p>`, "alike and different: 打开"},
		{"english", strict, `<p>Cannot read the record</p>`, "not in Chinese: Cannot read the record"},
		{"banned", strict, `<p>涉嫌骗保</p>`, "word: 骗保"},
		{"no value", strict, `<p>%!s(MISSING)</p>`, "left over: %!"},
	} {
		t.Run(m.name, func(t *testing.T) {
			home := pages(t, m.policy, map[string]string{"/bad": m.body, "/form": form})
			p := loose(t, drive.Visitor{Home: home})
			must(t, p.Go("/bad"))
			wrong := append(judge(t, p), strings.Split(p.Trouble().String(), "\n")...)
			if !slices.ContainsFunc(wrong, func(s string) bool { return strings.Contains(s, m.want) }) {
				t.Errorf("not seen: %s; seen: %s", m.want, strings.Join(wrong, "; "))
			}
		})
	}
}
