package upkeep

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/hedui/hedui/engine/durable"
	"github.com/hedui/hedui/engine/snapshot"
	"github.com/hedui/hedui/engine/store"
)

// source is a file that belongs into a backup.
type source struct {
	File
	content []byte // of a file that is replaced as a whole; nil when it is read later
	sealed  bool   // it never changes
}

// The names in a data directory that a backup knows. What it does not know it does not
// copy: keys above all.
const (
	currentFile    = "CURRENT"
	catalogueFile  = "catalogue.json"
	snapshotsDir   = "snapshots"
	generationsDir = "generations"
	auditDir       = "audit"
	exportsDir     = "exports"
	keyTable       = "keys.json"
	pseudonymKey   = "ledger/pseudonym.key"
)

// auditWhole is the size up to which a file of the audit log is taken at once, while
// nobody writes; larger ones only ever grow.
const auditWhole = 64 << 10

// sources lists what belongs into a backup. Names are read before what they name, so that
// everything named is there or was dropped meanwhile, which is found when it is copied.
func sources(data string) ([]source, error) {
	var out []source
	// The file of pseudonyms is there only where the ledger is not sealed: it hides nothing
	// from who has the backup, and without it the ledger can't be put back.
	for _, name := range []string{currentFile, catalogueFile, pseudonymKey} {
		s, err := whole(data, name)
		if errors.Is(err, fs.ErrNotExist) {
			continue // nothing was published or taken in yet
		}
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	dir, err := snapshot.OpenDir(data)
	if err != nil {
		return nil, err
	}
	entries, err := dir.List()
	if err != nil && !errors.Is(err, snapshot.ErrNoData) {
		return nil, err
	}
	st, err := store.OpenDir(data)
	if err != nil {
		return nil, err
	}
	ids, err := st.List()
	if err != nil {
		return nil, err
	}
	var dirs []string
	for _, e := range entries {
		dirs = append(dirs, path.Join(snapshotsDir, e.ID))
	}
	for _, id := range ids {
		dirs = append(dirs, path.Join(generationsDir, id))
	}
	for _, d := range dirs {
		if out, err = appendTree(out, data, d); err != nil {
			return nil, err
		}
	}
	if out, err = appendExports(out, data); err != nil {
		return nil, err
	}
	return appendAudit(out, data)
}

// appendExports lists the marks of what left the centre, and the secret that they are made
// with where the directory is not encrypted: without both nobody tells any more whose copy
// a file is. None of it ever changes.
func appendExports(out []source, data string) ([]source, error) {
	held, err := os.ReadDir(filepath.Join(data, exportsDir))
	if errors.Is(err, fs.ErrNotExist) {
		return out, nil
	}
	if err != nil {
		return nil, err
	}
	for _, e := range held {
		if !strings.HasSuffix(e.Name(), ".marks") && e.Name() != "secret.key" {
			continue
		}
		info, err := e.Info()
		if err != nil {
			return nil, err
		}
		out = append(out, source{File: File{Path: path.Join(exportsDir, e.Name()), Size: info.Size(), Changed: info.ModTime().UnixNano()}, sealed: true})
	}
	return out, nil
}

// whole reads a small file at once.
func whole(data, name string) (source, error) {
	full := filepath.Join(data, filepath.FromSlash(name))
	content, err := os.ReadFile(full)
	if err != nil {
		return source{}, err
	}
	info, err := os.Stat(full)
	if err != nil {
		return source{}, err
	}
	return source{File: File{Path: name, Size: int64(len(content)), Changed: info.ModTime().UnixNano()}, content: content}, nil
}

func appendTree(out []source, data, dir string) ([]source, error) {
	root := filepath.Join(data, filepath.FromSlash(dir))
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if !info.Mode().IsRegular() {
			return fmt.Errorf("%s is not a file: a data directory holds nothing else", name)
		}
		rel, err := filepath.Rel(data, name)
		if err != nil {
			return err
		}
		out = append(out, source{File: File{Path: filepath.ToSlash(rel), Size: info.Size(), Changed: info.ModTime().UnixNano()}, sealed: true})
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) {
		return out, fmt.Errorf("%s: %w", dir, errGone)
	}
	return out, err
}

// appendAudit lists the audit log as it is at one moment: nobody appends meanwhile.
func appendAudit(out []source, data string) (_ []source, err error) {
	if _, err := os.Stat(filepath.Join(data, auditDir)); errors.Is(err, fs.ErrNotExist) {
		return out, nil
	}
	lock, err := durable.WaitLock(filepath.Join(data, auditDir, "audit.lock"))
	if err != nil {
		return nil, err
	}
	defer lock.Unlock()
	held, err := os.ReadDir(filepath.Join(data, auditDir))
	if err != nil {
		return nil, err
	}
	for _, e := range held {
		info, err := e.Info()
		if err != nil {
			return nil, err
		}
		name := path.Join(auditDir, e.Name())
		switch {
		case !info.Mode().IsRegular(), strings.HasSuffix(e.Name(), ".lock"), e.Name() == "audit.turn", strings.HasSuffix(e.Name(), ".tmp"):
		case info.Size() <= auditWhole:
			s, err := whole(data, name)
			if err != nil {
				return nil, err
			}
			out = append(out, s)
		default:
			out = append(out, source{File: File{Path: name, Size: info.Size(), Changed: info.ModTime().UnixNano()}})
		}
	}
	return out, nil
}

// currentIn is the current generation of what was listed, "" before the first publish.
func currentIn(all []source) (string, error) {
	for i := range all {
		if all[i].Path != currentFile {
			continue
		}
		words := strings.Fields(string(all[i].content))
		if len(words) < 3 {
			return "", fmt.Errorf("%s can't be read", currentFile)
		}
		id := words[2]
		for k := range all {
			if strings.HasPrefix(all[k].Path, generationsDir+"/"+id+"/") {
				return id, nil
			}
		}
		return "", fmt.Errorf("generation %s: %w", id, errGone)
	}
	return "", nil
}
