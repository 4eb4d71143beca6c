package explain_test

import (
	"strings"
	"testing"

	"github.com/hedui/hedui/engine/explain"
	"github.com/hedui/hedui/engine/household"
)

// Records that two findings rest on are listed once; others are listed each time.
func TestRowsAreListedOnce(t *testing.T) {
	rows := func(row int64) []household.Evidence {
		return []household.Evidence{{Source: household.Vehicle, Provider: "p", Snapshot: "s", File: 1, Row: row, Record: "L***00", Member: 1, Link: "A1"}}
	}
	finding := func(code string, row int64) household.Finding {
		return household.Finding{Code: code, Effect: household.NeedsReview, Grade: household.GradeA, Member: 1, Evidence: rows(row)}
	}
	var out strings.Builder
	v := household.Verdict{Outcome: household.NeedsReview, On: 20261101, Findings: []household.Finding{finding("a", 7), finding("b", 7), finding("c", 8)}}
	if err := explain.Write(&out, explain.Input{Verdict: &v, Lang: explain.Zh}); err != nil {
		t.Fatal(err)
	}
	text := out.String()
	if strings.Count(text, "第 7 行") != 1 || strings.Count(text, "与第 1 项相同") != 1 || strings.Count(text, "第 8 行") != 1 {
		t.Errorf("rows listed wrongly:\n%s", text)
	}
}
