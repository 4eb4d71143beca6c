package report

import "github.com/hedui/hedui/engine/household"

// Document is one report, in one language, as plain data. Every form that people see
// shows the texts that stand here; none words anything itself. Texts that were masked
// are masked here already.
type Document struct {
	Lang           string     `json:"lang"`
	Head           Head       `json:"head"`
	Outcome        Outcome    `json:"outcome"`
	Members        []Member   `json:"members,omitempty"`
	Authorizations []Grant    `json:"authorizations,omitempty"`
	Coverage       *Coverage  `json:"coverage,omitempty"`
	Compared       *Compared  `json:"compared,omitempty"`
	Income         *Income    `json:"income,omitempty"`
	Assets         *Assets    `json:"assets,omitempty"`
	Timeline       *Timeline  `json:"timeline,omitempty"`
	Findings       []Finding  `json:"findings,omitempty"`
	Withheld       []Withheld `json:"withheld,omitempty"`
	Links          *Links     `json:"links,omitempty"`
	Flip           *FlipText  `json:"flip,omitempty"`
	Objection      *Objection `json:"objection,omitempty"`
	History        []StepText `json:"history,omitempty"`
	Basis          Basis      `json:"basis"`
	Caveat         string     `json:"caveat"`
	Masked         string     `json:"masked,omitempty"` // said when something is masked
}

// Amount is an amount of money as it may be shown: its text, and where it may be shown in
// full the amount itself, so that a sheet can hold a number.
type Amount struct {
	Text  string        `json:"text"`
	Fen   household.Fen `json:"fen,omitempty"`
	Exact bool          `json:"exact,omitempty"`
}

// Head says which report this is, of whom, and when.
type Head struct {
	Title      string `json:"title"`
	Number     string `json:"number,omitempty"`
	VerdictID  string `json:"verdict_id,omitempty"`
	Household  string `json:"household"`
	Scheme     string `json:"scheme,omitempty"`
	Residence  string `json:"residence,omitempty"`
	Region     string `json:"region,omitempty"`
	On         string `json:"on"`
	IssuedAt   string `json:"issued_at,omitempty"`
	ValidUntil string `json:"valid_until,omitempty"`
	Centre     string `json:"centre,omitempty"`
	Recipient  string `json:"recipient,omitempty"`
	Issuer     string `json:"issuer,omitempty"`
	Line       string `json:"line,omitempty"` // of the batch, when the line was no request
}

// Outcome is what the check came to.
type Outcome struct {
	Code    string `json:"code"`
	Title   string `json:"title"`
	Meaning string `json:"meaning"`
	// Absence says, whenever some source could not answer in full, that absence is not
	// established.
	Absence string `json:"absence,omitempty"`
}

// Member is one person of the household.
type Member struct {
	Number     int    `json:"number"` // from 1
	Name       string `json:"name"`
	Relation   string `json:"relation,omitempty"`
	DocumentAs string `json:"document_type,omitempty"`
	Document   string `json:"document"`
	Counted    bool   `json:"counted"`
	Note       string `json:"note"` // counted, or why not
}

// Grant is one authorisation.
type Grant struct {
	Number   string `json:"number"`
	From     string `json:"from,omitempty"`
	To       string `json:"to,omitempty"`
	Purposes string `json:"purposes,omitempty"`
	Classes  string `json:"classes,omitempty"`
}

// Coverage is the certificate of what was asked and how far it could answer.
type Coverage struct {
	Sources  []Source `json:"sources"`
	Complete bool     `json:"complete"` // every source could answer in full
	Text     string   `json:"text"`     // what that means
}

// Source is how far one source could answer.
type Source struct {
	Code      string     `json:"code"`
	Title     string     `json:"title"`
	StateCode string     `json:"state_code"`
	State     string     `json:"state"`
	Meaning   string     `json:"meaning"`
	Awaits    string     `json:"awaits,omitempty"` // records wait for somebody to confirm whose they are
	Providers []Provider `json:"providers,omitempty"`
}

// Provider is one who delivers to a source.
type Provider struct {
	Name     string `json:"name"`
	AsOf     string `json:"as_of"`
	Snapshot string `json:"snapshot"`
	State    string `json:"state"`
}

// Compared puts what was declared beside what was found.
type Compared struct {
	Period string         `json:"period,omitempty"` // months that the income is of
	Income []ComparedLine `json:"income,omitempty"`
	Assets []ComparedLine `json:"assets,omitempty"`
	Caveat string         `json:"caveat,omitempty"`
}

// ComparedLine is one thing that was declared and found.
type ComparedLine struct {
	Member     int      `json:"member,omitempty"`
	What       string   `json:"what"`
	Declared   Amount   `json:"declared"`
	Found      Amount   `json:"found"`
	Difference Amount   `json:"difference"`       // found less declared
	More       bool     `json:"more,omitempty"`   // found is more than declared
	Listed     []string `json:"listed,omitempty"` // what was declared, one by one
}

// Income is the calculation sheet.
type Income struct {
	Period     string       `json:"period"`
	Lines      []IncomeLine `json:"lines,omitempty"`
	Monthly    []string     `json:"monthly,omitempty"` // how a declared amount comes from the month's
	Excluded   []LawAmount  `json:"excluded,omitempty"`
	Deductions []LawAmount  `json:"deductions,omitempty"`
	Derived    []LawAmount  `json:"derived,omitempty"`
	Total      Amount       `json:"total"`
	Sum        string       `json:"sum,omitempty"` // how the total comes out, when it does
	HasLimit   bool         `json:"has_limit,omitempty"`
	Limit      Amount       `json:"limit"`
	LimitSum   string       `json:"limit_sum,omitempty"` // standard × months × members
	Comparison string       `json:"comparison,omitempty"`
	Caveat     string       `json:"caveat,omitempty"`
}

// IncomeLine is the income of one member of one type.
type IncomeLine struct {
	Member   int    `json:"member"`
	Type     string `json:"type"`
	Declared Amount `json:"declared"`
	Found    Amount `json:"found"`
	Counted  Amount `json:"counted"`
}

// LawAmount is an amount that the law leaves out, takes off or assumes.
type LawAmount struct {
	Code   string `json:"code"`
	Title  string `json:"title"`
	Whose  string `json:"whose,omitempty"`
	Amount Amount `json:"amount"`
	Law    string `json:"law,omitempty"`
}

// Assets is the asset sheet.
type Assets struct {
	Financial  Amount      `json:"financial"`
	HasLimit   bool        `json:"has_limit,omitempty"`
	Limit      Amount      `json:"limit"`
	LimitSum   string      `json:"limit_sum,omitempty"`
	Comparison string      `json:"comparison,omitempty"`
	Counts     []AssetLine `json:"counts"`
	Distinct   string      `json:"distinct,omitempty"` // if assets that may be one are two
	Caveat     string      `json:"caveat,omitempty"`
}

// AssetLine is how many of a kind are counted.
type AssetLine struct {
	What  string `json:"what"`
	Count int    `json:"count"`
	Unit  string `json:"unit"`
}

// Timeline is which month the records that are shown speak of. It has no months when
// there is nothing to say of any.
type Timeline struct {
	Months []TimelineMonth `json:"months,omitempty"`

	Caveat string `json:"caveat,omitempty"`
}

// TimelineMonth is one month of the window.
type TimelineMonth struct {
	Month     string          `json:"month"`
	Uncovered []string        `json:"uncovered,omitempty"` // sources that nobody covers the month of
	Entries   []TimelineEntry `json:"entries,omitempty"`
}

// TimelineEntry is what the records of one source and member come to in a month.
type TimelineEntry struct {
	Source  string `json:"source"`
	Member  int    `json:"member"`
	Records int    `json:"records"`
	Amount  Amount `json:"amount"`
	Money   bool   `json:"money,omitempty"` // the records are of money
}

// Finding is one thing that a person must look at.
type Finding struct {
	Number     int        `json:"number"` // from 1
	Code       string     `json:"code"`
	Title      string     `json:"title"`
	EffectCode string     `json:"effect_code"`
	Effect     string     `json:"effect"`
	Member     int        `json:"member,omitempty"`
	Type       string     `json:"type,omitempty"`
	Text       string     `json:"text,omitempty"`
	HasAmount  bool       `json:"has_amount,omitempty"`
	Amount     Amount     `json:"amount"`
	Limit      Amount     `json:"limit"`
	Amounts    string     `json:"amounts,omitempty"` // both in a sentence
	Grade      string     `json:"grade,omitempty"`
	Item       string     `json:"item,omitempty"`
	Unverified string     `json:"unverified,omitempty"` // 未经核实, and what that means
	Law        string     `json:"law,omitempty"`
	Clear      string     `json:"clear,omitempty"`
	Fields     string     `json:"fields,omitempty"`  // at fault, of a request that is not valid
	SameAs     int        `json:"same_as,omitempty"` // the finding whose rows these are
	Evidence   []Evidence `json:"evidence,omitempty"`
}

// Evidence is one record of one department.
type Evidence struct {
	Source   string `json:"source"`
	Provider string `json:"provider"`
	Snapshot string `json:"snapshot"`
	File     int    `json:"file"`
	Row      int64  `json:"row"`
	Record   string `json:"record,omitempty"`
	Member   int    `json:"member,omitempty"`
	Link     string `json:"link,omitempty"`
	Period   string `json:"period,omitempty"`
	Money    bool   `json:"money,omitempty"`
	Amount   Amount `json:"amount"`
}

// Withheld is a record that counted for nothing because somebody objected to it.
type Withheld struct {
	Evidence
	Because string `json:"because"`
}

// Links says how records that do not lie plainly under a member's document were linked.
type Links struct {
	Meaning    string     `json:"meaning"`
	Counts     string     `json:"counts"`
	TooCommon  string     `json:"too_common,omitempty"`
	Totals     string     `json:"totals,omitempty"`
	Bits       string     `json:"bits,omitempty"` // what the numbers mean
	Notes      []LinkNote `json:"notes,omitempty"`
	TurnedDown []string   `json:"turned_down,omitempty"`
	More       string     `json:"more,omitempty"`
}

// LinkNote is one link with its sum.
type LinkNote struct {
	Member  int        `json:"member"`
	Tier    string     `json:"tier"`
	Meaning string     `json:"meaning"`
	Use     string     `json:"use"`
	Parts   []LinkPart `json:"parts"`
	Total   string     `json:"total"`
	Why     string     `json:"why,omitempty"`
}

// LinkPart is what one comparison adds.
type LinkPart struct {
	Bits string `json:"bits"`
	Text string `json:"text"`
}

// FlipText says what would change the outcome.
type FlipText struct {
	Lead  string     `json:"lead"`
	Lines []FlipLine `json:"lines,omitempty"`
	Then  string     `json:"then,omitempty"` // what the outcome would be
}

// FlipLine is one thing of several that would all have to change.
type FlipLine struct {
	Finding int    `json:"finding,omitempty"` // its number
	Title   string `json:"title"`
	Text    string `json:"text"`
	Clear   string `json:"clear,omitempty"`
}

// Objection says where and within how many days the household may object.
type Objection struct {
	Text  string `json:"text"`
	Where string `json:"where,omitempty"`
	Days  int    `json:"days,omitempty"` // of receiving the report; 0 when no term is set
}

// StepText is one step of the review.
type StepText struct {
	At     string `json:"at"`
	By     string `json:"by"`
	What   string `json:"what"`
	Reason string `json:"reason,omitempty"`
}

// Basis is what the outcome was computed from.
type Basis struct {
	Program    string       `json:"program,omitempty"`
	Generation string       `json:"generation,omitempty"`
	Pack       string       `json:"pack,omitempty"`
	Version    string       `json:"version,omitempty"`
	Digest     string       `json:"digest,omitempty"`
	Region     string       `json:"region,omitempty"`
	Values     []CitedValue `json:"values,omitempty"`
}

// CitedValue is a value of the law.
type CitedValue struct {
	Name   string `json:"name"`
	Value  string `json:"value"`
	From   string `json:"from,omitempty"`
	Where  string `json:"where"`            // file and line of the pack
	Status string `json:"status,omitempty"` // 未经核实, 未查明; "" when verified
	Law    string `json:"law,omitempty"`
}
