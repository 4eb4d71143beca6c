package linkage_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/hedui/hedui/engine/match/linkage"
)

// maker draws values for sets that look like the public ones.
type maker struct{ *rand.Rand }

func (r maker) word(syllables int) string {
	list := []string{"ba", "ko", "li", "mu", "ner", "sta", "vel", "dor", "chi", "wen", "qua", "fry", "tho", "mas", "an", "ie"}
	var b strings.Builder
	for range syllables {
		b.WriteString(list[r.IntN(len(list))])
	}
	return b.String()
}

// pool is words of which the first ones are drawn most often.
func (r maker) pool(n, syllables int) func() string {
	var list []string
	for range n {
		list = append(list, r.word(syllables))
	}
	return func() string { return list[int(float64(n)*r.Float64()*r.Float64()*r.Float64())] }
}

func (r maker) date(from, years int) string {
	return fmt.Sprintf("%04d-%02d-%02d", from+r.IntN(years), 1+r.IntN(12), 1+r.IntN(28))
}

// slip changes one character.
func (r maker) slip(s string) string {
	if len(s) < 2 {
		return s
	}
	b := []byte(s)
	k := r.IntN(len(b) - 1)
	switch r.IntN(3) {
	case 0:
		b[k], b[k+1] = b[k+1], b[k]
	case 1:
		b[k] = "aeiou1234567890"[r.IntN(15)]
	default:
		b = slices.Delete(b, k, k+1)
	}
	return string(b)
}

// copies writes each entity some times, with slips and gaps.
func (r maker) copies(entities [][]string, most int, slips, gaps float64) (rows [][]string, entity []int) {
	for e, row := range entities {
		for range 1 + r.IntN(most) {
			double := slices.Clone(row)
			for f := range double {
				if r.Float64() < slips {
					double[f] = r.slip(double[f])
				}
				if r.Float64() < gaps {
					double[f] = ""
				}
			}
			rows, entity = append(rows, double), append(entity, e)
		}
	}
	return rows, entity
}

const fewFields = `name: few
threshold: 0
fields:
  - {name: first, kind: name, tf: true, levels: [{when: missing}, {when: exact}, {when: edits, max: 1}, {when: similar, min: 0.8}, {when: else}]}
  - {name: last, kind: name, tf: true, levels: [{when: missing}, {when: exact}, {when: edits, max: 1}, {when: similar, min: 0.8}, {when: else}]}
  - {name: born, kind: date, levels: [{when: missing}, {when: exact}, {when: edits, max: 1}, {when: date_part}, {when: else}]}
  - {name: city, kind: name, tf: true, levels: [{when: missing}, {when: exact}, {when: edits, max: 1}, {when: else}]}
  - {name: email, kind: id, levels: [{when: missing}, {when: exact}, {when: edits, max: 2}, {when: else}]}
blocking: [[first], [last], [born], [email], ["first:first3", city]]
`

// three has hardly anything to go by.
const three = `name: three
threshold: 0
fields:
  - {name: first, kind: name, tf: true, levels: [{when: missing}, {when: exact}, {when: edits, max: 1}, {when: else}]}
  - {name: last, kind: name, tf: true, levels: [{when: missing}, {when: exact}, {when: edits, max: 1}, {when: else}]}
  - {name: born, kind: date, levels: [{when: missing}, {when: exact}, {when: edits, max: 1}, {when: else}]}
blocking: [[first, last], [born], [last, "born:year"]]
`

const titles = `name: titles
threshold: 0
max_block: 300
one_to_one: true
fields:
  - {name: title, kind: text, levels: [{when: missing}, {when: exact}, {when: words, min: 0.8}, {when: words, min: 0.5}, {when: words, min: 0.25}, {when: else}]}
  - {name: authors, kind: text, levels: [{when: missing}, {when: exact}, {when: words, min: 0.6}, {when: words, min: 0.2}, {when: else}]}
  - {name: year, kind: number, levels: [{when: missing}, {when: exact}, {when: within, max: 1}, {when: else}]}
blocking: [["title:word"], [authors]]
`

// TestUnlabelledSets trains without labels on sets shaped like those that people
// try first: few fields, gaps, nobody twice, titles.
func TestUnlabelledSets(t *testing.T) {
	r := maker{rand.New(rand.NewPCG(11, 11))}
	first, last, city := r.pool(120, 2), r.pool(400, 3), r.pool(40, 3)
	var people, bare, papers [][]string
	for range 400 {
		f, l := first(), last()
		people = append(people, []string{f, l, r.date(1940, 70), city(), f + "." + l + fmt.Sprint(r.IntN(90)) + "@" + r.word(2) + ".com"})
	}
	for range 1500 {
		bare = append(bare, []string{first(), last(), r.date(1940, 70)})
	}
	word := r.pool(3000, 3)
	for range 900 {
		var title, authors []string
		for range 5 + r.IntN(6) {
			title = append(title, word())
		}
		for range 1 + r.IntN(3) {
			authors = append(authors, last())
		}
		papers = append(papers, []string{strings.Join(title, " "), strings.Join(authors, ", "), fmt.Sprint(1990 + r.IntN(15))})
	}
	for _, tt := range []struct {
		name, model string
		entities    [][]string
		most        int
		slips, gaps float64
		f1          float64
	}{
		{"few fields, many gaps", fewFields, people, 4, 0.1, 0.2, 0.9},
		{"three fields", three, bare, 2, 0.08, 0.02, 0.9},
		{"nobody twice", three, bare, 1, 0, 0, -1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rows, entity := r.copies(tt.entities, tt.most, tt.slips, tt.gaps)
			evaluate(t, tt.model, rows, nil, entity, entity, tt.f1)
		})
	}
	t.Run("titles", func(t *testing.T) {
		var left, right [][]string
		var x, y []int
		for i, p := range papers {
			if i%4 != 0 {
				left, x = append(left, p), append(x, i)
			}
			if i%4 != 1 {
				q := slices.Clone(p)
				title := strings.Fields(q[0])
				if r.IntN(2) == 0 {
					k := r.IntN(len(title))
					title[k] = r.slip(title[k])
				}
				if r.IntN(5) == 0 {
					title = title[:len(title)-1]
				}
				q[0] = strings.Join(title, " ")
				if r.IntN(6) == 0 {
					q[1] = ""
				}
				right, y = append(right, q), append(y, i)
			}
		}
		evaluate(t, titles, left, right, x, y, 0.97)
	})
}

func evaluate(t *testing.T, model string, left, right [][]string, x, y []int, least float64) linkage.Evaluation {
	t.Helper()
	b := block(t, load(t, model), left, right, 2)
	m, err := linkage.Train(b, linkage.Options{Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	same := func(l, r int) bool { return x[l] == y[r] }
	res, err := linkage.Score(b, m, linkage.Options{Workers: 2, Same: same})
	if err != nil {
		t.Fatal(err)
	}
	truePairs := 0
	for i := range x {
		for j := range y {
			if (right != nil || i < j) && x[i] == y[j] {
				truePairs++
			}
		}
	}
	e := linkage.Evaluate(res, 0, truePairs, func(l linkage.Link) bool { return same(l.Left, l.Right) })
	t.Logf("%d true pairs, %d links, at %+v\nbest %+v, blocking %.4f, prior %.3g", truePairs, len(res.Links), e.At, e.Best, e.BlockRecall, m.Prior)
	switch {
	case least < 0:
		if len(res.Links) > len(left)/50 {
			t.Errorf("%d links among strangers", len(res.Links))
		}
	case least > 0 && (e.At.F1 < least || e.At.F1 < e.Best.F1-0.03):
		t.Errorf("F1 %.4f, best %.4f, want %.4f", e.At.F1, e.Best.F1, least)
	}
	return e
}

// families is a model of fields that agree for reasons other than being one person.
const families = `name: families
threshold: 0
max_block: 2000
fields:
  - {name: first, kind: name, tf: true, levels: [{when: missing}, {when: exact}, {when: edits, max: 2}, {when: else}]}
  - {name: last, shared: true, kind: name, tf: true, levels: [{when: missing}, {when: exact}, {when: edits, max: 2}, {when: else}]}
  - {name: street, shared: true, kind: name, tf: true, levels: [{when: missing}, {when: exact}, {when: edits, max: 2}, {when: else}]}
  - {name: postcode, shared: true, kind: postcode, tf: true, levels: [{when: missing}, {when: exact}, {when: edits, max: 1}, {when: else}]}
  - {name: born, kind: date, levels: [{when: missing}, {when: exact}, {when: edits, max: 1}, {when: else}]}
blocking: [[last, postcode], [street], [born], [first, last]]
`

// People of one household agree on half of the fields. Told which, a model links
// persons, not households; and what is taken off is part of the sum.
func TestHouseholds(t *testing.T) {
	r := maker{rand.New(rand.NewPCG(12, 12))}
	first, last, street := r.pool(120, 2), r.pool(400, 3), r.pool(2000, 4)
	var people [][]string
	for range 700 {
		l, s, code := last(), street(), fmt.Sprint(1000+r.IntN(800))
		for range 1 + r.IntN(4) {
			people = append(people, []string{first(), l, s, code, r.date(1940, 70)})
		}
	}
	rows, entity := r.copies(people, 2, 0.1, 0.05)
	told := evaluate(t, families, rows, nil, entity, entity, 0.9)
	plain := strings.ReplaceAll(families, "shared: true, ", "")
	if untold := evaluate(t, plain, rows, nil, entity, entity, 0); untold.At.F1 > told.At.F1-0.05 {
		t.Errorf("F1 %.4f without and %.4f with shared fields: the test tests nothing", untold.At.F1, told.At.F1)
	}
	b, m := train(t, load(t, families), rows, 1)
	text, err := m.YAML()
	if err != nil {
		t.Fatal(err)
	}
	m = load(t, string(text))
	res, err := linkage.Score(b, m, linkage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	taken := 0
	for _, l := range res.Links {
		e, _, err := linkage.Explain(b, m, l.Left, l.Right, false)
		if err != nil {
			t.Fatal(err)
		}
		sum := e.Prior + e.Related
		for _, p := range e.Parts {
			sum += p.Bits + p.TF
		}
		if sum != e.Total || e.Total != l.Score || e.Related > 0 {
			t.Fatalf("parts %v, total %v, link %v, related %v", sum, e.Total, l.Score, e.Related)
		}
		if e.Related < 0 {
			taken++
		}
	}
	if taken == 0 {
		t.Error("nothing was ever taken off")
	}
}
