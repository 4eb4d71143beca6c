package explain

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/hedui/hedui/engine/household"
)

// LinkTexts are the words for the codes of a household.LinkNote. A method returns ""
// for a code that it does not know; the code then stands for itself.
type LinkTexts interface {
	Tier(code, lang string) string         // what the tier means
	Use(code, lang string) string          // what such a link may be used for
	Field(code, lang string) string        // what was compared
	Level(field, code, lang string) string // what the comparison found
	Reason(code, lang string) string
}

// turnedDown is the use of a link to somebody else's record.
const turnedDown = "nothing"

// links says how records that do not lie plainly under a member's document were
// linked, and which were looked at and left.
func (x *writer) links() {
	s := x.v.Links
	if s == nil {
		return
	}
	x.heading(x.say("links"))
	x.line(2, x.say("links meaning"))
	x.line(2, x.say("links count", s.Strong, s.Review, s.Conflicts, s.TurnedDown, s.Hidden))
	if s.TooCommon > 0 {
		x.line(2, x.say("links too common", s.TooCommon))
	}
	if s.Review > 0 {
		x.line(2, x.say("links totals", yuan(s.Income), yuan(s.Financial)))
	}
	n := 0
	for i := range s.Notes {
		if s.Notes[i].Use == turnedDown {
			continue
		}
		if n++; n == 1 {
			x.line(2, x.say("links bits"))
		}
		x.link(n, &s.Notes[i])
	}
	x.turnedDown(s.Notes)
	if len(s.Notes) >= maxNotes {
		x.line(2, x.say("links more", maxNotes))
	}
}

// maxNotes is the most links that a verdict explains.
const maxNotes = 64

// link writes one link with its sum.
func (x *writer) link(n int, l *household.LinkNote) {
	x.line(2, fmt.Sprintf("%d. %s · %s %s · %s", n, x.say("row member", l.Member),
		l.Tier, x.word(l.Tier, LinkTexts.Tier), x.word(l.Use, LinkTexts.Use)))
	var rows [][]string
	for _, p := range l.Parts {
		level := p.Level
		if x.in.LinkTexts != nil {
			if t := x.in.LinkTexts.Level(p.Field, p.Level, x.lang); t != "" {
				level = t
			}
		}
		rows = append(rows, []string{bits(p.Bits), x.word(p.Field, LinkTexts.Field) + ": " + level})
	}
	rows = append(rows, []string{bits(l.Total), x.say("total")})
	x.table(5, map[int]bool{0: true}, rows)
	if len(l.Reasons) > 0 {
		x.line(5, x.say("links why")+": "+x.reasons(l.Reasons))
	}
}

// turnedDown writes why records were left that look like a member's; those that were
// left for the same reasons are one line.
func (x *writer) turnedDown(notes []household.LinkNote) {
	type group struct {
		member  int
		reasons string
		n       int
		best    int64
	}
	var groups []group
	for i := range notes {
		l := &notes[i]
		if l.Use != turnedDown {
			continue
		}
		reasons := x.reasons(l.Reasons)
		at := slices.IndexFunc(groups, func(g group) bool { return g.member == l.Member && g.reasons == reasons })
		if at < 0 {
			at = len(groups)
			groups = append(groups, group{l.Member, reasons, 0, l.Total})
		}
		groups[at].n++
		groups[at].best = max(groups[at].best, l.Total)
	}
	if len(groups) == 0 {
		return
	}
	x.line(2, x.say("links left")+":")
	for _, g := range groups {
		x.line(4, x.say("links left line", g.member, g.n, g.reasons, bits(g.best)))
	}
}

func (x *writer) reasons(codes []string) string {
	var list []string
	for _, code := range codes {
		list = append(list, x.word(code, LinkTexts.Reason))
	}
	return strings.Join(list, x.say("semicolon"))
}

// word is the text of a code; a code without words stands for itself.
func (x *writer) word(code string, of func(t LinkTexts, code, lang string) string) string {
	if x.in.LinkTexts != nil {
		if t := of(x.in.LinkTexts, code, x.lang); t != "" {
			return t
		}
	}
	return code
}

// bits writes thousandths with their sign: +14.800.
func bits(thousandths int64) string {
	sign := "+"
	if thousandths < 0 {
		sign, thousandths = "-", -thousandths
	}
	return sign + strconv.FormatInt(thousandths/1000, 10) + fmt.Sprintf(".%03d", thousandths%1000)
}

// awaits reports whether records of a source wait for somebody to confirm whose they
// are: they are not counted, so the source's state does not speak of them.
func (x *writer) awaits(s household.Source) bool {
	for i := range x.v.Findings {
		f := &x.v.Findings[i]
		if f.Grade == household.GradeC && slices.ContainsFunc(f.Evidence, func(e household.Evidence) bool { return e.Source == s }) {
			return true
		}
	}
	return false
}
