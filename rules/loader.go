package rules

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"cel.dev/cel-go/cel"

	"github.com/hedui/hedui/engine/household"
)

// loader collects a pack and what is wrong with it.
type loader struct {
	p    *Pack
	errs Errors
	at   map[string]node // "parameter x", "set x", "attribute x", "expense x": where they are named
	used map[string]bool // those that something reads

	inputs    map[string]node // kinds of input that are read, and where first
	purposeAt map[string]node

	env  *cel.Env
	vars []Var

	layer *layer  // that is being read
	from  *folder // likewise
	// names that a later layer may still give a meaning
	parameterRefs []parameterRef
	attributeRefs []node // of members
}

// parameterRef is a parameter that something names, with the units and the values it may
// have.
type parameterRef struct {
	name   string
	units  []Unit
	at     node
	region string // in which it is named
	bound  *bound // nil: any value
}

// bound says which values of a parameter make sense where it is named. None of them may
// depend on the size of the household.
type bound struct {
	min, max  int64 // max 0: no largest
	everybody bool  // urban and rural are the same
}

func newLoader() *loader {
	return &loader{
		p:     &Pack{messages: map[string]*Message{}, terms: map[string]Text{}},
		layer: &layer{}, // of nowhere, until folders are read
		at:    map[string]node{}, used: map[string]bool{}, inputs: map[string]node{}, purposeAt: map[string]node{},
	}
}

// load reads all folders, names first, since pieces may name what another folder has.
func (l *loader) load(folders []*folder) {
	trees := make([]map[string]node, len(folders))
	broken := false // a file could not be read
	for i, d := range folders {
		trees[i] = map[string]node{}
		for _, name := range packFiles() {
			if content, ok := d.files[name]; ok && name != policyFile {
				x := l.parse(d.name(name), content)
				if x.empty() {
					x.fail("the file says nothing", "keys with values, or no such file")
				}
				broken = broken || x.absent()
				trees[i][name] = x
			}
		}
		l.p.layers = append(l.p.layers, &layer{region: d.region, inherited: d.pack != "", has: map[string]bool{}})
	}
	if broken {
		return // what it has would seem to be missing, and what names it to be of no use
	}
	own := slices.IndexFunc(folders, func(d *folder) bool { return d.pack == "" && d.dir == "" })
	each := func(file string, fn func(i int, x node)) {
		for i := range folders {
			if x, ok := trees[i][file]; ok && l.speaks(folders, i, file) {
				l.layer, l.from = l.p.layers[i], folders[i]
				l.layer.has[file] = true
				fn(i, x)
			}
		}
	}
	for _, d := range folders {
		d.keys = keys(d.files["pack.yaml"])
	}
	for i, d := range folders {
		x, ok := trees[i]["pack.yaml"]
		if !ok {
			continue
		}
		l.layer, l.from = l.p.layers[i], d
		switch {
		case i == own:
			l.pack(x, l.layer)
		case d.pack != "":
			l.inheritedPack(x, l.layer, said(folders, i))
		default:
			l.overlayPack(x, l.layer)
		}
	}
	each(attributesFile, func(_ int, x node) { l.attributes(x) })
	each("parameters.yaml", func(_ int, x node) { l.parameters(x) })
	each("assets.yaml", func(_ int, x node) { l.assets(x) })
	each(membersFile, func(_ int, x node) { l.members(x) })
	each(adjustmentsFile, func(_ int, x node) { l.adjustments(x) })
	each("income.yaml", func(_ int, x node) { l.income(x) })
	each(benefitFile, func(_ int, x node) { l.layer.benefit = l.loadBenefit(x) })
	each(linkageFile, func(_ int, x node) { l.layer.linkage = l.loadLinkage(x) })
	codes := map[string]bool{}
	l.layer, l.from = l.p.layers[own], folders[own]
	l.identity(folders, trees, codes)
	each("rules.yaml", func(_ int, x node) { l.rules(x, codes) })
	l.checkParameterRefs()
	for _, x := range l.attributeRefs {
		l.attribute(x, OfMember)
	}
	each("messages.yaml", func(i int, x node) { l.messages(x, folders[i].pack != "") })
	l.checkWords(folders[own].name("messages.yaml"), trees[own]["messages.yaml"])
	l.checkLaws()
	for _, what := range slices.Sorted(maps.Keys(l.at)) {
		if where := l.at[what]; !l.used[what] {
			where.fail(what+" is never used", "a rule or a sheet that names it, or no entry")
		}
	}
	l.checkPurpose()
}

// keys are those of a mapping. What is wrong with it is told when it is read.
func keys(content []byte) []string {
	var out []string
	if content != nil {
		for _, e := range newLoader().parse("", content).entries() {
			out = append(out, e.name)
		}
	}
	return out
}

// speaks reports whether a file of a folder says anything: of the packs beneath, only
// the nearest file counts, unless it is of those that add to each other. An overlay of
// such a pack holds as long as the pack's own file of that name does.
func (l *loader) speaks(folders []*folder, i int, file string) bool {
	d := folders[i]
	if merged(file) {
		return true
	}
	if d.dir == "" {
		return !shadowed(folders[i+1:], file)
	}
	if d.pack == "" {
		return true
	}
	// The overlay of an extended pack.
	for k, folder0 := range slices.Backward(folders) {
		if f := folder0; f.dir == "" && f.files[file] != nil {
			return slices.IndexFunc(folders, func(x *folder) bool { return x.dir == "" && x.pack == d.pack }) >= k
		}
	}
	return true
}

// own reports whether the file being read is the pack's, not of one that it extends.
func (l *loader) own() bool { return l.from == nil || l.from.pack == "" }

// names where a thing is, so that it must be used. What is inherited need not be.
func (l *loader) name(what string, at node) {
	if l.own() {
		if _, ok := l.at[what]; !ok {
			l.at[what] = at
		}
	}
}

func (x node) slug() string {
	s := x.text()
	switch {
	case s == "" || forbidden(x, s):
		return ""
	case !household.IsSlug(s):
		x.fail(strconv.Quote(s)+" is not a name", "small letters, digits and _")
		return ""
	}
	return s
}

// newName reads the name of a new thing from a key of a mapping.
func (e *entry) newName() bool {
	switch {
	case forbidden(e.key, e.name):
		return false
	case !household.IsSlug(e.name):
		e.key.fail(strconv.Quote(e.name)+" is not a name", "small letters, digits and _")
		return false
	}
	return true
}

func plainText(x node) string {
	if x.absent() || !plain(x.n) {
		return ""
	}
	return x.text()
}

// span reads the dates of checks on which a piece is in force. Without them it always is.
func (f fields) span() Span {
	s := Span{From: f.get("from").date(), To: f.get("to").date()}
	if s.From == 0 {
		s.From = beginning
	}
	if s.To != 0 && s.To < s.From {
		f.get("to").fail("it ends before it begins", "a date from "+s.From.String()+" on")
	}
	return s
}

// beginning is before all dates that can be checked.
const beginning household.Date = 10101

// nameParameter reads the name of a parameter of one of some units; it is looked for
// when all layers have been read.
func (l *loader) nameParameter(x node, units ...Unit) string {
	s := x.text()
	if s == "" {
		return ""
	}
	l.refer(s, x, units...)
	return s
}

// boundedParameter reads the name of a parameter whose values must lie within bounds, in
// every region.
func (l *loader) boundedParameter(x node, b bound, units ...Unit) string {
	s := l.nameParameter(x, units...)
	if s != "" {
		l.parameterRefs[len(l.parameterRefs)-1].bound = &b
	}
	return s
}

// refer takes down that something in the layer that is being read rests on a parameter.
func (l *loader) refer(name string, x node, units ...Unit) {
	l.used["parameter "+name] = true
	l.parameterRefs = append(l.parameterRefs, parameterRef{name, units, x, l.layer.region, nil})
}

func (l *loader) checkParameterRefs() {
	for _, r := range l.parameterRefs {
		p := l.parameterIn(r.region, r.name)
		switch {
		case p == nil:
			r.at.fail("unknown parameter "+strconv.Quote(r.name), oneOf(l.parameterNames(), r.name))
		case len(r.units) > 0 && p.Unit != 0 && !slices.Contains(r.units, p.Unit):
			var wanted []string
			for _, u := range r.units {
				wanted = append(wanted, u.String())
			}
			r.at.fail("parameter "+r.name+" is in "+p.Unit.String(), "a parameter in "+strings.Join(wanted, " or "))
		case r.bound != nil:
			l.checkBound(&r)
		}
	}
}

// checkBound holds every value of a parameter, in any region, against a bound, and
// reports the first that is outside.
func (l *loader) checkBound(r *parameterRef) {
	for _, y := range l.p.layers {
		for _, p := range y.parameters {
			for i := range p.Values {
				v := &p.Values[i]
				if p.Name != r.name || v.Inherit || v.Unresolved != "" {
					continue
				}
				where := "parameter " + r.name + " (" + v.Place.String() + ") "
				urban, rural := v.Value[household.Urban], v.Value[household.Rural]
				switch {
				case len(v.Sizes) > 0:
					r.at.fail(where+"depends on the size of the household", "a value for everybody or by residence")
				case r.bound.everybody && urban != rural:
					r.at.fail(where+"differs between urban and rural", "one value for everybody")
				case min(urban, rural) < r.bound.min:
					r.at.fail(where+"is too small to mean anything here", "a value of at least "+p.Unit.write(r.bound.min))
				case r.bound.max > 0 && max(urban, rural) > r.bound.max:
					r.at.fail(where+"is too large to mean anything here", "a value of at most "+p.Unit.write(r.bound.max))
				default:
					continue
				}
				return
			}
		}
	}
}

// write writes a number as packs do.
func (u Unit) write(n int64) string {
	switch u {
	case UnitFen:
		return household.Fen(n).Yuan()
	case UnitArea:
		hundredths, _ := household.MulDiv(n, 1, 100, household.RoundUp)
		return household.Fen(hundredths).Yuan()
	}
	return strconv.FormatInt(n, 10)
}

// findParameter finds a parameter by its name for the layer that is being read.
func (l *loader) findParameter(name string) *Parameter { return l.parameterIn(l.layer.region, name) }

// parameterIn finds a parameter that the pack has everywhere, its own first, else one
// that only a region has in which another lies.
func (l *loader) parameterIn(region, name string) *Parameter {
	for _, everywhere := range []bool{true, false} {
		for _, y := range slices.Backward(l.p.layers) {
			if (y.region == "") != everywhere || !everywhere && !within(region, y.region) {
				continue
			}
			for _, p := range y.parameters {
				if p.Name == name {
					return p
				}
			}
		}
	}
	return nil
}

func (l *loader) parameterNames() []string {
	var out []string
	for _, y := range l.p.layers {
		for _, p := range y.parameters {
			if !slices.Contains(out, p.Name) {
				out = append(out, p.Name)
			}
		}
	}
	return out
}

// setNames are the sets that layers have.
func setNames(layers []*layer) []string {
	var out []string
	for _, y := range layers {
		for _, s := range y.sets {
			if !slices.Contains(out, s.name) {
				out = append(out, s.name)
			}
		}
	}
	return out
}
