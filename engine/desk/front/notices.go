package front

import (
	"context"

	"github.com/hedui/hedui/engine/api/wire"
	"github.com/hedui/hedui/engine/desk"
	"github.com/hedui/hedui/engine/explain"
)

// PublicNotice implements wire.Desk.
func (f *Front) PublicNotice(ctx context.Context, c wire.Caller, q wire.PublicNoticeQuery) (wire.PublicNotice, error) {
	from, to, err := period(q.From, q.To)
	if err != nil {
		return wire.PublicNotice{}, err
	}
	n, err := f.Desk.PublicNotice(ctx, caller(c), desk.NoticeQuery{
		Division: q.Division, Scheme: q.Scheme, From: from, To: to, Recipient: q.Recipient, Objects: q.Objects, Reason: q.Reason, Days: q.Days,
	})
	if err != nil {
		return wire.PublicNotice{}, told(err)
	}
	out := wire.PublicNotice{
		Number: n.Number, Division: n.Division, Scheme: n.Scheme, Recipient: n.Recipient, At: f.time(n.At), Foot: n.Foot(f.location()), Rows: []wire.NoticeRow{},
	}
	for i := range n.Entries {
		e := &n.Entries[i]
		out.Rows = append(out.Rows, wire.NoticeRow{
			Applicant: wire.PublicName(e.Applicant.Reveal()), Scheme: explain.SchemeTitle(e.Scheme, explain.Zh), Members: e.Members, Place: e.Place,
		})
	}
	return out, nil
}
