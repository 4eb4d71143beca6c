package recheck

import (
	"context"
	"errors"
	"fmt"
)

// Memory is a registry in memory, in the order of registration. It belongs to one
// goroutine at a time; Each may run beside Request.
type Memory struct {
	list []registered
	at   map[string]int
}

type registered struct {
	last    Last
	digest  uint64
	request []byte
}

var _ Registry = (*Memory)(nil)

// ErrNotRegistered is returned for a household that is not in the registry.
var ErrNotRegistered = errors.New("the household is not registered")

// Register takes a household in, or gives it another request. The request is not copied.
func (m *Memory) Register(household string, request []byte) {
	if m.at == nil {
		m.at = map[string]int{}
	}
	i, ok := m.at[household]
	if !ok {
		i = len(m.list)
		m.at[household] = i
		m.list = append(m.list, registered{last: Last{Household: household}})
	}
	m.list[i].digest, m.list[i].request = DigestOf(request), request
}

// Keep takes a result in.
func (m *Memory) Keep(r *Result) error {
	i, ok := m.at[r.Last.Household]
	if !ok {
		return fmt.Errorf("household %s: %w", r.Last.Household, ErrNotRegistered)
	}
	m.list[i].last = r.Last
	return nil
}

// Len is how many households are registered.
func (m *Memory) Len() int { return len(m.list) }

// Each implements Registry.
func (m *Memory) Each(_ context.Context, fn func(*Last, uint64) error) error {
	for i := range m.list {
		if err := fn(&m.list[i].last, m.list[i].digest); err != nil {
			return err
		}
	}
	return nil
}

// Request implements Registry.
func (m *Memory) Request(household string) ([]byte, error) {
	i, ok := m.at[household]
	if !ok {
		return nil, ErrNotRegistered
	}
	return m.list[i].request, nil
}
