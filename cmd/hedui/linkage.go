package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/rules"
	"github.com/hedui/hedui/rules/benefit"
)

type linkageOptions struct {
	rules, region, index string
	on, from, to         monthFlag
	asJSON               bool
}

// newLinkageCommand says for which months the price subsidy is due.
func newLinkageCommand(a *app) *cobra.Command {
	var o linkageOptions
	cmd := &cobra.Command{
		Use:   "linkage --rules PACK --index FILE.csv --on MONTH|--from MONTH --to MONTH",
		Short: "Say for which months the temporary price subsidy is due (价格补贴联动)",
		Long: `linkage compares published price indices with the triggers of the pack's linkage.yaml and
prints for each month whether the subsidy is due, by which index, how much it is for one
person, and to which groups it goes. The subsidy never counts as income.

The index file is CSV in UTF-8 or GB18030 with the columns month (月份) and cpi, food,
grain, scpi (or 居民消费价格, 食品价格, 粮食价格, 低收入居民基本生活费用价格): percent on the year
before with at most one decimal, as in 2.8. An empty cell is not known, and a month that
can't be told without it is unknown.
` + exitStatuses,
		Example: `  hedui linkage --rules ./mypack --index cpi.csv --on 2022-09
  hedui linkage --rules ./mypack --index cpi.csv --from 2022-01 --to 2023-12 --json`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := requireFlags(cmd, "rules", "index"); err != nil {
				return err
			}
			months, err := o.months()
			if err != nil {
				return err
			}
			return runLinkage(a, o, months)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.rules, "rules", "", "`pack` to compute by: a shipped one's name or a folder (required)")
	f.StringVar(&o.region, "region", "", "division `code` whose law applies; that of the whole country when absent")
	f.StringVar(&o.index, "index", "", "CSV `file` with the published rates (required)")
	f.Var(&o.on, "on", "one `month`, as in 2022-09")
	f.Var(&o.from, "from", "first `month`")
	f.Var(&o.to, "to", "last `month`")
	f.BoolVar(&o.asJSON, "json", false, "print one JSON object")
	return cmd
}

// mostMonths is the most months that are asked for at once: a hundred years.
const mostMonths = 1200

func (o *linkageOptions) months() (household.Months, error) {
	on, from, to := o.on.month, o.from.month, o.to.month
	switch {
	case on != 0 && from == 0 && to == 0:
		return household.Months{From: on, To: on}, nil
	case on == 0 && from != 0 && to != 0 && from <= to && to-from < mostMonths:
		return household.Months{From: from, To: to}, nil
	}
	return household.Months{}, wrongUsage("--on 2022-09 for one month, --from 2022-01 --to 2022-12 for several", "the months are missing or in the wrong order")
}

// errNoLinkage says that a pack knows no price subsidy.
var errNoLinkage = errors.New("the pack has no linkage.yaml")

// linkagePlan is the linkage of a pack for a region, and its values on any date.
func linkagePlan(p *rules.Pack, region string) (*benefit.Linkage, func(household.Date) benefit.Values, error) {
	linkage := p.Linkage(region)
	if linkage == nil {
		return nil, nil, errNoLinkage
	}
	return linkage, func(on household.Date) benefit.Values {
		law, err := p.On(on, region)
		if err != nil {
			return noValues{}
		}
		return law
	}, nil
}

// noValues are those of a day that the pack says nothing of.
type noValues struct{}

// Value knows none.
func (noValues) Value(string, uint8, int) (value int64, verified, ok bool) { return 0, false, false }

func runLinkage(a *app, o linkageOptions, months household.Months) error {
	pack, err := loadPack(o.rules)
	if err != nil {
		return err
	}
	index, err := readIndex(o.index)
	if err != nil {
		return err
	}
	linkage, values, err := linkagePlan(pack, o.region)
	if err != nil {
		return err
	}
	results, err := linkageMonths(linkage, months, index, values)
	if err != nil {
		return err
	}
	if o.asJSON {
		return printJSON(a.stdout, linkageJSON(results))
	}
	_, err = fmt.Fprint(a.stdout, linkageText(a, results))
	return err
}

// readIndex reads an index file in UTF-8 or GB18030.
func readIndex(path string) (*benefit.Index, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if !utf8.Valid(content) {
		// What is neither becomes U+FFFD, which no column and no number has.
		if content, err = simplifiedchinese.GB18030.NewDecoder().Bytes(content); err != nil {
			return nil, fmt.Errorf("%s is neither UTF-8 nor GB18030", filepath.Base(path))
		}
	}
	index, err := benefit.ParseIndex(content)
	faults, ok := errors.AsType[benefit.IndexErrors](err)
	if !ok {
		return index, err
	}
	lines := make([]string, len(faults))
	for i, f := range faults {
		lines[i] = filepath.Base(path) + ":" + f.Error()
	}
	return nil, withHint(fmt.Errorf("the index file has %s:\n%s", counted(len(faults), "fault"), strings.Join(lines, "\n")), "nothing is computed from a file with a fault")
}

func linkageMonths(l *benefit.Linkage, months household.Months, index *benefit.Index, values func(household.Date) benefit.Values) ([]benefit.MonthResult, error) {
	var out []benefit.MonthResult
	for m := months.From; m <= months.To; m++ {
		r, err := l.Month(m, index, values)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", m, err)
		}
		out = append(out, r)
	}
	return out, nil
}

// monthFlag is a flag whose value is a month.
type monthFlag struct{ month household.Month }

var errNotAMonth = errors.New("not a month, want 2006-01")

func (f *monthFlag) String() string { return f.month.String() }

func (f *monthFlag) Set(text string) error {
	m, ok := household.ParseMonth([]byte(text))
	if !ok {
		return errNotAMonth
	}
	f.month = m
	return nil
}

func (*monthFlag) Type() string { return "month" }
