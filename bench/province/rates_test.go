package province_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/hedui/hedui/bench/province"
)

// tally counts rows of ordinary people, and of them those with a code.
type tally struct{ rows, hit int }

func (n *tally) add(hit bool) {
	n.rows++
	if hit {
		n.hit++
	}
}

// check wants the share of hits to be want, within five standard deviations of as many
// independent draws as there are rows for one draw of clustered ones, and 2 % of want
// for what the counting can't see: planted households whose line is no request.
func (n *tally) check(t *testing.T, name string, want, clustered float64) {
	t.Helper()
	if n.rows == 0 {
		t.Errorf("%s: no rows", name)
		return
	}
	got := float64(n.hit) / float64(n.rows)
	bound := 5*math.Sqrt(want*(1-want)*clustered/float64(n.rows)) + .02*want
	if math.Abs(got-want) > bound {
		t.Errorf("%s: %d of %d rows, %.5f, want %.5f ± %.5f", name, n.hit, n.rows, got, want, bound)
	}
}

// plantedNumbers are the numbers of people of planted households: their rows are never
// corrupted, so a row belongs to one of them when it carries such a number.
func plantedNumbers(t *testing.T, dir string) map[string]bool {
	t.Helper()
	batch := lines(t, dir, "batch.jsonl")
	all := map[string]bool{}
	for _, x := range truth(t, dir) {
		var q struct {
			Members []struct {
				IDNumber string `json:"id_number"`
			}
		}
		if json.Unmarshal(batch[x.Line-1], &q) == nil {
			for _, m := range q.Members {
				all[upgraded(m.IDNumber)] = true
			}
		}
	}
	return all
}

const rareSigns = "𠮷䶮喆淼堃犇昇垚玥祎翀旻赟龑㛃晔燚甯瑀頔彧昉玹琎曌㬎璟玘烜炘"

// The rates of the corruption model, written again from its description.
func TestCorruptionsAreAsFrequentAsTheyShould(t *testing.T) {
	base := map[string]float64{
		"id15": .01, "id_former": .005, "id_substituted": .003, "id_transposed": .001, "id_double": .0005, "id_missing": .01, "id_masked": 0,
		"id_written": .03, "id_other": .005, "name_rare": .5, "name_variant": .005, "name_pinyin": 0, "name_changed": .01, "name_mojibake": .001, "dot": .3,
	}
	bad := map[string]float64{
		"id15": .15, "id_former": .02, "id_substituted": .015, "id_transposed": .005, "id_double": .003, "id_missing": .1, "id_masked": .1,
		"id_written": .2, "id_other": .03, "name_rare": 1, "name_variant": .03, "name_pinyin": .05, "name_changed": .02, "name_mojibake": .01, "dot": .3,
	}
	x3 := map[string]float64{}
	for code, p := range base {
		x3[code] = min(1, 3*p)
	}
	for level, want := range map[string]map[string]float64{"base": base, "bad": bad, "x3": x3} {
		t.Run(level, func(t *testing.T) {
			dir, sum := generate(t, province.Options{People: 30_000, Seed: 41, Corrupt: level, Register: true})
			register := readRegister(t, dir)
			rows, _ := readDepartments(t, dir, sum, register, readIdentities(t, dir))
			checkRates(t, level, rows, plantedNumbers(t, dir), want)
		})
	}
}

func checkRates(t *testing.T, level string, rows []departmentRow, planted map[string]bool, want map[string]float64) {
	t.Helper()
	n := map[string]*tally{}
	add := func(code string, hit bool) {
		if n[code] == nil {
			n[code] = &tally{}
		}
		n[code].add(hit)
	}
	var masked tally // of the institution that masks everything
	for _, r := range rows {
		if planted[r.person.number] || r.has("decoy") || len(r.person.number) != 18 {
			continue
		}
		for _, code := range []string{"id_missing", "name_changed"} {
			add(code, r.has(code))
		}
		if !r.has("id_missing") { // it hides the others
			number := !r.hasAny("id_other", "id_former", "id_shared")
			for _, code := range []string{"id_written", "id_other", "id_substituted", "id_double"} {
				add(code, r.has(code))
			}
			if !r.hasAny("id_other", "id_shared") {
				add("id_former", r.has("id_former"))
			}
			if number && r.person.birth < "2000" {
				add("id15", r.has("id15"))
			}
			if number {
				add("id_transposed", r.has("id_transposed"))
			}
			if r.source == "bank" && r.fields[7] == "徽商银行" {
				masked.add(r.has("id_masked"))
			} else {
				add("id_masked", r.has("id_masked"))
			}
		}
		switch dotted := strings.Contains(r.person.name, "·"); {
		case r.has("name_changed"):
		case dotted:
			add("dot", r.has("name_variant"))
			continue
		case strings.ContainsAny(r.person.name, rareSigns):
			add("name_rare", r.has("name_rare"))
		case strings.HasPrefix(r.person.name, "张"): // always has a traditional form
			add("name_variant", r.has("name_variant"))
		}
		if r.source == "bank" {
			add("name_pinyin", r.has("name_pinyin"))
		} else {
			add("name_mojibake", r.has("name_mojibake"))
		}
	}
	for code, p := range want {
		clustered := 1.0
		switch code {
		case "id_former", "name_changed", "id_other": // drawn for the person first
			clustered = 5
		case "name_pinyin": // names with a replaced rare character have no reading
			p *= .98
			clustered = 2
		}
		n[code].check(t, code, p, clustered)
	}
	if level == "bad" && (masked.rows < 100 || masked.hit < masked.rows*98/100) {
		t.Errorf("%d of %d rows of the masking bank are masked", masked.hit, masked.rows)
	}
}

// Most rows have birth date, sex and division; few are wrong.
func TestCorruptedFilesDescribePeople(t *testing.T) {
	dir, sum := generate(t, province.Options{People: 20_000, Seed: 42, Corrupt: province.CorruptBase, Register: true})
	rows, _ := readDepartments(t, dir, sum, readRegister(t, dir), readIdentities(t, dir))
	planted := plantedNumbers(t, dir)
	var birth, sex, division, wrong, wrongSex, elsewhere tally
	for _, r := range rows {
		if planted[r.person.number] || len(r.person.number) != 18 {
			continue
		}
		birth.add(r.fields[4] != "")
		sex.add(r.fields[5] != "")
		division.add(r.fields[6] != "")
		if r.fields[4] != "" {
			wrong.add(r.fields[4] != r.person.birth)
		}
		if r.fields[5] != "" {
			wrongSex.add((r.fields[5] == "male") != (r.person.number[16]%2 == 1))
		}
		if r.fields[6] != "" {
			elsewhere.add(r.fields[6] != r.person.division && r.fields[6] != r.person.number[:6])
		}
	}
	birth.check(t, "birth dates", .95, 1)
	sex.check(t, "sexes", .95, 1)
	division.check(t, "divisions", .95, 1)
	wrong.check(t, "wrong birth dates", .002, 1)
	wrongSex.check(t, "wrong sexes", .002, 1)
	elsewhere.check(t, "wrong divisions", .002, 1)
}

// A decoy and the person it is taken for differ in number only.
func TestDecoysAndSharedNumbers(t *testing.T) {
	const people = 60_000
	dir, sum := generate(t, province.Options{People: people, Seed: 43, Corrupt: province.CorruptBase, Register: true})
	register := readRegister(t, dir)
	alike := map[[4]string]int{}
	key := func(p registered) [4]string { return [4]string{p.name, p.birth, p.division, p.number[:6]} }
	for _, p := range register {
		if len(p.number) == 18 {
			alike[key(p)]++
		}
	}
	decoys, shared := map[string]bool{}, map[string]bool{}
	rows, _ := readDepartments(t, dir, sum, register, readIdentities(t, dir))
	hard := tally{}
	for _, r := range rows {
		if r.has("decoy") {
			decoys[r.person.number] = true
			hard.add(r.has("id_missing"))
			if alike[key(r.person)] < 2 {
				t.Fatalf("nobody is like the decoy %+v", r.person)
			}
		}
		if r.has("id_shared") {
			shared[r.person.number] = true
		}
	}
	// Half of the people of so small a province are planted and count for no decoys.
	if n := len(decoys); n < people*30/10_000 || n > people/100 {
		t.Errorf("%d decoys have rows", n)
	}
	hard.check(t, "missing numbers of decoys", .2, 1)
	if n := len(shared); n < people*5/100_000 {
		t.Errorf("%d people have rows with somebody else's number", n)
	}
}

// Full names are about as varied as real ones: few have many bearers, and about every
// twentieth person has a rare character.
func TestNamesOfACorruptedProvince(t *testing.T) {
	if testing.Short() {
		t.Skip("a province of 100,000")
	}
	const people = 100_000
	dir, _ := generate(t, province.Options{People: people, Seed: 44, Corrupt: province.CorruptBase, Register: true})
	bearers := map[string]int{}
	rare := tally{}
	n := 0
	for _, p := range readRegister(t, dir) {
		bearers[p.name]++
		rare.add(strings.ContainsAny(p.name, rareSigns))
		n++
	}
	pairs, most := 0, 0
	for _, k := range bearers {
		pairs += k * (k - 1)
		most = max(most, k)
	}
	// Two people have the same full name in about 6 of a million pairs in life. Half of
	// the people here are planted and of few generations, which doubles that.
	if same := float64(pairs) / float64(n) / float64(n-1); same > 25e-6 || most > people/500 {
		t.Errorf("the same name in %.2g of all pairs, the commonest has %d bearers", same, most)
	}
	rare.check(t, "bearers of a rare character", .0435, 2)
}
