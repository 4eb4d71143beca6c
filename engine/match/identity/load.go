package identity

import (
	"cmp"
	_ "embed"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"

	"github.com/hedui/hedui/engine/match/strictyaml"
)

//go:embed policies/default.yaml
var defaultPolicy []byte

const (
	maxPolicy = 1 << 20
	maxTiers  = 64
)

// Error is one reason why a policy did not load. Line and Column count from 1 and
// are 0 when the whole file is meant.
type Error struct {
	File         string
	Line, Column int
	Problem      string
}

func (e *Error) Error() string {
	if e.Line == 0 {
		return e.File + ": " + e.Problem
	}
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Problem)
}

// Default is the policy that comes with the program.
func Default() (*Policy, error) { return Load("default.yaml", defaultPolicy) }

// Load reads a policy. Every problem is an *Error with its place, among them every
// way in which a tier is laxer than its contract.
func Load(name string, content []byte) (*Policy, error) {
	f, tree, err := parse(name, content)
	if err != nil {
		return nil, err
	}
	c := checker{file: name, tree: tree}
	p := c.compile(f)
	for i := range p.rules {
		if problem := p.rules[i].lax(); problem != "" {
			c.fail(fmt.Sprintf("$.tiers[%d]", i), "%v %v: %s", p.rules[i].tier, p.rules[i].use, problem)
		}
	}
	if len(c.errs) == 0 {
		return p, nil
	}
	// Maps are read in any order; the problems come in that of the file.
	slices.SortFunc(c.errs, func(a, b *Error) int {
		return cmp.Or(a.Line-b.Line, a.Column-b.Column, strings.Compare(a.Problem, b.Problem))
	})
	errs := make([]error, len(c.errs))
	for i, e := range c.errs {
		errs[i] = e
	}
	return nil, errors.Join(errs...)
}

func parse(name string, content []byte) (*file, *ast.File, error) {
	if len(content) > maxPolicy {
		return nil, nil, &Error{File: name, Problem: "more than 1 MiB"}
	}
	f := new(file)
	tree, err := strictyaml.Decode(content, f)
	if e, ok := errors.AsType[*strictyaml.Error](err); ok {
		return nil, nil, &Error{File: name, Line: e.Line, Column: e.Column, Problem: "not a policy: " + e.Problem}
	}
	return f, tree, nil
}

// checker finds what is wrong with a policy that is well formed.
type checker struct {
	file string
	tree *ast.File
	errs []*Error
}

func (c *checker) fail(path, format string, args ...any) {
	e := &Error{File: c.file, Problem: fmt.Sprintf(format, args...)}
	if p, err := yaml.PathString(path); err == nil && c.tree != nil {
		if n, err := p.FilterFile(c.tree); err == nil && n != nil && n.GetToken() != nil {
			e.Line, e.Column = n.GetToken().Position.Line, n.GetToken().Position.Column
		}
	}
	c.errs = append(c.errs, e)
}

// compile makes the policy ready. It does not ask whether its tiers keep their
// contract.
func (c *checker) compile(f *file) *Policy {
	p := &Policy{Name: f.Name, Version: f.Version}
	if f.Name == "" {
		c.fail("$", "the policy has no name")
	}
	if f.Version < 1 {
		c.fail("$", "the version counts from 1")
	}
	c.weight("$.prior", f.Prior)
	p.prior = f.Prior.bits()
	p.weight[PriorDefault], p.basis[PriorDefault] = p.prior, Basis{f.Prior.Assumed, f.Prior.From}
	if p.prior > 0 {
		c.fail("$.prior", "the prior adds")
	}
	if !(f.NameCap > 0 && f.NameCap <= 40) {
		c.fail("$", "name_cap is above 0, at most 40 bits")
	}
	p.nameCap = thousandths(f.NameCap)
	switch f.Within {
	case "register", "county":
		p.inCounty = f.Within == "county"
	default:
		c.fail("$", "unique_within is register or county")
	}
	for z, d := range [4]float64{f.Mask.Division, f.Mask.Birth, f.Mask.Sequence, f.Mask.Check} {
		if !(d >= 0 && d <= 4) {
			c.fail("$.mask", "a visible digit is worth 0 to 4 bits")
		}
		p.maskDigit[z] = thousandths(d)
	}
	p.basis[DocumentMasked] = Basis{true, f.Mask.From}
	c.weights(p, f)
	if len(f.Tiers) == 0 || len(f.Tiers) > maxTiers {
		c.fail("$", "%d tiers, want 1 to %d", len(f.Tiers), maxTiers)
		return p
	}
	for i := range f.Tiers {
		p.rules = append(p.rules, c.tier(i, &f.Tiers[i]))
	}
	return p
}

// derived are the levels whose weight is no entry of a policy: masked is a sum of
// digits, rarity comes from the register, what is missing is worth nothing.
func derived(l Level) bool {
	switch l {
	case DocumentMasked, DocumentAbsent, DocumentIncomparable, RarityKnown, NameAbsent, BirthAbsent, SexAbsent, CountyAbsent:
		return true
	}
	return false
}

func (c *checker) weights(p *Policy, f *file) {
	for name, list := range f.Weights {
		path := "$.weights." + name
		field := Field(slices.IndexFunc(fieldTexts[:], func(t text) bool { return t.code == name }))
		if field < Document || field > County || field == Rarity {
			c.fail("$.weights", "%q carries no weight, want document, name, birth, sex or county", name)
			continue
		}
		for code, w := range list {
			l, ok := levelOf(field, code)
			if !ok || derived(l) {
				c.fail(path, "%s has no level %q to weigh", name, code)
				continue
			}
			c.weight(path+"."+code, w)
			p.weight[l], p.basis[l] = w.bits(), Basis{w.Assumed, w.From}
			if l == NameN1 {
				p.average = float64(p.weight[l]) / 1000
				if w.U > 0 {
					p.average = -math.Log2(w.U)
				}
			}
		}
	}
	for l := range levelCount {
		if field := l.Field(); field >= Document && field <= County && !derived(l) {
			if _, ok := f.Weights[field.String()][l.Code()]; !ok {
				c.fail("$.weights", "no weight for %v", l)
			}
		}
	}
	if problem := p.problem(); problem != "" && len(c.errs) == 0 {
		c.fail("$.weights", "%s", problem)
	}
}

func (c *checker) weight(path string, w weight) {
	if w.From == "" {
		c.fail(path, "say where the weight is from")
	}
	switch {
	case w.Bits != nil:
		if w.M != 0 || w.U != 0 {
			c.fail(path, "a weight is bits, or m and u")
		}
		if !(*w.Bits >= -100 && *w.Bits <= 100) {
			c.fail(path, "bits lie between -100 and 100")
		}
	case !(w.M > 0 && w.M <= 1 && w.U >= 1e-20 && w.U <= 1):
		c.fail(path, "a weight is bits, or m and u, which are probabilities")
	}
}

func (c *checker) tier(i int, t *tierEntry) rule {
	path := fmt.Sprintf("$.tiers[%d]", i)
	tier := slices.Index(tierNames[:], t.Tier)
	if tier <= int(None) {
		c.fail(path, "unknown tier %q", t.Tier)
	}
	use := slices.IndexFunc(useTexts[:], func(u text) bool { return u.code == t.Use })
	if use <= int(Nothing) {
		c.fail(path, "unknown use %q, want strong, review, conflict or hidden", t.Use)
	}
	if !(t.Posterior >= 0 && t.Posterior < 1) {
		c.fail(path, "the posterior is a probability below 1")
	}
	r := rule{tier: Tier(max(tier, 0)), use: Use(max(use, 0)), off: t.Enabled != nil && !*t.Enabled, allow: ^levels(0), minimum: atLeast(t.Posterior)}
	for name, codes := range t.When {
		field := Field(slices.IndexFunc(fieldTexts[:], func(f text) bool { return f.code == name }))
		if field >= fieldCount || field == Prior || field == Rarity {
			c.fail(path, "unknown condition %q", name)
			continue
		}
		var some levels
		for _, code := range codes {
			l, ok := levelOf(field, code)
			if !ok {
				c.fail(path, "%s has no level %q", name, code)
			}
			some |= setOf(l)
		}
		if len(codes) == 0 {
			c.fail(path, "no level of %s is named, so the tier never holds", name)
		}
		r.allow = r.allow&^ofField(field) | some
		r.unique = r.unique || field == Unique && some != ofField(Unique)
	}
	return r
}

// contract is the most that a tier may let through.
type contract struct {
	uses      []Use
	only      []levels // the tier may allow no other level of these fields
	posterior float64
}

// lax is the way in which a tier is laxer than its contract, "" when it is not.
// These are promises of the engine, so no policy can undo them.
func (r *rule) lax() string {
	c := contractOf(r.tier, r.use)
	if !slices.Contains(c.uses, r.use) {
		return "the tier is never used so"
	}
	for _, some := range c.only {
		for f := range fieldCount {
			if all := ofField(f); some&all != 0 && r.allow&all&^some != 0 {
				return fmt.Sprintf("%v must be one of %s", f, some.codes())
			}
		}
	}
	if c.posterior > 0 && r.minimum < atLeast(c.posterior) {
		return fmt.Sprintf("needs a posterior of at least %v", c.posterior)
	}
	return ""
}

func (s levels) codes() string {
	var list []string
	for l := range levelCount {
		if s.has(l) {
			list = append(list, l.Code())
		}
	}
	return strings.Join(list, ", ")
}

func contractOf(t Tier, u Use) contract {
	var (
		strong   = []Use{Strong, Review}
		review   = []Use{Review}
		lossless = setOf(NameN1, NameN2)
		alone    = setOf(UniqueYes, UniqueUnknown)
		never    = setOf(DocumentOtherRegistered, DocumentBusiness)
		visible  = ofField(Document) &^ never
	)
	switch t {
	case A1:
		return contract{uses: strong, only: []levels{setOf(DocumentExact), setOf(NameN1), alone}}
	case A2:
		return contract{uses: strong, only: []levels{setOf(DocumentNormalised, DocumentFormer, DocumentExact), lossless, alone}}
	case A3:
		return contract{uses: strong, only: []levels{setOf(DocumentOther), lossless, setOf(BirthEqual), setOf(CountrySame), alone}}
	case B1:
		c := contract{uses: strong, only: []levels{
			setOf(DocumentExact, DocumentNormalised), lossless | setOf(NameN3, NameN4),
			setOf(BirthEqual, BirthAbsent), setOf(SexSame, SexAbsent), alone,
		}}
		if u == Strong {
			c.only = append(c.only, setOf(RegisteredUnique))
		}
		return c
	case B2:
		return contract{uses: review, only: []levels{setOf(DocumentRepair), lossless, alone}}
	case B3:
		return contract{uses: review, posterior: .9999, only: []levels{
			setOf(DocumentAbsent, DocumentInvalid), setOf(NameN1), setOf(BirthEqual), setOf(CountySame), setOf(UniqueYes),
		}}
	case C1:
		return contract{uses: review, only: []levels{setOf(DocumentMasked), setOf(NameN1), setOf(UniqueYes)}}
	case C2:
		return contract{uses: review, only: []levels{visible &^ setOf(DocumentMaskOther)}}
	case X1, X2:
		return contract{uses: []Use{Conflict}, only: []levels{visible}}
	case D:
		return contract{uses: []Use{Hidden}, only: []levels{visible}}
	}
	return contract{}
}
