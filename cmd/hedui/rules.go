package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/rules"
)

// newRulesCommand holds what is done with rule packs.
func newRulesCommand(a *app) *cobra.Command {
	return newGroup("rules", "List, show, check or test rule packs",
		"rules works with the packs that hold the law as dated data. A PACK is the name of\na shipped pack or a folder.",
		newRulesListCommand(a), newRulesShowCommand(a), newRulesCheckCommand(a), newRulesTestCommand(a),
		newRulesMutateCommand(a), newRulesCoverageCommand(a))
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
		return nil, withHint(fmt.Errorf("pack %s does not load, %d faults:\n%w", nameOrDir, len(faults), err), "nothing of a pack is used before all of it is right")
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
	return packLine{p.Name, p.Version, p.Digest, packText(p.Title), len(p.Rules)}
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
		w.AppendRow(table.Row{p.Name, p.Version, len(p.Rules), p.Digest, a.say(p.Title)})
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
					_, err = fmt.Fprintf(a.stdout, "pack %s %s is whole: %d rules, %d parameters, digest %s\n", p.Name, p.Version, len(p.Rules), len(p.Parameters), p.Digest)
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
	cmd := &cobra.Command{
		Use:   "show PACK",
		Short: "Show the parameters and rules of a pack",
		Long: `show prints what a pack says: its window, its parameters with every dated value and
its legal reference, and its rules in the order of findings. A value that nobody
has verified against the law is marked.
` + exitStatuses,
		Example: "  hedui rules show reference\n  hedui rules show reference --lang zh",
		Args:    exactArgs(1, "one pack"),
		RunE: func(_ *cobra.Command, args []string) error {
			p, err := loadPack(args[0])
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(a.stdout, packJSON(p))
			}
			return printPack(a, p)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return cmd
}

func printPack(a *app, p *rules.Pack) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s  %s\ndigest %s\nwindow: the %d months before the month of the check\n", p.Name, p.Version, a.say(p.Title), p.Digest, p.Window.Months)
	w := newTable()
	w.AppendHeader(table.Row{"parameter", "from", "to", "urban", "rural", "law"})
	for _, param := range p.Parameters {
		for _, v := range param.Values {
			law := v.Law
			if !v.Verified {
				law += " (not verified)"
			}
			w.AppendRow(table.Row{
				param.Name, v.From.String(), dateOrOpen(v.To),
				inUnit(v.Value[household.Urban], param.Unit), inUnit(v.Value[household.Rural], param.Unit), law,
			})
		}
	}
	fmt.Fprintf(&b, "\n%s\n", w.Render())
	w = newTable()
	w.AppendHeader(table.Row{"finding", "per", "fires when", "effect", "meaning"})
	for i := range p.Rules {
		r := &p.Rules[i]
		w.AppendRow(table.Row{r.Code, r.Scope.String(), condition(p, r), r.Effect.String(), title(a, p, r.Code)})
		if r.HasWeak() {
			w.AppendRow(table.Row{r.WeakCode, r.Scope.String(), "the same with grade B", r.WeakEffect.String(), title(a, p, r.WeakCode)})
		}
	}
	fmt.Fprintf(&b, "\n%s\n", w.Render())
	_, err := fmt.Fprint(a.stdout, b.String())
	return err
}

func dateOrOpen(d household.Date) string {
	if d == 0 {
		return "open"
	}
	return d.String()
}

// inUnit is a value with its unit: money in yuan, counts as they are.
func inUnit(v int64, u rules.Unit) string {
	if u == rules.UnitFen {
		return household.Fen(v).Yuan()
	}
	return strconv.FormatInt(v, 10)
}

func title(a *app, p *rules.Pack, code string) string {
	if m := p.Message(code); m != nil {
		return a.say(m.Title)
	}
	return ""
}

// condition is a rule as a comparison: fact, operator, limit.
func condition(p *rules.Pack, r *rules.Rule) string {
	fact := ""
	if r.Fact == rules.FactSet {
		fact = p.Sets[r.Set].Name
	} else {
		for _, f := range rules.Facts() {
			if f.ID == r.Fact {
				fact = f.Name
			}
		}
	}
	limit := p.Parameters[r.Limit.Parameter].Name
	if r.Limit.Times != 1 {
		limit += " × " + strconv.FormatInt(r.Limit.Times, 10)
	}
	if r.Limit.PerMonth {
		limit += " × months"
	}
	if r.Limit.PerCounted {
		limit += " × counted members"
	}
	op := "≥"
	if r.Op == rules.MoreThan {
		op = ">"
	}
	return fact + " " + op + " " + limit
}

// The JSON form of hedui rules show.
type (
	packDetail struct {
		packLine
		WindowMonths int             `json:"window_months"`
		Parameters   []packParameter `json:"parameters"`
		Findings     []packFinding   `json:"findings"`
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

func packJSON(p *rules.Pack) packDetail {
	out := packDetail{packLine: describePack(p), WindowMonths: p.Window.Months}
	for _, param := range p.Parameters {
		entry := packParameter{Name: param.Name, Unit: param.Unit.String(), Doc: param.Doc}
		for _, v := range param.Values {
			to := ""
			if v.To != 0 {
				to = v.To.String()
			}
			entry.Values = append(entry.Values, packValue{v.From.String(), to, v.Value[household.Urban], v.Value[household.Rural], v.Law, v.Verified})
		}
		out.Parameters = append(out.Parameters, entry)
	}
	for i := range p.Rules {
		r := &p.Rules[i]
		f := packFinding{Code: r.Code, Effect: r.Effect.String(), Scope: r.Scope.String(), Condition: condition(p, r), Law: r.Law}
		if r.HasWeak() {
			f.WeakCode, f.WeakEffect = r.WeakCode, r.WeakEffect.String()
		}
		if m := p.Message(r.Code); m != nil {
			f.Title = packText(m.Title)
		}
		out.Findings = append(out.Findings, f)
	}
	return out
}
