package divisions

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/engine/household"
)

func TestTableIsWellFormed(t *testing.T) {
	last, n := "", 0
	for line := range strings.Lines(table) {
		n++
		c := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(c) != 5 || len(c[0]) != 6 || len(c[1]) != 6 || c[4] == "" {
			t.Fatalf("line %d is not of five columns", n)
		}
		if key := c[0] + c[1]; key < last {
			t.Fatalf("line %d out of order", n)
		} else {
			last = key
		}
		if c[2] != "" && c[2] < c[1] {
			t.Errorf("line %d ends before it begins", n)
		}
		if !Known(c[0]) {
			t.Errorf("%s not found", c[0])
		}
		if c[3] != "" && !Known(c[3]) {
			t.Errorf("%s has an unknown successor", c[0])
		}
	}
	if n < 6000 {
		t.Errorf("only %d lines", n)
	}
}

func TestLookup(t *testing.T) {
	tests := map[string]struct {
		code string
		on   household.Date
		name string
	}{
		"live":                  {"340104", 20181101, "蜀山区"},
		"earlier name":          {"340104", 19900101, "西市区"},
		"between two lists":     {"340104", 20020601, "西市区"},
		"after the last list":   {"340104", 20261101, "蜀山区"},
		"abolished, then":       {"110103", 20000101, "崇文区"},
		"abolished, now":        {"110103", 20261101, ""},
		"before the first list": {"110101", 19700101, ""},
		"no such code":          {"999999", 20200101, ""},
		"short":                 {"3401", 20200101, ""},
		"no date":               {"110101", 0, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			d, ok := Lookup(tt.code, tt.on)
			if ok != (tt.name != "") || ok && d.Name != tt.name {
				t.Errorf("got %q %v, want %q", d.Name, ok, tt.name)
			}
		})
	}
}

func TestAncestors(t *testing.T) {
	if diff := cmp.Diff([]string{"340104001", "340104", "340100", "340000"}, Ancestors("340104001002")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"340000"}, Ancestors("340100")); diff != "" {
		t.Error(diff)
	}
	if Ancestors("34") != nil || Ancestors("340000") != nil {
		t.Error("ancestors of nothing")
	}
}

func TestWithin(t *testing.T) {
	tests := map[string]struct {
		code, scope string
		want        bool
	}{
		"itself":                {"340104", "340104", true},
		"county in city":        {"340104", "340100", true},
		"county in province":    {"340104", "340000", true},
		"village in county":     {"340104001002", "340104", true},
		"village in township":   {"340104001002", "340104001", true},
		"village in longer":     {"340104001002", "340104001000", true},
		"city not in county":    {"340100", "340104", false},
		"other city":            {"340104", "340200", false},
		"renumbered county":     {"110228", "110118", true},
		"village of renumbered": {"110228001", "110118", true},
		"not the reverse":       {"110118", "110228", false},
		"malformed":             {"34010x", "340100", false},
		"empty scope":           {"340104", "", false},
		"zero scope":            {"340104", "000000", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := Within(tt.code, tt.scope); got != tt.want {
				t.Errorf("got %v", got)
			}
		})
	}
}

func BenchmarkLookup(b *testing.B) {
	b.ReportAllocs()
	b.ReportMetric(float64(len(table)), "table-bytes")
	for b.Loop() {
		Lookup("340104", 20181101)
	}
}

func BenchmarkWithin(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Within("110228001", "110118")
	}
}
