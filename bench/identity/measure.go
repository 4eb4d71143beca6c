package main

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/hedui/hedui/engine"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/match/identity"
	"github.com/hedui/hedui/engine/store"
)

// seen is a link of a record to a person that the engine gave.
type seen struct {
	person int32
	row    int32
	source household.Source
	use    identity.Use
	tier   identity.Tier
}

// ask checks every person of the register as a household of one, and returns what
// became of every record that was looked at.
func ask(ctx context.Context, gen store.Generation, v *engine.Verifier, t *truth, workers int) ([]seen, time.Duration, error) {
	begin := time.Now()
	all := make([][]seen, workers)
	errs := make([]error, workers)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			all[w], errs[w] = askRange(ctx, gen, v, t, len(t.people)*w/workers, len(t.people)*(w+1)/workers)
		})
	}
	wg.Wait()
	var out []seen
	for w := range workers {
		if errs[w] != nil {
			return nil, 0, errs[w]
		}
		out = append(out, all[w]...)
	}
	return out, time.Since(begin), nil
}

func askRange(ctx context.Context, gen store.Generation, v *engine.Verifier, t *truth, from, to int) ([]seen, error) {
	var out []seen
	w := v.Worker()
	var plan engine.Plan
	person := int32(0)
	w.Trace(func(x engine.Traced) {
		if x.Use == identity.Nothing || x.Use == identity.Hidden {
			return
		}
		out = append(out, seen{person, int32(x.Row), x.Source, x.Use, x.Tier})
	})
	for i := from; i < to; i++ {
		person = int32(i)
		line, err := t.people[i].request(i)
		if err != nil {
			return nil, err
		}
		w.Prepare(line, 1, &plan)
		if r := plan.Refusal(); r != "" {
			return nil, fmt.Errorf("person %d of the register: %s", i+1, r)
		}
		if _, err := w.Look(ctx, gen, &plan); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// request asks for one person.
func (c *citizen) request(i int) ([]byte, error) { return request(i, c) }

// request asks for a household.
func request(i int, people ...*citizen) ([]byte, error) {
	type object = map[string]any
	var members []object
	var signed []string
	relation := "head"
	for _, c := range people {
		member := object{"name": c.name, "id_number": c.number, "relation": relation, "declared_income": []object{}}
		if c.idType != "" {
			member["id_type"] = c.idType
		}
		if c.birth != "" {
			member["birth_date"] = c.birth
		}
		if c.sex != "" {
			member["sex"] = c.sex
		}
		members, signed, relation = append(members, member), append(signed, c.number), "other"
	}
	return json.Marshal(object{
		"household_id": fmt.Sprintf("%07d", i), "region": people[0].division, "scheme": "dibao", "residence": "urban",
		"authorization": object{"number": "1", "valid_from": "2026-01-01", "valid_to": "2026-12-31", "signed_by": signed},
		"members":       members,
	})
}

// tally counts records, or links, for one kind of corruption.
type tally struct {
	Records      int // that are somebody's who was asked for
	Strong       int // of them, linked to that person and to nobody else
	Review       int // of them, not strong, and shown to a person for review
	Wrong        int // strong links to somebody else
	WrongReview  int // links for review to somebody else
	Conflict     int // records on the conflict list
	StrongLinks  int // all strong links
	ReviewOthers int // records with only links for review, right or wrong
}

// score compares what was seen with the truth.
func score(t *truth, links []seen) (all tally, byCode []tally) {
	type mark struct{ strong, wrong, review, wrongReview, conflict bool }
	var marks [household.NumChecked][]mark
	for s := household.Tax; s < household.NumChecked; s++ {
		marks[s] = make([]mark, len(t.owner[s]))
	}
	byCode = make([]tally, len(t.names))
	each := func(s household.Source, row int, fn func(*tally)) {
		fn(&all)
		for i := range byCode {
			if t.codes[s][row]>>i&1 != 0 {
				fn(&byCode[i])
			}
		}
	}
	for _, l := range links {
		m := &marks[l.source][l.row]
		owner := t.owner[l.source][l.row]
		right := owner >= 0 && t.people[owner].id() == t.people[l.person].id() && t.people[owner].name == t.people[l.person].name
		switch {
		case l.use == identity.Strong && right:
			m.strong = true
		case l.use == identity.Strong:
			m.wrong = true
		case l.use == identity.Review && right:
			m.review = true
		case l.use == identity.Review:
			m.wrongReview = true
		case l.use == identity.Conflict:
			m.conflict = true
		}
		if l.use == identity.Strong {
			each(l.source, int(l.row), func(x *tally) {
				x.StrongLinks++
				if !right {
					x.Wrong++
				}
			})
		}
	}
	for s := household.Tax; s < household.NumChecked; s++ {
		for row := 1; row < len(marks[s]); row++ {
			m := marks[s][row]
			known := t.owner[s][row] >= 0
			each(s, row, func(x *tally) {
				if known {
					x.Records++
				}
				switch {
				case known && m.strong:
					x.Strong++
				case known && m.review:
					x.Review++
				}
				if m.wrongReview {
					x.WrongReview++
				}
				if m.conflict {
					x.Conflict++
				}
				if !m.strong && (m.review || m.wrongReview) {
					x.ReviewOthers++
				}
			})
		}
	}
	return all, byCode
}
