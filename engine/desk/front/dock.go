package front

import (
	"context"

	"github.com/hedui/hedui/engine/api/wire"
	"github.com/hedui/hedui/engine/dock"
)

// DockCatalogue implements wire.Desk.
func (f *Front) DockCatalogue(ctx context.Context, c wire.Caller, nonce string) (wire.DockSigned, error) {
	return signed(f.Desk.DockCatalogue(ctx, caller(c), nonce))
}

// DockEvidence implements wire.Desk.
func (f *Front) DockEvidence(ctx context.Context, c wire.Caller, q wire.DockQuestion) (wire.DockSigned, error) {
	asked := dock.Question(q)
	return signed(f.Desk.DockEvidence(ctx, caller(c), &asked))
}

func signed(s *dock.Sealed, err error) (wire.DockSigned, error) {
	if err != nil {
		return wire.DockSigned{}, told(err)
	}
	return wire.DockSigned(*s), nil
}
