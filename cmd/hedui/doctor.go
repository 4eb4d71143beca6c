package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"github.com/hedui/hedui/engine/durable"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/upkeep"
	"github.com/hedui/hedui/rules"
)

type doctorOptions struct {
	data, pool           string
	heads, public, packs []string
	deep, all, asJSON    bool
}

func newDoctorCommand(a *app) *cobra.Command {
	var o doctorOptions
	cmd := &cobra.Command{
		Use:   "doctor --data DIR",
		Short: "Look a data directory over and say what to do",
		Long: `doctor looks at a data directory and the machine it lies on: who may read it, free
space, work that was interrupted, deliveries that are old or were held back, rows in
quarantine, generations, keys, the end of the audit log, the ledger, the clock. It says
what to do about each finding. It changes nothing and prints nothing personal.

--deep reads and proves everything, which takes as long as reading it does.
` + "\nExit status:\n  0  all is well\n  1  something does not work, or must not go on\n  2  wrong usage\n  3  warnings\n",
		Example: `  hedui doctor --data store
  hedui doctor --data store --deep --head heads.jsonl --public audit.pub
  hedui doctor --data store --pool /mnt/backup/hedui
  hedui doctor --data store --rules reference --lang zh --json`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := requireFlags(cmd, "data"); err != nil {
				return err
			}
			if len(o.heads) > 0 && len(o.public) == 0 {
				return wrongUsage("--public FILE is the public half of the key that signed them", "--public is missing")
			}
			return runDoctor(cmd.Context(), a, o)
		},
	}
	dataFlag(cmd, &o.data)
	cmd.Flags().BoolVar(&o.deep, "deep", false, "read and prove everything")
	cmd.Flags().BoolVar(&o.all, "all", false, "say also what is well")
	cmd.Flags().StringArrayVar(&o.heads, "head", nil, "`file` of signed heads of the audit log, one a line; may be repeated")
	cmd.Flags().StringArrayVar(&o.public, "public", nil, "`file` of a public key that heads or stubs are signed by; may be repeated")
	cmd.Flags().StringVar(&o.pool, "pool", "", "`directory` of the pool with the backups")
	cmd.Flags().StringArrayVar(&o.packs, "rules", nil, "`pack` in use, by name or directory; may be repeated")
	cmd.Flags().BoolVar(&o.asJSON, "json", false, "print one JSON object")
	return cmd
}

// findingLine is one finding as hedui doctor --json prints it.
type findingLine struct {
	Code     string `json:"code"`
	Severity string `json:"severity"`
	What     string `json:"what"`
	Do       string `json:"do,omitempty"`
}

func runDoctor(ctx context.Context, a *app, o doctorOptions) error {
	e := upkeep.ExamineOptions{
		Data: o.data, Now: time.Now(), Deep: o.deep, KeyFile: a.keyFile, Packs: map[string]int{},
		Ledger: func(ctx context.Context) (ledger.Ledger, error) { return a.dialLedger(ctx, o.data) },
	}
	var err error
	if e.Keys, e.Heads, err = readKeysAndHeads(a, o.public, o.heads); err != nil {
		return err
	}
	today, _ := household.ParseDate([]byte(e.Now.Format(time.DateOnly)))
	for _, name := range o.packs {
		n, err := unverifiedOf(name, today)
		if err != nil {
			return err
		}
		e.Packs[name] = n
	}
	if o.pool != "" {
		pool, err := upkeep.FindPool(o.pool, durable.Disk{})
		if err != nil {
			return err
		}
		e.Pool = pool
	}
	list, err := upkeep.Examine(ctx, e)
	if err != nil {
		return err
	}
	if err := printFindings(a, list, o); err != nil {
		return err
	}
	switch upkeep.Worst(list) {
	case upkeep.Error:
		return errFindings
	case upkeep.Warning:
		return errPartial
	}
	return nil
}

// errFindings says that the doctor has found errors and told them.
var errFindings = fmt.Errorf("%w: the findings above are errors", errTold)

// unverifiedOf counts the values of a pack that are in force on a day and that nobody has
// verified.
func unverifiedOf(name string, on household.Date) (n int, err error) {
	pack, err := rules.Load(name)
	if err != nil {
		return 0, err
	}
	regions := append([]string{""}, pack.Regions()...)
	for _, region := range regions {
		for _, p := range pack.RegionParameters(region) {
			if v, ok := p.At(on); ok && !v.Verified && !v.Inherit {
				n++
			}
		}
	}
	return n, nil
}

func printFindings(a *app, list []upkeep.Finding, o doctorOptions) error {
	var lines []findingLine
	for i := range list {
		f := &list[i]
		lines = append(lines, findingLine{f.Code, string(f.Severity), a.in(f.What.En, f.What.Zh), a.in(f.Do.En, f.Do.Zh)})
	}
	if o.asJSON {
		return printJSON(a.stdout, struct {
			Worst    string        `json:"worst"`
			Findings []findingLine `json:"findings"`
		}{string(upkeep.Worst(list)), lines})
	}
	w := newTable()
	count := map[string]int{}
	for _, l := range lines {
		count[l.Severity]++
		if l.Severity == string(upkeep.OK) && !o.all {
			continue
		}
		w.AppendRow(table.Row{a.severity(l.Severity), l.Code, l.What})
		if l.Do != "" {
			w.AppendRow(table.Row{"", "", "→ " + l.Do})
		}
	}
	if text := w.Render(); text != "" {
		if _, err := fmt.Fprintln(a.stdout, text); err != nil {
			return err
		}
	}
	var counts []string
	for _, s := range []upkeep.Severity{upkeep.Error, upkeep.Warning, upkeep.Note, upkeep.OK} {
		if n := count[string(s)]; n > 0 {
			counts = append(counts, fmt.Sprintf("%d %s", n, a.severity(string(s))))
		}
	}
	_, err := fmt.Fprintln(a.stdout, strings.Join(counts, a.in(", ", "，")))
	return err
}

func (a *app) severity(s string) string {
	zh := map[string]string{"ok": "正常", "note": "提示", "warning": "警告", "error": "错误"}
	return a.in(s, zh[s])
}
