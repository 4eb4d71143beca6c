package compare

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/hedui/hedui/bench/oracle"
	"github.com/hedui/hedui/bench/province"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/index"
	"github.com/hedui/hedui/engine/publish"
	"github.com/hedui/hedui/engine/store"
)

// corrupted is a province whose identities are written as departments write them,
// and the register.
func corrupted(t *testing.T, level string, people, dirty int) string {
	t.Helper()
	dir := t.TempDir()
	sum, err := province.Generate(context.Background(), province.Options{People: people, Seed: *seed, BatchPercent: 100, Dirty: dirty, Out: dir, Corrupt: level, Register: true})
	if err != nil {
		t.Fatal(err)
	}
	if sum.IdentityRows < int64(people/100) {
		t.Fatalf("only %d rows of %d people are corrupted", sum.IdentityRows, people)
	}
	return dir
}

// publishProvince takes the files of a folder in, with the register or without, and
// publishes them with an index.
func publishProvince(t *testing.T, from string, register bool) (data string) {
	t.Helper()
	ctx := context.Background()
	data = t.TempDir()
	for _, s := range sourcesOf(t, from) {
		ingestSnapshot(t, ctx, data, s)
	}
	if register {
		ingestSnapshot(t, ctx, data, oracle.Snapshot{Source: "register", Provider: "register", AsOf: "2026-10-31", Files: []string{filepath.Join(from, "register.csv")}})
	}
	if _, err := publish.Run(ctx, publish.Options{Dir: data}); err != nil {
		t.Fatal(err)
	}
	requireIndex(t, data)
	return data
}

func sourcesOf(t *testing.T, from string) (out []oracle.Snapshot) {
	t.Helper()
	for s := household.Tax; s < household.NumChecked; s++ {
		out = append(out, deliveries(t, deployment{}, from, s)...)
	}
	return out
}

func requireIndex(t *testing.T, data string) {
	t.Helper()
	s, err := store.OpenDir(data)
	if err != nil {
		t.Fatal(err)
	}
	id, err := s.Current()
	if err != nil {
		t.Fatal(err)
	}
	g, err := s.Open(id)
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	if _, ok := g.Manifest().Section(index.SectionSummary); !ok {
		t.Fatal("published without an index")
	}
}

// The reference pack reads nothing of the register, of the index and of weaker links:
// its verdicts are those of the independent reading, which knows none of them.
func TestReferenceKnowsNoWeakerLinks(t *testing.T) {
	const on = "2026-11-01"
	day := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	ctx := context.Background()
	for _, level := range []string{province.CorruptBase, province.CorruptX3} {
		t.Run(level, func(t *testing.T) {
			dir := corrupted(t, level, *people/2, 60)
			requests := filepath.Join(dir, "batch.jsonl")
			registry, err := oracle.Load(sourcesOf(t, dir))
			if err != nil {
				t.Fatal(err)
			}
			differences := func(verdicts string, seen counts, say func(string, ...any)) (n int) {
				eachPair(t, requests, verdicts, func(line int, request, verdict []byte) {
					a := oracle.Verify(registry, request, day)
					seen.add(a)
					for _, diff := range oracle.Diff(a, verdict) {
						if n++; n <= 5 {
							say("line %d: %s", line, diff)
						}
					}
				})
				return n
			}
			with, without := publishProvince(t, dir, true), publishProvince(t, dir, false)
			seen := counts{}
			for name, data := range map[string]string{"a register": with, "no register": without} {
				if n := differences(verify(t, ctx, data, requests, on), seen, t.Errorf); n != 0 {
					t.Errorf("with %s: %d differences", name, n)
				}
			}
			if seen["finding identity_conflict needs_review A"]+seen["finding identity_conflict needs_review B"] == 0 {
				t.Errorf("no conflict of identity: %v", seen)
			}
			if a, b := anonymous(t, verify(t, ctx, with, requests, on)), anonymous(t, verify(t, ctx, without, requests, on)); !bytes.Equal(a, b) {
				t.Error("the register changes verdicts of the reference pack")
			}
			// A reading that takes weaker links must be noticed.
			if differences(verifyBy(t, ctx, "reference_links", with, requests, on), counts{}, func(string, ...any) {}) == 0 {
				t.Error("weaker links make no difference, so nothing was compared")
			}
		})
	}
}

var generationID = regexp.MustCompile(`"generation":"[^"]*"`)

// anonymous is a file of verdicts without the generation's id.
func anonymous(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return generationID.ReplaceAll(b, nil)
}
