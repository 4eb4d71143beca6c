package desk

import "github.com/hedui/hedui/engine/ledger"

// mostScanned is how many entries are read for one page. Beyond it the page ends short,
// so that a list of which somebody may see next to nothing does not hold up the rest.
const mostScanned = 2000

// listed reads one page of what see makes of those entries that it lets through. Where
// the page ends does not tell of the others: there is a next one only when something to
// be seen is on it.
func listed[P, S any](q ledger.Query, read func(ledger.Query) ([]P, string, error), see func(P) (S, bool, error)) (list []S, next string, err error) {
	limit := q.Limit
	if limit <= 0 {
		limit = ledger.DefaultPage
	}
	full := false
	for scanned := 0; scanned < mostScanned; {
		if q.Limit = limit - len(list); full {
			q.Limit = limit
		}
		page, after, err := read(q)
		if err != nil {
			return nil, "", badCursor(err)
		}
		for _, p := range page {
			x, seen, err := see(p)
			if err != nil {
				return nil, "", err
			}
			switch {
			case seen && full:
				return list, next, nil // there is more
			case seen:
				list = append(list, x)
			}
		}
		scanned += len(page)
		if after == "" {
			return list, "", nil
		}
		q.Cursor = after
		if !full {
			next, full = after, len(list) == limit
		}
	}
	return list, next, nil
}
