package linkage_test

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/hedui/hedui/engine/match/linkage"
)

const people = `name: people
version: 3
threshold: 0
fields:
  - name: given
    kind: name
    tf: true
    levels:
      - {when: missing}
      - {when: exact}
      - {when: swapped, with: family, label: names swapped}
      - {when: edits, max: 2, label: one or two edits}
      - {when: else}
  - name: family
    kind: name
    tf: true
    levels:
      - {when: missing}
      - {when: exact}
      - {when: swapped, with: given, label: names swapped}
      - {when: edits, max: 2, label: one or two edits}
      - {when: else}
  - name: born
    kind: date
    levels:
      - {when: missing}
      - {when: exact}
      - {when: transposition}
      - {when: substitution}
      - {when: day_month}
      - {when: date_part}
      - {when: else}
  - name: code
    kind: id
    levels:
      - {when: missing}
      - {when: exact}
      - {when: edits, max: 1}
      - {when: else}
blocking:
  - [born]
  - [code]
  - [given, family]
  - ["family:first3", "born:year"]
`

func load(t testing.TB, text string) *linkage.Model {
	t.Helper()
	m, err := linkage.Load("model.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// register makes n people, every second of them twice, the second time with a
// slip in one field and sometimes a missing one. The entity of each row is
// returned beside it.
func register(seed uint64, n int) (rows [][]string, entity []int) {
	rng := rand.New(rand.NewPCG(seed, 0))
	word := func(syllables, of int) string {
		list := []string{"ba", "ko", "li", "mu", "ner", "sta", "vel", "dor", "chi", "wen", "qua", "fry"}
		var b strings.Builder
		for range syllables {
			b.WriteString(list[rng.IntN(of)])
		}
		return b.String()
	}
	for i := range n {
		row := []string{
			word(2, 8), word(3, 12),
			fmt.Sprintf("%04d%02d%02d", 1930+rng.IntN(80), 1+rng.IntN(12), 1+rng.IntN(28)),
			fmt.Sprint(1_000_000 + rng.IntN(9_000_000)),
		}
		rows, entity = append(rows, row), append(entity, i)
		if i%2 == 1 {
			continue
		}
		double := slices.Clone(row)
		f := rng.IntN(4)
		b := []byte(double[f])
		k := rng.IntN(len(b) - 1)
		switch rng.IntN(3) {
		case 0:
			b[k], b[k+1] = b[k+1], b[k]
		case 1:
			b[k] = "123456789"[rng.IntN(9)]
		default:
			double[0], double[1] = double[1], double[0]
			b = []byte(double[f])
		}
		double[f] = string(b)
		if rng.IntN(10) == 0 {
			double[rng.IntN(4)] = ""
		}
		rows, entity = append(rows, double), append(entity, i)
	}
	return rows, entity
}

// fatal is what testing and rapid have in common.
type fatal interface {
	Helper()
	Fatal(args ...any)
}

func block(t fatal, m *linkage.Model, left, right [][]string, workers int) *linkage.Blocks {
	t.Helper()
	d, err := linkage.Prepare(m, left, right)
	if err != nil {
		t.Fatal(err)
	}
	b, err := linkage.Block(d, linkage.Options{Workers: workers})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func train(t fatal, m *linkage.Model, rows [][]string, workers int) (*linkage.Blocks, *linkage.Model) {
	t.Helper()
	b := block(t, m, rows, nil, workers)
	trained, err := linkage.Train(b, linkage.Options{Workers: workers})
	if err != nil {
		t.Fatal(err)
	}
	return b, trained
}

// The edits of two words by the definition, without a band or a limit.
func slowEdits(a, b []rune) int {
	d := make([][]int, len(a)+1)
	for i := range d {
		d[i] = make([]int, len(b)+1)
		for j := range d[i] {
			switch {
			case i == 0 || j == 0:
				d[i][j] = i + j
				continue
			case a[i-1] == b[j-1]:
				d[i][j] = d[i-1][j-1]
			default:
				d[i][j] = 1 + min(d[i-1][j-1], d[i-1][j], d[i][j-1])
			}
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1)
			}
		}
	}
	return d[len(a)][len(b)]
}

func TestEditsIsBruteForce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		letters := rapid.SliceOfN(rapid.SampledFrom([]rune("ab王c")), 0, 9)
		a, b := letters.Draw(t, "a"), letters.Draw(t, "b")
		limit := rapid.IntRange(0, 9).Draw(t, "limit")
		want := min(slowEdits(a, b), limit+1)
		if got := linkage.Edits(a, b, limit); got != want {
			t.Fatalf("Edits(%q, %q, %d) = %d, want %d", string(a), string(b), limit, got, want)
		}
	})
}

func TestJaroWinkler(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want float64
	}{
		{"martha", "marhta", 0.9611},
		{"dwayne", "duane", 0.84},
		{"dixon", "dicksonx", 0.8133},
		{"abc", "xyz", 0},
		{"", "", 0},
		{"王秀英", "王秀英", 1},
	} {
		if got := linkage.JaroWinkler([]rune(tt.a), []rune(tt.b)); math.Abs(got-tt.want) > 5e-5 {
			t.Errorf("%s, %s: %.4f, want %.4f", tt.a, tt.b, got, tt.want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		letters := rapid.SliceOfN(rapid.SampledFrom([]rune("ab王c")), 0, 9)
		a, b := letters.Draw(t, "a"), letters.Draw(t, "b")
		x, y := linkage.JaroWinkler(a, b), linkage.JaroWinkler(b, a)
		if math.Abs(x-y) > 1e-12 || x < 0 || x > 1+1e-12 {
			t.Fatalf("%q %q: %v and %v", string(a), string(b), x, y)
		}
	})
}

// The levels of pairs, first that holds.
func TestLevels(t *testing.T) {
	rows, _ := register(1, 300)
	tests := []struct {
		name        string
		left, right []string
		want        []string
	}{
		{"equal", []string{"Ann", "Lee", "1990-01-02", "77"}, []string{"ann", "LEE", "1990/01/02", " 7 7"}, []string{"exact", "exact", "exact", "exact"}},
		{"missing", []string{"", "lee", "", "7"}, []string{"ann", "", "19900102", ""}, []string{"missing", "missing", "missing", "missing"}},
		{"swapped", []string{"annabel", "kowalski", "", ""}, []string{"kowalski", "annabel", "", ""}, []string{"names swapped", "names swapped", "missing", "missing"}},
		{"slips", []string{"annabel", "kowalski", "19900112", "1234"}, []string{"anabel", "kowlaski", "19900121", "1235"}, []string{"one or two edits", "one or two edits", "transposition", "edits"}},
		{"day and month", []string{"a", "b", "19900207", ""}, []string{"a", "b", "19900702", ""}, []string{"exact", "exact", "day_month", "missing"}},
		{"one digit", []string{"a", "b", "19900207", ""}, []string{"a", "b", "19900205", ""}, []string{"exact", "exact", "substitution", "missing"}},
		{"one part", []string{"a", "b", "19900207", ""}, []string{"a", "b", "19900218", ""}, []string{"exact", "exact", "date_part", "missing"}},
		{"strangers", []string{"annabel", "kowalski", "19900207", "1234567"}, []string{"robin", "smith", "19511118", "9876543"}, []string{"else", "else", "else", "else"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := load(t, people)
			d, trained := train(t, m, append(slices.Clone(rows), tt.left, tt.right), 1)
			e, ok, err := linkage.Explain(d, trained, len(rows), len(rows)+1, false)
			if err != nil || !ok {
				t.Fatal(ok, err)
			}
			var got []string
			for _, p := range e.Parts {
				got = append(got, p.Level)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Every score is the sum of its parts, on both sides the same, and Score and
// Explain agree.
func TestScoresAreSumsAndSymmetric(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows, _ := register(rapid.Uint64Range(0, 40).Draw(t, "seed"), 60)
		m, err := linkage.Load("model.yaml", []byte(people))
		if err != nil {
			t.Fatal(err)
		}
		d, trained := train(t, m, rows, 1)
		r, err := linkage.Score(d, trained, linkage.Options{})
		if err != nil || len(r.Links) == 0 {
			t.Fatal(len(r.Links), err)
		}
		for _, l := range r.Links {
			there, _, _ := linkage.Explain(d, trained, l.Left, l.Right, false)
			back, _, _ := linkage.Explain(d, trained, l.Right, l.Left, false)
			sum := there.Prior
			for _, p := range there.Parts {
				sum += p.Bits + p.TF
			}
			if sum != there.Total || sum != l.Score || back.Total != l.Score || !there.Candidate || !there.Linked {
				t.Fatalf("parts %v, total %v, back %v, link %v", sum, there.Total, back.Total, l.Score)
			}
		}
	})
}

// A weight with the wrong sign, a forgotten prior or a mixed-up m and u shows here.
func TestWeightsPointTheRightWay(t *testing.T) {
	rows, _ := register(2, 1000)
	_, m := train(t, load(t, people), rows, 1)
	if want := 500.0 / (1500 * 1499 / 2); m.Prior < want/2 || m.Prior > want*2 {
		t.Errorf("prior %g, want about %g", m.Prior, want)
	}
	d := block(t, m, rows, nil, 1)
	e, _, err := linkage.Explain(d, m, 0, 1, false)
	if err != nil || e.Prior >= 0 || !e.Linked || e.Probability < 0.99 {
		t.Errorf("a person and its double: %+v %v", e, err)
	}
	e, _, _ = linkage.Explain(d, m, 2, 5, false)
	if e.Linked || e.Probability > 0.01 {
		t.Errorf("strangers: %+v", e)
	}
	for _, f := range m.Fields {
		same, other := f.Levels[1], f.Levels[len(f.Levels)-1]
		if same.M <= same.U || other.M >= other.U {
			t.Errorf("%s: exact m %g u %g, else m %g u %g", f.Name, same.M, same.U, other.M, other.U)
		}
		for _, l := range f.Levels[2 : len(f.Levels)-1] {
			// A swap is rarer among strangers than agreement, and may weigh more.
			if l.When != "swapped" && l.M > 0.02 && l.M/l.U > same.M/same.U {
				t.Errorf("%s: %s is worth more than exact", f.Name, l.When)
			}
		}
	}
}

func TestQualityOnRegister(t *testing.T) {
	rows, entity := register(3, 1500)
	d, m := train(t, load(t, people), rows, 2)
	same := func(left, right int) bool { return entity[left] == entity[right] }
	r, err := linkage.Score(d, m, linkage.Options{Workers: 2, Same: same})
	if err != nil {
		t.Fatal(err)
	}
	e := linkage.Evaluate(r, 0, 750, func(l linkage.Link) bool { return same(l.Left, l.Right) })
	if e.At.F1 < 0.98 || e.At.Precision < 0.995 {
		t.Errorf("%+v", e.At)
	}
	if e.At.True+e.At.Missed != 750 || e.Best.F1 < e.At.F1 {
		t.Errorf("at %+v best %+v", e.At, e.Best)
	}
}

// EM finds the m and u that the pairs were drawn with.
func TestEMRecoversPlanted(t *testing.T) {
	const text = `name: planted
version: 0
threshold: 0
fields:
  - {name: a, kind: text, levels: [{when: missing}, {when: exact}, {when: else}]}
  - {name: b, kind: text, levels: [{when: missing}, {when: exact}, {when: else}]}
  - {name: c, kind: text, levels: [{when: missing}, {when: exact}, {when: else}]}
  - {name: d, kind: text, levels: [{when: missing}, {when: exact}, {when: else}]}
blocking: [[a], [b], [c], [d]]
`
	rng := rand.New(rand.NewPCG(7, 7))
	sizes, wantM := []int{200, 300, 400, 250}, []float64{0.95, 0.9, 0.85, 0.8}
	var left, right [][]string
	for range 1500 {
		var row, double []string
		for f := range sizes {
			row = append(row, fmt.Sprint(rng.IntN(sizes[f])))
			double = append(double, row[f])
			if rng.Float64() > wantM[f] {
				double[f] = fmt.Sprint("x", rng.IntN(sizes[f]))
			}
		}
		left, right = append(left, row), append(right, double)
	}
	m, err := linkage.Train(block(t, load(t, text), left, right, 2), linkage.Options{Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	for f, field := range m.Fields {
		l := field.Levels[1]
		wantU := wantM[f] / float64(sizes[f])
		if math.Abs(l.M-wantM[f]) > 0.03 || math.Abs(l.U/wantU-1) > 0.15 {
			t.Errorf("%s: m %.3f u %.5f, planted %.3f %.5f", field.Name, l.M, l.U, wantM[f], wantU)
		}
	}
	if want := 1.0 / 1500; math.Abs(m.Prior/want-1) > 0.1 {
		t.Errorf("prior %g, planted %g", m.Prior, want)
	}
}

// The order of rows and the number of workers change no byte of the parameters
// and no link.
func TestOrderAndWorkersDontMatter(t *testing.T) {
	rows, _ := register(4, 400)
	type link [2]string
	run := func(rows [][]string, workers int) ([]byte, []link) {
		d, m := train(t, load(t, people), rows, workers)
		r, err := linkage.Score(d, m, linkage.Options{Workers: workers})
		if err != nil {
			t.Fatal(err)
		}
		text, err := m.YAML()
		if err != nil {
			t.Fatal(err)
		}
		if !slices.IsSortedFunc(r.Links, func(x, y linkage.Link) int { return int(y.Score - x.Score) }) {
			t.Error("links are not best first")
		}
		var links []link
		for _, l := range r.Links {
			x, y := strings.Join(rows[l.Left], "|"), strings.Join(rows[l.Right], "|")
			links = append(links, link{min(x, y), max(x, y) + l.Score.String()})
		}
		return text, links
	}
	wantText, wantLinks := run(rows, 1)
	for _, workers := range []int{1, 4, 16} {
		mixed := slices.Clone(rows)
		rand.New(rand.NewPCG(uint64(workers), 9)).Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
		text, links := run(mixed, workers)
		if !bytes.Equal(text, wantText) {
			t.Errorf("%d workers: other parameters", workers)
		}
		if diff := cmp.Diff(wantLinks, links); diff != "" {
			t.Errorf("%d workers: %s", workers, diff)
		}
	}
}

func TestTrainMakesANewVersion(t *testing.T) {
	rows, _ := register(5, 200)
	m := load(t, people)
	before, _ := m.YAML()
	_, trained := train(t, m, rows, 1)
	after, _ := m.YAML()
	if !bytes.Equal(before, after) || trained.Version != m.Version+1 || m.Trained() || !trained.Trained() {
		t.Errorf("version %d of %d, trained %v", trained.Version, m.Version, trained.Trained())
	}
	text, err := trained.YAML()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(trained, load(t, string(text))); diff != "" {
		t.Error(diff)
	}
	if _, err := linkage.Score(block(t, m, rows, nil, 1), m, linkage.Options{}); !errors.Is(err, linkage.ErrUntrained) {
		t.Errorf("scored without weights: %v", err)
	}
}

func TestOneToOne(t *testing.T) {
	rows, _ := register(6, 200)
	left, right := rows[:150], slices.Concat(rows[:150], rows[:150])
	for _, only := range []bool{false, true} {
		m := load(t, strings.Replace(people, "threshold: 0\n", fmt.Sprintf("threshold: 0\none_to_one: %v\n", only), 1))
		d := block(t, m, left, right, 1)
		trained, err := linkage.Train(d, linkage.Options{})
		if err != nil {
			t.Fatal(err)
		}
		r, err := linkage.Score(d, trained, linkage.Options{})
		if err != nil {
			t.Fatal(err)
		}
		seen := map[int]int{}
		for _, l := range r.Links {
			seen[l.Left]++
			if only && seen[l.Left] > 1 {
				t.Fatal("a row was linked twice")
			}
		}
		if !only && len(r.Links) < 300 || only && len(r.Links) > 150 || len(r.Links)+r.Below+r.Better != r.Candidates {
			t.Errorf("one to one %v: %d links, %d and %d turned down, %d candidates", only, len(r.Links), r.Below, r.Better, r.Candidates)
		}
	}
}

func TestClusters(t *testing.T) {
	links := []linkage.Link{{Left: 0, Right: 1}, {Left: 3, Right: 4}, {Left: 1, Right: 2}, {Left: 2, Right: 3}}
	groups, refused := linkage.Clusters(6, links, 3)
	if diff := cmp.Diff([][]int{{0, 1, 2}, {3, 4}}, groups); diff != "" || refused != 1 {
		t.Error(refused, diff)
	}
	groups, refused = linkage.Clusters(6, links, 5)
	if diff := cmp.Diff([][]int{{0, 1, 2, 3, 4}}, groups); diff != "" || refused != 0 {
		t.Error(refused, diff)
	}
}

func TestExplanationIsMasked(t *testing.T) {
	rows, _ := register(8, 100)
	rows[0][0] = "unmistakable"
	d, m := train(t, load(t, people), rows, 1)
	for _, reveal := range []bool{false, true} {
		e, _, err := linkage.Explain(d, m, 0, 1, reveal)
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		if err := e.Write(&b); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(b.String(), "unmistakable") != reveal || !strings.Contains(b.String(), "in all, probability") {
			t.Errorf("reveal %v:\n%s", reveal, b.String())
		}
	}
}
