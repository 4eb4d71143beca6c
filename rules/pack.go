package rules

import (
	"slices"
	"strings"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/rules/benefit"
)

// Pack is a loaded rule pack: the law of a scheme by date and region. What it says on
// one date in one region is a Law, see On. It must not be changed.
type Pack struct {
	Name, Version string
	Digest        string // 32 hexadecimal digits, of the pack's files
	Title         Text
	Schemes       []string // nil: any scheme
	// Rank orders schemes by how much they give, from 1; 0 when the pack says nothing.
	Rank int
	// CiteValues says that verdicts name every value of the law they rest on, with the
	// file and line it comes from.
	CiteValues bool
	Purpose    *Purpose // nil: the five sources and nothing else

	Attributes []Attribute
	Expenses   []Attribute // types of expenses

	Identity *Identity // nil: only the same document and the same name are a link

	readsOptional bool // see ReadsOptional

	layers   []*layer // the pack itself, after what it extends; then regions, the larger first
	messages map[string]*Message
	terms    map[string]Text // "parameter x", "set x"
}

// Attribute is something that a request may say of a person or an asset, with its
// document; or a type of expense.
type Attribute struct {
	Code     string
	Of       AttributeOf
	Title    Text
	Document Text // what proves it
}

// AttributeOf says what an attribute belongs to.
type AttributeOf uint8

// What attributes belong to.
const (
	OfMember AttributeOf = iota + 1
	OfVehicle
	OfUnit
	OfAccount
	OfObligor
)

func (o AttributeOf) String() string { return attributeOwners().At(uint8(o)).Name }

// thing is what something of that kind is, in words of an error; 0 is an expense.
func (o AttributeOf) thing() string {
	if o == 0 {
		return "a type of expenses"
	}
	return "an attribute of " + article(o.String())
}

func article(noun string) string {
	if strings.ContainsRune("aeio", rune(noun[0])) { // but not a unit
		return "an " + noun
	}
	return "a " + noun
}

func attributeOwners() household.CodeList {
	return household.CodeList{{}, {Name: "member"}, {Name: "vehicle"}, {Name: "unit"}, {Name: "account"}, {Name: "obligor"}}
}

// Text is a text in Chinese and in English.
type Text = household.Text

// Message is what people are told of a finding.
type Message struct {
	Title Text
	Text  Text
	Clear Text // what would clear it
}

// Message returns the words for a finding's or a refusal's code. A loaded pack has
// them for every code it can give; for another it returns nil.
func (p *Pack) Message(code string) *Message { return p.messages[code] }

// ParameterTitle is what people call a parameter; empty when the pack has no words.
func (p *Pack) ParameterTitle(name string) Text { return p.terms["parameter "+name] }

// SetTitle is what people call the assets of a set; empty when the pack has no words.
func (p *Pack) SetTitle(name string) Text { return p.terms["set "+name] }

// Accepts reports whether the pack judges a scheme.
func (p *Pack) Accepts(scheme string) bool {
	return p.Schemes == nil || slices.Contains(p.Schemes, scheme)
}

// Identity says that weaker links than the same document and the same name are
// looked for, and what is found when such links would change a verdict.
type Identity struct {
	Policy string // name of the shipped policy that grades links, or OwnPolicy
	Own    []byte // policy.yaml of the pack, for OwnPolicy
	Code   string
	Effect household.Outcome
	Law    string

	rules []*ruleDef // given before the pack's own
}

// OwnPolicy says that a pack brings the policy that grades links.
const OwnPolicy = "own"

// Span is the dates of checks on which a piece of the law is in force.
type Span = household.Span

// Place is where something stands in a pack. File is relative to the pack's folder; of
// what comes from a pack that is extended it begins with that pack's name and a colon.
type Place struct {
	File         string
	Line, Column int
}

// Regions are the division codes of the overlays, the larger regions first; "" is not
// among them.
func (p *Pack) Regions() []string {
	var out []string
	for _, l := range p.layers {
		if l.region != "" && !slices.Contains(out, l.region) {
			out = append(out, l.region)
		}
	}
	return out
}

// layer is what one folder says: of the pack, of what it extends, or of a region.
type layer struct {
	region    string // "" for all
	inherited bool   // of a pack that is extended
	title     Text

	parameters []*Parameter
	windows    []dated[windows]
	stale      []dated[[household.NumChecked]int]
	expected   []dated[[household.NumChecked][]string]
	lapsed     []dated[int] // months after which a lapsed inspection makes a vehicle grade B

	income     []incomeEntry
	employment []dated[Employment]
	sets       []*setDef
	financial  []dated[Filter]
	sheets     []dated[sheetNames]
	rules      []*ruleDef
	removed    []removal
	members    []dated[*Membership]
	deductions []dated[*Deduction]
	imputation []dated[*Imputation]
	support    []dated[*Support]
	benefit    *benefit.Plan
	linkage    *benefit.Linkage
	adjusts    bool // has an adjustments.yaml, which replaces that of the layers before

	has map[string]bool // the files it has
}

// dated is a piece of the law with the dates of checks on which it is in force.
type dated[T any] struct {
	Span
	value T
	at    node
}

// inForce is the first piece in force on a date; nil for none.
func inForce[T any](list []dated[T], on household.Date) *dated[T] {
	for i := range list {
		if list[i].Covers(on) {
			return &list[i]
		}
	}
	return nil
}

type windows struct {
	months [3]int // by residence
	anchor Anchor
	law    string // "" when the pack gives no reference
	known  bool   // somebody has verified it against the law
}

// Anchor says from which month a window counts back.
type Anchor uint8

// The anchors. AnchorCheck takes the month before that of the check, AnchorApplication
// the month before that of the application, which is the check's when the request does
// not say it.
const (
	AnchorCheck Anchor = iota + 1
	AnchorApplication
)

type removal struct {
	Span
	code, law string
	at        node
}

type sheetNames struct{ vehicles, residential, nonResidential string }

// LawOf is the legal reference of the first rule that gives a code; "" for none.
func (p *Pack) LawOf(code string) string {
	if p.Identity != nil && p.Identity.Code == code {
		return p.Identity.Law
	}
	for _, d := range p.defs() {
		if r := &d.rule; r.Code == code || r.WeakCode == code || r.DerivedCode == code {
			return r.Law
		}
	}
	return ""
}

// RuleCount is how many rules the pack has, over all dates and regions.
func (p *Pack) RuleCount() int { return len(p.defs()) }

func (p *Pack) defs() []*ruleDef {
	var out []*ruleDef
	if p.Identity != nil {
		out = append(out, p.Identity.rules...)
	}
	for _, y := range p.layers {
		out = append(out, y.rules...)
	}
	return out
}

// Benefit is what the pack pays in a region; nil when it pays nothing.
func (p *Pack) Benefit(region string) *benefit.Plan {
	return nearestFile(p, region, func(y *layer) *benefit.Plan { return y.benefit })
}

// Linkage is how prices change what is paid in a region; nil when they do not.
func (p *Pack) Linkage(region string) *benefit.Linkage {
	return nearestFile(p, region, func(y *layer) *benefit.Linkage { return y.linkage })
}

// nearestFile is what the smallest region says that has a file of a kind.
func nearestFile[T any](p *Pack, region string, of func(*layer) *T) *T {
	for _, y := range slices.Backward(p.layers) {
		if x := of(y); x != nil && y.holdsIn(region) {
			return x
		}
	}
	return nil
}

// holdsIn reports whether a layer says something of a region.
func (y *layer) holdsIn(region string) bool { return y.region == "" || within(region, y.region) }
