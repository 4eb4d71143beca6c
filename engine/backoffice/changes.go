package backoffice

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/api/wire"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/register"
)

// Changes lists what checking again found changed and nobody has looked at yet, in the
// caller's division: the most severe first.
func (k *Office) Changes(ctx context.Context, c wire.Caller, q wire.ChangeQuery) (wire.List[wire.Change], error) {
	if err := k.may(&c, access.RecheckChanges); err != nil {
		return wire.List[wire.Change]{}, err
	}
	query := ledger.TasksIn(register.Changes, register.Open, access.Significant(c.Division))
	query.Cursor, query.Limit = q.After, q.Limit
	page, next, err := ledger.List[ledger.Task](ctx, k.o.Ledger, query)
	if err != nil {
		return wire.List[wire.Change]{}, err
	}
	out := wire.List[wire.Change]{Items: []wire.Change{}, Next: next}
	for _, t := range page {
		var x register.Change
		if json.Unmarshal(t.Body, &x) != nil { // its text may quote what it read
			return out, fmt.Errorf("task %s of the ledger can't be read", t.ID)
		}
		if q.Since != "" && x.Run != q.Since && x.Generation != q.Since || q.Outcome != "" && x.After != q.Outcome {
			continue
		}
		if !access.Decide(c.Subject, access.RecheckChanges, access.Object{Division: t.Division, Purpose: x.Scheme}).Allow {
			continue
		}
		out.Items = append(out.Items, wire.Change{Household: t.Household, Was: x.Before, Is: x.After, Why: append([]string{}, x.Reasons...), Sources: append([]string{}, x.Sources...), Run: x.Run})
	}
	return out, nil
}
