package connectors

import (
	"bytes"

	"github.com/hedui/hedui/engine/household"
)

// typer makes a record of the fields of a row. It is used by one goroutine; what it
// was made from is shared and never changed.
type typer struct {
	dept   *Department
	covers household.Months
	bind   *binding

	row   row
	arena []byte // decoded text of the current row
	fold  []byte
}

// record types the row into rec, whose text is borrowed until the next row. It
// returns a *Fault for a row that must be quarantined.
func (t *typer) record(rec *household.Record, number int64) error {
	*rec = household.Record{Row: number, Line: t.row.line, IDType: household.ResidentID}
	t.arena = t.arena[:0]
	if f := t.fill(rec); f != nil {
		return f
	}
	return nil
}

// fill reads the fields of the row into rec and returns the first fault.
func (t *typer) fill(rec *household.Record) *Fault {
	var fault *Fault
	if t.row.broken {
		fault = &Fault{Row: rec.Row, Line: rec.Line, Code: ColumnCount}
	}
	fields, steps := t.row.fields, t.bind.steps
	for i := range steps {
		s := &steps[i]
		if fault != nil && s.col >= identityColumns {
			return fault
		}
		if uint(s.src) < uint(len(fields)) {
			if text := fields[s.src]; len(text) == 0 && s.mayBeEmpty || t.quick(s, text, rec) {
				continue
			}
		}
		code := t.apply(s, rec)
		if code != OK && s.col == documentType {
			rec.IDNumber = nil // a number of an unknown kind says nothing of whose row it is
		}
		if code != OK && fault == nil {
			fault = t.fault(rec, s.src, s.header, s.kind, code)
		}
	}
	if fault != nil {
		return fault
	}
	if t.row.special {
		for _, src := range t.bind.ignored {
			if _, state := t.text(t.row.fields[src]); state == textBroken {
				return t.fault(rec, src, shownHeader(t.bind.headers[src]), KindText, BadEncoding)
			}
		}
	}
	if t.dept.Check != nil {
		if col, code := t.dept.Check(rec); code != OK {
			for i := range t.bind.steps {
				if s := &t.bind.steps[i]; s.col == col {
					return t.fault(rec, s.src, s.header, s.kind, code)
				}
			}
			return t.fault(rec, -1, t.dept.Columns[col].Name, KindText, code)
		}
	}
	return nil
}

func (t *typer) fault(rec *household.Record, src int, header string, kind Kind, code Code) *Fault {
	f := &Fault{Row: rec.Row, Line: rec.Line, Column: header, Code: code}
	if src >= 0 && src < len(t.row.fields) {
		text, state := t.text(t.row.fields[src])
		if state == textBroken {
			text = bytes.Repeat([]byte{0}, min(maxStars+1, len(t.row.fields[src])))
		}
		f.Excerpt = excerpt(trim(text), kind)
	}
	return f
}

// text is a field as UTF-8, untrimmed.
func (t *typer) text(raw []byte) ([]byte, textState) {
	if isPrintable(raw) {
		return raw, textClean
	}
	text, arena, state := appendText(t.row.enc, t.arena, raw)
	t.arena = arena
	return text, state
}

// isPrintable reports whether the bytes are all printable ASCII, which is text in
// every encoding.
func isPrintable(b []byte) bool {
	for _, c := range b {
		if c >= 0x7f || c < ' ' {
			return false
		}
	}
	return true
}

// apply reads the field of one column into rec.
func (t *typer) apply(s *step, rec *household.Record) Code {
	var text []byte
	folded := true
	if uint(s.src) < uint(len(t.row.fields)) {
		text = t.row.fields[s.src]
		if !t.row.special || isPrintable(text) {
			text = trimSpaces(text)
		} else {
			var state textState
			text, t.arena, state = appendText(t.row.enc, t.arena, text)
			if state == textBroken || state == textControl {
				return BadEncoding
			}
			text = trim(text)
			if state == textBreaks && s.kind != KindNote && bytes.ContainsAny(text, "\t\r\n") {
				return BadEncoding
			}
			folded = isASCII(text)
		}
	}
	if s.nulls != nil && s.nulls[string(text)] {
		text = nil
	}
	if len(text) == 0 {
		if s.either != nil && t.allEmpty(s.either, s.nulls) {
			return MissingField
		}
		if s.fallback == nil {
			if s.required && s.src >= 0 {
				return MissingField
			}
			return OK
		}
		text, folded = s.fallback, false
	}
	var scratch []byte
	if !folded {
		scratch = t.foldBuffer()
	}
	v, code := s.parse(text, t.covers, scratch)
	if code == OK {
		s.set(rec, v)
	}
	return code
}

// quick is apply for a field in the form that nearly every row has. It reports false
// for all others, about which it says nothing.
func (t *typer) quick(s *step, text []byte, rec *household.Record) bool {
	if t.row.special && t.row.ascii>>uint(s.src)&1 == 0 {
		if t.row.enc != encGB18030 {
			if !isPlain(text) {
				return false
			}
		} else {
			from, ok := len(t.arena), false
			if t.arena, ok = appendPlainGB(t.arena, text); !ok {
				return false
			}
			text = t.arena[from:len(t.arena):len(t.arena)]
		}
	}
	if text = trimSpaces(text); len(text) == 0 || s.nulls != nil {
		return false
	}
	var v Value
	ok := false
	switch s.kind {
	case KindText, KindNote:
		v.Text, ok = text, s.kind == KindNote || s.person || !isRounded(text)
	case KindAmount:
		if s.unit == unitYuan {
			v.Num, ok = plainYuan(text)
		}
	case KindDate:
		var d household.Date
		d, ok = plainDate(text)
		v.Num = int64(d)
	case KindMonth, KindPeriod:
		var m household.Month
		m, ok = plainMonth(text)
		ok = ok && (t.covers.From == 0 || t.covers.Contains(m))
		v.Num = int64(m)
	case KindCode:
		var n uint8
		n, ok = s.exact.find(text)
		v.Num = int64(n)
	}
	if ok {
		s.set(rec, v)
	}
	return ok
}

// isPlain reports whether UTF-8 is nothing but printable ASCII and characters of
// U+4000–U+9FFF: text without controls, full-width forms or ideographic spaces.
func isPlain(s []byte) bool {
	for i := 0; i < len(s); {
		switch c := s[i]; {
		case c >= ' ' && c < 0x7f:
			i++
		case c-0xe4 <= 0xe9-0xe4 && i+2 < len(s) && s[i+1]&0xc0 == 0x80 && s[i+2]&0xc0 == 0x80:
			i += 3
		default:
			return false
		}
	}
	return true
}

// foldBuffer is scratch space for folding full-width characters.
func (t *typer) foldBuffer() []byte {
	if t.fold == nil {
		t.fold = make([]byte, 0, 256)
	}
	return t.fold
}

// parse reads a text that is not empty. scratch is given for text that may have
// full-width characters.
func (s *step) parse(text []byte, covers household.Months, scratch []byte) (v Value, code Code) {
	v.Text = text
	if s.kind >= KindDate && scratch != nil {
		text = trim(foldWidth(scratch, text))
	}
	switch s.kind {
	case KindNote:
	case KindText:
		if !s.person && isRounded(text) {
			return v, BadEncoding
		}
	case KindAmount:
		v.Num, code = parseAmount(text, s.unit)
	case KindDate:
		var d household.Date
		d, code = parseDate(text, s.forms)
		v.Num = int64(d)
	case KindMonth:
		m, ok := household.ParseMonth(text)
		if !ok {
			return v, BadPeriod
		}
		if covers.From != 0 && !covers.Contains(m) {
			return v, OutsideCoverage
		}
		v.Num = int64(m)
	case KindPeriod:
		p, ok := household.ParsePeriod(text)
		if !ok {
			return v, BadPeriod
		}
		if covers.From != 0 && !covered(covers, p) {
			return v, OutsideCoverage
		}
		v.Num = int64(p)
	case KindCode:
		n, ok := s.codes[string(v.Text)]
		if !ok {
			if n, ok = s.codes[headerKey(string(text))]; !ok && !s.lenient {
				return v, UnknownCode
			}
		}
		v.Num = int64(n)
	case KindShare:
		v.Share, code = parseShare(text)
	case KindArea:
		v.Num, code = parseArea(text)
	}
	return v, code
}

// isRounded reports whether a text is what a spreadsheet makes of a long number,
// like 6.222E+18: the digits of several accounts are the same then. (An identity
// number like that is left to its check, which it fails.)
func isRounded(s []byte) bool {
	n := len(s)
	if n < 5 || s[n-3] != '+' && s[n-4] != '+' {
		return false
	}
	mantissa, exponent, ok := bytes.Cut(s, []byte("E+"))
	if !ok || len(exponent) < 2 || len(mantissa) == 0 {
		return false
	}
	for _, c := range exponent {
		if c < '0' || c > '9' {
			return false
		}
	}
	dots := 0
	for _, c := range mantissa {
		if c == '.' {
			dots++
		} else if c < '0' || c > '9' {
			return false
		}
	}
	return dots <= 1 && mantissa[0] != '.'
}

// covered reports whether a month, or some month of a bare year, is covered.
func covered(r household.Months, p household.Period) bool {
	if m, ok := p.Month(); ok {
		return r.Contains(m)
	}
	year, _ := p.BareYear()
	return r.TouchesYear(year)
}

// allEmpty reports whether all of the fields are empty.
func (t *typer) allEmpty(fields []int, nulls map[string]bool) bool {
	for _, f := range fields {
		if f < len(t.row.fields) {
			text, state := t.text(t.row.fields[f])
			if text = trim(text); state == textBroken || len(text) > 0 && !nulls[string(text)] {
				return false
			}
		}
	}
	return true
}

// trimSpaces is trim for text that has only printable ASCII.
func trimSpaces(s []byte) []byte {
	for len(s) > 0 && s[0] == ' ' {
		s = s[1:]
	}
	for len(s) > 0 && s[len(s)-1] == ' ' {
		s = s[:len(s)-1]
	}
	return s
}
