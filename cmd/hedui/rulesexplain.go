package main

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/situation"
	"github.com/hedui/hedui/rules"
	"github.com/hedui/hedui/rules/words"
)

// newRulesExplainCommand tells one rule or one parameter.
func newRulesExplainCommand(a *app) *cobra.Command {
	var asJSON bool
	var on dateFlag
	var region string
	cmd := &cobra.Command{
		Use:   "explain PACK NAME",
		Short: "Say in words what one rule or parameter is and what follows from it",
		Long: `explain says in words what a rule compares, its limit worked out for households of one
to four, where each value stands and on what law, what follows on each grade of
evidence, what would clear it, and which situations of the pack make it fire. NAME is
the code of a finding, or the name of a parameter: then it lists the values of every
date and region, and the rules that rest on them.

Without --on it takes the law after the last change that the pack knows; without --lang
it says everything in Chinese and in English.
` + exitStatuses,
		Example: "  hedui rules explain dibao income_over_limit --on 2022-06-15\n  hedui rules explain dibao standard --on 2022-06-15 --region 310000 --lang zh",
		Args:    exactArgs(2, "a pack and a name"),
		RunE: func(cmd *cobra.Command, args []string) error {
			law, err := diffLaw(args[0], on.date, region)
			if err != nil {
				return err
			}
			e := &explanation{law: law, name: args[1], sheet: newLawSheet(a, cmd)}
			if err := e.find(); err != nil {
				return err
			}
			if err := e.situations(args[0]); err != nil {
				return err
			}
			if asJSON {
				return printJSON(a.stdout, e.json())
			}
			e.write()
			_, err = fmt.Fprint(a.stdout, e.sheet.b.String())
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	cmd.Flags().Var(&on, "on", "`date` of the law, as in 2026-11-01")
	cmd.Flags().StringVar(&region, "region", "", "division `code` of six digits, for its overlays")
	return cmd
}

// maxSize is the largest household whose limit is worked out, maxShown how many
// situations are named.
const (
	maxSize  = 4
	maxShown = 12
)

// explanation is one rule or one parameter with what belongs to it.
type explanation struct {
	law   *rules.Law
	name  string
	value *rules.ValueRef // of a parameter; nil when it is none
	rules []int           // the rule, or those that rest on the parameter
	shown []shownSituation
	sheet *lawSheet
}

// shownSituation is a situation in which a rule fires.
type shownSituation struct {
	File  string `json:"file"`
	Name  string `json:"name"`
	Code  string `json:"code"`
	Grade string `json:"grade"`
}

// find looks for the rule or the parameter.
func (e *explanation) find() error {
	l := e.law
	e.value, _ = l.Provenance(e.name)
	for i := range l.Rules {
		r := &l.Rules[i]
		is := e.name == r.Code || e.name == r.WeakCode || e.name == r.DerivedCode
		if e.value != nil {
			is = slices.ContainsFunc(l.ValuesOf(r), func(v *rules.ValueRef) bool { return v.Parameter.Name == e.name })
			parameter, factors := r.Limit()
			is = is || parameter == e.name || slices.Contains(factors, e.name)
		}
		if is {
			e.rules = append(e.rules, i)
		}
	}
	if e.value == nil && len(e.rules) == 0 {
		where := ""
		if l.Region != "" {
			where = " in region " + l.Region
		}
		return withHint(fmt.Errorf("pack %s has no rule or parameter %q on %s%s", l.Pack.Name, e.name, l.On, where),
			"hedui rules show "+l.Pack.Name+" lists them; another date or region may have it")
	}
	return nil
}

// situations are those of the pack in which one of the rules fires.
func (e *explanation) situations(pack string) error {
	dir, err := rules.Open(pack)
	if err != nil {
		return err
	}
	all, err := situation.Read(dir)
	if errors.Is(err, fs.ErrNotExist) { // a pack without tests can be explained, too
		return nil
	}
	if err != nil {
		return err
	}
	for i := range all {
		if !all[i].Judges() {
			continue
		}
		v, err := all[i].Verdict(e.law.Pack)
		if err != nil {
			continue // hedui rules test says what is wrong with it
		}
		for k := range v.Findings {
			f := &v.Findings[k]
			if slices.ContainsFunc(e.rules, func(n int) bool { return gives(&e.law.Rules[n], f.Code) }) {
				e.shown = append(e.shown, shownSituation{all[i].File(), all[i].Name, f.Code, f.Grade.String()})
				break
			}
		}
	}
	return nil
}

func gives(r *rules.Rule, code string) bool {
	return code == r.Code || code == r.WeakCode && code != "" || code == r.DerivedCode && code != ""
}

func (e *explanation) write() {
	s, l := e.sheet, e.law
	s.line(0, e.name+"  "+lawName(s, l))
	if e.value != nil {
		e.parameter()
	}
	for _, i := range e.rules {
		e.rule(i)
	}
	s.heading(rules.Text{Zh: "会提示的情形（测试）", En: "situations that make it fire"})
	for i, x := range e.shown {
		if i == maxShown {
			s.line(2, s.both(rules.Text{Zh: fmt.Sprintf("另有 %d 个", len(e.shown)-i), En: fmt.Sprintf("and %d more", len(e.shown)-i)}))
			break
		}
		grade := ""
		if x.Grade != "" {
			grade = " (" + x.Grade + ")"
		}
		s.line(2, x.File+": "+x.Name+"  → "+x.Code+grade)
	}
	if len(e.shown) == 0 {
		s.line(2, s.both(rules.Text{Zh: "没有", En: "none"}))
	}
}

// parameter lists the values of every date and region.
func (e *explanation) parameter() {
	s, l, v := e.sheet, e.law, e.value
	s.heading(rules.Text{Zh: "现行数值", En: "value in force"})
	p := words.Value(l, v)
	s.piece(&p)
	if v.Region != "" {
		s.line(4, s.both(rules.Text{Zh: "由地区规定", En: "of region"})+" "+v.Region)
	}
	if v.Parameter.Doc != "" {
		s.line(4, v.Parameter.Doc)
	}
	s.heading(rules.Text{Zh: "各时期、各地区", En: "every date and region"})
	w := newTable()
	w.AppendHeader(table.Row{
		s.both(rules.Text{Zh: "地区", En: "region"}), s.both(rules.Text{Zh: "起", En: "from"}), s.both(rules.Text{Zh: "止", En: "to"}),
		s.both(rules.Text{Zh: "城镇", En: "urban"}), s.both(rules.Text{Zh: "农村", En: "rural"}), s.both(rules.Text{Zh: "出处", En: "place"}), s.both(rules.Text{Zh: "依据", En: "law"}),
	})
	for _, region := range append([]string{""}, l.Pack.Regions()...) {
		list := l.Pack.Parameters()
		if region != "" {
			list = l.Pack.RegionParameters(region)
		}
		for _, q := range list {
			if q.Name != e.name {
				continue
			}
			for k := range q.Values {
				x := &q.Values[k]
				mark, end := region, ""
				if x.To != 0 {
					end = x.To.String()
				}
				if x.Place == v.Place {
					mark += "*"
				}
				w.AppendRow(table.Row{mark, x.From.String(), end, valueText(q, x, household.Urban), valueText(q, x, household.Rural), x.Place.String(), s.lawNote(x)})
			}
		}
	}
	for row := range strings.SplitSeq(w.Render(), "\n") {
		s.line(2, row)
	}
}

// lawNote is the legal reference of a value and how far it can be relied on.
func (s *lawSheet) lawNote(v *rules.DatedValue) string {
	switch {
	case v.Unresolved != "":
		return v.Law + "  " + s.both(rules.Text{Zh: "〔尚无可靠数值〕", En: "[unresolved]"}) + " " + v.Unresolved
	case v.Inherit:
		return v.Law + "  " + s.both(rules.Text{Zh: "〔同上级地区〕", En: "[as in the larger region]"})
	case !v.Verified:
		return v.Law + "  " + s.both(rules.Text{Zh: "〔未核实〕", En: "[not verified]"})
	}
	return v.Law
}

// rule tells a rule, its limits, what they rest on and what would clear the finding.
func (e *explanation) rule(i int) {
	s, l := e.sheet, e.law
	r := &l.Rules[i]
	s.heading(rules.Text{Zh: "规则", En: "rule"})
	p := words.Rule(l, r)
	s.piece(&p)
	if c := r.ConditionText(); c != "" {
		s.line(4, c)
	}
	if limits := words.Limits(l, i, maxSize); limits != nil {
		s.heading(rules.Text{Zh: "从这个数起提示", En: "first number that makes it fire"})
		w := newTable()
		w.AppendHeader(table.Row{s.both(rules.Text{Zh: "人数", En: "members"}), s.both(rules.Text{Zh: "城镇", En: "urban"}), s.both(rules.Text{Zh: "农村", En: "rural"})})
		for _, x := range limits {
			w.AppendRow(table.Row{strconv.Itoa(x.Size), in(s.languages[0], words.Quantity(x.Urban, r.Unit)), in(s.languages[0], words.Quantity(x.Rural, r.Unit))})
		}
		for row := range strings.SplitSeq(w.Render(), "\n") {
			s.line(2, row)
		}
	}
	if values := l.ValuesOf(r); e.value == nil && len(values) > 0 {
		s.heading(rules.Text{Zh: "所依据的数值", En: "values it rests on"})
		for _, v := range values {
			p := words.Value(l, v)
			s.piece(&p)
		}
	}
	if m := l.Pack.Message(r.Code); m != nil && e.value == nil {
		s.heading(rules.Text{Zh: "对家庭的说明", En: "what the household is told"})
		s.each(2, func(lang string) []string { return []string{in(lang, m.Text)} })
		s.heading(rules.Text{Zh: "怎样消除", En: "what would clear it"})
		s.each(2, func(lang string) []string { return []string{in(lang, m.Clear)} })
	}
}

// The JSON form of hedui rules explain.
type (
	explainReport struct {
		Name       string           `json:"name"`
		Law        diffSide         `json:"law"`
		Value      *pieceJSON       `json:"value,omitempty"`
		Rules      []explainRule    `json:"rules"`
		Situations []shownSituation `json:"situations"`
	}
	explainRule struct {
		Rule   *pieceJSON     `json:"rule"`
		Unit   string         `json:"unit"`
		Limits []explainLimit `json:"limits,omitempty"`
		Values []*pieceJSON   `json:"values"`
		Clear  packText       `json:"clear"`
	}
	explainLimit struct {
		Members int   `json:"members"`
		Urban   int64 `json:"urban"`
		Rural   int64 `json:"rural"`
	}
)

func (e *explanation) json() explainReport {
	l := e.law
	out := explainReport{Name: e.name, Law: sideOf(l), Rules: []explainRule{}, Situations: e.shown}
	if e.value != nil {
		p := words.Value(l, e.value)
		out.Value = pieceOf(&p)
	}
	if out.Situations == nil {
		out.Situations = []shownSituation{}
	}
	for _, i := range e.rules {
		r := &l.Rules[i]
		p := words.Rule(l, r)
		x := explainRule{Rule: pieceOf(&p), Unit: r.Unit.String(), Values: []*pieceJSON{}}
		for _, n := range words.Limits(l, i, maxSize) {
			x.Limits = append(x.Limits, explainLimit{n.Size, n.Urban, n.Rural})
		}
		for _, v := range l.ValuesOf(r) {
			q := words.Value(l, v)
			x.Values = append(x.Values, pieceOf(&q))
		}
		if m := l.Pack.Message(r.Code); m != nil {
			x.Clear = packText(m.Clear)
		}
		out.Rules = append(out.Rules, x)
	}
	return out
}
