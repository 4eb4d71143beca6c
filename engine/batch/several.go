package batch

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
	"strconv"

	"github.com/hedui/hedui/engine"
	"github.com/hedui/hedui/engine/household"
)

// Scheme is one of several that every household of a batch is judged by.
type Scheme struct {
	Name     string // what the request is taken to ask for
	Verifier *engine.Verifier
	Rank     int // 1 gives the most support; equal ranks stand in the order asked
}

// Certainty says how far a household qualifies by what is held of it.
type Certainty string

// The certainties.
const (
	Qualifies  Certainty = "qualifies"   // no discrepancy
	MayQualify Certainty = "may_qualify" // a person has to look first
)

// Attention says that what a household receives and what it seems to be entitled to
// are not the same. People decide.
type Attention string

// The flags.
const (
	EligibleNotReceiving Attention = "eligible_not_receiving" // 应保未保
	ReceivingNotEligible Attention = "receiving_not_eligible" // 应退未退
)

// Answer is what several schemes say of one household.
type Answer struct {
	Verdicts  []household.Verdict // in the order asked; never none
	Best      string              // the scheme that helps most; "" when none does
	Certainty Certainty           // of Best
	Attention Attention           // "" when there is nothing, or the request does not say what is received
}

// Weigh finds the scheme that helps a household most, and whether what it receives
// needs attention. The verdicts of the household are in the order of the schemes.
// The answer borrows them.
func Weigh(schemes []Scheme, h *Household) Answer { return weigh(schemes, inRankOrder(schemes), h) }

// inRankOrder is the indexes of the schemes, the one that helps most first.
func inRankOrder(schemes []Scheme) []int {
	order := make([]int, len(schemes))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(schemes[a].Rank, schemes[b].Rank) })
	return order
}

func weigh(schemes []Scheme, ranks []int, h *Household) Answer {
	a := Answer{Verdicts: h.Verdicts}
	best := -1
	for _, want := range [...]struct {
		outcome   household.Outcome
		certainty Certainty
	}{{household.NoDiscrepancy, Qualifies}, {household.NeedsReview, MayQualify}} {
		i := slices.IndexFunc(ranks, func(i int) bool { return h.Verdicts[i].Outcome == want.outcome })
		if i >= 0 {
			best = ranks[i]
			a.Best, a.Certainty = schemes[best].Name, want.certainty
			break
		}
	}
	if !h.ReceivingGiven {
		return a
	}
	better := best >= 0 && a.Certainty == Qualifies
	suspected := false
	for i := range schemes {
		// A scheme that was not asked for has no rank and no verdict here.
		if !slices.Contains(h.Receiving, schemes[i].Name) {
			continue
		}
		better = better && schemes[best].Rank < schemes[i].Rank
		suspected = suspected || h.Verdicts[i].Outcome == household.SuspectedIneligible
	}
	switch {
	case better: // first: the other shows in an outcome already, this one nowhere else
		a.Attention = EligibleNotReceiving
	case suspected:
		a.Attention = ReceivingNotEligible
	}
	return a
}

// Outcome is what the audit log keeps of a household: that it was refused only when
// every scheme refused it, for then nothing was read; else the one that weighs most.
func (a *Answer) Outcome() household.Outcome {
	out := household.Outcome(0)
	for i := range a.Verdicts {
		if o := a.Verdicts[i].Outcome; o != household.Refused {
			out = max(out, o)
		}
	}
	if out == 0 {
		return household.Refused
	}
	return out
}

// Refused reports whether some scheme refused the household.
func (a *Answer) Refused() bool {
	return slices.ContainsFunc(a.Verdicts, func(v household.Verdict) bool { return v.Outcome == household.Refused })
}

// AppendJSON appends the answer as one JSON object without a line break. Each verdict
// is what its scheme alone would have written.
func (a *Answer) AppendJSON(b []byte) []byte {
	return a.appendJSON(b, make([]household.VerdictEncoder, len(a.Verdicts)))
}

// appendJSON appends the answer with an encoder for the verdicts of each scheme.
func (a *Answer) appendJSON(b []byte, encoders []household.VerdictEncoder) []byte {
	v := &a.Verdicts[0]
	b = append(b, '{')
	if v.Line != 0 {
		b = append(strconv.AppendInt(append(b, `"line":`...), v.Line, 10), ',')
	}
	if v.HouseholdID != "" {
		b = append(appendText(append(b, `"household_id":`...), v.HouseholdID), ',')
	}
	b, _ = v.On.AppendText(append(b, `"on":"`...))
	b = append(b, `","verdicts":[`...)
	for i := range a.Verdicts {
		if i > 0 {
			b = append(b, ',')
		}
		b = encoders[i].Append(b, &a.Verdicts[i])
	}
	b = append(b, ']')
	if a.Best != "" {
		b = appendText(append(b, `,"best":{"scheme":`...), a.Best)
		b = append(append(append(b, `,"certainty":"`...), a.Certainty...), `"}`...)
	}
	if a.Attention != "" {
		b = append(append(append(b, `,"attention":"`...), a.Attention...), '"')
	}
	return append(b, '}')
}

// appendText appends s as a JSON string.
func appendText(b []byte, s string) []byte {
	if !slices.ContainsFunc([]byte(s), func(c byte) bool { return c < ' ' || c > '~' || c == '"' || c == '\\' }) {
		return append(append(append(b, '"'), s...), '"')
	}
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a string always can be
	return append(b, bytes.TrimSuffix(text.Bytes(), []byte("\n"))...)
}

// Several counts what a batch came to by several schemes.
type Several struct {
	Schemes   []SchemeCounts              `json:"schemes"`   // in the order asked
	Best      map[string]map[string]int64 `json:"best"`      // scheme → certainty → households
	Attention map[string]int64            `json:"attention"` // flag → households
}

// SchemeCounts is what a batch came to by one scheme.
type SchemeCounts struct {
	Scheme string `json:"scheme"`
	Counts
}

// withMaps is s, or nothing counted yet for schemes.
func (s *Several) withMaps(schemes []Scheme) *Several {
	if s == nil {
		s = &Several{}
	}
	for i := len(s.Schemes); i < len(schemes); i++ {
		s.Schemes = append(s.Schemes, SchemeCounts{Scheme: schemes[i].Name})
	}
	for i := range s.Schemes {
		s.Schemes[i].Counts = s.Schemes[i].withMaps()
	}
	if s.Best == nil {
		s.Best = map[string]map[string]int64{}
	}
	if s.Attention == nil {
		s.Attention = map[string]int64{}
	}
	return s
}

// severalTally counts what the answers of a range of lines have beside their verdicts.
type severalTally struct {
	best      map[[2]string]int64 // scheme and certainty
	attention map[Attention]int64
}

func (s *severalTally) count(a *Answer) {
	if s.best == nil {
		s.best, s.attention = map[[2]string]int64{}, map[Attention]int64{}
	}
	if a.Best != "" {
		s.best[[2]string{a.Best, string(a.Certainty)}]++
	}
	if a.Attention != "" {
		s.attention[a.Attention]++
	}
}

// moveTo adds what was counted to o and empties the tally.
func (s *severalTally) moveTo(o *Several) {
	for k, n := range s.best {
		add(o.Best, k[0], k[1], n)
	}
	for k, n := range s.attention {
		o.Attention[string(k)] += n
	}
	clear(s.best)
	clear(s.attention)
}
