package rules

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/hedui/hedui/engine/household"
)

//go:embed packs
var shipped embed.FS

// ErrNoPack is returned for a pack that is neither shipped nor a folder.
var ErrNoPack = errors.New("no such rule pack")

// maxFile is the most bytes a file of a pack may have.
const maxFile = 1 << 20

// Shipped are the names of the packs that come with the program.
func Shipped() []string {
	entries, err := shipped.ReadDir("packs")
	if err != nil {
		return nil
	}
	var out []string
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

// Open returns the folder of a pack: of a shipped one by its name, else a folder
// on disk. A name with a slash or a dot is always a folder. It returns ErrNoPack.
func Open(nameOrDir string) (fs.FS, error) {
	if !strings.ContainsAny(nameOrDir, `./\`) && slices.Contains(Shipped(), nameOrDir) {
		return fs.Sub(shipped, path.Join("packs", nameOrDir))
	}
	if info, err := os.Stat(nameOrDir); err != nil || !info.IsDir() {
		return nil, fmt.Errorf("%w: %q is neither a folder nor one of %s", ErrNoPack, nameOrDir, strings.Join(Shipped(), ", "))
	}
	return os.DirFS(nameOrDir), nil
}

// Load loads a shipped pack by its name, or the pack in a folder. It returns
// ErrNoPack, Errors when the pack is not whole, or an error of reading.
func Load(nameOrDir string) (*Pack, error) {
	dir, err := Open(nameOrDir)
	if err != nil {
		return nil, err
	}
	return LoadFS(dir)
}

// LoadFS loads the pack in a folder.
func LoadFS(dir fs.FS) (*Pack, error) {
	l := newLoader()
	folders, err := l.read(dir, "", 0)
	if err != nil {
		return nil, err
	}
	if len(l.errs) == 0 {
		l.load(folders)
	}
	if len(l.errs) > 0 {
		l.errs.sort()
		return nil, l.errs
	}
	l.p.Digest = digest(folders)
	return l.p, nil
}

// folder is one folder of a pack or of a pack that it extends: the main one, or an
// overlay.
type folder struct {
	pack   string // name of the extended pack; "" for the pack itself
	dir    string // "" or overlays/310000-shanghai
	region string
	files  map[string][]byte
	keys   []string // of its pack.yaml
}

// name is how errors and verdicts call a file of the folder.
func (d *folder) name(file string) string {
	s := path.Join(d.dir, file)
	if d.pack != "" {
		s = d.pack + ":" + s
	}
	return s
}

// The files of a pack. Those of requiredFiles must be there or in the pack it extends.
func packFiles() []string {
	return []string{
		adjustmentsFile, "assets.yaml", attributesFile, benefitFile, identityFile, "income.yaml", linkageFile, membersFile,
		"messages.yaml", "pack.yaml", "parameters.yaml", policyFile, "rules.yaml",
	}
}

func requiredFiles() []string {
	return []string{"assets.yaml", "income.yaml", "messages.yaml", "pack.yaml", "parameters.yaml", "rules.yaml"}
}

// The optional files: of a pack that looks for weaker links, and of one that grades
// them by a policy of its own, and those of what only some schemes have.
const (
	identityFile    = "identity.yaml"
	policyFile      = "policy.yaml"
	attributesFile  = "attributes.yaml"
	membersFile     = "members.yaml"
	adjustmentsFile = "adjustments.yaml"
	benefitFile     = "benefit.yaml"
	linkageFile     = "linkage.yaml"
)

// overlayFiles are the files of an overlay.
func overlayFiles() []string {
	return []string{adjustmentsFile, "assets.yaml", attributesFile, benefitFile, "income.yaml", linkageFile, membersFile, "messages.yaml", "pack.yaml", "parameters.yaml", "rules.yaml"}
}

// maxExtends bounds how many packs may lie beneath one.
const maxExtends = 4

// read reads the folders of a pack, those of what it extends first, and the overlays
// after the folder they lie in.
func (l *loader) read(dir fs.FS, pack string, depth int) ([]*folder, error) {
	own, err := l.readFolder(dir, &folder{pack: pack})
	if err != nil || len(l.errs) > 0 {
		return nil, err
	}
	var below []*folder
	if content := own.files["pack.yaml"]; content != nil {
		if name, base := l.extends(own.name("pack.yaml"), content, depth); base != nil {
			if below, err = l.read(base, name, depth+1); err != nil {
				return nil, err
			}
		}
	}
	all := append(below, own)
	over, err := l.readOverlays(dir, pack)
	if err != nil {
		return nil, err
	}
	if pack == "" {
		for _, name := range requiredFiles() {
			if !slices.ContainsFunc(all, func(d *folder) bool { return d.dir == "" && d.files[name] != nil }) {
				l.errs = append(l.errs, &Error{File: name, Problem: "file missing", Expected: "a pack with " + strings.Join(requiredFiles(), ", ")})
			}
		}
	}
	l.errs.sort()
	all = append(all, over...)
	slices.SortStableFunc(all, func(a, b *folder) int { return a.breadth() - b.breadth() })
	return all, nil
}

// breadth orders folders: what holds everywhere, then the larger regions first.
func (d *folder) breadth() int {
	if d.region == "" {
		return -1
	}
	return breadth(d.region)
}

// readFolder reads the known files of one folder.
func (l *loader) readFolder(dir fs.FS, d *folder) (*folder, error) {
	d.files = map[string][]byte{}
	at := "."
	known := packFiles()
	if d.dir != "" {
		at, known = d.dir, overlayFiles()
	}
	entries, err := fs.ReadDir(dir, at)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		name := e.Name()
		if e.IsDir() {
			if d.dir != "" || name != "tests" && name != "overlays" {
				l.errs = append(l.errs, &Error{File: d.name(name), Problem: "unknown folder", Expected: "only tests and overlays"})
			}
			continue
		}
		if !slices.Contains(known, name) {
			if ext := path.Ext(name); ext == ".yaml" || ext == ".yml" {
				l.errs = append(l.errs, &Error{File: d.name(name), Problem: "unknown file", Expected: oneOf(known, name)})
			}
			continue
		}
		b, err := fs.ReadFile(dir, path.Join(at, name))
		if err != nil {
			return nil, fmt.Errorf("read rule pack: %w", err)
		}
		if len(b) > maxFile {
			l.errs = append(l.errs, &Error{File: d.name(name), Problem: "file too large", Expected: fmt.Sprintf("at most %d bytes", maxFile)})
		}
		b = bytes.TrimPrefix(b, []byte("\ufeff"))
		d.files[name] = bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n"))
	}
	return d, nil
}

// readOverlays reads the folders under overlays.
func (l *loader) readOverlays(dir fs.FS, pack string) ([]*folder, error) {
	entries, err := fs.ReadDir(dir, "overlays")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var out []*folder
	for _, e := range entries {
		d := &folder{pack: pack, dir: path.Join("overlays", e.Name())}
		code, name, named := strings.Cut(e.Name(), "-")
		if !e.IsDir() || !isDivision(code) || named && !household.IsSlug(strings.ReplaceAll(name, "-", "_")) {
			l.errs = append(l.errs, &Error{File: d.name(""), Problem: "not an overlay", Expected: "a folder named by a division code of six digits, like 310000 or 310000-shanghai"})
			continue
		}
		d.region = code
		if slices.ContainsFunc(out, func(o *folder) bool { return o.region == code }) {
			l.errs = append(l.errs, &Error{File: d.name(""), Problem: "a second overlay of " + code, Expected: "one folder for a region"})
		}
		if _, err := l.readFolder(dir, d); err != nil {
			return nil, err
		}
		if len(d.files) == 0 {
			l.errs = append(l.errs, &Error{File: d.name(""), Problem: "an overlay that says nothing", Expected: oneOf(overlayFiles(), "")})
		}
		out = append(out, d)
	}
	return out, nil
}

// isDivision reports whether a code is of six digits and not of the whole country.
func isDivision(code string) bool {
	if len(code) != 6 || code == "000000" {
		return false
	}
	return strings.Trim(code, "0123456789") == ""
}

// breadth is 0 for a province, 1 for a city and 2 for a county.
func breadth(code string) int {
	switch {
	case strings.HasSuffix(code, "0000"):
		return 0
	case strings.HasSuffix(code, "00"):
		return 1
	}
	return 2
}

// within reports whether a region of a request lies in that of an overlay.
func within(region, overlay string) bool {
	switch breadth(overlay) {
	case 0:
		return len(region) >= 2 && region[:2] == overlay[:2]
	case 1:
		return len(region) >= 4 && region[:4] == overlay[:4]
	}
	return len(region) >= 6 && region[:6] == overlay
}

// extends is the folder of the shipped pack that a pack.yaml extends, or nil. What is
// wrong with the file otherwise is found when it is loaded.
func (l *loader) extends(file string, content []byte, depth int) (string, fs.FS) {
	probe := newLoader()
	for _, e := range probe.parse(file, content).entries() {
		if e.name != "extends" {
			continue
		}
		name := plainText(e.node)
		at := node{l, e.f, e.n}
		switch {
		case !slices.Contains(Shipped(), name):
			at.fail("no such shipped pack", oneOf(Shipped(), name))
			return "", nil
		case depth >= maxExtends:
			at.fail("too many packs beneath each other", fmt.Sprintf("at most %d", maxExtends))
			return "", nil
		}
		base, err := Open(name)
		if err != nil {
			return "", nil
		}
		return name, base
	}
	return "", nil
}

// digest covers every byte that can change a verdict or its words. A pack of one folder
// has the digest of its files, whatever it inherits them from.
func digest(folders []*folder) string {
	h := sha256.New()
	write := func(name string, content []byte) {
		var size [8]byte
		binary.BigEndian.PutUint64(size[:], uint64(len(content)))
		h.Write([]byte(name))
		h.Write(size[:])
		h.Write(content)
	}
	for i, d := range folders {
		for _, name := range packFiles() {
			content := d.files[name]
			if content == nil || d.dir == "" && shadowed(folders[i+1:], name) && (name != "pack.yaml" || !inherited(folders, i)) {
				continue
			}
			write(path.Join(d.dir, name), content)
		}
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// shadowed reports whether a pack that extends another has a file of its own in place of
// the other's, so that nothing of that is left.
func shadowed(after []*folder, name string) bool {
	if merged(name) {
		return false
	}
	return slices.ContainsFunc(after, func(d *folder) bool { return d.dir == "" && d.files[name] != nil })
}

// said are the keys of pack.yaml that packs nearer than a folder's say.
func said(folders []*folder, i int) map[string]bool {
	out := map[string]bool{}
	for k := len(folders) - 1; k >= 0 && (folders[k].dir != "" || folders[k].pack != folders[i].pack); k-- {
		if folders[k].dir == "" {
			for _, key := range folders[k].keys {
				out[key] = true
			}
		}
	}
	return out
}

// inherited reports whether a pack leaves anything to the pack.yaml of one beneath it.
func inherited(folders []*folder, i int) bool {
	nearer := said(folders, i)
	return slices.ContainsFunc(inheritable(), func(key string) bool {
		return slices.Contains(folders[i].keys, key) && !nearer[key]
	})
}

// merged reports whether a file adds to the same file of the pack that is extended. The
// other files take its place.
func merged(name string) bool {
	return name == "parameters.yaml" || name == "messages.yaml" || name == attributesFile
}
