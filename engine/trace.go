package engine

import (
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/match/identity"
	"github.com/hedui/hedui/engine/profile"
)

// Traced is what became of one record that was looked at for a member, whether or
// not a rule reads it.
type Traced struct {
	Source   household.Source
	Snapshot string
	File     int
	Row      int64
	Member   int // from 1
	Use      identity.Use
	Tier     identity.Tier // None for what is nobody's here
}

// Trace makes Verify call fn for every record that is looked at, in no order that
// means anything. It is for measuring links; nil ends it.
func (w *Worker) Trace(fn func(Traced)) { w.trace = fn }

func (w *Worker) traced(s household.Source, o *profile.Origin, a *agreement) Traced {
	t := Traced{
		Source: s, Snapshot: w.v.snapshots[o.Snapshot].id, File: o.File, Row: o.Row,
		Member: w.plan.members[w.proto.member].number, Tier: a.link,
	}
	switch a.use {
	case sameName:
		t.Use = identity.Strong
		if t.Tier == identity.None {
			t.Tier = identity.A1 + identity.Tier(o.Form)
		}
	case toConfirm:
		t.Use = identity.Review
	case otherName:
		t.Use = identity.Conflict
		if t.Tier == identity.None {
			t.Tier = identity.X1
		}
	}
	return t
}
