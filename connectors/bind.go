package connectors

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/hedui/hedui/engine/household"
)

// step reads one column of the department from a row.
type step struct {
	col      int
	kind     Kind
	required bool // a row may not leave it empty
	person   bool // says who the row is about
	src      int  // field of the row, or −1
	header   string
	unit     int
	codes    map[string]uint8
	exact    *codeTable // most of codes
	lenient  bool       // an unknown code is not given
	forms    []dateForm
	fallback []byte // for an empty field; nil for none
	nulls    map[string]bool
	either   []int // fields of which one must be filled, checked here

	mayBeEmpty bool // nothing more is to be said of a field without a byte
	set        func(*household.Record, Value)
}

// binding says which field of a row is which column of the department.
type binding struct {
	steps   []step // in the order of the department's columns
	ignored []int  // fields that are no column of the department
	unknown []string
	headers []string
}

// headerKey is the form in which column names are compared.
func headerKey(name string) string {
	folded := foldWidth(nil, []byte(name))
	return strings.ToLower(string(trim(folded)))
}

// columnNames maps every name a header may use to its column. In files whose
// amounts are whole fen the names of amounts end in _fen.
func columnNames(d *Department, fenNames bool) map[string]int {
	names := make(map[string]int, 4*len(d.Columns))
	for i := range d.Columns {
		c := &d.Columns[i]
		if fenNames && c.Kind == KindAmount {
			names[c.Name+"_fen"] = i
			continue
		}
		names[headerKey(c.Name)] = i
		if c.Zh != "" {
			names[headerKey(c.Zh)] = i
		}
		for _, a := range c.Aliases {
			names[headerKey(a)] = i
		}
	}
	return names
}

// known counts the fields of a header that name a column.
func known(header []string, names map[string]int) int {
	n := 0
	for _, h := range header {
		if _, ok := names[headerKey(h)]; ok {
			n++
		}
	}
	return n
}

// bind finds the columns of the department in the header. The problem it returns
// never repeats a header that nobody knows: a file without a header has a
// person's data there.
func bind(d *Department, header []string, names map[string]int, m *Mapping, unit int) (*binding, *problem) {
	b := &binding{headers: header}
	src := make([]int, len(d.Columns))
	for i := range src {
		src[i] = -1
	}
	taken := make([]bool, len(header))
	if p := m.place(d, header, src, taken); p != nil {
		return nil, p
	}
	matched := 0
	for f, h := range header {
		if taken[f] {
			matched++
			continue
		}
		i, ok := names[headerKey(h)]
		if !ok || m.hides(d.Columns[i].Name) {
			b.ignored = append(b.ignored, f)
			if len(b.unknown) < maxUnknown && headerKey(h) != "" && !m.headerless() {
				b.unknown = append(b.unknown, shownHeader(h))
			}
			continue
		}
		if src[i] >= 0 {
			return nil, &problem{column: h, what: fmt.Sprintf("columns %d and %d are both %s (%s)", src[i]+1, f+1,
				d.Columns[i].Name, d.Columns[i].Zh), hint: "remove or rename one of them"}
		}
		src[i] = f
		matched++
	}
	if p := missing(d, src, header, matched, m); p != nil {
		return nil, p
	}
	b.build(d, src, m, unit)
	return b, nil
}

// maxUnknown is the number of unknown column names that are listed.
const maxUnknown = 100

// shownHeader is an unknown column's name as it may be shown: names with long
// numbers or of great length are no names of columns and could be somebody's data.
func shownHeader(h string) string {
	digits := 0
	for _, c := range h {
		if c >= '0' && c <= '9' || c >= '０' && c <= '９' {
			digits++
		}
	}
	if digits >= 6 || utf8.RuneCountInString(h) > 40 {
		return excerpt([]byte(h), KindText)
	}
	return h
}

// missing says which required columns a header lacks.
func missing(d *Department, src []int, header []string, matched int, m *Mapping) *problem {
	var lacking []string
	has := func(i int) bool { return src[i] >= 0 || m.fallback(d.Columns[i].Name) != nil }
	for i := range d.Columns {
		if c := &d.Columns[i]; c.Required && !has(i) {
			lacking = append(lacking, c.Name+" ("+c.Zh+")")
		}
	}
	either := len(d.Either) == 0
	var names []string
	for _, i := range d.Either {
		either = either || has(i)
		names = append(names, d.Columns[i].Name+" ("+d.Columns[i].Zh+")")
	}
	if !either {
		lacking = append(lacking, strings.Join(names, " or "))
	}
	if len(lacking) == 0 {
		return nil
	}
	p := &problem{what: "missing required column " + strings.Join(lacking, ", ")}
	other := looksLike(d.Source, header)
	switch {
	case other != 0:
		p.what += fmt.Sprintf("; the file looks like one of the %s department (%s)", other, household.Sources.At(uint8(other)).Zh)
		p.hint = fmt.Sprintf("ingest it with --source %s", other)
	case matched == 0:
		p.what = fmt.Sprintf("no known column among the %d of the header; %s", len(header), p.what)
		p.hint = "if the file has no header row, or names its columns otherwise, describe it in a mapping"
	default:
		p.hint = "add the column, or say in a mapping which column it is"
	}
	return p
}

// telltales are columns that only one department has, in the order of the
// sources. They name the department of a file that was given for another.
var telltales = [household.NumSources][]string{
	household.Tax:       {"income_type", "所得项目", "income", "income_fen", "收入额", "period", "所属期"},
	household.Vehicle:   {"vin", "车辆识别代号", "plate", "号牌号码", "vehicle_class", "车辆类型"},
	household.Property:  {"unit_code", "不动产单元号", "certificate_no", "不动产权证号", "area", "面积"},
	household.Bank:      {"institution", "金融机构", "account_no", "账号", "balance", "balance_fen", "余额", "balance_on", "余额日期"},
	household.Insurance: {"scheme", "险种", "role", "业务类型", "month", "费款所属期"},
	household.Register:  {"former_names", "曾用名", "former_numbers", "曾用证件号码", "deceased_on", "死亡日期", "household_no", "户号"},
}

// looksLike is the other source whose telltale columns the header has, at least
// two of them and more than of the source expected; 0 for none.
func looksLike(own household.Source, header []string) household.Source {
	var hits [household.NumSources]int
	for _, h := range header {
		key := headerKey(h)
		for s, names := range telltales {
			for _, n := range names {
				if n == key {
					hits[s]++
				}
			}
		}
	}
	best := household.Source(0)
	for s := household.Tax; s < household.NumSources; s++ {
		if s != own && hits[s] >= 2 && hits[s] > hits[own] && hits[s] > hits[best] {
			best = s
		}
	}
	return best
}

// build makes the steps; unit is that of the amounts the mapping says nothing of.
func (b *binding) build(d *Department, src []int, m *Mapping, unit int) {
	for i := range d.Columns {
		c := &d.Columns[i]
		s := step{
			col: i, kind: c.Kind, person: i < identityColumns, required: c.Required && !c.MayBeEmpty, src: src[i], header: c.Name, set: c.Set,
			unit: m.unit(c.Name, unit), forms: m.dateForms(), fallback: m.fallback(c.Name), nulls: m.nulls(),
		}
		if s.src >= 0 {
			s.header = b.headers[s.src]
		}
		if c.Kind == KindCode {
			s.codes, s.lenient = m.codesOf(c), c.Lenient
			s.exact = newCodeTable(s.codes)
		}
		if len(d.Either) > 0 && d.Either[0] == i {
			for _, e := range d.Either {
				if src[e] >= 0 {
					s.either = append(s.either, src[e])
				}
				if s.src < 0 && src[e] >= 0 {
					s.header = b.headers[src[e]]
				}
				if m.fallback(d.Columns[e].Name) != nil {
					s.either = nil
					break
				}
			}
		}
		s.mayBeEmpty = !s.required && s.fallback == nil && s.either == nil
		if s.src >= 0 || s.fallback != nil || s.either != nil {
			b.steps = append(b.steps, s)
		}
	}
}
