package export

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/explain"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/match/divisions"
)

// longestSaid is how many characters a cell of words has at most; the rest is in the
// verdict, which the row names.
const longestSaid = 8000

// columns are those of the results; with refusals, why a row was refused stands there too.
func (b *BatchBook) columns(refusals bool) []Column {
	amount := Money
	if b.o.Masks[access.FieldAmount] != access.Full {
		amount = Text
	}
	out := []Column{
		{"序号", Number},
		{"家庭编号", Text},
		{"行政区划代码", Text},
		{"县（市、区）", Text},
		{"核对结果", Text},
		{"需关注事项", Text},
		{"收入期间", Text},
		{"家庭收入", amount},
		{"收入限额", amount},
		{"金融资产", amount},
		{"金融资产限额", amount},
		{"车辆", Number},
		{"住房", Number},
		{"非居住用房", Number},
		{"各成员收入", Text},
		{"数据不足的来源", Text},
		{"结论编号", Text},
		{"案件编号", Text},
	}
	if refusals {
		out = append(out, Column{"不予受理代码", Text}, Column{"不予受理原因", Text})
	}
	return out
}

// row is the answer to one household as cells.
func (b *BatchBook) row(r *BatchResult, v *household.Verdict, problems []BatchProblem, refusals bool) []Cell {
	county, name := countyOf(r.Division, b.o.Cover.On)
	out := []Cell{
		NumberCell(r.Row), TextCell(cmp.Or(v.HouseholdID, r.Household)), TextCell(cmp.Or(r.Division, county)), TextCell(name),
		TextCell(explain.OutcomeTitle(v.Outcome, explain.Zh)),
	}
	if v.Outcome == household.Refused {
		out = append(out, make([]Cell, 11)...)
	} else {
		i, a := &v.Income, &v.Assets
		out = append(out,
			TextCell(clipped(b.findings(r, v))), TextCell(i.Window.String()), b.amount(i.Total, true), b.amount(i.Limit, i.Limit != 0),
			b.amount(a.Financial, true), b.amount(a.FinancialLimit, a.FinancialLimit != 0),
			NumberCell(int64(a.Vehicles)), NumberCell(int64(a.Residential)), NumberCell(int64(a.NonResidential)),
			TextCell(clipped(b.incomes(r, v))), TextCell(clipped(wanting(v))))
	}
	out = append(out, TextCell(r.Verdict), TextCell(r.Case))
	if refusals {
		var codes, texts []string
		for _, p := range problems {
			codes = append(codes, p.Code)
			texts = append(texts, p.said())
		}
		out = append(out, TextCell(clipped(strings.Join(codes, "；"))), TextCell(clipped(strings.Join(texts, "；"))))
	}
	return out
}

// said is a problem with its place.
func (p *BatchProblem) said() string {
	var at []string
	if p.Sheet != "" {
		at = append(at, p.Sheet)
	}
	if p.Row > 0 {
		at = append(at, "第 "+strconv.FormatInt(p.Row, 10)+" 行")
	}
	if p.Column != "" {
		at = append(at, p.Column)
	}
	if len(at) == 0 {
		return cmp.Or(p.Text, p.Code)
	}
	return strings.Join(at, " ") + "：" + cmp.Or(p.Text, p.Code)
}

// amount is a sum of money as the masks show it; given says whether there is one.
func (b *BatchBook) amount(f household.Fen, given bool) Cell {
	switch {
	case !given:
		return Cell{}
	case b.o.Masks[access.FieldAmount] == access.Full:
		return MoneyCell(f)
	}
	return TextCell(b.money(f))
}

// money is a sum of money in words.
func (b *BatchBook) money(f household.Fen) string {
	switch a := b.o.Masks.Amount(f); a.Mask {
	case access.Full:
		return explain.Yuan(f) + " 元"
	case access.Partly:
		return a.Band.Text().Zh
	}
	return "不显示"
}

// findings are what somebody should look at, each with whom it is about.
func (b *BatchBook) findings(r *BatchResult, v *household.Verdict) string {
	var out []string
	for i := range v.Findings {
		f := &v.Findings[i]
		title := ""
		if b.o.Titles != nil {
			title = b.o.Titles(f.Code)
		}
		title = cmp.Or(title, f.Code)
		if f.Type != 0 {
			title += "·" + explain.LineTitle(f.Type, explain.Zh)
		}
		if f.Member > 0 {
			title += "（" + b.member(r, f.Member) + "）"
		}
		out = append(out, title)
	}
	return strings.Join(out, "；")
}

// member is who somebody is: the number within the household, and the name as the masks
// show it.
func (b *BatchBook) member(r *BatchResult, n int) string {
	out := "成员" + strconv.Itoa(n)
	if n <= len(r.Members) {
		if name := b.o.Masks.Name(r.Members[n-1]); name != "" {
			out += " " + name
		}
	}
	return out
}

// incomes are the lines of income, member by member.
func (b *BatchBook) incomes(r *BatchResult, v *household.Verdict) string {
	var out []string
	for i := range v.Income.Lines {
		l := &v.Income.Lines[i]
		out = append(out, b.member(r, l.Member)+" "+explain.LineTitle(l.Type, explain.Zh)+
			"：申报 "+b.money(l.Declared)+"，查得 "+b.money(l.Found)+"，认定 "+b.money(l.Counted))
	}
	return strings.Join(out, "；")
}

// wanting are the sources that could not answer in full: what they don't say is not known.
func wanting(v *household.Verdict) string {
	var out []string
	for s := household.Tax; s < household.NumChecked; s++ {
		if st := v.Coverage[s].State; st != household.None && st != household.Found {
			out = append(out, explain.SourceTitle(s, explain.Zh)+" "+cmp.Or(explain.StateTitle(st, explain.Zh), "不明"))
		}
	}
	return strings.Join(out, "；")
}

// clipped is a text of at most so many characters as a cell should have.
func clipped(s string) string {
	if len(s) <= longestSaid {
		return s
	}
	if r := []rune(s); len(r) > longestSaid {
		return string(r[:longestSaid]) + "……"
	}
	return s
}

// countyOf is the county of a division, and its name at the time; both may be "".
func countyOf(division string, on household.Date) (code, name string) {
	if len(division) < 6 {
		return division, ""
	}
	code = division[:6]
	d, _ := divisions.Lookup(code, on)
	return code, d.Name
}
