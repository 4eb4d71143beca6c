package situation

import (
	"errors"
	"fmt"
	"strings"

	"github.com/hedui/hedui/engine"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/rules"
	"github.com/hedui/hedui/rules/benefit"
)

// payment is what decides an amount besides the verdict.
type payment struct {
	On         date   `yaml:"on"`     // of the decision; that of the check when absent
	Member     int    `yaml:"member"` // whom a single-person application is for
	PaidBefore yuan   `yaml:"paid_before"`
	Rise       string `yaml:"rise"`
	Tapered    int    `yaml:"tapered"`
}

// amountDue is the proposal that must come out. What is not named is not compared.
type amountDue struct {
	Total   *yuan         `yaml:"total"`
	Start   string        `yaml:"start"`
	Reason  string        `yaml:"reason"`
	Lines   []derivedLine `yaml:"lines"`
	Confirm []derivedLine `yaml:"confirm"`
	Law     string        `yaml:"law"` // what that of the first line says somewhere
}

// prices asks for the price subsidy of a month; such a situation has no household.
type prices struct {
	Month string     `yaml:"month"`
	Rates []rateLine `yaml:"rates"`
}

// rateLine are the published rates of a month, in percent on the year before.
type rateLine struct {
	Month string   `yaml:"month"`
	CPI   rateText `yaml:"cpi"`
	Food  rateText `yaml:"food"`
	Grain rateText `yaml:"grain"`
	SCPI  rateText `yaml:"scpi"`
}

// rateText is a rate as written, which never goes through a float.
type rateText string

// UnmarshalYAML takes the text as it stands.
func (r *rateText) UnmarshalYAML(b []byte) error {
	*r = rateText(strings.Trim(strings.TrimSpace(string(b)), `"'`))
	return nil
}

// subsidy is what must come out of prices.
type subsidy struct {
	Due    string    `yaml:"due"` // "yes", "no" or unknown
	By     []string  `yaml:"by"`  // series that reached their trigger
	Groups *[]string `yaml:"groups"`
	Urban  *yuan     `yaml:"urban"` // for one person
	Rural  *yuan     `yaml:"rural"`
	Why    string    `yaml:"why"` // what it says somewhere of a month that is unknown
	Law    string    `yaml:"law"` // likewise, of the trigger
}

// Judges reports whether a verdict comes out of the situation.
func (s *Situation) Judges() bool { return s.Prices == nil && s.Expect.Outcome != noLaw }

var (
	errNoBenefit = errors.New("the pack has no benefit.yaml")
	errNoLinkage = errors.New("the pack has no linkage.yaml")
)

// amount compares the amount that the pack proposes for a verdict.
func (s *Situation) amount(p *rules.Pack, v *household.Verdict, c *comparison) error {
	want := s.Expect.Benefit
	plan := p.Benefit(s.Request.Region)
	if plan == nil {
		return errNoBenefit
	}
	line, err := s.request()
	if err != nil {
		return err
	}
	r, err := household.ParseRequest(line)
	if err != nil {
		return err
	}
	on := household.Date(s.Payment.On)
	if on == 0 {
		on = household.Date(s.On)
	}
	in, err := s.input(r, v, on)
	if err != nil {
		return err
	}
	law, err := p.On(on, s.Request.Region)
	if err != nil {
		return err
	}
	sheet, err := benefit.Compute(plan, on, *in, law)
	if err != nil {
		return err
	}
	var lines, confirm []derivedAmount
	for i := range sheet.Lines {
		l := &sheet.Lines[i]
		lines = append(lines, derivedAmount{l.Code, l.Member, l.Amount})
	}
	for i := range sheet.Confirm {
		l := &sheet.Confirm[i]
		confirm = append(confirm, derivedAmount{l.Code, l.Member, l.Adds})
	}
	c.amount("benefit total", want.Total, sheet.Total)
	if want.Start != "" {
		c.text("benefit start", want.Start, sheet.Start.String())
	}
	c.text("benefit reason", want.Reason, sheet.Reason.String())
	c.amounts("benefit lines", want.Lines, lines)
	c.amounts("benefit confirm", want.Confirm, confirm)
	if !strings.Contains(sheet.Lines[0].Law, want.Law) {
		c.problem("benefit law", "one with "+want.Law, sheet.Lines[0].Law)
	}
	return nil
}

// input is what is known of a household that was verified.
func (s *Situation) input(r *household.Request, v *household.Verdict, on household.Date) (*benefit.Input, error) {
	rise, ok := benefit.Rises.Find(s.Payment.Rise)
	if !ok && s.Payment.Rise != "" {
		return nil, fmt.Errorf("unknown reason of a rise %q", s.Payment.Rise)
	}
	in := engine.BenefitInput(r, &v.Income, on)
	in.PaidBefore, in.Rise, in.Tapered = household.Fen(s.Payment.PaidBefore), benefit.Rise(rise), s.Payment.Tapered
	if r.Single {
		in.Single = max(s.Payment.Member, 1)
	}
	return &in, nil
}

// subsidy compares what the pack says of the prices of a month.
func (s *Situation) subsidy(p *rules.Pack) []string {
	c := &comparison{}
	if err := s.month(p, c); err != nil {
		return []string{err.Error()}
	}
	return c.problems
}

func (s *Situation) month(p *rules.Pack, c *comparison) error {
	linkage := p.Linkage(s.Request.Region)
	if linkage == nil {
		return errNoLinkage
	}
	table := []string{"month,cpi,food,grain,scpi"}
	for _, r := range s.Prices.Rates {
		table = append(table, strings.Join([]string{r.Month, string(r.CPI), string(r.Food), string(r.Grain), string(r.SCPI)}, ","))
	}
	index, err := benefit.ParseIndex([]byte(strings.Join(table, "\n") + "\n"))
	if err != nil {
		return err
	}
	m, ok := household.ParseMonth([]byte(s.Prices.Month))
	if !ok {
		return fmt.Errorf("%q is not a month", s.Prices.Month)
	}
	var silent error
	r, err := linkage.Month(m, index, func(on household.Date) benefit.Values {
		law, err := p.On(on, s.Request.Region)
		if err != nil {
			silent = err
			return &rules.Law{}
		}
		return law
	})
	if err = errors.Join(silent, err); err != nil {
		return err
	}
	want := s.Expect.Subsidy
	var by, groups []string
	for i := range r.By {
		by = append(by, r.By[i].Series.String())
	}
	for i := range r.Groups {
		groups = append(groups, r.Groups[i].Code)
	}
	c.text("due", want.Due, r.Due.String())
	c.names("by", append([]string{}, want.By...), by)
	if want.Groups != nil {
		c.names("groups", append([]string{}, *want.Groups...), groups)
	}
	c.amount("urban", want.Urban, r.Amount[household.Urban])
	c.amount("rural", want.Rural, r.Amount[household.Rural])
	for _, x := range []struct{ what, want, got string }{{"law", want.Law, r.Law}, {"why", want.Why, r.Why}} {
		if !strings.Contains(x.got, x.want) {
			c.problem(x.what, "one with "+x.want, x.got)
		}
	}
	return nil
}
