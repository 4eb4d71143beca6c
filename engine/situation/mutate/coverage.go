package mutate

import (
	"context"
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/situation"
	"github.com/hedui/hedui/rules"
)

// GapKind says what no situation shows.
type GapKind string

// The kinds of gaps.
const (
	NeverFires   GapKind = "never_fires"   // a rule, in one of its forms
	NeverNear    GapKind = "never_near"    // a rule, silent with its fact just short of the limit
	NeverReached GapKind = "never_reached" // a dated text or an overlay
)

// Gap is a part of a pack that no situation shows at work.
type Gap struct {
	File         string // within the pack's folder
	Line, Column int    // in characters, from 1; 0 for an overlay
	Kind         GapKind
	What         string // the place by its names, and what is missing
}

// Coverage says what the situations of a pack reach of its own files.
type Coverage struct {
	Situations, Rules, Dated int // how many there are
	Gaps                     []Gap
}

// Cover runs the situations of the pack in a folder and says what of its own files
// they reach; what it inherits is for the situations of the other pack. It returns the
// error of the context when that ends, a FailingError, or an error of loading or
// reading.
func Cover(ctx context.Context, dir fs.FS) (*Coverage, error) {
	p, all, err := sound(dir)
	if err != nil {
		return nil, err
	}
	docs, err := documents(dir)
	if err != nil {
		return nil, err
	}
	c := &cover{dir: dir, docs: docs}
	for i := range all { // prices make no verdict
		if all[i].Judges() {
			c.all = append(c.all, all[i])
		}
	}
	if c.verdicts, err = verdicts(ctx, p, c.all); err != nil {
		return nil, err
	}
	if c.laws, err = lawsOf(p, c.verdicts); err != nil {
		return nil, err
	}
	c.out.Situations = len(all)
	for _, d := range docs {
		if !c.reachedOverlay(d) {
			continue
		}
		if d.base == "rules.yaml" || d.base == identityFile {
			if err := c.rules(ctx, d); err != nil {
				return nil, err
			}
		}
		c.dated(d, d.root)
	}
	return &c.out, nil
}

const identityFile = "identity.yaml"

func verdicts(ctx context.Context, p *rules.Pack, all []situation.Situation) ([]*household.Verdict, error) {
	out := make([]*household.Verdict, len(all))
	for i := range all {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		var err error
		if out[i], err = all[i].Verdict(p); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// cover collects what is not reached.
type cover struct {
	dir      fs.FS
	docs     []*document
	all      []situation.Situation
	verdicts []*household.Verdict
	laws     []places // by verdict
	out      Coverage
}

func (c *cover) gap(d *document, at *node, k GapKind, what string) {
	line, column := d.place(at.from)
	c.out.Gaps = append(c.out.Gaps, Gap{d.name, line, column, k, what})
}

// reachedOverlay reports whether a file is the pack's own or of an overlay that a
// situation's region lies in. Of an overlay that none does, only that is told.
func (c *cover) reachedOverlay(d *document) bool {
	if !d.overlay || slices.ContainsFunc(c.verdicts, func(v *household.Verdict) bool { return inRegion(d, v) }) {
		return true
	}
	folder := path.Dir(d.name)
	if !slices.ContainsFunc(c.out.Gaps, func(g Gap) bool { return g.File == folder }) {
		c.out.Gaps = append(c.out.Gaps, Gap{File: folder, Kind: NeverReached, What: "no situation of this region"})
	}
	return false
}

// dated tells which dated texts are never in force.
func (c *cover) dated(d *document, n *node) {
	if n.key != "" && isText(d, n) {
		return
	}
	if n.get("from") != nil || n.get("to") != nil || n.get("months") != nil && n.get("months").text != "" && strings.Contains(n.word("months"), "..") {
		c.out.Dated++
		if !c.any(func(i int) bool { return c.inForce(d, n, i) }) {
			c.gap(d, n, NeverReached, n.path()+": no situation while it is in force")
		}
	}
	for i := range n.entries {
		c.dated(d, n.entries[i].value)
	}
	for _, i := range n.items {
		c.dated(d, i)
	}
}

// form is one way in which a rule fires.
type form struct {
	name, code string
	grade      household.Grade // GradeNone: any
}

// forms are the ways in which a rule fires that lead to different findings.
func forms(r *node) []form {
	code := r.word("code")
	weaker := func(key string) string {
		if c := r.get(key).word("code"); c != "" {
			return c
		}
		return code
	}
	if r.get("with_grade_b") == nil && r.get("with_grade_c") == nil {
		return []form{{"", code, household.GradeNone}}
	}
	out := []form{{" on grade A", code, household.GradeA}}
	if r.get("with_grade_b") != nil {
		out = append(out, form{" on grade B alone", weaker("with_grade_b"), household.GradeB})
	}
	if r.get("with_grade_c") != nil {
		out = append(out, form{" on grade C alone", weaker("with_grade_c"), household.GradeC})
	}
	return out
}

func (f *form) is(x *household.Finding) bool {
	return x.Code == f.code && (f.grade == household.GradeNone || x.Grade == f.grade)
}

// rules tells which rules of a file never fire, and which are never shown silent just
// short of their limit.
func (c *cover) rules(ctx context.Context, d *document) error {
	list := []*node{}
	if open := d.root.get("to_confirm"); open != nil {
		list = append(list, open)
	}
	if all := d.root.get("rules"); all != nil {
		list = append(list, all.items...)
	}
	for _, r := range list {
		c.out.Rules++
		if c.open(d, r) {
			continue
		}
		all := forms(r)
		for _, f := range all {
			if !c.any(func(i int) bool {
				return c.inForce(d, r, i) && slices.ContainsFunc(c.verdicts[i].Findings, func(x household.Finding) bool { return f.is(&x) })
			}) {
				c.gap(d, r, NeverFires, r.path()+": no situation makes it fire"+f.name)
			}
		}
		changed := c.nearer(d, r)
		if changed == nil {
			continue
		}
		near, err := c.near(ctx, d, r, all, changed)
		if err != nil {
			return err
		}
		if !near {
			c.gap(d, r, NeverNear, r.path()+": no situation leaves it silent just short of the limit")
		}
	}
	return nil
}

// open reports whether nobody knows the law of a rule, as every household says for
// which it is in force. Nothing could make such a rule fire.
func (c *cover) open(d *document, r *node) bool {
	reached := false
	for i, v := range c.verdicts {
		if v.Outcome == household.Refused || !c.inForce(d, r, i) {
			continue
		}
		reached = true
		if !slices.ContainsFunc(v.Findings, func(f household.Finding) bool {
			return f.Code == rules.LawUnresolved && f.Item == r.word("code")
		}) {
			return false
		}
	}
	return reached
}

// near reports whether a rule that is silent in a situation fires there when its limit
// is one unit nearer.
func (c *cover) near(ctx context.Context, d *document, r *node, all []form, changed map[string][]byte) (bool, error) {
	count := func(v *household.Verdict) (n int) {
		for i := range v.Findings {
			if slices.ContainsFunc(all, func(f form) bool { return f.code == v.Findings[i].Code }) {
				n++
			}
		}
		return n
	}
	p, err := rules.LoadFS(changedFS{c.dir, changed})
	if _, ok := errors.AsType[rules.Errors](err); ok {
		// Nothing lies below the limit, such as when a single thing is too many. Any
		// household that has none is next to it.
		return c.any(func(i int) bool {
			return c.verdicts[i].Outcome != household.Refused && c.inForce(d, r, i) && count(c.verdicts[i]) == 0
		}), nil
	}
	if err != nil {
		return false, err
	}
	for i := range c.all {
		if err := ctx.Err(); err != nil {
			return false, err
		}
		if !c.inForce(d, r, i) {
			continue
		}
		v, err := c.all[i].Verdict(p)
		if err != nil {
			return false, err
		}
		if count(v) > count(c.verdicts[i]) {
			return true, nil
		}
	}
	return false, nil
}

// nearer are the files of a pack in which the limit of a rule is one unit nearer: a
// limit that may be reached now is over it, one that may not is lower by one unit of
// its parameter. It is nil when a rule has no limit, or one of an inherited parameter.
func (c *cover) nearer(d *document, r *node) map[string][]byte {
	for i := range r.entries {
		if e := &r.entries[i]; e.name == "more_than" {
			return map[string][]byte{d.name: apply(d.content, []edit{{e.from, e.to, "at_least"}})}
		}
	}
	limit := r.get("at_least")
	if limit == nil {
		limit = r.get("limit")
	}
	name := limit.word("parameter")
	out := map[string][]byte{}
	for _, p := range c.docs {
		if values := p.root.get(name).get("values"); p.base == "parameters.yaml" && values != nil && c.meet(d, r, p) {
			m := &maker{d: p, v: &vocabulary{}}
			m.v.add(c.docs)
			var edits []edit
			for _, v := range values.items {
				edits = append(edits, m.nearer(v)...)
			}
			if len(edits) > 0 {
				out[p.name] = apply(p.content, edits)
			}
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// meet reports whether there is a situation in which a rule is in force and another file
// speaks: the value that one region gives is no limit in another.
func (c *cover) meet(d *document, r *node, other *document) bool {
	return c.any(func(i int) bool { return c.inForce(d, r, i) && inRegion(other, c.verdicts[i]) })
}

// nearer brings one dated value of a parameter nearer.
func (m *maker) nearer(v *node) []edit {
	if allowed := v.get("allowed"); allowed != nil && allowed.text == "up_to" {
		return []edit{{allowed.from, allowed.to, "below"}}
	}
	var edits []edit
	for _, e := range v.entries {
		switch e.name {
		case "urban", "rural", "value":
			if by := m.neighbours(e.value); len(by) == 2 {
				edits = append(edits, edit{e.value.from, e.value.to, by[1]})
			}
		case "sizes":
			for _, size := range e.value.items {
				edits = append(edits, m.nearer(size)...)
			}
		}
	}
	return edits
}
