package main

import (
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/hedui/hedui/rules"
	"github.com/hedui/hedui/rules/words"
)

// lawSheet writes the law in words: in the language of --lang, and without it in both,
// Chinese first and English beneath it.
type lawSheet struct {
	languages []string
	b         strings.Builder
}

func newLawSheet(a *app, cmd *cobra.Command) *lawSheet {
	if cmd.Flags().Changed("lang") {
		return &lawSheet{languages: []string{a.language}}
	}
	return &lawSheet{languages: []string{chinese, english}}
}

// in is the text of a language.
func in(language string, t rules.Text) string {
	if language == chinese {
		return t.Zh
	}
	return t.En
}

// both is a text in all languages of the sheet, on one line.
func (s *lawSheet) both(t rules.Text) string {
	if len(s.languages) == 1 {
		return in(s.languages[0], t)
	}
	if t.Zh == t.En {
		return t.Zh
	}
	return t.Zh + " " + t.En
}

func (s *lawSheet) line(indent int, text string) {
	s.b.WriteString(strings.TrimRight(strings.Repeat(" ", indent)+text, " ") + "\n")
}

// heading begins a section.
func (s *lawSheet) heading(t rules.Text) { s.line(0, "\n"+s.both(t)) }

// each writes lines in every language; what is the same in both is written once.
func (s *lawSheet) each(indent int, lines func(language string) []string) {
	var before []string
	for _, lang := range s.languages {
		text := lines(lang)
		if before != nil && strings.Join(text, "\n") == strings.Join(before, "\n") {
			continue
		}
		for _, l := range text {
			s.line(indent, l)
		}
		before = text
	}
}

// The signs that differ between the languages.
func colon(language string) string {
	if language == chinese {
		return "："
	}
	return ": "
}

func bracketed(language, text string) string {
	switch {
	case text == "":
		return ""
	case language == chinese:
		return "（" + text + "）"
	}
	return " (" + text + ")"
}

// full is what a part says with for what it is.
func full(language string, per, says rules.Text) string {
	p, v := in(language, per), in(language, says)
	switch {
	case p == "":
		return v
	case language == chinese:
		return p + " " + v
	}
	return v + " " + p
}

// piece writes one thing that a law says.
func (s *lawSheet) piece(p *words.Piece) {
	s.each(2, func(lang string) []string {
		title := in(lang, p.Title)
		if p.Section == words.Rules && title != p.Key {
			title += bracketed(lang, p.Key)
		}
		if len(p.Parts) == 1 && p.Parts[0].Name.Zh == "" {
			return []string{title + colon(lang) + full(lang, p.Parts[0].Per, p.Parts[0].Says)}
		}
		lines := []string{title}
		for i := range p.Parts {
			part := &p.Parts[i]
			text := full(lang, part.Per, part.Says)
			if name := in(lang, part.Name); name != "" {
				text = name + colon(lang) + text
			}
			lines = append(lines, "  "+text)
		}
		return lines
	})
	var laws []string
	for i := range p.Parts {
		laws = appendNew(laws, p.Parts[i].Law)
	}
	s.law(p.Law, p.Unverified, p.Place, laws...)
}

// rest writes what a law says besides its values and rules, which have tables.
func (s *lawSheet) rest(l *rules.Law) {
	last := words.Section(0)
	for _, p := range words.Describe(l) {
		if p.Section == words.Values || p.Section == words.Rules {
			continue
		}
		if p.Section != last {
			last = p.Section
			s.heading(last.Text())
		}
		s.piece(&p)
	}
}

// law writes the legal reference of something and the place it stands at.
func (s *lawSheet) law(law string, unverified bool, at rules.Place, more ...string) {
	for _, l := range appendNew([]string{law}, more...) {
		if l == "" {
			continue
		}
		note := ""
		if unverified {
			note = "  " + s.both(rules.Text{Zh: "〔未核实〕", En: "[not verified]"})
		}
		s.line(4, s.both(rules.Text{Zh: "依据", En: "law"})+": "+l+note)
	}
	if at.File != "" {
		s.line(4, at.String())
	}
}

func appendNew(list []string, more ...string) []string {
next:
	for _, m := range more {
		for _, l := range list {
			if l == m {
				continue next
			}
		}
		list = append(list, m)
	}
	return list
}

// short reports whether texts fit on one line.
func short(language string, texts ...string) bool {
	n, room := 0, 90
	if language == chinese { // each character is as wide as two letters
		room = 45
	}
	for _, t := range texts {
		n += utf8.RuneCountInString(t)
	}
	return n <= room
}

// The JSON form of what is told in words.
type (
	pieceJSON struct {
		Section    string     `json:"section"`
		Key        string     `json:"key"`
		Title      packText   `json:"title"`
		Parts      []partJSON `json:"parts"`
		Law        string     `json:"law,omitempty"`
		Unverified bool       `json:"unverified,omitempty"`
		Place      string     `json:"place,omitempty"`
		Region     string     `json:"region,omitempty"`
	}
	partJSON struct {
		Key  string   `json:"key"`
		Name packText `json:"name"`
		Per  packText `json:"per"`
		Says packText `json:"says"`
		Law  string   `json:"law,omitempty"`
	}
)

func pieceOf(p *words.Piece) *pieceJSON {
	if p == nil {
		return nil
	}
	out := &pieceJSON{
		Section: p.Section.String(), Key: p.Key, Title: packText(p.Title), Parts: []partJSON{},
		Law: p.Law, Unverified: p.Unverified, Place: p.Place.String(), Region: p.Region,
	}
	for i := range p.Parts {
		x := &p.Parts[i]
		out.Parts = append(out.Parts, partJSON{x.Key, packText(x.Name), packText(x.Per), packText(x.Says), x.Law})
	}
	return out
}
