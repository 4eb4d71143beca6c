package rules

import (
	"github.com/hedui/hedui/engine/household"
)

// Support is a formula for what somebody who owes support is taken to give (赡养费、抚养费、
// 扶养费). What it comes to is derived. The formulas differ between places and their
// wording leaves room, so each is a named and versioned strategy; see Strategies.
type Support struct {
	Code     string
	Strategy string
	Unable   *Who   // who owes nothing; nil: everybody may
	Waived   []*Who // whose support the law does not claim, proven like Unable
	AgeFrom  string
	AgeTo    string // parameters (years): nothing is owed below the one and above the other
	Law      string
	Place    Place

	Ages   [2]int64 // resolved; 0 without
	params []nameAt
	amount formula             // that Strategy names
	Values map[string][3]int64 // resolved, by the strategy's own name for it
}

// Owing is what a strategy knows of somebody who owes support, for a whole window.
type Owing struct {
	Income           household.Fen // of their household in the window
	Months           int           // of the window
	HouseholdMembers int           // of their household, themselves included; at least 1
	Children         int           // children who share the duty; at least 1
	Supported        int           // people they support; at least 1
	Residence        uint8
}

// Strategy is a formula by its name and version.
type Strategy struct {
	Name   string
	Params []StrategyParam
	Text   Text
	amount formula
}

// formula computes what is owed; v gives the values that the strategy names.
type formula func(o *Owing, v func(name string) int64) (household.Fen, bool)

// StrategyParam is a value that a strategy needs.
type StrategyParam struct {
	Name string
	Unit Unit
}

// Strategies are the formulas that packs can name. All divide once, at the end, and
// round down, in the household's favour.
func Strategies() []Strategy {
	excess := func(o *Owing, line int64) int64 {
		return int64(o.Income) - times(times(line, int64(o.HouseholdMembers)), int64(o.Months))
	}
	share := func(o *Owing, v func(string) int64) int64 {
		if o.Children >= 3 {
			return v("many_children_percent")
		}
		return v("few_children_percent")
	}
	divide := func(n, percent, by int64) (household.Fen, bool) {
		if n <= 0 {
			return 0, true
		}
		q, ok := household.MulDiv(n, percent, times(100, by), household.RoundDown)
		return household.Fen(q), ok
	}
	return []Strategy{
		{
			"excess_share/1",
			[]StrategyParam{{"line", UnitFen}, {"few_children_percent", UnitPercent}, {"many_children_percent", UnitPercent}},
			Text{
				Zh: "义务人家庭人均收入低于线的为零；超过部分（按人均）× 比例（子女两人以下、三人以上两档）÷ 被赡养人数",
				En: "0 below the line per head; else the excess per head × a share (up to two children, three or more) ÷ the people supported",
			},
			func(o *Owing, v func(string) int64) (household.Fen, bool) {
				return divide(excess(o, v("line")), share(o, v), times(int64(o.HouseholdMembers), int64(o.Supported)))
			},
		},
		{
			"excess_share_family/1",
			[]StrategyParam{{"line", UnitFen}, {"few_children_percent", UnitPercent}, {"many_children_percent", UnitPercent}},
			Text{
				Zh: "同 excess_share/1，但以义务人全家超过部分为基数",
				En: "as excess_share/1, of the excess of the whole household",
			},
			func(o *Owing, v func(string) int64) (household.Fen, bool) {
				return divide(excess(o, v("line")), share(o, v), int64(o.Supported))
			},
		},
		{
			"multiple_of_line/1",
			[]StrategyParam{{"line", UnitFen}, {"line_percent", UnitPercent}, {"share_percent", UnitPercent}},
			Text{
				Zh: "义务人家庭人均收入不超过线的若干百分比的为零；超过部分（全家）× 比例 ÷ 被赡养人数",
				En: "0 up to so many percent of the line per head; else the household's excess × a share ÷ the people supported",
			},
			func(o *Owing, v func(string) int64) (household.Fen, bool) {
				line := times(times(v("line"), v("line_percent")), times(int64(o.HouseholdMembers), int64(o.Months)))
				return divide(times(int64(o.Income), 100)-line, v("share_percent"), times(100, int64(o.Supported)))
			},
		},
		{
			"share_of_income/1",
			[]StrategyParam{{"one_child_percent", UnitPercent}, {"several_children_percent", UnitPercent}},
			Text{
				Zh: "义务人收入 × 比例（一名子女、多名子女两档）÷ 被抚养人数",
				En: "the income × a share (one child, several children) ÷ the people supported",
			},
			func(o *Owing, v func(string) int64) (household.Fen, bool) {
				percent := v("one_child_percent")
				if o.Supported > 1 {
					percent = v("several_children_percent")
				}
				return divide(int64(o.Income), percent, int64(o.Supported))
			},
		},
		{
			"document/1", nil,
			Text{Zh: "只按判决、调解或协议约定的数额", En: "only what a judgment or an agreement says"},
			func(*Owing, func(string) int64) (household.Fen, bool) { return 0, true },
		},
	}
}

// Amount is what is taken to be given in the window to one supported person. ok is
// false when the arithmetic leaves int64.
func (s *Support) Amount(o *Owing) (household.Fen, bool) {
	return s.amount(o, func(name string) int64 { return s.Values[name][o.Residence] })
}
