package batch_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/hedui/hedui/engine/batch"
	"github.com/hedui/hedui/engine/durable"
)

// A commit runs while the next chunk is judged. Whatever step of the disk fails, also one
// of the last chunk's, the run says so, and the next one answers everything.
func TestAFailedCommitIsAnError(t *testing.T) {
	w := newWorld(t, 40)
	text := requests(20)
	_, want, err := run(t, w, text, nil)
	must(t, err)
	broken := errors.New("the disk is broken")
	for failing := int64(1); ; failing++ {
		dir := t.TempDir()
		in := filepath.Join(dir, "batch.jsonl")
		must(t, os.WriteFile(in, []byte(text), 0o600))
		var steps atomic.Int64
		o := batch.Options{Batch: in, Out: filepath.Join(dir, "out.jsonl"), Generation: w.gen, Verifier: w.v, Audit: &log{}, Chunk: 7}
		o.Disk = durable.Disk{Before: func(durable.Step) error {
			if steps.Add(1) == failing {
				return broken
			}
			return nil
		}}
		_, err := batch.Run(context.Background(), o)
		if steps.Load() < failing { // there are no more steps to fail
			must(t, err)
			if failing < 10 {
				t.Fatalf("only %d steps of three commits and an end were seen", failing-1)
			}
			return
		}
		if !errors.Is(err, broken) {
			t.Fatalf("step %d failed and the run said %v", failing, err)
		}
		if _, err := os.Stat(o.Out); err == nil {
			continue // only that the name is durable was not sure
		}
		o.Disk = durable.Disk{}
		_, err = batch.Run(context.Background(), o)
		must(t, err)
		got, err := os.ReadFile(o.Out)
		must(t, err)
		if string(got) != want {
			t.Fatalf("after step %d had failed the next run gave other answers", failing)
		}
	}
}
