package main

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// answersOf makes n answers of which a share is flagged, spread evenly.
func answersOf(n int, share float64) []answer {
	all := make([]answer, n)
	sum := 0.0
	for i := range all {
		all[i] = answer{Household: fmt.Sprint(i), Outcome: "no_discrepancy"}
		if sum += share; sum >= 1 {
			sum, all[i].Outcome = sum-1, "needs_review"
		}
	}
	return all
}

func TestTheUsualMixIsFlaggedToOneFifth(t *testing.T) {
	for _, share := range []float64{0.05, 0.12, 0.31, 0.6, 0.98} {
		all := answersOf(20_000, share)
		var kept []answer
		for i, stays := range thin(all) {
			if stays {
				kept = append(kept, all[i])
			}
		}
		if got := mixOf(kept).Flagged; math.Abs(got-wantedFlagged) > 0.005 {
			t.Errorf("%.2f flagged became %.3f of %d households", share, got, len(kept))
		}
	}
}

func TestAUsualBatchStaysWhole(t *testing.T) {
	for i, stays := range thin(answersOf(1000, 0.2)) {
		if !stays {
			t.Fatalf("line %d was left out", i+1)
		}
	}
}

func TestFourPercentIsEveryTwentyFifthLine(t *testing.T) {
	dir := t.TempDir()
	var text strings.Builder
	all := answersOf(1000, 0.2)
	for i := range all {
		fmt.Fprintf(&text, "line %d\n", i+1)
	}
	if err := os.WriteFile(filepath.Join(dir, everybody+".jsonl"), []byte(text.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := makeUsual(dir, all, 100); err != nil {
		t.Fatal(err)
	}
	few, err := os.ReadFile(filepath.Join(dir, fourPercent+".jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(few)), "\n")
	if len(lines) != 40 || lines[0] != "line 25" || lines[39] != "line 1000" {
		t.Fatalf("%d lines from %q to %q", len(lines), lines[0], lines[len(lines)-1])
	}
}
