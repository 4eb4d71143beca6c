package meter

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/hedui/hedui/engine/review"
)

// Decision is one answer of one person to one case.
type Decision struct {
	Person string
	Case   string
	// Agreed says that the person confirmed what the engine said.
	Agreed bool
	// Dwell is from the first thing the person did with the verdict to the answer.
	Dwell time.Duration
	// Records is how many records the verdict rests on.
	Records int
	// Seeded: the case was planted; Caught: and the person did not confirm it.
	Seeded, Caught bool
}

// Decisions reads the answers that a case holds.
func Decisions(c *review.Case) []Decision {
	var out []Decision
	state := review.Proposed
	began := map[string]time.Time{} // since the newest verdict
	for _, s := range c.History {
		p := s.Actor.Person
		if s.Kind == review.Recheck {
			clear(began)
		}
		if _, ok := began[p]; !ok && p != "" && (s.Kind == review.TakeUp || s.Kind == review.OpenEvidence) {
			began[p] = s.At
		}
		answer := s.Kind == review.Confirm || s.Kind == review.Clear || s.Kind == review.Return
		if answer && state == review.UnderReview {
			d := Decision{
				Person: p, Case: c.ID, Agreed: s.Kind == review.Confirm, Records: len(c.LoadBearing),
				Seeded: c.Seeded, Caught: c.Seeded && s.Kind != review.Confirm,
			}
			if from, ok := began[p]; ok {
				d.Dwell = max(s.At.Sub(from), 0)
			}
			out = append(out, d)
		}
		state = s.To
	}
	return out
}

// Rate is a share of cases with the interval that the true one lies in, at 95 %.
type Rate struct {
	Count, Of int
	Low, High float64
}

// Wilson returns the rate with its Wilson score interval. Of nothing nothing is known: 0
// to 1.
func Wilson(count, of int) Rate {
	r := Rate{Count: count, Of: of, High: 1}
	if of <= 0 || count < 0 || count > of {
		return Rate{Of: max(of, 0), High: 1}
	}
	const z = 1.959963984540054 // 97.5 % of the normal distribution lie below
	n, p := float64(of), float64(count)/float64(of)
	middle := (p + z*z/(2*n)) / (1 + z*z/n)
	half := z / (1 + z*z/n) * math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	// At the ends the interval ends there too, which rounding would miss.
	if count > 0 {
		r.Low = middle - half
	}
	if count < of {
		r.High = middle + half
	}
	return r
}

// Flag is a reason to talk to somebody.
type Flag string

// The flags.
const (
	// MissesSeeds: finds fewer of the known-false cases than is asked for.
	MissesSeeds Flag = "misses_known_false"
	// TooQuick: answers too often before the evidence can have been read.
	TooQuick Flag = "too_quick"
	// AlwaysAgrees: says nearly always what the engine said.
	AlwaysAgrees Flag = "always_agrees"
)

// Thresholds say from where on somebody is flagged. A zero field never flags.
type Thresholds struct {
	// Detection is the least share of planted cases to be found, of at least MinSeeds.
	Detection float64
	MinSeeds  int
	// PerRecord is the least time for a record; Quick is the largest share of answers
	// that may be quicker. Agreement is the largest share that may agree with the engine.
	// Both of at least MinDecisions answers.
	PerRecord    time.Duration
	Quick        float64
	Agreement    float64
	MinDecisions int
}

// Defaults are where a centre begins that has not measured yet.
func Defaults() Thresholds {
	return Thresholds{
		Detection: 0.8, MinSeeds: 10,
		PerRecord: 10 * time.Second, Quick: 0.2, Agreement: 0.98, MinDecisions: 50,
	}
}

// Report is what the answers of one person say.
type Report struct {
	Person string
	// Detection is of planted cases, Agreement of all others, Quick of every answer.
	Detection, Quick, Agreement Rate
	// Median is the dwell time that half of the answers took at least.
	Median time.Duration
	Flags  []Flag
}

// Measure reports on everybody, by person.
func Measure(list []Decision, t Thresholds) []Report {
	all := map[string][]Decision{}
	for _, d := range list {
		all[d.Person] = append(all[d.Person], d)
	}
	out := make([]Report, 0, len(all))
	for person, own := range all {
		out = append(out, report(person, own, t))
	}
	slices.SortFunc(out, func(a, b Report) int { return cmp.Compare(a.Person, b.Person) })
	return out
}

func report(person string, own []Decision, t Thresholds) Report {
	var seeds, caught, quick, agreed, answers int
	dwell := make([]time.Duration, 0, len(own))
	for _, d := range own {
		if d.Seeded {
			seeds++
			if d.Caught {
				caught++
			}
		} else { // to agree with a planted case is a miss, and counted there
			answers++
			if d.Agreed {
				agreed++
			}
		}
		if d.Dwell < t.PerRecord*time.Duration(max(d.Records, 1)) {
			quick++
		}
		dwell = append(dwell, d.Dwell)
	}
	slices.Sort(dwell)
	r := Report{
		Person: person, Detection: Wilson(caught, seeds), Quick: Wilson(quick, len(own)), Agreement: Wilson(agreed, answers),
		Median: dwell[len(dwell)/2],
	}
	if t.Detection > 0 && seeds >= t.MinSeeds && r.Detection.High < t.Detection {
		r.Flags = append(r.Flags, MissesSeeds)
	}
	if t.PerRecord > 0 && t.Quick > 0 && len(own) >= t.MinDecisions && r.Quick.Low > t.Quick {
		r.Flags = append(r.Flags, TooQuick)
	}
	if t.Agreement > 0 && answers >= t.MinDecisions && r.Agreement.Low > t.Agreement {
		r.Flags = append(r.Flags, AlwaysAgrees)
	}
	return r
}
