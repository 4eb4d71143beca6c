package province_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/bench/oracle"
	"github.com/hedui/hedui/bench/province"
)

type expectation struct {
	Outcome  string
	Findings []string
}

type truthLine struct {
	Line             int
	HouseholdID      string `json:"household_id"`
	Case             string
	WithSecond       bool        `json:"with_second"`
	Expect           expectation `json:"expect"`
	ExpectWithSecond expectation `json:"expect_with_second"`
}

func lines(t *testing.T, dir, name string) [][]byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Split(bytes.TrimSuffix(data, []byte("\n")), []byte("\n"))
}

func truth(t *testing.T, dir string) []truthLine {
	t.Helper()
	var all []truthLine
	for _, line := range lines(t, dir, "truth.jsonl") {
		var x truthLine
		if err := json.Unmarshal(line, &x); err != nil {
			t.Fatal(err)
		}
		all = append(all, x)
	}
	return all
}

// Every line of the batch is a request, except those planted not to be one.
func TestBatchIsOfTheContractsForm(t *testing.T) {
	dir, sum := generate(t, province.Options{People: 20_000, Seed: 12, BatchPercent: 10})
	batch := lines(t, dir, "batch.jsonl")
	if len(batch) != sum.BatchHouseholds {
		t.Errorf("%d lines, the summary says %d", len(batch), sum.BatchHouseholds)
	}
	planted := map[int]truthLine{}
	for _, x := range truth(t, dir) {
		planted[x.Line] = x
	}
	if len(planted) != sum.Planted {
		t.Errorf("%d lines of truth, the summary says %d", len(planted), sum.Planted)
	}
	seen := map[string]bool{}
	for i, line := range batch {
		want, isPlanted := planted[i+1]
		var q struct {
			HouseholdID   string `json:"household_id"`
			Authorization *struct {
				SignedBy []string `json:"signed_by"`
			}
			Members []struct {
				Name     string
				IDNumber string `json:"id_number"`
			}
		}
		err := json.Unmarshal(line, &q)
		if want.Case == "refused_not_json" {
			if err == nil && q.HouseholdID != "" {
				t.Errorf("line %d is a request and should not be", i+1)
			}
			continue
		}
		if err != nil || seen[q.HouseholdID] || isPlanted && q.HouseholdID != want.HouseholdID {
			t.Fatalf("line %d (%s): %v, household %s", i+1, want.Case, err, q.HouseholdID)
		}
		seen[q.HouseholdID] = true
		if isPlanted {
			continue
		}
		if q.Authorization == nil || len(q.Authorization.SignedBy) == 0 || len(q.Members) == 0 {
			t.Fatalf("line %d: an ordinary household that nobody signed for", i+1)
		}
		for _, m := range q.Members {
			if !validID(m.IDNumber) || m.Name == "" {
				t.Fatalf("line %d: an ordinary member without name or valid document", i+1)
			}
		}
	}
}

func TestEveryCaseIsPlantedOftenEnough(t *testing.T) {
	if testing.Short() {
		t.Skip("a province of 100,000")
	}
	dir, sum := generate(t, province.Options{People: 100_000, Seed: 13, Dirty: 50, Second: true})
	cases, found := map[string]int{}, map[string]int{}
	for _, x := range truth(t, dir) {
		cases[x.Case]++
		for _, e := range []expectation{x.Expect, x.ExpectWithSecond} {
			for _, f := range e.Findings {
				found[f+"/"+e.Outcome]++
			}
		}
	}
	if len(cases) != sum.Cases || len(cases) < 170 {
		t.Errorf("%d cases, the summary says %d", len(cases), sum.Cases)
	}
	for name, n := range cases {
		if n < 120 {
			t.Errorf("%s is planted %d times", name, n)
		}
	}
	for want := range strings.FieldsSeq(`income_over_limit/suspected_ineligible income_may_exceed_limit/needs_review undeclared_income/needs_review
		financial_assets_over_limit/suspected_ineligible financial_assets_may_exceed_limit/needs_review undeclared_financial_assets/needs_review
		vehicle_owned/suspected_ineligible vehicle_owned/needs_review undeclared_vehicle/needs_review several_homes/suspected_ineligible several_homes/needs_review
		non_residential_property/suspected_ineligible non_residential_property/needs_review undeclared_property/needs_review unexplained_employment/needs_review
		identity_conflict/needs_review period_not_established/needs_review one_off_receipt/needs_review authorization_missing/refused authorization_expired/refused
		authorization_purpose/refused authorization_incomplete/refused invalid_request/refused`) {
		if found[want] < 120 {
			t.Errorf("%s is expected %d times", want, found[want])
		}
	}
}

// The truth agrees with the independent reading of the contract, and so does the
// list of bad rows. Neither knows how the other works.
func TestTruthAgreesWithTheOracle(t *testing.T) {
	for _, on := range []string{province.DefaultOn, "2027-01-15", "2028-02-29"} {
		t.Run(on, func(t *testing.T) {
			if testing.Short() && on != province.DefaultOn {
				t.Skip("one date is enough")
			}
			dir, sum := generate(t, province.Options{
				People: 8000, Seed: 14, On: on, Dirty: 200, Second: true, BatchPercent: 30, Months: true, Banks: 6,
				Formats: map[string]string{"bank": province.FormatGB18030, "property": province.FormatGB18030},
			})
			for _, second := range []bool{false, true} {
				compareWithOracle(t, dir, sum, on, second)
			}
		})
	}
}

// The answers of planted cases hold where other people's rows are corrupted.
func TestTruthHoldsInACorruptedProvince(t *testing.T) {
	for _, level := range []string{province.CorruptBase, province.CorruptBad} {
		dir, sum := generate(t, province.Options{People: 20_000, Seed: 15, Register: true, Corrupt: level})
		sum.Files = slices.DeleteFunc(sum.Files, func(f province.File) bool { return f.Source == "register" })
		comparePlanted(t, dir, province.DefaultOn, false, readRegistry(t, dir, sum, false))
	}
}

func compareWithOracle(t *testing.T, dir string, sum province.Summary, on string, second bool) {
	t.Helper()
	reg := readRegistry(t, dir, sum, second)
	compareAccounts(t, dir, reg)
	outcomes := comparePlanted(t, dir, on, second, reg)
	// A register is neither all clean nor all flagged.
	if n := outcomes["no_discrepancy"]; !second && (n < 60 || outcomes["needs_review"] < 10 || outcomes["suspected_ineligible"] < 10) {
		t.Errorf("ordinary households end as %v", outcomes)
	}
}

func readRegistry(t *testing.T, dir string, sum province.Summary, second bool) *oracle.Registry {
	t.Helper()
	first := map[string]int{} // index of a source's snapshot
	var in []oracle.Snapshot
	for _, f := range sum.Files {
		if f.Stale && !second {
			continue
		}
		s := oracle.Snapshot{Source: f.Source, AsOf: sum.AsOf, Files: []string{filepath.Join(dir, f.Name)}}
		if f.Covers != "" {
			s.Covers = sum.Covers
		}
		if f.Stale {
			s.Provider, s.AsOf = "old", sum.StaleAsOf
			if f.Covers != "" {
				s.Covers = sum.StaleCovers
			}
		} else if at, ok := first[f.Source]; ok { // further files of a split source
			in[at].Files = append(in[at].Files, s.Files...)
			continue
		} else {
			first[f.Source] = len(in)
		}
		in = append(in, s)
	}
	reg, err := oracle.Load(in)
	if err != nil {
		t.Fatal(err)
	}
	return reg
}

// comparePlanted compares the planted households' answers and returns how often each
// outcome came out for the others.
func comparePlanted(t *testing.T, dir string, on string, second bool, reg *oracle.Registry) map[string]int {
	t.Helper()
	day, err := time.Parse("2006-01-02", on)
	if err != nil {
		t.Fatal(err)
	}
	planted := map[int]truthLine{}
	for _, x := range truth(t, dir) {
		planted[x.Line] = x
	}
	outcomes := map[string]int{}
	for i, line := range lines(t, dir, "batch.jsonl") {
		a := oracle.Verify(reg, line, day)
		got := expectation{a.Outcome, []string{}}
		for _, f := range a.Findings {
			got.Findings = append(got.Findings, f.Code)
		}
		x, ok := planted[i+1]
		if !ok {
			outcomes[a.Outcome]++
			continue
		}
		want := x.Expect
		if second {
			want = x.ExpectWithSecond
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s, second provider %v, line %d (-want +got):\n%s", x.Case, second, i+1, diff)
		}
	}
	return outcomes
}

// compareAccounts compares the oracle's quarantine with dirty.jsonl.
func compareAccounts(t *testing.T, dir string, reg *oracle.Registry) {
	t.Helper()
	want := map[string]map[string]int{}
	for _, line := range lines(t, dir, "dirty.jsonl") {
		var d dirtyLine
		if err := json.Unmarshal(line, &d); err != nil {
			t.Fatal(err)
		}
		if want[d.Source] == nil {
			want[d.Source] = map[string]int{"duplicate": 0, "unlinked": 0}
		}
		switch d.Effect {
		case "quarantined":
			want[d.Source][d.Code]++
		case "duplicate", "unlinked":
			want[d.Source][d.Effect]++
		}
	}
	for _, a := range reg.Accounts {
		got := map[string]int{"duplicate": a.Total.Duplicates, "unlinked": a.Total.Unlinked}
		maps.Copy(got, a.Total.Codes)
		w := want[a.Source]
		if a.Provider != a.Source {
			w = map[string]int{"duplicate": 0, "unlinked": 0}
		}
		if diff := cmp.Diff(w, got); diff != "" {
			t.Errorf("rows of %s, provider %s, that are not plain (-dirty.jsonl +oracle):\n%s", a.Source, a.Provider, diff)
		}
	}
}
