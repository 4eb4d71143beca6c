package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/hedui/hedui/engine/form"
	"github.com/hedui/hedui/engine/submission"
	"github.com/hedui/hedui/engine/submission/filing"
)

type batchSubmitOptions struct {
	batchOptions

	on        dateFlag
	name, key string
	rows      int64
}

// order is what the flags ask for.
func (o *batchSubmitOptions) order() submission.Order {
	return submission.Order{Scheme: o.scheme, On: o.on.date, Title: o.name, Key: o.key, Rows: o.rows}
}

func newBatchSubmitCommand(a *app) *cobra.Command {
	var o batchSubmitOptions
	cmd := &cobra.Command{
		Use:   "submit --data DIR --scheme SCHEME {--rules PACK | --config FILE} FILE",
		Short: "Submit a file of households as a batch",
		Long: `submit takes a file of households as a batch: lines of JSON with a household each, the
workbook that hedui template writes, or one table with a row for each member (XLSX, or
CSV in UTF-8 or GB18030). Which it is, its content says. What is wrong with a row refuses
that row; batch export says where and why.

The batch is accepted when all its rows are kept; nobody has been looked at then. It is
judged by the generation and the rules of that moment to its last row. With --key the
same file sent again is the same batch. --wait answers it, or watches others do it.
` + exitStatuses + "  3  done with --wait, but rows were refused\n",
		Example: `  hedui batch submit --data store --scheme dibao --rules reference --wait 十一月.xlsx
  hedui batch submit --data store --scheme dibao --config hedui.yaml --key 2026-11 batch.jsonl`,
		Args: exactArgs(1, "the file"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := requireFlags(cmd, "data", "scheme"); err != nil {
				return err
			}
			return a.withBatches(cmd, &o.batchOptions, true, func(ctx context.Context, d *batchDesk) (*submission.Batch, error) {
				return o.submit(ctx, d, args[0])
			})
		},
	}
	o.declare(cmd)
	o.declareRules(cmd)
	o.declareOrder(cmd)
	cmd.Flags().BoolVar(&o.wait, "wait", false, "wait until it is over, and answer it where nobody else does")
	return cmd
}

func (o *batchSubmitOptions) declareOrder(cmd *cobra.Command) {
	f := cmd.Flags()
	f.Var(&o.on, "on", "`date` of the check (default today)")
	f.StringVar(&o.name, "name", "", "what to call it (default the name of the file)")
	f.StringVar(&o.key, "key", "", "`text` by which it is sent once: the same again is the same batch")
}

func (o *batchSubmitOptions) submit(ctx context.Context, d *batchDesk, path string) (b *submission.Batch, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	stat, err := f.Stat()
	if err != nil {
		return nil, err
	}
	order := o.order()
	order.Channel = submission.File
	if order.Title == "" {
		order.Title = filepath.Base(path)
	}
	b, err = d.Submit(ctx, d.caller(), order, filing.Rows(ctx, f, stat.Size(), form.Options{Registered: true, Scheme: o.scheme}, nil))
	if p, ok := errors.AsType[form.Problem](err); ok {
		return nil, withHint(fmt.Errorf("%s: %w", path, p), p.Do().Zh)
	}
	return b, err
}

func newBatchOpenCommand(a *app) *cobra.Command {
	var o batchSubmitOptions
	cmd := &cobra.Command{
		Use:   "open --data DIR --scheme SCHEME {--rules PACK | --config FILE} --rows N",
		Short: "Open a batch whose households come by a Kafka topic",
		Long: `open makes a batch whose households come as messages of the topic of requests. Its id
stands in the header "batch" of each message; nobody can guess it. The batch is done when
as many have come as --rows says, or with batch close.
` + exitStatuses,
		Example: `  hedui batch open --data store --scheme dibao --config hedui.yaml --rows 30000`,
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := requireFlags(cmd, "data", "scheme", "rows"); err != nil {
				return err
			}
			return a.withBatches(cmd, &o.batchOptions, true, func(ctx context.Context, d *batchDesk) (*submission.Batch, error) {
				return d.Open(ctx, d.caller(), o.order())
			})
		},
	}
	o.declare(cmd)
	o.declareRules(cmd)
	o.declareOrder(cmd)
	cmd.Flags().Int64Var(&o.rows, "rows", 0, "how many will come (required)")
	return cmd
}

func newBatchCloseCommand(a *app) *cobra.Command {
	var o batchOptions
	cmd := &cobra.Command{
		Use:   "close --data DIR BATCH",
		Short: "Say that no more households come for an open batch",
		Long: `close ends a batch that was opened for a topic. Messages that name it afterwards are set
aside.
` + exitStatuses,
		Example: "  hedui batch close --data store 0c9a37d2-b14e6811-5f0c9a37-d2b14e68",
		Args:    exactArgs(1, "the id of one batch"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withBatches(cmd, &o, false, func(ctx context.Context, d *batchDesk) (*submission.Batch, error) {
				return d.Finish(ctx, d.caller(), args[0])
			})
		},
	}
	o.declare(cmd)
	return cmd
}

func newBatchCancelCommand(a *app) *cobra.Command {
	var o batchOptions
	var reason string
	cmd := &cobra.Command{
		Use:   "cancel --data DIR BATCH",
		Short: "Cancel a batch",
		Long: `cancel ends a batch. What was answered stays answered and can be fetched; the rows that
nobody has answered are removed.
` + exitStatuses,
		Example: "  hedui batch cancel --data store --reason 重复提交 0c9a37d2-b14e6811-5f0c9a37-d2b14e68",
		Args:    exactArgs(1, "the id of one batch"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withBatches(cmd, &o, false, func(ctx context.Context, d *batchDesk) (*submission.Batch, error) {
				return d.Cancel(ctx, d.caller(), args[0], reason)
			})
		},
	}
	o.declare(cmd)
	cmd.Flags().StringVar(&reason, "reason", "", "`text` that says why")
	return cmd
}

func newBatchRetryCommand(a *app) *cobra.Command {
	var o batchOptions
	var anew bool
	cmd := &cobra.Command{
		Use:   "retry --data DIR {--rules PACK | --config FILE} BATCH",
		Short: "Let a stopped batch go on, or ask again what was set aside",
		Long: `retry lets a batch go on that was stopped, or has the rows of a finished one asked again
that were set aside. It goes on by the generation and the rules that it was accepted for;
--anew takes those of today for the rows that are not answered yet, which is the way on
when the old ones are gone.
` + exitStatuses + "  3  done with --wait, but rows were refused\n",
		Example: "  hedui batch retry --data store --config hedui.yaml --anew --wait 0c9a37d2-b14e6811-5f0c9a37-d2b14e68",
		Args:    exactArgs(1, "the id of one batch"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withBatches(cmd, &o, true, func(ctx context.Context, d *batchDesk) (*submission.Batch, error) {
				return d.Retry(ctx, d.caller(), args[0], anew)
			})
		},
	}
	o.declare(cmd)
	o.declareRules(cmd)
	f := cmd.Flags()
	f.BoolVar(&anew, "anew", false, "by the generation and the rules of today")
	f.BoolVar(&o.wait, "wait", false, "wait until it is over, and answer it where nobody else does")
	return cmd
}
