package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

const twoVerdicts = `{"household_id":"b","outcome":"needs_review","findings":[{"code":"vehicle_owned","effect":"needs_review","member":2},{"code":"undeclared_vehicle","effect":"needs_review","member":1},{"code":"undeclared_vehicle","effect":"needs_review","member":2}],"income":{"total_fen":12},"assets":{"financial_fen":0}}
{"household_id":"a","outcome":"refused","findings":[{"code":"authorization_missing","effect":"refused"}]}
`

func TestAnswersOfBothSidesAreReadAlike(t *testing.T) {
	want, err := verdicts(write(t, "v.jsonl", twoVerdicts))
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(want, order)
	got, err := flags(write(t, "p.csv", "b,needs_review,undeclared_vehicle vehicle_owned:needs_review ,12,0\na,refused,authorization_missing,,\n"))
	if err != nil {
		t.Fatal(err)
	}
	if d := differences(want, got, nil); len(d) != 0 {
		t.Fatalf("differences between equal answers: %+v", d)
	}
}

func TestEveryKindOfDifferenceIsFound(t *testing.T) {
	hedui := []answer{{"a", "refused", "x", "", ""}, {"b", "needs_review", "y", "1", "2"}, {"c", "no_discrepancy", "", "0", "0"}, {"c", "no_discrepancy", "", "0", "0"}}
	for name, peer := range map[string][]answer{
		"another outcome":       {hedui[0], {"b", "unverifiable", "y", "1", "2"}, hedui[2], hedui[3]},
		"another code":          {hedui[0], {"b", "needs_review", "z", "1", "2"}, hedui[2], hedui[3]},
		"another income":        {hedui[0], {"b", "needs_review", "y", "3", "2"}, hedui[2], hedui[3]},
		"another sum of assets": {hedui[0], {"b", "needs_review", "y", "1", "3"}, hedui[2], hedui[3]},
		"first line missing":    hedui[1:],
		"middle line missing":   {hedui[0], hedui[2], hedui[3]},
		"last line missing":     hedui[:3],
		"one line too many":     {hedui[0], hedui[1], hedui[1], hedui[2], hedui[3]},
		"one household more":    {hedui[0], hedui[1], hedui[2], hedui[3], {"d", "refused", "x", "", ""}},
	} {
		t.Run(name, func(t *testing.T) {
			d := differences(hedui, peer, nil)
			if len(d) != 1 || unexplained(d) != 1 {
				t.Fatalf("differences %+v, want one without a reason", d)
			}
			if n := unexplained(differences(hedui, peer, map[string]string{d[0].Household: "known"})); n != 0 {
				t.Fatalf("%d without a reason, want none: it is known", n)
			}
		})
	}
}

func TestFlagsRefuseABrokenLine(t *testing.T) {
	if _, err := flags(write(t, "p.csv", "a,refused\n")); err == nil {
		t.Fatal("a line of two fields was read")
	}
}

func TestVerdictsRefuseWhatIsNoVerdict(t *testing.T) {
	if _, err := verdicts(write(t, "v.jsonl", "{\n")); err == nil {
		t.Fatal("half a verdict was read")
	}
}
