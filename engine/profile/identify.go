package profile

import (
	"encoding/binary"

	"github.com/cespare/xxhash/v2"

	"github.com/hedui/hedui/engine/household"
)

// Find is the place of a record in the list of its source, by where it came from; −1
// when the person has no such record.
func (p *Profile) Find(s household.Source, snapshot, file int, row int64) int {
	for i := range p.Len(s) {
		if o := p.Origin(s, i); o.Snapshot == snapshot && o.File == file && o.Row == row {
			return i
		}
	}
	return -1
}

// Len is how many records of a source the person has.
func (p *Profile) Len(s household.Source) int {
	switch s {
	case household.Tax:
		return len(p.Tax)
	case household.Vehicle:
		return len(p.Vehicle)
	case household.Property:
		return len(p.Property)
	case household.Bank:
		return len(p.Bank)
	case household.Insurance:
		return len(p.Insurance)
	case household.Register:
		return len(p.Register)
	}
	return 0
}

// Origin says where the i-th record of a source came from.
func (p *Profile) Origin(s household.Source, i int) *Origin {
	switch s {
	case household.Tax:
		return &p.Tax[i].Origin
	case household.Vehicle:
		return &p.Vehicle[i].Origin
	case household.Property:
		return &p.Property[i].Origin
	case household.Bank:
		return &p.Bank[i].Origin
	case household.Insurance:
		return &p.Insurance[i].Origin
	case household.Register:
		return &p.Register[i].Origin
	}
	return nil
}

// ContentDigest is xxhash64 of the source and the content of a record of one of the
// checked sources: the same record in another snapshot, file or row has the same, a
// corrected one another. It finds a record again among those of one person and is no
// pseudonym. It is 0 for the register, whose rows are never evidence of means.
func (p *Profile) ContentDigest(s household.Source, i int) uint64 {
	content := p.appendContent(append(make([]byte, 0, 128), byte(s)), s, i)
	if len(content) == 1 {
		return 0
	}
	return xxhash.Sum64(content)
}

// appendContent appends the content of a record as AppendContent wrote it.
func (p *Profile) appendContent(b []byte, s household.Source, i int) []byte {
	switch s {
	case household.Tax:
		t := &p.Tax[i]
		b = binary.AppendVarint(b, int64(t.Period))
		b = append(b, t.IncomeType)
		b = appendFen(b, t.Income)
		b = appendFen(b, t.OwnInsurance)
		b = appendFen(b, t.Tax)
		b = appendString(b, t.Record)
	case household.Vehicle:
		v := &p.Vehicle[i]
		b = appendString(b, v.VIN)
		b = appendString(b, v.Plate)
		b = append(b, v.Class, v.Status, v.Use)
		b = binary.AppendUvarint(b, uint64(v.RegisteredOn))
		b = binary.AppendUvarint(b, uint64(v.InspectionDue))
		b = appendFen(b, v.Value)
	case household.Property:
		v := &p.Property[i]
		b = appendString(b, v.UnitCode)
		b = appendString(b, v.CertificateNo)
		b = append(b, v.Kind, v.Status)
		b = appendShare(b, v.Share)
		b = binary.AppendUvarint(b, uint64(v.Area))
		b = binary.AppendUvarint(b, uint64(v.RegisteredOn))
		b = appendFen(b, v.Value)
	case household.Bank:
		k := &p.Bank[i]
		b = appendString(b, k.Institution)
		b = appendString(b, k.AccountNo)
		b = append(b, k.Kind)
		b = appendFen(b, k.Balance)
		b = binary.AppendUvarint(b, uint64(k.BalanceOn))
		b = appendFen(b, k.AverageBalance)
		b = appendShare(b, k.Share)
		b = append(b, k.Purpose)
	case household.Insurance:
		x := &p.Insurance[i]
		b = binary.AppendVarint(b, int64(x.Month))
		b = append(b, x.Scheme, x.Role, x.Identity)
		b = appendFen(b, x.Base)
		b = appendFen(b, x.Benefit)
		b = appendString(b, x.Record)
	}
	return b
}
