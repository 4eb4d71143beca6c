package store

import (
	"context"
	"slices"
	"sync"
)

// Memory is a Store in memory, for tests and small trials. It keeps nothing.
type Memory struct {
	mu       sync.Mutex
	held     map[string]*memoryPages
	current  string
	building bool
}

// NewMemory returns an empty store.
func NewMemory() *Memory { return &Memory{held: map[string]*memoryPages{}} }

type memoryPages struct {
	manifest *Manifest
	fences   []*fence
	blocks   [][][]byte // by section and number
}

func (p *memoryPages) read(s, i int) ([]byte, error) { return p.blocks[s][i], nil }
func (p *memoryPages) cursor() cursor                { return p }
func (p *memoryPages) walk()                         {}
func (p *memoryPages) where(int, int) string         { return "memory" }
func (p *memoryPages) close()                        {}

func (p *memoryPages) sweepFiles(context.Context, func(int64)) error { return nil }

// memoryReader separates the two closes of pages and cursor.
type memoryReader struct{ *memoryPages }

func (memoryReader) close() error { return nil }

// Begin implements Store.
func (m *Memory) Begin(o BuildOptions) (Builder, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.building {
		return nil, ErrBusy
	}
	m.building = true
	return &memoryBuilder{store: m, sections: sections{options: o.withDefaults()}}, nil
}

// Open implements Store.
func (m *Memory) Open(id string) (Generation, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	p := m.held[id]
	if p == nil {
		return nil, ErrNotFound
	}
	return &generation{manifest: p.manifest, fences: p.fences, pages: memoryReader{p}}, nil
}

// Activate implements Store.
func (m *Memory) Activate(id string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.held[id] == nil {
		return ErrNotFound
	}
	m.current = id
	return nil
}

// Current implements Store.
func (m *Memory) Current() (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.current == "" {
		return "", ErrNoCurrent
	}
	return m.current, nil
}

// List implements Store.
func (m *Memory) List() ([]string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var ids []string
	for id := range m.held {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids, nil
}

// Drop implements Store.
func (m *Memory) Drop(id string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case m.held[id] == nil:
		return ErrNotFound
	case m.current == id:
		return ErrCurrent
	}
	delete(m.held, id)
	return nil
}

type memoryBuilder struct {
	sections
	store  *Memory
	blocks [][][]byte
}

// Section implements Builder.
func (b *memoryBuilder) Section(name string, version int) (SectionWriter, error) {
	s := len(b.blocks)
	w, err := b.next(name, version, func(_ int, _ post, raw []byte) error {
		b.blocks[s] = append(b.blocks[s], slices.Clone(raw))
		return nil
	})
	if err == nil {
		b.blocks = append(b.blocks, nil)
	}
	return w, err
}

// Seal implements Builder.
func (b *memoryBuilder) Seal(c Contents) (*Manifest, error) {
	if b.over {
		return nil, ErrClosed
	}
	err := b.finish()
	b.store.mu.Lock()
	defer b.store.mu.Unlock()
	b.store.building = false
	if err != nil {
		return nil, err
	}
	m, err := newManifest(c.clone(), b.fences)
	if err != nil {
		return nil, err
	}
	if held := b.store.held[m.ID]; held != nil {
		return held.manifest, nil
	}
	b.store.held[m.ID] = &memoryPages{m, b.fences, b.blocks}
	return m, nil
}

// clone keeps a sealed manifest from changing with its maker's slices.
func (c Contents) clone() Contents {
	c.Snapshots = slices.Clone(c.Snapshots)
	for i := range c.Snapshots {
		c.Snapshots[i].Supplies = slices.Clone(c.Snapshots[i].Supplies)
	}
	return c
}

// Abort implements Builder.
func (b *memoryBuilder) Abort() error {
	if b.over {
		return nil
	}
	b.over = true
	b.store.mu.Lock()
	defer b.store.mu.Unlock()
	b.store.building = false
	return nil
}
