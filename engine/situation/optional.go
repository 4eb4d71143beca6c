package situation

import (
	"bytes"
	"fmt"
	"strconv"

	"github.com/hedui/hedui/engine/household"
)

// attribute is what is said of a member or an obligor, proven unless it says
// otherwise.
type attribute struct {
	Code     string  `yaml:"code"`
	Holds    *bool   `yaml:"holds"` // true when absent
	Grade    int     `yaml:"grade"`
	Amount   yuan    `yaml:"amount"`
	From     date    `yaml:"from"`
	To       date    `yaml:"to"`
	Document *string `yaml:"document"` // see document
}

// assetAttribute is what is said of an asset.
type assetAttribute struct {
	Said  attribute `yaml:",inline"` // not embedded: the reader can't set an unexported type
	Asset string    `yaml:"asset"`
}

type obligor struct {
	Name       *string     `yaml:"name"`
	Number     *string     `yaml:"id_number"` // made from Born when absent; @1 is the number of member 1
	Born       date        `yaml:"born"`      // 1980-01-01 when absent
	Sex        string      `yaml:"sex"`
	Relation   *string     `yaml:"relation"` // child when absent
	Supports   *[]int      `yaml:"supports"` // member 1 when absent
	Signed     *bool       `yaml:"signed"`   // true when absent
	Members    int         `yaml:"household_members"`
	Children   int         `yaml:"children_of_supported"`
	Parents    int         `yaml:"supported_parents"`
	Income     *yuan       `yaml:"income"` // by month
	Agreement  *agreement  `yaml:"agreement"`
	Attributes []attribute `yaml:"attributes"`
}

type agreement struct {
	Kind     string  `yaml:"kind"`
	Monthly  *yuan   `yaml:"monthly"`
	Document *string `yaml:"document"`
}

type expense struct {
	Type     string  `yaml:"type"`
	Member   int     `yaml:"member"`
	Month    string  `yaml:"month"`
	Amount   yuan    `yaml:"amount"`
	Document *string `yaml:"document"`
}

// holder is whose a record is: member 2, or "o2", obligor 2. Its zero is nobody.
type holder struct {
	n       int
	obligor bool
}

// UnmarshalYAML reads a number, or one with an o before it.
func (h *holder) UnmarshalYAML(b []byte) error {
	text := bytes.Trim(bytes.TrimSpace(b), `"'`)
	number, obligor := bytes.CutPrefix(text, []byte("o"))
	n, err := strconv.Atoi(string(number))
	if err != nil {
		return fmt.Errorf("%q is neither the number of a member nor one like o1 of an obligor", text)
	}
	*h = holder{n, obligor}
	return nil
}

func (h holder) String() string {
	if h.obligor {
		return "obligor " + strconv.Itoa(h.n)
	}
	return "member " + strconv.Itoa(h.n)
}

// object is a JSON object of a request.
type object map[string]any

// text sets a key unless there is nothing to say.
func (o object) text(key, value string) {
	if value != "" {
		o[key] = value
	}
}

func (o object) number(key string, n int64) {
	if n != 0 {
		o[key] = n
	}
}

// document is the document of something that is ordinarily proven: some document
// when none is named, no document for "none".
func (o object) document(named *string) {
	switch {
	case named == nil:
		o["document"] = "证明"
	case *named != "none":
		o["document"] = *named
	}
}

func (a *attribute) object() object {
	o := object{"code": a.Code}
	if a.Holds != nil {
		o["holds"] = *a.Holds
	}
	o.number("grade", int64(a.Grade))
	o.number("amount_fen", int64(a.Amount))
	o.text("from", household.Date(a.From).String())
	o.text("to", household.Date(a.To).String())
	o.document(a.Document)
	return o
}

func (o object) attributes(list []attribute) {
	if len(list) == 0 {
		return
	}
	var out []object
	for i := range list {
		out = append(out, list[i].object())
	}
	o["attributes"] = out
}

func (o object) assetAttributes(list []assetAttribute) {
	if len(list) == 0 {
		return
	}
	var out []object
	for i := range list {
		a := list[i].Said.object()
		a.text("asset", list[i].Asset)
		out = append(out, a)
	}
	o["attributes"] = out
}

// optional adds the parts of the request that only some packs read.
func (s *Situation) optional(r object) {
	q := &s.Request
	r.text("region", q.Region)
	r.text("applied_on", household.Date(q.AppliedOn).String())
	r.text("application", q.Application)
	if q.Receiving != nil {
		r["receiving"] = append([]string{}, *q.Receiving...) // none is not null
	}
	var obligors, expenses []object
	for i := range q.Obligors {
		obligors = append(obligors, s.obligor(i))
	}
	if obligors != nil {
		r["obligors"] = obligors
	}
	for i := range q.Expenses {
		x := &q.Expenses[i]
		e := object{"amount_fen": int64(x.Amount)}
		e.text("type", x.Type)
		e.text("month", x.Month)
		e.number("member", int64(x.Member))
		e.document(x.Document)
		expenses = append(expenses, e)
	}
	if expenses != nil {
		r["expenses"] = expenses
	}
}

func (s *Situation) obligor(i int) object {
	x := &s.Request.Obligors[i]
	o := object{"name": s.obligorName(i), "id_number": s.obligorNumber(i), "relation": "child", "supports": []int{1}, "signed": x.signed()}
	if x.Relation != nil {
		delete(o, "relation")
		o.text("relation", *x.Relation)
	}
	if x.Supports != nil {
		o["supports"] = append([]int{}, *x.Supports...)
	}
	o.text("sex", x.Sex)
	o.number("household_members", int64(x.Members))
	o.number("children_of_supported", int64(x.Children))
	o.number("supported_parents", int64(x.Parents))
	if x.Income != nil {
		o["monthly_income_fen"] = int64(*x.Income)
	}
	if x.Agreement != nil {
		a := object{}
		a.text("kind", x.Agreement.Kind)
		if x.Agreement.Monthly != nil {
			a["monthly_fen"] = int64(*x.Agreement.Monthly)
		}
		a.document(x.Agreement.Document)
		o["agreement"] = a
	}
	o.attributes(x.Attributes)
	return o
}

func (o *obligor) signed() bool { return o.Signed == nil || *o.Signed }

func (s *Situation) obligorName(i int) string {
	if n := s.Request.Obligors[i].Name; n != nil {
		return *n
	}
	return [...]string{"赵大勇", "赵小勇", "赵大梅", "赵小梅"}[i%4]
}

// obligorNumber is the document of obligor i (from 0), in the manner of number.
func (s *Situation) obligorNumber(i int) string {
	o := &s.Request.Obligors[i]
	if o.Number != nil {
		return s.reference(*o.Number)
	}
	return residentNumber(o.Born, o.Sex, 601+i)
}

// holderOf finds who a record is of: the type and the number of their document, and
// their name.
func (s *Situation) holderOf(h holder) (_ household.DocumentType, number, name string, err error) {
	switch {
	case h.obligor && h.n >= 1 && h.n <= len(s.Request.Obligors):
		return household.ResidentID, s.obligorNumber(h.n - 1), s.obligorName(h.n - 1), nil
	case !h.obligor && h.n >= 1 && h.n <= len(s.Request.Members):
		t, _ := household.DocumentTypes.Find(s.Request.Members[h.n-1].Type)
		return household.DocumentType(t), s.number(h.n - 1), s.name(h.n - 1), nil
	}
	return 0, "", "", fmt.Errorf("there is no %s", h)
}

// consentYears is how long an authorisation that says nothing runs: the year of the
// check and the one after it.
func consentYears(on household.Date) (from, to string) {
	first, _ := household.NewDate(on.Year(), 1, 1)
	last, _ := household.NewDate(on.Year()+1, 12, 31)
	return first.String(), last.String()
}

// monthEnd is the last day of the month before a date.
func monthEnd(on household.Date) household.Date {
	m := on.MonthOf() - 1
	for day := 31; day > 27; day-- {
		if d, ok := household.NewDate(m.Year(), int(m)%12+1, day); ok {
			return d
		}
	}
	return 0
}

// signers are the numbers of all who sign when nothing is said.
func (s *Situation) signers() (out []string) {
	for i := range s.Request.Members {
		if s.Request.Members[i].Excluded == "" {
			out = append(out, s.number(i))
		}
	}
	for i := range s.Request.Obligors {
		if s.Request.Obligors[i].signed() {
			out = append(out, s.obligorNumber(i))
		}
	}
	return out
}
