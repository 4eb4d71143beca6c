package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"github.com/hedui/hedui/engine"
	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/durable"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/simulate"
)

type simulateOptions struct {
	data, rules, against, generation string
	batch, list                      string
	on, onOld                        dateFlag
	minutes, workers                 int
	asJSON                           bool
}

// newSimulateCommand rehearses a change of the rules.
func newSimulateCommand(a *app) *cobra.Command {
	var o simulateOptions
	cmd := &cobra.Command{
		Use:   "simulate --data DIR --rules NEW --against OLD --on DATE --batch BATCH.jsonl",
		Short: "Rehearse a change of the rules: who would be judged otherwise",
		Long: `simulate judges every household of a batch by two packs, or by one pack on two
dates, on one stored generation, and says what changes: from which outcome to which,
by region and by finding, and how long it takes people to look at those who newly
need it. It changes nothing and writes no verdict.

Numbers of a region in which fewer than five households change are not told (<5); nor
is one that would give away the number of the only such region (≥5). --list writes who
changes, for those who may know.

Who is looked at is written into the audit log first; if that can't be done, nothing
is read.
` + exitStatuses + refusedStatus,
		Example: `  hedui simulate --data store --rules ./standard2027 --against reference --on 2026-11-01 --batch batch.jsonl
  hedui simulate --data store --rules ./mypack --on 2026-11-01 --on-old 2025-11-01 --batch batch.jsonl --list changes.csv --lang zh`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := requireFlags(cmd, "data", "rules", "on", "batch"); err != nil {
				return err
			}
			switch {
			case o.against == "" && o.onOld.date == 0:
				return wrongUsage("--against names the pack of today; without it --on-old gives one pack another date", "there is nothing to compare with")
			case o.minutes < 1:
				return wrongUsage("as in --review-minutes 30", "a review of %d minutes can't be", o.minutes)
			case o.workers < 0:
				return wrongUsage("--workers takes 1 or more; leave it out for one per core", "%d workers can't work", o.workers)
			}
			if o.against == "" {
				o.against = o.rules
			}
			if o.onOld.date == 0 {
				o.onOld = o.on
			}
			return runSimulate(cmd, a, o)
		},
	}
	dataFlag(cmd, &o.data)
	f := cmd.Flags()
	f.StringVar(&o.rules, "rules", "", "`pack` that is proposed: a shipped one's name or a folder (required)")
	f.StringVar(&o.against, "against", "", "`pack` of today (default that of --rules)")
	f.StringVar(&o.generation, "generation", "", "`id` of the generation to read (default the current one)")
	f.Var(&o.on, "on", "`date` of the check, as in 2026-11-01 (required)")
	f.Var(&o.onOld, "on-old", "`date` of the check by the pack of today (default that of --on)")
	f.StringVar(&o.batch, "batch", "", "`file` of requests, one JSON object a line (required)")
	f.StringVar(&o.list, "list", "", "CSV `file` of the households that change")
	f.IntVar(&o.minutes, "review-minutes", simulate.DefaultReviewMinutes, "`minutes` that a person takes to look at a household")
	f.IntVar(&o.workers, "workers", 0, "`number` of workers (default one per core)")
	f.BoolVar(&o.asJSON, "json", false, "print one JSON object")
	return cmd
}

func runSimulate(cmd *cobra.Command, a *app, o simulateOptions) (err error) {
	before, err := loadPack(o.against)
	if err != nil {
		return err
	}
	after, err := loadPack(o.rules)
	if err != nil {
		return err
	}
	who, err := a.actor()
	if err != nil {
		return err
	}
	gen, err := a.openGeneration(o.data, o.generation)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, gen.Close()) }()
	options := simulate.Options{
		Batch: o.batch, Generation: gen, ReviewMinutes: o.minutes, Workers: o.workers,
		OldCost: benefitCost(before, o.onOld.date), NewCost: benefitCost(after, o.on.date),
	}
	if options.Old, err = newVerifier(cmd.Context(), gen, before, o.onOld.date, o.against); err != nil {
		return err
	}
	if options.New, err = newVerifier(cmd.Context(), gen, after, o.on.date, o.rules); err != nil {
		return err
	}
	if options.Audit, err = audit.Open(o.data, audit.Options{Actor: who, Now: time.Now}); err != nil {
		return err
	}
	t := a.track("simulate", "households")
	options.Progress = t.households
	var r *simulate.Report
	err = listTo(o.list, func(w io.Writer) error {
		options.List = w
		r, err = simulate.Run(cmd.Context(), options)
		return err
	})
	t.stop()
	if err != nil {
		return err
	}
	if o.asJSON {
		err = printJSON(a.stdout, simulateJSON(r, options))
	} else {
		err = printSimulation(a, r, options)
	}
	if err == nil && refusedAny(r) {
		return errPartial
	}
	return err
}

// listTo gives fn a file to write, which appears under its name when it is whole, or
// nil without a name.
func listTo(path string, fn func(io.Writer) error) error {
	if path == "" {
		return fn(nil)
	}
	var disk durable.Disk
	part := path + ".part"
	f, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	if err = fn(w); err == nil {
		err = w.Flush()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = disk.SyncFile(part)
	}
	if err == nil {
		err = disk.Rename(part, path)
	}
	if err != nil {
		os.Remove(part)
	}
	return err
}

// refusedAny reports whether some request was refused by either side.
func refusedAny(r *simulate.Report) bool {
	for o := range r.Matrix {
		if r.Matrix[o][household.Refused] > 0 || r.Matrix[household.Refused][o] > 0 {
			return true
		}
	}
	return false
}

// The JSON form of hedui simulate.
type (
	simulateReport struct {
		Generation string                      `json:"generation"`
		Batch      string                      `json:"batch"`
		Old        simulateSide                `json:"old"`
		New        simulateSide                `json:"new"`
		Households int64                       `json:"households"`
		Flips      int64                       `json:"flips"`
		Matrix     map[string]map[string]int64 `json:"matrix"` // old outcome → new outcome → households
		Regions    []simulate.Region           `json:"regions"`
		Findings   map[string]simulate.Change  `json:"findings"`
		Review     simulateReview              `json:"review"`
		Cost       *simulateCost               `json:"cost"` // null: not computed
	}
	simulateSide struct {
		Rules packRef `json:"rules"`
		On    string  `json:"on"`
	}
	simulateReview struct {
		simulate.Review
		Minutes int64 `json:"minutes"`
	}
	simulateCost struct {
		simulate.CostDifference
		Difference household.Fen `json:"difference_fen"`
	}
)

func simulateJSON(r *simulate.Report, o simulate.Options) simulateReport {
	side := func(v *engine.Verifier) simulateSide { return simulateSide{refOf(v.Pack()), v.On().String()} }
	out := simulateReport{
		Generation: o.Generation.Manifest().ID, Batch: r.BatchDigest, Old: side(o.Old), New: side(o.New), Households: r.Households, Flips: r.Flips(),
		Matrix: map[string]map[string]int64{}, Regions: r.Regions(), Findings: r.Findings, Review: simulateReview{r.Review, r.Review.Minutes()},
	}
	for from := household.NoDiscrepancy; from <= household.Refused; from++ {
		for to := household.NoDiscrepancy; to <= household.Refused; to++ {
			if n := r.Matrix[from][to]; n > 0 {
				if out.Matrix[from.String()] == nil {
					out.Matrix[from.String()] = map[string]int64{}
				}
				out.Matrix[from.String()][to.String()] = n
			}
		}
	}
	if r.Cost != nil {
		out.Cost = &simulateCost{*r.Cost, r.Cost.Difference()}
	}
	return out
}

// simulateWords are the words of a rehearsal: Chinese, English.
var simulateWords = map[string][2]string{
	"head":         {"预演：%d 户，%d 户结果改变（未改动任何数据）\n", "rehearsal: %d households, %d change (nothing was changed)\n"},
	"old":          {"原规则：%s %s，核对日期 %s\n", "old: %s %s on %s\n"},
	"new":          {"新规则：%s %s，核对日期 %s\n", "new: %s %s on %s\n"},
	"from to":      {"原结果 \\ 新结果", "old \\ new"},
	"finding":      {"情况", "finding"},
	"appeared":     {"新增户数", "appeared"},
	"disappeared":  {"消失户数", "disappeared"},
	"region":       {"地区", "region"},
	"households":   {"户数", "households"},
	"flips":        {"结果改变", "change"},
	"newly":        {"新增需人工核实", "newly need a person"},
	"no longer":    {"不再需人工核实", "no longer do"},
	"review":       {"人工核实：新增 %d 户 × %d 分钟 = %d 小时 %d 分；不再需要 %d 户\n", "review: %d newly need a person × %d minutes = %d h %d min; %d no longer do\n"},
	"cost":         {"救助金每月：原 %s 元，新 %s 元，差额 %s 元（%d 户）；未能测算 %d 户\n", "benefits a month: old %s yuan, new %s yuan, difference %s yuan (%d households); not computed for %d\n"},
	"no cost":      {"救助金差额：未测算\n", "benefit cost: not computed\n"},
	"few":          {"少于 5 户改变的地区不显示数字（<5）\n", "regions in which fewer than 5 households change are not told (<5)\n"},
	"few and more": {"少于 5 户改变的地区不显示数字（<5）；为防推算，另一地区亦不显示（≥5）\n", "regions in which fewer than 5 households change are not told (<5), nor one that would give the only such number away (≥5)\n"},
}

func (a *app) simulateWord(key string) string {
	if a.language == chinese {
		return simulateWords[key][0]
	}
	return simulateWords[key][1]
}

// printSimulation prints a rehearsal for people.
func printSimulation(a *app, r *simulate.Report, o simulate.Options) error {
	say := a.simulateWord
	var b strings.Builder
	fmt.Fprintf(&b, say("head"), r.Households, r.Flips())
	for _, s := range []struct {
		key string
		v   *engine.Verifier
	}{{"old", o.Old}, {"new", o.New}} {
		p := s.v.Pack()
		fmt.Fprintf(&b, say(s.key), p.Name, p.Version, s.v.On())
	}
	w := newTable()
	head := table.Row{say("from to")}
	for to := household.NoDiscrepancy; to <= household.Refused; to++ {
		head = append(head, a.outcomeWord(to))
	}
	w.AppendHeader(head)
	for from := household.NoDiscrepancy; from <= household.Refused; from++ {
		row := table.Row{a.outcomeWord(from)}
		for to := household.NoDiscrepancy; to <= household.Refused; to++ {
			row = append(row, r.Matrix[from][to])
		}
		w.AppendRow(row)
	}
	b.WriteString("\n" + w.Render() + "\n\n")
	if len(r.Findings) > 0 {
		b.WriteString(findingsTable(a, r, o) + "\n\n")
	}
	b.WriteString(regionsTable(a, r.Regions()) + "\n")
	minutes := r.Review.Minutes()
	fmt.Fprintf(&b, say("review"), r.Review.Newly, r.Review.MinutesEach, minutes/60, minutes%60, r.Review.NoLonger)
	if c := r.Cost; c != nil {
		fmt.Fprintf(&b, say("cost"), c.Old.Yuan(), c.New.Yuan(), c.Difference().Yuan(), c.Households, c.NotComputed)
	} else {
		b.WriteString(say("no cost"))
	}
	_, err := io.WriteString(a.stdout, b.String())
	return err
}

// findingsTable is the findings that come and go, in the words of the new pack, or of
// the old one for what the new one does not know.
func findingsTable(a *app, r *simulate.Report, o simulate.Options) string {
	w := newTable()
	w.AppendHeader(table.Row{a.simulateWord("finding"), "", a.simulateWord("appeared"), a.simulateWord("disappeared")})
	for _, code := range slices.Sorted(maps.Keys(r.Findings)) {
		words := title(a, o.New.Pack(), code)
		if words == "" {
			words = title(a, o.Old.Pack(), code)
		}
		w.AppendRow(table.Row{code, words, r.Findings[code].Appeared, r.Findings[code].Disappeared})
	}
	return w.Render()
}

// regionsTable is the regions, with what is not told of them.
func regionsTable(a *app, regions []simulate.Region) string {
	w := newTable()
	w.AppendHeader(table.Row{a.simulateWord("region"), a.simulateWord("households"), a.simulateWord("flips"), a.simulateWord("newly"), a.simulateWord("no longer")})
	note := ""
	for _, r := range regions {
		row := table.Row{printable(r.Region), r.Households}
		switch {
		case r.Changes != nil:
			row = append(row, r.Changes.Flips, r.Changes.Newly, r.Changes.NoLonger)
		case r.Suppressed == simulate.Enough:
			row = append(row, "≥5", "", "")
			note = "few and more"
		default:
			row = append(row, r.Suppressed, "", "")
			if note == "" {
				note = "few"
			}
		}
		w.AppendRow(row)
	}
	text := w.Render() + "\n"
	if note != "" {
		text += a.simulateWord(note)
	}
	return text
}

// printable is a text of a request without what a terminal would obey.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return unicode.ReplacementChar
	}, s)
}
