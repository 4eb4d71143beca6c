package report

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/hedui/hedui/engine/explain"
	"github.com/hedui/hedui/engine/household"
)

// Summary counts the verdicts of a region. It holds nothing of any household but what
// counts. The order of verdicts changes nothing.
type Summary struct {
	outcomes map[group]*[household.Refused + 1]int64
	findings map[finding]int64
	coverage [household.NumChecked][household.NumCoverageStates]int64
	checked  int64 // verdicts that are no refusal
	total    int64
	from, to household.Date
}

type group struct{ division, scheme string }

type finding struct {
	code   string
	effect household.Outcome
}

// Add counts a verdict.
func (s *Summary) Add(v *household.Verdict) {
	if s.outcomes == nil {
		s.outcomes, s.findings = map[group]*[household.Refused + 1]int64{}, map[finding]int64{}
	}
	g := group{division(v), v.Scheme}
	if s.outcomes[g] == nil {
		s.outcomes[g] = new([household.Refused + 1]int64)
	}
	if v.Outcome <= household.Refused {
		s.outcomes[g][v.Outcome]++
	}
	s.total++
	if v.On != 0 {
		if s.from == 0 || v.On < s.from {
			s.from = v.On
		}
		s.to = max(s.to, v.On)
	}
	// A code is counted once for each household, however many members it names.
	seen := make([]finding, 0, len(v.Findings))
	for i := range v.Findings {
		f := finding{v.Findings[i].Code, v.Findings[i].Effect}
		if !slices.Contains(seen, f) {
			seen = append(seen, f)
			s.findings[f]++
		}
	}
	if v.Outcome == household.Refused {
		return
	}
	s.checked++
	for source := household.Tax; source < household.NumChecked; source++ {
		if st := v.Coverage[source].State; st < household.NumCoverageStates {
			s.coverage[source][st]++
		}
	}
}

// division is the county of a verdict: six digits of its region, or of the number of the
// household where the region is not known any more.
func division(v *household.Verdict) string {
	for _, s := range []string{v.Region, v.HouseholdID} {
		if len(s) < 6 {
			continue
		}
		if !slices.ContainsFunc([]byte(s[:6]), func(c byte) bool { return c < '0' || c > '9' }) {
			return s[:6]
		}
	}
	return ""
}

// SummaryInput is what a summary shows besides its counts.
type SummaryInput struct {
	Texts     explain.Texts     // nil: codes stand for themselves
	Divisions map[string]string // names of divisions; a code without one stands for itself
	Lang      string
	Number    string
	Region    string
	Centre    string
	Recipient string
	IssuedAt  time.Time
	Program   string
	// Fewest is the smallest count that is said. Counts below it, and those that would
	// give them away, are withheld. 0 withholds nothing: for what stays in the centre.
	Fewest int64
}

// SummaryDocument is a region's summary in one language, as plain data.
type SummaryDocument struct {
	Lang      string            `json:"lang"`
	Title     string            `json:"title"`
	Number    string            `json:"number,omitempty"`
	Region    string            `json:"region,omitempty"`
	Centre    string            `json:"centre,omitempty"`
	Recipient string            `json:"recipient,omitempty"`
	IssuedAt  string            `json:"issued_at,omitempty"`
	Days      string            `json:"days,omitempty"` // of the checks
	Program   string            `json:"program,omitempty"`
	Outcomes  []string          `json:"outcomes"` // titles of the columns
	Rows      []SummaryRow      `json:"rows"`
	Total     SummaryRow        `json:"total"`
	Findings  []SummaryFinding  `json:"findings,omitempty"`
	States    []string          `json:"states"` // titles of the columns
	Coverage  []SummaryCoverage `json:"coverage"`
	Notes     []string          `json:"notes"`
}

// Count is a number of households as it may be said.
type Count struct {
	Text     string `json:"text"`
	N        int64  `json:"n,omitempty"`
	Withheld bool   `json:"withheld,omitempty"`
}

// SummaryRow is the outcomes of one scheme in one division.
type SummaryRow struct {
	Division string  `json:"division"`
	Scheme   string  `json:"scheme"`
	Outcomes []Count `json:"outcomes"`
	Total    Count   `json:"total"`
	Warned   string  `json:"warned"` // the part with something to look at
}

// SummaryFinding is how many households have a finding.
type SummaryFinding struct {
	Code       string `json:"code"`
	Title      string `json:"title"`
	Effect     string `json:"effect"`
	Households Count  `json:"households"`
}

// SummaryCoverage is how far one source could answer.
type SummaryCoverage struct {
	Source string  `json:"source"`
	States []Count `json:"states"`
}

// Document words what was counted. It returns an error when there is no such language.
func (s *Summary) Document(in SummaryInput) (*SummaryDocument, error) {
	if in.Lang != explain.Zh && in.Lang != explain.En {
		return nil, fmt.Errorf("a summary in %q: want %q or %q", in.Lang, explain.Zh, explain.En)
	}
	if in.Fewest < 0 {
		return nil, errors.New("a smallest count below 0")
	}
	b := &builder{in: Input{Texts: in.Texts}, lang: in.Lang}
	d := &SummaryDocument{
		Lang: in.Lang, Title: b.say("summary title"), Number: clean(in.Number), Region: clean(in.Region), Centre: clean(in.Centre),
		Recipient: clean(in.Recipient), Program: clean(in.Program), Days: s.from.String(),
	}
	if !in.IssuedAt.IsZero() {
		d.IssuedAt = in.IssuedAt.Format(moment)
	}
	if s.to != s.from {
		d.Days = b.say("from to", s.from.String(), s.to.String())
	}
	for o := household.NoDiscrepancy; o <= household.Refused; o++ {
		d.Outcomes = append(d.Outcomes, explain.OutcomeTitle(o, in.Lang))
	}
	for st := household.NotAuthorized; st <= s.lastState(); st++ {
		d.States = append(d.States, explain.StateTitle(st, in.Lang))
	}
	s.rows(b, d, in)
	s.found(b, d, in.Fewest)
	s.sources(b, d, in.Fewest)
	d.Notes = []string{b.say("summary warned"), b.say("summary evidence")}
	if in.Fewest > 1 {
		d.Notes = append(d.Notes, b.say("summary withheld", in.Fewest))
	}
	return d, nil
}

func (s *Summary) rows(b *builder, d *SummaryDocument, in SummaryInput) {
	groups := make([]group, 0, len(s.outcomes))
	for g := range s.outcomes {
		groups = append(groups, g)
	}
	slices.SortFunc(groups, func(x, y group) int {
		return cmp.Or(cmp.Compare(x.division, y.division), cmp.Compare(x.scheme, y.scheme))
	})
	const columns = int(household.Refused) + 1 // the outcomes and their sum
	sums := make([]int64, columns)
	table := make([][]int64, 0, len(groups)+1)
	for _, g := range groups {
		row := make([]int64, columns)
		for o := household.NoDiscrepancy; o <= household.Refused; o++ {
			n := s.outcomes[g][o]
			row[o-1] = n
			row[columns-1] += n
			sums[o-1] += n
			sums[columns-1] += n
		}
		table = append(table, row)
	}
	table = append(table, sums)
	hide := withhold(table, in.Fewest)
	for i := range table {
		row := SummaryRow{Total: b.count(table[i][columns-1], hide[i][columns-1])}
		for o := range columns - 1 {
			row.Outcomes = append(row.Outcomes, b.count(table[i][o], hide[i][o]))
		}
		row.Warned = b.warned(table[i], hide[i])
		if i == len(groups) {
			row.Division = b.say("total")
			d.Total = row
			break
		}
		row.Division, row.Scheme = groups[i].division, clean(explain.SchemeTitle(groups[i].scheme, b.lang))
		if name := in.Divisions[row.Division]; name != "" {
			row.Division += " " + clean(name)
		}
		if row.Division == "" {
			row.Division = b.say("no division")
		}
		d.Rows = append(d.Rows, row)
	}
}

// warned is the part of the checked households with something to look at, in percent
// with one decimal. It is not said where a count that goes into it is not.
func (b *builder) warned(row []int64, hide []bool) string {
	const review, suspected, refused, sum = 1, 2, 4, 5
	if hide[review] || hide[suspected] || hide[refused] || hide[sum] {
		return "–"
	}
	checked := row[sum] - row[refused]
	if checked == 0 {
		return "–"
	}
	permille := (1000*(row[review]+row[suspected]) + checked/2) / checked
	return strconv.FormatInt(permille/10, 10) + "." + strconv.FormatInt(permille%10, 10) + " %"
}

func (b *builder) count(n int64, hide bool) Count {
	if hide {
		return Count{Text: "*", Withheld: true}
	}
	return Count{Text: strconv.FormatInt(n, 10), N: n}
}

func (s *Summary) found(b *builder, d *SummaryDocument, fewest int64) {
	list := make([]finding, 0, len(s.findings))
	for f := range s.findings {
		list = append(list, f)
	}
	slices.SortFunc(list, func(x, y finding) int {
		return cmp.Or(-cmp.Compare(s.findings[x], s.findings[y]), cmp.Compare(x.code, y.code), cmp.Compare(x.effect, y.effect))
	})
	var small []SummaryFinding
	for _, f := range list {
		n := s.findings[f]
		out := SummaryFinding{Code: clean(f.code), Title: b.title(f.code), Effect: explain.OutcomeTitle(f.effect, b.lang), Households: b.count(n, n < fewest)}
		if n < fewest {
			small = append(small, out)
			continue
		}
		d.Findings = append(d.Findings, out)
	}
	// The order of what is withheld must not say which is more.
	slices.SortFunc(small, func(x, y SummaryFinding) int {
		return cmp.Or(cmp.Compare(x.Code, y.Code), cmp.Compare(x.Effect, y.Effect))
	})
	d.Findings = append(d.Findings, small...)
}

// lastState is the last state that has a column: those of the upper node have one where it
// was asked.
func (s *Summary) lastState() household.CoverageState {
	for source := range s.coverage {
		if s.coverage[source][household.Pending]+s.coverage[source][household.Upstream] > 0 {
			return household.Upstream
		}
	}
	return household.Found
}

func (s *Summary) sources(b *builder, d *SummaryDocument, fewest int64) {
	for source := household.Tax; source < household.NumChecked; source++ {
		row := append([]int64(nil), s.coverage[source][household.NotAuthorized:s.lastState()+1]...)
		row = append(row, s.checked)
		hide := withhold([][]int64{row}, fewest)[0]
		out := SummaryCoverage{Source: explain.SourceTitle(source, b.lang)}
		for i := range d.States {
			out.States = append(out.States, b.count(row[i], hide[i]))
		}
		d.Coverage = append(d.Coverage, out)
	}
}
