package crash

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hedui/hedui/connectors"
	"github.com/hedui/hedui/connectors/departments"
	"github.com/hedui/hedui/engine/durable"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ingest"
	"github.com/hedui/hedui/engine/publish"
	"github.com/hedui/hedui/engine/snapshot"
	"github.com/hedui/hedui/engine/store"
)

var powercuts = flag.Int("powercuts", 0, "power cuts to emulate, half as many again without syncing; needs root and loop devices")

// The writer is this test binary again, told so by a flag.
var (
	writerDir    = flag.String("power-writer", "", "internal: be the writer in this folder")
	writerNoSync = flag.Bool("power-nosync", false, "internal: write without syncing")
)

func TestMain(m *testing.M) {
	flag.Parse()
	if *writerDir != "" {
		if err := writer(*writerDir, durable.Disk{NoSync: *writerNoSync}); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// writer ingests and publishes day after day and says on stdout what has been
// acknowledged, until it is stopped.
func writer(dir string, disk durable.Disk) error {
	var bank *connectors.Department
	for _, d := range departments.All() {
		if d.Source == household.Bank {
			bank = d
		}
	}
	ctx := context.Background()
	for day := 1; day <= 28; day++ {
		file := filepath.Join(os.TempDir(), fmt.Sprintf("powercut-%d-%d.csv", os.Getpid(), day))
		text := "id_number,name,institution,account_no,kind,balance,balance_on\n"
		for i := range 2000 {
			text += fmt.Sprintf(",户%d,工商银行,6222%06d,demand,%d.00,2026-01-%02d\n", i, i, i, day)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			return err
		}
		asOf, _ := household.NewDate(2026, 1, day)
		r, err := ingest.Run(ctx, ingest.Options{Dir: dir, Department: bank, Provider: "bank", AsOf: asOf, Files: []string{file}, Disk: disk})
		os.Remove(file)
		if err != nil {
			return err
		}
		fmt.Println("snapshot", r.Snapshot)
		g, err := publish.Run(ctx, publish.Options{Dir: dir, Disk: disk})
		if err != nil {
			return err
		}
		fmt.Println("generation", g.Generation)
	}
	return nil
}

// TestPowerCut writes to a file system in a file, freezes the writer at a random
// moment, copies the file as a power cut would leave the disk, mounts the copy and
// looks whether everything acknowledged is there and whole.
func TestPowerCut(t *testing.T) {
	if *powercuts == 0 {
		t.Skip("no power cuts asked for: -powercuts N runs them (part of make release-check)")
	}
	t.Logf("seed %d", *seed)
	random := rand.New(rand.NewPCG(*seed, 2))
	for i := range *powercuts {
		if acked, lost := cutOnce(t, random, false); len(lost) > 0 {
			t.Errorf("cut %d: %d acknowledged, lost %v", i, acked, lost)
		}
	}
	losses := 0
	blind := max(4, *powercuts/2)
	for range blind {
		if _, lost := cutOnce(t, random, true); len(lost) > 0 {
			losses++
		}
	}
	t.Logf("%d cuts with syncing, %d of %d without syncing lost something", *powercuts, losses, blind)
	if losses == 0 {
		t.Error("the self-check lost nothing without syncing: this test cannot see a loss")
	}
}

func cutOnce(t *testing.T, random *rand.Rand, noSync bool) (acked int, lost []string) {
	t.Helper()
	dir := t.TempDir()
	image, mount := filepath.Join(dir, "disk"), filepath.Join(dir, "mount")
	must(t, os.Mkdir(mount, 0o700))
	command(t, "truncate", "-s", "192M", image)
	command(t, "mkfs.ext4", "-q", image)
	command(t, "mount", "-o", "loop", image, mount)
	child := exec.Command(os.Args[0], "-power-writer="+mount, fmt.Sprintf("-power-nosync=%v", noSync))
	stdout, err := child.StdoutPipe()
	must(t, err)
	var talk strings.Builder
	child.Stderr = &talk
	must(t, child.Start())
	lines := make(chan string, 100)
	go func() {
		for s := bufio.NewScanner(stdout); s.Scan(); {
			lines <- s.Text()
		}
		close(lines)
	}()
	// At least one acknowledgement, then a random moment.
	said := []string{}
	select {
	case l, ok := <-lines:
		if !ok {
			_ = child.Wait()
			t.Fatalf("the writer ended: %s", talk.String())
		}
		said = append(said, l)
	case <-time.After(time.Minute):
		t.Fatal("the writer says nothing")
	}
	time.Sleep(time.Duration(random.IntN(1200)) * time.Millisecond)
	must(t, child.Process.Signal(syscall.SIGSTOP))
	time.Sleep(20 * time.Millisecond) // what it had written into the pipe arrives
	for drained := false; !drained; {
		select {
		case l, ok := <-lines:
			if ok {
				said = append(said, l)
			} else {
				drained = true
			}
		default:
			drained = true
		}
	}
	copied := filepath.Join(dir, "copy")
	command(t, "cp", "--sparse=always", image, copied)
	must(t, child.Process.Kill())
	_ = child.Wait()
	command(t, "umount", mount)
	command(t, "mount", "-o", "loop", copied, mount)
	defer command(t, "umount", mount)
	return len(said), missing(mount, said)
}

// missing names what was acknowledged and is not there whole.
func missing(dir string, said []string) (lost []string) {
	ctx := context.Background()
	held := map[string]bool{}
	catalogue, err := snapshot.OpenDir(dir)
	if err != nil {
		return []string{err.Error()}
	}
	entries, err := catalogue.List()
	if err != nil {
		return []string{err.Error()}
	}
	for _, s := range entries {
		held[s.ID] = true
	}
	if err := catalogue.Verify(ctx, nil); err != nil {
		lost = append(lost, err.Error())
	}
	last := ""
	for _, l := range said {
		kind, id, _ := strings.Cut(l, " ")
		switch {
		case kind == "generation":
			last = id
		case !held[id]:
			lost = append(lost, l)
		}
	}
	if last == "" {
		return lost
	}
	s, err := store.OpenDir(dir)
	if err != nil {
		return append(lost, err.Error())
	}
	current, err := s.Current()
	if err != nil {
		return append(lost, err.Error())
	}
	g, err := s.Open(current)
	if err != nil {
		return append(lost, err.Error())
	}
	defer g.Close()
	if err := g.Sweep(ctx, nil); err != nil {
		lost = append(lost, err.Error())
	}
	// The current generation is the last acknowledged one or a later one.
	newest := household.Date(0)
	for _, ref := range g.Manifest().Snapshots {
		newest = max(newest, ref.AsOf)
	}
	generations := 0
	for _, l := range said {
		if strings.HasPrefix(l, "generation ") {
			generations++
		}
	}
	if newest.Day() < generations {
		lost = append(lost, "generation "+last)
	}
	return lost
}

func command(t *testing.T, name string, args ...string) {
	t.Helper()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
