package oracle

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// verdict is the part of an engine's verdict that is compared.
type verdict struct {
	HouseholdID string           `json:"household_id"`
	Outcome     string           `json:"outcome"`
	Findings    []verdictFinding `json:"findings"`
	Income      *struct {
		From    string        `json:"from"`
		To      string        `json:"to"`
		Members int           `json:"members"`
		Lines   []verdictLine `json:"lines"`
		Total   int64         `json:"total_fen"`
		Limit   int64         `json:"limit_fen"`
	} `json:"income"`
	Assets *struct {
		Financial int64 `json:"financial_fen"`
		Limit     int64 `json:"financial_limit_fen"`
	} `json:"assets"`
	Coverage map[string]struct {
		State     string `json:"state"`
		Providers []struct {
			Provider string `json:"provider"`
			State    string `json:"state"`
		} `json:"providers"`
	} `json:"coverage"`
}

type verdictFinding struct {
	Code     string `json:"code"`
	Effect   string `json:"effect"`
	Grade    string `json:"grade"`
	Member   int    `json:"member"`
	Type     string `json:"type"`
	Amount   *int64 `json:"amount_fen"`
	Limit    *int64 `json:"limit_fen"`
	Evidence []struct {
		Source   string `json:"source"`
		Provider string `json:"provider"`
		File     int    `json:"file"`
		Row      int    `json:"row"`
	} `json:"evidence"`
}

type verdictLine struct {
	Member   int    `json:"member"`
	Type     string `json:"type"`
	Declared int64  `json:"declared_fen"`
	Found    int64  `json:"found_fen"`
	Counted  int64  `json:"counted_fen"`
}

// Diff names every compared field in which a verdict line of the engine differs
// from the answer; it is empty when they agree. Each difference names the field
// first, then the value here and the one there. Fields the contract leaves open
// are not compared or accept each reading; README.md lists them.
func Diff(a Answer, verdictJSONLine []byte) []string {
	var v verdict
	if err := json.Unmarshal(verdictJSONLine, &v); err != nil {
		return []string{fmt.Sprintf("verdict: %v", err)}
	}
	var d differences
	if a.HouseholdID != "" {
		d.compare("household_id", a.HouseholdID, v.HouseholdID)
	}
	d.compare("outcome", a.Outcome, v.Outcome)
	d.findings(a.Findings, v.Findings)
	if a.Outcome == refused {
		return d
	}
	if v.Income == nil || v.Assets == nil || v.Coverage == nil {
		return append(d, "income, assets or coverage: missing")
	}
	d.compare("income.from", a.Income.From, v.Income.From)
	d.compare("income.to", a.Income.To, v.Income.To)
	d.compare("income.members", a.Income.Members, v.Income.Members)
	d.lines(a.Income.Lines, v.Income.Lines)
	d.compare("income.total_fen", a.Income.TotalFen, v.Income.Total)
	d.compare("income.limit_fen", a.Income.LimitFen, v.Income.Limit)
	d.compare("assets.financial_fen", a.Assets.FinancialFen, v.Assets.Financial)
	d.compare("assets.financial_limit_fen", a.Assets.FinancialLimitFen, v.Assets.Limit)
	for _, source := range sourceNames {
		here, there := a.Coverage[source], v.Coverage[source]
		d.compare("coverage."+source, here.State, there.State)
		if here.Providers == nil {
			continue // not read or nothing there: what providers say is open
		}
		states := map[string]string{}
		for _, p := range there.Providers {
			states[p.Provider] = p.State
		}
		for _, name := range union(here.Providers, states) {
			d.compare("coverage."+source+"."+name, here.Providers[name], states[name])
		}
	}
	return d
}

type differences []string

func (d *differences) compare(field string, here, there any) {
	if here != there {
		*d = append(*d, fmt.Sprintf("%s: %v, verdict %v", field, here, there))
	}
}

// findings compares by code, member and type; then the order of the two lists.
func (d *differences) findings(here []Finding, there []verdictFinding) {
	var keysHere, keysThere []string
	byKey := map[string]verdictFinding{}
	for _, f := range there {
		if f.Code != "undeclared_income" {
			f.Type = "" // only there the contract gives it a meaning
		}
		key := findingKey(f.Code, f.Member, f.Type)
		if _, twice := byKey[key]; twice {
			*d = append(*d, "finding "+key+": twice in the verdict")
			continue
		}
		byKey[key] = f
		keysThere = append(keysThere, key)
	}
	for _, f := range here {
		key := findingKey(f.Code, f.Member, f.Type)
		keysHere = append(keysHere, key)
		other, ok := byKey[key]
		if !ok {
			*d = append(*d, "finding "+key+": not in the verdict")
			continue
		}
		found := f.differs(other)
		for _, reading := range f.alternatives {
			if len(found) > 0 && len(reading.differs(other)) == 0 {
				found = nil
			}
		}
		for _, one := range found {
			*d = append(*d, "finding "+key+": "+one)
		}
	}
	for _, key := range keysThere {
		if !slices.Contains(keysHere, key) {
			*d = append(*d, "finding "+key+": only in the verdict")
		}
	}
	if sameSet(keysHere, keysThere) && !slices.Equal(lineless(keysHere), lineless(keysThere)) {
		*d = append(*d, fmt.Sprintf("order of findings: %v, verdict %v", keysHere, keysThere))
	}
}

func findingKey(code string, member int, line string) string {
	return fmt.Sprintf("%s/%d/%s", code, member, line)
}

// lineless cuts the type off: the order of one member's undeclared lines is open.
func lineless(keys []string) []string {
	var cut []string
	for _, key := range keys {
		cut = append(cut, key[:strings.LastIndex(key, "/")])
	}
	return cut
}

// differs compares one reading of a finding with the verdict's.
func (f Finding) differs(v verdictFinding) []string {
	var d differences
	d.compare("effect", f.Effect, v.Effect)
	if f.Effect == refused {
		return d
	}
	d.compare("grade", f.Grade, v.Grade)
	if f.AmountFen != nil {
		d.compare("amount_fen", *f.AmountFen, value(v.Amount))
	}
	if f.LimitFen != nil {
		d.compare("limit_fen", *f.LimitFen, value(v.Limit))
	}
	var rows []string
	for _, e := range v.Evidence {
		rows = append(rows, fmt.Sprintf("%s/%s/%d/%d", e.Source, e.Provider, e.File, e.Row))
	}
	for _, row := range f.Evidence {
		if !slices.Contains(rows, row) && !slices.Contains(f.optional, row) {
			d = append(d, "evidence "+row+": not in the verdict")
		}
	}
	for _, row := range rows {
		if !slices.Contains(f.Evidence, row) && !slices.Contains(f.optional, row) {
			d = append(d, "evidence "+row+": only in the verdict")
		}
	}
	return d
}

// lines compares by member and type; a line of zeros may be absent.
func (d *differences) lines(here []Line, there []verdictLine) {
	type key struct {
		member int
		line   string
	}
	byKey := map[key]verdictLine{}
	for _, l := range there {
		k := key{l.Member, l.Type}
		if _, twice := byKey[k]; twice {
			*d = append(*d, fmt.Sprintf("income line %d/%s: twice in the verdict", l.Member, l.Type))
		}
		byKey[k] = l
	}
	for _, l := range here {
		k := key{l.Member, l.Type}
		other := byKey[k]
		delete(byKey, k)
		field := fmt.Sprintf("income line %d/%s ", l.Member, l.Type)
		d.compare(field+"declared_fen", l.DeclaredFen, other.Declared)
		d.compare(field+"found_fen", l.FoundFen, other.Found)
		d.compare(field+"counted_fen", l.CountedFen, other.Counted)
	}
	for _, l := range there {
		if _, left := byKey[key{l.Member, l.Type}]; left && (l.Declared != 0 || l.Found != 0 || l.Counted != 0) {
			*d = append(*d, fmt.Sprintf("income line %d/%s: only in the verdict", l.Member, l.Type))
		}
	}
}

func value(n *int64) any {
	if n == nil {
		return "absent"
	}
	return *n
}

func sameSet(a, b []string) bool {
	a, b = slices.Clone(a), slices.Clone(b)
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(a, b)
}

func union(a, b map[string]string) []string {
	var names []string
	for name := range a {
		names = append(names, name)
	}
	for name := range b {
		if _, both := a[name]; !both {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
