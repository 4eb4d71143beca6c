package engine

import (
	"slices"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/index"
	"github.com/hedui/hedui/engine/match/documents"
	"github.com/hedui/hedui/engine/match/identity"
	"github.com/hedui/hedui/engine/match/names"
	"github.com/hedui/hedui/engine/profile"
	"github.com/hedui/hedui/engine/store"
)

// registry is what the population register knows, as package identity asks for it.
// It belongs to one goroutine and reuses its memory.
type registry struct {
	links   *links
	cursor  *index.Cursor
	names   *nameCache
	linker  *linker
	people  []index.Person
	profile profile.Profile
}

var _ identity.World = (*registry)(nil)

// Holders are the people registered under a key, now or formerly.
func (r *registry) Holders(key household.PersonKey) ([]identity.Holder, error) {
	out, err := r.registered(nil, key)
	if err != nil {
		return nil, err
	}
	people, _, err := r.cursor.Former(nil, key)
	if err != nil {
		return nil, err
	}
	for _, p := range people {
		if p.Flags&index.CurrentNumber != 0 {
			if out, err = r.registered(out, p.Key); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// registered appends the people that the register has under a key today.
func (r *registry) registered(dst []identity.Holder, key household.PersonKey) ([]identity.Holder, error) {
	if !key.Linked() {
		return dst, nil
	}
	r.linker.reads(key)
	if err := r.links.read(store.SectionPeople, key, &r.profile); err != nil {
		return nil, err
	}
	for i := range r.profile.Register {
		h := r.names.holder(&r.profile, i)
		h.Key = key
		dst = append(dst, h)
	}
	return dst, nil
}

// holder is a person of the register as their own row describes them.
func (c *nameCache) holder(p *profile.Profile, i int) identity.Holder {
	row := &p.Register[i]
	h := identity.Holder{}
	if row.Owner >= 0 && row.Owner < len(p.Owners) {
		o := &p.Owners[row.Owner]
		h.Name, h.Birth, h.Sex = c.name(o.Name), o.Birth, o.Sex
	}
	for name := range row.FormerNames() {
		h.Former = append(h.Former, c.name(name))
	}
	return h
}

// Namesakes counts others with the name and the birth date, and the county when it
// is given.
func (r *registry) Namesakes(subject household.PersonKey, name names.Name, birth household.Date, county string) (n int, known bool, err error) {
	if !r.links.index.HasRegister() {
		return 0, false, nil
	}
	people, tooMany, err := r.cursor.Namesakes(r.people[:0], name, birth)
	r.people = people
	if err != nil || tooMany {
		return 0, false, err
	}
	for _, p := range r.people {
		if p.Key == subject {
			continue
		}
		if county != "" {
			here, err := r.livesIn(p.Key, county)
			if err != nil {
				return 0, false, err
			}
			if !here {
				continue
			}
		}
		n++
	}
	return n, true, nil
}

func (r *registry) livesIn(key household.PersonKey, county string) (bool, error) {
	r.linker.reads(key)
	if err := r.links.read(store.SectionPeople, key, &r.profile); err != nil {
		return false, err
	}
	return slices.ContainsFunc(r.profile.Register, func(x profile.Registration) bool {
		return x.Owner >= 0 && x.Owner < len(r.profile.Owners) && prefix(r.profile.Owners[x.Owner].Division, len(county)) == county
	}), nil
}

// MaskCompatible counts others with the name whose number can be behind the mask.
func (r *registry) MaskCompatible(subject household.PersonKey, name names.Name, mask documents.Mask) (n int, known bool, err error) {
	if !r.links.index.HasRegister() {
		return 0, false, nil
	}
	text := make([]byte, mask.Places())
	for i := range text {
		if text[i] = mask.Digit(i); text[i] == 0 {
			text[i] = '*'
		}
	}
	people, tooMany, err := r.cursor.MaskCompatible(r.people[:0], name, string(text))
	r.people = people
	if err != nil || tooMany {
		return 0, false, err
	}
	for _, p := range r.people {
		if p.Key != subject {
			n++
		}
	}
	return n, true, nil
}

// Frequency is the share of people like the subject who carry the name.
func (r *registry) Frequency(name names.Name, birth household.Date, sex uint8, area string) (ppb int64, known bool, err error) {
	return r.cursor.Frequency(name, birth, sex, area)
}

// Population is how many people the register has.
func (r *registry) Population() (n int64, known bool) {
	return r.links.index.Population(), r.links.index.HasRegister()
}

// prefix is the first n bytes of s, or all of it.
func prefix(s string, n int) string { return s[:min(n, len(s))] }
