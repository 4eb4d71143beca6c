package explain

import (
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/hedui/hedui/engine/household"
)

// Texts are the words of a rule pack for the code of a finding or a refusal. A
// method returns "" when the pack says nothing.
type Texts interface {
	Title(code, lang string) string // what it is called
	Text(code, lang string) string  // what it says
	Law(code string) string         // what it rests on, when the finding doesn't say
	Clear(code, lang string) string // what would clear it
}

// Pair is a named text of a record, such as its payer or its address.
type Pair struct{ Key, Value string }

// Input is what Write words.
type Input struct {
	Verdict *household.Verdict
	Request *household.Request // nil when the line was no request
	Texts   Texts              // nil: codes stand for themselves
	Lang    string             // Zh or En
	Reveal  bool               // show names and numbers unmasked

	LinkTexts LinkTexts // nil: codes of links stand for themselves

	// Cold returns more of a record, or nothing; it may be nil. Without Reveal the
	// members' names and numbers are masked in what it returns; anything else that
	// is personal is for Cold to leave out.
	Cold func(household.Evidence) []Pair

	Width int // columns of the page; below 40 means 80
}

// writer words one verdict.
type writer struct {
	page
	in Input
	v  *household.Verdict
}

// Write writes the explanation of a verdict to w. It returns an error when there is
// no verdict, or the first error of w.
func Write(w io.Writer, in Input) error {
	if in.Verdict == nil {
		return errors.New("no verdict to explain")
	}
	if in.Width < 40 {
		in.Width = 80
	}
	x := &writer{page: page{w: w, lang: in.Lang, width: in.Width}, in: in, v: in.Verdict}
	x.header()
	if x.v.Outcome == household.Refused {
		x.refused()
		return x.err
	}
	x.members()
	x.income()
	x.assets()
	x.findings()
	x.links()
	x.coverage()
	x.values()
	x.raw("")
	x.line(0, x.say("basis", short(x.v.Generation), x.v.Pack.Name, x.v.Pack.Version, short(x.v.Pack.Digest)))
	return x.err
}

func (x *writer) header() {
	v := x.v
	id := v.HouseholdID
	if v.Line > 0 {
		id = strings.TrimSpace(id + " " + x.say("line", v.Line))
	}
	scheme := v.Scheme
	if t, ok := schemeTitles[v.Scheme]; ok {
		scheme = t.in(x.lang)
	}
	var parts []string
	for _, f := range [][2]string{{"household", id}, {"scheme", scheme}, {"date", v.On.String()}} {
		if f[1] != "" {
			parts = append(parts, x.say(f[0])+" "+f[1])
		}
	}
	if line := strings.Join(parts, "   "); columns(line) <= x.width {
		parts = []string{line}
	}
	for _, part := range parts {
		x.line(0, part)
	}
	x.raw("")
	x.line(0, "【"+at(outcomeTitles[:], int(v.Outcome), x.lang)+"】")
	x.line(0, at(outcomeMeanings[:], int(v.Outcome), x.lang))
}

func (x *writer) refused() {
	for i := range x.v.Findings {
		code := x.v.Findings[i].Code
		x.heading(x.say("reason"))
		x.line(2, x.title(code)+" ("+code+")")
		if x.in.Texts != nil {
			if t := x.in.Texts.Text(code, x.lang); t != "" {
				x.line(2, t)
			}
		}
		if code == "invalid_request" && x.in.Request != nil && len(x.in.Request.Invalid) > 0 {
			x.line(2, x.say("fields", strings.Join(x.in.Request.Invalid, ", ")))
		}
		if c := x.clear(code); c != "" {
			x.heading(x.say("what to do"))
			x.line(2, c)
		}
	}
}

func (x *writer) members() {
	if x.in.Request == nil || len(x.in.Request.Members) == 0 {
		return
	}
	x.heading(x.say("members"))
	rows := [][]string{{"", x.say("name"), x.say("document"), x.say("relation"), x.say("note")}}
	for i := range x.in.Request.Members {
		m := &x.in.Request.Members[i]
		name, id := m.Name.String(), m.IDNumber.String()
		if x.in.Reveal {
			name, id = m.Name.Reveal(), m.IDNumber.Reveal()
		}
		note := x.say("counts")
		if m.Excluded != 0 {
			note = x.say("not counted", at(exclusionTitles[:], int(m.Excluded), x.lang))
		}
		rows = append(rows, []string{strconv.Itoa(i + 1), name, id, at(relationTitles[:], int(m.Relation), x.lang), note})
	}
	x.table(2, map[int]bool{0: true}, rows)
}

// title is what a code is called; a code without words stands for itself.
func (x *writer) title(code string) string {
	if x.in.Texts != nil {
		if t := x.in.Texts.Title(code, x.lang); t != "" {
			return t
		}
	}
	if r, ok := refusals[code]; ok {
		return r.title.in(x.lang)
	}
	return code
}

func (x *writer) clear(code string) string {
	if x.in.Texts != nil {
		if t := x.in.Texts.Clear(code, x.lang); t != "" {
			return t
		}
	}
	return refusals[code].clear.in(x.lang)
}

// at is the text of a value; a value without words is "".
func at(list []text, i int, lang string) string {
	if i < 0 || i >= len(list) {
		return ""
	}
	return list[i].in(lang)
}

// short is the beginning of an identifier, enough to tell it from its neighbours.
func short(id string) string {
	const keep = 8
	if len(id) <= keep {
		return id
	}
	return id[:keep] + "…"
}
