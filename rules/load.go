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
	"strconv"
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
	l := &loader{p: &Pack{messages: map[string]*Message{}, FinancialLimit: -1, IncomeLimit: -1}, used: map[string]bool{}}
	contents, err := l.read(dir)
	if err != nil {
		return nil, err
	}
	if len(l.errs) == 0 {
		l.load(contents)
	}
	if len(l.errs) > 0 {
		l.errs.sort()
		return nil, l.errs
	}
	l.p.Digest = digest(contents)
	return l.p, nil
}

// loader collects a pack and what is wrong with it.
type loader struct {
	p    *Pack
	errs Errors
	used map[string]bool // "parameter x", "set x"
	at   map[string]node // where they are named
}

// The files of a pack. Every one but the optional ones is required.
func packFiles() []string {
	return []string{"assets.yaml", identityFile, "income.yaml", "messages.yaml", "pack.yaml", "parameters.yaml", policyFile, "rules.yaml"}
}

// The optional files: of a pack that looks for weaker links, and of one that grades
// them by a policy of its own.
const (
	identityFile = "identity.yaml"
	policyFile   = "policy.yaml"
)

func optional(name string) bool { return name == identityFile || name == policyFile }

// read reads the files of a pack. Those that it does not have come from the pack it
// extends.
func (l *loader) read(dir fs.FS) (map[string][]byte, error) {
	contents, err := l.readOwn(dir)
	if err != nil || len(l.errs) > 0 {
		return nil, err
	}
	if contents["pack.yaml"] != nil {
		if base := l.extends(contents["pack.yaml"]); base != nil {
			below, err := l.readOwn(base)
			if err != nil {
				return nil, err
			}
			for name, content := range below {
				if contents[name] == nil && !optional(name) {
					contents[name] = content
				}
			}
		}
	}
	for _, name := range packFiles() {
		if contents[name] == nil && !optional(name) {
			l.errs = append(l.errs, &Error{File: name, Problem: "file missing", Expected: "a pack with " + strings.Join(packFiles(), ", ")})
		}
	}
	l.errs.sort()
	return contents, nil
}

// extends is the folder of the shipped pack that a pack.yaml extends, or nil. What is
// wrong with the file otherwise is found when it is loaded.
func (l *loader) extends(content []byte) fs.FS {
	probe := &loader{}
	for _, e := range probe.parse("pack.yaml", content).entries() {
		if e.name != "extends" {
			continue
		}
		name := plainText(e.node)
		if !slices.Contains(Shipped(), name) {
			at := node{l, e.f, e.n}
			at.fail("no such shipped pack", oneOf(Shipped(), name))
			return nil
		}
		base, err := Open(name)
		if err != nil {
			return nil
		}
		return base
	}
	return nil
}

// readOwn reads the files of one folder.
func (l *loader) readOwn(dir fs.FS) (map[string][]byte, error) {
	entries, err := fs.ReadDir(dir, ".")
	if err != nil {
		return nil, err
	}
	contents := map[string][]byte{}
	known := packFiles()
	for _, e := range entries {
		name := e.Name()
		if e.IsDir() {
			if name != "tests" {
				l.errs = append(l.errs, &Error{File: name, Problem: "unknown folder", Expected: "only tests"})
			}
			continue
		}
		if !slices.Contains(known, name) {
			if ext := path.Ext(name); ext == ".yaml" || ext == ".yml" {
				l.errs = append(l.errs, &Error{File: name, Problem: "unknown file", Expected: oneOf(known, name)})
			}
			continue
		}
		b, err := fs.ReadFile(dir, name)
		if err != nil {
			return nil, fmt.Errorf("read rule pack: %w", err)
		}
		if len(b) > maxFile {
			l.errs = append(l.errs, &Error{File: name, Problem: "file too large", Expected: "at most " + strconv.Itoa(maxFile) + " bytes"})
		}
		b = bytes.TrimPrefix(b, []byte("\ufeff"))
		contents[name] = bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n"))
	}
	return contents, nil
}

// digest covers every byte that can change a verdict or its words.
func digest(contents map[string][]byte) string {
	h := sha256.New()
	for _, name := range packFiles() {
		if optional(name) && contents[name] == nil { // a pack without it keeps its digest
			continue
		}
		var size [8]byte
		binary.BigEndian.PutUint64(size[:], uint64(len(contents[name])))
		h.Write([]byte(name))
		h.Write(size[:])
		h.Write(contents[name])
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

func (l *loader) load(contents map[string][]byte) {
	l.at = map[string]node{}
	parse := func(name string) node { return l.parse(name, contents[name]) }
	l.pack(parse("pack.yaml"))
	l.parameters(parse("parameters.yaml"))
	l.income(parse("income.yaml"))
	l.assets(parse("assets.yaml"))
	codes := map[string]bool{}
	l.identity(contents, codes)
	l.rules(parse("rules.yaml"), codes)
	l.messages(parse("messages.yaml"))
	for what, where := range l.at {
		if !l.used[what] {
			where.fail(what+" is never used", "a rule or a sheet that names it, or no entry")
		}
	}
}

// slug reports whether s is a lower-case word that may stand in codes and names.
func slug(s string) bool {
	for _, c := range s {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' {
			return false
		}
	}
	return s != ""
}

func (x node) slug() string {
	s := x.text()
	if s != "" && !slug(s) {
		x.fail(strconv.Quote(s)+" is not a name", "small letters, digits and _")
		return ""
	}
	return s
}

func (l *loader) pack(x node) {
	f := x.fields("name!", "version!", "title!", "extends", "schemes!", "window!", "stale_after_days!")
	p := l.p
	p.Name = f.get("name").slug()
	p.Version = f.get("version").text()
	p.Title = f.get("title").bilingual()
	if s := f.get("schemes"); plainText(s) != "any" && !s.absent() {
		for _, i := range s.items() {
			p.Schemes = append(p.Schemes, i.slug())
		}
		if len(p.Schemes) == 0 {
			s.fail("no scheme", "any, or a list of schemes")
		}
	}
	w := f.get("window").fields("months!", "anchor!")
	p.Window.Months = w.get("months").number(1, 120)
	if a := w.get("anchor"); !a.absent() {
		a.code(household.CodeList{{}, {Name: "month_before"}})
	}
	var wanted []string
	for _, n := range names(household.CheckedSources()) {
		wanted = append(wanted, n+"!")
	}
	days := f.get("stale_after_days").fields(wanted...)
	for s := household.Tax; s < household.NumChecked; s++ {
		p.StaleDays[s] = days.get(s.String()).number(1, 36500)
	}
}

func plainText(x node) string {
	if x.absent() || !plain(x.n) {
		return ""
	}
	return x.text()
}

func (l *loader) messages(x node) {
	f := x.fields("findings!", "refusals!")
	wanted := map[string]bool{}
	for i := range l.p.Rules {
		r := &l.p.Rules[i]
		if l.p.messages[r.Code] != nil { // given beside the rule
			continue
		}
		wanted[r.Code] = true
		if r.WeakCode != "" {
			wanted[r.WeakCode] = true
		}
	}
	l.words(f.get("findings"), wanted, "a finding of rules.yaml")
	refusals := map[string]bool{}
	for _, c := range RefusalCodes() {
		refusals[c] = true
	}
	l.words(f.get("refusals"), refusals, "a refusal")
}

// RefusalCodes are the codes of refusals, in the order in which they are looked
// for.
func RefusalCodes() []string {
	return []string{"authorization_missing", "authorization_expired", "authorization_purpose", "authorization_incomplete", "invalid_request"}
}

func (l *loader) words(x node, wanted map[string]bool, what string) {
	if x.absent() {
		return
	}
	var codes []string
	for c := range wanted {
		codes = append(codes, c)
	}
	slices.Sort(codes)
	for _, e := range x.entries() {
		if !wanted[e.name] {
			e.key.fail("words for "+strconv.Quote(e.name)+", which is not "+what, oneOf(codes, e.name))
			continue
		}
		f := e.fields("title!", "text!", "clear!")
		l.p.messages[e.name] = &Message{Title: f.get("title").bilingual(), Text: f.get("text").bilingual(), Clear: f.get("clear").bilingual()}
	}
	for _, c := range codes {
		if l.p.messages[c] == nil {
			x.fail("no words for "+strconv.Quote(c), "title, text and clear, each in zh and en")
		}
	}
}
