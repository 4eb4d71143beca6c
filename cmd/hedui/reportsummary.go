package main

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hedui/hedui/engine/report"
	"github.com/hedui/hedui/rules"
)

// summaryOptions are those of hedui report summary.
type summaryOptions struct {
	rules, verdicts, out, centre, recipient, division, issued string
	fewest                                                    int64
}

func newReportSummaryCommand(a *app) *cobra.Command {
	var o summaryOptions
	cmd := &cobra.Command{
		Use:   "summary --verdicts V.jsonl --out SUMMARY.{html|xlsx}",
		Short: "Write the summary of a region",
		Long: `summary counts the verdicts of a file by county and scheme: outcomes, how many a person has to
look at, the findings, and what the sources could answer. Counts that are too small, and those
by which a small one could be found out, are withheld.
` + exitStatuses,
		Example: "  hedui report summary --verdicts verdicts.jsonl --rules reference --division 3401 --lang zh --out summary.html",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := requireFlags(cmd, "verdicts", "out"); err != nil {
				return err
			}
			return runReportSummary(a, o)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.verdicts, "verdicts", "", "`file` that hedui verify wrote (required)")
	f.StringVar(&o.rules, "rules", "", "`pack` that judged, for the names of findings")
	f.StringVar(&o.out, "out", "", "`file` to write, .html or .xlsx (required)")
	f.StringVar(&o.division, "division", "", "only households whose number begins with this division `code`")
	f.StringVar(&o.centre, "centre", "", "`name` of the centre")
	f.StringVar(&o.recipient, "recipient", "", "to `whom` it is given, in words")
	f.StringVar(&o.issued, "issued", "", "`time` that stands on it (default now)")
	f.Int64Var(&o.fewest, "fewest", 5, "smallest `count` that is said; 0 says all, for what stays in the centre")
	return cmd
}

func runReportSummary(a *app, o summaryOptions) error {
	ext := strings.ToLower(filepath.Ext(o.out))
	if ext != ".html" && ext != ".xlsx" {
		return wrongUsage("name it .html or .xlsx", "--out %q says no form", filepath.Base(o.out))
	}
	at, err := issuedAt(o.issued)
	if err != nil {
		return err
	}
	in := report.SummaryInput{Lang: a.language, Region: o.division, Centre: o.centre, Recipient: o.recipient, IssuedAt: at, Program: program(), Fewest: o.fewest}
	if o.rules != "" {
		pack, err := loadPack(o.rules)
		if err != nil {
			return err
		}
		in.Texts = rules.Texts{Pack: pack}
	}
	verdicts, err := openVerdicts(o.verdicts)
	if err != nil {
		return err
	}
	defer verdicts.close()
	var s report.Summary
	kept := 0
	for {
		v, err := verdicts.verdict()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if strings.HasPrefix(v.HouseholdID, o.division) {
			s.Add(v)
			kept++
		}
	}
	if kept == 0 {
		return fmt.Errorf("%s has no verdict of it: there is nothing to count", filepath.Base(o.verdicts))
	}
	d, err := s.Document(in)
	if err != nil {
		return err
	}
	if err := listTo(o.out, func(w io.Writer) error {
		if ext == ".xlsx" {
			return report.SummaryXLSX(w, d)
		}
		return report.SummaryHTML(w, d)
	}); err != nil {
		return err
	}
	fmt.Fprintf(a.stdout, "%s in %s\n", counted(kept, "verdict"), o.out)
	return nil
}
