package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/hedui/hedui/engine"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/rules"
	"github.com/hedui/hedui/rules/benefit"
)

// benefitCase is a household with its verdict, ready to compute.
type benefitCase struct {
	request *household.Request
	verdict *writtenVerdict
	outcome household.Outcome
	on      household.Date // of the check
	input   benefit.Input
}

// writtenVerdict is what a benefit needs of a verdict in JSON.
type writtenVerdict struct {
	HouseholdID string `json:"household_id"`
	Scheme      string `json:"scheme"`
	On          string `json:"on"`
	Outcome     string `json:"outcome"`
	Findings    []struct {
		Code   string `json:"code"`
		Effect string `json:"effect"`
		Member int    `json:"member"`
	} `json:"findings"`
	Income struct {
		From    string `json:"from"`
		To      string `json:"to"`
		Members int    `json:"members"`
		Lines   []struct {
			Member  int           `json:"member"`
			Counted household.Fen `json:"counted_fen"`
		} `json:"lines"`
		Total household.Fen `json:"total_fen"`
	} `json:"income"`
	Rules struct {
		Pack   string `json:"pack"`
		Digest string `json:"digest"`
	} `json:"rules"`
}

// readCase reads a request and its verdict and checks that they belong together.
// Errors name files and fields, never what stands in them.
func readCase(a *app, o benefitOptions, pack *rules.Pack) (*benefitCase, error) {
	line, err := readRequest(a, o.household)
	if err != nil {
		return nil, err
	}
	c := &benefitCase{}
	name := filepath.Base(o.household)
	if c.request, err = household.ParseRequest(line); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if c.verdict, err = findVerdict(o.verdict, c.request.HouseholdID); err != nil {
		return nil, err
	}
	v := c.verdict
	outcome, known := household.Outcomes.Named(v.Outcome)
	var ok bool
	c.outcome = household.Outcome(outcome)
	c.on, ok = household.ParseDate([]byte(v.On))
	switch verdicts := filepath.Base(o.verdict); {
	case !known || !ok:
		return nil, fmt.Errorf("%s: the verdict has no known outcome or no date", verdicts)
	case v.Scheme != c.request.Scheme:
		return nil, fmt.Errorf("%s: the verdict is about another scheme than %s", verdicts, name)
	case o.on.date < c.on:
		return nil, wrongUsage("the verdict is of "+c.on.String(), "--on is before the date of the check")
	case c.outcome == household.Refused:
		return c, nil // nothing was counted, and nothing is computed
	case len(c.request.Invalid)+len(c.request.InvalidOptional) > 0:
		return nil, fmt.Errorf("%s: unknown or unreadable %s", name, strings.Join(append(c.request.Invalid, c.request.InvalidOptional...), ", "))
	case v.Rules.Pack != pack.Name || v.Rules.Digest != pack.Digest:
		return nil, withHint(fmt.Errorf("%s: the verdict was made with another pack, or another state of it", verdicts), "verify the household again with this pack")
	}
	return c, c.fill(o)
}

// findVerdict finds the verdict of a household among the JSON objects of a file.
func findVerdict(path, id string) (*writtenVerdict, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	d := json.NewDecoder(file)
	for n := 1; ; n++ {
		var v writtenVerdict
		if err := d.Decode(&v); errors.Is(err, io.EOF) {
			return nil, withHint(fmt.Errorf("%s has no verdict of this household", filepath.Base(path)), "it is found by household_id")
		} else if err != nil {
			return nil, fmt.Errorf("%s: object %d is no verdict in JSON", filepath.Base(path), n)
		}
		if v.HouseholdID == id {
			return &v, nil
		}
	}
}

// fill makes the input of the computation.
func (c *benefitCase) fill(o benefitOptions) error {
	income := &c.verdict.Income
	from, ok1 := household.ParseMonth([]byte(income.From))
	to, ok2 := household.ParseMonth([]byte(income.To))
	name := filepath.Base(o.verdict)
	if !ok1 || !ok2 || to < from {
		return fmt.Errorf("%s: the verdict has no window of income", name)
	}
	sheet := household.IncomeSheet{Window: household.Months{From: from, To: to}, Total: income.Total}
	for _, l := range income.Lines {
		sheet.Lines = append(sheet.Lines, household.IncomeLine{Member: l.Member, Counted: l.Counted})
	}
	c.input = engine.BenefitInput(c.request, &sheet, o.on.date)
	c.input.PaidBefore, c.input.Rise, c.input.Tapered = o.paidBefore.fen, o.rise.rise, o.tapered
	if len(c.input.Members) != income.Members {
		return withHint(fmt.Errorf("%s counts %s, the request %d", name, counted(income.Members, "member"), len(c.input.Members)),
			"it is the verdict of another state of the request")
	}
	return c.single(o, c.request.Single)
}

// single finds whom a single-person application is for. Nobody is guessed.
func (c *benefitCase) single(o benefitOptions, alone bool) error {
	switch {
	case !alone && o.member != 0:
		return wrongUsage("leave it out, or set application to single_person in the request", "--member is for single-person applications")
	case !alone:
		return nil
	case o.member != 0:
		c.input.Single = o.member
		for i := range c.input.Members {
			if c.input.Members[i].Number == o.member {
				return nil
			}
		}
		return wrongUsage("the number of a counted member, from 1", "--member %d is no counted member", o.member)
	case len(c.input.Members) == 1:
		c.input.Single = c.input.Members[0].Number
		return nil
	}
	return wrongUsage("--member number: whom it is for", "the application is for one person of %d", len(c.input.Members))
}

// blocked reports whether the verdict stands against any amount. Income over the
// limit does not when the household was paid before: the amount may go on.
func (c *benefitCase) blocked(incomeCode string) bool {
	switch c.outcome {
	case household.Refused, household.Unverifiable:
		return true
	case household.SuspectedIneligible:
		for _, f := range c.verdict.Findings {
			if f.Effect == household.SuspectedIneligible.String() && f.Code != incomeCode {
				return true
			}
		}
		return c.input.PaidBefore == 0
	}
	return false
}
