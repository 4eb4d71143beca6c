package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/review"
	"github.com/hedui/hedui/engine/upkeep"
)

type retentionOptions struct {
	data, key, reason string
	keep              []string
	all, asJSON       bool
}

// newRetentionCommand holds what is done at the end of the time that things are kept.
func newRetentionCommand(a *app) *cobra.Command {
	return newGroup("retention", "Remove what is past its time",
		`retention knows how long authorisations, verdicts, generations, snapshots and the audit
log are kept, says what is past its time, and removes it. What is open, what can still
be contested, and what something that stays rests on is kept, however old it is.`,
		newRetentionShowCommand(a), newRetentionPlanCommand(a), newRetentionRunCommand(a))
}

func (o *retentionOptions) flags(cmd *cobra.Command) {
	dataFlag(cmd, &o.data)
	cmd.Flags().StringArrayVar(&o.keep, "keep", nil, "`rule=months` to keep longer, or shorter down to the floor; may be repeated")
	cmd.Flags().BoolVar(&o.asJSON, "json", false, "print one JSON object")
}

// rules are the default ones with what --keep says.
func (o *retentionOptions) rules() (upkeep.Retention, error) {
	r := upkeep.DefaultRetention()
	for _, k := range o.keep {
		code, text, _ := strings.Cut(k, "=")
		months, err := strconv.Atoi(text)
		if err != nil {
			return nil, wrongUsage("--keep generations=12", "--keep %q is not a rule and a number of months", k)
		}
		if err := r.Keep(code, months); err != nil {
			return nil, wrongUsage(hintOf(err), "%w", err)
		}
	}
	return r, nil
}

// ruleLine is one rule as hedui retention show --json prints it.
type ruleLine struct {
	Rule   string `json:"rule"`
	Months int    `json:"months"`
	Floor  int    `json:"floor"`
	What   string `json:"what"`
	Why    string `json:"why"`
}

func newRetentionShowCommand(a *app) *cobra.Command {
	var o retentionOptions
	cmd := &cobra.Command{
		Use:     "show",
		Short:   "List the rules, their floors and where these come from",
		Long:    "show lists how long each kind of thing is kept. The floors are part of the program:\nnothing goes below them.\n" + exitStatuses,
		Example: "  hedui retention show\n  hedui retention show --lang zh",
		Args:    noArgs,
		RunE: func(*cobra.Command, []string) error {
			rules, err := o.rules()
			if err != nil {
				return err
			}
			var lines []ruleLine
			for i := range rules {
				r := &rules[i]
				lines = append(lines, ruleLine{r.Code, r.Months, r.Floor, a.in(r.What.En, r.What.Zh), a.in(r.Why.En, r.Why.Zh)})
			}
			if o.asJSON {
				return printJSON(a.stdout, struct {
					Rules []ruleLine `json:"rules"`
				}{lines})
			}
			w := newTable()
			w.AppendHeader(table.Row{a.in("rule", "规则"), a.in("months", "月数"), a.in("floor", "下限"), ""})
			for _, l := range lines {
				w.AppendRow(table.Row{l.Rule, l.Months, l.Floor, l.What})
				w.AppendRow(table.Row{"", "", "", l.Why})
			}
			_, err = fmt.Fprintln(a.stdout, w.Render())
			return err
		},
	}
	o.flags(cmd)
	return cmd
}

func newRetentionPlanCommand(a *app) *cobra.Command {
	var o retentionOptions
	cmd := &cobra.Command{
		Use:   "plan --data DIR",
		Short: "Say what is past its time, and what is kept and why",
		Long: `plan lists what hedui retention run would remove now, and counts what stays and why:
young (its time is not over), open (something about it is), contest (a verdict that can
be contested rests on it), current, newest, pinned (a generation was made of it),
referenced, no_key (--key FILE is needed), unknown. It changes nothing.
` + exitStatuses,
		Example: "  hedui retention plan --data store\n  hedui retention plan --data store --keep generations=12 --json",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := requireFlags(cmd, "data"); err != nil {
				return err
			}
			return retain(cmd.Context(), a, &o, false)
		},
	}
	o.flags(cmd)
	cmd.Flags().StringVar(&o.key, "key", "", "`file` of the private key that signs stubs of the audit log")
	cmd.Flags().BoolVar(&o.all, "all", false, "list every item, not only how many there are of a kind")
	return cmd
}

func newRetentionRunCommand(a *app) *cobra.Command {
	var o retentionOptions
	cmd := &cobra.Command{
		Use:   "run --data DIR --reason WORD",
		Short: "Remove what is past its time",
		Long: `run removes what hedui retention plan lists. The audit log says so before it is so, with
the reason. Entries of the ledger are erased: their numbers stay and are not used again.
All of one household goes in one step, and not at all when something happened to it
meanwhile. Segments of the audit log are removed with --key, which signs what stands for
them.

Backups keep what was in them: prune the pool too.
` + exitStatuses + "  3  done, but households changed meanwhile and were left\n",
		Example: "  hedui retention run --data store --reason yearly\n  hedui retention run --data store --reason yearly --key audit.key",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := requireFlags(cmd, "data", "reason"); err != nil {
				return err
			}
			event := audit.Event{Operation: "retention.run", Outcome: audit.Done, Reason: o.reason}
			if event.Validate() != nil {
				return wrongUsage("--reason yearly", "--reason %q is not a word of a-z, 0-9 and _", o.reason)
			}
			return retain(cmd.Context(), a, &o, true)
		},
	}
	o.flags(cmd)
	reasonFlag(cmd, &o.reason)
	cmd.Flags().StringVar(&o.key, "key", "", "`file` of the private key that signs stubs of the audit log")
	return cmd
}

// caseEnd is when people were finished with a case: the last that happened to it, once it
// is closed.
func caseEnd(c *ledger.Case) (end time.Time, over bool) {
	var body struct {
		Case review.Case `json:"case"`
	}
	if json.Unmarshal(c.Body, &body) != nil || !body.Case.State.Closed() || string(body.Case.State) != c.State {
		return time.Time{}, false // what can't be read is not known to be over
	}
	end = body.Case.Since
	later := func(t time.Time) {
		if t.After(end) {
			end = t
		}
	}
	later(body.Case.NoticeAt.AddDate(0, 0, body.Case.WindowDays))
	for _, s := range body.Case.History {
		later(s.At)
	}
	for _, o := range body.Case.Objections {
		if o.State == review.Open {
			return time.Time{}, false
		}
		later(o.Closed)
	}
	return end, true
}

func retain(ctx context.Context, a *app, o *retentionOptions, run bool) (err error) {
	u := upkeep.RetainOptions{Data: o.data, Now: time.Now(), CaseEnd: caseEnd}
	if u.Rules, err = o.rules(); err != nil {
		return err
	}
	if u.Keys, err = a.keys(o.data); err != nil {
		return err
	}
	if !holdsData(o.data) {
		return fmt.Errorf("%s: %w", o.data, upkeep.ErrNothing)
	}
	who, err := a.actor()
	if err != nil {
		return err
	}
	if _, missing := os.Stat(filepath.Join(o.data, "audit")); run || missing == nil { // a plan makes nothing
		if u.Log, err = audit.Open(o.data, audit.Options{Actor: who, Now: time.Now}); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, u.Log.Close()) }()
	}
	if o.key != "" {
		key, err := readPrivateKey(o.key)
		if err != nil {
			return err
		}
		u.Stub = key
	}
	if hasLedger(o.data) {
		if u.Ledger, err = a.dialLedger(ctx, o.data); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, u.Ledger.Close()) }()
	}
	plan, err := upkeep.PlanRetention(ctx, u)
	if err != nil {
		return err
	}
	if !run {
		return printPlan(a, plan, o)
	}
	done, err := upkeep.Retain(ctx, u, plan, audit.Who{}, o.reason)
	if err != nil {
		return err
	}
	return printRetained(a, done, o)
}

// itemLine is one item as hedui retention plan --json prints it.
type itemLine struct {
	Rule  string `json:"rule"`
	Kind  string `json:"kind"`
	ID    string `json:"id"`
	Since string `json:"since"`
	Bytes int64  `json:"bytes,omitempty"`
}

type keptLine struct {
	Rule  string `json:"rule"`
	Kind  string `json:"kind"`
	Why   string `json:"why"`
	Count int    `json:"count"`
}

func printPlan(a *app, plan *upkeep.Plan, o *retentionOptions) error {
	items, kept := []itemLine{}, []keptLine{}
	for i := range plan.Items {
		x := &plan.Items[i]
		items = append(items, itemLine{x.Rule, x.Kind, x.ID, x.Since.Format(time.DateOnly), x.Bytes})
	}
	for _, k := range plan.Kept {
		kept = append(kept, keptLine{k.Rule, k.Kind, k.Why, k.Count})
	}
	if o.asJSON {
		return printJSON(a.stdout, struct {
			Items []itemLine `json:"items"`
			Kept  []keptLine `json:"kept"`
		}{items, kept})
	}
	w := newTable()
	w.AppendHeader(table.Row{"", a.in("rule", "规则"), a.in("what", "对象"), a.in("number or id", "编号或数量"), a.in("since, or why", "起算日或原因")})
	goes, stays := a.in("goes", "清理"), a.in("stays", "保留")
	if o.all {
		for _, x := range items {
			w.AppendRow(table.Row{goes, x.Rule, x.Kind, x.ID, x.Since})
		}
	} else {
		for _, c := range counts(items) {
			w.AppendRow(table.Row{goes, c.Rule, c.Kind, c.Count, c.Why})
		}
	}
	for _, k := range kept {
		w.AppendRow(table.Row{stays, k.Rule, k.Kind, k.Count, k.Why})
	}
	_, err := fmt.Fprintf(a.stdout, "%s\n"+a.in("%d go\n", "共清理 %d 项\n"), w.Render(), len(items))
	return err
}

// counts are the items by rule and kind, with the oldest day as the reason.
func counts(items []itemLine) (out []keptLine) {
	for _, x := range items {
		k := slices.IndexFunc(out, func(c keptLine) bool { return c.Rule == x.Rule && c.Kind == x.Kind })
		if k < 0 {
			k = len(out)
			out = append(out, keptLine{Rule: x.Rule, Kind: x.Kind, Why: x.Since})
		}
		out[k].Count++
		out[k].Why = min(out[k].Why, x.Since)
	}
	return out
}

func printRetained(a *app, r *upkeep.Retained, o *retentionOptions) error {
	var err error
	if o.asJSON {
		err = printJSON(a.stdout, struct {
			Removed map[string]int `json:"removed"`
			Bytes   int64          `json:"bytes"`
			Changed []string       `json:"changed,omitempty"`
		}{r.Removed, r.Bytes, r.Changed})
	} else {
		var kinds []string
		for kind, n := range r.Removed {
			kinds = append(kinds, fmt.Sprintf("%s %d", kind, n))
		}
		slices.Sort(kinds)
		if len(kinds) == 0 {
			kinds = []string{a.in("nothing", "无")}
		}
		_, err = fmt.Fprintf(a.stdout, a.in("removed: %s; freed %s\n", "已清理：%s；释放 %s\n"), strings.Join(kinds, ", "), bytesText(r.Bytes))
	}
	if err == nil && len(r.Changed) > 0 {
		fmt.Fprintf(a.stderr, a.in("%d households changed meanwhile and were left\n", "%d 户在此期间有变动，未清理\n"), len(r.Changed))
		return errPartial
	}
	return err
}
