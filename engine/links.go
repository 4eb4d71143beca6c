package engine

import (
	"context"
	"errors"
	"fmt"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/index"
	"github.com/hedui/hedui/engine/match"
	"github.com/hedui/hedui/engine/match/identity"
	"github.com/hedui/hedui/engine/match/names"
	"github.com/hedui/hedui/engine/profile"
	"github.com/hedui/hedui/engine/store"
	"github.com/hedui/hedui/rules"
)

// links are what a verifier needs to look for records that do not lie under exactly
// a member's document and name. They are shared and read only.
type links struct {
	gen    store.Generation
	index  *index.Reader
	policy *identity.Policy
	// plain says that the policy takes the same valid number with the same name as
	// strong, whatever else is known, so that nothing has to be weighed for it.
	plain bool
}

// errNotLinked says that a pack looks for weaker links and Link was not called.
var errNotLinked = errors.New("internal: the pack looks for weaker links and the verifier has no index")

// ErrNoPolicy is returned for a pack that names an identity policy that is none.
var ErrNoPolicy = errors.New("no such identity policy")

// Link opens what the pack needs to look for weaker links in the generation, which
// must be the one the verifier was made for and stay open as long. For a pack that
// looks for none it does nothing. It returns index.ErrNoIndex for a generation that
// was published without an index, ErrNoPolicy, or what is wrong with a pack's own policy.
func (v *Verifier) Link(ctx context.Context, gen store.Generation) error {
	if v.pack.Identity == nil {
		return nil
	}
	if id := gen.Manifest().ID; id != v.generation {
		return fmt.Errorf("the verifier was made for generation %s, not for %s", v.generation, id)
	}
	policy, err := policyOf(v.pack.Identity)
	if err != nil {
		return err
	}
	table, err := names.Embedded()
	if err != nil {
		return err
	}
	return v.link(ctx, gen, policy, table)
}

// link opens the index of the generation.
func (v *Verifier) link(ctx context.Context, gen store.Generation, policy *identity.Policy, table *names.Table) error {
	reader, err := index.Open(ctx, gen, table)
	if err != nil {
		return err
	}
	v.links = &links{gen: gen, index: reader, policy: policy}
	v.links.plain = v.links.takesPlain()
	return nil
}

// policyOf is the policy that a pack grades links by.
func policyOf(i *rules.Identity) (*identity.Policy, error) {
	switch i.Policy {
	case "default":
		return identity.Default()
	case rules.OwnPolicy:
		return identity.Load("policy.yaml", i.Own)
	}
	return nil, fmt.Errorf("%w: %s", ErrNoPolicy, i.Policy)
}

// takesPlain tries the policy on a number and a name that agree.
func (l *links) takesPlain() bool {
	doc := match.ParseDocument(household.ResidentID, []byte("11010519491231002X"))
	name := l.index.Table().Name("王秀英")
	s := identity.Subject{Document: doc, Number: "11010519491231002X", Name: name}
	r := identity.Record{Document: doc, Number: s.Number, Name: name}
	link, err := l.policy.Judge(&s, &r, nil)
	return err == nil && link.Tier == identity.A1 && link.Use == identity.Strong
}

// read decodes the entry of a key of a section, see readProfile.
func (l *links) read(section string, key household.PersonKey, p *profile.Profile) error {
	return readProfile(l.gen, section, key, p)
}

// entry calls fn with the entry of a key of a section, see viewEntry.
func (l *links) entry(section string, key household.PersonKey, fn func(entry []byte) error) error {
	return viewEntry(l.gen, section, key, fn)
}

// nameCache prepares names, each once for a household: the same few are compared
// again and again. It belongs to one goroutine. The texts are borrowed from the
// household's profiles.
type nameCache struct {
	table *names.Table
	texts []string
	names []names.Name
}

// maxNames bounds the names that are kept, and how long it takes to look.
const maxNames = 16

func (c *nameCache) reset() { c.texts, c.names = c.texts[:0], c.names[:0] }

func (c *nameCache) name(text string) names.Name {
	for i, x := range c.texts {
		if x == text {
			return c.names[i]
		}
	}
	n := c.table.Name(text)
	if len(c.texts) < maxNames {
		c.texts, c.names = append(c.texts, text), append(c.names, n)
	}
	return n
}

// sectionOf is the section that an entry lies in.
func sectionOf(key household.PersonKey) string {
	if key.Linked() {
		return store.SectionPeople
	}
	return store.SectionUnlinked
}

// written is the document that the rows of an entry were filed under.
func written(key household.PersonKey) (match.Document, string) {
	switch {
	case key.Num < household.OtherDocuments:
		text := match.ResidentText(key.Num)
		return match.ParseDocument(household.ResidentID, []byte(text)), text
	case key.Num < household.InvalidDocuments:
		return match.ParseDocument(household.DocumentType(key.Num-household.OtherDocuments), []byte(key.Text)), key.Text
	case key.Num < household.NoDocument:
		return match.Document{Type: household.DocumentType(key.Num - household.InvalidDocuments), Key: key, Given: true}, key.Text
	}
	return match.Document{}, ""
}
