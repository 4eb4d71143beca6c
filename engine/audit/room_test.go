package audit_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hedui/hedui/engine/audit"
)

// Two processes write into a log with room behind its text, one after the other and
// closing in between, and now and then one dies in the middle of an entry: what was
// acknowledged is there in its order, and the log is whole.
func TestRoom(t *testing.T) {
	for seed := range uint64(6) {
		random := rand.New(rand.NewPCG(seed, 1))
		dir := t.TempDir()
		o := audit.Options{Actor: "a", Now: time.Now, SegmentBytes: 4 << 10}.WithRoom()
		logs := [2]*audit.Log{}
		wrote, torn := 0, 0
		for step := range 120 {
			i := random.IntN(2)
			if logs[i] == nil {
				l, err := audit.Open(dir, o)
				must(t, err)
				logs[i] = l
			}
			switch d := random.IntN(20); {
			case d == 0:
				must(t, logs[i].Close())
				logs[i] = nil
			case d == 1 && wrote > 0:
				die(t, dir, random)
				torn++
				fallthrough
			default:
				must(t, logs[i].Note(audit.Event{Operation: "test", Outcome: audit.Done, Object: fmt.Sprint("n", wrote)}))
				wrote++
			}
			if step%10 == 0 {
				holds(t, dir, wrote, seed)
			}
		}
		for _, l := range logs {
			if l != nil {
				must(t, l.Close())
			}
		}
		holds(t, dir, wrote, seed)
		if torn == 0 {
			t.Errorf("seed %d: nobody died", seed)
		}
	}
}

// die writes the beginning of an entry behind the text, as a process that was killed.
func die(t *testing.T, dir string, random *rand.Rand) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "audit", "0*.log"))
	must(t, err)
	f, err := os.OpenFile(names[len(names)-1], os.O_RDWR, 0)
	must(t, err)
	defer f.Close()
	text, err := os.ReadFile(f.Name())
	must(t, err)
	end := len(text)
	for end > 0 && text[end-1] == 0 {
		end--
	}
	_, err = f.WriteAt([]byte(`{"seq":77,"actor":"`+strings.Repeat("x", random.IntN(1200))), int64(end))
	must(t, err)
}

// holds fails unless the log is whole and has every entry that was acknowledged.
func holds(t *testing.T, dir string, wrote int, seed uint64) {
	t.Helper()
	r, err := audit.Verify(context.Background(), dir, audit.VerifyOptions{})
	must(t, err)
	if !r.OK() {
		t.Fatalf("seed %d: after %d entries: %s", seed, wrote, r.Reason)
	}
	n := 0
	must(t, audit.Entries(context.Background(), dir, func(e *audit.Entry) error {
		if e.Action == "test" {
			if e.Object != fmt.Sprint("n", n) {
				return fmt.Errorf("seed %d: %s stands where n%d should", seed, e.Object, n)
			}
			n++
		}
		return nil
	}))
	if n != wrote {
		t.Fatalf("seed %d: %d entries, %d were acknowledged", seed, n, wrote)
	}
}
