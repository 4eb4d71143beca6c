package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"github.com/hedui/hedui/engine/explain"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/rules"
	"github.com/hedui/hedui/rules/words"
)

// newRulesCommand holds what is done with rule packs.
func newRulesCommand(a *app) *cobra.Command {
	return newGroup("rules", "List, show, check or test rule packs",
		"rules works with the packs that hold the law as dated data. A PACK is the name of\na shipped pack or a folder.",
		newRulesListCommand(a), newRulesShowCommand(a), newRulesCheckCommand(a), newRulesTestCommand(a),
		newRulesMutateCommand(a), newRulesCoverageCommand(a), newRulesDiffCommand(a), newRulesExplainCommand(a))
}

// loadPack loads a pack and says what to do when it doesn't load.
func loadPack(nameOrDir string) (*rules.Pack, error) {
	p, err := rules.Load(nameOrDir)
	var faults rules.Errors
	switch {
	case err == nil:
		return p, nil
	case errors.Is(err, rules.ErrNoPack):
		return nil, withHint(fmt.Errorf("%q: %w", nameOrDir, err), "hedui rules list shows the shipped packs; a folder is written with a slash, as in ./mypack")
	case errors.As(err, &faults):
		return nil, withHint(fmt.Errorf("pack %s does not load, %s:\n%w", nameOrDir, counted(len(faults), "fault"), err), "nothing of a pack is used before all of it is right")
	default:
		return nil, err
	}
}

// say picks the text of the language.
func (a *app) say(t rules.Text) string {
	if a.language == chinese {
		return t.Zh
	}
	return t.En
}

func newRulesListCommand(a *app) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List the packs that come with the program",
		Long:    "list prints one line for each shipped pack.\n" + exitStatuses,
		Example: "  hedui rules list\n  hedui rules list --json",
		Args:    noArgs,
		RunE:    func(*cobra.Command, []string) error { return runRulesList(a, asJSON) },
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return cmd
}

// packLine is a pack as hedui rules list --json and check --json print it.
type packLine struct {
	Pack    string   `json:"pack"`
	Version string   `json:"version"`
	Digest  string   `json:"digest"`
	Title   packText `json:"title"`
	Rules   int      `json:"rules"`
}

type packText struct {
	Zh string `json:"zh"`
	En string `json:"en"`
}

func describePack(p *rules.Pack) packLine {
	return packLine{p.Name, p.Version, p.Digest, packText(p.Title), p.RuleCount()}
}

func runRulesList(a *app, asJSON bool) error {
	var lines []packLine
	w := newTable()
	w.AppendHeader(table.Row{"pack", "version", "rules", "digest", "title"})
	for _, name := range rules.Shipped() {
		p, err := loadPack(name)
		if err != nil {
			return err
		}
		lines = append(lines, describePack(p))
		w.AppendRow(table.Row{p.Name, p.Version, p.RuleCount(), p.Digest, a.say(p.Title)})
	}
	if asJSON {
		return printJSON(a.stdout, struct {
			Packs []packLine `json:"packs"`
		}{lines})
	}
	_, err := fmt.Fprintln(a.stdout, w.Render())
	return err
}

func newRulesCheckCommand(a *app) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "check PACK…",
		Short: "Load packs and report everything that is wrong with them",
		Long: `check loads each pack as a verification would and reports every fault at once, with
file, line and column. A pack with a fault does not load at all.
` + exitStatuses,
		Example: "  hedui rules check reference\n  hedui rules check ./mypack",
		Args:    someArgs("a pack"),
		RunE: func(_ *cobra.Command, args []string) error {
			for _, arg := range args {
				p, err := loadPack(arg)
				if err != nil {
					return err
				}
				if asJSON {
					err = printJSON(a.stdout, describePack(p))
				} else {
					_, err = fmt.Fprintf(a.stdout, "pack %s %s is whole: %d rules, %d parameters, digest %s\n", p.Name, p.Version, p.RuleCount(), len(p.Parameters()), p.Digest)
				}
				if err != nil {
					return err
				}
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object for each pack")
	return cmd
}

func newRulesShowCommand(a *app) *cobra.Command {
	var asJSON bool
	var on dateFlag
	var region string
	cmd := &cobra.Command{
		Use:   "show PACK",
		Short: "Show the parameters and rules of a pack",
		Long: `show prints what a pack says in a region on a date: its window, its parameters with
every dated value, its legal reference and the line it stands on, its rules in
the order of findings, and in words who belongs to the household, which records are
income, which assets count and what is taken off or added. A value that nobody has
verified against the law is marked. hedui rules explain tells one rule in words.
Without --on it shows the law after the last change that the pack knows.
` + exitStatuses,
		Example: "  hedui rules show reference\n  hedui rules show dibao --on 2014-06-01 --region 310000 --lang zh",
		Args:    exactArgs(1, "one pack"),
		RunE: func(cmd *cobra.Command, args []string) error {
			p, err := loadPack(args[0])
			if err != nil {
				return err
			}
			law, err := lawOf(p, on.date, region)
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(a.stdout, packJSON(law))
			}
			return printPack(a, cmd, law)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	cmd.Flags().Var(&on, "on", "`date` of the law, as in 2026-11-01")
	cmd.Flags().StringVar(&region, "region", "", "division `code` of six digits, for its overlays")
	return cmd
}

// lawOf is a pack on a date, without one after its last change.
func lawOf(p *rules.Pack, on household.Date, region string) (*rules.Law, error) {
	if on == 0 {
		changes := p.Changes()
		on = changes[len(changes)-1]
	}
	law, err := p.On(on, region)
	if _, ok := errors.AsType[*rules.UnresolvedError](err); ok {
		err = withHint(err, "name another day with --on")
	}
	return law, err
}

func printPack(a *app, cmd *cobra.Command, l *rules.Law) error {
	p := l.Pack
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s  %s\ndigest %s\nwindow: the %s before the month of the check\n", p.Name, p.Version, a.say(p.Title), p.Digest, windowText(l))
	if l.Region != "" {
		fmt.Fprintf(&b, "overlay %s\n", l.Region)
	}
	w := newTable()
	w.AppendHeader(table.Row{"parameter", "from", "to", "urban", "rural", "law"})
	for i := range l.Values {
		param := l.Values[i].Parameter
		for k := range param.Values {
			v := &param.Values[k]
			w.AppendRow(table.Row{param.Name, v.From.String(), dateOrOpen(v.To), valueText(param, v, household.Urban), valueText(param, v, household.Rural), lawText(v)})
		}
	}
	fmt.Fprintf(&b, "\n%s\n", w.Render())
	w = newTable()
	w.AppendHeader(table.Row{"finding", "per", "fires when", "effect", "meaning"})
	for i := range l.Rules {
		r := &l.Rules[i]
		w.AppendRow(table.Row{r.Code, r.Scope.String(), condition(l, r), r.Effect.String(), title(a, p, r.Code)})
		if r.HasWeak() {
			w.AppendRow(table.Row{r.WeakCode, r.Scope.String(), "the same with grade B", r.WeakEffect.String(), title(a, p, r.WeakCode)})
		}
	}
	fmt.Fprintf(&b, "\n%s\n", w.Render())
	s := newLawSheet(a, cmd)
	s.rest(l)
	_, err := fmt.Fprint(a.stdout, b.String(), s.b.String())
	return err
}

// windowText is how many months are looked at.
func windowText(l *rules.Law) string {
	urban, rural := l.Windows[household.Urban].Months, l.Windows[household.Rural].Months
	if urban == rural {
		return strconv.Itoa(urban) + " months"
	}
	return strconv.Itoa(urban) + " months (rural: " + strconv.Itoa(rural) + ")"
}

// lawText is the legal reference of a value and how far it can be relied on.
func lawText(v *rules.DatedValue) string {
	switch {
	case v.Unresolved != "":
		return v.Law + " (unresolved: " + v.Unresolved + ")"
	case v.Inherit:
		return v.Law + " (as in the larger region)"
	case !v.Verified:
		return v.Law + " (not verified)"
	}
	return v.Law
}

// valueText is a value with its unit; of one by size all sizes.
func valueText(p *rules.Parameter, v *rules.DatedValue, residence uint8) string {
	if v.Unresolved != "" || v.Inherit {
		return "–"
	}
	u, year := p.Unit.String(), ""
	if p.PerYear {
		year = " a year"
	}
	if len(v.Sizes) == 0 {
		return explain.Value(v.Value[residence], u) + year
	}
	var parts []string
	for _, s := range v.Sizes {
		size := "more"
		if s.UpTo > 0 {
			size = "≤" + strconv.Itoa(s.UpTo)
		}
		parts = append(parts, size+": "+explain.Value(s.Value, u)+year)
	}
	return strings.Join(parts, ", ")
}

func dateOrOpen(d household.Date) string {
	if d == 0 {
		return "open"
	}
	return d.String()
}

func title(a *app, p *rules.Pack, code string) string {
	if m := p.Message(code); m != nil {
		return a.say(m.Title)
	}
	return ""
}

// condition is a rule as a comparison: fact, operator, limit.
func condition(l *rules.Law, r *rules.Rule) string {
	if r.Unresolved != "" {
		return "unresolved: " + r.Unresolved
	}
	if r.Fact == rules.FactCondition {
		return r.ConditionText()
	}
	fact := ""
	if r.Fact == rules.FactSet || r.Fact == rules.FactSum {
		fact = l.Sets[r.Set].Name
	} else {
		for _, f := range rules.Facts() {
			if f.ID == r.Fact {
				fact = f.Name
			}
		}
	}
	op := " ≥ "
	if r.Op == rules.MoreThan {
		op = " > "
	}
	out := fact + op + factors.Replace(l.LimitText(r))
	if c := r.ConditionText(); c != "" {
		out += ", when " + c
	}
	return out
}

// factors are the words for the factors of a limit.
var factors = strings.NewReplacer("window_months", "months", "counted_members", "counted members") //nolint:gochecknoglobals // never changed

// The JSON form of hedui rules show.
type (
	packDetail struct {
		packLine
		WindowMonths int             `json:"window_months"`
		Parameters   []packParameter `json:"parameters"`
		Findings     []packFinding   `json:"findings"`
		Words        []*pieceJSON    `json:"words"`
	}
	packParameter struct {
		Name   string      `json:"name"`
		Unit   string      `json:"unit"`
		Doc    string      `json:"doc"`
		Values []packValue `json:"values"`
	}
	packValue struct {
		From     string `json:"from"`
		To       string `json:"to,omitempty"`
		Urban    int64  `json:"urban"`
		Rural    int64  `json:"rural"`
		Law      string `json:"law"`
		Verified bool   `json:"verified"`
		File     string `json:"file"`
		Line     int    `json:"line"`
		// Why nobody knows the value; there is none then.
		Unresolved string `json:"unresolved,omitempty"`
	}
	packFinding struct {
		Code       string   `json:"code"`
		Effect     string   `json:"effect"`
		WeakCode   string   `json:"weak_code,omitempty"`
		WeakEffect string   `json:"weak_effect,omitempty"`
		Scope      string   `json:"scope"`
		Condition  string   `json:"condition"`
		Law        string   `json:"law"`
		Title      packText `json:"title"`
	}
)

func packJSON(l *rules.Law) packDetail {
	p := l.Pack
	out := packDetail{packLine: describePack(p), WindowMonths: l.Windows[household.Urban].Months}
	for i := range l.Values {
		param := l.Values[i].Parameter
		entry := packParameter{Name: param.Name, Unit: param.Unit.String(), Doc: param.Doc}
		for k := range param.Values {
			v := &param.Values[k]
			to := ""
			if v.To != 0 {
				to = v.To.String()
			}
			entry.Values = append(entry.Values, packValue{
				v.From.String(), to, v.For(household.Urban, 1), v.For(household.Rural, 1), v.Law, v.Verified, v.Place.File, v.Place.Line, v.Unresolved,
			})
		}
		out.Parameters = append(out.Parameters, entry)
	}
	for i := range l.Rules {
		r := &l.Rules[i]
		f := packFinding{Code: r.Code, Effect: r.Effect.String(), Scope: r.Scope.String(), Condition: condition(l, r), Law: r.Law}
		if r.HasWeak() {
			f.WeakCode, f.WeakEffect = r.WeakCode, r.WeakEffect.String()
		}
		if m := p.Message(r.Code); m != nil {
			f.Title = packText(m.Title)
		}
		out.Findings = append(out.Findings, f)
	}
	for _, x := range words.Describe(l) {
		out.Words = append(out.Words, pieceOf(&x))
	}
	return out
}
