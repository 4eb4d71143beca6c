package report_test

import (
	"time"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/explain"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/match/identity"
	"github.com/hedui/hedui/engine/report"
)

// pack words two findings; the others stand for themselves.
type pack struct{}

func (pack) Title(code, lang string) string {
	return pick(code, lang, "income_over_limit", "家庭收入达到或超过限额", "income at or over the limit")
}

func (pack) Text(code, lang string) string {
	return pick(code, lang, "income_over_limit", "核算期内家庭收入不低于标准×核算月数×人数。", "The income in the window is not below standard × months × members.")
}
func (pack) Law(string) string { return "社会救助暂行办法 第九条" }
func (pack) Clear(code, lang string) string {
	return pick(code, lang, "income_over_limit", "证明相关收入不属于本人、已停止，或金额有误。", "Proof that a record is not the member's or its amount is wrong.")
}

func pick(code, lang, want, zh, en string) string {
	switch {
	case code != want:
		return ""
	case lang == explain.Zh:
		return zh
	}
	return en
}

const (
	headID, childID = "34010419800101123X", "340104201506011234"
	headName        = "王秀英"
	snapshotID      = "ab12cd34ef56ab12cd34ef56ab12cd34"
)

// all shows everything, some masks everything.
func all() (m access.Masks) {
	for f := range m {
		m[f] = access.Full
	}
	return m
}

func some() (m access.Masks) {
	for f := range m {
		m[f] = access.Partly
	}
	return m
}

func request() *household.Request {
	r := &household.Request{
		HouseholdID: "340104-000123", Region: "340104", Scheme: "dibao", Residence: household.Urban,
		Members: []household.Member{
			{Name: headName, IDNumber: headID, IDType: household.ResidentID, Relation: 1},
			{Name: "张伟", IDNumber: childID, IDType: household.ResidentID, Relation: 3},
			{Name: "张大山", IDNumber: "340104197902021111", IDType: household.ResidentID, Relation: 2, Excluded: 1},
		},
	}
	r.Members[0].Income[1], r.Members[0].Declared[1] = 120000, true
	r.Assets = household.DeclaredAssets{Financial: 800000, Vehicles: []household.Plate{"皖A12345"}, Properties: []string{"340104003001GB00012F00050016"}}
	return r
}

// verdict is of a household of two that every source answered and nothing is said of.
func verdict() *household.Verdict {
	from, _ := household.NewMonth(2025, 11)
	v := &household.Verdict{
		HouseholdID: "340104-000123", Region: "340104", Scheme: "dibao", On: 20261101, Outcome: household.NoDiscrepancy, Generation: snapshotID,
		Pack: household.PackRef{Name: "reference", Version: "1", Digest: "5a468fc4" + snapshotID},
	}
	v.Income = household.IncomeSheet{
		Window: household.Months{From: from, To: from + 11}, Members: 2, Total: 1440000, Limit: 1680000,
		Lines: []household.IncomeLine{{Member: 1, Type: 1, Declared: 1440000, Found: 1400000, Counted: 1440000}},
	}
	v.Assets = household.AssetSheet{Financial: 900000, FinancialLimit: 3360000, Residential: 1}
	for s := household.Tax; s < household.NumChecked; s++ {
		state := household.Found
		if s == household.Vehicle {
			state = household.None
		}
		v.Coverage[s] = household.SourceCoverage{State: state, Providers: []household.ProviderCoverage{{Provider: s.String(), AsOf: 20261031, Snapshot: snapshotID, State: state}}}
	}
	return v
}

func state(v *household.Verdict, s household.Source, state household.CoverageState) {
	v.Coverage[s].State = state
	v.Coverage[s].Providers = []household.ProviderCoverage{
		{Provider: "a", AsOf: 20251031, Snapshot: snapshotID, State: state}, {Provider: "b", AsOf: 20261031, Snapshot: snapshotID, State: household.None},
	}
}

func input(v *household.Verdict, r *household.Request, lang string, m access.Masks) report.Input {
	return report.Input{
		Verdict: v, Request: r, Texts: pack{}, LinkTexts: identity.Words{}, Lang: lang, Masks: m,
		Number: "HD340104-2026-000017", VerdictID: "340104-000123/20261101/dibao", Centre: "蜀山区居民家庭经济状况核对中心",
		IssuedAt: time.Date(2026, 11, 2, 9, 30, 0, 0, time.FixedZone("CST", 8*3600)), ValidUntil: 20270501, Recipient: "荷叶地街道办事处", Issuer: "lihua",
		Authorizations: []report.Authorization{{Number: "SQ340104-000123", From: 20260101, To: 20261231, Purposes: []string{"dibao"}}},
		Route:          report.Route{Where: "蜀山区民政局", Days: 10}, Program: "hedui 0.7.0",
		History: []report.Step{{At: time.Date(2026, 11, 1, 15, 0, 0, 0, time.FixedZone("CST", 8*3600)), By: "zhangmin", What: "复核", Reason: "已核对来源记录"}},
	}
}
