package engine_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/hedui/hedui/engine"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/match"
	"github.com/hedui/hedui/engine/profile"
	"github.com/hedui/hedui/engine/store"
)

// withholding judges a world of which the register withholds records.
func (w *world) withholding(withheld ...engine.Withheld) *household.Verdict {
	v, err := engine.NewVerifier(w.manifest(), reference(), w.On)
	if err != nil {
		panic(err)
	}
	grant := engine.Warrant{Withheld: withheld}
	for s := range grant.Classes {
		grant.Classes[s] = true
	}
	v.Warrant(&desk{answer: grant})
	out, err := w.verifyWith(v.Worker(), "world")
	if err != nil {
		panic(err)
	}
	return out
}

func keyOf(number string) household.PersonKey {
	return match.ParseDocument(household.ResidentID, []byte(number)).Key
}

// content is the digest by which a record of a world is named.
func (w *world) content(r *record) uint64 {
	var b profile.Builder
	b.Reset()
	b.Add(r.Source, profile.Origin{Owner: -1}, nil, profile.AppendContent(nil, r.Source, &r.Data))
	var p profile.Profile
	if err := profile.Decode(b.Append(nil), &p); err != nil {
		panic(err)
	}
	return p.ContentDigest(r.Source, 0)
}

// A record that was found to be wrong counts as if it were not there, and the verdict
// says that it is.
func TestUpheldCountsForNothing(t *testing.T) {
	ran := 0
	rapid.Check(t, func(t *rapid.T) {
		w := worlds().Draw(t, "world")
		if len(w.Records) == 0 {
			return
		}
		ran++
		gone := w.Records[rapid.IntRange(0, len(w.Records)-1).Draw(t, "record")]
		digest := w.content(&gone)
		same := func(r record) bool {
			return r.Member == gone.Member && r.Source == gone.Source && w.content(&r) == digest
		}
		without := w
		without.Records = slices.DeleteFunc(slices.Clone(w.Records), same)
		member := w.Members[gone.Member]
		got := w.withholding(engine.Withheld{Key: keyOf(member.Number), Source: gone.Source, Content: digest, Upheld: true})
		want := without.withholding()
		named := slices.ContainsFunc(w.Records, func(r record) bool { return same(r) && r.Name != "" })
		if asked := w.Classes == nil || slices.Contains(w.Classes, gone.Source.String()); asked && named != (len(got.Withheld) > 0) && got.Outcome != household.Refused {
			t.Errorf("%d withheld", len(got.Withheld))
		}
		for _, x := range got.Withheld {
			if x.Because != "upheld" || x.Source != gone.Source || x.Member != gone.Member+1 {
				t.Errorf("withheld %+v", x)
			}
		}
		for _, v := range []*household.Verdict{got, want} { // what was found says that it was
			v.Coverage, v.Withheld = [household.NumChecked]household.SourceCoverage{}, nil
		}
		if diff := cmp.Diff(string(want.AppendJSON(nil)), string(got.AppendJSON(nil))); diff != "" {
			t.Errorf("a record that counts for nothing counted (- gone, + withheld):\n%s", diff)
		}
	})
	if ran == 0 {
		t.Error("nothing was withheld")
	}
}

// A disputed record can't make anybody look worse, and nobody is called clean while it
// is open.
func TestDisputedRecords(t *testing.T) {
	adverse, cleared := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		w := worlds().Draw(t, "world")
		if len(w.Records) == 0 {
			return
		}
		x := w.Records[rapid.IntRange(0, len(w.Records)-1).Draw(t, "record")]
		before := w.withholding()
		got := w.withholding(engine.Withheld{Key: keyOf(w.Members[x.Member].Number), Source: x.Source, Content: w.content(&x)})
		if rank(got.Outcome) > rank(before.Outcome) {
			t.Errorf("%s became %s by an objection", before.Outcome, got.Outcome)
		}
		if before.Outcome == household.SuspectedIneligible {
			adverse++
			if got.Outcome != household.SuspectedIneligible {
				cleared++
			}
		}
		if len(got.Withheld) > 0 {
			if s := got.Coverage[x.Source].State; s > household.Incomplete {
				t.Errorf("the source is %s while one of its records is disputed", s)
			}
			if got.Outcome == household.NoDiscrepancy {
				t.Error("nothing found, while a record is disputed")
			}
		}
	})
	if adverse == 0 || cleared == 0 {
		t.Errorf("%d adverse, %d of them no longer: the test tried nothing", adverse, cleared)
	}
}

// An older balance of an account does not come to count because somebody objects to the
// newest. When the objection is upheld it does: the newest was wrong.
func TestDisputedBalanceStandsForItsAccount(t *testing.T) {
	w := world{On: checkDay, Members: []person{{Name: "王秀英", Number: number(0)}}}
	covers, _ := household.ParseMonths("2025-01..2026-10")
	for i, s := range []household.Source{household.Tax, household.Vehicle, household.Property, household.Bank, household.Insurance} {
		ref := store.SnapshotRef{Ordinal: i, ID: s.String(), Source: s, Provider: s.String(), AsOf: 20261031}
		if s.IsFlow() {
			ref.Covers, ref.Supplies = covers, []household.Months{covers}
		}
		w.Snapshots = append(w.Snapshots, ref)
	}
	balance := func(row int64, fen household.Fen, on household.Date) record {
		return record{Source: household.Bank, Snapshot: 3, Name: "王秀英", File: 1, Row: row, Data: household.Record{Bank: household.BankRecord{
			Institution: []byte("工商银行"), AccountNo: []byte("1"), Kind: 1, Balance: fen, BalanceOn: on,
		}}}
	}
	w.Records = []record{balance(1, 0, 20261030), balance(2, 900_000_00, 20260930)}
	of := func(i int, upheld bool) engine.Withheld {
		return engine.Withheld{Key: keyOf(number(0)), Source: household.Bank, Content: w.content(&w.Records[i]), Upheld: upheld}
	}
	for _, c := range []struct {
		name string
		got  *household.Verdict
		want household.Outcome
		fen  household.Fen
	}{
		{"as it is", w.withholding(), household.NoDiscrepancy, 0},
		{"the newest is disputed", w.withholding(of(0, false)), household.Unverifiable, 0},
		{"the older is disputed", w.withholding(of(1, false)), household.Unverifiable, 0},
		{"the newest was wrong", w.withholding(of(0, true)), household.SuspectedIneligible, 900_000_00},
	} {
		if c.got.Outcome != c.want || c.got.Assets.Financial != c.fen {
			t.Errorf("%s: %s with %d", c.name, c.got.Outcome, c.got.Assets.Financial)
		}
	}
}

// rank orders the outcomes by what they ask of a family.
func rank(o household.Outcome) int {
	switch o {
	case household.NeedsReview:
		return 1
	case household.SuspectedIneligible:
		return 2
	}
	return 0
}

// What is withheld survives being written and read.
func TestWithheldInJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := worlds().Draw(t, "world")
		if len(w.Records) == 0 {
			return
		}
		x := w.Records[0]
		v := w.withholding(engine.Withheld{Key: keyOf(w.Members[x.Member].Number), Source: x.Source, Content: w.content(&x)})
		text := v.AppendJSON(nil)
		back, err := household.ParseVerdict(text)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(text), string(back.AppendJSON(nil))); diff != "" {
			t.Error(diff)
		}
	})
}
