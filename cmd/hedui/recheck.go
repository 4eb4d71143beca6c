package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/desk"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/register"
	"github.com/hedui/hedui/rules"
)

type recheckOptions struct {
	lookOptions
	full    bool
	dryRun  bool
	workers int
	asJSON  bool
}

// newRecheckCommand verifies registered households again.
func newRecheckCommand(a *app) *cobra.Command {
	var o recheckOptions
	cmd := &cobra.Command{
		Use:   "recheck --data DIR {--rules PACK | --scheme A,B} --on DATE",
		Short: "Verify again whose answer may have changed",
		Long: `recheck verifies the registered households again whose verdict may say something else on
the current generation than the last one said: something else is held of their people,
the request, an authorisation or an objection was changed, another law, day or program
judges, or a source answers otherwise. Of all others the answer is known to be the same,
and nobody looks at them.

A verdict that says something else is kept in the ledger with its case, and a task in the
queue of changes says what it was, what it is, and whose records make the difference.
Nobody is looked at whose authorisation is withdrawn or has ended.

Run it after hedui publish, with the day of the verdicts: another day verifies everybody.
A run that was interrupted is started again and goes on where it stopped. It works beside
a running hedui serve. With --rules every registered scheme of the pack is taken.
` + exitStatuses + "  3  done, but households were changed meanwhile and are left for the next run\n",
		Example: `  hedui recheck --data store --rules reference --on 2026-11-01 --dry-run
  hedui recheck --data store --rules ./packs --scheme dibao,dibao_edge --on 2026-11-01`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.require(cmd); err != nil {
				return err
			}
			return runRecheck(cmd, a, o)
		},
	}
	o.declare(cmd)
	f := cmd.Flags()
	f.BoolVar(&o.full, "full", false, "verify everybody again")
	f.BoolVar(&o.dryRun, "dry-run", false, "say how many would be verified again and why; look at nobody")
	f.IntVar(&o.workers, "workers", 0, "`number` of workers (default one per core)")
	f.BoolVar(&o.asJSON, "json", false, "print one JSON object for each scheme")
	return cmd
}

func runRecheck(cmd *cobra.Command, a *app, o recheckOptions) (err error) {
	ctx := cmd.Context()
	who, err := a.actor()
	if err != nil {
		return err
	}
	st, err := a.openStore(o.data)
	if err != nil {
		return err
	}
	of, err := a.openOffice(ctx, o.data)
	if err != nil {
		return err
	}
	packs, err := recheckPacks(ctx, o, of.ledger)
	if err != nil {
		return err
	}
	log, err := audit.Open(o.data, audit.Options{Actor: who, Now: time.Now})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	d, err := desk.New(desk.Options{Store: st, Ledger: of.ledger, Audit: log, Packs: packs, Now: time.Now, Program: program()})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	left := int64(0)
	for _, scheme := range slices.Sorted(maps.Keys(packs)) {
		t := a.track("recheck "+scheme, "households")
		r, err := d.Recheck(ctx, of.caller, desk.RecheckOptions{
			Scheme: scheme, On: o.on.date, Full: o.full, DryRun: o.dryRun, Workers: o.workers, Progress: t.update,
		})
		t.stop()
		if err != nil {
			return fmt.Errorf("recheck %s: %w", scheme, err)
		}
		left += r.Left
		if err := printRecheck(a, o, r); err != nil {
			return err
		}
	}
	if left > 0 {
		return errPartial
	}
	return nil
}

// recheckPacks are the packs by scheme: those that are named, or the one for every scheme
// that it judges and somebody is registered in.
func recheckPacks(ctx context.Context, o recheckOptions, l ledger.Ledger) (map[string]*rules.Pack, error) {
	packs := map[string]*rules.Pack{}
	if o.scheme != "" {
		named, err := schemePacks(o.scheme, o.rules)
		for _, n := range named {
			packs[n.scheme] = n.pack
		}
		return packs, err
	}
	p, err := loadPack(o.rules)
	if err != nil {
		return nil, err
	}
	schemes, err := register.Schemes(ctx, l)
	if err != nil {
		return nil, err
	}
	for _, s := range schemes {
		if p.Accepts(s) {
			packs[s] = p
		}
	}
	if len(packs) == 0 {
		return nil, withHint(fmt.Errorf("no household is registered in a scheme that %s judges", o.rules),
			"a household is registered by its first check under a registered authorisation")
	}
	return packs, nil
}

// recheckReport is what hedui recheck --json prints.
type recheckReport struct {
	Scheme     string           `json:"scheme"`
	Generation string           `json:"generation"`
	Run        string           `json:"run"`
	DryRun     bool             `json:"dry_run,omitempty"`
	Registered int64            `json:"registered"`
	Again      int64            `json:"verified_again"`
	Reasons    map[string]int64 `json:"reasons"`
	Refused    map[string]int64 `json:"refused"`
	Changed    int64            `json:"changed"`
	Moves      []moveReport     `json:"moves"`
	Cases      int64            `json:"cases"`
	Later      int64            `json:"later"`
	Left       int64            `json:"left"`
	Upstream   int64            `json:"upstream,omitempty"`
}

type moveReport struct {
	Before     string `json:"before"`
	After      string `json:"after"`
	Households int64  `json:"households"`
}

func printRecheck(a *app, o recheckOptions, r *desk.Rechecked) error {
	if o.asJSON {
		out := recheckReport{r.Scheme, r.Generation, r.Run, o.dryRun, r.Registered, r.Again, r.Reasons, r.Refused, r.Changed, []moveReport{}, r.Cases, r.Later, r.Left, r.Upstream}
		for _, m := range r.Moves {
			out.Moves = append(out.Moves, moveReport{m.Before.String(), m.After.String(), m.Households})
		}
		return printJSON(a.stdout, out)
	}
	say := func(zh, en string) string {
		if a.language == chinese {
			return zh
		}
		return en
	}
	outcome := func(o household.Outcome) string {
		if x := household.Outcomes.At(uint8(o)); a.language == chinese && x.Zh != "" {
			return x.Zh
		}
		return o.String()
	}
	var b strings.Builder
	put := func(zh, en string, n ...any) { fmt.Fprintf(&b, say(zh, en)+"\n", n...) }
	put("%s：登记 %d 户，重新核对 %d 户", "%s: %d households registered, %d verified again", r.Scheme, r.Registered, r.Again)
	for _, reason := range slices.Sorted(maps.Keys(r.Reasons)) {
		put("  原因 %s  %d", "  because of %s  %d", reason, r.Reasons[reason])
	}
	for _, code := range slices.Sorted(maps.Keys(r.Refused)) {
		put("  未查看，%s  %d", "  not looked at, %s  %d", code, r.Refused[code])
	}
	if r.Upstream > 0 {
		put("  依据上级平台的数据，由服务向其重新查询  %d", "  rest on the upper node, which the service asks again  %d", r.Upstream)
	}
	if r.Later > 0 {
		put("  已有更晚日期的结果，未动  %d", "  left, a later day's verdict stands  %d", r.Later)
	}
	if o.dryRun {
		put("仅试算：未查看任何人，未写入", "dry run: nobody was looked at, nothing was written")
	} else {
		put("结果有变 %d 户，案件 %d 件", "%d verdicts say something else, %d cases", r.Changed, r.Cases)
		for _, m := range r.Moves {
			put("  %s → %s  %d", "  %s -> %s  %d", outcome(m.Before), outcome(m.After), m.Households)
		}
	}
	if r.Left > 0 {
		put("期间授权或案件有变，留待下次 %d 户", "%d were changed meanwhile: run it again", r.Left)
	}
	_, err := fmt.Fprint(a.stdout, b.String())
	return err
}
