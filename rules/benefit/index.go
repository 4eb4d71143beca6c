package benefit

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/hedui/hedui/engine/household"
)

// Series is a published year-on-year rate of prices.
type Series uint8

// The series. SCPI is the price index of what low-income households live on.
const (
	CPI Series = iota + 1
	Food
	Grain
	SCPI

	numSeries = 5
)

// SeriesCodes are the names of the series.
var SeriesCodes = household.CodeList{
	{}, {Name: "cpi", Zh: "居民消费价格"}, {Name: "food", Zh: "食品价格"}, {Name: "grain", Zh: "粮食价格"}, {Name: "scpi", Zh: "低收入居民基本生活费用价格"},
}

func (s Series) String() string { return SeriesCodes.At(uint8(s)).Name }

// Rate is a year-on-year rate in permille: 28 is 2.8 %.
type Rate int

// Percent is the rate in percent with one decimal.
func (r Rate) Percent() string {
	sign := ""
	if r < 0 {
		sign, r = "-", -r
	}
	return fmt.Sprintf("%s%d.%d", sign, int(r)/10, int(r)%10)
}

// mostRate is the most that a rate can be, in permille. 102.8 in a file is an index
// on the year before, not a rate, and would always be over every trigger.
const mostRate = 500

// Index holds the published rates of a place by month.
type Index struct {
	months map[household.Month]*[numSeries]rate
}

type rate struct {
	value Rate
	known bool
}

// Rate is the rate of a series in a month; false when it is not in the file.
func (x *Index) Rate(s Series, m household.Month) (Rate, bool) {
	row := x.months[m]
	if row == nil || int(s) >= numSeries {
		return 0, false
	}
	return row[s].value, row[s].known
}

// Months are the months of the file, ascending.
func (x *Index) Months() []household.Month {
	out := make([]household.Month, 0, len(x.months))
	for m := range x.months {
		out = append(out, m)
	}
	slices.Sort(out)
	return out
}

// IndexError is one fault of an index file.
type IndexError struct {
	Line, Column int // from 1; the column counts bytes
	Problem      string
	Expected     string
}

func (e *IndexError) Error() string {
	return fmt.Sprintf("%d:%d: %s, want %s", e.Line, e.Column, e.Problem, e.Expected)
}

// IndexErrors are all faults of an index file, in its order.
type IndexErrors []*IndexError

func (e IndexErrors) Error() string {
	parts := make([]string, len(e))
	for i, x := range e {
		parts[i] = x.Error()
	}
	return strings.Join(parts, "\n")
}

// ParseIndex reads a CSV file in UTF-8: a column month (月份) and one for each series
// (cpi food grain scpi, or the Chinese name), with year-on-year rates in percent with
// at most one decimal, as in 2.8 or -0.3. An empty cell is a rate that is not known.
// A file with a fault is IndexErrors, which names all of them.
func ParseIndex(content []byte) (*Index, error) {
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(content, []byte("\ufeff"))))
	r.FieldsPerRecord = -1
	p := indexParser{r: r, x: &Index{months: map[household.Month]*[numSeries]rate{}}}
	if row := p.row(); row == nil {
		if p.errs == nil {
			p.fail(1, 1, "an empty file", "month,cpi,food,scpi")
		}
	} else if p.header(row); p.errs == nil {
		for row := p.row(); row != nil; row = p.row() {
			p.rates(row)
		}
	}
	if p.errs != nil {
		return nil, p.errs
	}
	return p.x, nil
}

type indexParser struct {
	r       *csv.Reader
	x       *Index
	columns []Series // 0 for the month
	errs    IndexErrors
}

func (p *indexParser) fail(line, column int, problem, expected string) {
	p.errs = append(p.errs, &IndexError{line, column, problem, expected})
}

func (p *indexParser) failAt(cell int, problem, expected string) {
	line, column := p.r.FieldPos(cell)
	p.fail(line, column, problem, expected)
}

// row is the next row, nil at the end and after a fault of the form.
func (p *indexParser) row() []string {
	row, err := p.r.Read()
	if errors.Is(err, io.EOF) {
		return nil
	}
	if e, ok := errors.AsType[*csv.ParseError](err); ok {
		p.fail(e.Line, e.Column, e.Err.Error(), "cells between commas")
		return nil
	}
	for i := range row {
		row[i] = strings.TrimSpace(row[i])
	}
	return row
}

func (p *indexParser) header(row []string) {
	const expected = "month, cpi, food, grain or scpi, each once"
	seen := map[Series]bool{}
	for i, name := range row {
		s, ok := SeriesCodes.Find(strings.ToLower(name))
		if strings.EqualFold(name, "month") || name == "月份" {
			s, ok = 0, true
		}
		switch {
		case !ok:
			p.failAt(i, fmt.Sprintf("unknown column %q", name), expected)
		case seen[Series(s)]:
			p.failAt(i, fmt.Sprintf("a second column %q", name), expected)
		}
		seen[Series(s)] = true
		p.columns = append(p.columns, Series(s))
	}
	if !seen[0] {
		p.failAt(0, "no column month", expected)
	}
}

func (p *indexParser) rates(row []string) {
	if len(row) != len(p.columns) {
		p.failAt(0, fmt.Sprintf("%d cells", len(row)), fmt.Sprintf("%d as in the first line", len(p.columns)))
		return
	}
	var month household.Month
	var rates [numSeries]rate
	for i, cell := range row {
		s := p.columns[i]
		switch {
		case s == 0:
			m, ok := household.ParseMonth([]byte(cell))
			switch {
			case !ok:
				p.failAt(i, fmt.Sprintf("%q is not a month", cell), "a month like 2022-09")
			case p.x.months[m] != nil:
				p.failAt(i, "month "+m.String()+" a second time", "one row for a month")
			}
			month = m
		case cell != "":
			r, ok := parseRate(cell)
			if !ok {
				p.failAt(i, fmt.Sprintf("%q is not a rate", cell), "percent on the year before with at most one decimal, like 2.8 or -0.3")
			} else if r > mostRate || r < -mostRate {
				p.failAt(i, fmt.Sprintf("%q is not a rate of prices", cell), "2.8 for prices 2.8 % above the year before, not 102.8")
			}
			rates[s] = rate{r, ok}
		}
	}
	p.x.months[month] = &rates
}

// parseRate reads percent with at most one decimal; no float is involved.
func parseRate(cell string) (Rate, bool) {
	digits, negative := strings.CutPrefix(cell, "-")
	whole, decimal, dotted := strings.Cut(digits, ".")
	if !dotted {
		decimal = "0"
	}
	if len(whole) < 1 || len(whole) > 4 || len(decimal) != 1 {
		return 0, false
	}
	n := 0
	for _, c := range whole + decimal {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	if negative {
		n = -n
	}
	return Rate(n), true
}
