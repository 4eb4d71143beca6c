package store_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
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

	"github.com/cespare/xxhash/v2"

	"github.com/hedui/hedui/engine/block"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/store"
	"github.com/hedui/hedui/engine/store/storetest"
)

// The corruption test damages one file of a store in each case and requires that
// every answer is right or an error. Cases run in child processes, so that a fault
// which kills the process is seen and counted. A case follows from its number and
// the seed: -corrupt.seed and -corrupt.only repeat one.
var (
	corruptions  = flag.Int("corruptions", 200, "cases of the corruption test; the full test has 2000")
	corruptSeed  = flag.Uint64("corrupt.seed", 1, "seed of the corruption test")
	corruptOnly  = flag.Int("corrupt.only", -1, "run only this case")
	corruptChild = flag.String("corrupt.child", "", "internal: directory of the store to damage copies of")
	corruptFrom  = flag.Int("corrupt.from", 0, "internal: first case")
	corruptTo    = flag.Int("corrupt.to", 0, "internal: case to stop before")
	corruptBlind = flag.Bool("corrupt.blind", false, "internal: verification switched off")
)

func corruptData(seed uint64) *storetest.Data {
	d := storetest.NewData(seed, 1200)
	d.Options.BlockPeople = 24
	d.Size = 500 // tables larger than what is verified whole at open
	d.Large[d.People[700]] = 1_100_000
	return d
}

func corruptOptions() store.DirOptions { return store.DirOptions{}.WithTableSize(128 << 10) }

// kinds of damage. Each returns the new bytes of a file, nil to remove it.
var kinds = []struct {
	name   string
	damage func(b, foreign []byte, rnd *rand.Rand) []byte
}{
	{"flip one bit", func(b, _ []byte, rnd *rand.Rand) []byte {
		at := rnd.IntN(len(b))
		if rnd.IntN(3) == 0 { // where tables keep their index
			at = len(b) - 1 - rnd.IntN(min(len(b), 4096))
		}
		b[at] ^= 1 << rnd.IntN(8)
		return b
	}},
	{"zero 4 KiB", func(b, _ []byte, rnd *rand.Rand) []byte {
		at := page(b, rnd)
		clear(b[at:min(len(b), at+4096)])
		return b
	}},
	{"swap two pages", func(b, _ []byte, rnd *rand.Rand) []byte {
		p, q := page(b, rnd), page(b, rnd)
		n := min(4096, len(b)-p, len(b)-q)
		x := bytes.Clone(b[p : p+n])
		copy(b[p:p+n], b[q:q+n])
		copy(b[q:q+n], x)
		return b
	}},
	{"cut the tail", func(b, _ []byte, rnd *rand.Rand) []byte { return b[:rnd.IntN(len(b))] }},
	{"delete", func([]byte, []byte, *rand.Rand) []byte { return nil }},
	{"append", func(b, _ []byte, rnd *rand.Rand) []byte { return append(b, make([]byte, 1+rnd.IntN(5000))...) }},
	{"file of another generation", func(_, foreign []byte, _ *rand.Rand) []byte { return foreign }},
}

func page(b []byte, rnd *rand.Rand) int { return rnd.IntN((len(b)+4095)/4096) * 4096 }

func TestCorruption(t *testing.T) {
	first, last := 0, *corruptions
	if testing.Short() {
		last = min(last, 60)
	}
	if *corruptOnly >= 0 {
		first, last = *corruptOnly, *corruptOnly+1
	}
	t.Logf("seed %d", *corruptSeed)
	c := runCorruption(t, first, last, false)
	t.Log(c)
	if c.cases != last-first || c.wrong != 0 || c.missing != 0 || c.deaths != 0 || c.unnoticed != 0 || c.unclear != 0 {
		t.Errorf("%v; reports:\n%s", c, strings.Join(c.reports, "\n"))
	}
	if *corruptOnly < 0 && (c.open < c.cases/4 || c.read < c.cases/10) {
		t.Errorf("the damage does not reach the data: %v", c)
	}
}

// TestCorruptionHarness is the self-check: with verification off, the same cases
// must give wrong and missing answers, or the test above proves nothing.
func TestCorruptionHarness(t *testing.T) {
	c := runCorruption(t, 0, 60, true)
	t.Log(c)
	if c.wrong == 0 || c.missing == 0 {
		t.Errorf("planted bug not found: %v", c)
	}
}

type corruptionCount struct {
	cases                  int
	open, read, sweep      int // where the damage was noticed
	harmless               int // nothing changed, and all answers right
	wrong, missing, deaths int
	unnoticed              int // neither open nor reading nor a sweep saw changed bytes
	unclear                int // an error that is not classified or names no file
	reports                []string
}

func (c corruptionCount) String() string {
	return fmt.Sprintf("%d cases: noticed at open %d, reading %d, in a sweep %d; %d harmless, %d with wrong answers, %d with missing answers, %d process deaths, %d unnoticed, %d unclear errors",
		c.cases, c.open, c.read, c.sweep, c.harmless, c.wrong, c.missing, c.deaths, c.unnoticed, c.unclear)
}

// runCorruption builds the store, runs the cases in children and counts.
func runCorruption(t *testing.T, first, last int, blind bool) (c corruptionCount) {
	base := t.TempDir()
	s, err := store.OpenDirWith(base, corruptOptions())
	if err != nil {
		t.Fatal(err)
	}
	m := corruptData(1).MustLoad(t, s)
	corruptData(2).MustLoad(t, s)
	if err := s.Activate(m.ID); err != nil {
		t.Fatal(err)
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for from := first; from < last; {
		to := min(from+100, last)
		cmd := exec.CommandContext(t.Context(), exe, "-test.run=^TestCorruptionChild$", "-corrupt.child="+base,
			fmt.Sprint("-corrupt.seed=", *corruptSeed), fmt.Sprint("-corrupt.from=", from), fmt.Sprint("-corrupt.to=", to),
			fmt.Sprint("-corrupt.blind=", blind))
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		for line := range strings.Lines(string(out)) {
			var n int
			var verdict string
			if k, _ := fmt.Sscanf(line, "case %d %s", &n, &verdict); k != 2 || n != from {
				continue
			}
			from++
			c.count(verdict, strings.TrimSpace(line))
		}
		if from < to { // the process ended in this case
			c.count("death", fmt.Sprintf("case %d: %v: %.2000s", from, err, stderr.String()))
			from++
		}
	}
	return c
}

func (c *corruptionCount) count(verdict, report string) {
	c.cases++
	switch verdict {
	case "open":
		c.open++
		return
	case "read":
		c.read++
		return
	case "sweep":
		c.sweep++
		return
	case "harmless":
		c.harmless++
		return
	case "wrong":
		c.wrong++
	case "missing":
		c.missing++
	case "unnoticed":
		c.unnoticed++
	case "unclear":
		c.unclear++
	default:
		c.deaths++
	}
	c.reports = append(c.reports, report)
}

// TestCorruptionChild runs cases when the test above calls it.
func TestCorruptionChild(t *testing.T) {
	if *corruptChild == "" {
		t.Skip("runs as a child only")
	}
	s := lookAt(t, *corruptChild)
	w := bufio.NewWriter(os.Stdout)
	for n := *corruptFrom; n < *corruptTo; n++ {
		verdict, what := corruptionCase(t, s, n)
		fmt.Fprintf(w, "\ncase %d %s %s\n", n, verdict, what)
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
	}
}

func corruptionCase(t *testing.T, s corruptible, n int) (verdict, what string) {
	rnd := rand.New(rand.NewPCG(*corruptSeed, uint64(n)))
	dir := filepath.Join(t.TempDir(), "case")
	defer os.RemoveAll(dir)
	s.link(t, dir)
	kind := kinds[n%len(kinds)]
	name := s.files[n/len(kinds)%len(s.files)]
	if n%len(kinds) < 3 && rnd.IntN(2) == 0 { // most of the bytes are in tables
		name = pickTable(s.files, rnd.IntN(len(s.files)))
	}
	if *corruptBlind { // only what the switched-off verification protects
		kind, name = kinds[n%3], pickTable(s.files, n/3)
	}
	what = kind.name + " in " + filepath.Base(name)
	changed := damageFile(t, filepath.Join(dir, name), s.foreign[name], kind.damage, rnd)

	o := corruptOptions()
	if *corruptBlind {
		o = o.WithoutVerification(trustingRead)
	}
	d := corruptData(1)
	answer, err := ask(dir, o, d)
	switch want := 2 * (len(d.People) + len(d.Unlinked)); {
	case answer.Wrong > 0:
		return "wrong", what
	case answer.Missing > 0:
		return "missing", what
	case err != nil:
		if problem := unclear(err, dir); problem != "" {
			return "unclear", what + ": " + problem
		}
		if answer.Errs > 0 {
			return "read", what
		}
		return "open", what
	case answer.Right != want:
		return "missing", fmt.Sprintf("%s: %d answers, want %d", what, answer.Right, want)
	case !changed:
		return "harmless", what
	}
	if *corruptBlind {
		return "unnoticed", what
	}
	// Bytes that no answer needs: a sweep must see them.
	if err := sweepStore(dir, o); err == nil {
		return "unnoticed", what
	}
	return "sweep", what
}

// ask opens the current generation and reads all of it, as a verifier would.
func ask(dir string, o store.DirOptions, d *storetest.Data) (a storetest.Answer, err error) {
	g, err := openCurrent(dir, o)
	if err != nil {
		return a, err
	}
	a = d.ReadAll(g)
	return a, errors.Join(a.Err, g.Close())
}

func openCurrent(dir string, o store.DirOptions) (store.Generation, error) {
	s, err := store.OpenDirWith(dir, o)
	if err != nil {
		return nil, err
	}
	id, err := s.Current()
	if err != nil {
		return nil, err
	}
	return s.Open(id)
}

func sweepStore(dir string, o store.DirOptions) error {
	g, err := openCurrent(dir, o)
	if err != nil {
		return err
	}
	return errors.Join(g.Sweep(context.Background(), nil), g.Close())
}

// unclear says what is wrong with an error: it must be classified, name something
// within the store, and hold no key.
func unclear(err error, dir string) string {
	if errors.Is(err, store.ErrNoCurrent) {
		return "" // CURRENT was removed
	}
	var d *store.DamageError
	if !errors.As(err, &d) {
		return "not a damage error: " + err.Error()
	}
	if _, statErr := os.Stat(d.File); !strings.HasPrefix(d.File, dir) || statErr != nil && !errors.Is(statErr, fs.ErrNotExist) {
		return "names no file: " + err.Error()
	}
	if strings.Contains(err.Error(), "1101011950") {
		return "holds a person's number"
	}
	return ""
}

// trustingRead is what a store without checksums would do: it takes the bytes as
// they are, and "not found" for an answer.
func trustingRead(raw []byte, err error) (block.Block, error) {
	if err == nil && len(raw) >= 56 {
		raw = bytes.Clone(raw)
		d := xxhash.New()
		_, _ = d.Write(raw[:48])
		_, _ = d.Write(raw[56:])
		binary.LittleEndian.PutUint64(raw[48:], d.Sum64())
		if b, err := block.Open(raw); err == nil {
			return b, nil
		}
	}
	var b block.Builder
	raw, err = b.Finish(household.PersonKey{}, household.PersonKey{}, true)
	if err != nil {
		return block.Block{}, err
	}
	return block.Open(raw)
}

// corruptible is a store to damage copies of.
type corruptible struct {
	base    string
	files   []string          // of the current generation, below base
	foreign map[string][]byte // for each, the bytes of such a file of another generation
}

// lookAt lists the files of the current generation. Badger numbers its tables as it
// likes: they are ordered by content, so that a case is the same in every run.
func lookAt(t *testing.T, base string) corruptible {
	s := openDir(t, base)
	id, err := s.Current()
	if err != nil {
		t.Fatal(err)
	}
	ids, err := s.List()
	if err != nil || len(ids) != 2 {
		t.Fatalf("%v, %v", ids, err)
	}
	other := ids[0]
	if other == id {
		other = ids[1]
	}
	theirs := byContent(t, filepath.Join(base, "generations", other))
	current := bytes.Replace(readFile(t, filepath.Join(base, "CURRENT")), []byte(id), []byte(other), 1)
	c := corruptible{base: base, files: []string{"CURRENT"}, foreign: map[string][]byte{"CURRENT": current}}
	for i, name := range byContent(t, filepath.Join(base, "generations", id)) {
		rel := filepath.Join("generations", id, filepath.Base(name))
		c.files = append(c.files, rel)
		c.foreign[rel] = readFile(t, theirs[min(i, len(theirs)-1)])
	}
	return c
}

// link links the files into a new directory.
func (c corruptible) link(t *testing.T, dir string) {
	for _, rel := range c.files {
		to := filepath.Join(dir, rel)
		if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Link(filepath.Join(c.base, rel), to); err != nil {
			t.Fatal(err)
		}
	}
}

// byContent lists the files of a directory: ours by name, then tables by content.
func byContent(t *testing.T, dir string) []string {
	names, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	key := func(name string) string {
		if strings.HasSuffix(name, ".sst") {
			return "~" + string(readFile(t, name)) // after all names
		}
		return filepath.Base(name)
	}
	slices.SortFunc(names, func(a, b string) int { return strings.Compare(key(a), key(b)) })
	return names
}

func readFile(t *testing.T, name string) []byte {
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func pickTable(files []string, n int) string {
	var tables []string
	for _, f := range files {
		if strings.HasSuffix(f, ".sst") {
			tables = append(tables, f)
		}
	}
	return tables[n%len(tables)]
}

// damageFile replaces the linked file by a damaged copy and reports whether its
// bytes changed.
func damageFile(t *testing.T, name string, foreign []byte, damage func(b, foreign []byte, rnd *rand.Rand) []byte, rnd *rand.Rand) bool {
	old := readFile(t, name)
	b := damage(bytes.Clone(old), foreign, rnd)
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
	if b == nil {
		return true
	}
	if err := os.WriteFile(name, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return !bytes.Equal(old, b)
}
