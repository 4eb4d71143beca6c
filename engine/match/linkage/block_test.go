package linkage

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/hedui/hedui/engine/match/names"
)

const blockModel = `name: blocks
threshold: 0
max_block: 6
fields:
  - {name: a, kind: text, levels: [{when: missing}, {when: exact}, {when: else}]}
  - {name: b, kind: text, levels: [{when: missing}, {when: exact}, {when: else}]}
  - {name: c, kind: han_name, levels: [{when: missing}, {when: exact}, {when: name_level, max: N4}, {when: else}]}
blocking: [[a, b], ["a:word"], [c], ["a:first2", "b:last1"], ["c:pinyin", b], ["b:word", "a:first1"]]
`

// The walk brings up every pair that some block of at most max_block records holds,
// once, whatever the number of workers.
func TestWalkIsBruteForce(t *testing.T) {
	m, err := Load("model.yaml", []byte(blockModel))
	if err != nil {
		t.Fatal(err)
	}
	table, err := names.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.SampledFrom([]string{"", "ab", "ab cd", "cd ab", "ac", "王 ab", "x"})
		name := rapid.SampledFrom([]string{"", "王秀英", "wang xiuying", "xiuying wang", "单于", "?"})
		row := rapid.Custom(func(t *rapid.T) []string {
			return []string{word.Draw(t, "a"), word.Draw(t, "b"), name.Draw(t, "c")}
		})
		left := rapid.SliceOfN(row, 0, 14).Draw(t, "left")
		var right [][]string
		if rapid.Bool().Draw(t, "two") {
			right = rapid.SliceOfN(row, 1, 10).Draw(t, "right")
		}
		workers := rapid.SampledFrom([]int{1, 4, 16}).Draw(t, "workers")
		builder, err := newBuilder(m, right != nil, Options{Workers: workers}, table)
		if err != nil {
			t.Fatal(err)
		}
		builder.Add(0, left)
		builder.Add(1, right)
		d := builder.Data()
		b, err := Block(d, Options{Workers: workers})
		if err != nil {
			t.Fatal(err)
		}
		got := make([][]string, workers)
		b.walk(workers, nil, func(worker int, a int32, with []int32) {
			for _, c := range with {
				if a >= c || !b.together(a, c) {
					t.Fatalf("pair %d %d", a, c)
				}
				got[worker] = append(got[worker], fmt.Sprint(a, " ", c))
			}
		})
		all := slices.Concat(got...)
		slices.Sort(all)
		if diff := cmp.Diff(slowPairs(t, d), all, cmp.Transformer("set", func(s []string) string { return strings.Join(s, ",") })); diff != "" {
			t.Fatal(diff)
		}
	})
}

// slowPairs puts records into maps, by the words of their keys.
func slowPairs(t *rapid.T, d *Data) []string {
	found := map[string]bool{}
	for _, rule := range d.model.Blocking {
		blocks := map[string][]int32{}
		for i := range int32(d.n) {
			keys := []string{""}
			for _, text := range rule {
				k, err := parseKey(d.model, text)
				if err != nil {
					t.Fatal(err)
				}
				id := d.record(i)[k.field]
				parts := []string{k.of(d, id)}
				if k.several() {
					parts = k.all(d, id)
				}
				var next []string
				for _, key := range keys {
					for _, part := range parts {
						if part != "" {
							next = append(next, key+part+"\x00")
						}
					}
				}
				keys = next
			}
			for _, key := range keys {
				blocks[key] = append(blocks[key], i)
			}
		}
		for _, block := range blocks {
			if len(block) > d.model.MaxBlock {
				continue
			}
			for i, a := range block {
				for _, c := range block[i+1:] {
					if !d.two || int(a) < d.left && int(c) >= d.left {
						found[fmt.Sprint(a, " ", c)] = true
					}
				}
			}
		}
	}
	var out []string
	for pair := range found {
		out = append(out, pair)
	}
	slices.Sort(out)
	return out
}

func TestNormal(t *testing.T) {
	for _, tt := range []struct{ kind, order, text, want string }{
		{kindDate, "", "1990-01-02", "19900102"},
		{kindDate, "", "1990/1/2 00:00:00", "19900102"},
		{kindDate, "", "1990年1月2日", "19900102"},
		{kindDate, "", "１９９０年１月２日", "19900102"},
		{kindDate, "", "02.01.1990", "19900102"},
		{kindDate, "mdy", "1/2/1990", "19900102"},
		{kindDate, "", "19900102", "19900102"},
		{kindDate, "", "19900102T1200", "19900102"},
		{kindDate, "", "1990", "1990"},
		{kindText, "", "  The  Quick\tFox ", "the quick fox"},
		{kindText, "", "　王　", "王"},
		{kindName, "", "Mc Donald", "mcdonald"},
		{kindHanName, "", " 阿依古丽•买买提 ", "阿依古丽·买买提"},
		{kindID, "", " ab 12x", "AB12X"},
		{kindResident, "", "440524880101001", "440524198801010011"},
		{kindResident, "", "44052419880101001x", "44052419880101001X"},
		{kindResident, "", "４４０５２４", "440524"},
	} {
		if got := string(appendNormal(nil, &Field{Kind: tt.kind, Order: tt.order}, tt.text)); got != tt.want {
			t.Errorf("%s %q: %q, want %q", tt.kind, tt.text, got, tt.want)
		}
	}
}

// Small limits are decided without a table, and agree with it.
func TestEditsWithinIsTheTable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		letters := rapid.SliceOfN(rapid.SampledFrom([]byte("abc")), 0, 9)
		a, b := letters.Draw(t, "a"), letters.Draw(t, "b")
		for limit := range 5 {
			if got, want := editsWithin(a, b, limit), table(a, b, limit) <= limit; got != want {
				t.Fatalf("%s %s within %d: %v", a, b, limit, got)
			}
		}
	})
}

// The bound before Jaro–Winkler never turns a similar value down.
func TestIsSimilarIsJaroWinkler(t *testing.T) {
	dict := &dictionary{ids: map[string]int32{"": 0}, values: []value{{}}, hashes: []uint64{0}}
	rapid.Check(t, func(t *rapid.T) {
		letters := rapid.StringOfN(rapid.SampledFrom([]rune("abcdé王")), 1, 12, -1)
		a, b := letters.Draw(t, "a"), letters.Draw(t, "b")
		least := rapid.SampledFrom([]float64{0.5, 0.7, 0.85, 0.9, 1}).Draw(t, "least")
		x, y := dict.id([]byte(a)), dict.id([]byte(b))
		jaro := leastJaro(least)
		want := JaroWinkler([]rune(a), []rune(b)) >= least
		if got := isSimilar(&dict.values[x], &dict.values[y], least, &jaro); got != want {
			t.Fatalf("%s %s %v: %v", a, b, least, got)
		}
	})
}

// Very many candidates are learned from by a sample of left rows, which follows from
// content alone and comes out near what all of them say.
func TestTrainOnASample(t *testing.T) {
	m, err := Load("model.yaml", []byte(`name: sampled
threshold: 0
fields:
  - {name: a, kind: text, levels: [{when: missing}, {when: exact}, {when: else}]}
  - {name: b, kind: text, levels: [{when: missing}, {when: exact}, {when: else}]}
  - {name: c, kind: text, levels: [{when: missing}, {when: exact}, {when: else}]}
blocking: [[a], [b]]
`))
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(5, 5))
	var rows [][]string
	for range 3000 {
		row := []string{fmt.Sprint(r.IntN(1000)), fmt.Sprint(r.IntN(900)), fmt.Sprint(r.IntN(50))}
		other := slices.Clone(row)
		if r.IntN(5) == 0 {
			other[r.IntN(3)] = "x" + fmt.Sprint(r.IntN(3000))
		}
		rows = append(rows, row, other)
	}
	run := func(rows [][]string, pairs, workers int) (*Model, string) {
		d, err := Prepare(m, rows, nil)
		if err != nil {
			t.Fatal(err)
		}
		b, err := Block(d, Options{Workers: workers})
		if err != nil {
			t.Fatal(err)
		}
		b.train = pairs
		trained, err := Train(b, Options{Workers: workers})
		if err != nil {
			t.Fatal(err)
		}
		text, err := trained.YAML()
		if err != nil {
			t.Fatal(err)
		}
		return trained, string(text)
	}
	whole, _ := run(rows, trainPairs, 1)
	sampled, want := run(rows, 7000, 1)
	if sampled.Prior == whole.Prior || math.Abs(sampled.Prior/whole.Prior-1) > 0.15 {
		t.Errorf("prior %g of a sample, %g of all", sampled.Prior, whole.Prior)
	}
	for f := range m.Fields {
		if x, y := sampled.Fields[f].Levels[1].M, whole.Fields[f].Levels[1].M; math.Abs(x-y) > 0.06 {
			t.Errorf("m of %s: %.3f of a sample, %.3f of all", m.Fields[f].Name, x, y)
		}
	}
	for _, workers := range []int{4, 16} {
		r.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		if _, got := run(rows, 7000, workers); got != want {
			t.Errorf("%d workers: %s", workers, cmp.Diff(want, got))
		}
	}
}
