package main

import (
	"github.com/hedui/hedui/engine"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/simulate"
	"github.com/hedui/hedui/rules"
	"github.com/hedui/hedui/rules/benefit"
)

// benefitCost is what a pack would pay a household for a month by its verdict on a
// date; nil for packs that pay nothing. A household that may not qualify is paid
// nothing; of one that could not be verified nobody knows.
func benefitCost(p *rules.Pack, on household.Date) simulate.Cost {
	if p.Benefit("") == nil && len(p.Regions()) == 0 {
		return nil
	}
	laws := map[string]*rules.Law{}
	for _, region := range append([]string{""}, p.Regions()...) {
		if law, err := p.On(on, region); err == nil && p.Benefit(region) != nil {
			laws[region] = law
		}
	}
	if len(laws) == 0 {
		return nil
	}
	return func(v *household.Verdict, r *household.Request) (int64, bool) {
		switch v.Outcome {
		case household.SuspectedIneligible:
			return 0, true
		case household.NoDiscrepancy, household.NeedsReview:
		default:
			return 0, false
		}
		law := laws[p.Nearest(r.Region)]
		if law == nil {
			return 0, false
		}
		in := engine.BenefitInput(r, &v.Income, on)
		if r.Single {
			if len(in.Members) != 1 {
				return 0, false
			}
			in.Single = in.Members[0].Number
		}
		sheet, err := benefit.Compute(p.Benefit(r.Region), on, in, law)
		if err != nil {
			return 0, false
		}
		return int64(sheet.Total), true
	}
}
