package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/hedui/hedui/engine/situation/mutate"
	"github.com/hedui/hedui/rules"
)

// newRulesCoverageCommand shows what of a pack its situations reach.
func newRulesCoverageCommand(a *app) *cobra.Command {
	var asJSON, strict bool
	cmd := &cobra.Command{
		Use:   "coverage PACK",
		Short: "Show which rules and dates of a pack its tests never reach",
		Long: `coverage runs the situations of a pack and names the rules that none of them makes
fire, on grade A or on a weaker one; the rules that none leaves silent with the fact
just short of the limit; and the dated texts and regions that none reaches. What a
pack inherits from another is left to the situations of that pack.
` + exitStatuses + "With --strict it ends with 1 too when something is not reached.\n",
		Example: "  hedui rules coverage reference\n  hedui rules coverage ./mypack --strict",
		Args:    exactArgs(1, "one pack"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runRulesCoverage(cmd.Context(), a, args[0], asJSON, strict)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	cmd.Flags().BoolVar(&strict, "strict", false, "end with 1 when something is not reached")
	return cmd
}

// coverageReport is what hedui rules coverage --json prints.
type coverageReport struct {
	Pack       string        `json:"pack"`
	Situations int           `json:"situations"`
	Rules      int           `json:"rules"`
	Dated      int           `json:"dated"`
	Gaps       []coverageGap `json:"gaps"`
}

type coverageGap struct {
	File   string         `json:"file"`
	Line   int            `json:"line,omitempty"`
	Column int            `json:"column,omitempty"`
	Kind   mutate.GapKind `json:"kind"`
	What   string         `json:"what"`
}

func runRulesCoverage(ctx context.Context, a *app, pack string, asJSON, strict bool) error {
	if _, err := loadPack(pack); err != nil {
		return err
	}
	dir, err := rules.Open(pack)
	if err != nil {
		return err
	}
	c, err := mutate.Cover(ctx, dir)
	if err != nil {
		return mutateFailure(pack, err)
	}
	out := coverageReport{Pack: pack, Situations: c.Situations, Rules: c.Rules, Dated: c.Dated, Gaps: []coverageGap{}}
	for _, g := range c.Gaps {
		out.Gaps = append(out.Gaps, coverageGap(g))
		if asJSON {
			continue
		}
		place := g.File
		if g.Line > 0 {
			place = fmt.Sprintf("%s:%d:%d", g.File, g.Line, g.Column)
		}
		fmt.Fprintf(a.stdout, "%s: %s\n", place, g.What)
	}
	if asJSON {
		err = printJSON(a.stdout, out)
	} else {
		_, err = fmt.Fprintf(a.stdout, "pack %s: %s of %s and %s, %d not reached\n", pack, counted(c.Situations, "situation"),
			counted(c.Rules, "rule"), counted(c.Dated, "dated text"), len(c.Gaps))
	}
	if err == nil && strict && len(c.Gaps) > 0 {
		err = withHint(fmt.Errorf("pack %s: %d not reached", pack, len(c.Gaps)), "write a situation for each place that was named")
	}
	return err
}
