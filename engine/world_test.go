package engine_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"pgregory.net/rapid"

	"github.com/hedui/hedui/engine"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/match"
	"github.com/hedui/hedui/engine/profile"
	"github.com/hedui/hedui/engine/store"
	"github.com/hedui/hedui/rules"
)

// world is a household and everything the departments hold of it.
type world struct {
	On        household.Date
	Rural     bool
	Classes   []string // nil: all
	Members   []person
	Financial int64
	Plates    []string
	Units     []string
	Snapshots []store.SnapshotRef
	Records   []record
	Marks     []mark
}

type person struct {
	Name, Number string
	Relation     string // "" when not given
	Declared     map[string]int64
}

type record struct {
	Member   int
	Source   household.Source
	Snapshot int // index into Snapshots
	Name     string
	File     int
	Row      int64
	Data     household.Record
}

type mark struct {
	Member, Snapshot int
}

const checkDay household.Date = 20261101

func number(i int) string { return match.ResidentText(34010419800101000 + uint64(i) + 1) }

func (w *world) line(id string) []byte {
	type object = map[string]any
	var members []object
	var signed []string
	for _, m := range w.Members {
		var declared []object
		for _, t := range []string{"wage", "business", "property", "transfer"} {
			if n, ok := m.Declared[t]; ok {
				declared = append(declared, object{"type": t, "monthly_fen": n})
			}
		}
		o := object{"name": m.Name, "id_number": m.Number, "declared_income": declared}
		if m.Relation != "" {
			o["relation"] = m.Relation
		}
		members = append(members, o)
		signed = append(signed, m.Number)
	}
	a := object{"number": "SQ1", "valid_from": fmt.Sprintf("%d-01-01", w.On.Year()), "valid_to": fmt.Sprintf("%d-12-31", w.On.Year()), "signed_by": signed}
	if w.Classes != nil {
		a["data_classes"] = w.Classes
	}
	residence := "urban"
	if w.Rural {
		residence = "rural"
	}
	b, err := json.Marshal(object{
		"household_id": id, "scheme": "dibao", "residence": residence, "authorization": a, "members": members,
		"declared_assets": object{"financial_fen": w.Financial, "vehicles": w.Plates, "properties": w.Units},
	})
	if err != nil {
		panic(err)
	}
	return b
}

func (w *world) manifest() *store.Manifest {
	m := &store.Manifest{ID: "world", ProfileVersion: profile.Version}
	for i, s := range w.Snapshots {
		s.Ordinal = i + 1
		s.ID = fmt.Sprintf("%s-%s-%s", s.Source, s.Provider, s.AsOf)
		m.Snapshots = append(m.Snapshots, s)
	}
	return m
}

// entries packs the records under the documents of the members.
func (w *world) entries() map[household.PersonKey][]byte {
	out := map[household.PersonKey][]byte{}
	for i, m := range w.Members {
		var b profile.Builder
		b.Reset()
		d := match.ParseDocument(household.ResidentID, []byte(m.Number))
		for _, r := range w.Records {
			if r.Member == i {
				o := profile.Origin{Snapshot: r.Snapshot + 1, File: r.File, Row: r.Row, Form: match.FormExact}
				b.Add(r.Source, o, profile.AppendOwner(nil, profile.Owner{Name: string(match.NormalName([]byte(r.Name)))}), profile.AppendContent(nil, r.Source, &r.Data))
			}
		}
		for _, k := range w.Marks {
			if k.Member == i {
				b.AddMark(profile.Mark{Source: w.Snapshots[k.Snapshot].Source, Snapshot: k.Snapshot + 1})
			}
		}
		if !b.Empty() {
			out[d.Key] = b.Append(nil)
		}
	}
	return out
}

// verifyWith answers the household with a worker.
func (w *world) verifyWith(worker *engine.Worker, id string) (*household.Verdict, error) {
	var plan engine.Plan
	worker.Prepare(w.line(id), 1, &plan)
	entries := w.entries()
	profiles := make([]*profile.Profile, len(plan.Keys()))
	for i, k := range plan.Keys() {
		profiles[i] = &profile.Profile{}
		if e := entries[k]; e != nil {
			if err := profile.Decode(e, profiles[i]); err != nil {
				return nil, err
			}
		}
	}
	out := &household.Verdict{}
	return out, worker.Verify(&plan, profiles, out)
}

// answer is a way to verify a world; tests of the properties plant bugs in it.
type answer func(w world) *household.Verdict

// reference is the reference pack, which nothing changes.
var reference = sync.OnceValue(func() *rules.Pack {
	p, err := rules.Load("reference")
	if err != nil {
		panic(err)
	}
	return p
})

func verifyBy(p *rules.Pack) answer {
	return func(w world) *household.Verdict {
		v, err := engine.NewVerifier(w.manifest(), p, w.On)
		if err != nil {
			panic(err)
		}
		out, err := w.verifyWith(v.Worker(), "world")
		if err != nil {
			panic(err)
		}
		return out
	}
}

// worlds draws households whose amounts lie about the limits.
func worlds() *rapid.Generator[world] {
	return rapid.Custom(func(t *rapid.T) world {
		w := world{On: checkDay, Rural: rapid.Bool().Draw(t, "rural")}
		if rapid.IntRange(0, 9).Draw(t, "limited") == 0 {
			w.Classes = rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"tax", "vehicle", "property", "bank", "insurance"}), 0, 4, rapid.ID).Draw(t, "classes")
			if w.Classes == nil {
				w.Classes = []string{}
			}
		}
		for i := range rapid.IntRange(1, 3).Draw(t, "members") {
			m := person{Name: []string{"王秀英", "李建国", "李小明"}[i], Number: number(i), Declared: map[string]int64{}}
			for _, k := range []string{"wage", "transfer"} {
				if rapid.Bool().Draw(t, k) {
					m.Declared[k] = rapid.SampledFrom([]int64{0, 1, 10000, 69999, 70000}).Draw(t, "declared")
				}
			}
			w.Members = append(w.Members, m)
		}
		w.Financial = rapid.SampledFrom([]int64{0, 100, 1680000, 4000000}).Draw(t, "financial")
		w.Plates = rapid.SliceOfN(rapid.SampledFrom([]string{"皖A00001", "皖A00002"}), 0, 2).Draw(t, "plates")
		w.Units = rapid.SliceOfN(rapid.SampledFrom([]string{"U1", "U2", "C1"}), 0, 3).Draw(t, "units")
		w.snapshots(t)
		n := rapid.IntRange(0, 14).Draw(t, "records")
		for i := 0; i < n && len(w.Snapshots) > 0; i++ {
			w.add(drawRecord(t, &w))
		}
		if len(w.Snapshots) > 0 && rapid.IntRange(0, 9).Draw(t, "marked") == 0 {
			w.Marks = append(w.Marks, mark{
				rapid.IntRange(0, len(w.Members)-1).Draw(t, "marked member"), rapid.IntRange(0, len(w.Snapshots)-1).Draw(t, "marked snapshot"),
			})
		}
		return w
	})
}

func (w *world) snapshots(t *rapid.T) {
	window := household.Months{From: 2025*12 + 10, To: 2026*12 + 9}
	for s := household.Tax; s < household.NumChecked; s++ {
		for _, provider := range [][]string{{"a"}, {"a"}, {"a", "b"}, {"a", "b"}, {"b", "a"}, {}}[rapid.IntRange(0, 5).Draw(t, "providers")] {
			ref := store.SnapshotRef{Source: s, Provider: provider, AsOf: rapid.SampledFrom([]household.Date{20261031, 20261031, 20260505, 20260504}).Draw(t, "as of")}
			if s.IsFlow() {
				ref.Covers = window
				if rapid.IntRange(0, 9).Draw(t, "short") == 0 {
					ref.Covers.From++
				}
				ref.Supplies = []household.Months{ref.Covers}
			}
			w.Snapshots = append(w.Snapshots, ref)
		}
	}
}

// add adds a record unless ingest would have kept the same key once.
func (w *world) add(r record) {
	for _, x := range w.Records {
		if x.Source == household.Bank && r.Source == household.Bank && x.Snapshot == r.Snapshot && x.Member == r.Member &&
			slices.Equal(x.Data.Bank.AccountNo, r.Data.Bank.AccountNo) && x.Data.Bank.BalanceOn == r.Data.Bank.BalanceOn {
			return
		}
	}
	r.File, r.Row = 1, int64(len(w.Records)+1)
	w.Records = append(w.Records, r)
}

func drawRecord(t *rapid.T, w *world) record {
	r := record{Member: rapid.IntRange(0, len(w.Members)-1).Draw(t, "member"), Snapshot: rapid.IntRange(0, len(w.Snapshots)-1).Draw(t, "snapshot")}
	r.Source = w.Snapshots[r.Snapshot].Source
	r.Name = w.Members[r.Member].Name
	switch rapid.IntRange(0, 11).Draw(t, "name") {
	case 0:
		r.Name = "别人"
	case 1:
		r.Name = ""
	}
	fen := func(label string, of ...household.Fen) household.Fen { return rapid.SampledFrom(of).Draw(t, label) }
	d := &r.Data
	switch r.Source {
	case household.Tax:
		d.Tax = household.TaxRecord{
			RecordNo: []byte("T1"), Period: rapid.SampledFrom([]household.Period{2025*12 + 9, 2025*12 + 10, 2026*12 + 1, 2026*12 + 2, 2026*12 + 9, 2026*12 + 10, -2025, -2026, -2024}).Draw(t, "period"),
			IncomeType: uint8(rapid.IntRange(1, 9).Draw(t, "type")),
			Income:     fen("income", 0, 1, 119999, 120000, 120001, 839999, 840000, 900000), Tax: fen("tax", 0, 0, 1),
		}
	case household.Vehicle:
		d.Vehicle = household.VehicleRecord{
			VIN: []byte(rapid.SampledFrom([]string{"V1", "V2"}).Draw(t, "vin")), Plate: []byte(rapid.SampledFrom([]string{"皖A00001", "皖A00003"}).Draw(t, "plate")),
			Class: uint8(rapid.IntRange(1, 10).Draw(t, "class")), Status: uint8(rapid.IntRange(1, 4).Draw(t, "status")),
			RegisteredOn: rapid.SampledFrom([]household.Date{0, 20200101, 20261101, 20261102}).Draw(t, "registered"),
		}
	case household.Property:
		d.Property = household.PropertyRecord{
			UnitCode: []byte(rapid.SampledFrom([]string{"U1", "U2", "U3", ""}).Draw(t, "unit")), CertificateNo: []byte("C1"),
			Kind: uint8(rapid.IntRange(1, 7).Draw(t, "kind")), Status: uint8(rapid.IntRange(1, 3).Draw(t, "status")),
			RegisteredOn: rapid.SampledFrom([]household.Date{0, 20200101, 20261102}).Draw(t, "registered"),
		}
	case household.Bank:
		d.Bank = household.BankRecord{
			Institution: []byte("甲"), AccountNo: []byte(rapid.SampledFrom([]string{"1", "2", "3"}).Draw(t, "account")), Kind: 1,
			Balance:   fen("balance", 0, 1, 200001, 1680000, 1680001, 5000000),
			BalanceOn: rapid.SampledFrom([]household.Date{20260401, 20261031, 20261102}).Draw(t, "balance on"),
			Share:     rapid.SampledFrom([]household.Share{{}, {Num: 1, Den: 2}, {Num: 3, Den: 5}}).Draw(t, "share"),
			Purpose:   uint8(rapid.SampledFrom([]int{0, 0, 0, 1, 3}).Draw(t, "purpose")),
		}
	case household.Insurance:
		d.Insurance = household.InsuranceRecord{
			RecordNo: []byte("S1"), Scheme: uint8(rapid.SampledFrom([]int{1, 1, 1, 2, 5, 6, 3}).Draw(t, "scheme")), Role: uint8(rapid.IntRange(1, 2).Draw(t, "role")),
			Month:    rapid.SampledFrom([]household.Month{2025*12 + 9, 2025*12 + 10, 2026*12 + 1, 2026*12 + 2, 2026*12 + 9}).Draw(t, "month"),
			Identity: uint8(rapid.SampledFrom([]int{1, 1, 2}).Draw(t, "identity")), Benefit: fen("benefit", 0, 1, 120001, 840000),
		}
	}
	return r
}
