package profile

import (
	"encoding/binary"
	"unicode/utf8"

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
		b = appendMasked(b, t.RecordNo)
	case household.Vehicle:
		v := &r.Vehicle
		b = appendNormal(b, v.VIN, match.NormalAccount)
		b = appendNormal(b, v.Plate, match.NormalPlate)
		b = append(b, v.Class, v.Status, v.Use)
		b = binary.AppendUvarint(b, uint64(v.RegisteredOn))
		b = binary.AppendUvarint(b, uint64(v.InspectionDue))
		b = appendFen(b, v.Value)
	case household.Property:
		p := &r.Property
		b = appendNormal(b, p.UnitCode, match.NormalUnit)
		b = appendNormal(b, p.CertificateNo, match.NormalUnit)
		b = append(b, p.Kind, p.Status)
		b = appendShare(b, p.Share)
		b = binary.AppendUvarint(b, uint64(p.Area))
		b = binary.AppendUvarint(b, uint64(p.RegisteredOn))
		b = appendFen(b, p.Value)
	case household.Bank:
		k := &r.Bank
		b = appendNormal(b, k.Institution, match.NormalAccount)
		b = appendNormal(b, k.AccountNo, match.NormalAccount)
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
		b = appendMasked(b, i.RecordNo)
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

// appendNormal appends a text after a normalisation that leaves normal texts alone.
func appendNormal(b, text []byte, normal func([]byte) string) []byte {
	if match.IsNormal(text) {
		return append(binary.AppendUvarint(b, uint64(len(text))), text...)
	}
	return appendString(b, normal(text))
}

// appendMasked appends household.MaskRecord of a record's number. Of a long number
// of ASCII that is its first and its last two characters.
func appendMasked(b, record []byte) []byte {
	n := len(record)
	if n <= 9 || !isASCII(record) {
		return appendString(b, household.MaskRecord(string(record)))
	}
	return append(b, 6, record[0], '*', '*', '*', record[n-2], record[n-1])
}

func isASCII(s []byte) bool {
	for _, c := range s {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
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
