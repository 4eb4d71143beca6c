package oracle_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/hedui/hedui/bench/oracle"
)

// handCase mirrors the files of one folder of testdata/households.
type handCase struct {
	On        string
	Snapshots []struct {
		Source, Provider string
		AsOf             string `json:"as_of"`
		Covers           string
		Files            []string
	}
}

type handExpected struct {
	Accounts []struct {
		Source, Provider                            string
		RowsIn                                      int `json:"rows_in"`
		Accepted, Quarantined, Duplicates, Unlinked int
		Codes                                       map[string]int
	}
	Verdicts []handVerdict
}

type handVerdict struct {
	HouseholdID string `json:"household_id"`
	Outcome     string
	Findings    []struct {
		Code, Effect, Grade, Type string
		Member                    int
		Amount                    *int64 `json:"amount_fen"`
		Limit                     *int64 `json:"limit_fen"`
		Evidence                  []string
	}
	Income struct {
		From, To string
		Members  int
		Lines    []struct {
			Member   int
			Type     string
			Declared int64 `json:"declared_fen"`
			Found    int64 `json:"found_fen"`
			Counted  int64 `json:"counted_fen"`
		}
		Total int64 `json:"total_fen"`
		Limit int64 `json:"limit_fen"`
	}
	Assets struct {
		Financial int64 `json:"financial_fen"`
		Limit     int64 `json:"financial_limit_fen"`
	}
	Coverage map[string]struct {
		State     string
		Providers map[string]string
	}
}

// answer is the expectation in the shape of an Answer.
func (v handVerdict) answer() oracle.Answer {
	a := oracle.Answer{
		HouseholdID: v.HouseholdID, Outcome: v.Outcome,
		Income: oracle.Income{
			From: v.Income.From, To: v.Income.To, Members: v.Income.Members,
			TotalFen: v.Income.Total, LimitFen: v.Income.Limit,
		},
		Assets:   oracle.Assets{FinancialFen: v.Assets.Financial, FinancialLimitFen: v.Assets.Limit},
		Coverage: map[string]oracle.Coverage{},
	}
	for _, f := range v.Findings {
		a.Findings = append(a.Findings, oracle.Finding{
			Code: f.Code, Effect: f.Effect, Grade: f.Grade, Member: f.Member, Type: f.Type,
			AmountFen: f.Amount, LimitFen: f.Limit, Evidence: f.Evidence,
		})
	}
	for _, l := range v.Income.Lines {
		a.Income.Lines = append(a.Income.Lines, oracle.Line{
			Member: l.Member, Type: l.Type, DeclaredFen: l.Declared, FoundFen: l.Found, CountedFen: l.Counted,
		})
	}
	for source, c := range v.Coverage {
		a.Coverage[source] = oracle.Coverage{State: c.State, Providers: c.Providers}
	}
	return a
}

// Every household of testdata/households was worked out by hand; this reading
// must come to the same verdicts and the same accounting.
func TestHandWorkedHouseholds(t *testing.T) {
	folders, err := filepath.Glob("../../testdata/households/*/case.json")
	if err != nil {
		t.Fatal(err)
	}
	if len(folders) != 12 {
		t.Fatalf("%d cases, want 12", len(folders))
	}
	for _, path := range folders {
		folder := filepath.Dir(path)
		t.Run(filepath.Base(folder), func(t *testing.T) {
			c := readJSON[handCase](t, path)
			want := readJSON[handExpected](t, filepath.Join(folder, "expected.json"))
			var snapshots []oracle.Snapshot
			for _, s := range c.Snapshots {
				in := oracle.Snapshot{Source: s.Source, Provider: s.Provider, AsOf: s.AsOf, Covers: s.Covers}
				for _, file := range s.Files {
					in.Files = append(in.Files, filepath.Join(folder, file))
				}
				snapshots = append(snapshots, in)
			}
			reg, err := oracle.Load(snapshots)
			if err != nil {
				t.Fatal(err)
			}
			compareAccounts(t, reg, want)
			requests, err := os.ReadFile(filepath.Join(folder, "requests.jsonl"))
			if err != nil {
				t.Fatal(err)
			}
			on, err := time.Parse("2006-01-02", c.On)
			if err != nil {
				t.Fatal(err)
			}
			lines := slices.Collect(bytes.Lines(requests))
			if len(lines) != len(want.Verdicts) {
				t.Fatalf("%d requests, %d expected verdicts", len(lines), len(want.Verdicts))
			}
			for i, line := range lines {
				got := oracle.Verify(reg, line, on)
				// Counts of vehicles and units are not defined by the contract.
				if diff := cmp.Diff(want.Verdicts[i].answer(), got,
					cmpopts.EquateEmpty(), cmpopts.IgnoreUnexported(oracle.Finding{}),
					cmpopts.IgnoreFields(oracle.Assets{}, "Vehicles", "Residential", "NonResidential")); diff != "" {
					t.Errorf("line %d (-by hand +got):\n%s", i+1, diff)
				}
			}
		})
	}
}

// compareAccounts looks at the snapshots the case states and holds the rest to
// the identity of the accounting.
func compareAccounts(t *testing.T, reg *oracle.Registry, want handExpected) {
	t.Helper()
	for _, got := range reg.Accounts {
		for _, c := range append(slices.Clone(got.Files), got.Total) {
			if c.RowsIn != c.Accepted+c.Quarantined+c.Duplicates {
				t.Errorf("%s: %+v does not add up", got.Source, c)
			}
		}
		for _, a := range want.Accounts {
			if a.Source != got.Source || a.Provider != got.Provider {
				continue
			}
			counts := oracle.Counts{
				RowsIn: a.RowsIn, Accepted: a.Accepted, Quarantined: a.Quarantined,
				Duplicates: a.Duplicates, Unlinked: a.Unlinked, Codes: a.Codes,
			}
			if diff := cmp.Diff(counts, got.Total); diff != "" {
				t.Errorf("account of %s (-by hand +got):\n%s", got.Source, diff)
			}
		}
	}
}

func readJSON[T any](t *testing.T, path string) T {
	t.Helper()
	var v T
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return v
}
