package lessons

import (
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/situation"
	"github.com/hedui/hedui/engine/situation/mutate"
	"github.com/hedui/hedui/rules"
)

// situations are those of a pack, at most so many, spread over all of them.
func situations(t testing.TB, name string, most int) []situation.Situation {
	t.Helper()
	dir, err := rules.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	all, err := situation.Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	var out []situation.Situation
	for i := range all {
		if i*most/len(all) != (i-1)*most/len(all) || i == 0 || most >= len(all) {
			out = append(out, all[i])
		}
	}
	return out
}

// answers are the verdicts of situations, as bytes, or why there is none: a pack may not
// know what the situations of another are about.
func answers(p *rules.Pack, all []situation.Situation) []string {
	out := make([]string, len(all))
	for i := range all {
		if v, err := all[i].Verdict(p); err != nil {
			out[i] = err.Error()
		} else {
			out[i] = string(v.AppendJSON(nil))
		}
	}
	return out
}

// amended are forms of a pack with other values, all of which load.
func amended(t testing.TB, name string, most int) []*rules.Pack {
	t.Helper()
	dir := files(t, name)
	var out []*rules.Pack
	for _, file := range []string{"parameters.yaml", "rules.yaml", "assets.yaml", "income.yaml"} {
		if dir[file] == nil {
			continue
		}
		ms, err := mutate.Mutants(dir, file)
		if err != nil {
			t.Fatal(err)
		}
		loaded := 0
		for i := 0; i < len(ms) && loaded < most; i += 1 + len(ms)/(4*most) {
			other := maps.Clone(dir)
			other[file] = &fstest.MapFile{Data: ms[i].Content()}
			if p, err := rules.LoadFS(other); err == nil {
				out = append(out, p)
				loaded++
			}
		}
	}
	return out
}

// leaks runs A, then others at the same time as A, then A again; "" or what of A changed.
func leaks(a *rules.Pack, others []*rules.Pack, all []situation.Situation, run func(*rules.Pack) []string) string {
	before := run(a)
	var wg sync.WaitGroup
	during := make([][]string, 2)
	for i := range during {
		wg.Go(func() { during[i] = run(a) })
	}
	for _, b := range others {
		wg.Go(func() { run(b) })
	}
	wg.Wait()
	for _, got := range append(during, run(a)) {
		for i := range before {
			if got[i] != before[i] {
				return fmt.Sprintf("%s was\n%s\nand is\n%s", all[i].Name, before[i], got[i])
			}
		}
	}
	return ""
}

// TestT23 A rehearsed reform of one law showed up in the results of another. Required:
// what is run under a changed pack, before, after or at the same time, leaves every byte
// of the others as it was.
func TestT23(t *testing.T) {
	most := 16
	if testing.Short() {
		most = 6
	}
	for _, name := range rules.Shipped() {
		t.Run(name, func(t *testing.T) {
			all := situations(t, name, most)
			others := amended(t, name, 2)
			for _, other := range []string{"reference", "dibao"} {
				if other != name {
					others = append(others, shipped(t, other))
				}
			}
			run := func(p *rules.Pack) []string { return answers(p, all) }
			if out := run(shipped(t, name)); !slices.ContainsFunc(out, func(s string) bool { return strings.HasPrefix(s, "{") }) {
				t.Errorf("no verdict: %s", out[0])
			}
			if problem := leaks(shipped(t, name), others, all, run); problem != "" {
				t.Error(problem)
			}
		})
	}
	t.Run("planted", func(t *testing.T) {
		all := situations(t, "reference", 10)
		a := shipped(t, "reference")
		var lock sync.Mutex
		last := ""
		leaky := func(p *rules.Pack) []string { // remembers the version that it last ran
			lock.Lock()
			defer lock.Unlock()
			out := answers(p, all)
			if last != "" {
				out[0] = last
			}
			if p != a {
				last = p.Digest
			}
			return out
		}
		if leaks(a, amended(t, "reference", 1), all, leaky) == "" {
			t.Error("nobody notices a leak")
		}
	})
}

// valueOf is a mutant of a value of a parameter: its name, and whether it is one.
var valueOf = regexp.MustCompile(`^(\w+)\.values\[\d+\]\.(value|urban|rural|sizes\[\d+\]\.value): `)

// uncited changes the values of a pack one at a time and verifies situations; it tells
// the verdicts that change although the changed parameter is not among those they name.
func uncited(t testing.TB, dir fstest.MapFS, all []situation.Situation, cites func(v *household.Verdict, p *rules.Pack, parameter string) bool) (problems []string, changed int) {
	t.Helper()
	p := load(t, dir)
	before := make([]*household.Verdict, len(all))
	judged := 0
	var err error
	for i := range all {
		// Some situations are about a date without law, or about no verdict.
		if before[i], err = all[i].Verdict(p); err == nil {
			judged++
		}
	}
	if judged*2 < len(all) {
		t.Errorf("only %d of %d situations have a verdict: %v", judged, len(all), err)
	}
	var names []string
	for name := range dir {
		if path.Base(name) == "parameters.yaml" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	if len(names) == 0 {
		return nil, 0
	}
	ms, err := mutate.Mutants(dir, names...)
	if err != nil {
		t.Fatal(err)
	}
	for k := range ms {
		m := &ms[k]
		at := valueOf.FindStringSubmatch(m.What)
		if at == nil {
			continue
		}
		other := maps.Clone(dir)
		other[m.File] = &fstest.MapFile{Data: m.Content()}
		q, err := rules.LoadFS(other)
		if err != nil {
			continue // not a law
		}
		for i := range all {
			if before[i] == nil {
				continue
			}
			v, err := all[i].Verdict(q)
			if err != nil {
				t.Fatal(err)
			}
			if says(v) == says(before[i]) {
				continue
			}
			changed++
			if !cites(before[i], p, at[1]) {
				problems = append(problems, fmt.Sprintf("%s: %s changes the verdict, which does not name it", all[i].Name, m))
			}
		}
	}
	return problems, changed
}

// says is a verdict without the pack that it names.
func says(v *household.Verdict) string {
	c := *v
	c.Pack = household.PackRef{}
	return string(c.AppendJSON(nil))
}

// named reports whether a verdict names a parameter among its values; of a pack that
// does not cite, whether its law says that rules rest on it.
func named(v *household.Verdict, p *rules.Pack, parameter string) bool {
	if p.CiteValues {
		return slices.ContainsFunc(v.Pack.Values, func(c household.CitedValue) bool { return c.Name == parameter })
	}
	l, err := p.On(v.On, v.Region)
	if err != nil {
		return false
	}
	ref, ok := l.Provenance(parameter)
	return ok && ref.Cited
}

// TestT24 A trace of how a result came about lacked parameters that had been read.
// Required: no value of the law can change a verdict that does not name it.
func TestT24(t *testing.T) {
	most := 24
	if testing.Short() {
		most = 8
	}
	for _, name := range rules.Shipped() {
		t.Run(name, func(t *testing.T) {
			dir := files(t, name)
			problems, changed := uncited(t, dir, situations(t, name, most), named)
			if len(problems) > 0 {
				t.Errorf("%d verdicts:\n%s", len(problems), strings.Join(problems[:min(5, len(problems))], "\n"))
			}
			if changed == 0 && dir["parameters.yaml"] != nil {
				t.Error("no value changes any verdict: nothing was tried")
			}
		})
	}
	t.Run("planted", func(t *testing.T) {
		forgetful := func(v *household.Verdict, p *rules.Pack, parameter string) bool {
			return parameter != "standard" && named(v, p, parameter)
		}
		if problems, _ := uncited(t, files(t, "reference"), situations(t, "reference", 40), forgetful); len(problems) == 0 {
			t.Error("nobody notices that the standard is not named")
		}
	})
}
