package trace

import (
	"github.com/hedui/hedui/engine/household"
)

// Version is that of the form that Append writes and Parse reads.
const Version = 1

// Values of Rule.ShownAs: the sheet that shows the limit of the rule.
const (
	IncomeLimit    = "income_limit"
	FinancialLimit = "financial_limit"
)

// Trace is what one verdict rests on.
type Trace struct {
	Version int   `json:"trace"`
	Frame   Frame `json:"verdict"`
	// Refusal is why nothing was looked up; there is nothing else then.
	Refusal string `json:"refusal,omitempty"`

	Members []int `json:"members,omitempty"` // the counted ones, by their numbers in the request
	// CitesValues says that the verdict names the values it rests on.
	CitesValues bool       `json:"cites_values,omitempty"`
	Values      Values     `json:"values,omitempty"`
	Facts       []Variable `json:"facts,omitempty"` // what conditions asked of the household
	Rules       []Rule     `json:"rules,omitempty"` // in the order of the law
	Open        []Open     `json:"open_questions,omitempty"`
	// Unconfirmed is given when records were found whose links a person has to confirm.
	Unconfirmed *Unconfirmed `json:"unconfirmed,omitempty"`
	// DuplicateAccounts says that accounts are among the possible duplicates, so that
	// the finding shows both totals.
	DuplicateAccounts bool `json:"duplicate_accounts,omitempty"`
}

// Rule is one rule of the law and what it was applied to.
type Rule struct {
	Code    string  `json:"code"`
	Effect  string  `json:"effect"`
	Weak    *Lesser `json:"with_grade_b,omitempty"`
	Derived Lesser  `json:"with_grade_c"`
	Per     string  `json:"per"` // household, member or line

	// What is compared: one of a fact, the count or the sum of a set, or, with none of
	// them, Condition alone.
	Fact  string `json:"fact,omitempty"`
	Count string `json:"count,omitempty"`
	Sum   string `json:"sum,omitempty"`
	Unit  string `json:"unit"`
	Op    string `json:"op,omitempty"` // at_least or more_than
	Limit *Limit `json:"limit,omitempty"`

	Who       bool     `json:"who,omitempty"`       // it does not speak of everybody
	Condition string   `json:"condition,omitempty"` // in CEL
	Reads     []string `json:"reads,omitempty"`     // the variables of Condition, sorted
	// SilentUnknown says that it is silent where nobody knows whether it speaks of
	// somebody.
	SilentUnknown bool `json:"silent_if_unknown,omitempty"`

	Unless     []Unless `json:"unless_coverage,omitempty"`
	ShownAs    string   `json:"shown_as,omitempty"` // income_limit or financial_limit
	Unresolved string   `json:"unresolved,omitempty"`
	Law        string   `json:"law"`

	// Applications is empty when the coverage keeps the rule from firing. Of one that is
	// unresolved they only say whom it speaks of, member by member; without Who and
	// Condition there are none.
	Applications []Application `json:"applications,omitempty"`
}

// Lesser is what follows on lesser evidence.
type Lesser struct {
	Code   string `json:"code"`
	Effect string `json:"effect"`
}

// Limit is the right side of a rule: a parameter times window_months, counted_members,
// whole numbers and further parameters.
type Limit struct {
	Parameter string   `json:"parameter"`
	Times     []string `json:"times,omitempty"`
}

// Unless names the states of a source in which a rule does not fire.
type Unless struct {
	Source string   `json:"source"`
	States []string `json:"states"`
}

// Application is a rule on the household, one member, or one line of a member's income.
type Application struct {
	Member int        `json:"member,omitempty"` // number in the request; 0 for the household
	Type   string     `json:"type,omitempty"`   // of a line
	Value  Value      `json:"value,omitzero"`
	Who    string     `json:"who,omitempty"`   // yes, no or unknown, of a rule with Who
	Facts  []Variable `json:"facts,omitempty"` // what the condition asked of the member
	// Confirm says that the rule is silent and would fire if the unconfirmed records
	// counted.
	Confirm  bool     `json:"confirm,omitempty"`
	Evidence Evidence `json:"evidence,omitempty"` // of a rule that fired
}

// Value is a fact as rules.Value has it.
type Value struct {
	Strong  int64 `json:"strong"`
	All     int64 `json:"all"`
	Linked  int64 `json:"linked"`
	Derived int64 `json:"derived,omitempty"`
}

// Variable is a variable of conditions with its value: exactly one of the fields beside
// the name is given. Unknown names the type of what nobody knows.
type Variable struct {
	Name    string  `json:"name"`
	Int     *int64  `json:"int,omitempty"`
	Bool    *bool   `json:"bool,omitempty"`
	String  *string `json:"string,omitempty"`
	Unknown string  `json:"unknown,omitempty"`
}

// Equal reports whether two variables have the same name and value.
func (v *Variable) Equal(o *Variable) bool {
	return v.Name == o.Name && v.Unknown == o.Unknown && equal(v.Int, o.Int) && equal(v.Bool, o.Bool) && equal(v.String, o.String)
}

func equal[T comparable](a, b *T) bool {
	return a == nil && b == nil || a != nil && b != nil && *a == *b
}

// Open is income of which nobody knows whether the law counts it.
type Open struct {
	Item       string   `json:"item"`
	Law        string   `json:"law"`
	Unresolved string   `json:"unresolved"`
	Evidence   Evidence `json:"evidence"`
}

// Unconfirmed is what the pack says of records whose links a person has to confirm, and
// those of each member that would make a silent rule fire.
type Unconfirmed struct {
	Code    string            `json:"code"`
	Effect  string            `json:"effect"`
	Law     string            `json:"law"`
	Members []UnconfirmedRows `json:"members,omitempty"`
}

// UnconfirmedRows are the records that may be one member's.
type UnconfirmedRows struct {
	Member   int      `json:"member"`
	Evidence Evidence `json:"evidence"`
}

// Frame is a verdict without findings, outcome and cited values.
type Frame household.Verdict

// MarshalJSON writes the frame as the verdict would be written.
func (f Frame) MarshalJSON() ([]byte, error) {
	v := household.Verdict(f)
	return v.AppendFrame(nil), nil
}

// UnmarshalJSON reads what MarshalJSON writes.
func (f *Frame) UnmarshalJSON(b []byte) error {
	v, err := household.ParseFrame(b)
	if err == nil {
		*f = Frame(*v)
	}
	return err
}

// Evidence is written as verdicts write it.
type Evidence []household.Evidence

// MarshalJSON writes the evidence as a finding would.
func (e Evidence) MarshalJSON() ([]byte, error) { return household.AppendEvidence(nil, e), nil }

// UnmarshalJSON reads what MarshalJSON writes.
func (e *Evidence) UnmarshalJSON(b []byte) error {
	list, err := household.ParseEvidence(b)
	*e = list
	return err
}

// Values are written as verdicts cite them.
type Values []household.CitedValue

// MarshalJSON writes the values as a verdict would.
func (v Values) MarshalJSON() ([]byte, error) { return household.AppendValues(nil, v), nil }

// UnmarshalJSON reads what MarshalJSON writes.
func (v *Values) UnmarshalJSON(b []byte) error {
	list, err := household.ParseValues(b)
	*v = list
	return err
}
