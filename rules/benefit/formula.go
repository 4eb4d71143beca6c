package benefit

import (
	"strconv"

	"github.com/hedui/hedui/engine/household"
)

// Formula is the arithmetic of an amount, in whole numbers.
type Formula []Term

// Term is a part of a formula: an amount, or text.
type Term struct {
	Fen  household.Fen
	Text string // "" for an amount
}

// formula makes a formula of amounts, counts and signs.
func formula(parts ...any) Formula {
	out := make(Formula, len(parts))
	for i, p := range parts {
		switch p := p.(type) {
		case household.Fen:
			out[i].Fen = p
		case int:
			out[i].Text = strconv.Itoa(p)
		case string:
			out[i].Text = p
		}
	}
	return out
}

// String is the formula with amounts in fen.
func (f Formula) String() string {
	return f.text(func(b []byte, n household.Fen) []byte { return strconv.AppendInt(b, int64(n), 10) })
}

// Yuan is the formula with amounts in yuan.
func (f Formula) Yuan() string {
	return f.text(func(b []byte, n household.Fen) []byte { return n.AppendYuan(b) })
}

func (f Formula) text(amount func([]byte, household.Fen) []byte) string {
	var b []byte
	for _, t := range f {
		if t.Text == "" {
			b = amount(b, t.Fen)
		} else {
			b = append(b, t.Text...)
		}
	}
	return string(b)
}

// product multiplies; false past int64.
func product(a int64, factors ...int64) (int64, bool) {
	ok := true
	for _, f := range factors {
		if ok {
			a, ok = household.MulDiv(a, f, 1, household.RoundDown)
		}
	}
	return a, ok
}

// quotient is amount × num ÷ den in multiples of the unit, divided once.
func (r Round) quotient(amount, num, den int64) (household.Fen, bool) {
	r = r.full()
	den, ok := product(den, int64(r.Unit))
	if !ok {
		return 0, false
	}
	units, ok := household.MulDiv(amount, num, den, r.Direction)
	if !ok {
		return 0, false
	}
	fen, ok := product(units, int64(r.Unit))
	return household.Fen(fen), ok
}

// full is the rounding with what is not said filled in.
func (r Round) full() Round {
	if r.Unit < 1 {
		r.Unit = 1
	}
	if r.Direction == 0 {
		r.Direction = household.RoundUp
	}
	return r
}
