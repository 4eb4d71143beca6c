package console

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/api"
	"github.com/hedui/hedui/engine/api/wire"
)

// figurePages say how the centre does.
func (c *Console) figurePages() []api.Page {
	return []api.Page{
		heavy(c.get(access.Statistics, "/statistics", "查看统计", "how the centre does", showStatistics, "division", "scheme", "from", "to")),
		heavy(c.get(access.ReviewerMeter, "/reviewers", "查看复核质量", "how well reviewers look", showReviewers, "division")),
	}
}

type statisticsPage struct {
	Query   wire.StatisticsQuery
	Schemes []string
	wire.Statistics

	Outcomes []string // of the columns
	Found    bool
}

// Of is what a row says of an outcome.
func (statisticsPage) Of(list []wire.NamedCount, name string) *wire.NamedCount {
	i := slices.IndexFunc(list, func(n wire.NamedCount) bool { return n.Name == name })
	if i < 0 {
		return nil
	}
	return &list[i]
}

func showStatistics(v *visit) error {
	q := wire.StatisticsQuery{Division: strings.TrimSpace(v.query("division")), Scheme: v.query("scheme"), From: v.query("from"), To: v.query("to")}
	if q.From == "" && q.To == "" { // the year so far, and the eleven months before this one
		now := v.console.o.Now().In(v.console.o.Location)
		q.To = now.Format(time.DateOnly)
		q.From = now.AddDate(0, -11, 1-now.Day()).Format(time.DateOnly)
	}
	p := statisticsPage{Query: q, Schemes: v.call.Purposes, Outcomes: outcomes[:]}
	if q.Division != "" && !divisionForm.MatchString(q.Division) || len(q.Scheme) > 64 {
		return v.again("statistics", p, wire.Refuse(wire.InvalidField))
	}
	s, err := v.console.desk.Statistics(v.ctx, v.caller(), q)
	if err != nil {
		return v.again("statistics", p, err)
	}
	p.Statistics, p.Found = s, true
	return v.show("statistics", p)
}

type reviewersPage struct {
	Division string
	wire.ReviewerReports
}

func showReviewers(v *visit) error {
	p := reviewersPage{Division: strings.TrimSpace(v.query("division"))}
	if p.Division != "" && !divisionForm.MatchString(p.Division) {
		return v.again("reviewers", p, wire.Refuse(wire.InvalidField, "division:pattern"))
	}
	r, err := v.console.desk.Reviewers(v.ctx, v.caller(), p.Division)
	if err != nil {
		return v.again("reviewers", p, err)
	}
	p.ReviewerReports = r
	return v.show("reviewers", p)
}

// Permille is a share as people read it; a share that can't be said is a word.
func (v *view) Permille(n *int) string {
	if n == nil {
		return v.T("statistics.unsaid")
	}
	return fmt.Sprintf("%d.%d%%", *n/10, *n%10)
}

// Counted is a count, or that it is withheld.
func (v *view) Counted(n *wire.NamedCount) string {
	switch {
	case n == nil:
		return "0"
	case n.Withheld:
		return v.T("statistics.withheld")
	}
	return v.Some(n.Count, n.Partial)
}

// Some is a count that parts too small to be said may be missing from.
func (v *view) Some(n int64, partial bool) string {
	switch {
	case partial && n == 0:
		return v.T("statistics.withheld")
	case partial:
		return fmt.Sprintf("%d+", n)
	}
	return strconv.FormatInt(n, 10)
}

// Finding is what a finding is called by the rules of the centre.
func (v *view) Finding(code string) string {
	if f := v.visit.console.o.Finding; f != nil {
		if title := f(code, v.visit.lang); title != "" {
			return title
		}
	}
	return code
}

// Seconds is a time as people say it.
func (v *view) Seconds(n int64) string {
	if n < 90 {
		return v.T("statistics.seconds", n)
	}
	return v.T("statistics.minutes", n/60)
}

// Between is how often something was seen, and between what the true share lies.
func (v *view) Between(f wire.Frequency) string {
	if f.Of == 0 {
		return "–"
	}
	return v.T("reviewers.between", f.Count, f.Of, f.Low/10, (f.High+9)/10)
}

// figureWords are of statistics.
var figureWords = map[string]text{
	"nav.statistics":      {"统计", "Figures"},
	"nav.statistics.help": {"预警率、排除率、异议、等候时间、各中心在线情况", "Warnings, cleared cases, objections, waiting, centres"},
	"nav.reviewers":       {"复核质量", "Reviewers"},
	"nav.reviewers.help":  {"复核是否认真查看依据", "Whether reviewers look at the evidence"},

	"statistics.title":        {"统计", "Figures"},
	"statistics.lead":         {"整月统计，统计时间 %s。人数过少、可能推断出个人的数不显示。", "Whole months, counted %s. Counts so small that somebody could be found out are withheld."},
	"statistics.division":     {"区划代码", "Division"},
	"statistics.scheme":       {"救助类型", "Scheme"},
	"statistics.from":         {"从", "From"},
	"statistics.to":           {"到", "To"},
	"statistics.withheld":     {"不显示", "withheld"},
	"statistics.unsaid":       {"不显示", "not said"},
	"statistics.seconds":      {"%d 秒", "%d s"},
	"statistics.minutes":      {"%d 分钟", "%d min"},
	"statistics.now":          {"现在各结论的户数", "Households by where they stand"},
	"statistics.outcome":      {"结论", "Outcome"},
	"statistics.count":        {"户数", "Households"},
	"statistics.months":       {"按月", "By month"},
	"statistics.month":        {"月份", "Month"},
	"statistics.checks":       {"核对次数", "Checks"},
	"statistics.warning":      {"预警率", "Warning rate"},
	"statistics.warning.help": {"结论为需核实或疑似不符合、须由人核实的比例。多数会在核实后排除，不是不符合的比例。", "The share that a person has to look at. Most are cleared; it is not the share that does not qualify."},
	"statistics.one":          {"有两个月以上的数时，这里显示折线图。", "With two months or more there is a chart here."},
	"statistics.divisions":    {"按下级区划", "By division"},
	"statistics.cases":        {"案件", "Cases"},
	"statistics.state":        {"状态", "State"},
	"statistics.decided":      {"已办结", "Decided"},
	"statistics.cleared":      {"排除率", "Cleared"},
	"statistics.median":       {"等候天数（中位）", "Days waited (median)"},
	"statistics.p90":          {"等候天数（九成以内）", "Days waited (nine of ten)"},
	"statistics.ages":         {"未办结案件的等候时间", "Cases that wait, by age"},
	"statistics.age":          {"等候", "Age"},
	"statistics.rule":         {"异议（按核对情况）", "Objections by finding"},
	"statistics.source":       {"异议（按来源）", "Objections by source"},
	"statistics.name":         {"项目", "Of"},
	"statistics.filed":        {"提出", "Filed"},
	"statistics.upheld":       {"成立", "Upheld"},
	"statistics.centres":      {"市县中心", "Centres"},
	"statistics.accounts":     {"账户数", "Accounts"},
	"statistics.heard":        {"最近联系", "Last heard"},
	"statistics.never":        {"从未", "never"},
	"statistics.empty":        {"这段时间没有可以显示的数。", "Nothing can be said of this period."},
	"statistics.chart":        {"每月核对次数，按结论", "Checks a month, by outcome"},
	"age.0-7":                 {"7 天以内", "up to 7 days"},
	"age.8-15":                {"8–15 天", "8 to 15 days"},
	"age.16-30":               {"16–30 天", "16 to 30 days"},
	"age.31-60":               {"31–60 天", "31 to 60 days"},
	"age.61-":                 {"60 天以上", "more than 60 days"},

	"reviewers.title":         {"复核质量", "How well reviewers look"},
	"reviewers.lead":          {"提示只是谈话的理由，不是评价。区间是真实比例可能所在的范围（95%）。", "A flag is a reason to talk to somebody, no judgement. The interval is where the true share lies, at 95 %."},
	"reviewers.person":        {"人员编号", "Personnel number"},
	"reviewers.found":         {"识别出测试案件", "Planted cases found"},
	"reviewers.quick":         {"快于阅读所需", "Quicker than can be read"},
	"reviewers.agreed":        {"与引擎一致", "Agrees with the engine"},
	"reviewers.median":        {"用时（中位）", "Time (median)"},
	"reviewers.flags":         {"提示", "Flags"},
	"reviewers.between":       {"%d / %d（%d%%–%d%%）", "%d of %d (%d%% to %d%%)"},
	"reviewers.empty":         {"还没有可以说明的复核。", "Nothing can be said of anybody yet."},
	"flag.misses_known_false": {"漏过测试案件", "misses planted cases"},
	"flag.too_quick":          {"过快", "too quick"},
	"flag.always_agrees":      {"总与引擎一致", "always agrees"},
}
