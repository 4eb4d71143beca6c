package mutate_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/engine/situation/mutate"
	"github.com/hedui/hedui/rules"
)

// reference is a copy of that pack in memory.
func reference(t *testing.T) fstest.MapFS {
	t.Helper()
	dir, err := rules.Open("reference")
	if err != nil {
		t.Fatal(err)
	}
	out := fstest.MapFS{}
	err = fs.WalkDir(dir, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		content, err := fs.ReadFile(dir, name)
		out[name] = &fstest.MapFile{Data: content}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// without takes a situation out of a file of them.
func without(t *testing.T, dir fstest.MapFS, file, name string) {
	t.Helper()
	content := string(dir[file].Data)
	before, rest, found := strings.Cut(content, "  - name: "+name+"\n")
	if !found {
		t.Fatalf("%s has no situation %q", file, name)
	}
	_, after, more := strings.Cut(rest, "\n  - name: ")
	if more {
		after = "  - name: " + after
	}
	dir[file] = &fstest.MapFile{Data: []byte(before + after)}
}

// planted is the situation that alone notices plantedWhat.
const (
	plantedFile = "tests/employment.yaml"
	planted     = "also when tax is incomplete"
	plantedWhat = "rules[unexplained_employment].unless_coverage.tax: incomplete added"
)

func rulesOnly() mutate.Options { return mutate.Options{Files: []string{"rules.yaml"}} }

func TestPlantedSurvivorIsFound(t *testing.T) {
	dir := reference(t)
	without(t, dir, plantedFile, planted)
	r, err := mutate.Run(t.Context(), dir, rulesOnly())
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Survived) != 1 || r.Survived[0].What != plantedWhat {
		t.Fatalf("survivors %v, want one: %s", r.Survived, plantedWhat)
	}
	s := r.Survived[0]
	line := strings.Split(string(dir["rules.yaml"].Data), "\n")[s.Line-1]
	if s.File != "rules.yaml" || !strings.Contains(line, "unless_coverage") || line[s.Column-1] != '[' {
		t.Errorf("it is said to be at %s, where stands %q", s.String(), line)
	}
	if r.Permille() >= 1000 || r.Permille() < 900 || r.All() != r.Refused+r.Killed+1 {
		t.Errorf("%d ‰ of %d", r.Permille(), r.All())
	}
}

func TestReportDoesNotDependOnWorkers(t *testing.T) {
	dir := reference(t)
	without(t, dir, plantedFile, planted)
	var reports []string
	for _, workers := range []int{1, 2, 5} {
		o := rulesOnly()
		last := 0
		o.Workers, o.Progress = workers, func(done, total int) {
			if done != last+1 || done > total {
				t.Errorf("progress %d of %d after %d", done, total, last)
			}
			last = done
		}
		r, err := mutate.Run(t.Context(), dir, o)
		if err != nil {
			t.Fatal(err)
		}
		if last != r.All() {
			t.Errorf("the last progress was %d of %d", last, r.All())
		}
		text := ""
		for i := range r.Survived {
			text += r.Survived[i].String() + "\n"
		}
		reports = append(reports, text+cmp.Diff(r.Refused, 0)+cmp.Diff(r.Killed, 0))
	}
	if reports[0] != reports[1] || reports[1] != reports[2] {
		t.Errorf("different reports:\n%s", strings.Join(reports, "\n"))
	}
}

func TestAllowedMutants(t *testing.T) {
	const entry = "equivalent:\n  - {file: rules.yaml, what: \"" + plantedWhat + "\", why: nobody can tell}\n"
	cases := map[string]struct {
		allow string
		keep  bool // the situation that notices
		want  string
	}{
		"listed":                  {entry, false, ""},
		"listed, but noticed":     {entry, true, "is not equivalent"},
		"no such mutant":          {entry + "  - {file: rules.yaml, what: nothing, why: x}\n", false, `"nothing" of rules.yaml is no mutant`},
		"of a file not looked at": {entry + "  - {file: pack.yaml, what: nothing, why: x}\n", false, ""},
		"without a reason":        {"equivalent:\n  - {file: rules.yaml, what: x}\n", false, "needs file, what and why"},
		"an unknown key":          {"equal: []\n", false, "line 1, column 1"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			dir := reference(t)
			if !c.keep {
				without(t, dir, plantedFile, planted)
			}
			dir["tests/mutants.yaml"] = &fstest.MapFile{Data: []byte(c.allow)}
			r, err := mutate.Run(t.Context(), dir, rulesOnly())
			if c.want != "" {
				if err == nil || !strings.Contains(err.Error(), c.want) {
					t.Errorf("error %v, want %q", err, c.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if len(r.Survived) != 0 || len(r.Equivalent) != 1 || r.Equivalent[0].Why != "nobody can tell" || r.Permille() != 1000 {
				t.Errorf("%d survive, equivalent %v, %d ‰", len(r.Survived), r.Equivalent, r.Permille())
			}
		})
	}
}

func TestRunRefuses(t *testing.T) {
	dir := reference(t)
	if _, err := mutate.Run(t.Context(), dir, mutate.Options{Files: []string{"messages.yaml"}}); !errors.Is(err, mutate.ErrNoFile) {
		t.Errorf("words for people: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := mutate.Run(ctx, dir, rulesOnly()); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
	dir["parameters.yaml"] = &fstest.MapFile{Data: bytes.Replace(dir["parameters.yaml"].Data, []byte("700.00"), []byte("701.00"), 1)}
	_, err := mutate.Run(t.Context(), dir, rulesOnly())
	if failing, ok := errors.AsType[*mutate.FailingError](err); !ok || failing.Failed == 0 || failing.All < 100 {
		t.Errorf("situations that fail before: %v", err)
	}
}

// TestMutantsAreSmall holds that a mutant of a shipped pack is another text in one
// place, that no two are the same, and that comments and words for people stay.
func TestMutantsAreSmall(t *testing.T) {
	for _, name := range rules.Shipped() {
		dir, err := rules.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		ms, err := mutate.Mutants(dir)
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]string{}
		for i := range ms {
			m := &ms[i]
			old, err := fs.ReadFile(dir, m.File)
			if err != nil {
				t.Fatal(err)
			}
			changed := m.Content()
			if bytes.Equal(old, changed) {
				t.Errorf("%s: nothing changed", m)
			}
			if before := seen[m.File+string(changed)]; before != "" {
				t.Errorf("%s is the same as %s", m, before)
			}
			seen[m.File+string(changed)] = m.String()
			if strings.HasSuffix(m.What, "dropped") || strings.Contains(m.What, " becomes lines") || strings.HasSuffix(m.What, " becomes not_income") ||
				strings.HasSuffix(m.What, " becomes one_off") || strings.Contains(m.What, "exchanged") {
				continue
			}
			for _, word := range []string{"law: ", "doc: ", "verified: true", "#"} {
				if a, b := bytes.Count(old, []byte(word)), bytes.Count(changed, []byte(word)); a != b {
					t.Errorf("%s: %d times %q became %d", m, a, word, b)
				}
			}
		}
	}
}

func FuzzMutants(f *testing.F) {
	dir, err := rules.Open("reference")
	if err != nil {
		f.Fatal(err)
	}
	files := []string{"rules.yaml", "income.yaml", "assets.yaml", "parameters.yaml"}
	for i, name := range files {
		content, err := fs.ReadFile(dir, name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(i, content)
	}
	f.Add(0, []byte("rules:\n  - code: a\n    when: |\n      a < 3 &&\n      (b == \"urban\" || !c)\n    condition: >-\n      x\n"))
	f.Add(0, []byte("rules:\r\n- code: \"\\u00e9\"\r\n  when: 'it''s'\r\n- [1, [2, {a: 3}], ]\r\n"))
	f.Fuzz(func(t *testing.T, file int, content []byte) {
		name := files[uint(file)%uint(len(files))]
		ms, err := mutate.Mutants(fstest.MapFS{name: &fstest.MapFile{Data: content}})
		if err != nil {
			return
		}
		for i := range ms {
			if ms[i].Line < 1 || ms[i].Column < 1 || ms[i].What == "" {
				t.Errorf("mutant without a place: %q", ms[i].String())
			}
			ms[i].Content()
		}
	})
}
