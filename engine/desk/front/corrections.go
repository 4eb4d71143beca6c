package front

import (
	"bytes"
	"context"

	"github.com/hedui/hedui/engine/api/wire"
	"github.com/hedui/hedui/engine/desk"
)

// Corrections implements wire.Desk.
func (f *Front) Corrections(ctx context.Context, c wire.Caller, q wire.CorrectionQuery) (wire.List[wire.Correction], error) {
	if q.Department == "" {
		return wire.List[wire.Correction]{}, wire.Refuse(wire.InvalidField, "department:required")
	}
	list, next, err := f.Desk.Corrections(ctx, caller(c), desk.CorrectionQuery{Department: q.Department, Sent: q.Sent, Cursor: q.After, Limit: q.Limit})
	return wire.List[wire.Correction]{Items: corrections(list), Next: next}, told(err)
}

// SendCorrections implements wire.Desk.
func (f *Front) SendCorrections(ctx context.Context, c wire.Caller, s wire.CorrectionsSent) (wire.CorrectionFile, error) {
	list, err := f.Desk.SendCorrections(ctx, caller(c), s.IDs)
	if err != nil {
		return wire.CorrectionFile{}, told(err)
	}
	var file bytes.Buffer
	if err := desk.WriteCorrections(&file, list); err != nil {
		return wire.CorrectionFile{}, err
	}
	return wire.CorrectionFile{Items: corrections(list), File: file.String()}, nil
}

func corrections(list []desk.Correction) []wire.Correction {
	out := []wire.Correction{}
	for i := range list {
		x := &list[i]
		out = append(out, wire.Correction{
			ID: x.ID, Department: x.Department, Source: x.SourceName, Snapshot: x.Snapshot, AsOf: x.AsOf, File: x.File, Row: x.Row,
			Reason: x.Reason, State: x.State,
		})
	}
	return out
}
