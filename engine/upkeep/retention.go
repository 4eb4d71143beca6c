package upkeep

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/hedui/hedui/engine/audit"
)

// Rule says how long one kind of thing is kept. What it is kept from on is in its text.
type Rule struct {
	Code   string
	Months int // kept
	Floor  int // months that nobody can go below
	What   Text
	Why    Text // where the floor comes from
}

// The codes of rules.
const (
	RuleDossiers    = "dossiers"
	RuleBatches     = "batches"
	RuleAudit       = "audit"
	RuleGenerations = "generations"
	RuleSuperseded  = "superseded"
	RuleOutdated    = "outdated"
)

// contestMonths is how long a decision can be taken to court after it is known: within it
// everything that it rests on is kept, whatever else is said.
const contestMonths = 6

// Retention is the rules of a centre, one of each.
type Retention []Rule

// DefaultRetention are the rules when nothing else is said. The floors are part of the
// program: no flag and no file goes below them.
func DefaultRetention() Retention {
	return Retention{
		{
			RuleDossiers, 36, 36,
			Text{"authorisations, requests, verdicts, cases and objections, from when nothing about them is open", "授权书、核对请求、核对结果、复核与异议，自全部了结之日起"},
			Text{"records of personal data given out are kept 3 years (Network Data Security Regulations, art. 12)", "提供个人信息的处理记录至少保存 3 年（网络数据安全管理条例第十二条）"},
		},
		{
			RuleBatches, 12, contestMonths,
			Text{"batches that are over, with the rows that were refused or set aside, from when they were accepted; what was answered is in the dossiers", "已结束的批次及其不予受理、未能处理的各行，自受理之日起；核对结果在家庭档案内"},
			Text{"a decision can be taken to court for 6 months (Administrative Litigation Law, art. 46)", "行政诉讼起诉期限为六个月（行政诉讼法第四十六条）"},
		},
		{
			RuleAudit, audit.KeepMonths, audit.LeastMonths,
			Text{"segments of the audit log, from their newest entry", "审计日志各段，自该段最后一条起"},
			Text{"logs are kept 6 months (Cybersecurity Law)", "日志至少留存六个月（网络安全法）"},
		},
		{
			RuleGenerations, contestMonths, contestMonths,
			Text{"generations that are not current and that no verdict rests on which can be contested, from when they were published", "非当前且无可争议结果所依据的各代数据，自发布之日起"},
			Text{"a decision can be taken to court for 6 months (Administrative Litigation Law, art. 46)", "行政诉讼起诉期限为六个月（行政诉讼法第四十六条）"},
		},
		{
			RuleSuperseded, 3, 1,
			Text{"snapshots that another took the place of, in no generation, from when it did", "已被替代且不在任何一代数据中的快照，自被替代之日起"},
			Text{"a delivery can turn out to be the worse one", "更正后的数据可能有误，需留核对时间"},
		},
		{
			RuleOutdated, 12, 3,
			Text{"snapshots of what people own, in no generation, with a newer one of the same provider, from their date on", "存量数据快照，不在任何一代数据中且同一来源已有更新者，自截止日期起"},
			Text{"personal data are kept no longer than is needed (Personal Information Protection Law, art. 19)", "个人信息保存期限为实现目的所必要的最短时间（个人信息保护法第十九条）"},
		},
	}
}

// The errors of retention.
var (
	ErrFloor  = errors.New("kept too short")
	ErrNoRule = errors.New("no such rule of retention")
)

// Keep changes how long a kind of thing is kept. ErrFloor is returned below the floor.
func (r Retention) Keep(code string, months int) error {
	i := slices.IndexFunc(r, func(x Rule) bool { return x.Code == code })
	if i < 0 {
		return fmt.Errorf("%q: %w", code, ErrNoRule)
	}
	if months < r[i].Floor {
		return fmt.Errorf("%s: %d months: %w: %d are the least", code, months, ErrFloor, r[i].Floor)
	}
	r[i].Months = months
	return nil
}

// check refuses rules that were not made by DefaultRetention and Keep.
func (r Retention) check() error {
	floors := DefaultRetention()
	for _, f := range floors {
		if n := r.of(f.Code).Months; n < f.Floor {
			return fmt.Errorf("%s: %d months: %w: %d are the least", f.Code, n, ErrFloor, f.Floor)
		}
	}
	return nil
}

func (r Retention) of(code string) Rule {
	for _, x := range r {
		if x.Code == code {
			return x
		}
	}
	return Rule{}
}

// before is the time from before which what a rule speaks of goes.
func (r Retention) before(code string, now time.Time) time.Time {
	return now.AddDate(0, -r.of(code).Months, 0)
}
