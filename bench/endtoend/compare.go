package main

import (
	"bufio"
	"cmp"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
)

// answer is what a verdict and a peer's line are compared by. Codes are sorted,
// once each, with the effect where a code can have several.
type answer struct {
	Household, Outcome, Codes string
	Income, Financial         string // fen; empty for a refused household
}

func (a answer) String() string {
	return fmt.Sprintf("%s [%s] income %s financial %s", a.Outcome, a.Codes, a.Income, a.Financial)
}

func order(a, b answer) int {
	return cmp.Or(cmp.Compare(a.Household, b.Household), cmp.Compare(a.Outcome, b.Outcome), cmp.Compare(a.Codes, b.Codes),
		cmp.Compare(a.Income, b.Income), cmp.Compare(a.Financial, b.Financial))
}

// graded are the codes that come with either effect.
var graded = []string{"non_residential_property", "several_homes", "vehicle_owned"}

// verdicts reads the answers of a file of verdicts, in order.
func verdicts(path string) ([]answer, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var all []answer
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var v struct {
			HouseholdID string `json:"household_id"`
			Outcome     string
			Findings    []struct{ Code, Effect string }
			Income      struct {
				TotalFen int64 `json:"total_fen"`
			}
			Assets struct {
				FinancialFen int64 `json:"financial_fen"`
			}
		}
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			return nil, fmt.Errorf("%s line %d: not a verdict", path, len(all)+1)
		}
		a := answer{Household: v.HouseholdID, Outcome: v.Outcome}
		var codes []string
		for _, f := range v.Findings {
			code := f.Code
			if slices.Contains(graded, code) {
				code += ":" + f.Effect
			}
			codes = append(codes, code)
		}
		slices.Sort(codes)
		a.Codes = strings.Join(slices.Compact(codes), " ")
		if v.Outcome != "refused" {
			a.Income, a.Financial = strconv.FormatInt(v.Income.TotalFen, 10), strconv.FormatInt(v.Assets.FinancialFen, 10)
		}
		all = append(all, a)
	}
	return all, lines.Err()
}

// flags reads the lines a peer wrote, in any order.
func flags(path string) ([]answer, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r := csv.NewReader(bufio.NewReader(f))
	r.FieldsPerRecord = 5
	var all []answer
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			slices.SortFunc(all, order)
			return all, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		all = append(all, answer{row[0], row[1], strings.TrimSpace(row[2]), row[3], row[4]})
	}
}

// difference is one household two engines answer differently. Either side is
// empty when the other has no line for it.
type difference struct {
	Household   string
	Hedui, Peer string
	Reason      string // why it cannot be equal; empty when nobody knows
}

// differences compares two sorted lists. A household asked about twice is
// compared line by line.
func differences(hedui, peer []answer, known map[string]string) []difference {
	var all []difference
	i, j := 0, 0
	for i < len(hedui) || j < len(peer) {
		switch {
		case i < len(hedui) && j < len(peer) && hedui[i] == peer[j]:
			i, j = i+1, j+1
			continue
		case j == len(peer) || i < len(hedui) && hedui[i].Household < peer[j].Household:
			all = append(all, difference{Household: hedui[i].Household, Hedui: hedui[i].String()})
			i++
		case i == len(hedui) || hedui[i].Household > peer[j].Household:
			all = append(all, difference{Household: peer[j].Household, Peer: peer[j].String()})
			j++
		default:
			all = append(all, difference{Household: hedui[i].Household, Hedui: hedui[i].String(), Peer: peer[j].String()})
			i, j = i+1, j+1
		}
		all[len(all)-1].Reason = known[all[len(all)-1].Household]
	}
	return all
}

// unexplained counts the differences nobody knows a reason for.
func unexplained(all []difference) (n int) {
	for _, d := range all {
		if d.Reason == "" {
			n++
		}
	}
	return n
}
