package upkeep_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/bench/province"
	"github.com/hedui/hedui/connectors/departments"
	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/durable"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ingest"
	"github.com/hedui/hedui/engine/publish"
	"github.com/hedui/hedui/engine/upkeep"
)

var damages = flag.Int("upkeep.damages", 20, "damages to a pool to try")

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func clock() time.Time { return time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC) }

// deliver makes a province of a seed and takes its files in, as of a day.
func deliver(t testing.TB, data string, seed uint64, asOf string) {
	t.Helper()
	deliverKeep(t, data, seed, asOf, 0)
}

// deliverKeep says how many generations are kept.
func deliverKeep(t testing.TB, data string, seed uint64, asOf string, keep int) {
	t.Helper()
	ctx, files := context.Background(), t.TempDir()
	_, err := province.Generate(ctx, province.Options{People: 1500, Seed: seed, BatchPercent: 10, Out: files})
	must(t, err)
	day, _ := household.ParseDate([]byte(asOf))
	months, _ := household.ParseMonths("2025-01..2026-10")
	for s := household.Tax; s < household.NumChecked; s++ {
		o := ingest.Options{
			Dir: data, Department: departments.Of(s), AsOf: day, AcceptShrink: true, AcceptInstitutions: true,
			Files: []string{filepath.Join(files, s.String()+".csv")},
		}
		if s.IsFlow() {
			o.Covers = months
		}
		_, err = ingest.Run(ctx, o)
		must(t, err)
	}
	_, err = publish.Run(ctx, publish.Options{Dir: data, Keep: keep})
	must(t, err)
}

// centre is a data directory with a ledger of the test's own: a text that grows.
type centre struct {
	data   string
	ledger []byte
	log    *audit.Log
}

func newCentre(t testing.TB) *centre {
	t.Helper()
	c := &centre{data: t.TempDir(), ledger: []byte("authorisations")}
	deliver(t, c.data, 1, "2026-09-30")
	var err error
	c.log, err = audit.Open(c.data, audit.Options{Actor: "tester", Now: clock})
	must(t, err)
	c.look(t, 3)
	return c
}

func (c *centre) look(t testing.TB, n int) {
	t.Helper()
	for i := range n {
		tok, err := c.log.Begin(audit.Look{Action: "check", Generation: "g", Rules: "r", On: 20261101, Subjects: []audit.Subject{{Household: fmt.Sprint(i), Authorization: "SQ"}}})
		must(t, err)
		must(t, c.log.End(tok, []household.Outcome{household.NoDiscrepancy}))
	}
}

func sumOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

func (c *centre) options() upkeep.Options {
	return upkeep.Options{Data: c.data, Now: clock, Ledger: func(_ context.Context, w io.Writer) (string, error) {
		_, err := w.Write(c.ledger)
		return sumOf(c.ledger), err
	}}
}

// into is how a restore loads the ledger of the test.
func into(dir string) upkeep.RestoreOptions {
	return upkeep.RestoreOptions{Into: dir, Ledger: func(_ context.Context, dir string, r io.Reader) (string, error) {
		b, err := io.ReadAll(r)
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, "ledger"), b, 0o600)
		}
		return sumOf(b), err
	}}
}

func restore(t testing.TB, p *upkeep.Pool, l *upkeep.List, o upkeep.RestoreOptions) *upkeep.Restored {
	t.Helper()
	r, err := p.Restore(context.Background(), l, o)
	must(t, err)
	return r
}

// tree is every file below a directory that a backup has to hold.
func tree(t testing.TB, root string) map[string]string {
	t.Helper()
	out := map[string]string{}
	must(t, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, _ := filepath.Rel(root, path)
		if first, _, _ := strings.Cut(rel, "/"); first == "lock" || first == "tmp" || first == "ledger" || strings.HasSuffix(rel, ".lock") || rel == "audit/audit.turn" {
			return nil
		}
		b, err := os.ReadFile(path)
		out[rel] = sumOf(b)
		return err
	}))
	return out
}

func pool(t testing.TB) (*upkeep.Pool, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "pool")
	p, err := upkeep.OpenPool(dir, durable.Disk{})
	must(t, err)
	return p, dir
}

func TestBackupAndRestore(t *testing.T) {
	ctx, c := context.Background(), newCentre(t)
	p, _ := pool(t)
	l, err := p.Backup(ctx, c.options())
	must(t, err)
	want, wantLedger := tree(t, c.data), c.ledger
	// The centre goes on; the backup doesn't.
	deliver(t, c.data, 2, "2026-10-31")
	c.look(t, 2)
	c.ledger = append([]byte("more "), c.ledger...)

	dir := filepath.Join(t.TempDir(), "elsewhere", "store")
	restore(t, p, l, into(dir))
	if diff := cmp.Diff(want, tree(t, dir)); diff != "" {
		t.Errorf("(- saved, + restored)\n%s", diff)
	}
	if b, _ := os.ReadFile(filepath.Join(dir, "ledger")); !bytes.Equal(b, wantLedger) {
		t.Errorf("ledger %q", b)
	}
	if len(want) < 30 {
		t.Errorf("%d files: the test saved nothing", len(want))
	}

	// The next one writes what is new and nothing else.
	second, err := p.Backup(ctx, c.options())
	must(t, err)
	old := map[string]bool{}
	for _, f := range l.Files {
		old[f.SHA256] = true
	}
	shared := 0
	for _, f := range second.Files {
		if old[f.SHA256] {
			shared++
		}
	}
	if shared < 25 {
		t.Errorf("%d files of the first backup are in the second", shared)
	}
	must(t, p.Verify(ctx, second, nil))

	removed, freed, err := p.Prune(1)
	must(t, err)
	if diff := cmp.Diff([]string{l.ID}, removed); diff != "" || freed == 0 {
		t.Errorf("%s, freed %d", diff, freed)
	}
	must(t, p.Verify(ctx, second, nil))
	again := filepath.Join(t.TempDir(), "again")
	restore(t, p, second, into(again))
	if diff := cmp.Diff(tree(t, c.data), tree(t, again)); diff != "" {
		t.Error(diff)
	}
}

// Keys are in no backup, whatever lies in the data directory.
func TestKeysStayBehind(t *testing.T) {
	ctx, c := context.Background(), newCentre(t)
	must(t, os.WriteFile(filepath.Join(c.data, "keys.json"), []byte("wrapped data keys"), 0o600))
	p, dir := pool(t)
	l, err := p.Backup(ctx, c.options())
	must(t, err)
	for _, f := range l.Files {
		if strings.Contains(f.Path, "keys") {
			t.Error(f.Path)
		}
	}
	found := false
	must(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		found = found || bytes.Contains(b, []byte("wrapped data keys"))
		return err
	}))
	if found {
		t.Error("the keys were copied")
	}
}

// Whatever is changed in a pool, nothing wrong is restored.
func TestDamagedPool(t *testing.T) {
	ctx, c := context.Background(), newCentre(t)
	p, dir := pool(t)
	l, err := p.Backup(ctx, c.options())
	must(t, err)
	var files []string
	must(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && filepath.Base(path) != "lock" {
			files = append(files, path)
		}
		return err
	}))
	r := rand.New(rand.NewPCG(1, 2))
	tried := 0
	for range *damages {
		name := files[r.IntN(len(files))]
		b, err := os.ReadFile(name)
		must(t, err)
		if len(b) == 0 {
			continue
		}
		bad := bytes.Clone(b)
		what := "flipped"
		switch r.IntN(3) {
		case 0:
			bad[r.IntN(len(bad))] ^= 1 << r.IntN(8)
		case 1:
			bad, what = bad[:len(bad)-1], "cut"
		case 2:
			bad, what = append(bad, 'x'), "longer"
		}
		must(t, os.WriteFile(name, bad, 0o600))
		q, err := upkeep.OpenPool(dir, durable.Disk{})
		var read *upkeep.List
		if err == nil {
			read, err = q.Read(l.ID)
		}
		if err == nil {
			err = q.Verify(ctx, read, nil)
			if _, restored := q.Restore(ctx, read, into(filepath.Join(t.TempDir(), "r"))); (restored == nil) != (err == nil) {
				t.Errorf("%s %s: verify says %v, restore says %v", name, what, err, restored)
			}
		}
		if err == nil {
			t.Errorf("%s %s and nobody noticed", name, what)
		}
		must(t, os.WriteFile(name, b, 0o600))
		tried++
	}
	if tried < *damages/2 {
		t.Errorf("%d damages tried", tried)
	}
	must(t, p.Verify(ctx, l, nil))
}

func TestRestoreRefuses(t *testing.T) {
	ctx, c := context.Background(), newCentre(t)
	p, _ := pool(t)
	l, err := p.Backup(ctx, c.options())
	must(t, err)
	if _, err := p.Restore(ctx, l, into(c.data)); !errors.Is(err, upkeep.ErrNotEmpty) {
		t.Errorf("over a living centre: %v", err)
	}
	wrong := into(filepath.Join(t.TempDir(), "x"))
	wrong.Ledger = func(context.Context, string, io.Reader) (string, error) { return "another", nil }
	if _, err := p.Restore(ctx, l, wrong); !errors.Is(err, upkeep.ErrDamaged) {
		t.Errorf("another ledger: %v", err)
	}
	if _, err := os.Stat(filepath.Join(wrong.Into, "RESTORING")); err != nil {
		t.Errorf("a failed restore does not say so: %v", err)
	}
	if _, err := p.Read("000009-20200101T000000Z"); !errors.Is(err, upkeep.ErrNoBackup) {
		t.Error(err)
	}
	if _, err := p.Read("../x"); !errors.Is(err, upkeep.ErrNoBackup) {
		t.Error(err)
	}
	if _, err := upkeep.OpenPool(c.data, durable.Disk{}); !errors.Is(err, upkeep.ErrNoPool) {
		t.Errorf("a data directory became a pool: %v", err)
	}
}

// A backup that ends at any step of the disk is none, and the next one works.
func TestBackupFailsAtEveryStep(t *testing.T) {
	ctx, c := context.Background(), newCentre(t)
	boom := errors.New("boom")
	steps := 0
	for fail := 1; ; fail++ {
		n := 0
		dir := filepath.Join(t.TempDir(), "pool")
		p, err := upkeep.OpenPool(dir, durable.Disk{Before: func(durable.Step) error {
			if n++; n == fail {
				return boom
			}
			return nil
		}})
		if err == nil {
			_, err = p.Backup(ctx, c.options())
		}
		if err == nil {
			break
		}
		steps++
		if !errors.Is(err, boom) {
			t.Fatal(err)
		}
		if q, err := upkeep.OpenPool(dir, durable.Disk{}); err == nil {
			if ids, _ := q.IDs(); len(ids) > 0 {
				l, err := q.Read("")
				must(t, err)
				must(t, q.Verify(ctx, l, nil)) // its name was there already
			}
		}
		fail += steps / 3 // the later ones more sparsely
	}
	if steps < 10 {
		t.Errorf("%d steps", steps)
	}
}

// Backups while the centre works: every one of them is a whole state.
func TestBackupWhileWorking(t *testing.T) {
	ctx, c := context.Background(), newCentre(t)
	p, _ := pool(t)
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
				c.look(t, 5)
			}
		}
	}()
	for range 5 {
		l, err := p.Backup(ctx, c.options())
		must(t, err)
		restore(t, p, l, into(filepath.Join(t.TempDir(), "r")))
	}
	close(stop)
	<-done
}
