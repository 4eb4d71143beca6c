package conflicts

import (
	"context"

	"github.com/hedui/hedui/engine/match/names"
	"github.com/hedui/hedui/engine/store"
)

// FindForgettingFormerNames is Find with a planted bug, to see that the test notices.
func FindForgettingFormerNames(ctx context.Context, gen store.Generation) (*Report, error) {
	f, err := newFinder(ctx, gen, Options{})
	if err != nil {
		return nil, err
	}
	f.compare = func(record, current names.Name, _ []names.Name) names.Level { return names.Compare(record, current) }
	return f.find(ctx, nil)
}
