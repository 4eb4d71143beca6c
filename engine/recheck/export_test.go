package recheck

import "github.com/hedui/hedui/engine/household"

// Overlooking plants a bug: changes of these people are overlooked.
func (o *Options) Overlooking(drop func(household.PersonKey) bool) { o.drop = drop }
