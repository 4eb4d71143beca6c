package main

import (
	"fmt"
	"path/filepath"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"github.com/hedui/hedui/bench/province"
)

type genOptions struct {
	province.Options
	on     dateFlag
	asJSON bool
}

// newGenCommand writes a synthetic province.
func newGenCommand(a *app) *cobra.Command {
	var o genOptions
	cmd := &cobra.Command{
		Use:   "gen --people N --seed S --out DIR",
		Short: "Write a synthetic province: five department files and a batch",
		Long: `gen writes the files of a province that does not exist: people with valid
document numbers and names of realistic frequency, what five departments hold of
them, and batch.jsonl, the households that ask to be checked. In the batch stand
planted cases for every finding, with the expected answer in truth.jsonl.

With --register it also writes register.csv, the population register: everybody with
former names and numbers and the number of the household.

With --corrupt departments write numbers and names as wrongly as real ones do: old,
former, mistyped, masked and missing numbers, other documents, replaced characters,
former names, and people who are easily taken for one another. base is a usual mix, bad
that of the worst sources, x3 every rate of base three times. identity.csv says whose
the rows are that don't carry their person's own number and name, and what was done.
Planted households are left as they are.

The same options give the same files, byte for byte.
` + exitStatuses,
		Example: `  hedui gen --people 100000 --seed 1 --out province
  hedui gen --people 100000 --seed 1 --out province --dirty 5 --format bank=csv.gb18030 --format vehicle=xlsx
  hedui gen --people 1000000 --seed 7 --out province --months --banks 20
  hedui gen --people 1000000 --seed 7 --out province --register --corrupt base`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := requireFlags(cmd, "people", "out"); err != nil {
				return err
			}
			o.On = o.on.String()
			if err := o.Validate(); err != nil {
				return wrongUsage("see hedui gen --help", "%w", err)
			}
			return runGen(cmd, a, o)
		},
	}
	f := cmd.Flags()
	f.IntVar(&o.People, "people", 0, "`number` of people, 1 to 50000000 (required)")
	f.Uint64Var(&o.Seed, "seed", 1, "`number` that chooses the province")
	f.StringVar(&o.Out, "out", "", "`folder` to write into (required)")
	f.Var(&o.on, "on", "`date` of the check (default "+province.DefaultOn+")")
	f.IntVar(&o.BatchPercent, "batch-percent", province.DefaultBatchPercent, "`percent` of the ordinary households that are in the batch")
	f.IntVar(&o.Dirty, "dirty", 0, "`number` of bad rows per 10000")
	f.BoolVar(&o.Second, "second", false, "also write a second, older provider of each source into OUT/stale")
	f.BoolVar(&o.Register, "register", false, "also write the population register")
	f.StringVar(&o.Corrupt, "corrupt", "", "`level` of wrongly written numbers and names: base, bad or x3")
	f.StringToStringVar(&o.Formats, "format", nil, "`source=format` of a file: csv, csv.gb18030, csv.gz, tsv or xlsx; may be repeated")
	f.StringSliceVar(&o.Purposes, "purposes", nil, "`schemes` that consent is given for beside dibao, as in dibao_edge,housing")
	f.BoolVar(&o.Months, "months", false, "one tax file per month")
	f.IntVar(&o.Banks, "banks", 0, "split the bank file into this `number` of files, by institution")
	f.BoolVar(&o.asJSON, "json", false, "print one JSON object")
	return cmd
}

func runGen(cmd *cobra.Command, a *app, o genOptions) error {
	t := a.track("gen", "rows")
	o.Progress = t.update
	s, err := province.Generate(cmd.Context(), o.Options)
	t.stop()
	if err != nil {
		return err
	}
	if o.asJSON {
		return printJSON(a.stdout, s)
	}
	w := newTable()
	w.AppendHeader(table.Row{"source", "file", "rows", "covers"})
	for _, f := range s.Files {
		w.AppendRow(table.Row{f.Source, filepath.Join(o.Out, filepath.FromSlash(f.Name)), f.Rows, f.Covers})
	}
	if _, err := fmt.Fprintln(a.stdout, w.Render()); err != nil {
		return err
	}
	fmt.Fprintf(a.stderr, "%d people in %d households; %d households in %s, %d of them planted cases with the answer in truth.jsonl\n",
		s.People, s.Households, s.BatchHouseholds, filepath.Join(o.Out, "batch.jsonl"), s.Planted)
	if s.DirtyRows > 0 {
		fmt.Fprintf(a.stderr, "%d bad rows on purpose, listed in dirty.jsonl\n", s.DirtyRows)
	}
	if s.IdentityRows > 0 {
		fmt.Fprintf(a.stderr, "%d rows don't carry their person's number and name, listed in identity.csv\n", s.IdentityRows)
	}
	fmt.Fprintf(a.stderr, "ingest them with --as-of %s, tax and insurance with --covers %s\n", s.AsOf, s.Covers)
	return nil
}
