package household

import "strconv"

// The shapes of a verdict in JSON, as they are read. What is absent is zero; that a key
// stands where it must is seen when the verdict is written again.
type wireVerdict struct {
	Line        int64                   `json:"line"`
	HouseholdID string                  `json:"household_id"`
	Scheme      string                  `json:"scheme"`
	On          string                  `json:"on"`
	Outcome     string                  `json:"outcome"`
	Findings    []wireFinding           `json:"findings"`
	Income      *wireIncome             `json:"income"`
	Assets      wireAssetSheet          `json:"assets"`
	Coverage    map[string]wireCoverage `json:"coverage"`
	Withheld    []wireWithheld          `json:"withheld"`
	Links       *wireLinks              `json:"links"`
	Generation  string                  `json:"generation"`
	Rules       struct {
		Pack    string      `json:"pack"`
		Version string      `json:"version"`
		Digest  string      `json:"digest"`
		Region  string      `json:"region"`
		Values  []wireValue `json:"values"`
	} `json:"rules"`
}

type wireFinding struct {
	Code       string         `json:"code"`
	Effect     string         `json:"effect"`
	Grade      string         `json:"grade"`
	Member     int            `json:"member"`
	Type       string         `json:"type"`
	Amount     *int64         `json:"amount_fen"`
	Limit      int64          `json:"limit_fen"`
	Item       string         `json:"item"`
	Unverified bool           `json:"unverified"`
	Law        string         `json:"law"`
	Evidence   []wireEvidence `json:"evidence"`
}

type wireEvidence struct {
	Source   string `json:"source"`
	Provider string `json:"provider"`
	Snapshot string `json:"snapshot"`
	Node     string `json:"node"`
	File     int    `json:"file"`
	Row      int64  `json:"row"`
	Record   string `json:"record"`
	Member   int    `json:"member"`
	Link     string `json:"link"`
	Period   string `json:"period"`
	Amount   *int64 `json:"amount_fen"`
}

type wireWithheld struct {
	wireEvidence
	Because string `json:"because"`
}

type wireIncome struct {
	From    string `json:"from"`
	To      string `json:"to"`
	Members int    `json:"members"`
	Lines   []struct {
		Member   int    `json:"member"`
		Type     string `json:"type"`
		Declared int64  `json:"declared_fen"`
		Found    int64  `json:"found_fen"`
		Counted  int64  `json:"counted_fen"`
	} `json:"lines"`
	Total      int64        `json:"total_fen"`
	Limit      int64        `json:"limit_fen"`
	Excluded   []wireAmount `json:"excluded"`
	Deductions []wireAmount `json:"deductions"`
	Derived    []wireAmount `json:"derived"`
}

type wireAmount struct {
	Code    string `json:"code"`
	Member  int    `json:"member"`
	Obligor int    `json:"obligor"`
	Amount  int64  `json:"amount_fen"`
	Law     string `json:"law"`
}

type wireAssetSheet struct {
	Financial      int64 `json:"financial_fen"`
	FinancialLimit int64 `json:"financial_limit_fen"`
	Vehicles       int   `json:"vehicles"`
	Residential    int   `json:"residential"`
	NonResidential int   `json:"non_residential"`
}

type wireCoverage struct {
	State     string `json:"state"`
	Providers []struct {
		Provider string `json:"provider"`
		AsOf     string `json:"as_of"`
		Snapshot string `json:"snapshot"`
		Node     string `json:"node"`
		State    string `json:"state"`
	} `json:"providers"`
}

type wireLinks struct {
	Strong         int   `json:"strong"`
	Review         int   `json:"review"`
	Conflicts      int   `json:"conflicts"`
	Hidden         int   `json:"hidden"`
	TurnedDown     int   `json:"turned_down"`
	TooCommon      int   `json:"too_common"`
	Income         int64 `json:"income_fen"`
	Financial      int64 `json:"financial_fen"`
	IfDistinct     int64 `json:"financial_if_distinct_fen"`
	Vehicles       int   `json:"vehicles_if_distinct"`
	Residential    int   `json:"residential_if_distinct"`
	NonResidential int   `json:"non_residential_if_distinct"`
	Notes          []struct {
		Member int    `json:"member"`
		Tier   string `json:"tier"`
		Use    string `json:"use"`
		Bits   int64  `json:"millibits"`
		Parts  []struct {
			Field string `json:"field"`
			Level string `json:"level"`
			Bits  int64  `json:"millibits"`
		} `json:"parts"`
		Reasons []string `json:"reasons"`
	} `json:"notes"`
}

type wireValue struct {
	Name       string `json:"name"`
	Unit       string `json:"unit"`
	Per        string `json:"per"`
	Value      int64  `json:"value"`
	Unresolved string `json:"unresolved"`
	From       string `json:"from"`
	File       string `json:"file"`
	Line       int    `json:"line"`
	Region     string `json:"region"`
	Law        string `json:"law"`
	Verified   bool   `json:"verified"`
}

// parseVerdict reads a verdict or a frame, whichever way its JSON is written.
func parseVerdict(b []byte) (*Verdict, error) {
	w := &wireVerdict{}
	if err := unmarshal(b, w); err != nil {
		return nil, err
	}
	r := &verdictReader{at: "verdict"}
	v := &Verdict{
		Line: w.Line, HouseholdID: w.HouseholdID, Scheme: w.Scheme, On: r.date(w.On), Generation: w.Generation,
	}
	if w.Outcome != "" { // a frame has none
		v.Outcome = Outcome(r.code(Outcomes, w.Outcome, "outcome"))
	}
	for i := range w.Findings {
		r.at = "findings " + strconv.Itoa(i+1)
		v.Findings = append(v.Findings, r.finding(&w.Findings[i]))
	}
	if w.Income == nil {
		v.Outcome = Refused // nothing was looked up
		return v, r.err
	}
	r.at = "income"
	v.Income = r.income(w.Income)
	a := &w.Assets
	v.Assets = AssetSheet{Fen(a.Financial), Fen(a.FinancialLimit), a.Vehicles, a.Residential, a.NonResidential}
	r.at = "coverage"
	for s := Tax; s < NumChecked; s++ {
		c := w.Coverage[s.String()]
		v.Coverage[s].State = CoverageState(r.code(CoverageStates, c.State, "state"))
		for _, p := range c.Providers {
			v.Coverage[s].Providers = append(v.Coverage[s].Providers, ProviderCoverage{
				Provider: p.Provider, AsOf: r.date(p.AsOf), Snapshot: p.Snapshot, Node: p.Node, State: CoverageState(r.code(CoverageStates, p.State, "state")),
			})
		}
	}
	for i := range w.Withheld {
		r.at = "withheld " + strconv.Itoa(i+1)
		x := &w.Withheld[i]
		v.Withheld = append(v.Withheld, Withheld{Evidence: r.evidence([]wireEvidence{x.wireEvidence})[0], Because: x.Because})
	}
	v.Links = w.Links.sheet()
	r.at = "rules"
	v.Pack = PackRef{Name: w.Rules.Pack, Version: w.Rules.Version, Digest: w.Rules.Digest, Region: w.Rules.Region, Values: r.values(w.Rules.Values)}
	return v, r.err
}

func (r *verdictReader) finding(w *wireFinding) Finding {
	f := Finding{
		Code: w.Code, Effect: Outcome(r.code(Outcomes, w.Effect, "effect")), Grade: r.grade(w.Grade), Member: w.Member,
		Limit: Fen(w.Limit), Unverified: w.Unverified, Item: w.Item, Law: w.Law,
	}
	if w.Type != "" {
		f.Type = LineType(r.code(LineTypes, w.Type, "type of income"))
	}
	f.Amount, f.HasAmount = fen(w.Amount)
	f.Evidence = r.evidence(w.Evidence)
	return f
}

func (r *verdictReader) evidence(list []wireEvidence) []Evidence {
	var out []Evidence
	at := r.at
	for i := range list {
		w := &list[i]
		r.at = "evidence " + strconv.Itoa(i+1)
		if at != "" {
			r.at = at + ", " + r.at
		}
		e := Evidence{
			Source: Source(r.code(Sources, w.Source, "source")), Provider: w.Provider, Snapshot: w.Snapshot, Node: w.Node, File: w.File, Row: w.Row,
			Record: w.Record, Member: w.Member, Link: w.Link, Period: r.period(w.Period),
		}
		e.Amount, e.HasAmount = fen(w.Amount)
		out = append(out, e)
	}
	r.at = at
	return out
}

func (r *verdictReader) income(w *wireIncome) IncomeSheet {
	s := IncomeSheet{
		Window: Months{r.month(w.From), r.month(w.To)}, Members: w.Members, Total: Fen(w.Total), Limit: Fen(w.Limit),
		Excluded: amounts(w.Excluded), Deductions: amounts(w.Deductions), Derived: amounts(w.Derived),
	}
	for _, l := range w.Lines {
		s.Lines = append(s.Lines, IncomeLine{
			Member: l.Member, Type: LineType(r.code(LineTypes, l.Type, "type of income")),
			Declared: Fen(l.Declared), Found: Fen(l.Found), Counted: Fen(l.Counted),
		})
	}
	return s
}

func amounts(list []wireAmount) []AmountOf {
	var out []AmountOf
	for _, w := range list {
		out = append(out, AmountOf{Code: w.Code, Member: w.Member, Obligor: w.Obligor, Amount: Fen(w.Amount), Law: w.Law})
	}
	return out
}

func (w *wireLinks) sheet() *LinkSheet {
	if w == nil {
		return nil
	}
	s := &LinkSheet{
		Strong: w.Strong, Review: w.Review, Conflicts: w.Conflicts, Hidden: w.Hidden, TurnedDown: w.TurnedDown, TooCommon: w.TooCommon,
		Income: Fen(w.Income), Financial: Fen(w.Financial),
		Distinct: AssetSheet{Financial: Fen(w.IfDistinct), Vehicles: w.Vehicles, Residential: w.Residential, NonResidential: w.NonResidential},
	}
	for _, n := range w.Notes {
		note := LinkNote{Member: n.Member, Tier: n.Tier, Use: n.Use, Total: n.Bits, Reasons: n.Reasons}
		for _, p := range n.Parts {
			note.Parts = append(note.Parts, LinkPart{p.Field, p.Level, p.Bits})
		}
		s.Notes = append(s.Notes, note)
	}
	return s
}

func (r *verdictReader) values(list []wireValue) []CitedValue {
	var out []CitedValue
	for _, w := range list {
		out = append(out, CitedValue{
			Name: w.Name, Unit: w.Unit, PerYear: w.Per == "year", Value: w.Value, From: r.date(w.From), File: w.File, Line: w.Line,
			Region: w.Region, Law: w.Law, Verified: w.Verified, Unresolved: w.Unresolved,
		})
	}
	return out
}
