package household_test

import (
	"encoding/json"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/hedui/hedui/engine/household"
)

// The encoder keeps what verdicts share; whatever it was given before, it writes what
// AppendJSON writes.
func TestVerdictEncoderIsAppendJSON(t *testing.T) {
	text := rapid.SampledFrom([]string{"", "a", "b", "银行", "x\"y", "\u2028", "\xff", "\x7f", "12345678", "1234567\\"})
	rapid.Check(t, func(t *rapid.T) {
		var e household.VerdictEncoder
		small := rapid.IntRange(0, 3)
		for range 8 {
			v := &household.Verdict{
				HouseholdID: text.Draw(t, "id"), Scheme: text.Draw(t, "scheme"), On: household.Date(20261101 + small.Draw(t, "on")),
				Outcome: household.Outcome(rapid.IntRange(1, 5).Draw(t, "outcome")), Generation: text.Draw(t, "generation"),
				Income: household.IncomeSheet{Window: household.Months{From: household.Month(24300 + small.Draw(t, "from")), To: 24320}, Members: small.Draw(t, "members")},
				Pack:   household.PackRef{Name: text.Draw(t, "pack"), Version: text.Draw(t, "version"), Region: rapid.SampledFrom([]string{"", "34"}).Draw(t, "region")},
			}
			for range small.Draw(t, "values") {
				v.Pack.Values = append(v.Pack.Values, household.CitedValue{Name: "n", Value: int64(small.Draw(t, "value")), From: 20260101})
			}
			for s := household.Tax; s < household.NumChecked; s++ {
				c := &v.Coverage[s]
				c.State = household.CoverageState(rapid.IntRange(1, household.NumCoverageStates-1).Draw(t, "state"))
				for range small.Draw(t, "providers") {
					c.Providers = append(c.Providers, household.ProviderCoverage{Provider: text.Draw(t, "provider"), Snapshot: text.Draw(t, "snapshot"), Node: text.Draw(t, "node"), State: c.State})
				}
			}
			for range small.Draw(t, "findings") {
				f := household.Finding{Code: "c", Effect: v.Outcome, Law: text.Draw(t, "law")}
				for range small.Draw(t, "evidence") {
					f.Evidence = append(f.Evidence, household.Evidence{
						Source: household.Source(1 + small.Draw(t, "source")), Provider: text.Draw(t, "provider"), Snapshot: text.Draw(t, "snapshot"), Node: text.Draw(t, "node"),
						File: small.Draw(t, "file"), Row: int64(small.Draw(t, "row")), Period: household.YearPeriod(2025), Record: text.Draw(t, "record"),
					})
				}
				v.Findings = append(v.Findings, f)
			}
			if got, want := string(e.Append(nil, v)), string(v.AppendJSON(nil)); got != want {
				t.Fatalf("\n got %s\nwant %s", got, want)
			}
		}
	})
}

func TestTextsAreJSONStrings(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(rapid.String(), rapid.StringMatching(`[ -~]{0,20}["\\\x01\x7f中\x{2028}\x{2029}é]?[ -~]{0,12}`)).Draw(t, "text")
		v := household.Verdict{HouseholdID: s, Outcome: household.Refused}
		b := string(v.AppendJSON(nil))
		var back struct {
			ID string `json:"household_id"`
		}
		if err := json.Unmarshal([]byte(b), &back); err != nil || back.ID != strings.ToValidUTF8(s, "\ufffd") {
			t.Fatalf("%q came back as %q, %v", s, back.ID, err)
		}
		if strings.ContainsAny(b, "\u2028\u2029\x7f\n") {
			t.Fatalf("not escaped: %q", b)
		}
	})
}
