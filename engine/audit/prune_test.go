package audit_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/durable"
)

// monthly writes looks over four years, several segments a year.
func monthly(t *testing.T, dir string, disk durable.Disk) (*audit.Log, func(time.Time)) {
	t.Helper()
	now := time.Date(2022, 11, 1, 9, 0, 0, 0, time.UTC)
	a, err := audit.Open(dir, audit.Options{Actor: "tester", Now: func() time.Time { return now }, SegmentBytes: 1 << 10, Disk: disk})
	must(t, err)
	for ; now.Before(clock()); now = now.AddDate(0, 1, 0) {
		record(t, a, fmt.Sprintf("340104-%d", now.Unix()))
	}
	return a, func(at time.Time) { now = at }
}

func TestPrune(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	key, public := keys(t)
	_, stranger := keys(t)
	a, _ := monthly(t, dir, durable.Disk{})
	whole := check(t, dir)
	before := len(segments(t, dir))
	for name, tt := range map[string]struct {
		o    audit.PruneOptions
		want error
	}{
		"5 months":  {audit.PruneOptions{Months: 5, Key: key}, audit.ErrRetention},
		"no months": {audit.PruneOptions{Months: -1, Key: key}, audit.ErrRetention},
	} {
		if _, err := a.Prune(t.Context(), tt.o); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := a.Prune(t.Context(), audit.PruneOptions{}); err == nil {
		t.Error("pruned without a key")
	}
	would, err := a.Prune(t.Context(), audit.PruneOptions{DryRun: true})
	if err != nil || len(would) == 0 || len(segments(t, dir)) != before {
		t.Errorf("a dry run: %d, %v", len(would), err)
	}
	stubs, err := a.Prune(t.Context(), audit.PruneOptions{Key: key})
	if err != nil || len(stubs) != len(would) {
		t.Fatalf("%d of %d pruned, %v", len(stubs), before, err)
	}
	floor := clock().AddDate(0, -36, 0).Format(time.RFC3339)
	for _, s := range stubs {
		if s.Newest >= floor {
			t.Errorf("segment %d, whose newest entry is of %s, was pruned", s.Segment, s.Newest)
		}
	}
	if first := segments(t, dir)[0]; true {
		text, err := os.ReadFile(first)
		must(t, err)
		if !bytes.Contains(text, []byte(`"time":"2023-11`)) && !bytes.Contains(text, []byte(`"time":"2023-12`)) {
			t.Errorf("more was pruned than had to be: %s", first)
		}
	}
	record(t, a, "340104-1")
	for _, k := range []*audit.PublicKey{nil, public} {
		o := audit.VerifyOptions{}
		if k != nil {
			o.Keys = []*audit.PublicKey{k}
		}
		r, err := audit.Verify(t.Context(), dir, o)
		if err != nil || !r.OK() || r.Entries < whole.Entries+2 || r.Pruned != stubs[len(stubs)-1].To {
			t.Errorf("%+v, %v", r, err)
		}
	}
	if r, err := audit.Verify(t.Context(), dir, audit.VerifyOptions{Keys: []*audit.PublicKey{stranger}}); err != nil || r.FirstBad != 1 {
		t.Errorf("stubs of another key: %+v, %v", r, err)
	}
	// Again, and from another process.
	if more, err := open(t, dir).Prune(t.Context(), audit.PruneOptions{Key: key}); err != nil || len(more) != 0 {
		t.Errorf("pruned again: %d, %v", len(more), err)
	}
	// What stands for a segment can't be removed or changed.
	stub := filepath.Join(dir, "audit", fmt.Sprintf("%06d.stub", stubs[len(stubs)-1].Segment))
	text, err := os.ReadFile(stub)
	must(t, err)
	for _, changed := range [][]byte{
		nil, bytes.Replace(text, []byte(`"to":`), []byte(`"to":1`), 1), bytes.Replace(text, []byte(`"root":"`), []byte(`"root":"0`), 1),
		bytes.Replace(text, []byte(`"hash":"`), []byte(`"hash":"0`), 1), bytes.Replace(text, []byte(`"bytes":`), []byte(`"bytes":1`), 1),
	} {
		must(t, os.WriteFile(stub, changed, 0o600))
		if r := check(t, dir); r.OK() {
			t.Errorf("changed to %s: %+v", changed, r)
		}
	}
	must(t, os.Remove(stub))
	if r := check(t, dir); r.OK() {
		t.Errorf("removed: %+v", r)
	}
}

// A crash while pruning leaves a log that is whole, and the next goes on.
func TestPruneCrashes(t *testing.T) {
	t.Parallel()
	key, _ := keys(t)
	dir := t.TempDir()
	monthly(t, dir, durable.Disk{NoSync: true})
	boom := errors.New("crash")
	crashed := 0
	for k := 0; k < 30; k += 2 {
		copied, n := t.TempDir(), 0
		must(t, os.CopyFS(copied, os.DirFS(dir)))
		a, err := audit.Open(copied, audit.Options{Actor: "tester", Now: clock, Disk: durable.Disk{NoSync: true, Before: func(durable.Step) error {
			if n++; n > k {
				return boom
			}
			return nil
		}}})
		must(t, err)
		if _, err := a.Prune(t.Context(), audit.PruneOptions{Key: key}); err != nil {
			crashed++
		}
		if r := check(t, copied); !r.OK() {
			t.Errorf("crash at step %d: %+v", k, r)
		}
		again, err := audit.Open(copied, audit.Options{Actor: "tester", Now: clock, Disk: durable.Disk{NoSync: true}})
		must(t, err)
		if _, err := again.Prune(t.Context(), audit.PruneOptions{Key: key}); err != nil {
			t.Errorf("crash at step %d, then again: %v", k, err)
		}
		if r := check(t, copied); !r.OK() || r.Pruned == 0 {
			t.Errorf("crash at step %d, then again: %+v", k, r)
		}
	}
	if crashed < 10 {
		t.Errorf("%d crashes", crashed)
	}
}
