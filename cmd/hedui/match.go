package main

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/hedui/hedui/engine/match/linkage"
)

// newMatchCommand holds what is done with matching models.
func newMatchCommand(a *app) *cobra.Command {
	return newGroup("match", "Try out how records of the same person are found",
		"match links the rows of two CSV files, or finds duplicates in one, by a model\nthat is data, and says how good the links are and why a pair scores what it does.\nconflicts lists the rows of a data directory whose number and name do not belong\ntogether; link explains how one record would be linked to one person.",
		newMatchEvalCommand(a), newMatchExplainCommand(a), newMatchSampleCommand(a), newMatchReviewCommand(a),
		newMatchConflictsCommand(a), newMatchLinkCommand(a), newMatchPolicyCommand(a))
}

// matchOptions are what all commands about models have in common.
type matchOptions struct {
	model   string
	workers int
	asJSON  bool
	form    csvForm
}

func (o *matchOptions) declare(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&o.model, "model", "", "`model` file, or a shipped one: febrl, febrl_no_ssn, people_cn (required)")
	f.IntVar(&o.workers, "workers", runtime.GOMAXPROCS(0), "`number` of workers; results don't depend on it")
	f.BoolVar(&o.asJSON, "json", false, "print one JSON object")
	o.form.declare(cmd)
}

func matchFiles(cmd *cobra.Command, args []string) error {
	if len(args) == 1 || len(args) == 2 {
		return nil
	}
	return wrongUsage("usage: "+cmd.UseLine(), "want one or two CSV files, got %d arguments", len(args))
}

// sheet is what is kept of a CSV file besides its prepared records.
type sheet struct {
	path string
	rows int
	kept map[string][]string // columns asked for
}

// seconds is how long the parts of a command took.
type seconds struct {
	Reading  float64 `json:"reading_seconds"`
	Blocking float64 `json:"blocking_seconds"`
	Training float64 `json:"training_seconds"` // 0 when all weights were known
	Scoring  float64 `json:"scoring_seconds"`
}

// matchInput is a trained model with the records it is used on.
type matchInput struct {
	sheets  []*sheet
	model   *linkage.Model
	file    []byte // the model's file, nil for a shipped one
	blocks  *linkage.Blocks
	learned bool // the weights were estimated just now
	took    seconds
}

func (in *matchInput) options(o matchOptions) linkage.Options {
	return linkage.Options{Workers: o.workers}
}

// last is the sheet that right rows belong to.
func (in *matchInput) last() *sheet { return in.sheets[len(in.sheets)-1] }

// loadModel reads a model file or takes a shipped model.
func (in *matchInput) loadModel(name string) (err error) {
	m, ok := linkage.Shipped(name)
	if !ok {
		if in.file, err = os.ReadFile(name); err != nil {
			return err
		}
		if m, err = linkage.Load(filepath.Base(name), in.file); err != nil {
			return err
		}
	}
	in.model = m
	return nil
}

// openMatch reads the files, brings records together and estimates the weights
// that the model lacks. Of each file the columns that keep names are kept.
func openMatch(ctx context.Context, o matchOptions, paths []string, keep func(side int) []string) (*matchInput, error) {
	in := &matchInput{}
	if err := in.loadModel(o.model); err != nil {
		return nil, err
	}
	lap := time.Now()
	took := func() float64 {
		s := time.Since(lap).Seconds()
		lap = time.Now()
		return s
	}
	data, err := linkage.NewBuilder(in.model, len(paths) == 2, in.options(o))
	if err != nil {
		return nil, err
	}
	for side, path := range paths {
		s, err := in.read(ctx, data, side, path, o.form, keep(side))
		if err != nil {
			return nil, err
		}
		in.sheets = append(in.sheets, s)
	}
	records := data.Data()
	in.took.Reading = took()
	if in.blocks, err = linkage.Block(records, in.options(o)); err != nil {
		return nil, err
	}
	in.took.Blocking = took()
	if in.model.Trained() {
		return in, nil
	}
	in.learned = true
	in.model, err = linkage.Train(in.blocks, in.options(o))
	in.took.Training = took()
	return in, err
}

// slab is how many rows are handed over at once.
const slab = 8192

// read puts the rows of a file into the data: one goroutine takes the file apart,
// this one prepares values.
func (in *matchInput) read(ctx context.Context, data *linkage.Builder, side int, path string, form csvForm, keep []string) (*sheet, error) {
	f, err := openCSV(path, form)
	if err != nil {
		return nil, err
	}
	defer f.close()
	var columns []string
	for _, field := range in.model.Fields {
		columns = append(columns, []string{field.Left, field.Right}[side])
	}
	used, err := f.find(columns)
	if err != nil {
		return nil, err
	}
	kept, err := f.find(keep)
	if err != nil {
		return nil, err
	}
	s := &sheet{path: path, kept: map[string][]string{}}
	group, ctx := errgroup.WithContext(ctx)
	slabs := make(chan [][]string, 2)
	group.Go(func() error {
		defer close(slabs)
		for {
			rows, err := f.slab(slab)
			if err != nil || len(rows) == 0 {
				return err
			}
			select {
			case slabs <- rows:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	})
	group.Go(func() error {
		cells := make([]string, slab*len(used))
		rows := make([][]string, slab)
		for i := range rows {
			rows[i] = cells[i*len(used):][:len(used)]
		}
		for read := range slabs {
			s.rows += len(read)
			for i, row := range read {
				for k, column := range used {
					rows[i][k] = row[column]
				}
				for k, column := range kept {
					s.kept[keep[k]] = append(s.kept[keep[k]], clean(row[column]))
				}
			}
			data.Add(side, rows[:len(read)])
		}
		return nil
	})
	return s, group.Wait()
}
