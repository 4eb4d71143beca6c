package oracle

import (
	"slices"
	"strconv"
)

// Limits of the reference pack, in fen.
const (
	undeclaredIncomeOver    int64 = 1_200_00
	undeclaredFinancialOver int64 = 2_000_00
	financialMonths         int64 = 24
)

// lineOfTax is the line a tax income type belongs to; one-off types have none.
var lineOfTax = map[string]string{
	"wage": "wage", "labour": "wage", "business": "business",
	"interest": "property", "dividend": "property", "rental": "property", "royalty": "property",
}

var transferSchemes = []string{"employee_pension", "unemployment", "injury"}

// net is what a tax record counts: income − own_insurance − tax, not below 0.
func (r *record) net() int64 { return max(0, r.fen("income")-r.fen("own_insurance")-r.fen("tax")) }

// fen is an amount column.
func (r *record) fen(column string) int64 {
	fen, _ := strconv.ParseInt(r.get(column), 10, 64) // written by column.read
	return fen
}

// inWindow says whether the record names a month of the window.
func (c *check) inWindow(r *record) bool {
	value := r.get(r.snap.schema.month)
	if _, bare := bareYear(value); bare {
		return false
	}
	m, _ := parseMonth(value)
	return c.window.holds(m)
}

// periods reports amounts without an established month, and one-off receipts.
func (c *check) periods() {
	for _, number := range c.counted {
		var unplaced, oneOff []held
		for _, h := range of(c.records["tax"], number) {
			if h.net() == 0 {
				continue
			}
			year, bare := bareYear(h.get("period"))
			touches := bare && c.window.touches(year)
			switch line := lineOfTax[h.get("income_type")]; {
			case line == "" && (touches || c.inWindow(h.record)):
				oneOff = append(oneOff, h)
			case line != "" && touches && !c.window.isYear(year):
				unplaced = append(unplaced, h)
			}
		}
		c.review("period_not_established", number, unplaced)
		c.review("one_off_receipt", number, oneOff)
	}
}

// received is one record's part of an income line.
type received struct {
	held
	line string
	fen  int64
}

// receipts are the records that make up a member's income lines.
func (c *check) receipts(number int) []received {
	var all []received
	for _, h := range of(c.records["tax"], number) {
		year, bare := bareYear(h.get("period"))
		line := lineOfTax[h.get("income_type")]
		if line != "" && (c.inWindow(h.record) || bare && c.window.isYear(year)) {
			all = append(all, received{h, line, h.net()})
		}
	}
	for _, h := range of(c.records["insurance"], number) {
		if h.get("role") == "receiving" && slices.Contains(transferSchemes, h.get("scheme")) && c.inWindow(h.record) {
			all = append(all, received{h, "transfer", h.fen("benefit")})
		}
	}
	return all
}

// income works out the lines and the three income findings.
func (c *check) income() {
	var (
		totalA, total     int64  // counted, with A only and with A and B
		strong, all       []held // records that raise a line above its declaration
		restStrong, rest  []held // records that were summed but raise nothing
		people            = int64(len(c.counted))
		limit             = c.request.standard() * 12 * people
		lines             []Line
		undeclaredFinding []Finding
	)
	for _, number := range c.counted {
		receipts := c.receipts(number)
		for _, line := range lineTypes {
			var declared, foundA, found int64
			for _, d := range c.request.Members[number-1].Declared {
				if d.Type == line {
					declared += d.MonthlyFen * 12
				}
			}
			var paid, zero []held
			for _, r := range receipts {
				if r.line != line {
					continue
				}
				found += r.fen
				if r.grade == 'A' {
					foundA += r.fen
				}
				if r.fen > 0 {
					paid = append(paid, r.held)
				} else {
					zero = append(zero, r.held)
				}
			}
			totalA += max(declared, foundA)
			total += max(declared, found)
			if declared > 0 || found > 0 {
				lines = append(lines, Line{number, line, declared, found, max(declared, found)})
			}
			if foundA > declared {
				strong = append(strong, ofGrade(paid, 'A')...)
			} else {
				restStrong = append(restStrong, ofGrade(paid, 'A')...)
			}
			if found > declared {
				all = append(all, paid...)
			} else {
				rest = append(rest, paid...)
			}
			restStrong, rest = append(restStrong, ofGrade(zero, 'A')...), append(rest, zero...)

			if found-declared > undeclaredIncomeOver {
				f := Finding{
					Code: "undeclared_income", Effect: needsReview, Member: number, Type: line,
					AmountFen: new(found - declared), LimitFen: new(undeclaredIncomeOver), optional: refs(zero),
				}
				undeclaredFinding = append(undeclaredFinding, f.on(paid, foundA-declared > undeclaredIncomeOver))
			}
		}
	}
	switch {
	case totalA >= limit:
		c.add(overLimit("income_over_limit", totalA, total, limit, strong, restStrong))
	case total >= limit:
		c.add(Finding{
			Code: "income_may_exceed_limit", Effect: needsReview, Grade: "B",
			AmountFen: new(total), LimitFen: new(limit), Evidence: refs(all), optional: refs(rest),
		})
	}
	for _, f := range undeclaredFinding {
		c.add(f)
	}
	c.answer.Income = Income{
		From: c.window.from.String(), To: c.window.to.String(), Members: len(c.counted),
		Lines: lines, TotalFen: total, LimitFen: limit,
	}
}

// overLimit is a suspected finding about a sum. Its amount is the sum of grade
// A; the sum of the verdict, with B, is another reading.
func overLimit(code string, sumA, sum, limit int64, strong, optional []held) Finding {
	f := Finding{
		Code: code, Effect: suspected, Grade: "A",
		AmountFen: new(sumA), LimitFen: new(limit), Evidence: refs(strong), optional: refs(optional),
	}
	if sum != sumA {
		other := f
		other.AmountFen = new(sum)
		f.alternatives = append(f.alternatives, other)
	}
	return f
}

// employment reports contributions as an employee in months without a wage.
func (c *check) employment() {
	switch c.coverage["tax"].State {
	case "missing", "partial", "not_authorized":
		return
	}
	for _, number := range c.counted {
		waged := map[string]bool{}
		for _, h := range of(c.records["tax"], number) {
			if h.get("income_type") == "wage" {
				waged[h.get("period")] = true // a bare year is no month and explains none
			}
		}
		unexplained := filter(of(c.records["insurance"], number), func(h held) bool {
			return h.get("scheme") == "employee_pension" && h.get("role") == "contributing" &&
				h.get("identity") == "employee" && c.inWindow(h.record) && !waged[h.get("month")]
		})
		if distinctMonths(unexplained) >= 3 {
			f := Finding{Code: "unexplained_employment", Effect: needsReview, Member: number}
			c.add(f.on(unexplained, distinctMonths(ofGrade(unexplained, 'A')) >= 3))
		}
	}
}

func distinctMonths(records []held) int {
	seen := map[string]bool{}
	for _, h := range records {
		seen[h.get("month")] = true
	}
	return len(seen)
}
