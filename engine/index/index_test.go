package index_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/index"
	"github.com/hedui/hedui/engine/store"
)

// large is a world of some size, the same for every call.
func large(n int) (w world) {
	r := rand.New(rand.NewPCG(7, 11))
	for i := range n {
		birth := household.Date(19400101 + r.IntN(60)*10000 + r.IntN(12)*100 + r.IntN(28))
		text := number(110101+r.IntN(20), birth, i%1000)
		written := namePool[r.IntN(len(namePool))]
		broken := []byte(text)
		broken[r.IntN(17)] = byte('0' + r.IntN(10))
		if string(broken) == text {
			broken[17] = 'X' + '0' - text[17]%2
		}
		w.loose = append(w.loose, index.Loose{Owner: invalid(string(broken)), Name: written, Birth: birth, Division: "110101"})
		p := index.Registered{Key: resident(numOf(text)), Name: written, Division: fmt.Sprint(110101 + r.IntN(2000)), Household: fmt.Sprint("H", r.IntN(n/3+1))}
		if i%50 == 0 {
			p.FormerKeys = []household.PersonKey{resident(numOf(text) + 1), {Num: household.InvalidDocuments + 1, Text: "a\x00b"}}
			p.FormerNames = []string{"王小明"}
		}
		w.registered = append(w.registered, p)
	}
	seen := map[household.PersonKey]bool{}
	w.registered = slices.DeleteFunc(w.registered, func(p index.Registered) bool {
		defer func() { seen[p.Key] = true }()
		return seen[p.Key]
	})
	return w
}

// Order, repetition and memory decide nothing; not a byte.
func TestSameSetSameBytes(t *testing.T) {
	w := large(3000)
	dir := t.TempDir()
	want := build(t, store.NewMemory(), w, dir, 0).Manifest().ID
	for i, memory := range []int64{0, 1, 300 << 10} {
		r := rand.New(rand.NewPCG(1, uint64(i)))
		other := world{slices.Clone(w.loose), slices.Clone(w.registered)}
		other.loose = append(other.loose, w.loose[:100]...)
		r.Shuffle(len(other.loose), func(i, j int) { other.loose[i], other.loose[j] = other.loose[j], other.loose[i] })
		r.Shuffle(len(other.registered), func(i, j int) {
			other.registered[i], other.registered[j] = other.registered[j], other.registered[i]
		})
		if got := build(t, store.NewMemory(), other, dir, memory).Manifest().ID; got != want {
			t.Errorf("memory %d: another generation", memory)
		}
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 0 {
		t.Errorf("%d temporary files left, %v", len(left), err)
	}
}

func TestBothStoresAgree(t *testing.T) {
	w := large(2000)
	onDisk := must[*store.Dir](t)(store.OpenDir(t.TempDir()))
	a, b := build(t, store.NewMemory(), w, t.TempDir(), 1), build(t, onDisk, w, t.TempDir(), 0)
	defer b.Close()
	if a.Manifest().ID != b.Manifest().ID {
		t.Fatal("another generation on disk")
	}
	x, y := open(t, a).Cursor(), open(t, b).Cursor()
	found := 0
	for _, p := range w.registered[:300] {
		q := &index.Query{Key: p.Key, Name: name(p.Name), Birth: household.Date(p.Key.Num / 1000 % 1_0000_0000), Counties: []string{"110101"}}
		left, _, err1 := x.Candidates(nil, q)
		right, _, err2 := y.Candidates(nil, q)
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		if diff := cmp.Diff(left, right); diff != "" {
			t.Fatal(diff)
		}
		found += len(left)
	}
	if found == 0 {
		t.Error("nothing found")
	}
}

func TestTooCommonIsSaid(t *testing.T) {
	for _, n := range []int{index.HotKey, index.HotKey + 1} {
		var w world
		for i := range n {
			w.loose = append(w.loose, index.Loose{Owner: passport(fmt.Sprint("E", 10000+i)), Type: household.Passport, Name: "张伟", Birth: 19800101})
			w.registered = append(w.registered, index.Registered{
				Key: resident(numOf(number(110105, 19800101, i))), Name: "张伟", Household: "1", FormerKeys: []household.PersonKey{resident(1)},
			})
		}
		c := open(t, build(t, store.NewMemory(), w, t.TempDir(), 1)).Cursor()
		q := &index.Query{Key: resident(1), Name: name("张伟"), Birth: 19800101}
		got, stats, err := c.Candidates(nil, q)
		if err != nil {
			t.Fatal(err)
		}
		namesakes, many1, err1 := c.Namesakes(nil, q.Name, 19800101)
		members, many2, err2 := c.Household(nil, "1")
		counterparts, many3, err3 := c.Former(nil, resident(1))
		if err := errors.Join(err1, err2, err3); err != nil {
			t.Fatal(err)
		}
		common := n > index.HotKey
		if many1 != common || many2 != common || many3 != common || (stats.Common == index.NameBirth|index.Former) != common {
			t.Errorf("%d people: too many %v %v %v, common routes %b", n, many1, many2, many3, stats.Common)
		}
		want := n
		if common {
			want = 0
		}
		if len(got) != 2*want || len(namesakes) != want || len(members) != want || len(counterparts) != want {
			t.Errorf("%d people: %d candidates, %d namesakes, %d in the household, %d counterparts", n, len(got), len(namesakes), len(members), len(counterparts))
		}
	}
}

func TestRegisterAnswers(t *testing.T) {
	a, b, old := resident(numOf(number(110105, 19491231, 2))), resident(numOf(number(110105, 19491231, 4))), resident(numOf(number(341221, 19491231, 6)))
	w := world{registered: []index.Registered{
		{Key: a, Name: "吕国强", FormerNames: []string{"吕强", "呂國強"}, FormerKeys: []household.PersonKey{old, a}, Household: " h１ ", Division: "110105"},
		{Key: b, Name: "呂國強", Household: "H1"},
		{Key: resident(numOf(number(110105, 19500101, 2))), Name: "王?"},
	}}
	r := open(t, build(t, store.NewMemory(), w, t.TempDir(), 1))
	c := r.Cursor()
	if !r.HasRegister() || r.Population() != 3 {
		t.Errorf("register %v, %d people", r.HasRegister(), r.Population())
	}
	type answer struct {
		People  []index.Person
		TooMany bool
	}
	const both = index.CurrentName | index.FormerName
	tests := map[string]struct {
		ask  func() ([]index.Person, bool, error)
		want answer
	}{
		"namesakes":      {func() ([]index.Person, bool, error) { return c.Namesakes(nil, name("吕国强"), 19491231) }, answer{[]index.Person{{Key: a, Flags: both}, {Key: b, Flags: index.CurrentName}}, false}},
		"former name":    {func() ([]index.Person, bool, error) { return c.Namesakes(nil, name("吕强"), 19491231) }, answer{[]index.Person{{Key: a, Flags: index.FormerName}}, false}},
		"another date":   {func() ([]index.Person, bool, error) { return c.Namesakes(nil, name("吕国强"), 19491230) }, answer{}},
		"illegible name": {func() ([]index.Person, bool, error) { return c.Namesakes(nil, name("吕?"), 19491231) }, answer{nil, true}},
		"mask 6+4":       {func() ([]index.Person, bool, error) { return c.MaskCompatible(nil, name("吕国强"), mask(a, 6)) }, answer{[]index.Person{{Key: a, Flags: both}}, false}},
		"mask of another": {func() ([]index.Person, bool, error) {
			return c.MaskCompatible(nil, name("吕国强"), "999999********"+mask(a, 6)[14:])
		}, answer{}},
		"mask hides the end": {func() ([]index.Person, bool, error) {
			return c.MaskCompatible(nil, name("吕国强"), "110105************")
		}, answer{nil, true}},
		"mask of 15 places": {func() ([]index.Person, bool, error) {
			return c.MaskCompatible(nil, name("吕国强"), "110105*****1002")
		}, answer{nil, true}},
		"household":           {func() ([]index.Person, bool, error) { return c.Household(nil, "h1") }, answer{[]index.Person{{Key: a}, {Key: b}}, false}},
		"no such household":   {func() ([]index.Person, bool, error) { return c.Household(nil, "H3") }, answer{}},
		"former number":       {func() ([]index.Person, bool, error) { return c.Former(nil, old) }, answer{[]index.Person{{Key: a, Flags: index.CurrentNumber}}, false}},
		"current number":      {func() ([]index.Person, bool, error) { return c.Former(nil, a) }, answer{[]index.Person{{Key: old, Flags: index.FormerNumber}}, false}},
		"never had another":   {func() ([]index.Person, bool, error) { return c.Former(nil, b) }, answer{}},
		"empty household no.": {func() ([]index.Person, bool, error) { return c.Household(nil, " ") }, answer{}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			people, tooMany, err := tt.ask()
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, answer{people, tooMany}, cmpopts.EquateEmpty()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func mask(key household.PersonKey, head int) string {
	text := fmt.Sprintf("%017d", key.Num)
	full := number(int(key.Num/1_0000_0000_000), household.Date(key.Num/1000%1_0000_0000), int(key.Num%1000))
	return text[:head] + "********"[:14-head] + full[14:]
}

// The shares are recomputed from a count of everybody.
func TestFrequency(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		var w world
		for i := range rapid.IntRange(1, 60).Draw(t, "people") {
			birth := rapid.SampledFrom(datePool).Draw(t, "birth")
			w.registered = append(w.registered, index.Registered{
				Key: resident(numOf(number(110105, birth, i))), Name: rapid.SampledFrom(namePool).Draw(t, "name"),
				Division: rapid.SampledFrom([]string{"110105", "110203", "341221", ""}).Draw(t, "division"),
			})
		}
		r := open(t, build(t, store.NewMemory(), w, dir, 1))
		c := r.Cursor()
		asked := name(rapid.SampledFrom([]string{"李明", "肖伟", "从未"}).Draw(t, "asked"))
		birth := rapid.SampledFrom([]household.Date{0, 19491231, 19500101, 18000101}).Draw(t, "born")
		sex := uint8(rapid.IntRange(0, 2).Draw(t, "sex"))
		area := rapid.SampledFrom([]string{"", "110100", "34122100", "999999"}).Draw(t, "area")
		var all, group, cell, allN, groupN, cellN uint64
		for _, p := range w.registered {
			same := name(p.Name).Lost() == 0 && name(p.Name).FoldedKey() == asked.FoldedKey()
			seq := p.Key.Num % 2
			inGroup := p.Key.Num/1000%1_0000_0000/100000 == uint64(birth)/100000 && (seq == 1) == (sex == 1)
			inCell := inGroup && len(p.Division) >= 4 && len(area) >= 4 && p.Division[:4] == area[:4]
			for _, x := range []struct {
				in   bool
				n, N *uint64
			}{{true, &all, &allN}, {inGroup, &group, &groupN}, {inCell, &cell, &cellN}} {
				if x.in {
					*x.N++
					if same {
						*x.n++
					}
				}
			}
		}
		up := func(a, b uint64) uint64 { return min((a+b-1)/b, 1e9) }
		want := up((all+1)*1e9, allN+1)
		if birth != 0 && sex != 0 {
			want = up(group*1e9+1000*want, groupN+1000)
			if area != "" {
				want = up(cell*1e9+1000*want, cellN+1000)
			}
		}
		got, known, err := c.Frequency(asked, birth, sex, area)
		if err != nil || !known || uint64(got) != want || got <= 0 {
			t.Fatalf("got %d %v %v, want %d", got, known, err, want)
		}
		if _, known, _ := c.Frequency(name("李?"), birth, sex, area); known {
			t.Fatal("the share of an illegible name is known")
		}
	})
}

func TestNoRegister(t *testing.T) {
	r := open(t, build(t, store.NewMemory(), world{}, t.TempDir(), 0))
	c := r.Cursor()
	if _, known, err := c.Frequency(name("李明"), 19800101, 1, "110105"); known || err != nil || r.HasRegister() || r.Population() != 0 {
		t.Errorf("known %v, register %v, %v", known, r.HasRegister(), err)
	}
	got, stats, err := c.Candidates(nil, &index.Query{Key: resident(numOf(number(110105, 19800101, 1))), Name: name("李明"), Birth: 19800101})
	if len(got) != 0 || err != nil || stats.Reads != 0 {
		t.Errorf("%d candidates, %d reads, %v", len(got), stats.Reads, err)
	}
}

// A person who shares no key reads no block but for what a filter lets through.
func TestNoHitNoRead(t *testing.T) {
	w := large(5000)
	c := open(t, build(t, store.NewMemory(), w, t.TempDir(), 0)).Cursor()
	reads, asked := 0, 2000
	for i := range asked {
		text := number(650000, 19850101, i%1000)
		q := &index.Query{Number: text, Key: resident(numOf(text)), Name: name("赵钱孙"), Birth: household.Date(20200101 + i%20), Counties: []string{"650000"}}
		got, stats, err := c.Candidates(nil, q)
		if err != nil || len(got) != 0 {
			t.Fatal(len(got), err)
		}
		reads += stats.Reads
	}
	if reads > asked/20 {
		t.Errorf("%d reads for %d people without hits", reads, asked)
	}
}

func TestDamagedRunIsNoticed(t *testing.T) {
	w := large(3000)
	for _, at := range []int64{2, 7, 500, -3} {
		dir := t.TempDir()
		b := must[*index.Builder](t)(index.NewBuilder(table(), index.BuildOptions{Memory: 1, TempDir: dir}))
		for _, l := range w.loose {
			check(t, b.AddLoose(l))
		}
		runs := must[[]string](t)(filepath.Glob(filepath.Join(dir, "*", "*")))
		if len(runs) < 5 {
			t.Fatalf("%d runs only", len(runs))
		}
		for _, run := range []string{runs[0], runs[len(runs)-1]} {
			raw := must[[]byte](t)(os.ReadFile(run))
			i := at
			if i < 0 {
				i += int64(len(raw))
			}
			raw[i] ^= 0x10
			check(t, os.WriteFile(run, raw, 0o600))
		}
		out := must[store.Builder](t)(store.NewMemory().Begin(store.BuildOptions{}))
		if err := b.WriteTo(tctx, out); err == nil {
			t.Errorf("byte %d of a run changed and nobody noticed", at)
		}
		check(t, b.Close())
	}
}

func TestBuilderIsOver(t *testing.T) {
	b := must[*index.Builder](t)(index.NewBuilder(table(), index.BuildOptions{TempDir: t.TempDir()}))
	check(t, b.Close())
	out := must[store.Builder](t)(store.NewMemory().Begin(store.BuildOptions{}))
	if b.AddLoose(index.Loose{}) == nil || b.AddRegistered(index.Registered{}) == nil || b.WriteTo(tctx, out) == nil || b.Close() != nil {
		t.Error("a closed builder goes on")
	}
}

// Every name that rows without a number have is told, in all parts of a large entry;
// others pass a filter now and then.
func TestNumberlessNames(t *testing.T) {
	w := world{}
	for i := range 500 {
		key := nobody("姓名" + strconv.Itoa(i))
		if i%2 == 0 {
			key.Text += "\x00\x01"
		}
		w.loose = append(w.loose, index.Loose{Owner: key, Name: "姓名" + strconv.Itoa(i)})
		w.loose = append(w.loose, index.Loose{Owner: invalid("11010519491231003" + strconv.Itoa(i%10)), Type: household.ResidentID, Name: "别人" + strconv.Itoa(i)})
	}
	c := open(t, seal(t, store.NewMemory(), w, t.TempDir(), 0, nil)).Cursor()
	passed := 0
	for i := range 500 {
		if !c.Numberless("姓名" + strconv.Itoa(i)) {
			t.Errorf("name %d is not told", i)
		}
		if c.Numberless("别人" + strconv.Itoa(i)) {
			passed++
		}
	}
	if passed > 10 {
		t.Errorf("%d of 500 names that only rows with a number have pass", passed)
	}
}
