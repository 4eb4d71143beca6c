package identity_test

import (
	"testing"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/match/identity"
	"github.com/hedui/hedui/engine/match/names"
)

func BenchmarkJudge(b *testing.B) {
	policy := standard(b)
	type prepared struct {
		s *identity.Subject
		r *identity.Record
		w identity.World
	}
	var all []prepared
	byTier := map[string]prepared{}
	for _, c := range situations(b) {
		w := c.world()
		p := prepared{s: subject(&c.Subject, w), r: record(&c.Record)}
		// The register of the tests prepares names again at every question; what
		// is measured is judging.
		p.w = identity.World(nil)
		l, err := policy.Judge(p.s, p.r, p.w)
		if err != nil {
			b.Fatal(err)
		}
		all = append(all, p)
		if _, ok := byTier[l.Tier.String()]; !ok {
			byTier[l.Tier.String()] = p
		}
	}
	for i := range identity.Tiers {
		name := identity.Tier(i).String()
		p, ok := byTier[name]
		if !ok {
			continue
		}
		b.Run("tier="+name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				policy.Judge(p.s, p.r, p.w)
			}
		})
	}
	b.Run("tier=all", func(b *testing.B) {
		b.ReportAllocs()
		n := 0
		for b.Loop() {
			p := &all[n%len(all)]
			policy.Judge(p.s, p.r, p.w)
			n++
		}
	})
	b.Run("tier=A1/register", func(b *testing.B) {
		p := all[0]
		w := identity.World(counted{silent{}})
		b.ReportAllocs()
		for b.Loop() {
			policy.Judge(p.s, p.r, w)
		}
	})
}

// counted knows how many people there are and how common every name is.
type counted struct{ silent }

func (counted) Frequency(names.Name, household.Date, uint8, string) (int64, bool, error) {
	return 5850, true, nil
}

func (counted) Population() (int64, bool) { return 5_000_000, true }

func TestJudgeAllocatesNothing(t *testing.T) {
	policy := standard(t)
	c := situations(t)[0]
	s, r := subject(&c.Subject, nil), record(&c.Record)
	if n := testing.AllocsPerRun(100, func() { policy.Judge(s, r, counted{}) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
