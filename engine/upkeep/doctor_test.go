package upkeep_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/durable"
	"github.com/hedui/hedui/engine/keyring"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/upkeep"
)

var update = flag.Bool("update", false, "write golden files")

func soundMachine(string) upkeep.System {
	return upkeep.System{Free: 1 << 40, FileSystem: "ext4", Durable: true, Files: 65536, Alive: func(pid int) bool { return pid == 4711 }}
}

// change breaks one byte in the middle of the first file that matches.
func change(t testing.TB, data, pattern string) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(data, pattern))
	must(t, err)
	if len(names) == 0 {
		t.Fatal("no file ", pattern)
	}
	b, err := os.ReadFile(names[0])
	must(t, err)
	b[len(b)/2] ^= 1
	must(t, os.WriteFile(names[0], b, 0o600))
}

// ill is a way in which a centre can be unwell, and what the doctor must say then. what
// the doctor says of one that is well must not hold it.
type ill struct {
	name     string
	harm     func(t *testing.T, o *upkeep.ExamineOptions)
	code     string
	severity upkeep.Severity
}

func ills() []ill {
	system := func(change func(*upkeep.System)) func(*testing.T, *upkeep.ExamineOptions) {
		return func(_ *testing.T, o *upkeep.ExamineOptions) {
			o.System = func(dir string) upkeep.System { s := soundMachine(dir); change(&s); return s }
		}
	}
	file := func(name, content string, mode os.FileMode) func(*testing.T, *upkeep.ExamineOptions) {
		return func(t *testing.T, o *upkeep.ExamineOptions) {
			name := filepath.Join(o.Data, name)
			must(t, os.MkdirAll(filepath.Dir(name), 0o700))
			must(t, os.WriteFile(name, []byte(content), mode))
			must(t, os.Chmod(name, mode))
		}
	}
	broken := func(pattern string) func(*testing.T, *upkeep.ExamineOptions) {
		return func(t *testing.T, o *upkeep.ExamineOptions) {
			change(t, o.Data, pattern)
			o.Deep = true
		}
	}
	head := func(seq int64, at string) func(*testing.T, *upkeep.ExamineOptions) {
		return func(_ *testing.T, o *upkeep.ExamineOptions) { o.Heads = []audit.Head{{Seq: seq, Time: at}} }
	}
	at := func(y int, m time.Month, d int) func(*testing.T, *upkeep.ExamineOptions) {
		return func(_ *testing.T, o *upkeep.ExamineOptions) { o.Now = time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }
	}
	return []ill{
		{"others may look in", func(t *testing.T, o *upkeep.ExamineOptions) {
			must(t, os.Chmod(filepath.Join(o.Data, "snapshots"), 0o750))
		}, "modes", upkeep.Error},
		{"a loose file", file("snapshots/x", "", 0o640), "modes_files", upkeep.Note},
		{"half restored", func(t *testing.T, o *upkeep.ExamineOptions) {
			must(t, os.Mkdir(filepath.Join(o.Data, "RESTORING"), 0o700))
		}, "restore_unfinished", upkeep.Error},
		{"a build that was killed", func(t *testing.T, o *upkeep.ExamineOptions) {
			must(t, os.Mkdir(filepath.Join(o.Data, "generations", ".building-1"), 0o700))
		}, "unfinished", upkeep.Note},
		{"an ingest that was killed", file("tmp/run-1", "x", 0o600), "unfinished", upkeep.Note},
		{"a writer that died", file("lock", "4712", 0o600), "changing", upkeep.Note},
		{"a writer at work", file("lock", "4711", 0o600), "changing", upkeep.OK},
		{"no space", system(func(s *upkeep.System) { s.Free = 1 << 20 }), "space", upkeep.Error},
		{"little space", system(func(s *upkeep.System) { s.Free = 400 << 20 }), "space", upkeep.Warning},
		{"memory for a disk", system(func(s *upkeep.System) { s.FileSystem, s.Durable = "tmpfs", false }), "filesystem", upkeep.Warning},
		{"few files", system(func(s *upkeep.System) { s.Files = 256 }), "open_files", upkeep.Warning},
		{"memory is dumped", system(func(s *upkeep.System) { s.Core = 1 }), "core_dumps", upkeep.Warning},
		{"no new data for months", at(2027, 3, 1), "source_old", upkeep.Warning},
		{"data of tomorrow", at(2026, 9, 1), "source_future", upkeep.Warning},
		{"a clock that went back", at(2026, 10, 31), "clock", upkeep.Error},
		{"the log is cut", func(t *testing.T, o *upkeep.ExamineOptions) {
			must(t, os.Truncate(filepath.Join(o.Data, "audit", "000001.log"), 700))
		}, "audit", upkeep.Error},
		{"the log is changed in its middle", broken("audit/000001.log"), "audit", upkeep.Error},
		{"anchored beyond the end", head(900, "2026-11-01T08:59:00Z"), "audit_anchors", upkeep.Error},
		{"not anchored for long", head(2, "2026-11-01T01:00:00Z"), "audit_anchors", upkeep.Warning},
		{"anchored lately", head(2, "2026-11-01T08:55:00Z"), "audit_anchors", upkeep.OK},
		{"a snapshot is changed", broken("snapshots/*/hot.blocks"), "snapshots", upkeep.Error},
		{"a generation is changed", broken("generations/*/*.sst"), "generation_damaged", upkeep.Error},
		{"the ledger does not open", func(_ *testing.T, o *upkeep.ExamineOptions) {
			o.Ledger = func(context.Context) (ledger.Ledger, error) { return nil, ledger.ErrDamaged }
		}, "ledger", upkeep.Error},
		{"values nobody verified", func(_ *testing.T, o *upkeep.ExamineOptions) { o.Packs = map[string]int{"x": 2} }, "values_unverified", upkeep.Warning},
		{"keys and no key file", file("keys.json", "{}", 0o600), "keys_locked", upkeep.Warning},
		{"keys that do not open", func(t *testing.T, o *upkeep.ExamineOptions) {
			file("keys.json", "{}", 0o600)(t, o)
			o.KeyFile = filepath.Join(t.TempDir(), "none")
		}, "keys", upkeep.Error},
		{"never backed up", func(t *testing.T, o *upkeep.ExamineOptions) { o.Pool, _ = pool(t) }, "backup_none", upkeep.Error},
		{"backed up lately", backedUp(time.Hour), "backup", upkeep.OK},
		{"backed up long ago", backedUp(50 * time.Hour), "backup_old", upkeep.Warning},
		{"nothing at all", func(t *testing.T, o *upkeep.ExamineOptions) { o.Data = t.TempDir() }, "snapshots_none", upkeep.Note},
	}
}

// backedUp takes a backup so long before the clock.
func backedUp(before time.Duration) func(*testing.T, *upkeep.ExamineOptions) {
	return func(t *testing.T, o *upkeep.ExamineOptions) {
		o.Pool, _ = pool(t)
		_, err := o.Pool.Backup(t.Context(), upkeep.Options{Data: o.Data, Now: func() time.Time { return clock().Add(-before) }})
		must(t, err)
	}
}

func TestDoctor(t *testing.T) {
	data := newRealCentre(t)
	copyOf := func(t *testing.T) upkeep.ExamineOptions {
		dir := filepath.Join(t.TempDir(), "store")
		must(t, os.CopyFS(dir, os.DirFS(data)))
		must(t, filepath.WalkDir(dir, func(name string, d os.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if d.IsDir() {
				return os.Chmod(name, 0o700)
			}
			return os.Chmod(name, 0o600)
		}))
		return upkeep.ExamineOptions{
			Data: dir, Now: clock(), System: soundMachine,
			Ledger: func(ctx context.Context) (ledger.Ledger, error) { return ledger.Dial(ctx, dir, small) },
		}
	}
	has := func(list []upkeep.Finding, code string, s upkeep.Severity) bool {
		for i := range list {
			if list[i].Code == code && list[i].Severity == s {
				return true
			}
		}
		return false
	}
	o := copyOf(t)
	well, err := upkeep.Examine(t.Context(), o)
	must(t, err)
	o.Deep = true
	deep, err := upkeep.Examine(t.Context(), o)
	must(t, err)
	for _, list := range [][]upkeep.Finding{well, deep} {
		if w := upkeep.Worst(list); w != upkeep.Note {
			t.Errorf("a sound centre is %s: %+v", w, list)
		}
	}
	var said strings.Builder
	for _, i := range ills() {
		t.Run(i.name, func(t *testing.T) {
			if has(well, i.code, i.severity) {
				t.Fatal("it is said of a sound centre too")
			}
			o := copyOf(t)
			i.harm(t, &o)
			list, err := upkeep.Examine(t.Context(), o)
			must(t, err)
			if !has(list, i.code, i.severity) {
				t.Fatalf("not found: %+v", list)
			}
			fmt.Fprintln(&said, "#", i.name)
			for k := range list {
				f := list[k]
				if f.Code != i.code || f.Severity != i.severity {
					continue
				}
				for _, s := range []string{f.What.En, f.Do.En, f.What.Zh, f.Do.Zh} {
					fmt.Fprintln(&said, strings.ReplaceAll(s, o.Data, "DIR"))
				}
				if f.Severity != upkeep.OK && f.Do == (upkeep.Text{}) {
					t.Error("nothing to do about it")
				}
				break
			}
		})
	}
	golden(t, "doctor.txt", said.String())
	all := said.String() + fmt.Sprint(well, deep)
	if n := regexp.MustCompile(`\b[0-9]{17}[0-9Xx]\b`).FindAllString(all, -1); len(n) > 0 {
		t.Errorf("the doctor speaks of %d people", len(n))
	}
	if _, err := upkeep.Examine(t.Context(), upkeep.ExamineOptions{Data: filepath.Join(data, "nowhere")}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("nowhere: %v", err)
	}
}

// golden compares a text with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	name = filepath.Join("testdata", name)
	if *update {
		must(t, os.MkdirAll("testdata", 0o755))
		must(t, os.WriteFile(name, []byte(got), 0o644))
	}
	want, err := os.ReadFile(name)
	must(t, err)
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got)\n%s", name, diff)
	}
}

// An encrypted centre is examined with its keys, and its old ones are told.
func TestDoctorOfKeys(t *testing.T) {
	data, key := filepath.Join(t.TempDir(), "store"), filepath.Join(t.TempDir(), "master.key")
	must(t, keyring.Init(durable.Disk{}, data, key, keyring.AES))
	ring, err := keyring.Open(data, key)
	must(t, err)
	_, _, err = ring.Rotate()
	must(t, err)
	list, err := upkeep.Examine(t.Context(), upkeep.ExamineOptions{Data: data, Now: clock(), KeyFile: key, System: soundMachine})
	must(t, err)
	var codes []string
	for i := range list {
		codes = append(codes, list[i].Code)
	}
	if all := strings.Join(codes, " "); !strings.Contains(all, "keys keys_old") {
		t.Error(all)
	}
}
