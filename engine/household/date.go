package household

import "strconv"

// Date is a civil date, kept as the number yyyymmdd so that dates order like
// numbers. 0 means "not given".
type Date int32

// Month is a civil month, kept as 12×year + month−1. 0 means "not given".
type Month int32

// Period is the period a tax record speaks of: a month, or a bare year when the
// department gives no month. 0 means "not given".
type Period int32

// NewDate returns the date, or 0 and false when there is no such day. Years run
// from 1 to 9999.
func NewDate(year, month, day int) (Date, bool) {
	if year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month) {
		return 0, false
	}
	return Date(year*10000 + month*100 + day), true
}

// NewMonth returns the month of a year, or 0 and false when there is none.
func NewMonth(year, month int) (Month, bool) {
	if year < 1 || year > 9999 || month < 1 || month > 12 {
		return 0, false
	}
	return Month(year*12 + month - 1), true
}

// MonthPeriod is the period of one month.
func MonthPeriod(m Month) Period { return Period(m) }

// YearPeriod is the period of a bare year.
func YearPeriod(year int) Period { return Period(-year) }

// ParseDate reads 2006-01-02, 20060102 or 2006/1/2.
func ParseDate(s []byte) (Date, bool) {
	s = trimASCII(s)
	if len(s) == 8 {
		if y, ok := digits(s[:4]); ok {
			m, ok1 := digits(s[4:6])
			d, ok2 := digits(s[6:8])
			if ok1 && ok2 {
				return NewDate(y, m, d)
			}
		}
	}
	if len(s) < 8 || len(s) > 10 || s[4] != '-' && s[4] != '/' {
		return 0, false
	}
	sep := s[4]
	y, ok := digits(s[:4])
	if !ok {
		return 0, false
	}
	rest := s[5:]
	for i, c := range rest {
		if c != sep {
			continue
		}
		// With dashes month and day have two digits; with slashes one or two.
		if sep == '-' && (i != 2 || len(rest) != 5) || i > 2 || len(rest)-i-1 > 2 {
			return 0, false
		}
		m, ok1 := digits(rest[:i])
		d, ok2 := digits(rest[i+1:])
		if !ok1 || !ok2 {
			return 0, false
		}
		return NewDate(y, m, d)
	}
	return 0, false
}

// ParseMonth reads 2006-01 or 200601.
func ParseMonth(s []byte) (Month, bool) {
	s = trimASCII(s)
	var year, month []byte
	switch {
	case len(s) == 6:
		year, month = s[:4], s[4:]
	case len(s) == 7 && s[4] == '-':
		year, month = s[:4], s[5:]
	default:
		return 0, false
	}
	y, ok1 := digits(year)
	m, ok2 := digits(month)
	if !ok1 || !ok2 {
		return 0, false
	}
	return NewMonth(y, m)
}

// ParsePeriod reads a month, or a bare year of four digits.
func ParsePeriod(s []byte) (Period, bool) {
	s = trimASCII(s)
	if len(s) == 4 {
		y, ok := digits(s)
		if !ok || y < 1 {
			return 0, false
		}
		return YearPeriod(y), true
	}
	m, ok := ParseMonth(s)
	return MonthPeriod(m), ok
}

func trimASCII(s []byte) []byte {
	for len(s) > 0 && isSpace(s[0]) {
		s = s[1:]
	}
	for len(s) > 0 && isSpace(s[len(s)-1]) {
		s = s[:len(s)-1]
	}
	return s
}

func digits(s []byte) (int, bool) {
	if len(s) == 0 {
		return 0, false
	}
	n := 0
	for _, c := range s {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, true
}

func daysIn(year, month int) int {
	switch month {
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// Year is the year of the date.
func (d Date) Year() int { return int(d) / 10000 }

// MonthOf is the civil month the date lies in.
func (d Date) MonthOf() Month { return Month(d.Year()*12 + int(d)/100%100 - 1) }

// Day is the day of the month, from 1.
func (d Date) Day() int { return int(d) % 100 }

// Days counts the days from 0000-03-01 of the proleptic Gregorian calendar; the
// difference of two counts is the number of days between two dates.
func (d Date) Days() int {
	y, m := d.Year(), int(d)/100%100
	if m <= 2 {
		y--
		m += 12
	}
	return 365*y + y/4 - y/100 + y/400 + (153*(m-3)+2)/5 + d.Day() - 1
}

// Age is the number of birthdays reached on the date on. Somebody born on
// 29 February reaches a birthday on 1 March of a common year.
func (d Date) Age(on Date) int {
	age := on.Year() - d.Year()
	if int(on)%10000 < int(d)%10000 {
		age--
	}
	return age
}

// AppendText appends the date as 2006-01-02; a date not given appends nothing.
func (d Date) AppendText(b []byte) ([]byte, error) {
	if d == 0 {
		return b, nil
	}
	b = appendPadded(b, d.Year(), 4)
	b = append(b, '-')
	b = appendPadded(b, int(d)/100%100, 2)
	b = append(b, '-')
	return appendPadded(b, d.Day(), 2), nil
}

func (d Date) String() string { b, _ := d.AppendText(nil); return string(b) }

// Year is the year of the month.
func (m Month) Year() int { return int(m) / 12 }

// AppendText appends the month as 2006-01; a month not given appends nothing.
func (m Month) AppendText(b []byte) ([]byte, error) {
	if m == 0 {
		return b, nil
	}
	b = appendPadded(b, m.Year(), 4)
	b = append(b, '-')
	return appendPadded(b, int(m)%12+1, 2), nil
}

func (m Month) String() string { b, _ := m.AppendText(nil); return string(b) }

// BareYear returns the year of a period that has no month.
func (p Period) BareYear() (year int, ok bool) {
	if p < 0 {
		return int(-p), true
	}
	return 0, false
}

// Month returns the month of a period that has one.
func (p Period) Month() (m Month, ok bool) { return Month(p), p > 0 }

// AppendText appends the period as 2006-01 or 2006; a period not given appends
// nothing.
func (p Period) AppendText(b []byte) ([]byte, error) {
	if y, ok := p.BareYear(); ok {
		return appendPadded(b, y, 4), nil
	}
	return Month(p).AppendText(b)
}

func (p Period) String() string { b, _ := p.AppendText(nil); return string(b) }

func appendPadded(b []byte, n, width int) []byte {
	switch { // nearly always
	case width == 2 && uint(n) < 100:
		return append(b, byte('0'+n/10), byte('0'+n%10))
	case width == 4 && uint(n) < 10000:
		return append(b, byte('0'+n/1000), byte('0'+n/100%10), byte('0'+n/10%10), byte('0'+n%10))
	}
	limit := 1
	for range width - 1 {
		limit *= 10
	}
	for ; limit > max(n, 1); limit /= 10 {
		b = append(b, '0')
	}
	return strconv.AppendInt(b, int64(n), 10)
}

// Span is a range of dates, both included. From 0 is before all dates; To is 0 when no
// end is known.
type Span struct{ From, To Date }

// Covers reports whether the date lies in the span.
func (s Span) Covers(on Date) bool { return s.From <= on && (s.To == 0 || on <= s.To) }

// Overlaps reports whether two spans have a day in common.
func (s Span) Overlaps(o Span) bool {
	return (s.To == 0 || o.From <= s.To) && (o.To == 0 || s.From <= o.To)
}

// Months is an inclusive range of months.
type Months struct{ From, To Month }

// ParseMonths reads 2025-01..2026-10.
func ParseMonths(s string) (Months, bool) {
	for i := 0; i+1 < len(s); i++ {
		if s[i] == '.' && s[i+1] == '.' {
			from, ok1 := ParseMonth([]byte(s[:i]))
			to, ok2 := ParseMonth([]byte(s[i+2:]))
			return Months{from, to}, ok1 && ok2 && from <= to
		}
	}
	return Months{}, false
}

// Contains reports whether the month lies in the range.
func (r Months) Contains(m Month) bool { return m >= r.From && m <= r.To && r.From != 0 }

// Len is the number of months in the range.
func (r Months) Len() int {
	if r.From == 0 {
		return 0
	}
	return int(r.To-r.From) + 1
}

func (r Months) String() string {
	if r.From == 0 {
		return ""
	}
	return r.From.String() + ".." + r.To.String()
}

// CalendarYear reports whether the range is exactly one calendar year.
func (r Months) CalendarYear() (year int, ok bool) {
	if r.From%12 == 0 && r.To == r.From+11 && r.From != 0 {
		return r.From.Year(), true
	}
	return 0, false
}

// TouchesYear reports whether some month of the year lies in the range.
func (r Months) TouchesYear(year int) bool {
	return r.From != 0 && r.From.Year() <= year && year <= r.To.Year()
}
