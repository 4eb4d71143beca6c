package identity

import (
	"fmt"
	"math"

	"github.com/hedui/hedui/engine/match/linkage"
)

// Policy is a checked policy. It is immutable and safe for concurrent use.
type Policy struct {
	Name    string
	Version int

	prior     linkage.Bits // when no register counts the people
	nameCap   linkage.Bits
	average   float64 // bits of agreeing on an average name
	maskDigit [4]linkage.Bits
	inCounty  bool
	weight    [levelCount]linkage.Bits
	basis     [levelCount]Basis
	rules     []rule
}

// rule is one tier of a policy.
type rule struct {
	tier    Tier
	use     Use
	off     bool
	allow   levels // every level of a field that is not mentioned
	unique  bool   // asks for uniqueness, which is only found out when all else holds
	minimum linkage.Bits
}

// anything is a minimum that every total reaches.
const anything = linkage.Bits(math.MinInt64)

// Basis is where a weight comes from.
type Basis struct {
	Assumed bool
	From    string
}

// Weight is what a level is worth under the policy, before rarity and before what
// other fields have said is taken away, and where it is from.
func (p *Policy) Weight(l Level) (linkage.Bits, Basis) {
	if l >= levelCount {
		return 0, Basis{}
	}
	return p.weight[l], p.basis[l]
}

// The zones of a resident number whose visible digits a masked number is weighed by.
const (
	zoneDivision = iota
	zoneBirth
	zoneSequence
	zoneCheck
)

// file is a policy as it is written.
type file struct {
	Name    string                       `yaml:"name"`
	Version int                          `yaml:"version"`
	Note    string                       `yaml:"note,omitempty"`
	Prior   weight                       `yaml:"prior"`
	NameCap float64                      `yaml:"name_cap"`
	Within  string                       `yaml:"unique_within"` // register or county
	Mask    maskEntry                    `yaml:"mask"`
	Weights map[string]map[string]weight `yaml:"weights"`
	Tiers   []tierEntry                  `yaml:"tiers"`
}

// weight is either bits or m and u.
type weight struct {
	Bits    *float64 `yaml:"bits,omitempty"`
	M       float64  `yaml:"m,omitempty"`
	U       float64  `yaml:"u,omitempty"`
	Assumed bool     `yaml:"assumed,omitempty"`
	From    string   `yaml:"from"`
}

func (w weight) bits() linkage.Bits {
	if w.Bits != nil {
		return thousandths(*w.Bits)
	}
	return thousandths(math.Log2(w.M / w.U))
}

type maskEntry struct {
	Division float64 `yaml:"division"`
	Birth    float64 `yaml:"birth"`
	Sequence float64 `yaml:"sequence"`
	Check    float64 `yaml:"check"`
	From     string  `yaml:"from"`
}

type tierEntry struct {
	Tier      string              `yaml:"tier"`
	Use       string              `yaml:"use"`
	Enabled   *bool               `yaml:"enabled,omitempty"`
	When      map[string][]string `yaml:"when"`
	Posterior float64             `yaml:"posterior,omitempty"`
	Note      string              `yaml:"note,omitempty"`
}

func thousandths(bits float64) linkage.Bits { return linkage.Bits(math.Round(1000 * bits)) }

// atLeast is the smallest total whose probability reaches the posterior.
func atLeast(posterior float64) linkage.Bits {
	if posterior == 0 {
		return anything
	}
	return linkage.Bits(math.Ceil(1000 * math.Log2(posterior/(1-posterior))))
}

// FromModel is the policy with the weights of number, name, birth date, sex and
// division taken from a model that linkage.Train has estimated without labels. The
// model needs the fields id_number, name, birth_date, sex and division. Its levels
// are summed into the policy's that they are (policyLevel). What a model has no level
// for stays as it was; every weight is held between its neighbours. Tiers, prior and
// the weight of another valid number are never taken from a model. The version stays:
// a changed policy is the caller's to name.
func (p *Policy) FromModel(m *linkage.Model) (*Policy, error) {
	if !m.Trained() {
		return nil, linkage.ErrUntrained
	}
	out := *p
	basis := Basis{From: fmt.Sprintf("estimated by linkage, model %s version %d", m.Name, m.Version)}
	for _, f := range modelFields() {
		est, ok := estimates(m, f)
		if !ok {
			return nil, fmt.Errorf("model %s has no field %s", m.Name, f)
		}
		for l := range levelCount {
			if e := est[l]; e.u > 0 && e.m > 0 {
				out.weight[l], out.basis[l] = thousandths(math.Log2(e.m/e.u)), basis
				if l == NameN1 {
					out.average = -math.Log2(e.u)
				}
			}
		}
	}
	out.descend(NameN1, NameN2, NameN3, NameN4, NameN5, NameN6, NameN7)
	out.descend(BirthEqual, BirthNear, BirthDifferent)
	// Where everybody is of one prefecture, sharing it says nothing, not the contrary.
	out.between(CountySame, CountyAbsent, CountyArea)
	out.weight[CountyDifferent] = min(out.weight[CountyDifferent], 0)
	if est, _ := estimates(m, "id_number"); est[DocumentExact].u > 0 {
		out.between(DocumentExact, DocumentRepair, DocumentNormalised, DocumentFormer)
	}
	out.maskDigit[zoneBirth] = max(0, min(out.maskDigit[zoneBirth], out.weight[BirthEqual]/8))
	out.maskDigit[zoneDivision] = max(0, min(out.maskDigit[zoneDivision], out.weight[CountySame]/6))
	if problem := out.problem(); problem != "" {
		return nil, fmt.Errorf("model %s: %s", m.Name, problem)
	}
	return &out, nil
}

func modelFields() []string { return []string{"id_number", "name", "birth_date", "sex", "division"} }

// policyLevel is the level of a policy that a model's level is, or levelCount for one
// that no policy weighs: that numbers differ is not estimated but a rule.
func policyLevel(field string, l *linkage.Level) Level {
	switch field {
	case "id_number":
		switch l.When {
		case "exact":
			return DocumentExact
		case "repair", "substitution", "transposition", "edits":
			return DocumentRepair
		}
	case "name":
		switch {
		case l.When == "exact":
			return NameN1
		case l.When == "name_level" && l.Max >= 1 && l.Max <= 7:
			return NameN1 + Level(l.Max-1)
		case l.When == "else":
			return NameN7
		}
		return NameN5
	case "birth_date":
		switch l.When {
		case "exact":
			return BirthEqual
		case "transposition", "substitution", "day_month", "edits":
			return BirthNear
		}
		return BirthDifferent
	case "sex":
		if l.When == "exact" {
			return SexSame
		}
		return SexDifferent
	case "division":
		switch {
		case l.When == "exact", l.When == "prefix" && l.Max >= 6:
			return CountySame
		case l.When == "prefix" && l.Max >= 4:
			return CountyArea
		}
		return CountyDifferent
	}
	return levelCount
}

// estimate is the sum of the m and u of some levels.
type estimate struct{ m, u float64 }

// estimates sums the levels of a model's field by the levels of a policy.
func estimates(m *linkage.Model, field string) (sum [levelCount + 1]estimate, ok bool) {
	for i := range m.Fields {
		if m.Fields[i].Name != field {
			continue
		}
		for j := range m.Fields[i].Levels {
			l := &m.Fields[i].Levels[j]
			if l.When == "missing" {
				continue
			}
			e := &sum[policyLevel(field, l)]
			e.m += l.M
			e.u += l.U
		}
		return sum, true
	}
	return sum, false
}

// descend makes no weight larger than the one before it: a level that few pairs show
// may come out above a better one.
func (p *Policy) descend(list ...Level) {
	top := p.weight[list[0]]
	for _, l := range list {
		p.weight[l] = min(p.weight[l], top)
		top = p.weight[l]
	}
}

// between holds derived weights between two estimated ones, the best first.
func (p *Policy) between(best, worst Level, list ...Level) {
	top := p.weight[best]
	for _, l := range list {
		p.weight[l] = max(min(p.weight[l], top), p.weight[worst])
		top = p.weight[l]
	}
}

// orderedWeights are lists of which each is worth at least the next.
var orderedWeights = [][]Level{
	{DocumentExact, DocumentNormalised, DocumentRepair},
	{DocumentExact, DocumentFormer},
	{DocumentAbsent, DocumentInvalid, DocumentOtherNobody, DocumentOtherValid},
	{DocumentIncomparable, DocumentInvalid},
	{DocumentAbsent, DocumentMaskOther},
	{NameN1, NameN2, NameN3, NameN4, NameN5, NameN6, NameN7},
	{BirthEqual, BirthNear, BirthDifferent},
	{SexSame, SexAbsent, SexDifferent},
	{CountySame, CountyArea, CountyAbsent, CountyDifferent},
}

// problem is what is wrong with the weights, "" when nothing is.
func (p *Policy) problem() string {
	for _, list := range orderedWeights {
		for i := 1; i < len(list); i++ {
			if p.weight[list[i]] > p.weight[list[i-1]] {
				return fmt.Sprintf("%v is worth more than %v", list[i], list[i-1])
			}
		}
	}
	switch {
	case p.weight[NameN4] < 0 || p.weight[NameN7] > 0:
		return "agreement on a name takes away, or disagreement adds"
	case p.weight[BirthEqual] < 0 || p.weight[BirthDifferent] > 0:
		return "agreement on a birth date takes away, or disagreement adds"
	case p.weight[DocumentRepair] < 0 || p.weight[DocumentOther] < 0:
		return "agreement on a document takes away"
	case p.weight[DocumentOtherValid] > -20_000 || p.weight[DocumentOtherRegistered] > -20_000 || p.weight[DocumentBusiness] > -20_000:
		return "another valid number takes less than 20 bits"
	case p.weight[DocumentExact] < p.weight[BirthEqual]+p.weight[CountySame]+p.weight[SexSame]:
		return "a whole number is worth less than the birth date, sex and county in it"
	}
	for z, d := range p.maskDigit {
		if d < 0 {
			return "a visible digit takes away"
		}
		if places := [4]linkage.Bits{6, 8, 3, 1}[z]; z == zoneBirth && d*places > p.weight[BirthEqual] || z == zoneDivision && d*places > p.weight[CountySame] {
			return "the visible digits are worth more than the whole birth date or county"
		}
	}
	return ""
}
