package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/hedui/hedui/engine/situation"
)

// newRulesTestCommand runs a pack's own tests.
func newRulesTestCommand(a *app) *cobra.Command {
	var verbose, asJSON bool
	cmd := &cobra.Command{
		Use:   "test PACK…",
		Short: "Run the tests of packs",
		Long: `test runs the situations in a pack's folder: households and what departments hold of
them go in, and the expected outcome, findings and amounts must come out.
` + exitStatuses,
		Example: "  hedui rules test reference\n  hedui rules test ./mypack --verbose",
		Args:    someArgs("a pack"),
		RunE: func(_ *cobra.Command, args []string) error {
			var failed error
			for _, arg := range args {
				failed = errors.Join(failed, runRulesTest(a, arg, verbose, asJSON))
			}
			return failed
		},
	}
	cmd.Flags().BoolVarP(&verbose, "verbose", "v", false, "also name the situations that pass")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object for each pack")
	return cmd
}

// testReport is what hedui rules test --json prints.
type testReport struct {
	Pack   string        `json:"pack"`
	Passed int           `json:"passed"`
	Failed []testFailure `json:"failed"`
}

type testFailure struct {
	File      string   `json:"file"`
	Situation string   `json:"situation"`
	Problems  []string `json:"problems"`
}

func runRulesTest(a *app, pack string, verbose, asJSON bool) error {
	if _, err := loadPack(pack); err != nil {
		return err
	}
	r, err := situation.RunPack(pack)
	if err != nil {
		return err
	}
	out := testReport{Pack: pack, Passed: r.Passed, Failed: []testFailure{}}
	for i := range r.Failed {
		f := &r.Failed[i]
		out.Failed = append(out.Failed, testFailure{f.File, f.Name, f.Problems})
		if !asJSON {
			fmt.Fprintln(a.stdout, f.Error())
		}
	}
	switch {
	case asJSON:
		err = printJSON(a.stdout, out)
	case verbose:
		for _, result := range r.Results {
			if result.Passed {
				fmt.Fprintf(a.stdout, "ok %s: %s\n", result.File, result.Name)
			}
		}
		fallthrough
	default:
		_, err = fmt.Fprintf(a.stdout, "pack %s: %d situations pass, %d fail\n", pack, r.Passed, len(r.Failed))
	}
	if err == nil && len(r.Failed) > 0 {
		err = withHint(fmt.Errorf("pack %s: %d of %d situations fail", pack, len(r.Failed), r.Passed+len(r.Failed)),
			"either the rules or what the situation expects is wrong; each says which value came")
	}
	return err
}
