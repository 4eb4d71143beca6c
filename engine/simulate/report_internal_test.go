package simulate

import (
	"bytes"
	"encoding/csv"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/engine/household"
)

// Numbers of fewer than five households are not told, nor can one be worked out.
func TestFewAreSuppressed(t *testing.T) {
	tests := map[string]struct {
		flips map[string]int64
		want  []string // by region in order: what is told
	}{
		"at the limit":         {map[string]int64{"1": 4, "2": 5, "3": 0}, []string{"<5", "5", "<5"}},
		"the only one":         {map[string]int64{"1": 4, "2": 90, "3": 6, "4": 6}, []string{"<5", "90", ">=5", "6"}},
		"a region alone":       {map[string]int64{"1": 3}, []string{"<5"}},
		"nothing changes here": {map[string]int64{"1": 0, "2": 9}, []string{"<5", ">=5"}},
		"all are many":         {map[string]int64{"1": 5, "2": 9}, []string{"5", "9"}},
		"no region":            {nil, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := newReport(30, false)
			for code, n := range tt.flips {
				r.regions[code] = &regionCounts{households: 100, flips: n, newly: n}
			}
			var got []string
			for _, x := range r.Regions() {
				if x.Changes == nil {
					got = append(got, x.Suppressed)
				} else {
					got = append(got, strconv.FormatInt(x.Changes.Flips, 10))
					if x.Suppressed != "" {
						t.Errorf("%+v", x)
					}
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestCounty(t *testing.T) {
	for in, want := range map[string]string{
		"340104": "340104", "340104001002": "340104", "": "-", "3401": "3401", "合肥市蜀山区": "合肥市蜀山区", "34010x99": "34010x99",
	} {
		if got := county(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// A household can't write a formula into somebody's spreadsheet.
func TestListIsHarmless(t *testing.T) {
	for in, want := range map[string]string{
		"340104-000001": "340104-000001", `=HYPERLINK("x")`: `'=HYPERLINK("x")`, "+1": "'+1", "-1": "'-1", "@x": "'@x",
		"\t=1": "\ufffd=1", "\r=1": "\ufffd=1", " =1": "' =1", "＝1": "'＝1", "": "", "\x1b[2J": "\ufffd[2J",
	} {
		var b bytes.Buffer
		out := csv.NewWriter(&b)
		v := &household.Verdict{HouseholdID: in, Region: in, Outcome: household.NeedsReview}
		if err := writeRow(out, v, v, nil, []string{"a", "b"}); err != nil {
			t.Fatal(err)
		}
		out.Flush()
		rows, err := csv.NewReader(&b).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([][]string{{want, want, "needs_review", "needs_review", "", "a b"}}, rows); diff != "" {
			t.Errorf("%q\n%s", in, diff)
		}
	}
}
