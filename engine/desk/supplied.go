package desk

import (
	"errors"
	"slices"
	"sync"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/store"
)

type suppliedMonths [household.NumChecked][]household.Months

// suppliedKept is of how many generations it is remembered which months they have.
const suppliedKept = 32

// supplied remembers which months generations have. A generation never changes, and
// opening one for each look at an old verdict would take longer than the rest of it.
type supplied struct {
	mu    sync.Mutex
	by    map[string]*suppliedMonths // by generation
	first []string                   // in the order in which they were asked for first
}

// of is which months a generation has; not known when it is not held any more.
func (s *supplied) of(generation string, from *current) (suppliedMonths, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if m := s.by[generation]; m != nil {
		return *m, true, nil
	}
	g, err := from.acquireID(generation)
	if errors.Is(err, store.ErrNotFound) {
		return suppliedMonths{}, false, nil
	}
	if err != nil {
		return suppliedMonths{}, false, err
	}
	m := &suppliedMonths{}
	for _, r := range g.Manifest().Snapshots {
		if r.Source < household.NumChecked {
			m[r.Source] = append(m[r.Source], r.Supplies...)
		}
	}
	if s.by == nil {
		s.by = map[string]*suppliedMonths{}
	}
	if len(s.by) >= suppliedKept {
		delete(s.by, s.first[0])
		s.first = slices.Delete(s.first, 0, 1)
	}
	s.by[generation], s.first = m, append(s.first, generation)
	return *m, true, from.release(g)
}
