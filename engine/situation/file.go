package situation

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/match/strictyaml"
)

// File is a file of situations.
type File struct {
	// On is the date of the check of situations that name none.
	On         date        `yaml:"on"`
	Situations []Situation `yaml:"situations"`
}

// Situation is a household, what is known of it, and what must come out.
type Situation struct {
	Name     string               `yaml:"name"`
	On       date                 `yaml:"on"`
	Raw      *string              `yaml:"raw"` // the line itself, instead of Request
	Request  request              `yaml:"request"`
	Sources  map[string][]deliver `yaml:"sources"`
	Records  []record             `yaml:"records"`
	Register []registration       `yaml:"register"`
	Marks    []mark               `yaml:"marks"`
	Payment  payment              `yaml:"payment"` // of Expect.Benefit
	Prices   *prices              `yaml:"prices"`  // instead of a household
	Expect   expect               `yaml:"expect"`
	fileName string
}

// File is the file of the situation, within the pack's folder.
func (s *Situation) File() string { return s.fileName }

type request struct {
	Scheme        *string        `yaml:"scheme"`
	Residence     *string        `yaml:"residence"`
	Authorization *authorization `yaml:"authorization"`
	Members       []member       `yaml:"members"`
	Assets        assets         `yaml:"assets"`
	Region        string         `yaml:"region"`
	AppliedOn     date           `yaml:"applied_on"`
	Application   string         `yaml:"application"`
	Receiving     *[]string      `yaml:"receiving"`
	Obligors      []obligor      `yaml:"obligors"`
	Expenses      []expense      `yaml:"expenses"`
}

// authorization overrides a consent that is in force, for the scheme, for all
// sources, and signed by every counted member and every obligor who is said to sign.
type authorization struct {
	None     bool      `yaml:"none"`
	From     *string   `yaml:"from"`
	To       *string   `yaml:"to"`
	Purpose  *string   `yaml:"purpose"`
	Purposes *[]string `yaml:"purposes"`
	Classes  *[]string `yaml:"data_classes"`
	SignedBy *[]string `yaml:"signed_by"` // @1 is the number of member 1, @o1 that of obligor 1
}

type member struct {
	Name     *string         `yaml:"name"`
	Number   *string         `yaml:"id_number"` // made from Born and Sex when absent; @1 is the number of member 1
	Type     string          `yaml:"id_type"`
	Sex      string          `yaml:"sex"`
	Born     date            `yaml:"born"` // 1980-01-01 when absent
	Birth    string          `yaml:"birth_date"`
	Country  string          `yaml:"country"`
	Division string          `yaml:"division"`
	Relation string          `yaml:"relation"`
	Excluded string          `yaml:"excluded"`
	Declared map[string]yuan `yaml:"declared"` // by month

	Attributes []attribute `yaml:"attributes"`
}

type assets struct {
	Financial  yuan             `yaml:"financial"`
	Vehicles   []string         `yaml:"vehicles"`
	Properties []string         `yaml:"properties"`
	Attributes []assetAttribute `yaml:"attributes"`
}

// deliver is one snapshot of a source. Without an entry in Sources a source has one
// provider of its own name, fresh, covering all months of the window.
type deliver struct {
	Provider string `yaml:"provider"`
	AsOf     date   `yaml:"as_of"`
	Covers   string `yaml:"covers"`
}

// record is one record, of the source whose key names the member or the obligor.
type record struct {
	Tax       holder `yaml:"tax"`
	Vehicle   holder `yaml:"vehicle"`
	Property  holder `yaml:"property"`
	Bank      holder `yaml:"bank"`
	Insurance holder `yaml:"insurance"`

	Snapshot int     `yaml:"snapshot"`  // of the source's entries in Sources, from 1; 0 is the first
	Name     *string `yaml:"name"`      // the member's when absent, none when empty
	Number   string  `yaml:"id_number"` // the member's when absent; "none" for a row without one
	Birth    date    `yaml:"birth_date"`
	Sex      string  `yaml:"sex"`
	Division string  `yaml:"division"`
	Country  string  `yaml:"country"`

	Periods    []string `yaml:"periods"` // one record for each; months or bare years
	IncomeType string   `yaml:"income_type"`
	Income     yuan     `yaml:"income"`
	Own        yuan     `yaml:"own_insurance"`
	TaxPaid    yuan     `yaml:"tax_paid"`

	VIN          string `yaml:"vin"`
	Plate        string `yaml:"plate"`
	Class        string `yaml:"class"`
	Status       string `yaml:"status"`
	Use          string `yaml:"use"`
	RegisteredOn date   `yaml:"registered_on"`
	Inspection   date   `yaml:"inspection_due"`
	Value        yuan   `yaml:"value"` // of a property too

	Unit        string `yaml:"unit_code"`
	Certificate string `yaml:"certificate_no"`
	Kind        string `yaml:"kind"`
	Share       string `yaml:"share"`
	Area        yuan   `yaml:"area"` // m², two places at most

	Institution string `yaml:"institution"`
	Account     string `yaml:"account_no"`
	Balance     yuan   `yaml:"balance"`
	BalanceOn   date   `yaml:"balance_on"` // the end of the month before the check when absent
	Average     yuan   `yaml:"average_balance"`
	Purpose     string `yaml:"purpose"`

	Scheme   string `yaml:"scheme"`
	Role     string `yaml:"role"`
	Identity string `yaml:"identity"`
	Base     yuan   `yaml:"base"`
	Benefit  yuan   `yaml:"benefit"`
}

// registration is a row of the population register. There is a register when a
// situation has any.
type registration struct {
	Member        int     `yaml:"member"`    // whose number and name it has
	Number        string  `yaml:"id_number"` // instead of the member's; @1 is that of member 1
	Name          *string `yaml:"name"`
	Birth         date    `yaml:"birth_date"`
	Sex           string  `yaml:"sex"`
	Division      string  `yaml:"division"`
	FormerNames   string  `yaml:"former_names"`
	FormerNumbers string  `yaml:"former_numbers"`
	DeceasedOn    date    `yaml:"deceased_on"`
	Household     string  `yaml:"household_no"`
}

// mark is a quarantined row of a member.
type mark struct {
	Source   string `yaml:"source"`
	Member   int    `yaml:"member"`
	Snapshot int    `yaml:"snapshot"`
}

type expect struct {
	Outcome   string            `yaml:"outcome"`
	Findings  []finding         `yaml:"findings"`
	Lines     []incomeLine      `yaml:"lines"`
	Total     *yuan             `yaml:"total"`
	Limit     *yuan             `yaml:"limit"`
	Members   *int              `yaml:"members"`
	From      string            `yaml:"from"`
	To        string            `yaml:"to"`
	Financial *yuan             `yaml:"financial"`
	FinLimit  *yuan             `yaml:"financial_limit"`
	Vehicles  *int              `yaml:"vehicles"`
	Homes     *int              `yaml:"residential"`
	NonRes    *int              `yaml:"non_residential"`
	Coverage  map[string]string `yaml:"coverage"` // a state, or "state: provider state, provider state"
	Line      *int64            `yaml:"line"`
	Links     map[string]int    `yaml:"links"` // strong, review, conflicts, hidden, turned_down, vehicles_if_distinct …
	Distinct  *yuan             `yaml:"financial_if_distinct"`

	Excluded   []derivedLine `yaml:"excluded"`
	Deductions []derivedLine `yaml:"deductions"`
	Derived    []derivedLine `yaml:"derived"`
	Unverified []string      `yaml:"unverified"`

	Benefit *amountDue `yaml:"benefit"` // what the pack proposes to pay
	Subsidy *subsidy   `yaml:"subsidy"` // of prices
}

type finding struct {
	Code     string  `yaml:"code"`
	Effect   string  `yaml:"effect"`
	Grade    *string `yaml:"grade"`
	Member   int     `yaml:"member"`
	Type     string  `yaml:"type"`
	Amount   *yuan   `yaml:"amount"`
	Limit    *yuan   `yaml:"limit"`
	Evidence *int    `yaml:"evidence"`
	Links    string  `yaml:"links"` // of the evidence, in order
	Item     string  `yaml:"item"`
	Law      string  `yaml:"law"` // what its law says somewhere
}

type incomeLine struct {
	Member   int    `yaml:"member"`
	Type     string `yaml:"type"`
	Declared yuan   `yaml:"declared"`
	Found    yuan   `yaml:"found"`
	Counted  yuan   `yaml:"counted"`
}

// yuan is an amount, read from its text and never through a float.
type yuan household.Fen

// UnmarshalYAML reads an amount in yuan, which here may be below zero.
func (y *yuan) UnmarshalYAML(b []byte) error {
	text := bytes.Trim(bytes.TrimSpace(b), `"'`)
	positive := bytes.TrimPrefix(text, []byte("-"))
	f, err := household.ParseYuan(positive)
	if err != nil {
		return fmt.Errorf("%q: %w", text, err)
	}
	if len(positive) < len(text) {
		f = -f
	}
	*y = yuan(f)
	return nil
}

type date household.Date

// UnmarshalYAML reads a date.
func (d *date) UnmarshalYAML(b []byte) error {
	text := bytes.Trim(bytes.TrimSpace(b), `"'`)
	v, ok := household.ParseDate(text)
	if !ok {
		return fmt.Errorf("%q is not a date", text)
	}
	*d = date(v)
	return nil
}

// Parse reads a file of situations. Errors name the line and column.
func Parse(name string, content []byte) (*File, error) {
	var f File
	if _, err := strictyaml.Decode(content, &f); err != nil {
		if e, ok := errors.AsType[*strictyaml.Error](err); ok && e.Line > 0 {
			return nil, fmt.Errorf("%s:%d:%d: %w", name, e.Line, e.Column, err)
		}
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	seen := map[string]bool{}
	for i := range f.Situations {
		s := &f.Situations[i]
		s.fileName = name
		if s.Name == "" || seen[s.Name] {
			return nil, fmt.Errorf("%s: situation %d has no name of its own", name, i+1)
		}
		seen[s.Name] = true
		if s.Prices != nil {
			if s.Expect.Subsidy == nil || s.Expect.Outcome != "" {
				return nil, fmt.Errorf("%s: situation %q expects no subsidy, or more than that", name, s.Name)
			}
		} else if s.Expect.Outcome == "" {
			return nil, fmt.Errorf("%s: situation %q expects no outcome", name, s.Name)
		}
		if s.On == 0 {
			s.On = f.On
		}
	}
	return &f, nil
}

// ErrNoTests is returned for a pack without situations.
var ErrNoTests = errors.New("the pack has no situations in its folder tests")

// MutantsFile lists, in a pack's folder, changes of the pack that no situation can
// tell from it; it holds no situations. Package mutate reads it.
const MutantsFile = "tests/mutants.yaml"

// Read reads the situations of a pack's folder, in the order of file names.
func Read(dir fs.FS) ([]Situation, error) {
	entries, err := fs.ReadDir(dir, "tests")
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoTests, err)
	}
	var out []Situation
	for _, e := range entries {
		if e.IsDir() || !slices.Contains([]string{".yaml", ".yml"}, strings.ToLower(path.Ext(e.Name()))) {
			continue
		}
		name := path.Join("tests", e.Name())
		if name == MutantsFile {
			continue
		}
		content, err := fs.ReadFile(dir, name)
		if err != nil {
			return nil, err
		}
		f, err := Parse(name, content)
		if err != nil {
			return nil, err
		}
		out = append(out, f.Situations...)
	}
	if len(out) == 0 {
		return nil, ErrNoTests
	}
	return out, nil
}
