package desk

import (
	"context"
	"slices"
	"sync"

	"github.com/hedui/hedui/engine"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/store"
	"github.com/hedui/hedui/rules"
)

// generation is one that is open, and the verifiers made for it.
type generation struct {
	store.Generation
	id      string
	program string // what judges
	readers int    // under current.mu

	mu     sync.Mutex
	most   int
	judges []*judge // the one used last is the last
}

// judge judges by one pack on one date.
type judge struct {
	pack *rules.Pack
	on   household.Date
	up   *engine.Upstream // that is asked for what the generation lacks; nil asks nobody

	once     sync.Once
	verifier *engine.Verifier
	err      error
	lookers  sync.Pool
}

func newGeneration(g store.Generation, most int, program string) *generation {
	return &generation{Generation: g, id: g.Manifest().ID, program: program, most: most}
}

// judge returns the verifier of a pack on a date, made at its first use.
func (g *generation) judge(ctx context.Context, p *rules.Pack, on household.Date, up *engine.Upstream) (*judge, error) {
	j := g.keep(p, on, up)
	j.once.Do(func() {
		// Whoever asks second must not get the end of the first one's patience.
		ctx := context.WithoutCancel(ctx)
		if j.verifier, j.err = engine.NewDocked(g.Manifest(), p, on, up); j.err == nil {
			j.err = j.verifier.Link(ctx, g.Generation)
		}
	})
	return j, j.err
}

// keep finds a judge or makes room for one.
func (g *generation) keep(p *rules.Pack, on household.Date, up *engine.Upstream) *judge {
	g.mu.Lock()
	defer g.mu.Unlock()
	at := slices.IndexFunc(g.judges, func(j *judge) bool { return j.on == on && j.pack.Digest == p.Digest && j.up.Same(up) })
	var j *judge
	switch {
	case at >= 0:
		j = g.judges[at]
		g.judges = slices.Delete(g.judges, at, at+1)
	default:
		j = &judge{pack: p, on: on, up: up}
		if len(g.judges) >= g.most {
			g.judges = slices.Delete(g.judges, 0, 1)
		}
	}
	g.judges = append(g.judges, j)
	return j
}
