package engine

import (
	"context"
	"fmt"

	"github.com/hedui/hedui/engine/block"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/profile"
	"github.com/hedui/hedui/engine/store"
)

// Check answers one request from a generation, which must be the one the verifier
// was made for. The verdict is what a batch would write for the same line. It
// returns an error, and no verdict, when a block or a profile is damaged.
func Check(ctx context.Context, gen store.Generation, v *Verifier, line []byte) (*household.Verdict, error) {
	w := v.Worker()
	var p Plan
	w.Prepare(line, 1, &p)
	return w.Look(ctx, gen, &p)
}

// Look reads the profiles that a plan needs, each from the verified block that
// covers the person, and verifies the plan. The verdict is the caller's own.
//
// What a docked verifier would ask another node for is pending: see LookWith.
func (w *Worker) Look(ctx context.Context, gen store.Generation, p *Plan) (*household.Verdict, error) {
	return w.look(ctx, gen, p, nil)
}

// look is Look. join, if there is one, adds to what is held of the i-th person.
func (w *Worker) look(ctx context.Context, gen store.Generation, p *Plan, join func(i int, own []byte) ([]byte, error)) (*household.Verdict, error) {
	if id := gen.Manifest().ID; id != w.v.generation {
		return nil, fmt.Errorf("the verifier was made for generation %s, not for %s", w.v.generation, id)
	}
	profiles := make([]*profile.Profile, len(p.keys))
	for i, key := range p.keys {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		profiles[i] = &profile.Profile{}
		if join == nil {
			if err := readProfile(gen, store.SectionPeople, key, profiles[i]); err != nil {
				return nil, err
			}
			continue
		}
		if err := readJoined(gen, key, profiles[i], func(own []byte) ([]byte, error) { return join(i, own) }); err != nil {
			return nil, err
		}
	}
	out := &household.Verdict{}
	if err := w.Verify(p, profiles, out); err != nil {
		return nil, err
	}
	w.masks = nil // they are the caller's
	return out, nil
}

// Profile reads what is held under a key, for whoever opens a record that a verdict
// names. An empty profile says that nothing is, which is proven.
func Profile(gen store.Generation, key household.PersonKey) (*profile.Profile, error) {
	p := &profile.Profile{}
	return p, readProfile(gen, sectionOf(key), key, p)
}

// Entry is the packed profile of what is held under a key; nil says that nothing is, which
// is proven.
func Entry(gen store.Generation, key household.PersonKey) (out []byte, err error) {
	err = viewEntry(gen, sectionOf(key), key, func(entry []byte) error {
		out = append([]byte(nil), entry...)
		return nil
	})
	return out, err
}

// readProfile decodes the entry of a key of a section; an empty profile says that
// nothing is held.
func readProfile(gen store.Generation, section string, key household.PersonKey, p *profile.Profile) error {
	p.Reset()
	return viewEntry(gen, section, key, func(entry []byte) error {
		// The block is borrowed, the profile's strings are views: keep a copy.
		return profile.Decode(append([]byte(nil), entry...), p)
	})
}

// readJoined is readProfile of a known person with what join makes of the entry.
func readJoined(gen store.Generation, key household.PersonKey, p *profile.Profile, join func(own []byte) ([]byte, error)) error {
	p.Reset()
	var own []byte
	err := viewEntry(gen, store.SectionPeople, key, func(entry []byte) error {
		own = append(own, entry...)
		return nil
	})
	if err != nil {
		return err
	}
	entry, err := join(own)
	if err != nil || len(entry) == 0 {
		return err
	}
	return profile.Decode(entry, p)
}

// viewEntry calls fn with the borrowed entry of a key of a section, unless nothing is
// held, which the verified block that covers the key has proven.
func viewEntry(gen store.Generation, section string, key household.PersonKey, fn func(entry []byte) error) error {
	err := gen.View(section, key, func(b block.Block) error {
		entry, held := b.Find(key)
		if !held {
			if !b.Covers(key) {
				return errNotCovering
			}
			return nil
		}
		return fn(entry)
	})
	if err != nil {
		return fmt.Errorf("generation %s: %w", gen.Manifest().ID, err)
	}
	return nil
}

// errNotCovering says that a store handed over a block of other people.
var errNotCovering = fmt.Errorf("the block does not cover the person asked for: %w", profile.ErrDamaged)
