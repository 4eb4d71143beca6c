package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/api/wire"
	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/desk"
	"github.com/hedui/hedui/engine/desk/front"
	"github.com/hedui/hedui/engine/dock/upper"
	"github.com/hedui/hedui/engine/export"
	"github.com/hedui/hedui/engine/submission"
	"github.com/hedui/hedui/rules"
)

// newBatchCommand is the parent of what is done with batches.
func newBatchCommand(a *app) *cobra.Command {
	return newGroup("batch", "Submit batches of households, watch them and fetch their results",
		`batch holds the commands for batches: many households that are asked about at once, each
under its registered authorisation, for one scheme, one day, one generation and one
version of the rules. hedui serve and hedui worker answer them; batch submit --wait does
it itself where neither runs.`,
		newBatchSubmitCommand(a), newBatchOpenCommand(a), newBatchCloseCommand(a), newBatchListCommand(a), newBatchShowCommand(a),
		newBatchCancelCommand(a), newBatchRetryCommand(a), newBatchExportCommand(a))
}

// batchOptions say which batches a command is about, and how they are judged.
type batchOptions struct {
	data, config string
	scheme       string
	rules        string
	asJSON       bool
	wait         bool
}

func (o *batchOptions) declare(cmd *cobra.Command) {
	dataFlag(cmd, &o.data)
	cmd.Flags().BoolVar(&o.asJSON, "json", false, "print one JSON object")
}

// declareRules are the flags of the commands for which a batch may be judged.
func (o *batchOptions) declareRules(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&o.scheme, "scheme", "", "`scheme` that the households are checked for, as in dibao")
	f.StringVar(&o.rules, "rules", "", "`pack` that judges it: those that hedui serve uses")
	f.StringVar(&o.config, "config", "", "configuration `file` of hedui serve: its packs and limits, in place of --rules")
}

// errNoRules says that a batch can't be judged by nothing.
func errNoRules() error {
	return wrongUsage("--rules reference, or --config with the file of hedui serve", "say what judges the households")
}

// batchDesk is where a command asks about batches.
type batchDesk struct {
	office *office
	desk   *desk.Desk
	log    *audit.Log
	shelf  *export.Shelf
	packs  map[string]*rules.Pack
	upper  *upper.Node // that serve asks for what this node lacks; nil asks nobody
	*submission.Office
}

func (d *batchDesk) close() error {
	if d.upper != nil {
		d.upper.Close()
	}
	return errors.Join(d.Close(), d.desk.Close(), d.log.Close())
}

// openBatches opens what keeps batches. judging says that one may be judged: then there must
// be rules.
func (a *app) openBatches(ctx context.Context, o *batchOptions, judging bool) (_ *batchDesk, err error) {
	d := &batchDesk{packs: map[string]*rules.Pack{}}
	var limits submission.Limits
	contest := 0
	switch {
	case o.config != "":
		c, packs, err := a.configured(o.config)
		if err != nil {
			return nil, err
		}
		limits, contest, d.packs = c.Batches.limits(), c.ContestDays, packs
		if c.Dock != nil { // it is not asked here: what this node lacks is pending, and serve asks
			if d.upper, err = c.Dock.open(); err != nil {
				return nil, err
			}
		}
	case o.rules != "":
		pack, err := loadPack(o.rules)
		if err != nil {
			return nil, err
		}
		for _, scheme := range append(everyScheme(), o.scheme) {
			if pack.Accepts(scheme) {
				d.packs[scheme] = pack
			}
		}
	case judging:
		return nil, errNoRules()
	}
	packs := d.packs
	if len(packs) == 0 { // nobody is judged
		pack, err := rules.Load(anyPack)
		if err != nil {
			return nil, err
		}
		packs = map[string]*rules.Pack{"dibao": pack}
	}
	if d.office, err = a.openOffice(ctx, o.data); err != nil {
		return nil, err
	}
	st, err := a.openStore(o.data)
	if err != nil {
		return nil, err
	}
	if d.shelf, err = a.openShelf(o.data); err != nil {
		return nil, err
	}
	if d.log, err = a.openLog(o.data); err != nil {
		return nil, err
	}
	do := desk.Options{
		Store: st, Ledger: d.office.ledger, Audit: d.log, Packs: packs, Now: time.Now, Location: centreZone(), Exports: d.shelf, Program: program(),
		Limits: desk.Limits{WindowDays: contest},
	}
	if d.upper != nil {
		do.Upper = d.upper
	}
	d.desk, err = desk.New(do)
	if err != nil {
		return nil, errors.Join(err, d.log.Close())
	}
	d.Office, err = newBatchOffice(a, d.office.ledger, d.desk, d.log, d.office.accounts, submission.Options{Limits: limits, Unjudged: d.office.unjudged})
	if err != nil {
		return nil, errors.Join(err, d.desk.Close(), d.log.Close())
	}
	return d, nil
}

// withBatches does something with batches and prints what became of one.
func (a *app) withBatches(cmd *cobra.Command, o *batchOptions, judging bool, do func(context.Context, *batchDesk) (*submission.Batch, error)) (err error) {
	if err := requireFlags(cmd, "data"); err != nil {
		return err
	}
	ctx := cmd.Context()
	d, err := a.openBatches(ctx, o, judging)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.close()) }()
	b, err := do(ctx, d)
	if err == nil && o.wait {
		b, err = a.follow(ctx, d, b.ID)
	}
	if err != nil {
		return a.refusal(err)
	}
	if err := a.printBatchState(o, b); err != nil {
		return err
	}
	switch {
	case !o.wait:
		return nil
	case b.State != submission.Done:
		return fmt.Errorf("the batch is %s", b.State)
	case b.Counts.Refused+b.Counts.Unread+b.Counts.Dead > 0:
		return errPartial
	}
	return nil
}

// follow answers batches until one is over, unless others do, and shows how far it is. The
// batch goes on when the command is interrupted, as far as others answer it.
func (a *app) follow(ctx context.Context, d *batchDesk, id string) (*submission.Batch, error) {
	work, stop := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if len(d.packs) > 0 {
			d.Run(work)
		}
	}()
	defer func() { stop(); <-ended }()
	t := a.track("batch", "households")
	defer t.stop()
	every := time.NewTicker(followEvery)
	defer every.Stop()
	for {
		b, err := d.Get(ctx, d.caller(), id)
		if err != nil || b.State.Over() {
			return b, err
		}
		t.update(b.Finished(), b.Rows)
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-every.C:
		}
	}
}

const followEvery = 200 * time.Millisecond

// printBatchState prints where a batch stands.
func (a *app) printBatchState(o *batchOptions, x *submission.Batch) error {
	b := (&front.Front{Location: centreZone()}).BatchOf(x)
	if o.asJSON {
		return printJSON(a.stdout, b)
	}
	_, err := fmt.Fprint(a.stdout, a.batchText(&b))
	return err
}

// batchText is a batch in words.
func (a *app) batchText(b *wire.Batch) string {
	zh := a.language == chinese
	say := func(han, en string) string {
		if zh {
			return han
		}
		return en
	}
	var out strings.Builder
	line := func(han, en, is string) {
		if is != "" {
			fmt.Fprintf(&out, "  %s %s\n", say(han, en), is)
		}
	}
	state := b.State
	if zh {
		state = batchStates[b.State]
	}
	fmt.Fprintf(&out, "%s %s  %s\n", say("批次", "batch"), b.ID, state)
	line("名称", "name", b.Title)
	line("提交方", "sender", strings.TrimSpace(b.Sender+" "+b.Division))
	line("救助项目", "scheme", b.Scheme)
	line("核对日期", "on", b.On)
	line("数据版本", "generation", b.Generation)
	line("规则", "rules", b.Rules)
	line("停止原因", "stopped because", b.Why)
	line("终止原因", "cancelled because", b.Reason)
	fmt.Fprintf(&out, say("  %d 行 = %d 已核对 + %d 不予受理 + %d 无法读取 + %d 搁置 + %d 未完成\n", "  %d rows = %d answered + %d refused + %d unread + %d set aside + %d to come\n"),
		b.Rows, b.Answered, b.Refused, b.Unread, b.Dead, max(0, b.Rows-b.Finished))
	if b.Again > 0 {
		fmt.Fprintf(&out, say("  其中 %d 行此前已有结果\n", "  %d of them had been answered before\n"), b.Again)
	}
	for _, list := range [][]wire.BatchCount{b.Outcomes, b.Refusals} {
		for _, n := range list {
			words := n.En
			if zh {
				words = n.Zh
			}
			fmt.Fprintf(&out, "  %8d  %s", n.Rows, n.Code)
			if words != "" && words != n.Code {
				fmt.Fprintf(&out, "  %s", words)
			}
			out.WriteByte('\n')
		}
	}
	return out.String()
}

// batchStates are the states of a batch in Chinese.
var batchStates = map[string]string{
	"receiving": "接收中", "open": "已开立", "accepted": "已受理", "running": "核对中", "done": "已完成", "cancelled": "已终止", "stopped": "已停止",
}

// caller is who asks: the account, or the owner of the machine where there are none.
func (d *batchDesk) caller() desk.Caller {
	c := d.office.caller
	if d.office.unjudged {
		c.Roles, c.Classes = access.RolesOf(access.Verifier), access.AllClasses()
	}
	return c
}
