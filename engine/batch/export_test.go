package batch_test

import (
	"github.com/hedui/hedui/engine/block"
	"github.com/hedui/hedui/engine/household"
)

// walkFunc is the visitor of store.Generation.Walk.
type walkFunc = func(block.Block) (next household.PersonKey, more bool, err error)
