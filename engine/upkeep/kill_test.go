package upkeep_test

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/durable"
	"github.com/hedui/hedui/engine/keyring"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/snapshot"
	"github.com/hedui/hedui/engine/store"
	"github.com/hedui/hedui/engine/upkeep"
)

var (
	kills   = flag.Int("upkeep.kills", 5, "backups and restores to kill, of each so many")
	childDo = flag.String("upkeep.child", "", "internal: backup or restore")
	childOf = flag.String("upkeep.data", "", "internal: the directory")
	childTo = flag.String("upkeep.pool", "", "internal: the pool")
)

func TestMain(m *testing.M) {
	flag.Parse()
	if *childDo == "" {
		os.Exit(m.Run())
	}
	if err := child(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// child takes or restores one backup and says when it begins.
func child() error {
	ctx := context.Background()
	p, err := upkeep.OpenPool(*childTo, durable.Disk{})
	if err != nil {
		return err
	}
	fmt.Println("begun")
	if *childDo == "restore" {
		l, err := p.Read("")
		if err == nil {
			_, err = p.Restore(ctx, l, realLedger(*childOf))
		}
		return err
	}
	_, err = backUp(ctx, p, *childOf)
	return err
}

var small = ledger.Options{Reserve: 1}

// backUp is a backup of a centre with a real ledger, owned by another process or by none.
func backUp(ctx context.Context, p *upkeep.Pool, data string) (_ *upkeep.List, err error) {
	l, err := ledger.Dial(ctx, data, small)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	return p.Backup(ctx, upkeep.Options{Data: data, Now: time.Now, Ledger: l.(ledger.Streamer).Backup})
}

// realLedger is how a restore loads a real ledger.
func realLedger(dir string) upkeep.RestoreOptions {
	return upkeep.RestoreOptions{Into: dir, Ledger: func(ctx context.Context, dir string, r io.Reader) (string, error) {
		return ledger.Load(ctx, dir, r, small)
	}}
}

// killed starts a child and kills it somewhere in a span after it began. It reports
// whether the child was still at work.
func killed(t *testing.T, do, data, pool string, after time.Duration) bool {
	t.Helper()
	self, err := os.Executable()
	must(t, err)
	cmd := exec.CommandContext(t.Context(), self, "-upkeep.child="+do, "-upkeep.data="+data, "-upkeep.pool="+pool)
	out, err := cmd.StdoutPipe()
	must(t, err)
	var said strings.Builder
	cmd.Stderr = &said
	must(t, cmd.Start())
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatal(err, said.String())
	}
	time.Sleep(after)
	_ = cmd.Process.Kill() // it may have ended
	err = cmd.Wait()
	if err != nil && said.Len() > 0 {
		t.Fatal(said.String())
	}
	return err != nil
}

func newRealCentre(t *testing.T) string {
	t.Helper()
	data := newCentre(t).data
	l, err := ledger.Open(data, small)
	must(t, err)
	for i := range 50 {
		must(t, l.Commit(t.Context(), ledger.Change{Ops: []ledger.Op{ledger.Put(&ledger.User{ID: fmt.Sprint(i), Name: fmt.Sprint("user", i)})}}))
	}
	must(t, l.Close())
	return data
}

// A backup that is killed is none, and the next one is whole.
func TestKilledBackups(t *testing.T) {
	ctx, data := context.Background(), newRealCentre(t)
	want, err := upkeep.Prove(ctx, data, nil)
	must(t, err)
	atWork := 0
	var span time.Duration
	for n := range *kills {
		dir := filepath.Join(t.TempDir(), "pool")
		if n == 0 { // how long one takes
			start := time.Now()
			p, err := upkeep.OpenPool(dir, durable.Disk{})
			must(t, err)
			_, err = backUp(ctx, p, data)
			must(t, err)
			span = time.Since(start)
			dir = filepath.Join(t.TempDir(), "pool")
		}
		if killed(t, "backup", data, dir, rand.N(span)) {
			atWork++
		}
		p, err := upkeep.OpenPool(dir, durable.Disk{})
		must(t, err)
		ids, err := p.IDs()
		must(t, err)
		for _, id := range ids {
			l, err := p.Read(id)
			must(t, err)
			must(t, p.Verify(ctx, l, nil))
		}
		l, err := backUp(ctx, p, data)
		must(t, err)
		got := restore(t, p, l, realLedger(filepath.Join(t.TempDir(), "r")))
		if diff := cmp.Diff(*want, got.Proof); diff != "" || got.Ledger == "" {
			t.Fatalf("after a kill (- saved, + restored)\n%s", diff)
		}
	}
	if atWork == 0 {
		t.Errorf("none of %d was killed at work", *kills)
	}
	t.Logf("kills: %d, of them at work: %d", *kills, atWork)
}

// A restore that is killed is refused by everything, or is whole.
func TestKilledRestores(t *testing.T) {
	ctx, data := context.Background(), newRealCentre(t)
	p, pool := pool(t)
	_, err := backUp(ctx, p, data)
	must(t, err)
	want, err := upkeep.Prove(ctx, data, nil)
	must(t, err)
	start := time.Now()
	l, err := p.Read("")
	must(t, err)
	restore(t, p, l, realLedger(filepath.Join(t.TempDir(), "r")))
	span := time.Since(start)
	refused := 0
	for range *kills {
		dir := filepath.Join(t.TempDir(), "r")
		killed(t, "restore", dir, pool, rand.N(span))
		if durable.Usable(dir) != nil {
			refused++
		}
		restoredOrRefused(t, dir, want)
	}
	if refused == 0 {
		t.Errorf("none of %d left a directory half restored", *kills)
	}
	t.Logf("kills: %d, of them at work: %d", *kills, refused)
}

// restoredOrRefused demands that a directory is what was saved, or nothing, or refused by
// whatever opens data directories.
func restoredOrRefused(t *testing.T, dir string, want *upkeep.Proof) {
	t.Helper()
	ctx := context.Background()
	if held, err := os.ReadDir(dir); err != nil || len(held) == 0 {
		return // it did not begin
	}
	if durable.Usable(dir) == nil {
		got, err := upkeep.Prove(ctx, dir, nil)
		must(t, err)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("half restored and not refused (- saved, + restored)\n%s", diff)
		}
		return
	}
	for what, open := range map[string]func() error{
		"snapshots":   func() error { _, err := snapshot.OpenDir(dir); return err },
		"generations": func() error { _, err := store.OpenDir(dir); return err },
		"audit":       func() error { _, err := audit.Open(dir, audit.Options{Actor: "tester", Now: clock}); return err },
		"verify":      func() error { _, err := audit.Verify(ctx, dir, audit.VerifyOptions{}); return err },
		"ledger":      func() error { _, err := ledger.Dial(ctx, dir, small); return err },
		"keys":        func() error { _, err := keyring.Open(dir, ""); return err },
	} {
		if err := open(); !errors.Is(err, durable.ErrRestoring) {
			t.Errorf("%s of a directory half restored: %v", what, err)
		}
	}
}

// The same at every step of the disk, also where a kill seldom hits.
func TestRestoreFailsAtEveryStep(t *testing.T) {
	ctx, data := context.Background(), newRealCentre(t)
	p, _ := pool(t)
	l, err := backUp(ctx, p, data)
	must(t, err)
	want, err := upkeep.Prove(ctx, data, nil)
	must(t, err)
	boom := errors.New("boom")
	total := 0
	count := realLedger(filepath.Join(t.TempDir(), "r"))
	count.Disk.Before = func(durable.Step) error { total++; return nil }
	restore(t, p, l, count)
	steps, last := 0, 0
	for fail := 1; fail <= total; fail++ {
		// The first and the last of the steps are those that decide.
		if fail > 4 && fail < total-20 && fail%40 != 0 {
			continue
		}
		n := 0
		o := realLedger(filepath.Join(t.TempDir(), "r"))
		o.Disk.Before = func(durable.Step) error {
			if n++; n == fail {
				return boom
			}
			return nil
		}
		if _, err := p.Restore(ctx, l, o); !errors.Is(err, boom) {
			t.Fatalf("step %d of %d: %v", fail, total, err)
		}
		restoredOrRefused(t, o.Into, want)
		steps++
		if durable.Usable(o.Into) == nil {
			last = fail
		}
	}
	if steps < 20 || last > 2 && last < total-2 {
		t.Errorf("%d of %d steps, the last usable directory after step %d", steps, total, last)
	}
}

// A backup is one state, whatever goes on: every entry of its ledger is known to its
// audit log, which was written first, and what it names is there.
func TestBackupIsOneState(t *testing.T) {
	ctx, c := context.Background(), newCentre(t)
	owner, err := ledger.Open(c.data, small)
	must(t, err)
	stop := make(chan struct{})
	done := make(chan int, 2)
	go func() { // people at work
		n := 0
		for {
			select {
			case <-stop:
				done <- n
				return
			default:
			}
			n++
			c.look(t, 1)
			if err := owner.Commit(ctx, ledger.Change{Ops: []ledger.Op{ledger.Put(&ledger.User{ID: fmt.Sprint(n), Name: fmt.Sprint(n)})}}); err != nil {
				t.Error(err)
			}
		}
	}()
	go func() { // deliveries
		n := 0
		for seed := uint64(10); ; seed++ {
			select {
			case <-stop:
				done <- n
				return
			default:
			}
			n++
			deliver(t, c.data, seed, fmt.Sprintf("2026-10-%02d", 1+seed%28))
		}
	}()
	ended := false
	end := func() (looks, deliveries int) {
		ended = true
		close(stop)
		return <-done, <-done
	}
	defer func() {
		if !ended {
			end()
		}
	}()
	client, err := ledger.Connect(ctx, c.data, small)
	must(t, err)
	p, _ := pool(t)
	for range 3 {
		l, err := p.Backup(ctx, upkeep.Options{Data: c.data, Now: clock, Ledger: client.Backup})
		must(t, err)
		dir := filepath.Join(t.TempDir(), "r")
		r := restore(t, p, l, realLedger(dir))
		restored, err := ledger.Open(dir, small)
		must(t, err)
		entries := int64(0)
		must(t, ledger.All(ctx, restored, ledger.Every(ledger.KindUser), func(*ledger.User) error { entries++; return nil }))
		digest, err := restored.Digest(ctx)
		must(t, err)
		must(t, restored.Close())
		if digest != l.Ledger.Digest {
			t.Errorf("ledger %s, saved %s", digest, l.Ledger.Digest)
		}
		if looks := r.Entries/2 - 3; entries == 0 || entries > looks {
			t.Errorf("the ledger has %d entries, the audit log knows of %d looks", entries, looks)
		}
	}
	if a, b := end(); a == 0 || b == 0 {
		t.Error("nobody worked meanwhile")
	}
	must(t, errors.Join(client.Close(), owner.Close()))
}

// What is dropped while it is copied is left out, and the backup is of what is there then.
func TestDroppedMeanwhile(t *testing.T) {
	ctx, c := context.Background(), newCentre(t)
	first := generation(t, c.data)
	o, tries := c.options(), 0
	o.Progress = func(int64, int64) {
		if tries++; tries == 1 { // the files of the generation come later
			deliver(t, c.data, 2, "2026-10-30")
			deliver(t, c.data, 3, "2026-10-31")
		}
	}
	p, _ := pool(t)
	l, err := p.Backup(ctx, o)
	must(t, err)
	r := restore(t, p, l, into(filepath.Join(t.TempDir(), "r")))
	if want := generation(t, c.data); r.Generation != want || slices.Contains(r.Generations, first) {
		t.Errorf("current %s, want %s of %v", r.Generation, want, r.Generations)
	}
}
