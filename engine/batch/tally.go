package batch

import (
	"strings"

	"github.com/hedui/hedui/engine/household"
)

// tally counts verdicts of one pack where they are made: by numbers, with few look-ups.
type tally struct {
	outcomes [household.Refused + 1]int64
	findings []findingTally
	regions  map[string]*regionTally
	last     *regionTally
}

// regionTally counts the households of a region.
type regionTally struct {
	name     string
	outcomes [household.Refused + 1]int64
}

// findingTally counts the households with a finding.
type findingTally struct {
	code   string
	effect household.Outcome
	n      int64
}

func (s *tally) count(v *household.Verdict) {
	s.outcomes[v.Outcome]++
	region := v.Region
	if region == "" {
		region = unknownRegion
	}
	if s.last == nil || s.last.name != region {
		s.last = s.region(region)
	}
	s.last.outcomes[v.Outcome]++
	for i := range v.Findings {
		f := &v.Findings[i]
		if i > 0 && v.Findings[i-1].Code == f.Code {
			continue // once per household
		}
		s.finding(f.Code, f.Effect)
	}
}

func (s *tally) region(name string) *regionTally {
	x := s.regions[name]
	if x == nil {
		if s.regions == nil {
			s.regions = map[string]*regionTally{}
		}
		x = &regionTally{name: strings.Clone(name)} // it is of a line that goes away
		s.regions[x.name] = x
	}
	return x
}

func (s *tally) finding(code string, effect household.Outcome) {
	for i := range s.findings {
		if x := &s.findings[i]; x.effect == effect && x.code == code {
			x.n++
			return
		}
	}
	s.findings = append(s.findings, findingTally{code, effect, 1})
}

// moveTo adds what was counted to c and empties the tally.
func (s *tally) moveTo(c *Counts) {
	for o := range s.outcomes {
		if n := s.outcomes[o]; n > 0 {
			c.Outcomes[household.Outcome(o).String()] += n
			s.outcomes[o] = 0
		}
	}
	for i := range s.findings {
		if x := &s.findings[i]; x.n > 0 {
			add(c.Findings, x.code, x.effect.String(), x.n)
			x.n = 0
		}
	}
	for _, x := range s.regions {
		for o := range x.outcomes {
			if n := x.outcomes[o]; n > 0 {
				add(c.Regions, x.name, household.Outcome(o).String(), n)
				x.outcomes[o] = 0
			}
		}
	}
}
