package profile_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/cespare/xxhash/v2"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/match"
	"github.com/hedui/hedui/engine/profile"
)

func fen(t *rapid.T, label string) household.Fen {
	return household.Fen(rapid.Int64Range(0, int64(household.MaxFen)).Draw(t, label))
}

func date(t *rapid.T, label string) household.Date {
	d, _ := household.NewDate(rapid.IntRange(1900, 2100).Draw(t, label), rapid.IntRange(1, 12).Draw(t, label), rapid.IntRange(1, 28).Draw(t, label))
	return d
}

func text(t *rapid.T, label string) []byte {
	return []byte(rapid.StringMatching(`[A-Z0-9皖工商]{1,20}`).Draw(t, label))
}

func record(t *rapid.T, s household.Source) household.Record {
	code := func(l household.CodeList) uint8 { return uint8(rapid.IntRange(0, len(l)-1).Draw(t, "code")) }
	var r household.Record
	switch s {
	case household.Tax:
		r.Tax = household.TaxRecord{
			RecordNo: text(t, "no"), Period: household.Period(rapid.Int32Range(-3000, 30000).Draw(t, "period")), IncomeType: code(household.IncomeTypes),
			Income: fen(t, "income"), OwnInsurance: fen(t, "own"), Tax: fen(t, "tax"),
		}
	case household.Vehicle:
		r.Vehicle = household.VehicleRecord{
			VIN: text(t, "vin"), Plate: text(t, "plate"), Class: code(household.VehicleClasses), Status: code(household.VehicleStatuses),
			Use: code(household.VehicleUses), RegisteredOn: date(t, "on"), InspectionDue: date(t, "due"), Value: fen(t, "value"),
		}
	case household.Property:
		r.Property = household.PropertyRecord{
			UnitCode: text(t, "unit"), CertificateNo: text(t, "cert"), Kind: code(household.PropertyKinds), Status: code(household.PropertyStatuses),
			Share: household.NewShare(uint64(rapid.IntRange(0, 6).Draw(t, "n")), 7), Area: rapid.Int64Range(0, 1<<40).Draw(t, "area"), RegisteredOn: date(t, "on"), Value: fen(t, "value"),
		}
	case household.Bank:
		r.Bank = household.BankRecord{
			Institution: text(t, "bank"), AccountNo: text(t, "account"), Kind: code(household.AccountKinds), Balance: fen(t, "balance"),
			BalanceOn: date(t, "on"), AverageBalance: fen(t, "average"), Share: household.Whole, Purpose: code(household.BalancePurposes),
		}
	case household.Insurance:
		r.Insurance = household.InsuranceRecord{
			RecordNo: text(t, "no"), Scheme: code(household.InsuranceSchemes), Role: code(household.InsuranceRoles),
			Month: household.Month(rapid.Int32Range(1, 30000).Draw(t, "month")), Identity: code(household.InsuranceIdentities), Base: fen(t, "base"), Benefit: fen(t, "benefit"),
		}
	case household.Register:
		r.Register = household.RegisterRecord{DeceasedOn: date(t, "died"), HouseholdNo: text(t, "no")}
	}
	return r
}

func named(name string) []byte { return profile.AppendOwner(nil, profile.Owner{Name: name}) }

// owner is somebody, described by any of the columns or by none.
func owner(t *rapid.T) profile.Owner {
	o := profile.Owner{Name: rapid.SampledFrom([]string{"", "王秀英", "李伟", "阿依古丽·买买提"}).Draw(t, "name")}
	if rapid.Bool().Draw(t, "described") {
		o.Birth = rapid.SampledFrom([]household.Date{0, 19491231, 20000229}).Draw(t, "birth")
		o.Sex = uint8(rapid.IntRange(0, 2).Draw(t, "sex"))
		o.Division = rapid.SampledFrom([]string{"", "340104"}).Draw(t, "division")
		o.Country = rapid.SampledFrom([]string{"", "CHN"}).Draw(t, "country")
	}
	return o
}

// What a builder writes comes back: origins, names, marks and every column.
func TestDecodeIsTheInverseOfBuild(t *testing.T) {
	var b profile.Builder
	var p profile.Profile
	rapid.Check(t, func(t *rapid.T) {
		b.Reset()
		var want profile.Profile
		owners := map[profile.Owner]int{}
		for range rapid.IntRange(0, 12).Draw(t, "records") {
			s := household.Source(rapid.IntRange(1, 6).Draw(t, "source"))
			r := record(t, s)
			o := profile.Origin{
				Snapshot: rapid.IntRange(0, 40).Draw(t, "snapshot"), File: rapid.IntRange(1, 300).Draw(t, "file"),
				Row: rapid.Int64Range(1, 1<<40).Draw(t, "row"), Owner: -1, Form: match.Form(rapid.IntRange(0, 2).Draw(t, "form")),
			}
			who := owner(t)
			if who != (profile.Owner{}) {
				if _, ok := owners[who]; !ok {
					owners[who] = len(owners)
					want.Owners = append(want.Owners, who)
				}
				o.Owner = owners[who]
			}
			b.Add(s, o, profile.AppendOwner(nil, who), profile.AppendContent(nil, s, &r))
			switch s {
			case household.Tax:
				x := r.Tax
				want.Tax = append(want.Tax, profile.Tax{Origin: o, Period: x.Period, IncomeType: x.IncomeType, Income: x.Income, OwnInsurance: x.OwnInsurance, Tax: x.Tax, Record: household.MaskRecord(string(x.RecordNo))})
			case household.Vehicle:
				x := r.Vehicle
				want.Vehicle = append(want.Vehicle, profile.Vehicle{Origin: o, VIN: string(x.VIN), Plate: string(x.Plate), Class: x.Class, Status: x.Status, Use: x.Use, RegisteredOn: x.RegisteredOn, InspectionDue: x.InspectionDue, Value: x.Value})
			case household.Property:
				x := r.Property
				want.Property = append(want.Property, profile.Property{Origin: o, UnitCode: string(x.UnitCode), CertificateNo: string(x.CertificateNo), Kind: x.Kind, Status: x.Status, Share: x.Share, Area: x.Area, RegisteredOn: x.RegisteredOn, Value: x.Value})
			case household.Bank:
				x := r.Bank
				want.Bank = append(want.Bank, profile.Bank{Origin: o, Institution: string(x.Institution), AccountNo: string(x.AccountNo), Kind: x.Kind, Balance: x.Balance, BalanceOn: x.BalanceOn, AverageBalance: x.AverageBalance, Share: x.Share, Purpose: x.Purpose})
			case household.Insurance:
				x := r.Insurance
				want.Insurance = append(want.Insurance, profile.Insurance{Origin: o, Scheme: x.Scheme, Role: x.Role, Month: x.Month, Identity: x.Identity, Base: x.Base, Benefit: x.Benefit, Record: household.MaskRecord(string(x.RecordNo))})
			case household.Register:
				x := r.Register
				want.Register = append(want.Register, profile.Registration{Origin: o, DeceasedOn: x.DeceasedOn, Household: string(x.HouseholdNo)})
			}
		}
		for range rapid.IntRange(0, 3).Draw(t, "marks") {
			m := profile.Mark{Source: household.Source(rapid.IntRange(1, 5).Draw(t, "source")), Snapshot: rapid.IntRange(0, 9).Draw(t, "snapshot")}
			seen := false
			for _, have := range want.Marks {
				seen = seen || have == m
			}
			if !seen {
				want.Marks = append(want.Marks, m)
			}
			b.AddMark(m)
		}
		entry := b.Append(nil)
		if err := profile.Decode(entry, &p); err != nil {
			t.Fatal(err)
		}
		want.Digest = p.Digest
		if diff := cmp.Diff(clean(want), clean(p)); diff != "" {
			t.Fatal(diff)
		}
		// A merge of the entry alone, keeping all, is the entry under a new ordinal.
		b.Reset()
		if err := b.Merge(entry, 7, nil); err != nil {
			t.Fatal(err)
		}
		var q profile.Profile
		if err := profile.Decode(b.Append(nil), &q); err != nil {
			t.Fatal(err)
		}
		if len(p.Marks) == 0 && q.Digest != p.Digest {
			t.Fatal("the digest depends on the snapshot's ordinal")
		}
		for i := range q.Tax {
			if q.Tax[i].Snapshot != 7 || q.Tax[i].Row != p.Tax[i].Row || q.Tax[i].Owner != p.Tax[i].Owner {
				t.Fatal("the merge lost an origin")
			}
		}
	})
}

// clean is everything a profile says, with empty and nil slices alike.
func clean(p profile.Profile) string {
	return fmt.Sprintf("%+v", []any{p.Digest, p.Owners, p.Marks, p.Tax, p.Vehicle, p.Property, p.Bank, p.Insurance, p.Register})
}

func TestDigestSeesContentOnly(t *testing.T) {
	digest := func(row int64, name string, income household.Fen, form match.Form) uint64 {
		var b profile.Builder
		r := household.Record{Tax: household.TaxRecord{RecordNo: []byte("T000001"), Period: 24310, IncomeType: 1, Income: income}}
		b.Add(household.Tax, profile.Origin{File: 1, Row: row, Form: form}, named(name), profile.AppendContent(nil, household.Tax, &r))
		var p profile.Profile
		if err := profile.Decode(b.Append(nil), &p); err != nil {
			t.Fatal(err)
		}
		return p.Digest
	}
	base := digest(1, "王秀英", 100, 0)
	if digest(2, "王秀英", 100, 0) != base {
		t.Error("the row changes the digest")
	}
	for what, other := range map[string]uint64{"name": digest(1, "王秀", 100, 0), "amount": digest(1, "王秀英", 101, 0), "form": digest(1, "王秀英", 100, 1)} {
		if other == base {
			t.Errorf("the digest does not see the %s", what)
		}
	}
}

func FuzzDecode(f *testing.F) {
	var b profile.Builder
	r := household.Record{Bank: household.BankRecord{Institution: []byte("工商银行"), AccountNo: []byte("6222"), Kind: 1, Balance: 5, BalanceOn: 20261031, Share: household.Share{Num: 1, Den: 2}}}
	b.Add(household.Bank, profile.Origin{File: 1, Row: 1}, named("王秀英"), profile.AppendContent(nil, household.Bank, &r))
	b.AddMark(profile.Mark{Source: household.Tax})
	f.Add(b.Append(nil))
	f.Fuzz(func(t *testing.T, entry []byte) {
		var p profile.Profile
		if err := profile.Decode(entry, &p); err != nil {
			if !errors.Is(err, profile.ErrDamaged) {
				t.Fatalf("another error: %v", err)
			}
			return
		}
		var b profile.Builder
		if err := b.Merge(entry, 0, nil); err != nil {
			t.Fatalf("decodes but does not merge: %v", err)
		}
		var q profile.Profile
		if err := profile.Decode(b.Append(nil), &q); err != nil {
			t.Fatalf("what was built does not decode: %v", err)
		}
		if len(q.Tax) != len(p.Tax) || len(q.Bank) != len(p.Bank) || len(q.Insurance) != len(p.Insurance) {
			t.Fatal("records lost")
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	var bld profile.Builder
	for i := range 3 {
		r := household.Record{Bank: household.BankRecord{Institution: []byte("中国工商银行"), AccountNo: []byte(fmt.Sprintf("622202020011223344%d", i)), Kind: 1, Balance: 5, BalanceOn: 20261031}}
		bld.Add(household.Bank, profile.Origin{File: 1, Row: 1}, named("王秀英"), profile.AppendContent(nil, household.Bank, &r))
		r = household.Record{Tax: household.TaxRecord{RecordNo: []byte("T000001"), Period: 24310, IncomeType: 1, Income: 100}}
		bld.Add(household.Tax, profile.Origin{File: 1, Row: 1}, named("王秀英"), profile.AppendContent(nil, household.Tax, &r))
	}
	entry := bld.Append(nil)
	var p profile.Profile
	b.SetBytes(int64(len(entry)))
	b.ReportAllocs()
	for b.Loop() {
		if err := profile.Decode(entry, &p); err != nil {
			b.Fatal(err)
		}
	}
}

// The digest is that of the same bytes however many there are, and of a builder that
// was never reset it is the one that snapshots have always had.
func TestDigestOfManyRecords(t *testing.T) {
	for _, n := range []int{1, 3, 5000} {
		var fresh, again profile.Builder
		again.Reset()
		h, zero := xxhash.New(), xxhash.Digest{}
		for i := range n {
			content := fmt.Appendf(nil, "record %d, long enough for a stripe", i)
			owner := "\x03abc\x00"
			for _, b := range []*profile.Builder{&fresh, &again} {
				b.Add(household.Tax, profile.Origin{File: 1, Row: int64(i)}, []byte(owner), content)
			}
			said := append(append([]byte{byte(household.Tax)}, owner...), byte(len(content)))
			said = append(said, content...)
			_, _ = h.Write(said)
			_, _ = zero.Write(said)
		}
		for _, b := range []*profile.Builder{&fresh, &again} {
			b.AddMark(profile.Mark{Source: household.Tax})
		}
		mark := []byte{0xff, byte(household.Tax)}
		_, _ = h.Write(mark)
		_, _ = zero.Write(mark)
		if got := binary.LittleEndian.Uint64(again.Append(nil)); got != h.Sum64() {
			t.Errorf("%d records: digest %x, want %x", n, got, h.Sum64())
		}
		if got := binary.LittleEndian.Uint64(fresh.Append(nil)); got != zero.Sum64() {
			t.Errorf("%d records, never reset: digest %x, want %x", n, got, zero.Sum64())
		}
	}
}

func BenchmarkBuild(b *testing.B) {
	owner, content := []byte("\x09王秀英\x04\x06340123"), bytes.Repeat([]byte{7}, 48)
	var x profile.Builder
	var entry []byte
	b.ReportAllocs()
	for b.Loop() {
		x.Reset()
		for i := range int64(4) {
			x.Add(household.Bank, profile.Origin{File: 1, Row: 1_000_000 + i}, owner, content)
		}
		entry = x.Append(entry[:0])
	}
}

// Merging is adding the same records again, whatever the width of the numbers.
func TestMergeIsAdding(t *testing.T) {
	type row struct {
		source  household.Source
		origin  profile.Origin
		owner   []byte
		content []byte
	}
	r := rand.New(rand.NewPCG(3, 4))
	wide := func() int { return r.IntN(1 << r.IntN(20)) }
	for range 300 {
		var entries [][]byte
		var rows [][]row
		for range 1 + r.IntN(3) {
			var b profile.Builder
			b.Reset()
			var list []row
			for range r.IntN(200) {
				x := row{source: household.Tax, origin: profile.Origin{Snapshot: wide(), File: wide(), Row: int64(wide()), Form: match.Form(r.IntN(3))}}
				if r.IntN(5) > 0 {
					x.owner = profile.AppendOwner(nil, profile.Owner{Name: fmt.Sprint("王", r.IntN(1<<r.IntN(10)))})
				}
				x.content = make([]byte, 1+wide()%1000)
				x.content[0] = byte(r.IntN(4)) // which the filter looks at
				list = append(list, x)
				b.Add(x.source, x.origin, x.owner, x.content)
			}
			entries, rows = append(entries, b.Append(nil)), append(rows, list)
		}
		var added, merged profile.Builder
		added.Reset()
		merged.Reset()
		for i, entry := range entries {
			ordinal := wide()
			keep := func(_ household.Source, content []byte) (bool, error) { return content[0] > 0, nil }
			if i == 0 {
				keep = nil
			}
			for _, x := range rows[i] {
				if ok := keep == nil || x.content[0] > 0; ok {
					x.origin.Snapshot = ordinal
					added.Add(x.source, x.origin, x.owner, x.content)
				}
			}
			if err := merged.Merge(entry, ordinal, keep); err != nil {
				t.Fatal(err)
			}
		}
		if merged.Records() != added.Records() || string(merged.Append(nil)) != string(added.Append(nil)) {
			t.Fatal("a merge differs from adding the same records")
		}
	}
}
