package oracle

import (
	"cmp"
	"math/big"
	"slices"
)

// holding is a member's newest balance of one account.
type holding struct {
	held
	account string
	balance int64
	share   *big.Rat
}

// part is what the holding counts: balance × share, rounded down to the fen.
func (h holding) part() int64 { return sharePart(h.balance, h.share) }

// holdings are the newest balances per member and account that are not dated
// after the day of the check, those for a purpose included.
func (c *check) holdings() []holding {
	var all []holding
	for _, number := range c.counted {
		newest := map[string]holding{}
		for _, h := range of(c.records["bank"], number) {
			if h.get("balance_on") > c.today() {
				continue
			}
			share, _ := new(big.Rat).SetString(h.get("share"))
			one := holding{h, h.get("institution") + "\x00" + h.get("account_no"), h.fen("balance"), share}
			if other, ok := newest[one.account]; !ok || newerBalance(one, other) {
				newest[one.account] = one
			}
		}
		for _, h := range newest {
			all = append(all, h)
		}
	}
	return all
}

// newerBalance orders two balances of one account: the date decides; for the
// same date, from two providers, grade A, no purpose, the larger part, the row.
func newerBalance(a, b holding) bool {
	return cmp.Or(
		-cmp.Compare(a.get("balance_on"), b.get("balance_on")),
		cmp.Compare(a.grade, b.grade),
		cmp.Compare(a.get("purpose"), b.get("purpose")),
		-cmp.Compare(a.part(), b.part()),
		cmp.Compare(a.ref(), b.ref())) < 0
}

// sumOf adds the parts, account by account. Where the holders' shares of an
// account exceed 100 %, the account counts at most the largest of their balances.
func sumOf(holdings []holding) int64 {
	accounts := map[string][]holding{}
	for _, h := range holdings {
		accounts[h.account] = append(accounts[h.account], h)
	}
	var total int64
	for _, holders := range accounts {
		var sum, largest int64
		shares := new(big.Rat)
		for _, h := range holders {
			sum += h.part()
			largest = max(largest, h.balance)
			shares.Add(shares, h.share)
		}
		if shares.Cmp(big.NewRat(1, 1)) > 0 {
			sum = min(sum, largest)
		}
		total += sum
	}
	return total
}

// financial works out the sum of balances and its findings.
func (c *check) financial() {
	var all, strong []holding
	var paid, idle []held // evidence, and what may be listed beside it
	for _, h := range c.holdings() {
		if h.get("purpose") != "" {
			idle = append(idle, h.held)
			continue
		}
		all = append(all, h)
		if h.grade == 'A' {
			strong = append(strong, h)
		}
		if h.part() > 0 {
			paid = append(paid, h.held)
		} else {
			idle = append(idle, h.held)
		}
	}
	sum, sumA := sumOf(all), sumOf(strong)
	limit := financialMonths * c.request.standard() * int64(len(c.counted))
	switch {
	case sumA > limit:
		c.add(overLimit("financial_assets_over_limit", sumA, sum, limit, ofGrade(paid, 'A'), ofGrade(idle, 'A')))
	case sum > limit:
		c.add(Finding{
			Code: "financial_assets_may_exceed_limit", Effect: needsReview, Grade: "B",
			AmountFen: new(sum), LimitFen: new(limit), Evidence: refs(paid), optional: refs(idle),
		})
	}
	declared := c.request.Assets.FinancialFen
	if sum-declared > undeclaredFinancialOver {
		f := Finding{
			Code: "undeclared_financial_assets", Effect: needsReview,
			AmountFen: new(sum - declared), LimitFen: new(undeclaredFinancialOver), optional: refs(idle),
		}
		c.add(f.on(paid, sumA-declared > undeclaredFinancialOver))
	}
	c.answer.Assets.FinancialFen, c.answer.Assets.FinancialLimitFen = sum, limit
}

// vehicles reports vehicles owned and vehicles not declared.
func (c *check) vehicles() {
	exempt := []string{"motorcycle", "tricycle", "disability", "farm"}
	vins := map[string]bool{}
	for _, number := range c.counted {
		normal := filter(of(c.records["vehicle"], number), func(h held) bool {
			return h.get("status") == "normal" && h.get("registered_on") <= c.today()
		})
		owned := filter(normal, func(h held) bool { return !slices.Contains(exempt, h.get("vehicle_class")) })
		for _, h := range owned {
			vins[h.get("vin")] = true
		}
		c.graded("vehicle_owned", number, owned)
		c.review("undeclared_vehicle", number, filter(normal, func(h held) bool {
			return !declares(c.request.Assets.Vehicles, h.get("plate"))
		}))
	}
	c.answer.Assets.Vehicles = len(vins)
}

// units reports homes, non-residential and undeclared units.
func (c *check) units() {
	current := filter(c.records["property"], func(h held) bool {
		return h.get("status") == "current" && h.get("registered_on") <= c.today()
	})
	homes := filter(current, func(h held) bool {
		return h.get("kind") == "residential" || h.get("kind") == "homestead"
	})
	business := filter(current, func(h held) bool {
		return h.get("kind") == "commercial" || h.get("kind") == "office" || h.get("kind") == "industrial"
	})
	switch {
	case distinctUnits(ofGrade(homes, 'A')) > 1:
		c.graded("several_homes", 0, homes)
	case distinctUnits(homes) > 1:
		c.add(Finding{Code: "several_homes", Effect: needsReview, Grade: "B", Evidence: refs(homes)})
	}
	known := map[string]bool{} // units of which any record carries a declared number
	for _, h := range current {
		if declares(c.request.Assets.Properties, h.get("unit_code")) || declares(c.request.Assets.Properties, h.get("certificate_no")) {
			known[h.unit()] = true
		}
	}
	for _, number := range c.counted {
		c.businessUnits(number, business)
		c.review("undeclared_property", number, filter(of(current, number), func(h held) bool { return !known[h.unit()] }))
	}
	c.answer.Assets.Residential = distinctUnits(homes)
	c.answer.Assets.NonResidential = distinctUnits(business)
}

// businessUnits grades a member's units by the member's own records. When
// another member's record of the same unit is better, the better grade, with
// that record as evidence, is another reading.
func (c *check) businessUnits(number int, business []held) {
	own := of(business, number)
	before := len(c.answer.Findings)
	c.graded("non_residential_property", number, own)
	if len(own) == 0 || len(ofGrade(own, 'A')) > 0 {
		return
	}
	shared := filter(business, func(h held) bool {
		return h.grade == 'A' && slices.ContainsFunc(own, func(o held) bool { return o.unit() == h.unit() })
	})
	if len(shared) > 0 {
		f := &c.answer.Findings[before]
		f.alternatives = append(f.alternatives, Finding{
			Code: f.Code, Effect: suspected, Grade: "A", Member: number, optional: refs(append(shared, own...)),
		})
	}
}

// declares says whether one of the declared numbers is this one, normalised.
func declares(declared []string, number string) bool {
	return number != "" && slices.ContainsFunc(declared, func(d string) bool { return normAsset(d) == number })
}

// unit is the key of a unit: its unit_code, else its certificate_no.
func (r *record) unit() string {
	if code := r.get("unit_code"); code != "" {
		return "unit_code\x00" + code
	}
	return "certificate_no\x00" + r.get("certificate_no")
}

func distinctUnits(records []held) int {
	seen := map[string]bool{}
	for _, h := range records {
		seen[h.unit()] = true
	}
	return len(seen)
}

// today is the day of the check in the text form of a date column.
func (c *check) today() string { return c.on.Format("2006-01-02") }
