package ledgertest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/hedui/hedui/engine/ledger"
)

// Memory is a ledger in memory. Its zero value is an empty one.
type Memory struct {
	mu     sync.Mutex
	rows   map[key]ledger.Row // Fields nil: erased
	keys   map[key][][]byte   // that List finds an entry by
	names  map[key]string
	closed bool
}

type key struct {
	kind ledger.Kind
	id   string
}

func (m *Memory) begin(ctx context.Context) (func(), error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	m.mu.Lock()
	if m.closed {
		m.mu.Unlock()
		return nil, ledger.ErrClosed
	}
	if m.rows == nil {
		m.rows, m.keys, m.names = map[key]ledger.Row{}, map[key][][]byte{}, map[key]string{}
	}
	return m.mu.Unlock, nil
}

// Get reads one entry.
func (m *Memory) Get(ctx context.Context, kind ledger.Kind, id string) (ledger.Row, error) {
	end, err := m.begin(ctx)
	if err != nil {
		return ledger.Row{}, err
	}
	defer end()
	if id == "" {
		return ledger.Row{}, ledger.ErrInvalid
	}
	row, ok := m.rows[key{kind, id}]
	switch {
	case !ok:
		return ledger.Row{}, ledger.ErrNotFound
	case row.Fields == nil:
		return ledger.Row{}, ledger.ErrErased
	}
	return clone(row), nil
}

// Find reads the entry that has a unique name.
func (m *Memory) Find(ctx context.Context, kind ledger.Kind, unique string) (ledger.Row, error) {
	end, err := m.begin(ctx)
	if err != nil {
		return ledger.Row{}, err
	}
	id, ok := m.names[key{kind, unique}]
	end()
	if !ok {
		return ledger.Row{}, ledger.ErrNotFound
	}
	return m.Get(ctx, kind, id)
}

// List reads a page. It looks at every entry there is.
func (m *Memory) List(ctx context.Context, q ledger.Query) (ledger.Page, error) {
	end, err := m.begin(ctx)
	if err != nil {
		return ledger.Page{}, err
	}
	defer end()
	if len(q.Prefix) < 2 || q.Limit < 0 {
		return ledger.Page{}, ledger.ErrInvalid
	}
	after, err := base64.RawURLEncoding.DecodeString(q.Cursor)
	if err != nil || q.Cursor != "" && !bytes.HasPrefix(after, q.Prefix) {
		return ledger.Page{}, ledger.ErrInvalid
	}
	type hit struct {
		at  []byte
		row ledger.Row
	}
	var hits []hit
	for k, row := range m.rows {
		if k.kind != q.Kind || row.Fields == nil {
			continue
		}
		for _, at := range m.keys[k] {
			if bytes.HasPrefix(at, q.Prefix) && (q.Cursor == "" || bytes.Compare(at, after) > 0) {
				hits = append(hits, hit{at, row})
			}
		}
	}
	slices.SortFunc(hits, func(a, b hit) int { return bytes.Compare(a.at, b.at) })
	limit := q.Limit
	if limit == 0 {
		limit = ledger.DefaultPage
	}
	limit = min(limit, ledger.MaxPage)
	page := ledger.Page{}
	if len(hits) > limit {
		hits = hits[:limit]
		page.Next = base64.RawURLEncoding.EncodeToString(hits[limit-1].at)
	}
	for _, h := range hits {
		row := clone(h.row)
		if q.Bare {
			row.Body = nil
		}
		page.Rows = append(page.Rows, row)
	}
	return page, nil
}

// Scan reads every entry of a kind.
func (m *Memory) Scan(ctx context.Context, kind ledger.Kind, fn func(*ledger.Row) error) error {
	end, err := m.begin(ctx)
	if err != nil {
		return err
	}
	var rows []ledger.Row
	for k, row := range m.rows {
		if k.kind == kind && row.Fields != nil {
			rows = append(rows, clone(row))
		}
	}
	end() // fn may write
	if strings.HasPrefix(kind.String(), "kind ") {
		return ledger.ErrInvalid
	}
	slices.SortFunc(rows, func(a, b ledger.Row) int { return strings.Compare(a.ID, b.ID) })
	for i := range rows {
		if err := fn(&rows[i]); err != nil {
			return err
		}
	}
	return nil
}

// Commit writes a change.
func (m *Memory) Commit(ctx context.Context, c ledger.Change) error {
	if err := c.Validate(); err != nil {
		return err
	}
	end, err := m.begin(ctx)
	if err != nil {
		return err
	}
	defer end()
	for _, r := range c.Requires {
		row, ok := m.rows[key{r.Kind, r.ID}]
		if ok && row.Fields == nil {
			return ledger.ErrErased
		}
		if row.Version != r.Version {
			return &ledger.ConflictError{Kind: r.Kind, ID: r.ID, Expect: r.Version, Have: row.Version}
		}
	}
	puts, keys := map[key]ledger.Row{}, map[key][][]byte{}
	if f := c.Fence; f != nil {
		k := key{ledger.KindPosition, ledger.PositionID(f.Topic, f.Partition)}
		old, ok := m.rows[k]
		p := ledger.Position{Epoch: f.Epoch, Offset: f.From}
		if ok {
			if err := json.Unmarshal(old.Fields, &p); err != nil {
				return err
			}
		}
		if f.Epoch < p.Epoch || !f.Restart && f.From != p.Offset || ok && f.Restart && f.Epoch == p.Epoch {
			return fmt.Errorf("%s: %w", k.id, ledger.ErrFenced)
		}
		fields := ledger.PutOver(&ledger.Position{Topic: f.Topic, Partition: f.Partition, Epoch: f.Epoch, Offset: f.To}).Fields
		puts[k] = ledger.Row{Kind: k.kind, ID: k.id, Version: old.Version + 1, Fields: fields, Body: f.Mark}
		keys[k] = listed(puts[k], nil)
	}
	names := map[key]string{}
	for _, op := range c.Ops {
		k := key{op.Kind, op.ID}
		old, ok := m.rows[k]
		if ok && old.Fields == nil {
			return ledger.ErrErased
		}
		if !op.Over && old.Version != op.Expect {
			return &ledger.ConflictError{Kind: op.Kind, ID: op.ID, Expect: op.Expect, Have: old.Version}
		}
		row := clone(ledger.Row{Kind: op.Kind, ID: op.ID, Version: old.Version + 1, Fields: op.Fields, Body: op.Body})
		if !op.Erase {
			index, uniques, err := ledger.Keys(row)
			if err != nil {
				return err
			}
			keys[k] = listed(row, index)
			for _, u := range uniques {
				n := key{op.Kind, u}
				for _, taken := range []map[key]string{m.names, names} {
					if id, ok := taken[n]; ok && id != op.ID {
						return &ledger.ConflictError{Kind: op.Kind, ID: op.ID, Have: old.Version, Unique: true}
					}
				}
				names[n] = op.ID
			}
		}
		puts[k] = row
	}
	maps.Copy(m.rows, puts)
	maps.Copy(m.keys, keys)
	maps.Copy(m.names, names)
	return nil
}

// listed are the keys of an index and that of the entry itself, each once.
func listed(row ledger.Row, index [][]byte) [][]byte {
	index = append(index, append(ledger.Every(row.Kind).Prefix, row.ID...))
	slices.SortFunc(index, bytes.Compare)
	return slices.CompactFunc(index, bytes.Equal)
}

// Pseudonym has a key that everybody knows.
func (*Memory) Pseudonym(d ledger.Domain, plain []byte) ledger.Pseudonym {
	return ledger.Pseudonym(TestPseudonym(slices.Concat([]byte(d), []byte{0}, plain)))
}

// TestPseudonym may be given to a ledger as Options.Pseudonym, so that it speaks of
// persons as Memory does.
func TestPseudonym(b []byte) (p [16]byte) {
	sum := sha256.Sum256(append([]byte("ledgertest "), b...))
	copy(p[:], sum[:])
	return p
}

// Digest is that of a ledger with the same content.
func (m *Memory) Digest(ctx context.Context) (string, error) {
	end, err := m.begin(ctx)
	if err != nil {
		return "", err
	}
	defer end()
	var rows []ledger.Row
	for _, row := range m.rows {
		rows = append(rows, row)
	}
	slices.SortFunc(rows, func(a, b ledger.Row) int {
		if a.Kind != b.Kind {
			return int(a.Kind) - int(b.Kind)
		}
		return strings.Compare(a.ID, b.ID)
	})
	return ledger.DigestOf(rows), nil
}

// Verify finds nothing.
func (m *Memory) Verify(ctx context.Context) (ledger.Report, error) {
	digest, err := m.Digest(ctx)
	if err != nil {
		return ledger.Report{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	r := ledger.Report{Digest: digest, Entries: int64(len(m.rows))}
	for _, row := range m.rows {
		if row.Fields == nil {
			r.Stubs++
		}
	}
	return r, nil
}

// Close ends it.
func (m *Memory) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	return nil
}

func clone(r ledger.Row) ledger.Row {
	r.Fields, r.Body = bytes.Clone(r.Fields), bytes.Clone(r.Body)
	if len(r.Body) == 0 {
		r.Body = nil
	}
	return r
}
