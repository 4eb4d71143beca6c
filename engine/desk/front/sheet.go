package front

import (
	"context"

	"github.com/hedui/hedui/engine/api/wire"
	"github.com/hedui/hedui/engine/desk"
)

// Sheet is a verdict with everything that explains it, for whoever shows it as a page. It
// is what Verdict is, judged and taken down alike; whoever shows it asks its masks.
func (f *Front) Sheet(ctx context.Context, c wire.Caller, id string) (*desk.Sheet, error) {
	s, err := f.Desk.Sheet(ctx, caller(c), id)
	return s, told(err)
}
