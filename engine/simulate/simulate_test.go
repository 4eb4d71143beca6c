package simulate_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.uber.org/goleak"

	"github.com/hedui/hedui/engine"
	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/batch"
	"github.com/hedui/hedui/engine/block"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/match"
	"github.com/hedui/hedui/engine/profile"
	"github.com/hedui/hedui/engine/simulate"
	"github.com/hedui/hedui/engine/store"
	"github.com/hedui/hedui/rules"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	people   = 120
	checkDay = household.Date(20261101)
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func resident(i int) uint64 { return 34010419700101000 + uint64(i) }

// generation is people who each have wages of one month in the window and a balance.
func generation(t testing.TB) store.Generation {
	t.Helper()
	s := store.NewMemory()
	b, err := s.Begin(store.BuildOptions{})
	must(t, err)
	sec, err := b.Section(store.SectionPeople, profile.Version)
	must(t, err)
	var bld profile.Builder
	for i := range people {
		bld.Reset()
		wage := household.Record{Tax: household.TaxRecord{RecordNo: []byte("T1"), Period: household.MonthPeriod(2026*12 + 2), IncomeType: 1, Income: household.Fen(i * 2500)}}
		bank := household.Record{Bank: household.BankRecord{Institution: []byte("工商银行"), AccountNo: []byte("6222"), Kind: 1, Balance: household.Fen(i * 15000), BalanceOn: 20261031}}
		owner := profile.AppendOwner(nil, profile.Owner{Name: "王秀英"})
		bld.Add(household.Tax, profile.Origin{Snapshot: 1, File: 1, Row: int64(i + 1)}, owner, profile.AppendContent(nil, household.Tax, &wage))
		bld.Add(household.Bank, profile.Origin{Snapshot: 0, File: 1, Row: int64(i + 1)}, owner, profile.AppendContent(nil, household.Bank, &bank))
		must(t, sec.Add(household.PersonKey{Num: resident(i)}, bld.Append(nil)))
	}
	must(t, sec.Close())
	covers, _ := household.ParseMonths("2025-01..2026-10")
	refs := []store.SnapshotRef{{ID: "bb", Source: household.Bank, Provider: "bank", AsOf: 20261031}}
	for i, src := range []household.Source{household.Tax, household.Vehicle, household.Property, household.Insurance} {
		ref := store.SnapshotRef{Ordinal: i + 1, ID: fmt.Sprint("s", i), Source: src, Provider: src.String(), AsOf: 20261031}
		if src.IsFlow() {
			ref.Covers, ref.Supplies = covers, []household.Months{covers}
		}
		refs = append(refs, ref)
	}
	m, err := b.Seal(store.Contents{ProfileVersion: profile.Version, Snapshots: refs})
	must(t, err)
	gen, err := s.Open(m.ID)
	must(t, err)
	t.Cleanup(func() { gen.Close() })
	return gen
}

// pack is the reference pack with a standard, for town and country.
func pack(t testing.TB, standard string) *rules.Pack {
	t.Helper()
	dir, err := rules.Open("reference")
	must(t, err)
	out := fstest.MapFS{}
	for _, name := range []string{"pack.yaml", "parameters.yaml", "income.yaml", "assets.yaml", "rules.yaml", "messages.yaml"} {
		text, err := fs.ReadFile(dir, name)
		must(t, err)
		out[name] = &fstest.MapFile{Data: bytes.ReplaceAll(text, []byte("urban: 700.00, rural: 600.00"), []byte("urban: "+standard+", rural: "+standard))}
	}
	p, err := rules.LoadFS(out)
	must(t, err)
	return p
}

func verifier(t testing.TB, gen store.Generation, standard string, on household.Date) *engine.Verifier {
	t.Helper()
	v, err := engine.NewVerifier(gen.Manifest(), pack(t, standard), on)
	must(t, err)
	return v
}

// requests are one-person households that declare up to 714.00 yuan a month; some may
// not be looked up, one line is none.
func requests() string {
	var b strings.Builder
	for i := range people {
		id := match.ResidentText(resident(i))
		to := "2026-12-31"
		switch {
		case i%17 == 0:
			to = "2026-06-30"
		case i%13 == 0:
			to = "2026-11-15"
		}
		fmt.Fprintf(&b, `{"household_id":"340104-%06d","region":"34010%d%s","scheme":"dibao","residence":"urban","authorization":{"number":"SQ%d","valid_from":"2026-01-01","valid_to":"%s","signed_by":["%s"]},"members":[{"name":"王秀英","id_number":"%s","declared_income":[{"type":"wage","monthly_fen":%d}]}],"declared_assets":{"financial_fen":%d}}`+"\n",
			i, i%7, []string{"", "001"}[i%2], i, to, id, id, i*600, i*15000)
	}
	b.WriteString("no JSON\n")
	return b.String()
}

type auditor struct {
	looks []audit.Look
	ended [][]household.Outcome
	fail  error
}

func (a *auditor) Begin(l audit.Look) (audit.Token, error) {
	l.Subjects = slices.Clone(l.Subjects)
	a.looks = append(a.looks, l)
	return audit.Token{}, a.fail
}

func (a *auditor) End(_ audit.Token, o []household.Outcome) error {
	a.ended = append(a.ended, slices.Clone(o))
	return nil
}

func write(t testing.TB, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "batch.jsonl")
	must(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

func rehearse(t testing.TB, gen store.Generation, before, after *engine.Verifier, change func(*simulate.Options)) (*simulate.Report, string) {
	t.Helper()
	var list bytes.Buffer
	o := simulate.Options{Batch: write(t, requests()), Generation: gen, Old: before, New: after, Audit: &auditor{}, List: &list, Chunk: 7}
	if change != nil {
		change(&o)
	}
	r, err := simulate.Run(context.Background(), o)
	must(t, err)
	return r, list.String()
}

// said is what a verification wrote of one household.
type said struct {
	ID       string `json:"household_id"`
	Outcome  string `json:"outcome"`
	Findings []struct {
		Code string `json:"code"`
	} `json:"findings"`
}

func (s said) codes() []string {
	var out []string
	for _, f := range s.Findings {
		if !slices.Contains(out, f.Code) {
			out = append(out, f.Code)
		}
	}
	slices.Sort(out)
	return out
}

func verify(t testing.TB, gen store.Generation, v *engine.Verifier) []said {
	t.Helper()
	path := write(t, requests())
	_, err := batch.Run(context.Background(), batch.Options{Batch: path, Out: path + ".out", Generation: gen, Verifier: v, Audit: &auditor{}})
	must(t, err)
	text, err := os.ReadFile(path + ".out")
	must(t, err)
	var out []said
	for line := range strings.Lines(string(text)) {
		var s said
		must(t, json.Unmarshal([]byte(line), &s))
		out = append(out, s)
	}
	return out
}

// The flips of a rehearsal are those between two verifications.
func TestReplaysAKnownChange(t *testing.T) {
	gen := generation(t)
	before, after := verifier(t, gen, "700.00", checkDay), verifier(t, gen, "650.00", checkDay)
	report, list := rehearse(t, gen, before, after, nil)
	was, is := verify(t, gen, before), verify(t, gen, after)

	var matrix simulate.Matrix
	findings := map[string]simulate.Change{}
	rows := [][]string{}
	var newly int64
	for i := range was {
		x, _ := household.Outcomes.Named(was[i].Outcome)
		y, _ := household.Outcomes.Named(is[i].Outcome)
		matrix[x][y]++
		if x == uint8(household.NoDiscrepancy) && x != y {
			newly++
		}
		if x != y {
			rows = append(rows, []string{was[i].ID, was[i].Outcome, is[i].Outcome, strings.Join(was[i].codes(), " "), strings.Join(is[i].codes(), " ")})
		}
		for _, c := range is[i].codes() {
			if !slices.Contains(was[i].codes(), c) {
				n := findings[c]
				n.Appeared++
				findings[c] = n
			}
		}
		for _, c := range was[i].codes() {
			if !slices.Contains(is[i].codes(), c) {
				n := findings[c]
				n.Disappeared++
				findings[c] = n
			}
		}
	}
	if len(rows) < 5 || newly == 0 {
		t.Fatalf("the change changes %d households, %d of them to a review", len(rows), newly)
	}
	if diff := cmp.Diff(matrix, report.Matrix); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(findings, report.Findings); diff != "" {
		t.Error(diff)
	}
	if report.Flips() != int64(len(rows)) || report.Households != people+1 || report.Review.Newly != newly || report.Review.Minutes() != newly*30 {
		t.Errorf("%+v", report)
	}
	listed, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(list, "\ufeff"))).ReadAll()
	must(t, err)
	var got [][]string
	for _, row := range listed[1:] {
		got = append(got, slices.Delete(slices.Clone(row), 1, 2)) // without the region
	}
	if diff := cmp.Diff(rows, got); diff != "" {
		t.Error(diff)
	}
}

// Old and new swapped is the change undone.
func TestSwappedSidesMirror(t *testing.T) {
	gen := generation(t)
	low, high := verifier(t, gen, "650.00", checkDay), verifier(t, gen, "700.00", checkDay)
	there, _ := rehearse(t, gen, high, low, nil)
	back, _ := rehearse(t, gen, low, high, nil)
	for i := range there.Matrix {
		for j := range there.Matrix[i] {
			if there.Matrix[i][j] != back.Matrix[j][i] {
				t.Errorf("%d to %d: %d there, %d back", i, j, there.Matrix[i][j], back.Matrix[j][i])
			}
		}
	}
	for code, c := range there.Findings {
		if back.Findings[code] != (simulate.Change{Appeared: c.Disappeared, Disappeared: c.Appeared}) {
			t.Errorf("%s: %+v there, %+v back", code, c, back.Findings[code])
		}
	}
	if there.Review.Newly != back.Review.NoLonger || there.Review.NoLonger != back.Review.Newly || there.Flips() == 0 {
		t.Errorf("%+v there, %+v back", there.Review, back.Review)
	}
}

func TestAPackAgainstItselfChangesNothing(t *testing.T) {
	gen := generation(t)
	v := verifier(t, gen, "700.00", checkDay)
	r, list := rehearse(t, gen, v, v, nil)
	if r.Flips() != 0 || len(r.Findings) != 0 || r.Review.Newly != 0 || r.Review.NoLonger != 0 || strings.Count(list, "\n") != 1 {
		t.Errorf("%+v\n%s", r, list)
	}
	for _, region := range r.Regions() {
		if region.Suppressed != simulate.Few || region.Changes != nil {
			t.Errorf("%+v", region)
		}
	}
}

// One pack on two dates: consent that runs out in between.
func TestOnePackOnTwoDates(t *testing.T) {
	gen := generation(t)
	r, _ := rehearse(t, gen, verifier(t, gen, "700.00", checkDay), verifier(t, gen, "700.00", 20261130), nil)
	var want int64
	for i := range people {
		if i%17 != 0 && i%13 == 0 {
			want++
		}
	}
	var refused int64
	for o := household.NoDiscrepancy; o < household.Refused; o++ {
		refused += r.Matrix[o][household.Refused]
	}
	if refused != want || r.Findings["authorization_expired"].Appeared != want || want == 0 {
		t.Errorf("%d refused, want %d: %+v", refused, want, r.Findings)
	}
}

// Workers and chunks change nothing, neither numbers nor list.
func TestSameInputsSameReport(t *testing.T) {
	gen := generation(t)
	before, after := verifier(t, gen, "700.00", checkDay), verifier(t, gen, "650.00", checkDay)
	want, wantList := rehearse(t, gen, before, after, func(o *simulate.Options) { o.Workers = 1 })
	for _, workers := range []int{4, 16} {
		for _, chunk := range []int{1, 50, 1000} {
			got, list := rehearse(t, gen, before, after, func(o *simulate.Options) { o.Workers, o.Chunk = workers, chunk })
			if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(simulate.Report{})); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(want.Regions(), got.Regions()); diff != "" {
				t.Error(diff)
			}
			if list != wantList {
				t.Errorf("%d workers, chunks of %d: another list", workers, chunk)
			}
		}
	}
}

func TestCost(t *testing.T) {
	gen := generation(t)
	before, after := verifier(t, gen, "700.00", checkDay), verifier(t, gen, "650.00", checkDay)
	if r, _ := rehearse(t, gen, before, after, func(o *simulate.Options) {
		o.NewCost = func(*household.Verdict, *household.Request) (int64, bool) { return 1, true }
	}); r.Cost != nil {
		t.Error("the cost of one side is no difference")
	}
	pay := func(fen int64) simulate.Cost {
		return func(v *household.Verdict, r *household.Request) (int64, bool) {
			if r.HouseholdID != v.HouseholdID {
				t.Error("the request of another household")
			}
			if v.Outcome != household.NoDiscrepancy {
				return 0, v.Outcome != household.Refused
			}
			return fen, true
		}
	}
	r, _ := rehearse(t, gen, before, after, func(o *simulate.Options) { o.OldCost, o.NewCost = pay(100), pay(90) })
	var old, is, refused int64
	n := household.NoDiscrepancy
	for o := n; o <= household.Refused; o++ {
		old += r.Matrix[n][o] * 100
		is += r.Matrix[o][n] * 90
		refused += r.Matrix[o][household.Refused]
	}
	want := &simulate.CostDifference{Old: household.Fen(old), New: household.Fen(is), Households: people + 1 - refused, NotComputed: refused}
	if diff := cmp.Diff(want, r.Cost); diff != "" || r.Cost.Difference() != household.Fen(is-old) || old == 0 {
		t.Error(diff)
	}
}

// reads counts what is read of a generation.
type reads struct {
	store.Generation
	n atomic.Int64
}

func (r *reads) Walk(ctx context.Context, s string, k household.PersonKey, fn func(block.Block) (household.PersonKey, bool, error)) error {
	r.n.Add(1)
	return r.Generation.Walk(ctx, s, k, fn)
}

// The log is written before anything is read, and names both sides.
func TestNothingIsReadWithoutTheLog(t *testing.T) {
	gen := &reads{Generation: generation(t)}
	boom := errors.New("disk full")
	o := simulate.Options{
		Batch: write(t, requests()), Generation: gen, Audit: &auditor{fail: boom},
		Old: verifier(t, gen, "700.00", 20261001), New: verifier(t, gen, "650.00", checkDay),
	}
	if _, err := simulate.Run(context.Background(), o); !errors.Is(err, boom) || gen.n.Load() != 0 {
		t.Errorf("%v, %d walks", err, gen.n.Load())
	}
	a := &auditor{}
	o.Audit = a
	if _, err := simulate.Run(context.Background(), o); err != nil || gen.n.Load() == 0 {
		t.Fatalf("%v, %d walks", err, gen.n.Load())
	}
	p, q := o.Old.Pack(), o.New.Pack()
	want := fmt.Sprintf("old: %s %s %s on 2026-10-01; new: %s %s %s on 2026-11-01", p.Name, p.Version, p.Digest, q.Name, q.Version, q.Digest)
	if l := a.looks[0]; l.Action != "simulate" || l.Rules != want || l.On != checkDay || len(l.Subjects) != people+1 || l.Batch == "" || l.Generation == "" {
		t.Errorf("logged as %s %s on %s of %d", l.Action, l.Rules, l.On, len(l.Subjects))
	}
	if len(a.ended) != 1 || len(a.ended[0]) != people+1 {
		t.Error("not every household has an end in the log")
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestAListThatCannotBeWritten(t *testing.T) {
	gen := generation(t)
	v := verifier(t, gen, "700.00", checkDay)
	a := &auditor{}
	_, err := simulate.Run(context.Background(), simulate.Options{Batch: write(t, requests()), Generation: gen, Old: v, New: v, Audit: a, List: broken{}})
	if err == nil || len(a.looks) != 0 {
		t.Errorf("%v, %d looks", err, len(a.looks))
	}
}
