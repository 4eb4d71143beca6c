package desk

import (
	"context"
	"errors"
	"fmt"

	"github.com/hedui/hedui/engine"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/rules"
)

// Pinned is what the rows of a batch are judged by, from the first to the last: one
// generation, the rules of one scheme, one day. The generation stays open until Close.
type Pinned struct {
	d      *Desk
	g      *generation
	judge  *judge
	scheme string
}

// Pin takes hold of a generation, "" for the current one, to judge the rows of a batch by
// the rules of a scheme on a day, 0 for today at the centre.
func (d *Desk) Pin(ctx context.Context, id, scheme string, on household.Date) (_ *Pinned, err error) {
	pack := d.o.Packs[scheme]
	if pack == nil {
		return nil, &Refusal{Code: InvalidField, Fields: []string{"scheme: nobody judges it here"}}
	}
	var g *generation
	if id == "" {
		g, err = d.current.acquire()
	} else {
		g, err = d.current.acquireID(id)
	}
	if err != nil {
		return nil, err
	}
	if on == 0 {
		on = d.Today()
	}
	// A batch does not wait for the node above: what that is asked for is pending, and asked
	// afterwards, household by household.
	var up *engine.Upstream
	if known := d.upper(); known != nil {
		up = &engine.Upstream{Node: known.Node, Sources: known.Sources}
	}
	j, err := g.judge(ctx, pack, on, up)
	if err != nil {
		return nil, fmt.Errorf("generation %s: %w", g.id, errors.Join(err, d.current.release(g)))
	}
	return &Pinned{d, g, j, scheme}, nil
}

// Close lets the generation go.
func (p *Pinned) Close() error { return p.d.current.release(p.g) }

// Generation is the id of the generation.
func (p *Pinned) Generation() string { return p.g.id }

// Rules is the name, version and digest of the rules.
func (p *Pinned) Rules() string { return packName(p.judge.pack) }

// Pack is the rules.
func (p *Pinned) Pack() *rules.Pack { return p.judge.pack }

// On is the day.
func (p *Pinned) On() household.Date { return p.judge.on }

// Scheme is what the households are judged for.
func (p *Pinned) Scheme() string { return p.scheme }
