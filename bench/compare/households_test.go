package compare

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/bench/oracle"
	"github.com/hedui/hedui/engine/publish"
)

// handVerdict is the part of a verdict that was worked out by hand. In the
// expectation evidence is a list of source/provider/file/row; in a verdict it is
// objects, which evidence turns into the same.
type handVerdict struct {
	HouseholdID string `json:"household_id"`
	Outcome     string
	Findings    []handFinding
	Income      struct {
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
		Providers json.RawMessage
	}
}

type handFinding struct {
	Code, Effect, Grade, Type string
	Member                    int
	Amount                    *int64 `json:"amount_fen"`
	Limit                     *int64 `json:"limit_fen"`
	Evidence                  rows
	Optional                  rows `json:"evidence_optional"`
}

// rows are records as source/provider/file/row, sorted.
type rows []string

func (r *rows) UnmarshalJSON(b []byte) error {
	var list []json.RawMessage
	if err := json.Unmarshal(b, &list); err != nil {
		return err
	}
	for _, item := range list {
		var text string
		var at struct {
			Source, Provider string
			File, Row        int
		}
		if err := json.Unmarshal(item, &text); err != nil {
			if err := json.Unmarshal(item, &at); err != nil {
				return err
			}
			text = fmt.Sprintf("%s/%s/%d/%d", at.Source, at.Provider, at.File, at.Row)
		}
		*r = append(*r, text)
	}
	slices.Sort(*r)
	return nil
}

// Twelve households were worked out by hand; the engine comes to the same.
func TestHandWorkedHouseholds(t *testing.T) {
	cases, err := filepath.Glob(filepath.Join("..", "..", "testdata", "households", "*", "case.json"))
	if err != nil || len(cases) != 12 {
		t.Fatalf("%d cases, %v", len(cases), err)
	}
	for _, path := range cases {
		folder := filepath.Dir(path)
		t.Run(filepath.Base(folder), func(t *testing.T) { handWorked(t, folder) })
	}
}

func handWorked(t *testing.T, folder string) {
	var c struct {
		On        string
		Snapshots []struct {
			Source, Provider string
			AsOf             string `json:"as_of"`
			Covers           string
			Files            []string
		}
	}
	readJSON(t, filepath.Join(folder, "case.json"), &c)
	var want struct {
		Verdicts []handVerdict
		Accounts []struct {
			Source, Provider                            string
			RowsIn                                      int64 `json:"rows_in"`
			Accepted, Quarantined, Duplicates, Unlinked int64
			Codes                                       map[string]int64
		}
	}
	readJSON(t, filepath.Join(folder, "expected.json"), &want)
	ctx, data := context.Background(), t.TempDir()
	for _, s := range c.Snapshots {
		in := oracle.Snapshot{Source: s.Source, Provider: s.Provider, AsOf: s.AsOf, Covers: s.Covers}
		for _, f := range s.Files {
			in.Files = append(in.Files, filepath.Join(folder, f))
		}
		got := ingestSnapshot(t, ctx, data, in)
		for _, a := range want.Accounts {
			if a.Source != s.Source || a.Provider != s.Provider {
				continue
			}
			if got.RowsIn != a.RowsIn || got.Accepted != a.Accepted || got.Quarantined != a.Quarantined || got.Duplicates != a.Duplicates || got.Unlinked != a.Unlinked {
				t.Errorf("%s: accounting %+v, want %+v", s.Source, got, a)
			}
			if diff := cmp.Diff(a.Codes, got.ByCode); diff != "" {
				t.Errorf("%s: codes (-want +got)\n%s", s.Source, diff)
			}
		}
	}
	if _, err := publish.Run(ctx, publish.Options{Dir: data}); err != nil {
		t.Fatal(err)
	}
	lines, err := os.ReadFile(verify(t, ctx, data, filepath.Join(folder, "requests.jsonl"), c.On))
	if err != nil {
		t.Fatal(err)
	}
	verdicts := bytes.Split(bytes.TrimSpace(lines), []byte{'\n'})
	if len(verdicts) != len(want.Verdicts) {
		t.Fatalf("%d verdicts, want %d", len(verdicts), len(want.Verdicts))
	}
	for i, w := range want.Verdicts {
		var got handVerdict
		if err := json.Unmarshal(verdicts[i], &got); err != nil {
			t.Fatal(err)
		}
		compareByHand(t, w, got)
	}
}

func compareByHand(t *testing.T, want, got handVerdict) {
	t.Helper()
	if want.Outcome != got.Outcome || want.HouseholdID != got.HouseholdID && want.HouseholdID != "" {
		t.Errorf("%s: %s, want %s", got.HouseholdID, got.Outcome, want.Outcome)
	}
	for i := range min(len(want.Findings), len(got.Findings)) {
		w, g := &want.Findings[i], &got.Findings[i]
		for _, row := range w.Evidence {
			if !slices.Contains(g.Evidence, row) {
				t.Errorf("%s: %s does not cite %s", got.HouseholdID, g.Code, row)
			}
		}
		for _, row := range g.Evidence {
			if !slices.Contains(w.Evidence, row) && !slices.Contains(w.Optional, row) {
				t.Errorf("%s: %s cites %s", got.HouseholdID, g.Code, row)
			}
		}
		w.Evidence, w.Optional, g.Evidence = nil, nil, nil
		if w.Code == "identity_conflict" {
			w.Grade, g.Grade = "", "" // evidence that never counts has no grade
		}
		if w.Amount == nil {
			g.Amount, g.Limit = nil, nil // not part of the case
		}
	}
	if diff := cmp.Diff(want.Findings, got.Findings); diff != "" {
		t.Errorf("%s: findings (-want +got)\n%s", got.HouseholdID, diff)
	}
	if want.Outcome == "refused" {
		return
	}
	got.Income.Lines = slices.DeleteFunc(got.Income.Lines, func(l struct {
		Member   int
		Type     string
		Declared int64 `json:"declared_fen"`
		Found    int64 `json:"found_fen"`
		Counted  int64 `json:"counted_fen"`
	},
	) bool {
		return l.Declared == 0 && l.Found == 0
	})
	if len(got.Income.Lines) == 0 && len(want.Income.Lines) == 0 {
		got.Income.Lines, want.Income.Lines = nil, nil
	}
	if diff := cmp.Diff(want.Income, got.Income); diff != "" {
		t.Errorf("%s: income (-want +got)\n%s", got.HouseholdID, diff)
	}
	if diff := cmp.Diff(want.Assets, got.Assets); diff != "" {
		t.Errorf("%s: assets (-want +got)\n%s", got.HouseholdID, diff)
	}
	for source, w := range want.Coverage {
		g := got.Coverage[source]
		if w.State != g.State {
			t.Errorf("%s: coverage of %s is %s, want %s", got.HouseholdID, source, g.State, w.State)
		}
		states := map[string]string{}
		if len(w.Providers) > 0 {
			if err := json.Unmarshal(w.Providers, &states); err != nil {
				t.Fatal(err)
			}
		}
		var providers []struct{ Provider, State string }
		if err := json.Unmarshal(g.Providers, &providers); err != nil {
			t.Fatal(err)
		}
		have := map[string]string{}
		for _, p := range providers {
			have[p.Provider] = p.State
		}
		if diff := cmp.Diff(states, have); diff != "" {
			t.Errorf("%s: providers of %s (-want +got)\n%s", got.HouseholdID, source, diff)
		}
	}
}

func readJSON(t *testing.T, path string, into any) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, into); err != nil {
		t.Fatal(err)
	}
}
