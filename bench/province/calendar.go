package province

import (
	"fmt"
	"time"
)

// day is a civil day as the number yyyymmdd, 0 for none.
type day int32

// month counts civil months: 12×year + month−1.
type month int32

func monthOf(t time.Time) month { return month(t.Year()*12 + int(t.Month()) - 1) }

func dayOf(t time.Time) day {
	y, m, d := t.Date()
	return day(y*10000 + int(m)*100 + d)
}

func (d day) year() int { return int(d) / 10000 }

// age is the number of birthdays reached on the day on.
func (d day) age(on day) int {
	age := on.year() - d.year()
	if on%10000 < d%10000 {
		age--
	}
	return age
}

// last is the last day of the month.
func (m month) last() day { return dayOf(m.time().AddDate(0, 1, -1)) }

func (m month) time() time.Time {
	return time.Date(int(m)/12, time.Month(int(m)%12+1), 1, 0, 0, 0, 0, time.UTC)
}

func (m month) String() string { return string(appendMonth(nil, m)) }

func daysIn(year, month int) int {
	return time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

func appendDay(b []byte, d day) []byte {
	if d == 0 {
		return b
	}
	b = appendDigits(b, uint64(d/10000), 4)
	b = append(b, '-')
	b = appendDigits(b, uint64(d/100%100), 2)
	b = append(b, '-')
	return appendDigits(b, uint64(d%100), 2)
}

func appendMonth(b []byte, m month) []byte {
	b = appendDigits(b, uint64(m/12), 4)
	b = append(b, '-')
	return appendDigits(b, uint64(m%12+1), 2)
}

// appendDigits appends n with leading zeros, width digits wide.
func appendDigits(b []byte, n uint64, width int) []byte {
	for i := 0; i < width; i++ {
		b = append(b, '0')
	}
	for i := len(b) - 1; n > 0 && width > 0; i, width = i-1, width-1 {
		b[i] = byte('0' + n%10)
		n /= 10
	}
	return b
}

// appendYuan appends an amount in fen as yuan with two decimals.
func appendYuan(b []byte, fen int64) []byte {
	if fen < 0 {
		b = append(b, '-')
		fen = -fen
	}
	b = appendNumber(b, fen/100)
	return append(b, '.', byte('0'+fen/10%10), byte('0'+fen%10))
}

func appendNumber(b []byte, n int64) []byte {
	if n >= 10 {
		b = appendNumber(b, n/10)
	}
	return append(b, byte('0'+n%10))
}

// calendar holds the dates that follow from the date of the check.
type calendar struct {
	on          day
	from, to    month // the twelve months before the month of on
	first       month // the files hold flows from here to the month to
	asOf        day   // of the five files
	staleTo     month // the second provider holds flows up to here
	staleAsOf   day   // more than 180 days before on
	next, prior day   // the days around on
}

func newCalendar(on string) (calendar, error) {
	t, err := time.Parse("2006-01-02", on)
	if err != nil {
		return calendar{}, fmt.Errorf("date of the check %q: want 2006-01-02", on)
	}
	if t.Year() < 2010 || t.Year() > 2090 {
		return calendar{}, fmt.Errorf("date of the check %q: year outside 2010..2090", on)
	}
	to := monthOf(t) - 1
	from := to - 11
	return calendar{
		on: dayOf(t), from: from, to: to, first: (from - 6) / 12 * 12, asOf: to.last(),
		staleTo: to - 7, staleAsOf: (to - 7).last(),
		next: dayOf(t.AddDate(0, 0, 1)), prior: dayOf(t.AddDate(0, 0, -1)),
	}, nil
}
