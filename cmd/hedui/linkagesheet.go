package main

import (
	"fmt"
	"strings"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/rules"
	"github.com/hedui/hedui/rules/benefit"
)

// linkageMonthJSON is a month as --json prints it. Rates are in tenths of a percent,
// so that no float carries them.
type linkageMonthJSON struct {
	Month   string        `json:"month"`
	Due     string        `json:"due"` // yes, no or unknown
	Why     string        `json:"why,omitempty"`
	By      []reachedJSON `json:"by"`
	Missing []missingJSON `json:"missing"`
	Law     string        `json:"law"`
	SCPI    *benefit.Rate `json:"scpi_permille,omitempty"`
	Amounts []subsidyJSON `json:"amounts"`
	Groups  []string      `json:"groups"`
	Income  bool          `json:"counts_as_income"` // always false
	// NoStandard says that nobody knows the standard of the month, so amounts is empty.
	NoStandard bool `json:"standard_unknown,omitempty"`
	Verified   bool `json:"verified"`
}

type reachedJSON struct {
	Series  string         `json:"series"`
	AtLeast benefit.Rate   `json:"at_least_permille"`
	Rates   []benefit.Rate `json:"permille"`
}

type missingJSON struct {
	Series string `json:"series"`
	Month  string `json:"month"`
}

type subsidyJSON struct {
	Residence string        `json:"residence"`
	Formula   string        `json:"formula"` // in fen
	Amount    household.Fen `json:"amount_fen"`
}

func linkageJSON(results []benefit.MonthResult) any {
	out := make([]linkageMonthJSON, len(results))
	for i, r := range results {
		m := linkageMonthJSON{
			Month: r.Month.String(), Due: r.Due.String(), Why: r.Why, By: []reachedJSON{}, Missing: []missingJSON{}, Law: r.Law,
			Amounts: []subsidyJSON{}, Groups: []string{}, Verified: r.Verified,
		}
		for _, b := range r.By {
			m.By = append(m.By, reachedJSON{b.Series.String(), b.Threshold, b.Rates})
		}
		for _, x := range r.Missing {
			m.Missing = append(m.Missing, missingJSON{x.Series.String(), x.Month.String()})
		}
		for _, g := range r.Groups {
			m.Groups = append(m.Groups, g.Code)
		}
		if r.HasAmount {
			m.SCPI = &r.Rate
			for res := household.Urban; res <= household.Rural; res++ {
				formula := fmt.Sprintf("%d × %d ÷ 1000", r.Standard[res], r.Rate)
				m.Amounts = append(m.Amounts, subsidyJSON{household.Residences.At(res).Name, formula, r.Amount[res]})
			}
		}
		m.NoStandard = r.StandardUnknown
		out[i] = m
	}
	return struct {
		Months []linkageMonthJSON `json:"months"`
	}{out}
}

// linkageWords are the words of hedui linkage.
var linkageWords = map[string]rules.Text{
	"yes":         {Zh: "启动", En: "DUE"},
	"no":          {Zh: "不启动", En: "not due"},
	"unknown":     {Zh: "无法判断", En: "UNKNOWN"},
	"reached":     {Zh: "%s同比 %s%%，达到 %s%%", En: "%s %s %% on the year before, trigger %s %%"},
	"missing":     {Zh: "缺少 %s %s", En: "%s of %s is missing"},
	"amount":      {Zh: "%s每人 %s × %s%% = %s 元（%s到 %s）", En: "%s, each person: %s × %s %% = %s yuan (%s, to %s)"},
	"no amount":   {Zh: "金额无法计算", En: "the amount can't be computed"},
	"no standard": {Zh: "该月低保标准尚未查明，金额无法计算", En: "the standard of that month is not established, so the amount can't be computed"},
	"nothing":     {Zh: "该涨幅不高于零，金额为零", En: "that rate is not above 0, so nothing is paid"},
	"groups":      {Zh: "发放对象：%s", En: "Groups: %s"},
	"law":         {Zh: "依据：%s", En: "Law: %s"},
	"not income":  {Zh: "价格临时补贴不计入家庭收入。以上为测算，不是发放依据。", En: "The subsidy never counts as income. This is a computation, no order to pay."},
	"urban":       {Zh: "城镇", En: "urban"},
	"rural":       {Zh: "农村", En: "rural"},
	"cpi":         {Zh: "居民消费价格", En: "CPI"},
	"food":        {Zh: "食品价格", En: "food"},
	"grain":       {Zh: "粮食价格", En: "grain"},
	"scpi":        {Zh: "低收入居民基本生活费用价格", En: "SCPI"},
	"and":         {Zh: "、", En: ", "},
}

func linkageText(a *app, results []benefit.MonthResult) string {
	var b strings.Builder
	word := func(key string, args ...any) string { return a.word(linkageWords, key, args...) }
	for _, r := range results {
		fmt.Fprintf(&b, "%s  %s\n", r.Month, word(r.Due.String()))
		if r.Why != "" {
			fmt.Fprintf(&b, "  %s\n", r.Why)
		}
		for _, x := range r.By {
			rates := make([]string, len(x.Rates))
			for i, n := range x.Rates {
				rates[i] = n.Percent()
			}
			fmt.Fprintf(&b, "  %s\n", word("reached", word(x.Series.String()), strings.Join(rates, word("and")), x.Threshold.Percent()))
		}
		for _, x := range r.Missing {
			fmt.Fprintf(&b, "  %s\n", word("missing", word(x.Series.String()), x.Month.String()))
		}
		if r.Due == household.Yes {
			subsidy(&b, a, &r)
		}
		fmt.Fprintf(&b, "  %s%s\n", word("law", r.Law), unverified(a, r.Verified))
	}
	b.WriteString("\n" + word("not income") + "\n")
	return b.String()
}

// subsidy writes what is paid for a month, and to whom.
func subsidy(b *strings.Builder, a *app, r *benefit.MonthResult) {
	word := func(key string, args ...any) string { return a.word(linkageWords, key, args...) }
	switch {
	case r.StandardUnknown:
		fmt.Fprintf(b, "  %s\n", word("no standard"))
	case !r.HasAmount:
		fmt.Fprintf(b, "  %s\n", word("no amount"))
	default:
		for res := household.Urban; res <= household.Rural; res++ {
			direction := a.word(benefitWords, r.Round.Direction.String())
			fmt.Fprintf(b, "  %s\n", word("amount", word(household.Residences.At(res).Name), r.Standard[res].Yuan(), r.Rate.Percent(), r.Amount[res].Yuan(), direction, r.Round.Unit.Yuan()))
		}
		if r.Rate <= 0 {
			fmt.Fprintf(b, "  %s\n", word("nothing"))
		}
		fmt.Fprintf(b, "  %s\n", word("law", r.FormulaLaw))
	}
	var groups []string
	for _, g := range r.Groups {
		name := a.say(rules.Text(g.Title))
		if name == "" {
			name = g.Code
		}
		groups = append(groups, name)
	}
	fmt.Fprintf(b, "  %s\n", word("groups", strings.Join(groups, word("and"))))
}
