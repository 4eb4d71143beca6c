package batch_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hedui/hedui/engine/batch"
	"github.com/hedui/hedui/engine/replay"
)

// Every verdict has its trace on the same line, with any number of workers.
func TestTracesStandBesideVerdicts(t *testing.T) {
	w := newWorld(t, 20)
	text := requests(15) + "not JSON\n" + requests(3)
	_, want, err := run(t, w, text, nil)
	must(t, err)
	before := ""
	for _, workers := range []int{1, 3} {
		path := filepath.Join(t.TempDir(), "traces")
		_, got, err := run(t, w, text, func(o *batch.Options) { o.Trace, o.Workers = path, workers })
		must(t, err)
		if got != want {
			t.Fatal("the verdicts are others with traces")
		}
		traces, err := os.ReadFile(path)
		must(t, err)
		if before != "" && string(traces) != before {
			t.Error("the traces depend on the number of workers")
		}
		before = string(traces)
		var again strings.Builder
		for line := range strings.Lines(before) {
			v, err := replay.Replay([]byte(strings.TrimSuffix(line, "\n")))
			must(t, err)
			again.Write(append(v, '\n'))
		}
		if again.String() != want {
			t.Errorf("replayed\n%s\nwant\n%s", again.String(), want)
		}
	}
}

// A batch with traces never goes on with an unfinished output.
func TestTracesAreNotGoneOnWith(t *testing.T) {
	w := newWorld(t, 20)
	dir := t.TempDir()
	in, traces := filepath.Join(dir, "b"), filepath.Join(dir, "t")
	must(t, os.WriteFile(in, []byte(requests(20)), 0o600))
	boom := errors.New("boom")
	o := batch.Options{Batch: in, Out: filepath.Join(dir, "o"), Trace: traces, Generation: w.gen, Verifier: w.v, Audit: &log{fail: boom, failAt: 7}, Chunk: 7}
	if _, err := batch.Run(context.Background(), o); !errors.Is(err, boom) {
		t.Fatal(err)
	}
	if _, err := os.Stat(traces); err == nil {
		t.Error("unfinished traces have their final name")
	}
	second := &log{}
	o.Audit = second
	if _, err := batch.Run(context.Background(), o); !errors.Is(err, batch.ErrTraceResumed) || len(second.begun) != 0 {
		t.Errorf("went on: %v, %d looked at", err, len(second.begun))
	}
	o.Restart = true
	if r, err := batch.Run(context.Background(), o); err != nil || r.Verdicts != 20 {
		t.Fatalf("restart: %+v %v", r, err)
	}
	text, err := os.ReadFile(traces)
	must(t, err)
	if n := strings.Count(string(text), "\n"); n != 20 {
		t.Errorf("%d traces", n)
	}
	o.Verifier, o.Schemes = nil, []batch.Scheme{{Name: "dibao", Verifier: w.v, Rank: 1}}
	if _, err := batch.Run(context.Background(), o); err == nil {
		t.Error("traces of several schemes were written")
	}
}
