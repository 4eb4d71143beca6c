package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
)

// The batches of a province. Everybody is what the generator writes. The usual mix
// has a share of flagged households between 15 and 25 %, thinned out of everybody
// where that has more or fewer; 4 % is every 25th line of it. In the worst case
// everybody is judged by limits of next to nothing. Stale is everybody over files of
// which two are more than 180 days old: there the answers are compared, not the times.
const (
	everybody   = "everybody"
	usual       = "usual"
	fourPercent = "usual4"
	sameSize    = "same" // as many households as 4 % of the first province
	worst       = "worst"
	stale       = "stale"
)

const (
	leastFlagged, mostFlagged, wantedFlagged = 0.15, 0.25, 0.20
	everyNth                                 = 25
)

// mix is how a batch came out.
type mix struct {
	Households int     `json:"households"`
	Refused    int     `json:"refused"`
	Flagged    float64 `json:"flagged"` // share of the households not refused
}

// flagged says whether a person has to look at the household.
func (a answer) flagged() bool {
	return a.Outcome == "needs_review" || a.Outcome == "suspected_ineligible"
}

func mixOf(all []answer) mix {
	m := mix{Households: len(all)}
	n := 0
	for _, a := range all {
		if a.Outcome == "refused" {
			m.Refused++
		}
		if a.flagged() {
			n++
		}
	}
	m.Flagged = float64(n) / float64(max(1, len(all)-m.Refused))
	return m
}

// thin says of every line of a batch whether it stays, so that wantedFlagged of the
// households are flagged: evenly, of those that are too many, in the order of lines.
func thin(all []answer) []bool {
	share := mixOf(all).Flagged
	stays, other := 1.0, 1.0 // the part of the flagged and of the others that stays
	switch {
	case share > mostFlagged:
		stays = wantedFlagged / (1 - wantedFlagged) * (1 - share) / share
	case share < leastFlagged && share > 0:
		other = (1 - wantedFlagged) / wantedFlagged * share / (1 - share)
	}
	keep := make([]bool, len(all))
	var flagged, rest float64
	for i, a := range all {
		sum, part := &rest, other
		if a.flagged() {
			sum, part = &flagged, stays
		}
		if *sum += part; *sum >= 1-1e-9 {
			*sum, keep[i] = *sum-1, true
		}
	}
	return keep
}

// makeUsual writes the usual mix, its 4 %, and every nth household of it beside the batch
// of everybody.
func makeUsual(dir string, all []answer, nth int) error {
	text, err := os.ReadFile(filepath.Join(dir, everybody+".jsonl"))
	if err != nil {
		return err
	}
	var mixed, few, same bytes.Buffer
	keep, i, n := thin(all), 0, 0
	for line := range bytes.Lines(text) {
		if i < len(keep) && keep[i] {
			mixed.Write(line)
			if n++; n%everyNth == 0 {
				few.Write(line)
			}
			if n%nth == 0 {
				same.Write(line)
			}
		}
		i++
	}
	if err := os.WriteFile(filepath.Join(dir, usual+".jsonl"), mixed.Bytes(), 0o644); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, sameSize+".jsonl"), same.Bytes(), 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, fourPercent+".jsonl"), few.Bytes(), 0o644)
}

// makeHousehold writes the first request in order, alone, for hedui check.
func makeHousehold(dir string, all []answer) error {
	f, err := os.Open(filepath.Join(dir, everybody+".jsonl"))
	if err != nil {
		return err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 64<<20)
	for i := 0; lines.Scan() && i < len(all); i++ {
		if all[i].flagged() {
			return os.WriteFile(filepath.Join(dir, "household.json"), lines.Bytes(), 0o644)
		}
	}
	return lines.Err()
}

// makeWorst copies the reference pack with limits of one fen, and writes the same
// limits for the peers.
func makeWorst(dir string) error {
	pack := filepath.Join(dir, worst)
	if err := os.RemoveAll(pack); err != nil {
		return err
	}
	if err := os.CopyFS(pack, os.DirFS("rules/packs/reference")); err != nil {
		return err
	}
	path := filepath.Join(pack, "parameters.yaml")
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	tiny := strings.NewReplacer("urban: 700.00", "urban: 0.01", "rural: 600.00", "rural: 0.01", "value: 1200.00", "value: 0.01", "value: 2000.00", "value: 0.01")
	if err := os.WriteFile(path, []byte(tiny.Replace(string(text))), 0o644); err != nil {
		return err
	}
	return writeJSON(pack+".json", map[string]int{"urban": 1, "rural": 1, "undeclared_income": 1, "undeclared_financial": 1})
}

// makeWrong writes limits that differ from the pack's by one fen.
func makeWrong(dir string) error {
	return writeJSON(filepath.Join(dir, "wrong.json"), map[string]int{"undeclared_income": 120_001, "undeclared_financial": 199_999})
}

func writeJSON(path string, v any) error {
	b, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(b, '\n'), 0o644)
}
