package main

import (
	"fmt"
	"strings"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/rules"
	"github.com/hedui/hedui/rules/benefit"
)

// proposal is what hedui benefit says of a household.
type proposal struct {
	household, scheme string
	on, checked       household.Date
	outcome           household.Outcome
	blocked           bool     // the verdict stands against an amount
	findings          []string // codes, each once
	sheet             *benefit.Sheet
	pack, digest      string
}

func (c *benefitCase) proposal(pack *rules.Pack) *proposal {
	p := &proposal{
		household: c.request.HouseholdID, scheme: c.request.Scheme, checked: c.on, outcome: c.outcome,
		pack: pack.Name + " " + pack.Version, digest: pack.Digest,
	}
	seen := map[string]bool{}
	for _, f := range c.verdict.Findings {
		if !seen[f.Code] {
			seen[f.Code] = true
			p.findings = append(p.findings, f.Code)
		}
	}
	return p
}

// compute fills the sheet. A household that may not qualify is only ever proposed
// the amount that goes on for some months.
func (p *proposal) compute(plan *benefit.Plan, on household.Date, c *benefitCase, v benefit.Values) error {
	var err error
	p.on = on
	if p.sheet, err = benefit.Compute(plan, on, c.input, v); err != nil {
		return err
	}
	if c.outcome != household.SuspectedIneligible {
		return nil
	}
	for _, l := range p.sheet.Lines {
		if l.Code == benefit.CodeTapering {
			return nil
		}
	}
	if p.sheet.Total > 0 {
		p.blocked, p.sheet = true, nil
	}
	return nil
}

func (p *proposal) provisional() bool {
	return p.sheet != nil && p.sheet.Total > 0 && p.outcome != household.NoDiscrepancy
}

// due reports whether there is an amount.
func (p *proposal) due() bool { return p.sheet != nil && p.sheet.Total > 0 }

// proposalJSON is a proposal as --json prints it. amount_fen is there only when
// something would be paid.
type proposalJSON struct {
	HouseholdID string         `json:"household_id"`
	Scheme      string         `json:"scheme"`
	CheckedOn   string         `json:"checked_on"`
	Outcome     string         `json:"outcome"`
	On          string         `json:"on,omitempty"`
	Proposal    bool           `json:"proposal"` // always true: never an order to pay
	Provisional bool           `json:"provisional"`
	Amount      *household.Fen `json:"amount_fen,omitempty"`
	Start       string         `json:"start,omitempty"`
	Reason      string         `json:"reason,omitempty"`
	Findings    []string       `json:"findings"`
	Lines       []lineJSON     `json:"lines"`
	Confirm     []confirmJSON  `json:"confirm"`
	Verified    bool           `json:"verified"`
	Rules       rulesJSON      `json:"rules"`
}

type lineJSON struct {
	Code     string        `json:"code"`
	Member   int           `json:"member,omitempty"`
	Because  string        `json:"because,omitempty"`
	Formula  string        `json:"formula"` // amounts in fen
	Round    string        `json:"round,omitempty"`
	RoundTo  household.Fen `json:"round_to_fen,omitempty"`
	Amount   household.Fen `json:"amount_fen"`
	Law      string        `json:"law"`
	Verified bool          `json:"verified"`
}

type confirmJSON struct {
	Code    string        `json:"code"`
	Member  int           `json:"member,omitempty"`
	Unknown []string      `json:"unknown"`
	Adds    household.Fen `json:"adds_fen"`
	Law     string        `json:"law"`
}

type rulesJSON struct {
	Pack   string `json:"pack"`
	Digest string `json:"digest"`
}

func (p *proposal) json() proposalJSON {
	out := proposalJSON{
		HouseholdID: p.household, Scheme: p.scheme, CheckedOn: p.checked.String(), Outcome: p.outcome.String(), On: p.on.String(), Proposal: true,
		Provisional: p.provisional(), Findings: append([]string{}, p.findings...), Lines: []lineJSON{}, Confirm: []confirmJSON{},
		Rules: rulesJSON{p.pack, p.digest},
	}
	if p.blocked {
		out.Reason = "verdict"
		return out
	}
	s := p.sheet
	out.Reason, out.Verified = s.Reason.String(), s.Verified
	if p.due() {
		out.Amount, out.Start = &s.Total, s.Start.String()
	}
	for _, l := range s.Lines {
		out.Lines = append(out.Lines, lineJSON{l.Code, l.Member, l.Because.String(), l.Formula.String(), l.Round.Direction.String(), l.Round.Unit, l.Amount, l.Law, l.Verified})
	}
	for _, c := range s.Confirm {
		out.Confirm = append(out.Confirm, confirmJSON{c.Code, c.Member, c.Unknown, c.Adds, c.Law})
	}
	return out
}

// benefitWords are the words of hedui benefit.
var benefitWords = map[string]rules.Text{
	"proposal":                      {Zh: "待遇测算（供决定参考，不是发放依据）", En: "Proposed benefit (for the person who decides; no order to pay)"},
	"household":                     {Zh: "家庭 %s   项目 %s   核对日期 %s", En: "Household %s   Scheme %s   Checked on %s"},
	"outcome":                       {Zh: "核对结果", En: "Verdict"},
	"blocked":                       {Zh: "不测算金额：核对结果未了结前，由工作人员处理。", En: "No amount: a person has to settle the verdict first."},
	"provisional":                   {Zh: "暂定：核实完毕前金额可能变化。", En: "Provisional: the amount may change with what a person finds."},
	"total":                         {Zh: "每月合计 %s 元", En: "Total %s yuan a month"},
	"start":                         {Zh: "如于 %s 作出决定，自 %s 起", En: "From %[2]s, when decided on %[1]s"},
	"nothing":                       {Zh: "不发放：%s", En: "Nothing to pay: %s"},
	"rounded":                       {Zh: "（%s到 %s）", En: " (%s, to %s)"},
	"member":                        {Zh: "成员 %d", En: "member %d"},
	"law":                           {Zh: "依据：%s", En: "Law: %s"},
	"unverified":                    {Zh: "（依据未经核对）", En: " (not verified)"},
	"confirm":                       {Zh: "需要确认，未计入合计", En: "To confirm, not in the total"},
	"adds":                          {Zh: "可加 %s", En: "would add %s"},
	"rules":                         {Zh: "规则 %s（%s）", En: "Rules %s (%s)"},
	"and":                           {Zh: "、", En: ", "},
	"down":                          {Zh: "舍去", En: "down"},
	"up":                            {Zh: "进位", En: "up"},
	"half_up":                       {Zh: "四舍五入", En: "to the nearest"},
	benefit.CodeDifference:          {Zh: "差额", En: "difference to the standard"},
	benefit.CodeTier:                {Zh: "分档", En: "tier"},
	benefit.CodeMinimum:             {Zh: "补足最低金额", En: "up to the least amount"},
	benefit.CodeSingle:              {Zh: "单人保", En: "single person"},
	benefit.CodeTapering:            {Zh: "渐退期，按上月金额", En: "goes on as in the month before"},
	"income_not_below_standard":     {Zh: "收入不低于标准", En: "the income is not below the standard"},
	"income_above_tiers":            {Zh: "收入不低于最高档", En: "the income is not below the highest tier"},
	"reason_of_rise":                {Zh: "收入增加的原因", En: "why the income rose"},
	"age":                           {Zh: "年龄", En: "age"},
	"sex":                           {Zh: "性别", En: "sex"},
	"relation":                      {Zh: "与户主关系", En: "relation to the head"},
	household.Refused.String():      {Zh: "不予受理", En: "REFUSED"},
	"no_discrepancy":                {Zh: "未见异常", En: "NO DISCREPANCY"},
	"needs_review":                  {Zh: "需核实", En: "NEEDS REVIEW"},
	"suspected_ineligible":          {Zh: "疑似不符合", En: "SUSPECTED INELIGIBLE"},
	household.Unverifiable.String(): {Zh: "无法核对", En: "UNVERIFIABLE"},
}

// word is a word of the language; a code that has none, as an attribute of a pack, is
// its own.
func (a *app) word(words map[string]rules.Text, key string, args ...any) string {
	text := key
	if t, ok := words[key]; ok {
		text = a.say(t)
	}
	if len(args) == 0 {
		return text
	}
	return fmt.Sprintf(text, args...)
}

func (p *proposal) print(a *app, pack *rules.Pack) error {
	var b strings.Builder
	word := func(key string, args ...any) string { return a.word(benefitWords, key, args...) }
	fmt.Fprintf(&b, "%s\n%s\n%s 【%s】\n", word("proposal"), word("household", p.household, p.scheme, p.checked.String()), word("outcome"), word(p.outcome.String()))
	switch {
	case p.blocked:
		b.WriteString(word("blocked") + "\n")
	case p.provisional():
		b.WriteString(word("provisional") + "\n")
	}
	for _, code := range p.findings {
		fmt.Fprintf(&b, "  %s (%s)\n", titleOr(a, pack, code), code)
	}
	if p.sheet != nil {
		b.WriteString("\n")
		p.lines(&b, a)
	}
	fmt.Fprintf(&b, "\n%s\n", word("rules", p.pack, p.digest[:min(8, len(p.digest))]+"…"))
	_, err := fmt.Fprint(a.stdout, b.String())
	return err
}

// titleOr is the title of a finding, its code when the pack has none.
func titleOr(a *app, pack *rules.Pack, code string) string {
	if t := title(a, pack, code); t != "" {
		return t
	}
	return code
}

func (p *proposal) lines(b *strings.Builder, a *app) {
	word := func(key string, args ...any) string { return a.word(benefitWords, key, args...) }
	name := func(code string, t benefit.Text, member int) string {
		text := a.say(rules.Text(t))
		if text == "" {
			text = word(code)
		}
		if member > 0 {
			text += " · " + word("member", member)
		}
		return text
	}
	for i, l := range p.sheet.Lines {
		fmt.Fprintf(b, "  %d. %s\n", i+1, name(l.Code, l.Title, l.Member))
		if l.Because != nil {
			fmt.Fprintf(b, "     %s\n", l.Because.Yuan())
		}
		b.WriteString("     " + l.Formula.Yuan())
		if len(l.Formula) > 1 {
			b.WriteString(" = " + l.Amount.Yuan())
		}
		if l.Round.Unit > 0 {
			b.WriteString(word("rounded", word(l.Round.Direction.String()), l.Round.Unit.Yuan()))
		}
		fmt.Fprintf(b, "\n     %s%s\n", word("law", l.Law), unverified(a, l.Verified))
	}
	if p.due() {
		fmt.Fprintf(b, "  %s\n  %s\n", word("total", p.sheet.Total.Yuan()), word("start", p.on.String(), p.sheet.Start.String()))
	} else {
		fmt.Fprintf(b, "  %s\n", word("nothing", word(p.sheet.Reason.String())))
	}
	if len(p.sheet.Confirm) == 0 {
		return
	}
	fmt.Fprintf(b, "\n%s\n", word("confirm"))
	for _, c := range p.sheet.Confirm {
		var unknown []string
		for _, u := range c.Unknown {
			unknown = append(unknown, word(u))
		}
		fmt.Fprintf(b, "  %s: %s; %s\n     %s\n", name(c.Code, c.Title, c.Member), strings.Join(unknown, word("and")), word("adds", c.Adds.Yuan()), word("law", c.Law))
	}
}

func unverified(a *app, verified bool) string {
	if verified {
		return ""
	}
	return a.word(benefitWords, "unverified")
}
