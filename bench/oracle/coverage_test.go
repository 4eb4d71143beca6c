package oracle

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCoverage(t *testing.T) {
	for _, c := range []struct {
		name   string
		in     files
		edits  edits
		source string
		want   Coverage
	}{
		{
			"asked, nothing there",
			files{"bank": {"B,1,{other},demand,1,2026-10-31,,"}},
			nil, "bank",
			Coverage{"none", map[string]string{"bank": "none"}},
		},
		{"found", files{"bank": {"B,1,{B},demand,1,2026-10-31,,"}}, nil, "bank", Coverage{"found", map[string]string{"bank": "found"}}},
		{
			"found under another name, transferred",
			files{"vehicle": {"V,{b},X,P,car,transferred,"}},
			nil, "vehicle",
			Coverage{"found", map[string]string{"vehicle": "found"}},
		},
		{"found outside the window", files{"tax": {"1,{A},2025-01,wage,1,,"}}, nil, "tax", Coverage{"found", map[string]string{"tax": "found"}}},
		{
			"one bank found, one not",
			files{"bank/x": {"B,1,{B},demand,1,2026-10-31,,"}, "bank/y": nil},
			nil, "bank",
			Coverage{"none", map[string]string{"x": "found", "y": "none"}},
		},
		{"180 days", files{"bank//2026-05-05": {"B,1,{B},demand,1,2026-05-05,,"}}, nil, "bank", Coverage{"found", map[string]string{"bank": "found"}}},
		{"181 days", files{"bank//2026-05-04": nil}, nil, "bank", Coverage{"stale", map[string]string{"bank": "stale"}}},
		{
			"incomplete before stale",
			files{"bank//2026-05-04": {"B,1,{B},demand,x,2026-05-04,,"}},
			nil, "bank",
			Coverage{"incomplete", map[string]string{"bank": "incomplete"}},
		},
		{
			"somebody else's quarantined row",
			files{"bank": {"B,1,{other},demand,x,2026-10-31,,"}},
			nil, "bank",
			Coverage{"none", map[string]string{"bank": "none"}},
		},
		{
			"excluded member's quarantined row",
			files{"bank": {"B,1,{B},demand,x,2026-10-31,,"}},
			edits{memberField(2, "excluded", "missing")},
			"bank",
			Coverage{"none", map[string]string{"bank": "none"}},
		},
		{
			"a month nobody covers",
			files{"tax/x/2026-10-31/2025-01..2026-08": nil, "tax/y/2026-10-31/2026-10..2026-10": {"1,{A},2026-10,wage,x,,"}},
			nil, "tax",
			Coverage{"partial", map[string]string{"x": "partial", "y": "partial"}},
		},
		{
			"two providers cover the window",
			files{"tax/x/2026-10-31/2025-01..2026-08": nil, "tax/y/2026-10-31/2026-09..2026-10": nil},
			nil, "tax",
			Coverage{"none", map[string]string{"x": "none", "y": "none"}},
		},
		{"missing", files{"property": {noSnapshot}}, nil, "property", Coverage{State: "missing"}},
		{
			"not authorised before missing",
			files{"property": {noSnapshot}},
			edits{authority("data_classes", []string{})},
			"property",
			Coverage{State: "not_authorized"},
		},
		{
			"old snapshot that supplies no window month",
			files{"tax//2025-11-30/2025-01..2025-10": nil, "tax//2026-10-31/2025-11..2026-10": nil},
			nil, "tax",
			Coverage{"none", map[string]string{"tax": "none"}},
		},
		{
			"old snapshot that supplies one",
			files{"tax//2026-04-30/2025-01..2026-04": nil, "tax//2026-10-31/2026-05..2026-10": nil},
			nil, "tax",
			Coverage{"stale", map[string]string{"tax": "stale"}},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, ask(t, c.in, c.edits...).Coverage[c.source]); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestUnverifiable(t *testing.T) {
	for name, in := range map[string]files{
		"missing":    {"bank": {noSnapshot}},
		"partial":    {"tax//2026-10-31/2026-01..2026-10": nil},
		"incomplete": {"vehicle": {"V,{A},P,boat,normal,"}},
		"stale":      {"bank//2026-05-04": nil},
	} {
		if a := ask(t, in); a.Outcome != unverifiable {
			t.Errorf("%s: %s", name, a.Outcome)
		}
	}
}

// The newest snapshot of a provider replaces the older; for flows month by month.
func TestSelection(t *testing.T) {
	t.Run("newest balance file", func(t *testing.T) {
		a := ask(t, files{"bank//2026-09-30": {"B,1,{A},demand,7,2026-09-30,,"}, "bank//2026-10-31": {"B,2,{A},demand,5,2026-10-31,,"}})
		if a.Assets.FinancialFen != 500 {
			t.Errorf("%d", a.Assets.FinancialFen)
		}
	})
	t.Run("twelve monthly files", func(t *testing.T) {
		in := files{}
		for m := range 12 {
			text := (month(2025*12+10) + month(m)).String()
			in["tax//2026-10-"+text[5:]+"/"+text+".."+text] = []string{"1,{A}," + text + ",wage,1,,"}
		}
		a := ask(t, in)
		if a.Income.TotalFen != 1200 || a.Coverage["tax"].State != "found" {
			t.Errorf("%+v %v", a.Income, a.Coverage["tax"])
		}
	})
	t.Run("newer month file", func(t *testing.T) {
		a := ask(t, files{
			"tax//2026-09-30/2025-01..2026-10": {"1,{A},2026-03,wage,7,,", "2,{A},2026-04,wage,11,,"},
			"tax//2026-10-31/2026-03..2026-03": {"9,{A},2026-03,wage,5,,"},
		})
		if a.Income.TotalFen != 1600 {
			t.Errorf("%d, want 5.00 + 11.00", a.Income.TotalFen)
		}
	})
	t.Run("bare year with the last covered month", func(t *testing.T) {
		old := "1,{A},2026,wage,7,,"
		replaced := ask(t, files{"tax//2026-09-30/2025-01..2026-09": {old}, "tax//2026-10-31/2026-09..2026-10": nil})
		kept := ask(t, files{"tax//2026-09-30/2025-01..2026-09": {old}, "tax//2026-10-31/2026-10..2026-10": nil})
		if len(replaced.Findings) != 0 || len(kept.Findings) != 1 {
			t.Errorf("replaced %v, kept %v", short(replaced), short(kept))
		}
	})
	t.Run("marks go with their snapshot", func(t *testing.T) {
		a := ask(t, files{"tax//2026-09-30/2025-01..2026-09": {"1,{A},2026-01,wage,x,,"}, "tax//2026-10-31/2025-01..2026-10": nil})
		if a.Coverage["tax"].State != "none" {
			t.Errorf("%v", a.Coverage["tax"])
		}
	})
}
