package main

import (
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"github.com/hedui/hedui/engine/match/linkage"
)

type sampleOptions struct {
	matchOptions
	linkage.SampleOptions
	id, out string
	reveal  bool
}

func newMatchSampleCommand(a *app) *cobra.Command {
	var o sampleOptions
	cmd := &cobra.Command{
		Use:   "sample LEFT.csv [RIGHT.csv] --model M --out FILE",
		Short: "Draw pairs for people to review",
		Long: `sample draws candidates by strata of their score: bands of four bits about the
threshold, the two at the threshold with four times as many, and one in so many of the
clear links and the clear non-links beyond. The same seed draws the same pairs. The
weight of a pair is how many of its stratum it stands for; reviewers fill in decision
(match, non_match, unsure) and reviewer. No value is written without --reveal.
` + exitStatuses,
		Example: "  hedui match sample people.csv --model trained.yaml --out review.csv",
		Args:    matchFiles,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := requireFlags(cmd, "model", "out"); err != nil {
				return err
			}
			return runMatchSample(cmd.Context(), a, o, args)
		},
	}
	o.declare(cmd)
	f := cmd.Flags()
	f.StringVar(&o.out, "out", "", "new `file` for the pairs (required)")
	f.IntVar(&o.PerBand, "per-band", 25, "pairs of a band; the two at the threshold get four times as `many`")
	f.IntVar(&o.OneIn, "one-in", 1000, "of what lies beyond the bands draw one in so `many`")
	f.Uint64Var(&o.Seed, "seed", 1, "seed of the lots")
	f.StringVar(&o.id, "id", "", "`column`, or LEFT,RIGHT, whose ids name the rows instead of row numbers")
	f.BoolVar(&o.reveal, "reveal", false, "write the values of both rows beside them")
	return cmd
}

// idColumns reads COLUMN or LEFT,RIGHT.
func idColumns(text string) [2]string {
	left, right, ok := strings.Cut(text, ",")
	if !ok {
		right = left
	}
	return [2]string{left, right}
}

func runMatchSample(ctx context.Context, a *app, o sampleOptions, args []string) error {
	ids := idColumns(o.id)
	var fields matchInput
	if err := fields.loadModel(o.model); err != nil {
		return err
	}
	keep := func(side int) []string {
		var out []string
		if ids[side] != "" {
			out = append(out, ids[side])
		}
		for _, f := range fields.model.Fields {
			if column := []string{f.Left, f.Right}[side]; o.reveal && !slices.Contains(out, column) {
				out = append(out, column)
			}
		}
		return out
	}
	in, err := openMatch(ctx, o.matchOptions, args, keep)
	if err != nil {
		return err
	}
	sampled, strata, err := linkage.Sample(in.blocks, in.model, o.SampleOptions, in.options(o.matchOptions))
	if err != nil {
		return err
	}
	if err := in.writeSample(o, ids, sampled); err != nil {
		return err
	}
	if o.asJSON {
		return printJSON(a.stdout, strata)
	}
	w := newTable()
	w.AppendHeader(table.Row{"bits from the threshold", "pairs", "drawn"})
	for _, s := range strata {
		w.AppendRow(table.Row{s.Name, s.Pairs, s.Drawn})
	}
	_, err = fmt.Fprintf(a.stdout, "%s\n", w.Render())
	return err
}

func (in *matchInput) writeSample(o sampleOptions, ids [2]string, sampled []linkage.Sampled) error {
	f, err := os.OpenFile(o.out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return withHint(err, "a sample is never overwritten: choose a new name")
	}
	w := csv.NewWriter(f)
	header := []string{"left", "right", "stratum", "weight", "decision", "reviewer"}
	for _, field := range in.model.Fields {
		if o.reveal {
			header = append(header, "left_"+field.Name, "right_"+field.Name)
		}
	}
	err = w.Write(header)
	name := func(side, row int) string {
		if s := in.sheets[min(side, len(in.sheets)-1)]; ids[side] != "" {
			return s.kept[ids[side]][row]
		}
		return strconv.Itoa(row + 1)
	}
	if len(in.sheets) == 1 {
		ids[1] = ids[0]
	}
	for _, s := range sampled {
		row := []string{name(0, s.Left), name(1, s.Right), s.Stratum, strconv.FormatFloat(s.Weight, 'g', 8, 64), "", ""}
		for _, field := range in.model.Fields {
			if o.reveal {
				right := field.Right
				if len(in.sheets) == 1 {
					right = field.Left
				}
				row = append(row, in.sheets[0].kept[field.Left][s.Left], in.last().kept[right][s.Right])
			}
		}
		err = errors.Join(err, w.Write(row))
	}
	w.Flush()
	return errors.Join(err, w.Error(), f.Close())
}

type reviewOptions struct {
	matchOptions
	decisions, save, id string
	date                dateFlag
}

func newMatchReviewCommand(a *app) *cobra.Command {
	var o reviewOptions
	cmd := &cobra.Command{
		Use:   "review LEFT.csv [RIGHT.csv] --model M --decisions FILE --date DATE --save NEW",
		Short: "Learn the weights of agreement from what reviewers decided",
		Long: `review reads what people said of pairs, checks it, and writes a new version of the
model whose m is learned from it; u stays. The model's weights must be known. The file
has the columns left, right (data rows from 1, or ids with --id), decision (match,
non_match or unsure) and reviewer; a weight says how many pairs one stands for, and is
else worked out from how many candidates of a band of scores were reviewed. Rows without
a decision are passed over. Who contradicts himself is an error; of several reviewers the
majority counts, and Cohen's kappa says how well they agree.
` + exitStatuses,
		Example: "  hedui match review people.csv --model trained.yaml --decisions review.csv --date 2026-11-26 --save reviewed.yaml",
		Args:    matchFiles,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := requireFlags(cmd, "model", "decisions", "date", "save"); err != nil {
				return err
			}
			return runMatchReview(cmd.Context(), a, o, args)
		},
	}
	o.declare(cmd)
	f := cmd.Flags()
	f.StringVar(&o.decisions, "decisions", "", "CSV `file` of decisions (required)")
	f.Var(&o.date, "date", "`date` that the new version bears (required)")
	f.StringVar(&o.save, "save", "", "new `file` for the new version (required)")
	f.StringVar(&o.id, "id", "", "`column`, or LEFT,RIGHT, whose ids name the rows instead of row numbers")
	return cmd
}

func runMatchReview(ctx context.Context, a *app, o reviewOptions, args []string) error {
	if _, err := os.Stat(o.save); err == nil {
		return withHint(fmt.Errorf("%s: %w", o.save, os.ErrExist), "weights are never overwritten: choose a new name")
	}
	ids := idColumns(o.id)
	in, err := openMatch(ctx, o.matchOptions, args, func(side int) []string {
		if ids[side] == "" {
			return nil
		}
		return []string{ids[side]}
	})
	if err != nil {
		return err
	}
	if in.learned {
		return withHint(linkage.ErrUntrained, "hedui match eval --save estimates them")
	}
	decisions, name, err := in.readDecisions(o, ids)
	if err != nil {
		return err
	}
	m, err := linkage.Review(in.blocks, in.model, decisions, in.options(o.matchOptions))
	if err != nil {
		return placedDecisions(name, err)
	}
	digest := sha256.Sum256(in.file)
	m.Provenance.ParentDigest, m.Provenance.Date = hex.EncodeToString(digest[:]), o.date.date.String()
	if err := saveModel(o.save, m); err != nil {
		return err
	}
	if o.asJSON {
		return printJSON(a.stdout, m.Provenance)
	}
	return printReview(a.stdout, in.model, m)
}

// placedDecisions puts the file before the line of every wrong decision.
func placedDecisions(name string, err error) error {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return err
	}
	var out []error
	for _, e := range joined.Unwrap() {
		if d, ok := errors.AsType[*linkage.DecisionError](e); ok {
			e = fmt.Errorf("%s:%d: %s", name, d.Line, d.Problem)
		}
		out = append(out, e)
	}
	return errors.Join(out...)
}

// readDecisions reads the decisions of a file, and says all that is wrong with it.
func (in *matchInput) readDecisions(o reviewOptions, ids [2]string) ([]linkage.Decision, string, error) {
	if len(in.sheets) == 1 {
		ids[1] = ids[0]
	}
	find, err := in.finder(ids)
	if err != nil {
		return nil, "", err
	}
	f, err := openCSV(o.decisions, csvForm{})
	if err != nil {
		return nil, "", err
	}
	defer f.close()
	at, err := f.find([]string{"left", "right", "decision", "reviewer"})
	if err != nil {
		return nil, "", err
	}
	weight := slices.Index(f.header, "weight")
	var out []linkage.Decision
	var errs []error
	for {
		row, line, err := f.row()
		if errors.Is(err, io.EOF) {
			return out, f.name, errors.Join(errs...)
		}
		if err != nil {
			return nil, "", errors.Join(append(errs, err)...)
		}
		if strings.TrimSpace(row[at[2]]) == "" {
			continue
		}
		d := linkage.Decision{Reviewer: clean(row[at[3]]), Line: line}
		wrong := func(problem string) { errs = append(errs, fmt.Errorf("%s:%d: %s", f.name, line, problem)) }
		var ok, ok2 bool
		d.Left, ok = find(0, row[at[0]])
		d.Right, ok2 = find(len(in.sheets)-1, row[at[1]])
		if !ok || !ok2 {
			wrong("not two rows that exist and differ")
			continue
		}
		verdict := slices.Index([]string{"match", "non_match", "unsure"}, strings.TrimSpace(row[at[2]]))
		if verdict < 0 {
			wrong("the decision is none of match, non_match, unsure")
			continue
		}
		d.Verdict = linkage.Verdict(verdict)
		if weight >= 0 && strings.TrimSpace(row[weight]) != "" {
			if d.Weight, err = strconv.ParseFloat(strings.TrimSpace(row[weight]), 64); err != nil || !(d.Weight > 0) || d.Weight > 1e12 {
				wrong("the weight is not a number above 0")
				continue
			}
		}
		out = append(out, d)
	}
}

func printReview(out io.Writer, before, after *linkage.Model) error {
	p := after.Provenance
	agreement := "nobody saw a pair twice"
	if p.Kappa != nil {
		agreement = fmt.Sprintf("%s seen twice, kappa %.4f", counted(p.Twice, "pair"), *p.Kappa)
	}
	w := newTable()
	w.AppendHeader(table.Row{"field", "level", "m before", "m now"})
	for f, field := range after.Fields {
		for l, level := range field.Levels {
			if old := before.Fields[f].Levels[l].M; l > 0 && fmt.Sprintf("%.4f", old) != fmt.Sprintf("%.4f", level.M) {
				w.AppendRow(table.Row{field.Name, level.Text(), fmt.Sprintf("%.4f", old), fmt.Sprintf("%.4f", level.M)})
			}
		}
	}
	_, err := fmt.Fprintf(out, "%s version %d of version %d: %s of %s, %d match, %d do not, %d unsettled; %s\nthe matches are worth %.1f\n\n%s\n",
		after.Name, after.Version, p.ParentVersion, counted(p.Decisions, "decision"), counted(p.Pairs, "pair"),
		p.Matches, p.NonMatches, p.Unsettled, agreement, p.Effective, w.Render())
	return err
}
