package engine_test

import (
	"testing"

	"github.com/hedui/hedui/engine"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/profile"
	"github.com/hedui/hedui/rules"
)

// ordinary is a household of three as the departments see it: a year of wages and
// contributions, some accounts, a home. There is nothing to find, or with wages at
// the limit several things.
func ordinary(wage household.Fen) world {
	w := sample()
	w.Records = nil
	w.Members = append(w.Members, person{Name: "李小明", Number: number(2)})
	for i := range w.Members {
		w.Members[i].Declared = map[string]int64{"wage": int64(wage)}
	}
	w.Units, w.Financial = []string{"U1"}, 200000
	for m := range w.Members {
		name := w.Members[m].Name
		identity := uint8(1)
		if m == 2 {
			identity = 3
		}
		for i := range household.Month(12) {
			if m < 2 {
				w.add(record{Member: m, Source: household.Tax, Snapshot: 0, Name: name, Data: household.Record{Tax: household.TaxRecord{
					RecordNo: []byte("T000017"), Period: household.Period(2025*12 + 10 + i), IncomeType: 1, Income: wage,
				}}})
			}
			w.add(record{Member: m, Source: household.Insurance, Snapshot: 4, Name: name, Data: household.Record{Insurance: household.InsuranceRecord{
				RecordNo: []byte("S000017"), Month: 2025*12 + 10 + i, Scheme: 1, Role: 1, Identity: identity, Base: wage,
			}}})
		}
		for a := range byte(3) {
			w.add(record{Member: m, Source: household.Bank, Snapshot: 3, Name: name, Data: household.Record{Bank: household.BankRecord{
				Institution: []byte("甲银行"), AccountNo: []byte{'6', '2', byte('0' + m), '0' + a}, Kind: 1, Balance: 10000, BalanceOn: 20261031,
			}}})
		}
	}
	w.add(record{Member: 0, Source: household.Property, Snapshot: 2, Name: w.Members[0].Name, Data: household.Record{Property: household.PropertyRecord{
		UnitCode: []byte("U1"), Kind: 1, Status: 1,
	}}})
	return w
}

// prepared is a household ready to be verified.
func prepared(b testing.TB, w world) (*engine.Worker, *engine.Plan, []*profile.Profile) {
	b.Helper()
	return preparedBy(b, reference(), w)
}

func preparedBy(b testing.TB, pack *rules.Pack, w world) (*engine.Worker, *engine.Plan, []*profile.Profile) {
	b.Helper()
	v, err := engine.NewVerifier(w.manifest(), pack, w.On)
	if err != nil {
		b.Fatal(err)
	}
	worker, plan := v.Worker(), &engine.Plan{}
	worker.Prepare(w.line("h"), 1, plan)
	if plan.Refusal() != "" {
		b.Fatal(plan.Refusal())
	}
	entries := w.entries()
	profiles := make([]*profile.Profile, len(plan.Keys()))
	for i, k := range plan.Keys() {
		profiles[i] = &profile.Profile{}
		if err := profile.Decode(entries[k], profiles[i]); err != nil {
			b.Fatal(err)
		}
	}
	return worker, plan, profiles
}

func BenchmarkVerify(b *testing.B) {
	for _, c := range []struct {
		name string
		wage household.Fen
	}{{"findings=0", 10000}, {"findings=1/evidence=24", 110000}} {
		b.Run("members=3/records=70/"+c.name, func(b *testing.B) {
			worker, plan, profiles := prepared(b, ordinary(c.wage))
			var out household.Verdict
			b.ReportAllocs()
			for b.Loop() {
				if err := worker.Verify(plan, profiles, &out); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "verdicts/s")
			b.ReportMetric(float64(len(out.Findings)), "findings")
		})
	}
}

func BenchmarkPrepare(b *testing.B) {
	w := ordinary(10000)
	worker, plan, _ := prepared(b, w)
	line := w.line("h")
	b.ReportAllocs()
	for b.Loop() {
		worker.Prepare(line, 1, plan)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "requests/s")
}

func BenchmarkVerifyAndEncode(b *testing.B) {
	worker, plan, profiles := prepared(b, ordinary(110000))
	var out household.Verdict
	var buf []byte
	var encoder household.VerdictEncoder
	b.ReportAllocs()
	for b.Loop() {
		if err := worker.Verify(plan, profiles, &out); err != nil {
			b.Fatal(err)
		}
		buf = encoder.Append(buf[:0], &out)
	}
	b.SetBytes(int64(len(buf)))
}

// TestVerifyDoesNotAllocatePerRecord allows nothing at all without findings.
func TestVerifyDoesNotAllocatePerRecord(t *testing.T) {
	worker, plan, profiles := prepared(t, ordinary(10000))
	var out household.Verdict
	verify := func() {
		if err := worker.Verify(plan, profiles, &out); err != nil {
			t.Fatal(err)
		}
	}
	verify()
	if out.Outcome != household.NoDiscrepancy {
		t.Fatalf("outcome %s with %d findings", out.Outcome, len(out.Findings))
	}
	if n := testing.AllocsPerRun(100, verify); n != 0 {
		t.Errorf("%.0f allocations for a household without findings", n)
	}
}

// BenchmarkEncode writes a verdict, one with nothing to find and one with evidence.
func BenchmarkEncode(b *testing.B) {
	for _, c := range []struct {
		name string
		wage household.Fen
	}{{"findings=0", 10000}, {"findings=1/evidence=24", 110000}} {
		b.Run(c.name, func(b *testing.B) {
			worker, plan, profiles := prepared(b, ordinary(c.wage))
			var out household.Verdict
			if err := worker.Verify(plan, profiles, &out); err != nil {
				b.Fatal(err)
			}
			var encoder household.VerdictEncoder
			var buf []byte
			b.ReportAllocs()
			for b.Loop() {
				buf = encoder.Append(buf[:0], &out)
			}
			b.SetBytes(int64(len(buf)))
		})
	}
}
