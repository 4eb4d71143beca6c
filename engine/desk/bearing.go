package desk

import (
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/hedui/hedui/engine"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/profile"
	"github.com/hedui/hedui/engine/review"
	"github.com/hedui/hedui/engine/store"
)

// bearing is a record that an outcome rests on: without it there would be another.
type bearing struct {
	Ref    string `json:"ref"` // keyed: for the case, and for whoever sees it
	Record record `json:"record"`
	Number int    `json:"number"` // of the evidence in the verdict, from 1 over all findings

	Coverage  household.CoverageState `json:"coverage"`
	AsOf      household.Date          `json:"as_of"`
	HasAmount bool                    `json:"has_amount,omitempty"`
	Amount    household.Fen           `json:"amount,omitempty"`
	Rule      string                  `json:"rule"`
	Law       string                  `json:"law,omitempty"`
}

// refOf is how a case speaks of a record, in whichever generation it lies.
func refOf(l ledger.Ledger, r *record) string {
	b := append(slices.Clone(r.Person), 0, byte(r.Source))
	return l.Pseudonym(ledger.Record, binary.BigEndian.AppendUint64(b, r.Content)).String()
}

// bearings reads the records that the outcome of a verdict rests on: the evidence of the
// findings that have its effect. They are read where the verdict read them.
func (d *Desk) bearings(k *kept, v *household.Verdict) (list []bearing, err error) {
	number := 0
	for i := range v.Findings {
		f := &v.Findings[i]
		for j := range f.Evidence {
			number++
			if f.Effect != v.Outcome {
				continue
			}
			e := &f.Evidence[j]
			where, err := k.placeOf(i+1, e)
			if err != nil {
				return nil, err
			}
			p, at, asOf, err := locate(k.generation, where)
			if err != nil {
				return nil, err
			}
			b := bearing{
				Record: recordAt(k.generation.id, where, p, at), Number: number, AsOf: asOf,
				HasAmount: e.HasAmount, Amount: e.Amount, Rule: f.Code, Law: f.Law,
			}
			b.Ref = refOf(d.o.Ledger, &b.Record)
			if e.Source < household.NumChecked {
				b.Coverage = v.Coverage[e.Source].Judged()
			}
			if !slices.ContainsFunc(list, func(o bearing) bool { return o.Ref == b.Ref }) {
				list = append(list, b)
			}
		}
	}
	return list, nil
}

// locate reads the profile that a record lies in, and finds it there. Of a record that
// another node sent it is what was kept of it.
func locate(g *generation, at place) (p *profile.Profile, index int, asOf household.Date, err error) {
	if at.Node != "" {
		p, index, err = at.sent()
		return p, index, at.AsOf, err
	}
	key, err := household.ParsePersonKey(at.Person)
	if err != nil {
		return nil, 0, 0, err
	}
	s := slices.IndexFunc(g.Manifest().Snapshots, func(s store.SnapshotRef) bool { return s.ID == at.Snapshot && s.Source == at.Source })
	if s < 0 {
		return nil, 0, 0, fmt.Errorf("generation %s does not have snapshot %s", g.id, at.Snapshot)
	}
	ref := &g.Manifest().Snapshots[s]
	if p, err = engine.Profile(g.Generation, key); err != nil {
		return nil, 0, 0, err
	}
	if index = p.Find(at.Source, ref.Ordinal, at.File, at.Row); index < 0 {
		return nil, 0, 0, fmt.Errorf("generation %s has nothing at snapshot %s, file %d, row %d: %w", g.id, at.Snapshot, at.File, at.Row, profile.ErrDamaged)
	}
	return p, index, ref.AsOf, nil
}

// sent is the record that another node sent.
func (at *place) sent() (*profile.Profile, int, error) {
	p := &profile.Profile{}
	if err := profile.Decode(at.Entry, p); err != nil {
		return nil, 0, err
	}
	index := p.Find(at.Source, 0, at.File, at.Row)
	if index < 0 {
		return nil, 0, fmt.Errorf("what was kept of snapshot %s, file %d, row %d of node %s is another record: %w", at.Snapshot, at.File, at.Row, at.Node, profile.ErrDamaged)
	}
	return p, index, nil
}

func recordAt(generation string, at place, p *profile.Profile, index int) record {
	return record{
		Person: at.Person, Source: at.Source, Content: p.ContentDigest(at.Source, index), Provider: at.Provider,
		Generation: generation, Snapshot: at.Snapshot, File: at.File, Row: at.Row, Node: at.Node,
	}
}

// verdictFor is what a case needs to know of a verdict.
func verdictFor(id string, outcome household.Outcome, list []bearing) review.Verdict {
	v := review.Verdict{ID: id, Outcome: outcome}
	for i := range list {
		v.LoadBearing = append(v.LoadBearing, review.Record{Ref: list[i].Ref, Source: list[i].Record.Source, Coverage: list[i].Coverage})
	}
	return v
}
