package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/rules"
	"github.com/hedui/hedui/rules/benefit"
)

type benefitOptions struct {
	rules, region      string
	on                 dateFlag
	verdict, household string
	member             int
	paidBefore         yuanFlag
	rise               riseFlag
	tapered            int
	asJSON             bool
}

// newBenefitCommand proposes the amount of one household.
func newBenefitCommand(a *app) *cobra.Command {
	var o benefitOptions
	cmd := &cobra.Command{
		Use:   "benefit --rules PACK --on DATE --verdict FILE.json --household HOUSEHOLD.json",
		Short: "Propose the monthly benefit of a verified household (测算)",
		Long: `benefit computes from a verdict and its request what the pack's benefit.yaml would pay in
a month, line by line, each with its arithmetic and its law. It is a proposal for the
person who decides, never an order to pay.

A verdict that is refused, suspected_ineligible or unverifiable gets no amount but the
reason; one that needs review gets a provisional amount. What is not known of a member
and would add to the amount is listed and never added. The verdict may stand in a file of
many, as verify writes it.

When employment lifted the income of a household that was paid, --paid-before and --rise
let the amount go on for the months that the law gives (渐退期).
` + exitStatuses + "  3  done, but the request had been refused\n",
		Example: `  hedui benefit --rules ./mypack --on 2026-11-20 --verdict verdict.json --household household.json
  hedui benefit --rules ./mypack --on 2026-11-20 --verdict verdicts.jsonl --household household.json --paid-before 350.00 --rise employment --tapered 2`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := requireFlags(cmd, "rules", "on", "verdict", "household"); err != nil {
				return err
			}
			if o.paidBefore.fen == 0 && (o.rise.rise != benefit.RiseUnknown || o.tapered != 0) {
				return wrongUsage("--paid-before yuan: what was paid for the month before", "--rise and --tapered need --paid-before")
			}
			return runBenefit(a, o)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.rules, "rules", "", "`pack` to compute by: a shipped one's name or a folder (required)")
	f.Var(&o.on, "on", "`date` of the decision, as in 2026-11-20 (required)")
	f.StringVar(&o.region, "region", "", "division `code` whose law applies; the request's when absent")
	f.StringVar(&o.verdict, "verdict", "", "`file` with the verdict of the household (required)")
	f.StringVar(&o.household, "household", "", "`file` with the request (required)")
	f.IntVar(&o.member, "member", 0, "of a single-person application, the `number` of the member it is for")
	f.Var(&o.paidBefore, "paid-before", "what was paid for the month before, in `yuan`")
	f.Var(&o.rise, "rise", "why the income rose since")
	f.IntVar(&o.tapered, "tapered", 0, "`months` for which the amount has gone on so far")
	f.BoolVar(&o.asJSON, "json", false, "print one JSON object")
	return cmd
}

// errNoBenefit says that a pack can't compute amounts.
var errNoBenefit = errors.New("the pack has no benefit.yaml")

// benefitPlan is the plan of a pack for a region and its values on a date.
func benefitPlan(p *rules.Pack, on household.Date, region string) (*benefit.Plan, benefit.Values, error) {
	plan := p.Benefit(region)
	if plan == nil {
		return nil, nil, errNoBenefit
	}
	law, err := p.On(on, region)
	return plan, law, err
}

// incomeCode is the finding that the income is not below the limit, "" without one.
func incomeCode(p *rules.Pack, on household.Date, region string) string {
	law, err := p.On(on, region)
	if err != nil || law.IncomeLimit < 0 {
		return ""
	}
	return law.Rules[law.IncomeLimit].Code
}

func runBenefit(a *app, o benefitOptions) error {
	pack, err := loadPack(o.rules)
	if err != nil {
		return err
	}
	c, err := readCase(a, o, pack)
	if err != nil {
		return err
	}
	out := c.proposal(pack)
	region := o.region
	if region == "" {
		region = c.request.Region
	}
	if out.blocked = c.blocked(incomeCode(pack, c.on, region)); !out.blocked {
		plan, values, err := benefitPlan(pack, o.on.date, region)
		if err != nil {
			return err
		}
		if err := out.compute(plan, o.on.date, c, values); err != nil {
			return err
		}
	}
	if o.asJSON {
		err = printJSON(a.stdout, out.json())
	} else {
		err = out.print(a, pack)
	}
	if err == nil && c.outcome == household.Refused {
		return errPartial
	}
	return err
}

// yuanFlag is a flag whose value is an amount.
type yuanFlag struct{ fen household.Fen }

func (f *yuanFlag) String() string {
	if f.fen == 0 {
		return ""
	}
	return f.fen.Yuan()
}

func (f *yuanFlag) Set(text string) (err error) {
	f.fen, err = household.ParseYuan([]byte(text))
	return err
}

func (*yuanFlag) Type() string { return "yuan" }

// riseFlag is a flag whose value is why an income rose.
type riseFlag struct{ rise benefit.Rise }

func (f *riseFlag) String() string { return f.rise.String() }

func (f *riseFlag) Set(text string) error {
	v, ok := benefit.Rises.Find(text)
	if !ok {
		return fmt.Errorf("not a reason, want %s or %s", benefit.RiseEmployment, benefit.RiseOther)
	}
	f.rise = benefit.Rise(v)
	return nil
}

func (*riseFlag) Type() string { return "employment|other" }
