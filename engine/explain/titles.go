package explain

import (
	"strings"

	"github.com/hedui/hedui/engine/household"
)

// OutcomeTitle is what an outcome is called.
func OutcomeTitle(o household.Outcome, lang string) string {
	return at(outcomeTitles[:], int(o), lang)
}

// OutcomeMeaning is what an outcome means and what it does not.
func OutcomeMeaning(o household.Outcome, lang string) string {
	return at(outcomeMeanings[:], int(o), lang)
}

// SourceTitle is what a source is called.
func SourceTitle(s household.Source, lang string) string { return at(sourceTitles[:], int(s), lang) }

// StateTitle is what the state of a source is called. Only none is called "nothing
// found"; a value that is no state has no title.
func StateTitle(s household.CoverageState, lang string) string {
	return at(stateTitles[:], int(s), lang)
}

// StateMeaning is what the state of a source means for what may be concluded.
func StateMeaning(s household.CoverageState, lang string) string {
	if s < household.NotAuthorized || s >= household.NumCoverageStates {
		return stateUnknown.in(lang)
	}
	return at(stateMeanings[:], int(s), lang)
}

// ProviderState is what the state of one provider is called, of a source in a state.
// "Nothing found" is said of a source as a whole or not at all.
func ProviderState(source, provider household.CoverageState, lang string) string {
	if provider == household.None && source != household.None {
		return noneHere.in(lang)
	}
	return StateTitle(provider, lang)
}

// LineTitle is what a type of income is called.
func LineTitle(t household.LineType, lang string) string { return at(lineTitles[:], int(t), lang) }

// RelationTitle is what a member's relation is called.
func RelationTitle(relation uint8, lang string) string {
	return at(relationTitles[:], int(relation), lang)
}

// Counted is what is said of a member who counts, and of one who does not with the reason.
func Counted(exclusion uint8, lang string) string {
	if exclusion == 0 {
		return words["counts"].in(lang)
	}
	return strings.ReplaceAll(words["not counted"].in(lang), "%s", at(exclusionTitles[:], int(exclusion), lang))
}

// SchemeTitle is what a scheme is called; a scheme without a title stands for itself.
func SchemeTitle(scheme, lang string) string {
	if t, ok := schemeTitles[scheme]; ok {
		return t.in(lang)
	}
	return scheme
}

// RefusalTitle is what the code of a refusal is called and what puts it right, for a
// pack that does not say. Both are "" for a code that is none.
func RefusalTitle(code, lang string) (title, clear string) {
	r := refusals[code]
	return r.title.in(lang), r.clear.in(lang)
}

// GradeText says of what quality the evidence of a finding is; "" when the finding rests
// on none.
func GradeText(f *household.Finding, lang string) string {
	g := f.Grade.String()
	p := page{lang: lang}
	switch {
	case g == "":
		return ""
	case f.Grade == household.GradeC && unconfirmed(f):
		return p.say("grade unconfirmed", g)
	case f.Grade == household.GradeC:
		return p.say("grade derived", g)
	}
	return p.say("grade", g)
}

// Awaits reports whether records of a source wait for somebody to confirm whose they
// are: they are not counted, so the source's state does not speak of them.
func Awaits(v *household.Verdict, s household.Source) bool {
	x := writer{v: v}
	return x.awaits(s)
}

// Yuan is an amount with separators of thousands: 25,200.00.
func Yuan(f household.Fen) string { return yuan(f) }

// Bits are thousandths of a bit with their sign: +14.800.
func Bits(thousandths int64) string { return bits(thousandths) }

// Say is a text of the catalogue with its arguments, for the words that are the same
// wherever a verdict is shown: "" for a key that it does not have.
func Say(key, lang string, args ...any) string { return (&page{lang: lang}).say(key, args...) }
