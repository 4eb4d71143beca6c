package profile

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/engine/household"
)

// What a decoded record would be written as is what was written.
func TestContentIsThatOfTheEntry(t *testing.T) {
	r := household.Record{
		Tax:       household.TaxRecord{RecordNo: []byte("T20261100017"), Period: household.MonthPeriod(24320), IncomeType: 1, Income: 400000, OwnInsurance: 100, Tax: 50},
		Vehicle:   household.VehicleRecord{VIN: []byte("lsvau2a37n2183294"), Plate: []byte("皖a·12345"), Class: 1, Status: 2, Use: 1, RegisteredOn: 20200101, InspectionDue: 20270101, Value: 9},
		Property:  household.PropertyRecord{UnitCode: []byte("340104 001"), CertificateNo: []byte("皖（2020）"), Kind: 1, Status: 1, Share: household.Share{Num: 1, Den: 3}, Area: 9000, RegisteredOn: 20200101, Value: 7},
		Bank:      household.BankRecord{Institution: []byte("农业银行"), AccountNo: []byte("6228 4800"), Kind: 1, Balance: 5, BalanceOn: 20261031, AverageBalance: 4, Share: household.Share{Num: 1, Den: 2}, Purpose: 1},
		Insurance: household.InsuranceRecord{RecordNo: []byte("9"), Month: 24320, Scheme: 1, Role: 1, Identity: 1, Base: 3, Benefit: 2},
	}
	seen := map[uint64]bool{}
	for s := household.Tax; s < household.NumChecked; s++ {
		content := AppendContent(nil, s, &r)
		var b Builder
		b.Reset()
		b.Add(s, Origin{Snapshot: 3, File: 2, Row: 7, Owner: -1}, nil, content)
		var p Profile
		if err := Decode(b.Append(nil), &p); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(content, p.appendContent(nil, s, 0)); diff != "" {
			t.Errorf("%s: %s", s, diff)
		}
		if d := p.ContentDigest(s, 0); d == 0 || seen[d] {
			t.Errorf("%s: digest %x", s, d)
		} else {
			seen[d] = true
		}
		if p.Find(s, 3, 2, 7) != 0 || p.Find(s, 3, 2, 8) != -1 || p.Len(s) != 1 {
			t.Errorf("%s: not found where it is, or found where it is not", s)
		}
	}
}
