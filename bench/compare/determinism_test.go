package compare

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/bench/province"
	"github.com/hedui/hedui/engine/batch"
)

const dayOfCheck = "2026-11-01"

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Verdicts with weaker links are the same bytes whatever the workers and the chunks,
// and the same for every household whatever the order of the requests.
func TestLinksDependOnNoSchedule(t *testing.T) {
	ctx := context.Background()
	dir := corrupted(t, province.CorruptBase, *people*3/10, 60)
	data := publishProvince(t, dir, true)
	requests := filepath.Join(dir, "batch.jsonl")
	want := readFile(t, verifyWith(t, ctx, "reference_links", data, dayOfCheck, batch.Options{Batch: requests, Workers: 1}))
	if n := bytes.Count(want, []byte(`"identity_to_confirm"`)); n == 0 {
		t.Fatal("no link has to be confirmed")
	}
	for _, o := range []batch.Options{{Workers: 4}, {Workers: 16}, {Workers: 1, Chunk: 7}, {Workers: 4, Chunk: 1}, {Workers: 16, Chunk: 1000}} {
		o.Batch = requests
		if got := readFile(t, verifyWith(t, ctx, "reference_links", data, dayOfCheck, o)); !bytes.Equal(got, want) {
			t.Errorf("%d workers and chunks of %d give other bytes", o.Workers, o.Chunk)
		}
	}
	lines := bytes.SplitAfter(bytes.TrimSuffix(readFile(t, requests), []byte("\n")), []byte("\n"))
	lines[len(lines)-1] = append(lines[len(lines)-1], '\n')
	answers := bytes.SplitAfter(want, []byte("\n"))
	order := rand.New(rand.NewPCG(1, 2)).Perm(len(lines))
	var shuffled, expected []byte
	for _, i := range order {
		shuffled = append(shuffled, lines[i]...)
		expected = append(expected, answers[i]...)
	}
	other := filepath.Join(t.TempDir(), "batch.jsonl")
	if err := os.WriteFile(other, shuffled, 0o600); err != nil {
		t.Fatal(err)
	}
	line := regexp.MustCompile(`"line":[0-9]+`) // of what is no request
	got := readFile(t, verifyWith(t, ctx, "reference_links", data, dayOfCheck, batch.Options{Batch: other}))
	if a, b := line.ReplaceAll(got, nil), line.ReplaceAll(expected, nil); !bytes.Equal(a, b) {
		t.Error("the order of the requests changes verdicts: " + firstDifference(a, b))
	}
}

func firstDifference(a, b []byte) string {
	x, y := bytes.Split(a, []byte("\n")), bytes.Split(b, []byte("\n"))
	for i := range min(len(x), len(y)) {
		if !bytes.Equal(x[i], y[i]) {
			return cmp.Diff(string(x[i]), string(y[i]))
		}
	}
	return fmt.Sprintf("%d and %d lines", len(x), len(y))
}

// Verdicts with weaker links are the same whatever the order of the rows in the files,
// but for the numbers of the rows.
func TestLinksDependOnNoOrderOfRows(t *testing.T) {
	ctx := context.Background()
	dir := corrupted(t, province.CorruptX3, *people*3/10, 60)
	requests := filepath.Join(dir, "batch.jsonl")
	want := readFile(t, verifyBy(t, ctx, "reference_links", publishProvince(t, dir, true), requests, dayOfCheck))
	other := t.TempDir()
	back := map[string][]int{} // by source: the row that each row was
	for i, name := range []string{"tax", "vehicle", "property", "bank", "insurance", "register"} {
		back[name] = shuffleRows(t, filepath.Join(dir, name+".csv"), filepath.Join(other, name+".csv"), uint64(i))
	}
	got := readFile(t, verifyBy(t, ctx, "reference_links", publishProvince(t, other, true), requests, dayOfCheck))
	a, b := bytes.Split(want, []byte("\n")), bytes.Split(got, []byte("\n"))
	if len(a) != len(b) {
		t.Fatalf("%d verdicts, and %d", len(a), len(b))
	}
	wrong, broken := 0, 0
	for i := range a {
		if len(a[i]) == 0 {
			continue
		}
		if diff := cmp.Diff(unordered(t, a[i], nil), unordered(t, b[i], back)); diff != "" {
			if wrong++; wrong <= 3 {
				t.Errorf("line %d:\n%s", i+1, diff)
			}
		}
		if cmp.Diff(unordered(t, a[i], nil), unordered(t, b[i], nil)) != "" {
			broken++
		}
	}
	if wrong > 0 {
		t.Errorf("%d of %d verdicts depend on the order of rows", wrong, len(a)-1)
	}
	if broken == 0 {
		t.Error("nothing was shuffled")
	}
}

// shuffleRows writes a file in another order and returns, by row from 1, the first
// row of the original that is the same text.
func shuffleRows(t *testing.T, from, to string, seed uint64) []int {
	t.Helper()
	text := string(readFile(t, from))
	lines := strings.SplitAfter(text, "\n")
	if lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	} else {
		lines[len(lines)-1] += "\n"
	}
	header, rows := lines[0], lines[1:]
	if n, err := csv.NewReader(strings.NewReader(header)).Read(); err != nil || len(n) < 5 {
		t.Fatalf("%s: no header", from)
	}
	first := map[string]int{}
	for i, row := range rows {
		if _, ok := first[row]; !ok {
			first[row] = i + 1
		}
	}
	back := []int{0}
	f, err := os.Create(to)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w := bufio.NewWriter(f)
	fmt.Fprint(w, header)
	for _, i := range rand.New(rand.NewPCG(seed, 7)).Perm(len(rows)) {
		fmt.Fprint(w, rows[i])
		back = append(back, first[rows[i]])
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return back
}

// unordered is a verdict with its rows numbered as before the shuffle, evidence
// sorted, and without the ids, which are of the bytes.
func unordered(t *testing.T, line []byte, back map[string][]int) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal(line, &v); err != nil {
		t.Fatal(err)
	}
	delete(v, "generation")
	findings, _ := v["findings"].([]any)
	for _, f := range findings {
		f := f.(map[string]any)
		evidence, _ := f["evidence"].([]any)
		for _, e := range evidence {
			e := e.(map[string]any)
			delete(e, "snapshot")
			if back != nil {
				e["row"] = float64(back[e["source"].(string)][int(e["row"].(float64))])
			}
		}
		slices.SortFunc(evidence, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	}
	coverage, _ := v["coverage"].(map[string]any)
	for _, c := range coverage {
		providers, _ := c.(map[string]any)["providers"].([]any)
		for _, p := range providers {
			delete(p.(map[string]any), "snapshot")
		}
	}
	return v
}
