package ledger

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/options"
	"github.com/dgraph-io/badger/v4/table"
	"github.com/dgraph-io/ristretto/v2/z"

	"github.com/hedui/hedui/engine/durable"
)

// checkFiles reads every table that the manifest names, before Badger does. A table
// that is damaged or missing is an error here; Badger would go on without it, and
// what is in it would seem never to have been written.
func checkFiles(dir string) error {
	f, err := os.Open(filepath.Join(dir, badger.ManifestFilename))
	if errors.Is(err, fs.ErrNotExist) {
		return noFiles(dir)
	}
	if err != nil {
		return fmt.Errorf("open the ledger: %w", err)
	}
	defer f.Close()
	m, _, err := badger.ReplayManifestFile(f, 0, badger.DefaultOptions(dir).WithLogger(nil))
	if err != nil {
		return damaged("%s: %v", f.Name(), err)
	}
	for id := range m.Tables {
		if err := checkTable(table.NewFilename(id, dir)); err != nil {
			return err
		}
	}
	return nil
}

// noFiles says that a directory without a manifest has no tables either.
func noFiles(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("open the ledger: %w", err)
	}
	if slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return strings.HasSuffix(e.Name(), ".sst") }) {
		return damaged("%s is missing", filepath.Join(dir, badger.ManifestFilename))
	}
	return nil
}

// removeEmpty removes logs without a byte: of a process that died between the making of a
// file and its first byte. Badger would not open with one. If there was something in it,
// the journal will miss it.
func removeEmpty(disk durable.Disk, dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("open the ledger: %w", err)
	}
	for _, e := range entries {
		if ext := filepath.Ext(e.Name()); ext != ".mem" && ext != ".vlog" {
			continue
		}
		info, err := e.Info()
		if err == nil && info.Size() == 0 {
			err = disk.RemoveAll(filepath.Join(dir, e.Name()))
		}
		if err != nil {
			return fmt.Errorf("open the ledger: %w", err)
		}
	}
	return nil
}

// checkTable verifies every block of a table.
func checkTable(name string) (err error) {
	defer recovered(&err, name)
	m, err := z.OpenMmapFile(name, os.O_RDONLY, 0)
	if err != nil {
		return damaged("%v", err)
	}
	// Closing a mapping that was opened to be read must not sync or cut it.
	t, err := table.OpenTable(m, table.Options{ReadOnly: true, BlockSize: 4 << 10, Compression: options.None, ChkMode: options.OnTableRead})
	if err != nil {
		return damaged("%s: %v", name, err)
	}
	return t.Close(-1)
}

// recovered turns a panic, also over a file that was cut short, into an error.
// Badger panics over some of what can be wrong with a file.
func recovered(err *error, name string) {
	if r := recover(); r != nil {
		// The first line: what follows may be a dump of the file.
		text, _, _ := strings.Cut(fmt.Sprint(r), "\n")
		*err = damaged("%s: %s", name, text)
	}
}

// faults makes an access beyond the end of a mapped file a panic, for as long as the
// caller runs: defer faults()().
func faults() func() {
	old := debug.SetPanicOnFault(true)
	return func() { debug.SetPanicOnFault(old) }
}

// background hands Badger's messages on.
type background struct{ log *slog.Logger }

func (b background) Errorf(f string, args ...any)   { b.log.Error(line(f, args)) }
func (b background) Warningf(f string, args ...any) { b.log.Warn(line(f, args)) }
func (b background) Infof(f string, args ...any)    { b.log.Debug(line(f, args)) }
func (b background) Debugf(f string, args ...any)   { b.log.Debug(line(f, args)) }

func line(f string, args []any) string {
	return "ledger: " + strings.TrimSpace(fmt.Sprintf(f, args...))
}
