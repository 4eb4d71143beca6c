package ledger_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hedui/hedui/engine/ledger"
)

var (
	damages   = flag.Int("ledger.damages", 12, "ledgers to damage, of each kind")
	readFrom  = flag.String("ledger.read", "", "internal: read the ledger of this data directory and say what is there")
	fillTo    = flag.String("ledger.fill", "", "internal: fill a ledger and die without closing it")
	inspected = 600
)

// fill makes a ledger whose content is known.
func fill(l ledger.Ledger, from, to int) error {
	for i := from; i < to; i++ {
		v := &ledger.Verdict{ID: fmt.Sprintf("v%04d", i), Household: fmt.Sprint("h", i%20), At: ledger.Instant(i), Records: []ledger.Pseudonym{{byte(i % 10), byte(i % 7)}}}
		v.Body = []byte(strings.Repeat(fmt.Sprintf("verdict %d ", i), 10+i%50))
		u := &ledger.User{ID: fmt.Sprintf("u%04d", i), Name: fmt.Sprintf("name %d", i)}
		if err := l.Commit(context.Background(), ledger.Change{Ops: []ledger.Op{ledger.Put(v), ledger.Put(u)}}); err != nil {
			return err
		}
	}
	return nil
}

// inspect reads everything there is to read and prints what it got: in a process of
// its own, since what is wrong with a file may end one.
func inspect(dir string) error {
	l, err := ledger.Open(dir, options())
	if err != nil {
		return err
	}
	defer l.Close()
	ctx := context.Background()
	for i := range inspected {
		v, err := ledger.Get[ledger.Verdict](ctx, l, fmt.Sprintf("v%04d", i))
		if err != nil {
			return err
		}
		u, err := ledger.Find[ledger.User](ctx, l, ledger.UserName(fmt.Sprintf("name %d", i)))
		if err != nil {
			return err
		}
		fmt.Fprintln(os.Stdout, v.ID, v.Household, v.At, len(v.Body), u.ID)
	}
	for i := range 20 {
		n := 0
		err := ledger.All(ctx, l, ledger.VerdictsOf(fmt.Sprint("h", i)), func(*ledger.Verdict) error {
			n++
			return nil
		})
		if err != nil {
			return err
		}
		fmt.Fprintln(os.Stdout, "h", i, n)
	}
	for i := range 70 {
		n := 0
		err := ledger.All(ctx, l, ledger.VerdictsOfRecord(ledger.Pseudonym{byte(i % 10), byte(i % 7)}), func(*ledger.Verdict) error {
			n++
			return nil
		})
		if err != nil {
			return err
		}
		fmt.Fprintln(os.Stdout, "r", i, n)
	}
	digest, err := l.Digest(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintln(os.Stdout, digest)
	return nil
}

func child(t *testing.T, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, args...)
	var out, e strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &e
	err = cmd.Run()
	return out.String(), e.String(), err
}

// Whatever is done to the files, the answer is the right one or an error: never
// another one, never fewer entries, never "not found".
func TestDamage(t *testing.T) {
	closed := t.TempDir()
	l := open(t, closed)
	if err := fill(l, 0, inspected); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	// Killed: what was committed last lies in the log of a memory table.
	killed := t.TempDir()
	if _, stderr, err := child(t, "-ledger.fill", killed); err == nil || !strings.Contains(stderr, "filled") {
		t.Fatalf("%v: %s", err, stderr)
	}
	want, stderr, err := child(t, "-ledger.read", closed)
	if err != nil {
		t.Fatal(stderr)
	}
	pristine := copyTree(t, killed, nil)
	if got, stderr, err := child(t, "-ledger.read", pristine); err != nil || got != want {
		t.Fatalf("killed and not damaged: %v %s", err, stderr)
	}
	for name, dir := range map[string]string{"closed": closed, "killed": killed} {
		t.Run(name, func(t *testing.T) {
			found, harmless := 0, 0
			for n := range *damages {
				seed := rand.Uint64()
				r := rand.New(rand.NewPCG(seed, 1))
				what := ""
				hurt := copyTree(t, dir, func(files []string) { what = damage(t, r, files) })
				got, stderr, err := child(t, "-ledger.read", hurt)
				switch {
				case err == nil && got == want:
					harmless++
				case err == nil:
					t.Errorf("%d, seed %d, %s: a wrong answer without a sign", n, seed, what)
				case strings.Contains(stderr, ledger.ErrNotFound.Error()):
					t.Errorf("%d, seed %d, %s: %s", n, seed, what, stderr)
				case !strings.Contains(stderr, ledger.ErrDamaged.Error()) || strings.Contains(stderr, "goroutine"):
					t.Errorf("%d, seed %d, %s: not told well: %.300s", n, seed, what, stderr)
				default:
					found++
				}
			}
			t.Logf("%d found, %d without an effect", found, harmless)
			if found == 0 {
				t.Error("no damage was found: the test damages nothing")
			}
		})
	}
}

// damage does one thing to one file.
func damage(t *testing.T, r *rand.Rand, files []string) string {
	t.Helper()
	for {
		name := files[r.IntN(len(files))]
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		// Most of a log is space that was not used yet.
		used := len(bytes.TrimRight(b, "\x00"))
		if used == 0 {
			continue
		}
		what, at := "", r.IntN(used)
		switch r.IntN(5) {
		case 0:
			what, b = "removed", nil
			if err := os.Remove(name); err != nil {
				t.Fatal(err)
			}
		case 1:
			what, b = fmt.Sprintf("cut at %d", at), b[:at]
		case 2:
			end := min(at+512, len(b))
			what = fmt.Sprintf("zeros from %d", at)
			clear(b[at:end])
		default:
			what = fmt.Sprintf("bit at %d", at)
			b[at] ^= 1 << r.IntN(8)
		}
		if b != nil {
			if err := writeSparse(name, b); err != nil {
				t.Fatal(err)
			}
		}
		return filepath.Base(name) + " " + what
	}
}

// copyTree copies a data directory and lets do have the names of the files in it that
// hold something.
func copyTree(t *testing.T, from string, do func([]string)) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "data")
	var files []string
	err := filepath.WalkDir(from, func(name string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, name)
		if err != nil {
			return err
		}
		if e.IsDir() {
			return os.MkdirAll(filepath.Join(to, rel), 0o700)
		}
		if !e.Type().IsRegular() {
			return nil
		}
		b, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		// Nothing is kept in these.
		idle := []string{"owner.lock", "owner.pid", "LOCK", "DISCARD"}
		if !slices.Contains(idle, e.Name()) && filepath.Ext(name) != ".vlog" {
			files = append(files, filepath.Join(to, rel))
		}
		return writeSparse(filepath.Join(to, rel), b)
	})
	if err != nil {
		t.Fatal(err)
	}
	if do != nil {
		do(files)
	}
	return to
}

// writeSparse writes a file, its zeros at the end as a hole: most of a log is one.
func writeSparse(name string, b []byte) error {
	if err := os.WriteFile(name, bytes.TrimRight(b, "\x00"), 0o600); err != nil {
		return err
	}
	return os.Truncate(name, int64(len(b)))
}

// A data directory that was put back to an earlier state is told by its head.
func TestPutBack(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	if err := fill(l, 0, 10); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	old := copyTree(t, dir, nil)
	l = open(t, dir)
	if err := fill(l, 10, 20); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	files := filepath.Join("ledger", "badger")
	if err := os.RemoveAll(filepath.Join(dir, files)); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(old, files), filepath.Join(dir, files)); err != nil {
		t.Fatal(err)
	}
	if _, err := ledger.Open(dir, options()); !errors.Is(err, ledger.ErrDamaged) {
		t.Errorf("a database of an earlier state: %v", err)
	}
	if err := os.RemoveAll(filepath.Join(dir, files)); err != nil {
		t.Fatal(err)
	}
	if _, err := ledger.Open(dir, options()); !errors.Is(err, ledger.ErrDamaged) {
		t.Errorf("no database: %v", err)
	}
}

// A process that died between the making of a log and its first byte leaves one that
// Badger would not open with. It holds nothing, so nothing is lost; where it held
// something the ledger says so.
func TestEmptyLogs(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	if err := fill(l, 0, 20); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	files := filepath.Join(dir, "ledger", "badger")
	for _, name := range []string{"00900.mem", "000900.vlog"} {
		if err := os.WriteFile(filepath.Join(files, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	l = open(t, dir)
	report, err := l.Verify(t.Context())
	if err != nil || !report.OK() || report.Entries == 0 {
		t.Errorf("%+v, %v", report, err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
}
