package profile

import (
	"encoding/binary"
	"math/bits"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/match"
)

// The records of an entry are decoded for every member of every household. These readers
// take the bytes and a place in them and give back the place after what they read, all of
// it in registers. A place past the end says that something did not fit, and stays.

// damaged is the place after a fault.
const damaged = 1 << 62

// number reads a number.
func number(b []byte, i int) (uint64, int) {
	if i >= len(b) {
		return 0, damaged
	}
	if c := b[i]; c < 0x80 {
		return uint64(c), i + 1
	}
	if i+8 <= len(b) {
		w := binary.LittleEndian.Uint64(b[i:])
		if end := ^w & 0x8080808080808080; end != 0 {
			n := bits.TrailingZeros64(end)/8 + 1
			// Seven bits of each byte, then of two, of four.
			w &= 1<<(8*n) - 1
			w = w&0x007f007f007f007f | w&0x7f007f007f007f00>>1
			w = w&0x00003fff00003fff | w&0x3fff00003fff0000>>2
			return w&0x000000000fffffff | w&0x0fffffff00000000>>4, i + n
		}
	}
	v, n := binary.Uvarint(b[i:])
	if n <= 0 {
		return 0, damaged
	}
	return v, i + n
}

// amount reads an amount of money.
func amount(b []byte, i int) (household.Fen, int) {
	v, i := number(b, i)
	if v > uint64(household.MaxFen) {
		return 0, damaged
	}
	return household.Fen(v), i
}

// text reads a text, which is a view.
func text(b []byte, i int) (string, int) {
	n, i := number(b, i)
	if n == 0 {
		return "", i
	}
	if n > uint64(len(b)-i) { // i is a place in b: n would be 0
		return "", damaged
	}
	return view(b[i : i+int(n)]), i + int(n)
}

// share reads a share.
func share(b []byte, i int) (household.Share, int) {
	den, i := number(b, i)
	if den == 0 {
		return household.Whole, i
	}
	num, i := number(b, i)
	if den > 1<<32-1 || num >= den {
		return household.Share{}, damaged
	}
	return household.Share{Num: uint32(num), Den: uint32(den)}, i
}

// signed is a number that may be negative.
func signed(u uint64) int64 { return int64(u>>1) ^ -int64(u&1) }

// octet reads one byte.
func octet(b []byte, i int) (byte, int) {
	if i < len(b) {
		return b[i], i + 1
	}
	return 0, damaged
}

// Decode reads an entry into p, which is emptied first. The strings of p are
// views into entry. It returns ErrDamaged for bytes that are not an entry; p is
// then not to be used.
func Decode(entry []byte, p *Profile) error {
	p.Reset()
	f := &p.frame
	f.owners, f.marks = p.Owners, p.Marks
	err := f.open(entry)
	p.Owners, p.Marks = f.owners, f.marks
	if err != nil {
		return err
	}
	p.Digest = binary.LittleEndian.Uint64(entry)
	b, i := f.c.b, f.c.i
	for range f.left {
		var o Origin
		var tag byte
		var snapshot, file, row, owner, size uint64
		tag, i = octet(b, i)
		snapshot, i = number(b, i)
		file, i = number(b, i)
		row, i = number(b, i)
		owner, i = number(b, i)
		size, i = number(b, i)
		if i > len(b) || size > uint64(len(b)-i) || max(snapshot, file) > maxOrdinal || owner > uint64(len(p.Owners)) || int64(row) < 0 || match.Form(tag>>4) > match.FormOther {
			return ErrDamaged
		}
		o.Snapshot, o.File, o.Row, o.Owner, o.Form = int(snapshot), int(file), int64(row), int(owner)-1, match.Form(tag>>4)
		if !decodeContent(p, household.Source(tag&15), &o, b[i:i+int(size)]) {
			return ErrDamaged
		}
		i += int(size)
	}
	if i != len(b) {
		return ErrDamaged
	}
	return nil
}

// next is room for one more at the end of a list. What is there is not cleared.
func next[T any](s *[]T) *T {
	n := len(*s)
	if n < cap(*s) {
		*s = (*s)[:n+1]
	} else {
		var zero T
		*s = append(*s, zero)
	}
	return &(*s)[n]
}

// decodeContent appends the record to its list in p. It reports whether the content is
// one.
func decodeContent(p *Profile, s household.Source, o *Origin, b []byte) bool {
	i := 0
	var u uint64
	switch s {
	case household.Tax:
		t := next(&p.Tax)
		t.Origin = *o
		u, i = number(b, i)
		t.Period = household.Period(signed(u))
		t.IncomeType, i = octet(b, i)
		t.Income, i = amount(b, i)
		t.OwnInsurance, i = amount(b, i)
		t.Tax, i = amount(b, i)
		t.Record, i = text(b, i)
	case household.Vehicle:
		v := next(&p.Vehicle)
		v.Origin = *o
		v.VIN, i = text(b, i)
		v.Plate, i = text(b, i)
		v.Class, i = octet(b, i)
		v.Status, i = octet(b, i)
		v.Use, i = octet(b, i)
		u, i = number(b, i)
		v.RegisteredOn = household.Date(u)
		u, i = number(b, i)
		v.InspectionDue = household.Date(u)
		v.Value, i = amount(b, i)
	case household.Property:
		v := next(&p.Property)
		v.Origin = *o
		v.UnitCode, i = text(b, i)
		v.CertificateNo, i = text(b, i)
		v.Kind, i = octet(b, i)
		v.Status, i = octet(b, i)
		v.Share, i = share(b, i)
		u, i = number(b, i)
		v.Area = int64(u)
		u, i = number(b, i)
		v.RegisteredOn = household.Date(u)
		v.Value, i = amount(b, i)
	case household.Bank:
		v := next(&p.Bank)
		v.Origin = *o
		v.Institution, i = text(b, i)
		v.AccountNo, i = text(b, i)
		v.Kind, i = octet(b, i)
		v.Balance, i = amount(b, i)
		u, i = number(b, i)
		v.BalanceOn = household.Date(u)
		v.AverageBalance, i = amount(b, i)
		v.Share, i = share(b, i)
		v.Purpose, i = octet(b, i)
	case household.Insurance:
		v := next(&p.Insurance)
		v.Origin = *o
		u, i = number(b, i)
		v.Month = household.Month(signed(u))
		v.Scheme, i = octet(b, i)
		v.Role, i = octet(b, i)
		v.Identity, i = octet(b, i)
		v.Base, i = amount(b, i)
		v.Benefit, i = amount(b, i)
		v.Record, i = text(b, i)
	case household.Register:
		c := Cursor{b: b}
		p.Register = append(p.Register, c.registration(*o))
		return !c.bad && c.left() == 0
	default:
		return false
	}
	return i == len(b)
}
