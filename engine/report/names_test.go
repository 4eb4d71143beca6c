package report_test

import (
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/hedui/hedui/engine/explain"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/report"
)

// rareNames are of people who exist somewhere: characters beyond U+FFFF, of blocks that
// are newer than the tables of the standard library, of a private area, and more than
// one script.
var rareNames = []string{
	"𠮷野家", "䶮", "㛃", "𠅤", "阿依古丽·买买提", "阿卜杜热合曼·阿卜杜热依木", "Günther Weiß-Ångström", "José Ñuñez", "王", "𫔭明", "𬱖", "𰻝", "𮯂", "\U0002ebf1亮",
	"\U000323b0", "\ue000强", "髙桥", "﨑山", "ཚེ་རིང", "ᠪᠠᠶᠠᠷ", "ئايگۈل", "李⺁", "〇",
	"曾\U000e0100", "e\u0301tienne", "O'Brien & Söhne <GmbH>", "_x0041_", "_x0041_x0042_", "欧阳\u3000娜娜",
}

func TestRareCharactersSurvive(t *testing.T) {
	r := request()
	r.Members = nil
	for _, n := range rareNames {
		r.Members = append(r.Members, household.Member{Name: household.Name(n), IDNumber: "340104198001011234", IDType: household.ResidentID, Relation: 6})
	}
	doc := build(t, input(verdict(), r, explain.Zh, all()))
	page, err := html.Parse(strings.NewReader(pageOf(t, doc, report.HTMLOptions{})))
	if err != nil {
		t.Fatal(err)
	}
	cells := map[string]bool{}
	for n := range page.Descendants() {
		if n.Type == html.TextNode {
			cells[n.Data] = true
		}
	}
	sheet := map[string]bool{}
	for _, list := range rows(t, xlsx(t, doc)) {
		for _, row := range list {
			for _, c := range row {
				sheet[c] = true
			}
		}
	}
	for _, n := range rareNames {
		if !cells[n] {
			t.Errorf("%q (%+q) is not on the page", n, n)
		}
		if !sheet[n] {
			t.Errorf("%q (%+q) is not in the workbook", n, n)
		}
	}
	if len(rareNames) < 20 {
		t.Error("too few names")
	}
}

// TestXLSXCarriesEveryText compares every text of a document with what its workbook
// holds.
func TestXLSXCarriesEveryText(t *testing.T) {
	for name, s := range scenes() {
		for _, lang := range []string{explain.Zh, explain.En} {
			doc := build(t, input(s.v, s.r, lang, all()))
			var all strings.Builder
			for _, list := range rows(t, xlsx(t, doc)) {
				for _, row := range list {
					all.WriteString(strings.Join(row, "\n") + "\n")
				}
			}
			n := 0
			for _, text := range textsOf(t, doc, "amounts") { // in the sheet they are two numbers
				n++
				if !strings.Contains(all.String(), text) {
					t.Errorf("%s/%s: %q is not in the workbook", name, lang, text)
				}
			}
			page := pageOf(t, doc, report.HTMLOptions{})
			for _, text := range textsOf(t, doc) {
				if !strings.Contains(html.UnescapeString(page), text) {
					t.Errorf("%s/%s: %q is not on the page", name, lang, text)
				}
			}
			if n < 20 {
				t.Errorf("%s/%s: only %d texts", name, lang, n)
			}
		}
	}
}
