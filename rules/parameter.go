package rules

import (
	"slices"

	"github.com/hedui/hedui/engine/household"
)

// Parameter is a dated value of the law.
type Parameter struct {
	Name    string
	Unit    Unit
	PerYear bool // of money: for a year, not for a month
	Doc     string
	Values  []DatedValue // ascending, without gaps

	at node
}

// DatedValue is the value of a parameter from a date on, in fen, as a count, in
// percent, permille or cm², for each of Residences.
type DatedValue struct {
	Span
	Value [3]int64
	Sizes []SizeValue // instead of Value, by size of the household
	// Allowed says how a limit compares: AtLeast when only what is below the value is
	// allowed, MoreThan when the value itself is; 0 when the value does not say it.
	Allowed  Op
	Law      string
	Verified bool
	Inherit  bool // of an overlay: what the larger region says
	// Unresolved says why nobody knows the value; there is none then.
	Unresolved string
	Place      Place
}

// SizeValue is a value for households of up to so many counted members.
type SizeValue struct {
	UpTo  int // 0: any number
	Value int64
}

// For is the value for a residence and a number of counted members.
func (v *DatedValue) For(residence uint8, counted int) int64 {
	for _, s := range v.Sizes {
		if s.UpTo == 0 || counted <= s.UpTo {
			return s.Value
		}
	}
	return v.Value[residence]
}

// At is the value in force on a date; false when there is none.
func (p *Parameter) At(on household.Date) (*DatedValue, bool) {
	for i := len(p.Values) - 1; i >= 0; i-- {
		if v := &p.Values[i]; v.Covers(on) {
			return v, true
		}
	}
	return nil, false
}

// Parameters are the parameters of the pack with those it inherits, without the
// overlays'.
func (p *Pack) Parameters() []*Parameter { return p.parametersOf("") }

// RegionParameters are the parameters that an overlay gives values of its own.
func (p *Pack) RegionParameters(region string) []*Parameter { return p.parametersOf(region) }

func (p *Pack) parametersOf(region string) []*Parameter {
	var out []*Parameter
	for _, l := range p.layers {
		if l.region != region {
			continue
		}
	next:
		for _, q := range l.parameters {
			for i := range out {
				if out[i].Name == q.Name {
					out[i] = q
					continue next
				}
			}
			out = append(out, q)
		}
	}
	return out
}

// parameter finds the nearest value of a parameter on a date among layers, and the
// region that says it. The parameter is nil when no layer has one of that name; the
// value is nil when none has one on that date.
func parameter(layers []*layer, name string, on household.Date) (p *Parameter, v *DatedValue, region string) {
	for _, layer := range slices.Backward(layers) {
		for _, q := range layer.parameters {
			if q.Name != name {
				continue
			}
			if p == nil {
				p = q
			}
			if d, ok := q.At(on); ok && !d.Inherit {
				return q, d, layer.region
			}
		}
	}
	return p, nil, ""
}
