package simulate

import (
	"maps"
	"slices"
	"strings"

	"github.com/hedui/hedui/engine/household"
)

// numOutcomes bounds the outcomes; 0 is none.
const numOutcomes = int(household.Refused) + 1

// Matrix counts households by the outcome of the old side and that of the new.
type Matrix [numOutcomes][numOutcomes]int64

// Report is what a change comes to.
type Report struct {
	BatchDigest string
	Households  int64 // lines of the batch
	Matrix      Matrix
	Findings    map[string]Change // by code
	Review      Review
	Cost        *CostDifference // nil: not computed

	regions map[string]*regionCounts // read through Regions, which suppresses
}

// Change counts the households that a finding comes to or leaves.
type Change struct {
	Appeared    int64 `json:"appeared"`
	Disappeared int64 `json:"disappeared"`
}

// Review is the work that a change makes for people. A household needs a person when
// its outcome is needs_review, suspected_ineligible or unverifiable.
type Review struct {
	MinutesEach int   `json:"minutes_each"`
	Newly       int64 `json:"newly"`     // need a person and did not
	NoLonger    int64 `json:"no_longer"` // did, and don't
}

// Minutes is how long it takes to look at all that newly need it.
func (r Review) Minutes() int64 { return r.Newly * int64(r.MinutesEach) }

// CostDifference is what all households together would be paid for a month, in fen.
type CostDifference struct {
	Old         household.Fen `json:"old_fen"`
	New         household.Fen `json:"new_fen"`
	Households  int64         `json:"households"`   // of which both are known
	NotComputed int64         `json:"not_computed"` // of which they are not
}

// Difference is new less old, in fen.
func (c *CostDifference) Difference() household.Fen { return c.New - c.Old }

func (c *CostDifference) count(o *Options, before, after *household.Verdict, r *household.Request) {
	was, known := o.OldCost(before, r)
	is, both := o.NewCost(after, r)
	if !known || !both {
		c.NotComputed++
		return
	}
	c.Old += household.Fen(was)
	c.New += household.Fen(is)
	c.Households++
}

type regionCounts struct{ households, flips, newly, noLonger int64 }

func newReport(minutes int, cost bool) *Report {
	r := &Report{Findings: map[string]Change{}, regions: map[string]*regionCounts{}, Review: Review{MinutesEach: minutes}}
	if cost {
		r.Cost = &CostDifference{}
	}
	return r
}

// needsPerson reports whether somebody has to look at a household.
func needsPerson(o household.Outcome) bool {
	return o == household.NeedsReview || o == household.SuspectedIneligible || o == household.Unverifiable
}

// county is the code of the county in that of a region; anything else stands for
// itself.
func county(region string) string {
	if len(region) < 6 {
		if region == "" {
			return "-"
		}
		return region
	}
	for i := range 6 {
		if region[i] < '0' || region[i] > '9' {
			return region
		}
	}
	return region[:6]
}

// count counts one household. was and is are its codes in byte order.
func (r *Report) count(before, after *household.Verdict, was, is []string) {
	r.Households++
	r.Matrix[before.Outcome][after.Outcome]++
	code := county(before.Region)
	region := r.regions[code]
	if region == nil {
		region = &regionCounts{}
		r.regions[strings.Clone(code)] = region // of a line that goes away
	}
	region.households++
	if before.Outcome != after.Outcome {
		region.flips++
	}
	switch needed, needs := needsPerson(before.Outcome), needsPerson(after.Outcome); {
	case !needed && needs:
		r.Review.Newly++
		region.newly++
	case needed && !needs:
		r.Review.NoLonger++
		region.noLonger++
	}
	for _, c := range is {
		if _, old := slices.BinarySearch(was, c); !old {
			x := r.Findings[c]
			x.Appeared++
			r.Findings[c] = x
		}
	}
	for _, c := range was {
		if _, still := slices.BinarySearch(is, c); !still {
			x := r.Findings[c]
			x.Disappeared++
			r.Findings[c] = x
		}
	}
}

func (r *Report) merge(o *Report) {
	r.Households += o.Households
	for i := range o.Matrix {
		for j := range o.Matrix[i] {
			r.Matrix[i][j] += o.Matrix[i][j]
		}
	}
	for code, x := range o.Findings {
		y := r.Findings[code]
		r.Findings[code] = Change{y.Appeared + x.Appeared, y.Disappeared + x.Disappeared}
	}
	for code, x := range o.regions {
		if r.regions[code] == nil {
			r.regions[code] = &regionCounts{}
		}
		y := r.regions[code]
		y.households += x.households
		y.flips += x.flips
		y.newly += x.newly
		y.noLonger += x.noLonger
	}
	r.Review.Newly += o.Review.Newly
	r.Review.NoLonger += o.Review.NoLonger
	if r.Cost != nil && o.Cost != nil {
		r.Cost.Old += o.Cost.Old
		r.Cost.New += o.Cost.New
		r.Cost.Households += o.Cost.Households
		r.Cost.NotComputed += o.Cost.NotComputed
	}
}

// Flips is the number of households whose outcome changes.
func (r *Report) Flips() int64 {
	var n int64
	for i := range r.Matrix {
		for j := range r.Matrix[i] {
			if i != j {
				n += r.Matrix[i][j]
			}
		}
	}
	return n
}

// Region is a county and what changes in it.
type Region struct {
	Region     string `json:"region"`
	Households int64  `json:"households"`
	// Suppressed stands for the numbers below: Few when fewer than five households
	// change; Enough when the number would give away that of the only such region.
	Suppressed string   `json:"suppressed,omitempty"`
	Changes    *Changes `json:"changes,omitempty"` // nil when suppressed
}

// Changes are the numbers of a region.
type Changes struct {
	Flips    int64 `json:"flips"`
	Newly    int64 `json:"newly_need_review"`
	NoLonger int64 `json:"no_longer_need_review"`
}

// What stands for a number that is not told.
const (
	Few    = "<5"
	Enough = ">=5"
)

const fewest = 5

// Regions are the regions in byte order, with the numbers of those suppressed in which
// so few households change that neighbours could tell who they are.
func (r *Report) Regions() []Region {
	out := make([]Region, 0, len(r.regions))
	hidden, next := 0, -1
	for _, code := range slices.Sorted(maps.Keys(r.regions)) {
		c := r.regions[code]
		row := Region{Region: code, Households: c.households}
		if c.flips < fewest {
			row.Suppressed = Few
			hidden++
		} else {
			row.Changes = &Changes{c.flips, c.newly, c.noLonger}
			if next < 0 || c.flips < out[next].Changes.Flips {
				next = len(out)
			}
		}
		out = append(out, row)
	}
	// The total less all others is the number of the only one that is hidden.
	if hidden == 1 && next >= 0 {
		out[next].Suppressed, out[next].Changes = Enough, nil
	}
	return out
}
