package situation_test

import (
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/situation"
	"github.com/hedui/hedui/rules"
)

// mutant is a pack with one thing changed.
type mutant struct {
	what    string
	file    string
	content string
}

// TestEveryChangeOfTheReferencePackBreaksASituation changes every operator, limit,
// effect, list and order of the pack, one at a time. A change must either keep the
// pack from loading or break a situation.
func TestEveryChangeOfTheReferencePackBreaksASituation(t *testing.T) {
	if testing.Short() {
		t.Skip("hundreds of packs")
	}
	dir, err := rules.Open("reference")
	if err != nil {
		t.Fatal(err)
	}
	all, err := situation.Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	var ms []mutant
	for _, name := range []string{"pack.yaml", "parameters.yaml", "income.yaml", "assets.yaml", "rules.yaml"} {
		b, err := fs.ReadFile(dir, name)
		if err != nil {
			t.Fatal(err)
		}
		ms = append(ms, mutate(name, string(b))...)
	}
	refused, broken := 0, 0
	for _, m := range ms {
		p, err := rules.LoadFS(overlay(t, dir, m.file, m.content))
		if err != nil {
			refused++
			continue
		}
		if !breaks(p, all) {
			t.Errorf("%s: no situation notices: %s", m.file, m.what)
			continue
		}
		broken++
	}
	t.Logf("%d changes: %d packs did not load, %d broke a situation", len(ms), refused, broken)
	if broken < 200 || refused < 20 {
		t.Errorf("too few changes: %d loaded, %d did not", broken, refused)
	}
}

// breaks runs situations until one fails; those that failed for an earlier change
// come first next time.
func breaks(p *rules.Pack, all []situation.Situation) bool {
	for i := range all {
		if len(situation.Run(p, all[i:i+1]).Failed) > 0 {
			hit := all[i]
			copy(all[1:i+1], all[:i])
			all[0] = hit
			return true
		}
	}
	return false
}

func overlay(t *testing.T, dir fs.FS, file, content string) fs.FS {
	t.Helper()
	out := fstest.MapFS{}
	entries, err := fs.ReadDir(dir, ".")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.IsDir() {
			continue
		}
		b, err := fs.ReadFile(dir, e.Name())
		if err != nil {
			t.Fatal(err)
		}
		out[e.Name()] = &fstest.MapFile{Data: b}
	}
	out[file] = &fstest.MapFile{Data: []byte(content)}
	return out
}

var (
	list      = regexp.MustCompile(`(\w+): (\{not: )?\[([^\]]*)\]`)
	attribute = regexp.MustCompile(`, \w+: (\{not: )?\[[^\]]*\]\}?|\w+: (\{not: )?\[[^\]]*\]\}?, `)
	money     = regexp.MustCompile(`\b\d+\.\d\d\b`)
	whole     = regexp.MustCompile(`(: |\[)(\d+)([,}\s]|$)`)
)

// swaps are words and what may stand in their place.
func swaps() [][]string {
	return [][]string{
		{"at_least:", "more_than:"},
		{"effect: needs_review", "effect: suspected_ineligible"},
		{"per: member", "per: household"},
		{"per: line", "per: member"},
		{"line: wage", "line: business", "line: property", "line: transfer"},
		{"of: income", "of: own_insurance", "of: tax"},
		{"of: benefit", "of: base"},
		{"floor: 0", "floor: 0.01"},
		{"role: receiving", "role: contributing"},
		{"schemes: any", "schemes: [dibao]"},
		{
			"parameter: standard", "parameter: undeclared_income_tolerance", "parameter: undeclared_financial_tolerance", "parameter: none_allowed",
			"parameter: homes_allowed", "parameter: employment_months",
		},
		{
			"fact: member.identity_conflicts", "fact: member.income_without_period", "fact: member.one_off_receipts",
			"fact: member.unexplained_employment_months",
		},
		{"fact: household.income", "fact: household.financial_assets", "fact: household.undeclared_financial_assets"},
		{"fact: line.undeclared", "fact: line.found"},
		{"count: vehicles", "count: undeclared_vehicles", "count: homes", "count: non_residential", "count: undeclared_units"},
		{" vehicles: vehicles", " vehicles: undeclared_vehicles"},
		{" residential: homes", " residential: non_residential", " residential: undeclared_units"},
		{" non_residential: non_residential}", " non_residential: homes}", " non_residential: undeclared_units}"},
	}
}

// mutate gives every changed form of a file.
func mutate(file, content string) []mutant {
	var out []mutant
	add := func(at int, what, changed string) {
		line := 1 + strings.Count(content[:at], "\n")
		out = append(out, mutant{fmt.Sprintf("line %d: %s", line, what), file, changed})
	}
	replace := func(from, to int, by string) {
		add(from, fmt.Sprintf("%q becomes %q", content[from:to], by), content[:from]+by+content[to:])
	}
	for _, m := range list.FindAllStringSubmatchIndex(content, -1) {
		key, items := content[m[2]:m[3]], strings.Split(content[m[6]:m[7]], ", ")
		for i := range items {
			replace(m[6], m[7], strings.Join(slices.Delete(slices.Clone(items), i, i+1), ", "))
			if file == "income.yaml" {
				out = append(out, moves(content, m, items, i)...)
			}
		}
		for _, c := range values(key, content[m[6]:m[7]]) {
			if !slices.Contains(items, c) {
				replace(m[6], m[7], content[m[6]:m[7]]+", "+c)
			}
		}
	}
	if file == "assets.yaml" {
		for _, m := range attribute.FindAllStringIndex(content, -1) {
			replace(m[0], m[1], strings.Repeat("}", max(0, strings.Count(content[m[0]:m[1]], "}")-strings.Count(content[m[0]:m[1]], "{"))))
		}
	}
	for _, m := range money.FindAllStringIndex(content, -1) {
		f, err := household.ParseYuan([]byte(content[m[0]:m[1]]))
		if err != nil {
			panic(err)
		}
		replace(m[0], m[1], (f + 1).Yuan())
		replace(m[0], m[1], (f - 1).Yuan())
	}
	for _, m := range whole.FindAllStringSubmatchIndex(content, -1) {
		n, err := strconv.Atoi(content[m[4]:m[5]])
		if err != nil {
			panic(err)
		}
		replace(m[4], m[5], strconv.Itoa(n+1))
		replace(m[4], m[5], strconv.Itoa(n-1))
	}
	for _, words := range swaps() {
		for _, from := range words {
			for at := 0; ; {
				i := strings.Index(content[at:], from)
				if i < 0 {
					break
				}
				at += i
				for _, to := range words {
					if to != from {
						replace(at, at+len(from), to)
					}
				}
				at += len(from)
			}
		}
	}
	if file == "rules.yaml" {
		out = append(out, reorder(content)...)
		for _, key := range []string{"    shown_as:", "    unless_coverage:", "    with_grade_b:"} {
			for at := 0; ; {
				i := strings.Index(content[at:], key)
				if i < 0 {
					break
				}
				at += i
				end := at + strings.IndexByte(content[at:], '\n') + 1
				replace(at, end, "")
				at = end
			}
		}
	}
	return out
}

// values are what may be added to the list of a key.
func values(key, items string) []string {
	lists := map[string]household.CodeList{
		"income_type": household.IncomeTypes, "scheme": household.InsuranceSchemes, "role": household.InsuranceRoles,
		"identity": household.InsuranceIdentities, "class": household.VehicleClasses, "kind": household.PropertyKinds,
		"purpose": household.BalancePurposes, "tax": household.CoverageStates, "status": household.PropertyStatuses,
	}
	if key == "status" && strings.Contains(items, "normal") {
		lists["status"] = household.VehicleStatuses
	}
	var out []string
	for _, c := range lists[key] {
		if c.Name != "" {
			out = append(out, c.Name)
		}
	}
	switch key {
	case "declared":
		out = []string{`"yes"`}
	case "times":
		out = []string{"2", "window_months", "counted_members"}
	}
	return out
}

// moves takes one kind of income record out of its list and treats it otherwise.
func moves(content string, m []int, items []string, i int) []mutant {
	line := content[strings.LastIndexByte(content[:m[0]], '\n')+1:]
	line = line[:strings.IndexByte(line, '\n')]
	if !strings.Contains(line, "source: ") {
		return nil
	}
	rest := strings.Join(slices.Delete(slices.Clone(items), i, i+1), ", ")
	without := content[:m[6]] + rest + content[m[7]:]
	if rest == "" {
		without = strings.Replace(content, line+"\n", "", 1)
	}
	what, amount := "{source: tax, income_type: ["+items[i]+"]", ", amount: {of: income, less: [own_insurance, tax], floor: 0}}"
	if strings.Contains(line, "source: insurance") {
		what, amount = "{source: insurance, role: receiving, scheme: ["+items[i]+"]", ", amount: {of: benefit, floor: 0}}"
	}
	var out []mutant
	put := func(section, entry string) {
		changed := strings.Replace(without, "\n"+section+":\n", "\n"+section+":\n  - "+entry+"\n", 1)
		out = append(out, mutant{items[i] + " is read as " + section + " " + entry, "income.yaml", changed})
	}
	for _, t := range household.LineTypes[1:] {
		if !strings.Contains(line, "line: "+t.Name+",") {
			put("lines", what+", line: "+t.Name+amount)
		}
	}
	if strings.Contains(line, "line: ") || strings.Contains(line, "tax") {
		put("not_income", what+"}")
	}
	if !strings.Contains(line, "line: ") && strings.Contains(line, "tax") {
		return out
	}
	if strings.Contains(line, "source: tax") {
		put("one_off", what+amount)
	}
	return out
}

// reorder exchanges neighbouring rules.
func reorder(content string) []mutant {
	blocks := strings.Split(content, "\n  - code: ")
	var out []mutant
	for i := 1; i+1 < len(blocks); i++ {
		b := slices.Clone(blocks)
		b[i], b[i+1] = strings.TrimRight(b[i+1], "\n")+"\n", strings.TrimRight(b[i], "\n")+"\n"
		out = append(out, mutant{"rules exchanged: " + strings.SplitN(blocks[i], "\n", 2)[0], "rules.yaml", strings.Join(b, "\n  - code: ")})
	}
	return out
}
