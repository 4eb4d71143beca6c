package backoffice

import (
	"context"
	"time"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/desk"
)

// Seen reads from the audit log who has seen a field in full lately, as far back as the
// policy counts, for desk.Desk.Recall. An account that is gone counts for nobody.
func (k *Office) Seen(ctx context.Context) (out []desk.Seen, err error) {
	rule, _ := access.Unmask.Rule()
	from := k.o.Now().Add(-rule.Limit.Per)
	q := audit.Query{Operation: access.Unmask.String(), Outcome: audit.Done, From: from}
	err = audit.Search(ctx, k.o.Data, q, func(h audit.Hit) error {
		at, err := time.Parse(time.RFC3339, h.Time)
		if err != nil || at.Before(from) {
			return err
		}
		who, ok, err := k.Person(ctx, h.Actor)
		if ok && err == nil {
			out = append(out, desk.Seen{Person: who, At: at})
		}
		return err
	})
	return out, err
}
