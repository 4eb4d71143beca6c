package conflicts

import (
	"iter"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/profile"
)

// origins yields where every record of a profile is from.
func origins(p *profile.Profile) iter.Seq2[household.Source, *profile.Origin] {
	return func(yield func(household.Source, *profile.Origin) bool) {
		for i := range p.Tax {
			if !yield(household.Tax, &p.Tax[i].Origin) {
				return
			}
		}
		for i := range p.Vehicle {
			if !yield(household.Vehicle, &p.Vehicle[i].Origin) {
				return
			}
		}
		for i := range p.Property {
			if !yield(household.Property, &p.Property[i].Origin) {
				return
			}
		}
		for i := range p.Bank {
			if !yield(household.Bank, &p.Bank[i].Origin) {
				return
			}
		}
		for i := range p.Insurance {
			if !yield(household.Insurance, &p.Insurance[i].Origin) {
				return
			}
		}
		for i := range p.Register {
			if !yield(household.Register, &p.Register[i].Origin) {
				return
			}
		}
	}
}
