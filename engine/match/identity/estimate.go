package identity

import (
	"fmt"
	"math"

	"github.com/goccy/go-yaml"

	"github.com/hedui/hedui/engine/match/linkage"
)

// Estimate writes a new policy: that of base with the weights which FromModel takes
// from an estimated model, each with the model and version it is from, under a name
// and version of its own. What the model says nothing of stays as it was, its source
// too. The file is loaded once before it is given out. base is the text of a policy;
// nil is the one that comes with the program.
func Estimate(base []byte, m *linkage.Model, name string, version int) ([]byte, error) {
	if base == nil {
		base = defaultPolicy
	}
	before, err := Load("base", base)
	if err != nil {
		return nil, err
	}
	after, err := before.FromModel(m)
	if err != nil {
		return nil, err
	}
	f, _, err := parse("base", base)
	if err != nil {
		return nil, err
	}
	if name == before.Name && version <= before.Version {
		return nil, fmt.Errorf("%s has version %d already: a changed policy has a name or a version of its own", name, before.Version)
	}
	f.Name, f.Version = name, version
	if after.maskDigit != before.maskDigit {
		f.Mask.Birth, f.Mask.Division = float64(after.maskDigit[zoneBirth])/1000, float64(after.maskDigit[zoneDivision])/1000
		f.Mask.From += "; held to the estimated birth date and county"
	}
	for l := range levelCount {
		bits, basis := after.Weight(l)
		was, basisWas := before.Weight(l)
		list := f.Weights[l.Field().String()]
		if _, weighed := list[l.Code()]; !weighed || bits == was && basis == basisWas {
			continue
		}
		w := weight{From: basis.From, Assumed: basis.Assumed}
		if basis == basisWas {
			w.From += ", held between its estimated neighbours"
		}
		if l == NameN1 { // how common an average name is comes from u
			w.U = math.Exp2(-after.average)
			w.M = min(1, w.U*math.Exp2(float64(bits)/1000))
		} else {
			w.Bits = new(float64(bits) / 1000)
		}
		list[l.Code()] = w
	}
	out, err := yaml.Marshal(f)
	if err != nil {
		return nil, err
	}
	if _, err := Load("estimated policy", out); err != nil {
		return nil, err
	}
	return out, nil
}
