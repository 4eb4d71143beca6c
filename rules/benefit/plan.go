package benefit

import "github.com/hedui/hedui/engine/household"

// Span is the days on which a piece of law is in force.
type Span = household.Span

// Text is a title in both languages.
type Text = household.Text

// Plan is what benefit.yaml says. Parameters are named; their values come from
// Values.
type Plan struct {
	Methods  []Method // by date, without overlap and without gap
	Single   []Single // 单人保, by date
	AddOns   []AddOn  // 分类施保, in the order of the file
	Tapering []Tapering
	Start    Start
}

// MethodKind is how the monthly amount of a household is found.
type MethodKind uint8

// The methods.
const (
	Difference MethodKind = iota + 1 // 差额: what is missing to the standard
	Tiers                            // 分档: an amount for each member, by income
	Fixed                            // 定额: one amount; of single persons only
)

// MethodKinds are the names of the methods.
var MethodKinds = household.CodeList{{}, {Name: "difference", Zh: "差额"}, {Name: "tiers", Zh: "分档"}, {Name: "fixed", Zh: "定额"}}

func (k MethodKind) String() string { return MethodKinds.At(uint8(k)).Name }

// Round is how an amount is rounded: to multiples of Unit. The zero value rounds up
// to the fen: where the law is silent the fraction of a fen is the household's.
type Round struct {
	Unit      household.Fen
	Direction household.Rounding
}

// Method is how the amount was found between two dates.
type Method struct {
	Span
	Kind     MethodKind
	Standard string // parameter: fen for one member and one month
	Round    Round  // of Difference: of the household's monthly amount
	Minimum  string // parameter: the least that is paid to an entitled household in a month; "" for none
	Tiers    []Tier // of Tiers, ascending
	Law      string
	// Unresolved says why nobody knows the method of these dates; the rest is empty
	// then.
	Unresolved string
}

// Tier is the amount for each member of a household whose income for one member is
// below a part of the standard.
type Tier struct {
	BelowPercent int    // of the standard
	Amount       string // parameter: fen for one member and one month
}

// Single is what one person gets who is taken in alone.
type Single struct {
	Span
	Kind     MethodKind // Fixed or Difference
	Amount   string     // of Fixed: parameter, fen for one month
	Standard string     // of Difference: parameter
	Round    Round      // of Difference
	Law      string
}

// AddOn is paid on top to an entitled member. A member gets one, the largest.
type AddOn struct {
	Span
	Code      string
	Title     Text
	Who       Who
	Amount    string // parameter: fen for one month; or
	PercentOf string // parameter: fen, of which
	Percent   string // parameter: percent
	Round     Round
	Law       string
}

// Tapering is 渐退期: when the income of a household rises above the standard, the
// amount of the month before goes on for some months.
type Tapering struct {
	Span
	Months int
	When   Rise
	Law    string
}

// Rise is why the income of a household rose.
type Rise uint8

// The reasons of a rise. Only employment tapers.
const (
	RiseUnknown Rise = iota
	RiseEmployment
	RiseOther
)

// Rises are the names of the reasons.
var Rises = household.CodeList{{}, {Name: "employment", Zh: "就业"}, {Name: "other", Zh: "其他"}}

func (r Rise) String() string { return Rises.At(uint8(r)).Name }

// Start is the month from which an amount is paid.
type Start uint8

// MonthAfterDecision is the month after the decision.
const MonthAfterDecision Start = 1

// Starts are the names of Start.
var Starts = household.CodeList{{}, {Name: "month_after_decision", Zh: "作出决定的次月"}}

// Codes of lines that no add-on may have.
const (
	CodeDifference = "difference"
	CodeTier       = "tier"
	CodeMinimum    = "minimum"
	CodeSingle     = "single_person"
	CodeTapering   = "tapering"
)

// ReservedCodes are the codes of lines that no add-on may have.
func ReservedCodes() []string {
	return []string{CodeDifference, CodeTier, CodeMinimum, CodeSingle, CodeTapering}
}

// Values gives the values of parameters on one date.
type Values interface {
	// Value is the value for a residence and a number of counted members: in fen, as a
	// count, in percent or permille, as the parameter's unit is. verified says that
	// somebody has read it in the law; ok is false when there is no value.
	Value(name string, residence uint8, members int) (value int64, verified, ok bool)
}

// OpenValues is what Values may also say: why nobody knows the value of a parameter, ""
// when somebody does or there is none of that name.
type OpenValues interface{ Unresolved(name string) string }

// openReason is why nobody knows a value; "" when that is not said.
func openReason(v Values, name string) string {
	if r, ok := v.(OpenValues); ok {
		return r.Unresolved(name)
	}
	return ""
}
