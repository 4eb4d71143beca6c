package compare

import (
	"bufio"
	"bytes"
	"context"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hedui/hedui/bench/oracle"
	"github.com/hedui/hedui/bench/province"
	"github.com/hedui/hedui/connectors"
	"github.com/hedui/hedui/connectors/departments"
	"github.com/hedui/hedui/engine"
	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/batch"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ingest"
	"github.com/hedui/hedui/engine/publish"
	"github.com/hedui/hedui/engine/store"
	"github.com/hedui/hedui/rules"
)

var (
	people = flag.Int("people", 10_000, "people of the province the two readings are compared on")
	seed   = flag.Uint64("seed", 1, "seed of the province")
)

// A deployment is one way the same province reaches the centre.
type deployment struct {
	name      string
	second    bool   // the old provider of every source too
	leave     string // source without any snapshot
	taxCovers string
	on        string
	split     bool // one tax file a month, banks as providers
}

var deployments = []deployment{
	{name: "all fresh"},
	{name: "with an old provider", second: true},
	{name: "no vehicles", leave: "vehicle"},
	{name: "no insurance", leave: "insurance"},
	{name: "no tax", leave: "tax"},
	{name: "no property", leave: "property"},
	{name: "no bank", leave: "bank"},
	{name: "tax a month short", taxCovers: "2025-01..2026-09"},
	{name: "asked half a year later", on: "2027-05-15"},
	{name: "a calendar year", on: "2026-01-15"},
	{name: "monthly files and twenty banks", split: true},
}

func TestEngineAgreesWithTheIndependentReading(t *testing.T) {
	dir := t.TempDir()
	whole, split := filepath.Join(dir, "whole"), filepath.Join(dir, "split")
	ctx := context.Background()
	base := province.Options{People: *people, Seed: *seed, BatchPercent: 100, Dirty: 60, Second: true, Out: whole}
	if _, err := province.Generate(ctx, base); err != nil {
		t.Fatal(err)
	}
	base.Out, base.Months, base.Banks, base.Second = split, true, 20, false
	if _, err := province.Generate(ctx, base); err != nil {
		t.Fatal(err)
	}
	seen := counts{}
	for _, d := range deployments {
		t.Run(d.name, func(t *testing.T) {
			from := whole
			if d.split {
				from = split
			}
			compareDeployment(t, ctx, d, from, seen)
		})
	}
	seen.report(t)
	seen.require(t, *people/1000)
}

// compareDeployment ingests, publishes and verifies with the engine, loads with
// the oracle, and compares every account and every verdict.
func compareDeployment(t *testing.T, ctx context.Context, d deployment, from string, seen counts) {
	t.Helper()
	data := t.TempDir()
	var snapshots []oracle.Snapshot
	for s := household.Tax; s < household.NumChecked; s++ {
		if s.String() == d.leave {
			continue
		}
		snapshots = append(snapshots, deliveries(t, d, from, s)...)
	}
	registry, err := oracle.Load(snapshots)
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range snapshots {
		compareAccount(t, registry.Accounts[i], ingestSnapshot(t, ctx, data, s), seen)
	}
	if _, err := publish.Run(ctx, publish.Options{Dir: data}); err != nil {
		t.Fatal(err)
	}
	on := d.on
	if on == "" {
		on = "2026-11-01"
	}
	requests := filepath.Join(from, "batch.jsonl")
	verdicts := verify(t, ctx, data, requests, on)

	day, err := time.Parse(time.DateOnly, on)
	if err != nil {
		t.Fatal(err)
	}
	answers, wrong := 0, 0
	eachPair(t, requests, verdicts, func(n int, request, verdict []byte) {
		a := oracle.Verify(registry, request, day)
		seen.add(a)
		answers++
		for _, diff := range oracle.Diff(a, verdict) {
			if wrong++; wrong <= 20 {
				t.Errorf("line %d: %s", n, diff)
			}
		}
	})
	if wrong > 20 {
		t.Errorf("and %d more differences", wrong-20)
	}
	if answers == 0 {
		t.Fatal("nothing was compared")
	}
	t.Logf("%d households, %d differences", answers, wrong)
}

// deliveries lists what a department hands over in a deployment.
func deliveries(t *testing.T, d deployment, from string, s household.Source) []oracle.Snapshot {
	t.Helper()
	one := oracle.Snapshot{Source: s.String(), Provider: s.String(), AsOf: "2026-10-31", Files: []string{filepath.Join(from, s.String()+".csv")}}
	if s.IsFlow() {
		one.Covers = "2025-01..2026-10"
	}
	if s == household.Tax && d.taxCovers != "" {
		one.Covers = d.taxCovers
	}
	out := []oracle.Snapshot{one}
	if d.split && s == household.Tax {
		out = out[:0]
		files := glob(t, from, "tax-*.csv")
		for _, f := range files {
			month := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(f), "tax-"), ".csv")
			// Handed over together in October, month by month.
			asOf := fmt.Sprintf("2026-10-%02d", len(out)+1)
			out = append(out, oracle.Snapshot{Source: "tax", Provider: "tax", AsOf: asOf, Covers: month + ".." + month, Files: []string{f}})
		}
	}
	if d.split && s == household.Bank {
		out = out[:0]
		for _, f := range glob(t, from, "bank-*.csv") {
			out = append(out, oracle.Snapshot{Source: "bank", Provider: strings.TrimSuffix(filepath.Base(f), ".csv"), AsOf: "2026-10-31", Files: []string{f}})
		}
	}
	if d.second {
		old := oracle.Snapshot{Source: s.String(), Provider: "old", AsOf: "2026-03-31", Files: []string{filepath.Join(from, "stale", s.String()+".csv")}}
		if s.IsFlow() {
			old.Covers = "2025-01..2026-03"
		}
		out = append(out, old)
	}
	return out
}

func glob(t *testing.T, dir, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil || len(files) < 12 {
		t.Fatalf("%s: %d files, %v", pattern, len(files), err)
	}
	return files
}

func ingestSnapshot(t *testing.T, ctx context.Context, data string, s oracle.Snapshot) ingest.Result {
	t.Helper()
	source, _ := household.ParseSource(s.Source)
	asOf, _ := household.ParseDate([]byte(s.AsOf))
	covers, _ := household.ParseMonths(s.Covers)
	r, err := ingest.Run(ctx, ingest.Options{Dir: data, Department: department(t, source), Provider: s.Provider, AsOf: asOf, Covers: covers, Files: s.Files, AcceptShrink: true})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func department(t *testing.T, s household.Source) *connectors.Department {
	t.Helper()
	for _, d := range departments.All() {
		if d.Source == s {
			return d
		}
	}
	t.Fatalf("no department for %v", s)
	return nil
}

func compareAccount(t *testing.T, a oracle.Account, r ingest.Result, seen counts) {
	t.Helper()
	got := oracle.Counts{RowsIn: int(r.RowsIn), Accepted: int(r.Accepted), Quarantined: int(r.Quarantined), Duplicates: int(r.Duplicates), Unlinked: int(r.Unlinked), Codes: map[string]int{}}
	for code, n := range r.ByCode {
		got.Codes[code] = int(n)
	}
	want := a.Total
	if want.Codes == nil {
		want.Codes = map[string]int{}
	}
	for code, n := range want.Codes {
		seen["quarantine "+code] += n
	}
	if got.RowsIn != want.RowsIn || got.Accepted != want.Accepted || got.Quarantined != want.Quarantined || got.Duplicates != want.Duplicates ||
		got.Unlinked != want.Unlinked || !maps.Equal(got.Codes, want.Codes) {
		t.Errorf("%s %s accounts\n got %+v\nwant %+v", a.Source, a.Provider, got, want)
	}
	if got.RowsIn != got.Accepted+got.Quarantined+got.Duplicates {
		t.Errorf("%s: rows lost: %+v", a.Source, got)
	}
}

type quiet struct{}

func (quiet) Begin(audit.Look) (audit.Token, error)      { return audit.Token{}, nil }
func (quiet) End(audit.Token, []household.Outcome) error { return nil }

func verify(t *testing.T, ctx context.Context, data, requests, on string) string {
	t.Helper()
	return verifyBy(t, ctx, "reference", data, requests, on)
}

func verifyBy(t *testing.T, ctx context.Context, packName, data, requests, on string) string {
	t.Helper()
	return verifyWith(t, ctx, packName, data, on, batch.Options{Batch: requests})
}

// verifyWith verifies a batch from the current generation, with the workers and the
// chunks of the options.
func verifyWith(t *testing.T, ctx context.Context, packName, data, on string, o batch.Options) string {
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
	pack, err := rules.Load(packName)
	if err != nil {
		t.Fatal(err)
	}
	day, _ := household.ParseDate([]byte(on))
	v, err := engine.NewVerifier(g.Manifest(), pack, day)
	if err != nil {
		t.Fatal(err)
	}
	if err := v.Link(ctx, g); err != nil {
		t.Fatal(err)
	}
	o.Out, o.Generation, o.Verifier, o.Audit = filepath.Join(t.TempDir(), "verdicts.jsonl"), g, v, quiet{}
	if _, err := batch.Run(ctx, o); err != nil {
		t.Fatal(err)
	}
	return o.Out
}

func eachPair(t *testing.T, requests, verdicts string, fn func(n int, request, verdict []byte)) {
	t.Helper()
	a, b := open(t, requests), open(t, verdicts)
	for n := 1; ; n++ {
		ra, rb := a.Scan(), b.Scan()
		if ra != rb {
			t.Fatalf("%d: requests and verdicts differ in number", n)
		}
		if !ra {
			return
		}
		fn(n, a.Bytes(), b.Bytes())
	}
}

func open(t *testing.T, path string) *bufio.Scanner {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	s := bufio.NewScanner(f)
	s.Buffer(nil, 16<<20)
	return s
}

// counts says how often each thing occurred.
type counts map[string]int

func (c counts) add(a oracle.Answer) {
	c["outcome "+a.Outcome]++
	for _, f := range a.Findings {
		if f.Effect == "refused" {
			c["refusal "+f.Code]++
			continue
		}
		c[fmt.Sprintf("finding %s %s %s", f.Code, f.Effect, f.Grade)]++
	}
	for source, s := range a.Coverage {
		c["coverage "+source+" "+s.State]++
	}
}

func (c counts) report(t *testing.T) {
	t.Helper()
	var b strings.Builder
	for _, k := range slices.Sorted(maps.Keys(c)) {
		fmt.Fprintf(&b, "%8d  %s\n", c[k], k)
	}
	t.Logf("what occurred:\n%s", b.String())
}

// require fails for everything that must occur and occurred less than n times.
func (c counts) require(t *testing.T, n int) {
	t.Helper()
	must := []string{}
	for _, o := range []string{"no_discrepancy", "needs_review", "suspected_ineligible", "unverifiable", "refused"} {
		must = append(must, "outcome "+o)
	}
	for _, r := range []string{"authorization_missing", "authorization_expired", "authorization_purpose", "authorization_incomplete", "invalid_request"} {
		must = append(must, "refusal "+r)
	}
	// Findings that only strong evidence makes, only weak evidence, or both.
	for _, f := range []string{"income_over_limit", "financial_assets_over_limit"} {
		must = append(must, "finding "+f+" suspected_ineligible A")
	}
	for _, f := range []string{"income_may_exceed_limit", "financial_assets_may_exceed_limit"} {
		must = append(must, "finding "+f+" needs_review B")
	}
	for _, f := range []string{"vehicle_owned", "several_homes", "non_residential_property"} {
		must = append(must, "finding "+f+" suspected_ineligible A", "finding "+f+" needs_review B")
	}
	for _, f := range []string{"undeclared_income", "undeclared_financial_assets", "undeclared_vehicle", "undeclared_property", "unexplained_employment"} {
		must = append(must, "finding "+f+" needs_review A", "finding "+f+" needs_review B")
	}
	for s := household.Tax; s < household.NumChecked; s++ {
		for _, state := range []string{"not_authorized", "missing", "incomplete", "stale", "none", "found"} {
			must = append(must, fmt.Sprintf("coverage %s %s", s, state))
		}
	}
	must = append(must, "coverage tax partial", "coverage insurance partial")
	for _, code := range []string{"missing_field", "bad_amount", "negative_amount", "bad_date", "bad_period", "unknown_code", "bad_encoding", "column_count", "conflicting_duplicate", "outside_coverage"} {
		must = append(must, "quarantine "+code)
	}
	for _, k := range must {
		if c[k] < n {
			t.Errorf("%s occurred %d times, want at least %d", k, c[k], n)
		}
	}
	// The three findings about evidence itself occur in some grade.
	for _, f := range []string{"identity_conflict", "period_not_established", "one_off_receipt"} {
		sum := 0
		for k, v := range c {
			if strings.HasPrefix(k, "finding "+f+" ") {
				sum += v
			}
		}
		if sum < n {
			t.Errorf("finding %s occurred %d times, want at least %d", f, sum, n)
		}
	}
}

// The comparison must notice an engine that is wrong: a standard one fen too high,
// a limit that is inclusive where it must be strict.
func TestComparisonNotices(t *testing.T) {
	dir, ctx := t.TempDir(), context.Background()
	if _, err := province.Generate(ctx, province.Options{People: 2000, Seed: *seed, BatchPercent: 100, Out: dir}); err != nil {
		t.Fatal(err)
	}
	data := t.TempDir()
	var snapshots []oracle.Snapshot
	for s := household.Tax; s < household.NumChecked; s++ {
		snapshots = append(snapshots, deliveries(t, deployment{}, dir, s)...)
	}
	registry, err := oracle.Load(snapshots)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range snapshots {
		ingestSnapshot(t, ctx, data, s)
	}
	if _, err := publish.Run(ctx, publish.Options{Dir: data}); err != nil {
		t.Fatal(err)
	}
	shipped := filepath.Join("..", "..", "rules", "packs", "reference")
	differences := func(pack string) (n int) {
		requests := filepath.Join(dir, "batch.jsonl")
		eachPair(t, requests, verifyBy(t, ctx, pack, data, requests, "2026-11-01"), func(_ int, request, verdict []byte) {
			n += len(oracle.Diff(oracle.Verify(registry, request, time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)), verdict))
		})
		return n
	}
	if n := differences(shipped); n != 0 {
		t.Fatalf("%d differences before anything was planted", n)
	}
	planted := 0
	files, err := filepath.Glob(filepath.Join(shipped, "*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, bug := range [][2]string{{"700.00", "700.01"}, {"at_least: {parameter: standard", "more_than: {parameter: standard"}, {"motorcycle", "van"}} {
		wrong := filepath.Join(t.TempDir(), "reference")
		if err := os.CopyFS(wrong, os.DirFS(shipped)); err != nil {
			t.Fatal(err)
		}
		changed := false
		for _, f := range files {
			text, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			if after := bytes.ReplaceAll(text, []byte(bug[0]), []byte(bug[1])); !bytes.Equal(after, text) {
				changed = true
				if err := os.WriteFile(filepath.Join(wrong, filepath.Base(f)), after, 0o600); err != nil {
					t.Fatal(err)
				}
			}
		}
		if !changed {
			continue
		}
		planted++
		if n := differences(wrong); n == 0 {
			t.Errorf("%s for %s in the pack was not noticed", bug[1], bug[0])
		}
	}
	if planted < 3 {
		t.Errorf("only %d bugs could be planted", planted)
	}
}
