// Package departments lists the departments that hedui knows, in the order of
// their sources. It exists because package connectors cannot import the packages
// that are built on it.
package departments

import (
	"github.com/hedui/hedui/connectors"
	"github.com/hedui/hedui/connectors/bank"
	"github.com/hedui/hedui/connectors/insurance"
	"github.com/hedui/hedui/connectors/property"
	"github.com/hedui/hedui/connectors/register"
	"github.com/hedui/hedui/connectors/tax"
	"github.com/hedui/hedui/connectors/vehicle"
	"github.com/hedui/hedui/engine/household"
)

// All returns every department, in the order of the sources.
func All() []*connectors.Department {
	return []*connectors.Department{
		tax.Department(), vehicle.Department(), property.Department(), bank.Department(), insurance.Department(),
		register.Department(),
	}
}

// Of returns the department of a source, or nil.
func Of(s household.Source) *connectors.Department {
	for _, d := range All() {
		if d.Source == s {
			return d
		}
	}
	return nil
}
