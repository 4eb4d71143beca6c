package console

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/hedui/hedui/engine/form"
	"github.com/hedui/hedui/engine/household"
)

// checkPage is the form of a check as it stands.
type checkPage struct {
	Form     url.Values
	Schemes  []string
	Fields   []checkField // of the household
	Groups   []checkGroup
	Problems []checkProblem
	Held     []heldRequest
	// Refused says that the authorisation was what was wrong, and What is its number when
	// it is registered.
	Refused bool
	What    string
}

// checkProblem is one thing that is wrong; Key is the field of the page, "" for none.
type checkProblem struct{ Key, Text string }

// checkGroup is a section that repeats.
type checkGroup struct {
	Letter, Title string
	Rows          []checkRow
	Removable     bool
}

type checkRow struct {
	N      int
	Fields []checkField
}

// checkField is one field as a page shows it.
type checkField struct {
	Key, Label, Help, Unit, Value, Problem string
	Required, Date, Month, Amount          bool
	Count                                  int
	Choices                                []checkChoice
}

type checkChoice struct {
	Value, Label string
	Chosen       bool
}

// heldRequest is a household of a file that can be chosen.
type heldRequest struct {
	Line, Household string
	Members         int
}

// Get is what a field says.
func (p *checkPage) Get(name string) string { return p.Form.Get(name) }

// Shows reports whether a field stands on the page.
func (p *checkPage) Shows(key string) bool {
	is := func(f checkField) bool { return f.Key == key }
	if slices.ContainsFunc(p.Fields, is) {
		return true
	}
	return slices.ContainsFunc(p.Groups, func(g checkGroup) bool {
		return slices.ContainsFunc(g.Rows, func(r checkRow) bool { return slices.ContainsFunc(r.Fields, is) })
	})
}

// plain are fields whose help is for those who fill in a workbook.
var plain = [...]string{"household_id", "scheme", "applied_on"}

// checkPage lays a form out.
func (v *visit) checkPage(values url.Values, problems []form.Problem) *checkPage {
	p := &checkPage{Form: values, Schemes: v.call.Purposes}
	wrong := map[string]string{}
	word := func(t household.Text) string {
		if v.lang == english {
			return t.En
		}
		return t.Zh
	}
	for _, x := range problems {
		do := word(x.Do())
		if x.Key != "" {
			wrong[x.Key] = do
		}
		where := word(x.Label())
		if m := sectionKey.FindStringSubmatch(x.Key); m != nil {
			where = word(sectionLetters[m[1]].Text()) + " " + m[2] + " · " + where
		}
		if x.Row > 0 {
			where = v.say("check.row", x.Row) + " " + x.Sheet + " " + where
		}
		if where = strings.TrimSpace(where); where != "" {
			where += v.say("colon")
		}
		p.Problems = append(p.Problems, checkProblem{x.Key, where + do})
	}
	field := func(f form.Field, n int) checkField {
		key := f.Section.Key(n, f.Key)
		out := checkField{
			Key: key, Label: word(f.Label), Help: word(f.Help), Value: strings.Join(values[key], "; "), Problem: wrong[key], Required: f.Required,
			Date: f.Kind == form.Date, Month: f.Kind == form.Month, Amount: f.Kind == form.Amount, Count: f.Max,
		}
		if slices.Contains(plain[:], key) {
			out.Help = ""
		}
		if f.Kind == form.Amount {
			out.Unit, out.Help = out.Help, "" // yuan, or yuan a month
		}
		for i, c := range f.Choices {
			if i == 0 || f.Kind != form.Choice && f.Kind != form.YesNo && f.Key != "scheme" || f.Key == "id_type" && c.Name == "uscc" {
				continue
			}
			if f.Key == "scheme" && !slices.Contains(v.call.Purposes, c.Name) {
				continue
			}
			label := c.Zh
			if v.lang == english {
				label = v.choice(f.Key, c.Name)
			}
			out.Choices = append(out.Choices, checkChoice{c.Name, label, c.Name == out.Value || c.Zh == out.Value && c.Zh != ""})
		}
		return out
	}
	for _, s := range form.Sections() {
		if s == form.Households {
			for _, f := range form.Fields() {
				if f.Section == s && !slices.Contains(hidden[:], f.Key) {
					p.Fields = append(p.Fields, field(f, 0))
				}
			}
			continue
		}
		g := checkGroup{Letter: letterOf(s), Title: word(s.Text())}
		rows := rowsOf(values, s)
		for n := range rows {
			row := checkRow{N: n + 1}
			for _, f := range form.Fields() {
				if f.Section == s && f.Key != "household_id" {
					row.Fields = append(row.Fields, field(f, n+1))
				}
			}
			g.Rows = append(g.Rows, row)
		}
		g.Removable = s != form.Members || rows > 1
		p.Groups = append(p.Groups, g)
	}
	return p
}

// choice is what a value of a field is called in English: its word where there is one.
func (v *visit) choice(key, name string) string {
	for _, kind := range []string{key, "document"} {
		if _, known := v.console.words[kind+"."+name]; known {
			return v.say(kind + "." + name)
		}
	}
	return strings.ReplaceAll(name, "_", " ")
}

// letterOf is what stands before the number in a field of a section that repeats.
func letterOf(s form.Section) string { return s.Key(1, "")[:1] }

// rowsOf is how many rows of a section a form shows: as many as it says, and every one in
// which something stands. There is always a member.
func rowsOf(values url.Values, s form.Section) int {
	rows, _ := strconv.Atoi(values.Get(rowsPrefix + letterOf(s))) // none is as good as no number
	for key := range values {
		if m := sectionKey.FindStringSubmatch(key); m != nil && m[1] == letterOf(s) && strings.TrimSpace(values.Get(key)) != "" {
			n, _ := strconv.Atoi(m[2])
			rows = max(rows, n)
		}
	}
	if s == form.Members {
		rows = max(rows, 1)
	}
	return min(max(rows, 0), s.Most())
}

// withoutRow is a form without one row of a section. Those behind it move up, also in what
// other fields say of them; what was said of the one that is gone is said of nobody.
func withoutRow(values url.Values, s form.Section, gone int) url.Values {
	rows := rowsOf(values, s)
	if gone < 1 || gone > rows {
		return values
	}
	out := url.Values{}
	for key, list := range values {
		m := sectionKey.FindStringSubmatch(key)
		if m == nil {
			out[key] = list
			continue
		}
		n, _ := strconv.Atoi(m[2])
		of, field := sectionLetters[m[1]], m[3]
		switch {
		case of == s && n == gone:
			continue
		case of == s && n > gone:
			n--
		}
		if s == form.Members && (field == "member" || field == "supports") || s == form.Obligors && field == "obligor" {
			list = []string{movedUp(strings.Join(list, ";"), gone)}
		}
		out[of.Key(n, field)] = list
	}
	out.Set(rowsPrefix+letterOf(s), strconv.Itoa(rows-1))
	return out
}

// movedUp are numbers of rows after one is gone. What is no number stays as it was typed.
func movedUp(text string, gone int) string {
	var out []string
	for _, part := range strings.FieldsFunc(text, func(c rune) bool { return strings.ContainsRune(";；,，、\n\r", c) }) {
		n, err := strconv.Atoi(strings.TrimSpace(part))
		switch {
		case err == nil && n == gone:
			continue
		case err == nil && n > gone:
			part = strconv.Itoa(n - 1)
		}
		out = append(out, part)
	}
	return strings.Join(out, ";")
}
