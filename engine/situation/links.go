package situation

import (
	"context"
	"errors"
	"slices"

	"github.com/hedui/hedui/engine"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/index"
	"github.com/hedui/hedui/engine/match"
	"github.com/hedui/hedui/engine/match/names"
	"github.com/hedui/hedui/engine/profile"
	"github.com/hedui/hedui/engine/store"
	"github.com/hedui/hedui/rules"
	"github.com/hedui/hedui/rules/trace"
)

// register packs one row of the population register.
func (s *Situation) register(w *world, first *ordinals, x *registration, row int64) error {
	number := s.reference(x.Number)
	if x.Member == 0 && number == "" {
		return errors.New("neither a member nor a number")
	}
	member := max(x.Member, 1)
	key, form, err := s.person(member, number, true)
	if err != nil {
		return err
	}
	owner := profile.Owner{Name: s.name(member - 1), Birth: household.Date(x.Birth), Division: x.Division}
	if x.Name != nil {
		owner.Name = *x.Name
	}
	owner.Name = string(match.NormalName([]byte(owner.Name)))
	owner.Sex, _ = household.Sexes.Find(x.Sex)
	ordinal, err := first.ordinal(household.Register, 0)
	if err != nil {
		return err
	}
	r := household.Record{Register: household.RegisterRecord{
		FormerNames: []byte(x.FormerNames), FormerNumbers: []byte(s.reference(x.FormerNumbers)),
		DeceasedOn: household.Date(x.DeceasedOn), HouseholdNo: []byte(x.Household),
	}}
	w.known[key] = true
	o := profile.Origin{Snapshot: ordinal, File: 1, Row: row, Form: form}
	w.person(key).Add(household.Register, o, profile.AppendOwner(nil, owner), profile.AppendContent(nil, household.Register, &r))
	return nil
}

// look seals a situation as a generation in memory and verifies the request from it,
// as a check would.
func (s *Situation) look(p *rules.Pack, w *world, t *trace.Trace) (_ *household.Verdict, err error) {
	gen, err := w.generation(len(s.Register) > 0)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, gen.Close()) }()
	v, err := engine.NewVerifier(gen.Manifest(), p, household.Date(s.On))
	if err != nil {
		return nil, err
	}
	ctx := context.Background()
	if err := v.Link(ctx, gen); err != nil {
		return nil, err
	}
	worker := v.Worker()
	worker.Record(t)
	var plan engine.Plan
	worker.Prepare(w.line, 1, &plan)
	return worker.Look(ctx, gen, &plan)
}

// generation seals the people of a situation, with an index.
func (w *world) generation(register bool) (_ store.Generation, err error) {
	table, err := names.Embedded()
	if err != nil {
		return nil, err
	}
	keys, err := index.NewBuilder(table, index.BuildOptions{Memory: 1 << 20})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, keys.Close()) }()
	feed := index.NewFeed(keys, register)
	m := store.NewMemory()
	b, err := m.Begin(store.BuildOptions{})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, b.Abort()) }()
	var all []household.PersonKey
	for key := range w.people {
		all = append(all, key)
	}
	slices.SortFunc(all, household.PersonKey.Compare)
	for _, name := range []string{store.SectionPeople, store.SectionUnlinked} {
		section, err := b.Section(name, profile.Version)
		if err != nil {
			return nil, err
		}
		for _, key := range all {
			if key.Linked() != (name == store.SectionPeople) {
				continue
			}
			entry := w.people[key].Append(nil)
			if err := errors.Join(section.Add(key, entry), feed.Add(key, w.known[key], entry)); err != nil {
				return nil, err
			}
		}
		if err := section.Close(); err != nil {
			return nil, err
		}
	}
	if err := keys.WriteTo(context.Background(), b); err != nil {
		return nil, err
	}
	manifest, err := b.Seal(store.Contents{ProfileVersion: profile.Version, Snapshots: w.manifest.Snapshots})
	if err != nil {
		return nil, err
	}
	return m.Open(manifest.ID)
}
