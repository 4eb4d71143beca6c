package household

import (
	"strconv"
	"unicode/utf8"
)

// AppendJSON appends the verdict as one JSON object without a line break. The
// keys come in a fixed order, so equal verdicts are equal bytes.
func (v *Verdict) AppendJSON(b []byte) []byte { return v.appendJSON(b, nil) }

// appendJSON appends the verdict; e may be nil.
func (v *Verdict) appendJSON(b []byte, e *VerdictEncoder) []byte {
	b = v.appendHead(b, e)
	b = append(b, `,"outcome":"`...)
	b = append(b, v.Outcome.String()...)
	b = append(b, `","findings":[`...)
	for i := range v.Findings {
		if i > 0 {
			b = append(b, ',')
		}
		b = v.Findings[i].appendJSON(b, e)
	}
	b = append(b, ']')
	if v.Outcome != Refused {
		b = v.appendSheets(b, e)
	}
	return append(b, '}')
}

// appendHead appends the brace and what every verdict says.
func (v *Verdict) appendHead(b []byte, e *VerdictEncoder) []byte {
	b = append(b, '{')
	if v.Line != 0 {
		b = append(b, `"line":`...)
		b = strconv.AppendInt(b, v.Line, 10)
		b = append(b, ',')
	}
	if v.HouseholdID != "" {
		b = appendText(append(b, `"household_id":`...), v.HouseholdID)
		b = append(b, ',')
	}
	if v.Scheme != "" {
		b = appendText(append(b, `"scheme":`...), v.Scheme)
		b = append(b, ',')
	}
	b = e.appendOn(append(b, `"on":"`...), v.On)
	return append(b, '"')
}

// appendSheets appends what a refusal does not have.
func (v *Verdict) appendSheets(b []byte, e *VerdictEncoder) []byte {
	b = v.Income.appendJSON(b, e)
	b = v.Assets.appendJSON(b)
	b = append(b, `,"coverage":{`...)
	for s := Tax; s < NumChecked; s++ {
		if s > Tax {
			b = append(b, ',')
		}
		b = append(b, '"')
		b = append(b, s.String()...)
		b = append(b, `":`...)
		b = e.appendCoverage(b, s, &v.Coverage[s])
	}
	b = append(b, '}')
	if len(v.Withheld) > 0 {
		b = v.appendWithheld(b, e)
	}
	if v.Links != nil {
		b = v.Links.appendJSON(b)
	}
	return e.appendPack(b, v)
}

func (v *Verdict) appendWithheld(b []byte, e *VerdictEncoder) []byte {
	b = append(b, `,"withheld":[`...)
	for i := range v.Withheld {
		if i > 0 {
			b = append(b, ',')
		}
		x := &v.Withheld[i]
		b = x.appendRest(e.appendPlace(b, &x.Evidence))
		b = append(b[:len(b)-1], `,"because":"`...)
		b = append(b, x.Because...)
		b = append(b, `"}`...)
	}
	return append(b, ']')
}

// appendPack appends what a verdict says of the generation and the law.
func (v *Verdict) appendPack(b []byte) []byte {
	b = append(b, `,"generation":"`...)
	b = append(b, v.Generation...)
	b = append(b, `","rules":{"pack":`...)
	b = appendText(b, v.Pack.Name)
	b = append(b, `,"version":`...)
	b = appendText(b, v.Pack.Version)
	b = append(b, `,"digest":"`...)
	b = append(b, v.Pack.Digest...)
	b = append(b, '"')
	b = v.Pack.appendCited(b)
	return append(b, '}')
}

func (f *Finding) appendJSON(b []byte, e *VerdictEncoder) []byte {
	b = append(b, `{"code":"`...)
	b = append(b, f.Code...)
	b = append(b, `","effect":"`...)
	b = append(b, f.Effect.String()...)
	b = append(b, '"')
	if f.Grade != GradeNone {
		b = append(b, `,"grade":"`...)
		b = append(b, f.Grade.String()...)
		b = append(b, '"')
	}
	if f.Member != 0 {
		b = appendInt(b, `,"member":`, int64(f.Member))
	}
	if f.Type != 0 {
		b = append(b, `,"type":"`...)
		b = append(b, f.Type.String()...)
		b = append(b, '"')
	}
	if f.HasAmount {
		b = appendInt(b, `,"amount_fen":`, int64(f.Amount))
		b = appendInt(b, `,"limit_fen":`, int64(f.Limit))
	}
	if f.Item != "" {
		b = appendText(append(b, `,"item":`...), f.Item)
	}
	if f.Unverified {
		b = append(b, `,"unverified":true`...)
	}
	if f.Law != "" {
		b = appendText(append(b, `,"law":`...), f.Law)
	}
	if f.Effect == Refused {
		return append(b, '}')
	}
	b = appendEvidence(append(b, `,"evidence":`...), f.Evidence, e)
	return append(b, '}')
}

// AppendEvidence appends evidence as findings list it, as a JSON array.
func AppendEvidence(b []byte, list []Evidence) []byte { return appendEvidence(b, list, nil) }

func appendEvidence(b []byte, list []Evidence, e *VerdictEncoder) []byte {
	b = append(b, '[')
	for i := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = e.appendPlace(b, &list[i])
		b = list[i].appendRest(b)
	}
	return append(b, ']')
}

// appendPlace appends what is the same for all records of a file.
func (e *Evidence) appendPlace(b []byte) []byte {
	b = append(b, `{"source":"`...)
	b = append(b, e.Source.String()...)
	b = appendText(append(b, `","provider":`...), e.Provider)
	b = append(b, `,"snapshot":"`...)
	b = append(b, e.Snapshot...)
	b = append(b, '"')
	if e.Node != "" {
		b = appendText(append(b, `,"node":`...), e.Node)
	}
	return appendInt(b, `,"file":`, int64(e.File))
}

func (e *Evidence) appendRest(b []byte) []byte {
	b = appendInt(b, `,"row":`, e.Row)
	b = appendText(append(b, `,"record":`...), e.Record)
	b = appendInt(b, `,"member":`, int64(e.Member))
	b = append(b, `,"link":"`...)
	b = append(b, e.Link...)
	b = append(b, '"')
	if e.Period != 0 {
		b = append(b, `,"period":"`...)
		b, _ = e.Period.AppendText(b)
		b = append(b, '"')
	}
	if e.HasAmount {
		b = appendInt(b, `,"amount_fen":`, int64(e.Amount))
	}
	return append(b, '}')
}

func appendWindow(b []byte, w Months) []byte {
	b = append(b, `,"income":{"from":"`...)
	b, _ = w.From.AppendText(b)
	b = append(b, `","to":"`...)
	b, _ = w.To.AppendText(b)
	return append(b, `","members":`...)
}

func (s *IncomeSheet) appendJSON(b []byte, e *VerdictEncoder) []byte {
	b = e.appendWindow(b, s.Window)
	b = strconv.AppendInt(b, int64(s.Members), 10)
	b = append(b, `,"lines":[`...)
	for i := range s.Lines {
		l := &s.Lines[i]
		if i > 0 {
			b = append(b, ',')
		}
		b = appendInt(b, `{"member":`, int64(l.Member))
		b = append(b, `,"type":"`...)
		b = append(b, l.Type.String()...)
		b = appendInt(b, `","declared_fen":`, int64(l.Declared))
		b = appendInt(b, `,"found_fen":`, int64(l.Found))
		b = appendInt(b, `,"counted_fen":`, int64(l.Counted))
		b = append(b, '}')
	}
	b = appendInt(b, `],"total_fen":`, int64(s.Total))
	b = appendInt(b, `,"limit_fen":`, int64(s.Limit))
	b = appendAmounts(b, `,"excluded":[`, s.Excluded)
	b = appendAmounts(b, `,"deductions":[`, s.Deductions)
	b = appendAmounts(b, `,"derived":[`, s.Derived)
	return append(b, '}')
}

func (s *AssetSheet) appendJSON(b []byte) []byte {
	b = appendInt(b, `,"assets":{"financial_fen":`, int64(s.Financial))
	b = appendInt(b, `,"financial_limit_fen":`, int64(s.FinancialLimit))
	b = appendInt(b, `,"vehicles":`, int64(s.Vehicles))
	b = appendInt(b, `,"residential":`, int64(s.Residential))
	b = appendInt(b, `,"non_residential":`, int64(s.NonResidential))
	return append(b, '}')
}

func (c *SourceCoverage) appendJSON(b []byte) []byte {
	b = append(b, `{"state":"`...)
	b = append(b, c.State.String()...)
	b = append(b, `","providers":[`...)
	for i := range c.Providers {
		p := &c.Providers[i]
		if i > 0 {
			b = append(b, ',')
		}
		b = appendText(append(b, `{"provider":`...), p.Provider)
		b = append(b, `,"as_of":"`...)
		b, _ = p.AsOf.AppendText(b)
		b = append(b, `","snapshot":"`...)
		b = append(b, p.Snapshot...)
		b = append(b, '"')
		if p.Node != "" {
			b = appendText(append(b, `,"node":`...), p.Node)
		}
		b = append(b, `,"state":"`...)
		b = append(b, p.State.String()...)
		b = append(b, `"}`...)
	}
	return append(b, "]}"...)
}

func appendInt(b []byte, key string, n int64) []byte {
	return strconv.AppendInt(append(b, key...), n, 10)
}

// appendEscaped is appendText for any s.
func appendEscaped(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			switch {
			case c == '"' || c == '\\':
				b = append(b, '\\', c)
			case c < 0x20 || c == 0x7f:
				b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
			default:
				b = append(b, c)
			}
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			b = append(b, "\ufffd"...)
		case r == '\u2028' || r == '\u2029':
			b = append(b, '\\', 'u', '2', '0', '2', hex[r&15])
		default:
			b = append(b, s[i:i+n]...)
		}
		i += n
	}
	return append(b, '"')
}
