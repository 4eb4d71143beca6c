package backoffice

import (
	"context"
	"maps"
	"slices"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/account"
	"github.com/hedui/hedui/engine/api/wire"
)

// Centres says when the machines of the city and county centres in a division were last
// heard of. A token knows the day of its last use, and no more: whether a centre is there
// at this moment nobody knows. Who may see it is asked by whoever calls.
func (k *Office) Centres(ctx context.Context, division string) ([]wire.CentreHeard, error) {
	users, _, err := k.store.Users(ctx)
	if err != nil {
		return nil, err
	}
	by := map[string]wire.CentreHeard{}
	for i := range users {
		u := &users[i]
		if u.State != account.Active || !slices.Contains(u.Roles, account.Role(access.Centre.String())) || !access.Within(u.Division, division) {
			continue
		}
		tokens, err := k.store.Tokens(ctx, u.ID)
		if err != nil {
			return nil, err
		}
		d := access.Significant(u.Division)
		c := by[d]
		c.Division, c.Accounts = d, c.Accounts+1
		for j := range tokens {
			c.LastHeard = max(c.LastHeard, tokens[j].LastUsed.String()) // such texts are in the order of days
		}
		by[d] = c
	}
	out := []wire.CentreHeard{}
	for _, d := range slices.Sorted(maps.Keys(by)) {
		out = append(out, by[d])
	}
	return out, nil
}
