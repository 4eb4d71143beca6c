package browser

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/hedui/hedui/bench/browser/drive"
)

// judge says everything that is wrong with the page that is shown, whatever it is about.
func judge(t testing.TB, p *drive.Page) []string {
	t.Helper()
	var wrong []string
	say := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	all := func(what string, list []string, err error) {
		t.Helper()
		must(t, err)
		for _, s := range list {
			say("%s%s", what, s)
		}
	}
	list, err := p.Strangers()
	all("not of this console: ", list, err)
	list, err = p.Unnamed()
	all("", list, err)
	list, err = p.Bones()
	all("", list, err)
	list, err = p.Small()
	all("too small to press: ", list, err)
	list, err = p.Odd()
	all("a field holds what nobody typed: ", list, err)
	list, err = p.Twins()
	all("called alike and different: ", list, err)
	list, err = p.Overflow()
	all("the page scrolls sideways: ", list, err)
	list, err = p.Cut()
	all("text is cut off: ", list, err)
	faint, texts, err := p.Contrast()
	must(t, err)
	if texts == 0 {
		say("there is no text")
	}
	for _, f := range faint {
		say("contrast %.2f, need %.1f: %s", f.Ratio, f.Need, f.Text)
	}
	text, err := p.Text()
	must(t, err)
	wrong = append(wrong, wording(text, p.Language)...)
	unreached, unseen, err := p.Unfocused()
	all("Tab does not come to: ", unreached, err)
	all("focus is not seen: ", unseen, nil)
	return wrong
}

// banned are words that nobody reads here: the console accuses nobody and ends nothing.
var banned = []string{"骗保", "造假", "拒绝", "欺诈", "诈骗", "弄虚作假", "fraud", "cheat", "revoke", "取消低保", "取消待遇", "取消资格", "取消救助"}

// leftovers are what a program says when it forgot to say something.
var leftovers = []string{"%!", "<nil>", "map[", "&{", "{{", "}}", "undefined", "NaN", "[object ", "0001-01-01", "1970-01-01T", "&lt;", "&#34;", "&amp;"}

// sentence is English prose: four words on end.
var sentence = regexp.MustCompile(`[A-Za-z]{2,}(?: [A-Za-z]{2,}){3,}`)

// wording says what is wrong with the words of a page.
func wording(text, language string) []string {
	var wrong []string
	low := strings.ToLower(text)
	for _, w := range banned {
		if strings.Contains(low, w) {
			wrong = append(wrong, "word: "+w)
		}
	}
	for _, w := range leftovers {
		if strings.Contains(text, w) {
			wrong = append(wrong, "left over: "+w)
		}
	}
	if strings.HasPrefix(language, "zh") {
		for _, s := range sentence.FindAllString(text, 3) {
			wrong = append(wrong, "not in Chinese: "+s)
		}
	}
	return wrong
}
