package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/rules"
	"github.com/hedui/hedui/rules/words"
)

// diffOptions are the flags of hedui rules diff.
type diffOptions struct {
	from, to, on    dateFlag
	region, against string
	asJSON          bool
}

// newRulesDiffCommand says what is different between two laws.
func newRulesDiffCommand(a *app) *cobra.Command {
	var o diffOptions
	cmd := &cobra.Command{
		Use:   "diff PACK [PACK]",
		Short: "Say in words what is different between two dates, packs or regions",
		Long: `diff says in words what one law has and another does not: the window, standards and
values, who belongs to the household, which records are income, which assets count,
deductions, imputed income and support, the rules with what follows from them, and
what is paid. Each change names its legal references and the lines they stand on.

It compares one pack on two dates (--from, --to), one pack in two regions
(--on, --region, --against-region; without --region the whole country), or two packs
on a date (--on). Without --lang it says everything in Chinese and in English.
` + exitStatuses,
		Example: `  hedui rules diff dibao --from 2014-06-15 --to 2022-06-15
  hedui rules diff dibao --on 2022-06-15 --against-region 310000
  hedui rules diff ./old ./new --on 2026-11-01 --lang zh`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 || len(args) == 2 {
				return nil
			}
			return wrongUsage("usage: "+cmd.UseLine(), "want one pack or two, got %d arguments", len(args))
		},
		RunE: func(cmd *cobra.Command, args []string) error { return runRulesDiff(a, cmd, args, &o) },
	}
	f := cmd.Flags()
	f.Var(&o.from, "from", "`date` of the law before, as in 2014-06-15")
	f.Var(&o.to, "to", "`date` of the law after")
	f.Var(&o.on, "on", "`date` of both laws")
	f.StringVar(&o.region, "region", "", "division `code` of six digits, for its overlays")
	f.StringVar(&o.against, "against-region", "", "division `code` of the other region")
	f.BoolVar(&o.asJSON, "json", false, "print one JSON object")
	return cmd
}

// laws are the two laws that a command line names.
func (o *diffOptions) laws(args []string) (from, to *rules.Law, err error) {
	first, second := o.from.date, o.to.date
	switch {
	case o.on.date != 0 && (first != 0 || second != 0):
		return nil, nil, wrongUsage("--from and --to are two dates, --on is one for both", "--on beside --from or --to")
	case (first == 0) != (second == 0):
		return nil, nil, wrongUsage("give both, or --on", "--from and --to belong together")
	case o.on.date != 0:
		first, second = o.on.date, o.on.date
	case first == 0:
		return nil, nil, wrongUsage("--from DATE --to DATE for two dates, --on DATE for two packs or regions", "no date")
	}
	if len(args) == 1 && first == second && o.against == "" {
		return nil, nil, wrongUsage("name two dates, a second pack, or --against-region", "a law compared with itself")
	}
	other := args[len(args)-1]
	against := o.against
	if against == "" {
		against = o.region
	}
	if from, err = diffLaw(args[0], first, o.region); err != nil {
		return nil, nil, err
	}
	to, err = diffLaw(other, second, against)
	return from, to, err
}

func diffLaw(pack string, on household.Date, region string) (*rules.Law, error) {
	p, err := loadPack(pack)
	if err != nil {
		return nil, err
	}
	return lawOf(p, on, region)
}

func runRulesDiff(a *app, cmd *cobra.Command, args []string, o *diffOptions) error {
	from, to, err := o.laws(args)
	if err != nil {
		return err
	}
	changes := words.Diff(from, to)
	if o.asJSON {
		return printJSON(a.stdout, diffJSON(from, to, changes))
	}
	s := newLawSheet(a, cmd)
	s.line(0, lawName(s, from)+" → "+lawName(s, to))
	last := words.Section(0)
	for i := range changes {
		if c := &changes[i]; c.Section != last {
			last = c.Section
			s.heading(last.Text())
		}
		s.change(&changes[i])
	}
	n := len(changes)
	count := rules.Text{Zh: fmt.Sprintf("共 %d 处不同", n), En: counted(n, "difference")}
	if n == 0 {
		count = rules.Text{Zh: "没有不同", En: "nothing is different"}
	}
	s.line(0, "\n"+s.both(count))
	_, err = fmt.Fprint(a.stdout, s.b.String())
	return err
}

// lawName names a law by its pack, its date and its region.
func lawName(s *lawSheet, l *rules.Law) string {
	out := l.Pack.Name + " " + l.Pack.Version + " " + l.On.String()
	if l.Region != "" {
		out += " " + s.both(rules.Text{Zh: "地区", En: "region"}) + " " + l.Region
	}
	return out
}

// change writes one change in every language, then its references and places.
func (s *lawSheet) change(c *words.Change) {
	s.each(2, func(lang string) []string { return changeLines(lang, c) })
	s.references(c)
}

func changeLines(lang string, c *words.Change) []string {
	title := in(lang, c.Title)
	if c.Section == words.Rules && title != c.Key {
		title += bracketed(lang, c.Key)
	}
	head := in(lang, c.Kind.Text()) + " "
	if c.Kind == words.Reference {
		return []string{head + title + colon(lang) + in(lang, rules.Text{Zh: "内容不变", En: "says the same"})}
	}
	inline := c.Section == words.Values || len(c.Parts) == 1 && c.Parts[0].Name.Zh == ""
	if !inline {
		lines := []string{head + title}
		for i := range c.Parts {
			x := &c.Parts[i]
			name := in(lang, x.Name)
			if name == "" {
				name = in(lang, rules.Text{Zh: "全部", En: "all"})
			}
			for k, l := range partLines(lang, c.Kind, x, name+colon(lang)) {
				if k == 0 {
					l = "  " + l
				} else {
					l = "    " + l
				}
				lines = append(lines, l)
			}
		}
		return lines
	}
	var lines []string
	for i := range c.Parts {
		x := &c.Parts[i]
		name := title
		if x.Name.Zh != "" {
			name += bracketed(lang, in(lang, x.Name))
		}
		for k, l := range partLines(lang, c.Kind, x, name+colon(lang)) {
			if k == 0 {
				l = head + l
			} else {
				l = "    " + l
			}
			lines = append(lines, l)
		}
	}
	return lines
}

// partLines tell one part, on one line when it fits.
func partLines(lang string, kind words.Kind, x *words.PartChange, name string) []string {
	was, is := full(lang, x.Per, x.Old), full(lang, x.Per, x.New)
	word := func(k words.Kind) string {
		if kind != words.Changed {
			return ""
		}
		return in(lang, k.Text()) + " "
	}
	switch {
	case x.Old.Zh == "":
		return []string{word(words.Added) + name + is}
	case x.New.Zh == "":
		return []string{word(words.Removed) + name + was}
	case was == is: // only what it rests on is another
		return []string{name + is}
	case short(lang, was, is):
		if lang == chinese {
			return []string{name + was + " → " + in(lang, x.New)}
		}
		return []string{name + in(lang, x.Old) + " → " + is}
	}
	return []string{
		name, in(lang, rules.Text{Zh: "原：", En: "was: "}) + was, in(lang, rules.Text{Zh: "现：", En: "is: "}) + is,
	}
}

// references writes what a change rests on and where it stands.
func (s *lawSheet) references(c *words.Change) {
	var was, is []string
	note := func(p *words.Piece, law string) string {
		if p.Unverified && law != "" {
			law += s.both(rules.Text{Zh: "〔未核实〕", En: "[not verified]"})
		}
		return law
	}
	if c.Old != nil && c.Old.Law != "" {
		was = append(was, note(c.Old, c.Old.Law))
	}
	if c.New != nil && c.New.Law != "" {
		is = append(is, note(c.New, c.New.Law))
	}
	for i := range c.Parts {
		if l := c.Parts[i].OldLaw; l != "" {
			was = appendNew(was, l)
		}
		if l := c.Parts[i].NewLaw; l != "" {
			is = appendNew(is, l)
		}
	}
	label := s.both(rules.Text{Zh: "依据", En: "law"}) + ": "
	for i := range max(len(was), len(is)) {
		switch {
		case i >= len(was):
			s.line(4, label+is[i])
		case i >= len(is):
			s.line(4, label+was[i])
		case was[i] == is[i]:
			s.line(4, label+is[i])
		default:
			s.line(4, label+was[i]+" → "+is[i])
		}
	}
	if c.Removal != nil {
		s.line(4, s.both(rules.Text{Zh: "本地区不适用", En: "not in this region"})+": "+c.Removal.Law+"  "+c.Removal.Place.String())
	}
	old, now := "", ""
	if c.Old != nil {
		old = c.Old.Place.String()
	}
	if c.New != nil {
		now = c.New.Place.String()
	}
	switch {
	case old == now || now == "":
		now = old
	case old != "":
		now = old + " → " + now
	}
	if now != "" {
		s.line(4, now)
	}
}

// The JSON form of hedui rules diff.
type (
	diffReport struct {
		From    diffSide     `json:"from"`
		To      diffSide     `json:"to"`
		Changes []diffChange `json:"changes"`
	}
	diffSide struct {
		Pack    string `json:"pack"`
		Version string `json:"version"`
		Digest  string `json:"digest"`
		On      string `json:"on"`
		Region  string `json:"region,omitempty"`
	}
	diffChange struct {
		Kind       words.Kind `json:"kind"`
		Section    string     `json:"section"`
		Key        string     `json:"key"`
		Title      packText   `json:"title"`
		Parts      []diffPart `json:"parts"`
		Old        *pieceJSON `json:"old,omitempty"`
		New        *pieceJSON `json:"new,omitempty"`
		RemovalLaw string     `json:"removal_law,omitempty"`
	}
	diffPart struct {
		Key    string   `json:"key"`
		Name   packText `json:"name"`
		Per    packText `json:"per"`
		Old    packText `json:"old"`
		New    packText `json:"new"`
		OldLaw string   `json:"old_law,omitempty"`
		NewLaw string   `json:"new_law,omitempty"`
	}
)

func sideOf(l *rules.Law) diffSide {
	return diffSide{l.Pack.Name, l.Pack.Version, l.Pack.Digest, l.On.String(), l.Region}
}

func diffJSON(from, to *rules.Law, changes []words.Change) diffReport {
	out := diffReport{sideOf(from), sideOf(to), []diffChange{}}
	for i := range changes {
		c := &changes[i]
		d := diffChange{Kind: c.Kind, Section: c.Section.String(), Key: c.Key, Title: packText(c.Title), Parts: []diffPart{}, Old: pieceOf(c.Old), New: pieceOf(c.New)}
		if c.Removal != nil {
			d.RemovalLaw = c.Removal.Law
		}
		for k := range c.Parts {
			x := &c.Parts[k]
			d.Parts = append(d.Parts, diffPart{x.Key, packText(x.Name), packText(x.Per), packText(x.Old), packText(x.New), x.OldLaw, x.NewLaw})
		}
		out.Changes = append(out.Changes, d)
	}
	return out
}
