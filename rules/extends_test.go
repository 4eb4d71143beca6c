package rules_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/rules"
)

const cityPack = "name: city\nversion: \"1\"\ntitle: {zh: 某市低保, en: a city}\nextends: dibao\n"

// pack is a folder with files in turn: name, content, name, content.
func pack(files ...string) fstest.MapFS {
	out := fstest.MapFS{}
	for i := 0; i < len(files); i += 2 {
		out[files[i]] = &fstest.MapFile{Data: []byte(files[i+1])}
	}
	return out
}

func load(t *testing.T, dir fstest.MapFS) *rules.Pack {
	t.Helper()
	p, err := rules.LoadFS(dir)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func on(t *testing.T, p *rules.Pack, date household.Date, region string) *rules.Law {
	t.Helper()
	l, err := p.On(date, region)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// Four lines and an extended pack are a pack; what they leave out is the other's.
func TestPackYamlIsInherited(t *testing.T) {
	dibao, err := rules.Load("dibao")
	if err != nil {
		t.Fatal(err)
	}
	base := on(t, dibao, 20220615, "")
	p := load(t, pack("pack.yaml", cityPack))
	l := on(t, p, 20220615, "")
	if diff := cmp.Diff(
		[]any{dibao.Schemes, dibao.Rank, dibao.CiteValues, dibao.Purpose, base.Windows, base.Anchor, base.StaleDays, base.LapsedMonths},
		[]any{p.Schemes, p.Rank, p.CiteValues, p.Purpose, l.Windows, l.Anchor, l.StaleDays, l.LapsedMonths},
	); diff != "" {
		t.Error(diff)
	}
	if p.Name != "city" || p.Title.En != "a city" {
		t.Errorf("name %q, title %q", p.Name, p.Title.En)
	}
}

func TestPackYamlSaysWhatIsDifferent(t *testing.T) {
	p := load(t, pack("pack.yaml", cityPack+"window: {months: 6, anchor: month_before}\ncite_values: false\nrank: 21\nschemes: [housing]\n",
		"overlays/340100-hefei/pack.yaml", "window: {months: 3, anchor: month_before}\n"))
	for region, months := range map[string]int{"": 6, "340200": 6, "340104": 3} {
		if got := on(t, p, 20220615, region).Windows[household.Urban].Months; got != months {
			t.Errorf("%q: %d months, want %d", region, got, months)
		}
	}
	if p.CiteValues || p.Rank != 21 || !cmp.Equal(p.Schemes, []string{"housing"}) {
		t.Errorf("cite %v, rank %d, schemes %v", p.CiteValues, p.Rank, p.Schemes)
	}
	if on(t, p, 20220615, "").StaleDays[household.Tax] != 180 {
		t.Error("stale_after_days is not the other pack's")
	}
}

// A pack that rests on nothing says all itself, and one that extends another can't drop
// what it must name.
func TestPackYamlMustSay(t *testing.T) {
	for _, c := range []struct{ without, want string }{
		{"schemes: any\n", `missing key "schemes"`},
		{"window:\n  months: 12          # whole months, the last one before the month of the check\n  anchor: month_before\n", `missing key "window"`},
	} {
		_, err := rules.LoadFS(changed(t, edit{"pack.yaml", c.without, ""}))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want %q", err, c.want)
		}
	}
	if _, err := rules.LoadFS(pack("pack.yaml", "version: \"1\"\nextends: dibao\n")); err == nil || !strings.Contains(err.Error(), `missing key "name"`) || !strings.Contains(err.Error(), `missing key "title"`) {
		t.Errorf("got %v", err)
	}
}

// What a pack may read is held against what it reads, inherited or not.
func TestInheritedPurpose(t *testing.T) {
	income := "rules:\n  - {code: income_over_limit, per: household, fact: household.income, limit: {parameter: standard, times: [window_months, counted_members]}, effect: needs_review, shown_as: income_limit, law: x}\n"
	load(t, pack("pack.yaml", cityPack, "rules.yaml", income)) // need not read everything
	_, err := rules.LoadFS(pack("pack.yaml", cityPack, "rules.yaml", income, "attributes.yaml",
		"attributes:\n  student: {of: member, title: {zh: 学生, en: student}, document: {zh: 学籍证明, en: proof}}\n",
		"members.yaml", "members:\n  - {law: x, include: [{sex: male, any_of: [student]}], exclude: []}\n"))
	if err == nil || !strings.Contains(err.Error(), "purpose does not name sex") {
		t.Errorf("got %v", err)
	}
}

func TestTermsOfParametersAndSets(t *testing.T) {
	p := load(t, pack("pack.yaml", cityPack, "messages.yaml", "parameters:\n  homes_allowed: {zh: 套数, en: homes}\n"))
	if got := p.ParameterTitle("homes_allowed").Zh; got != "套数" {
		t.Errorf("own words: %q", got)
	}
	if p.ParameterTitle("standard").Zh == "" || p.SetTitle("homes").En == "" || p.SetTitle("nothing") != (rules.Text{}) {
		t.Error("inherited words are missing, or there are some for nothing")
	}
	_, err := rules.LoadFS(pack("pack.yaml", cityPack, "messages.yaml", "sets:\n  house: {zh: 房, en: house}\n"))
	if err == nil || !strings.Contains(err.Error(), `words for "house", which is no set`) || !strings.Contains(err.Error(), "homes") {
		t.Errorf("got %v", err)
	}
}

// The months of income are told apart where the law does.
func TestIncomePeriods(t *testing.T) {
	p, err := rules.Load("dibao")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, x := range on(t, p, 20220615, "").IncomePeriods() {
		pension := x.Income.Insurance[2][2]
		got = append(got, x.From.String()+".."+x.Through.String()+" "+map[rules.IncomeClass]string{rules.Excluded: "out", rules.OpenQuestion: "open"}[pension.Class])
	}
	if diff := cmp.Diff([]string{"..2020-12 open", "2021-01..2025-12 out", "2026-01.. open"}, got); diff != "" {
		t.Error(diff)
	}
}
