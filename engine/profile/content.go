package profile

import (
	"encoding/binary"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/match"
)

// AppendContent appends the content of a record of a source: the columns every
// check reads, normalised, in the layout that docs/store-format.md describes.
func AppendContent(b []byte, s household.Source, r *household.Record) []byte {
	switch s {
	case household.Tax:
		t := &r.Tax
		b = binary.AppendVarint(b, int64(t.Period))
		b = append(b, t.IncomeType)
		b = appendFen(b, t.Income)
		b = appendFen(b, t.OwnInsurance)
		b = appendFen(b, t.Tax)
		b = appendString(b, household.MaskRecord(string(t.RecordNo)))
	case household.Vehicle:
		v := &r.Vehicle
		b = appendString(b, match.NormalAccount(v.VIN))
		b = appendString(b, match.NormalPlate(v.Plate))
		b = append(b, v.Class, v.Status, v.Use)
		b = binary.AppendUvarint(b, uint64(v.RegisteredOn))
		b = binary.AppendUvarint(b, uint64(v.InspectionDue))
		b = appendFen(b, v.Value)
	case household.Property:
		p := &r.Property
		b = appendString(b, match.NormalUnit(p.UnitCode))
		b = appendString(b, match.NormalUnit(p.CertificateNo))
		b = append(b, p.Kind, p.Status)
		b = appendShare(b, p.Share)
		b = binary.AppendUvarint(b, uint64(p.Area))
		b = binary.AppendUvarint(b, uint64(p.RegisteredOn))
		b = appendFen(b, p.Value)
	case household.Bank:
		k := &r.Bank
		b = appendString(b, match.NormalAccount(k.Institution))
		b = appendString(b, match.NormalAccount(k.AccountNo))
		b = append(b, k.Kind)
		b = appendFen(b, k.Balance)
		b = binary.AppendUvarint(b, uint64(k.BalanceOn))
		b = appendFen(b, k.AverageBalance)
		b = appendShare(b, k.Share)
		b = append(b, k.Purpose)
	case household.Insurance:
		i := &r.Insurance
		b = binary.AppendVarint(b, int64(i.Month))
		b = append(b, i.Scheme, i.Role, i.Identity)
		b = appendFen(b, i.Base)
		b = appendFen(b, i.Benefit)
		b = appendString(b, household.MaskRecord(string(i.RecordNo)))
	case household.Register:
		b = appendRegistration(b, &r.Register)
	}
	return b
}

// PeriodOf reads the period of a flow's content without decoding the rest; a
// month for insurance, a month or a bare year for tax.
func PeriodOf(content []byte) (household.Period, error) {
	v, n := binary.Varint(content)
	if n <= 0 {
		return 0, ErrDamaged
	}
	return household.Period(v), nil
}

func appendFen(b []byte, f household.Fen) []byte { return binary.AppendUvarint(b, uint64(f)) }

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// appendShare writes numerator and denominator; the whole, also when not given,
// is the single byte 0.
func appendShare(b []byte, s household.Share) []byte {
	if s.Den == 0 || s.Num == s.Den {
		return append(b, 0)
	}
	b = binary.AppendUvarint(b, uint64(s.Den))
	return binary.AppendUvarint(b, uint64(s.Num))
}
