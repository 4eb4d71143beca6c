package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/hedui/hedui/engine/situation/mutate"
	"github.com/hedui/hedui/rules"
)

// mutateOptions are the flags of hedui rules mutate.
type mutateOptions struct {
	asJSON  bool
	atLeast int
	files   []string
}

// newRulesMutateCommand shows what of a pack its situations hold.
func newRulesMutateCommand(a *app) *cobra.Command {
	var o mutateOptions
	cmd := &cobra.Command{
		Use:   "mutate PACK",
		Short: "Change a pack in every way and show what its tests miss",
		Long: `mutate changes every operator, bound, date, word and entry of a pack, one at a time,
and runs the pack's situations against each change. A change is refused when the
pack does not load, killed when a situation breaks, and else survives: then nothing
tests what was changed. The score is the share that was refused or killed.

Changes that nothing can tell from the pack are listed in its tests/mutants.yaml,
each with its reason; they count apart. What a pack inherits from another is not
changed.
` + exitStatuses + "It ends with 1 too when the score is under --min.\n",
		Example: "  hedui rules mutate reference\n  hedui rules mutate ./mypack --file rules.yaml --min 100",
		Args:    exactArgs(1, "one pack"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.atLeast < 0 || o.atLeast > 100 {
				return wrongUsage("--min PERCENT: from 0 to 100", "--min %d is no percentage", o.atLeast)
			}
			return runRulesMutate(cmd.Context(), a, args[0], &o)
		},
	}
	cmd.Flags().BoolVar(&o.asJSON, "json", false, "print one JSON object")
	cmd.Flags().IntVar(&o.atLeast, "min", 95, "lowest score that is good enough, in `PERCENT`")
	cmd.Flags().StringArrayVar(&o.files, "file", nil, "only change this `FILE` of the pack; may be given again")
	return cmd
}

// mutantLine is a mutant as hedui rules mutate --json prints it.
type mutantLine struct {
	File   string `json:"file"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
	What   string `json:"what"`
	Why    string `json:"why,omitempty"`
}

// mutateReport is what hedui rules mutate --json prints.
type mutateReport struct {
	Pack       string       `json:"pack"`
	Mutants    int          `json:"mutants"`
	Refused    int          `json:"refused"`
	Killed     int          `json:"killed"`
	Survived   int          `json:"survived"`
	Permille   int          `json:"score_permille"`
	Survivors  []mutantLine `json:"survivors"`
	Equivalent []mutantLine `json:"equivalent"`
}

func lineOf(m *mutate.Mutant, why string) mutantLine {
	return mutantLine{m.File, m.Line, m.Column, m.What, why}
}

func runRulesMutate(ctx context.Context, a *app, pack string, o *mutateOptions) error {
	if _, err := loadPack(pack); err != nil {
		return err
	}
	dir, err := rules.Open(pack)
	if err != nil {
		return err
	}
	t := a.track("mutate", "mutants")
	r, err := mutate.Run(ctx, dir, mutate.Options{
		Files: o.files, Progress: func(done, total int) { t.update(int64(done), int64(total)) },
	})
	t.stop()
	if err != nil {
		return mutateFailure(pack, err)
	}
	out := mutateReport{
		Pack: pack, Mutants: r.All(), Refused: r.Refused, Killed: r.Killed, Survived: len(r.Survived), Permille: r.Permille(),
		Survivors: []mutantLine{}, Equivalent: []mutantLine{},
	}
	for i := range r.Survived {
		out.Survivors = append(out.Survivors, lineOf(&r.Survived[i], ""))
	}
	for i := range r.Equivalent {
		out.Equivalent = append(out.Equivalent, lineOf(&r.Equivalent[i].Mutant, r.Equivalent[i].Why))
	}
	if o.asJSON {
		err = printJSON(a.stdout, out)
	} else {
		err = printMutants(a, &out)
	}
	if err == nil && r.Permille() < o.atLeast*10 {
		err = withHint(fmt.Errorf("pack %s: the score is under %d %%", pack, o.atLeast),
			"write a situation for each place that was named, or say in tests/mutants.yaml why nothing can tell")
	}
	return err
}

func printMutants(a *app, r *mutateReport) error {
	for _, m := range r.Survivors {
		fmt.Fprintf(a.stdout, "%s:%d:%d: %s\n", m.File, m.Line, m.Column, m.What)
	}
	for _, m := range r.Equivalent {
		fmt.Fprintf(a.stdout, "equivalent %s:%d:%d: %s (%s)\n", m.File, m.Line, m.Column, m.What, m.Why)
	}
	equivalent := ""
	if n := len(r.Equivalent); n > 0 {
		equivalent = fmt.Sprintf(", %d equivalent", n)
	}
	_, err := fmt.Fprintf(a.stdout, "pack %s: %s: %d refused, %d killed, %d survived%s; score %d.%d %%\n",
		r.Pack, counted(r.Mutants, "mutant"), r.Refused, r.Killed, r.Survived, equivalent, r.Permille/10, r.Permille%10)
	return err
}

// mutateFailure says what to do about an error of mutate and coverage.
func mutateFailure(pack string, err error) error {
	var failing *mutate.FailingError
	var allow *mutate.AllowError
	switch {
	case errors.Is(err, mutate.ErrNoFile):
		return wrongUsage("name a file by its path in the pack, as in overlays/340100/rules.yaml", "%w", err)
	case errors.As(err, &failing):
		return withHint(fmt.Errorf("pack %s: %w", pack, err), "hedui rules test "+pack+" shows why")
	case errors.As(err, &allow):
		return withHint(err, "an entry has the file and the text of a mutant as it is reported, and why nothing can tell it from the pack")
	}
	return err
}
