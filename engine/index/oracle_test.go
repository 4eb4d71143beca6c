package index_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/index"
	"github.com/hedui/hedui/engine/match"
	"github.com/hedui/hedui/engine/match/names"
	"github.com/hedui/hedui/engine/store"
)

var tctx = context.Background()

func unlinked(w world) (keys []household.PersonKey) {
	for _, l := range w.loose {
		if l.Owner.Num >= household.Unlinked {
			keys = append(keys, l.Owner)
		}
	}
	slices.SortFunc(keys, household.PersonKey.Compare)
	return slices.Compact(keys)
}

// The definition of every route, applied to one query and one loose record: an
// independent reading that shares only the table of names with the index.

// places is a number as 18 places with * for hidden ones, or as 15.
func places(text string) string {
	if i := strings.Index(text, "*"); i >= 0 && len(text) < 18 && len(text) != 15 {
		j := strings.LastIndex(text, "*")
		return text[:i] + strings.Repeat("*", 18-i-(len(text)-j-1)) + text[j+1:]
	}
	return text
}

func plainDate(s string) string {
	if _, ok := household.ParseDate([]byte(s)); ok && len(s) == 8 && !strings.ContainsAny(s, "-/* X") {
		return s
	}
	return ""
}

func (x described) of(l index.Loose) described {
	text := l.Number
	if text == "" && l.Owner.Num != household.NoDocument {
		text = l.Owner.Text
		if l.Owner.Num < household.OtherDocuments {
			text = match.ResidentText(l.Owner.Num)
		}
	}
	if l.Type == household.Passport {
		text = ""
	}
	text = places(text)
	switch len(text) {
	case 18:
		x.birth = plainDate(text[6:14])
		if !strings.Contains(text[:6], "*") && (x.birth != "" || strings.Contains(text, "*")) {
			x.county = text[:6]
		}
		if strings.Contains(text, "*") && !strings.Contains(text[14:], "*") {
			x.tail = text[14:]
		}
	case 15:
		if strings.Contains(text, "*") {
			x.birth = plainDate("19" + text[6:12])
			if !strings.Contains(text[:6], "*") {
				x.county = text[:6]
			}
			if !strings.Contains(text[11:], "*") {
				x.oldTail = text[11:]
			}
		}
	}
	if l.Birth != 0 {
		x.birth = strings.ReplaceAll(l.Birth.String(), "-", "")
	}
	if len(l.Division) >= 6 {
		x.county = l.Division[:6]
	}
	return x
}

type described struct{ birth, county, tail, oldTail string }

func oneError(a, b string) bool {
	if len(a) != 18 || len(b) != 18 {
		return false
	}
	var at []int
	for i := range 18 {
		if a[i] != b[i] {
			at = append(at, i)
		}
	}
	digit := func(c byte) bool { return c >= '0' && c <= '9' }
	switch len(at) {
	case 1:
		return digit(b[at[0]]) || at[0] == 17 && b[17] == 'X'
	case 2:
		return at[1] == at[0]+1 && a[at[0]] == b[at[1]] && a[at[1]] == b[at[0]]
	}
	return false
}

func sharesLegible(query, record string) bool {
	q, r := []rune(query), []rune(record)
	for i := range r {
		if r[i] != utf8.RuneError {
			return len(q) == len(r) && i < 8 && q[i] == r[i]
		}
	}
	return false
}

func routesOf(q *index.Query, l index.Loose) (routes index.Route) {
	if l.Owner.Num == household.InvalidDocuments+uint64(household.ResidentID) && oneError(q.Number, l.Owner.Text) {
		routes |= index.Typo
	}
	record := name(l.Name)
	d := described{}.of(l)
	birth := strings.ReplaceAll(q.Birth.String(), "-", "")
	for _, n := range append([]names.Name{q.Name}, q.FormerNames...) {
		if n.Lost() > 0 || n.FoldedKey() == "" || record.FoldedKey() == "" {
			continue
		}
		if record.Lost() > 0 {
			if birth != "" && d.birth == birth && sharesLegible(n.FoldedKey(), record.FoldedKey()) {
				routes |= index.Illegible
			}
			continue
		}
		if record.Spelled() && birth != "" && d.birth == birth {
			a, _ := n.PinyinKeys()
			b, _ := record.PinyinKeys()
			if slices.ContainsFunc(a, func(k string) bool { return slices.Contains(b, k) }) {
				routes |= index.Pinyin
			}
		}
		if n.FoldedKey() != record.FoldedKey() {
			continue
		}
		if birth != "" && d.birth == birth {
			routes |= index.NameBirth
		}
		if birth != "" && d.birth != "" && d.birth[:4] == birth[:4] && d.county != "" &&
			slices.ContainsFunc(q.Counties, func(c string) bool { return len(c) >= 6 && c[:6] == d.county }) {
			routes |= index.NameArea
		}
		if len(q.Number) == 18 && (d.tail != "" && q.Number[14:] == d.tail ||
			d.oldTail != "" && q.Number[6:8] == "19" && q.Number[13:17] == d.oldTail) {
			routes |= index.NameMask
		}
	}
	return routes
}

func scan(q *index.Query, w world) []index.Candidate {
	found := map[household.PersonKey]index.Route{}
	for _, l := range w.loose {
		if r := routesOf(q, l); r != 0 && l.Owner != q.Key {
			found[l.Owner] |= r
		}
	}
	for _, p := range w.registered {
		for _, f := range p.FormerKeys {
			if f == p.Key {
				continue
			}
			switch q.Key {
			case p.Key:
				found[f] |= index.Former
			case f:
				found[p.Key] |= index.Former
			}
		}
	}
	var out []index.Candidate
	for k, r := range found {
		out = append(out, index.Candidate{Key: k, Routes: r})
	}
	slices.SortFunc(out, func(a, b index.Candidate) int { return a.Key.Compare(b.Key) })
	return out
}

// The pools are small so that people share names, dates and counties.
var (
	namePool = []string{
		"李明", "呂國強", "吕国强", "李?", "?明", "王□明", "王小明", "LI MING", "MING LI", "李ming", "欧阳修", "单伟", "SHAN WEI", "阿依古丽·买买提",
		"萧伟", "肖伟", "???", "", "李 明", "吕国?",
	}
	datePool     = []household.Date{19491231, 19500101, 19500210, 20010203}
	divisionPool = []int{110105, 341221}
)

func drawNumber(t *rapid.T) string {
	return number(rapid.SampledFrom(divisionPool).Draw(t, "division"), rapid.SampledFrom(datePool).Draw(t, "born"), rapid.IntRange(1, 5).Draw(t, "sequence"))
}

func drawLoose(t *rapid.T) index.Loose {
	l := index.Loose{Name: rapid.SampledFrom(namePool).Draw(t, "name")}
	if rapid.Bool().Draw(t, "dated") {
		l.Birth = rapid.SampledFrom(datePool).Draw(t, "birth")
	}
	if rapid.IntRange(0, 2).Draw(t, "placed") == 0 {
		l.Division = rapid.SampledFrom([]string{"110105", "341221003", "34", "x"}).Draw(t, "column")
		if len(l.Division) < 6 {
			l.Division = ""
		}
	}
	text := drawNumber(t)
	switch rapid.IntRange(0, 7).Draw(t, "kind") {
	case 0: // one character replaced, by anything
		i := rapid.IntRange(0, 17).Draw(t, "place")
		c := rapid.SampledFrom([]byte("0123456789XA")).Draw(t, "by")
		if c == 'X' && i < 16 { // an X in the middle reads as a hidden digit; masks are drawn below
			c = 'A'
		}
		l.Owner = invalid(text[:i] + string(c) + text[i+1:])
	case 1: // two exchanged
		i := rapid.IntRange(0, 16).Draw(t, "place")
		l.Owner = invalid(text[:i] + text[i+1:i+2] + text[i:i+1] + text[i+2:])
	case 2: // masked
		from := rapid.SampledFrom([]int{3, 4, 6, 14}).Draw(t, "from")
		to := rapid.SampledFrom([]int{14, 15, 17}).Draw(t, "to")
		to = max(to, from+1)
		stars := strings.Repeat("*", rapid.SampledFrom([]int{to - from, 2}).Draw(t, "stars"))
		masked := text[:from] + stars + text[to:]
		if len(masked) == 15 { // read as 15 places
			masked = text[:from] + strings.Repeat("*", to-from) + text[to:]
		}
		l.Owner = invalid(masked)
	case 3: // 15 places, masked
		old := text[:6] + text[8:17]
		from := rapid.SampledFrom([]int{4, 6, 12}).Draw(t, "from")
		to := max(rapid.SampledFrom([]int{11, 13}).Draw(t, "to"), from+1)
		l.Owner = invalid(old[:from] + strings.Repeat("*", to-from) + old[to:])
	case 4:
		l.Type = household.Passport
		l.Owner = passport(rapid.SampledFrom([]string{"E12345678", "G1"}).Draw(t, "passport"))
	case 5:
		l.Owner = nobody(string(match.NormalName([]byte(l.Name))))
	case 6: // unknown to the register
		l.Owner = resident(numOf(text))
	case 7: // two wrong
		l.Owner = invalid("9" + text[1:16] + "00")
	}
	return l
}

func drawWorld(t *rapid.T) world {
	w := world{loose: rapid.SliceOfN(rapid.Custom(drawLoose), 0, 25).Draw(t, "loose")}
	seen := map[household.PersonKey]bool{}
	for range rapid.IntRange(0, 6).Draw(t, "registered") {
		p := index.Registered{
			Key: resident(numOf(drawNumber(t))), Name: rapid.SampledFrom(namePool).Draw(t, "name"),
			FormerNames: rapid.SliceOfN(rapid.SampledFrom(namePool), 0, 2).Draw(t, "former names"),
			Household:   rapid.SampledFrom([]string{"", "H1", "h 1", "H2"}).Draw(t, "household"),
			Division:    rapid.SampledFrom([]string{"110105", "341221", ""}).Draw(t, "division"),
		}
		for range rapid.IntRange(0, 2).Draw(t, "formers") {
			p.FormerKeys = append(p.FormerKeys, resident(numOf(drawNumber(t))))
		}
		if !seen[p.Key] {
			w.registered = append(w.registered, p)
		}
		seen[p.Key] = true
	}
	return w
}

func drawQuery(t *rapid.T) *index.Query {
	text := drawNumber(t)
	q := &index.Query{Key: resident(numOf(text)), Number: text, Name: name(rapid.SampledFrom(namePool).Draw(t, "asked")), Birth: household.Date(numOf(text) / 1000 % 1_0000_0000)}
	if rapid.IntRange(0, 9).Draw(t, "undated") == 0 {
		q.Birth = 0
	}
	q.Counties = rapid.SliceOfN(rapid.SampledFrom([]string{"110105", "341221", "34122100", ""}), 0, 3).Draw(t, "counties")
	for range rapid.IntRange(0, 2).Draw(t, "former") {
		q.FormerNames = append(q.FormerNames, name(rapid.SampledFrom(namePool).Draw(t, "once")))
	}
	return q
}

// disagreement compares the index with the definition on random worlds.
func disagreement(t *rapid.T, dir string, prepare func(*index.Cursor), seen *index.Route) string {
	w := drawWorld(t)
	c := open(t, build(t, store.NewMemory(), w, dir, 1)).Cursor()
	prepare(c)
	for range 5 {
		q := drawQuery(t)
		want := scan(q, w)
		for _, x := range want {
			*seen |= x.Routes
		}
		got, stats, err := c.Candidates(nil, q)
		if err != nil {
			return err.Error()
		}
		if stats.Common != 0 {
			return "a small world has a common key"
		}
		if diff := cmp.Diff(want, got); diff != "" {
			return diff + "\n" + q.Number
		}
		// The number follows from the key.
		q.Number = ""
		if again, _, err := c.Candidates(got[:0:0], q); err != nil || !slices.Equal(again, want) {
			return "another answer without the number"
		}
	}
	return ""
}

func TestCandidatesAreThoseOfTheDefinition(t *testing.T) {
	dir, seen := t.TempDir(), index.Route(0)
	rapid.Check(t, func(t *rapid.T) {
		if diff := disagreement(t, dir, func(*index.Cursor) {}, &seen); diff != "" {
			t.Fatal(diff)
		}
	})
}

// A cursor that forgets one place of a number must be noticed, and the worlds must
// have candidates on every route, or the test above proves nothing.
func TestDefinitionNoticesAForgottenPlace(t *testing.T) {
	dir, seen := t.TempDir(), index.Route(0)
	const all = index.Former | index.Typo | index.NameBirth | index.NameArea | index.NameMask | index.Pinyin | index.Illegible
	noticed := false
	for seed := range 2000 {
		if noticed && seen == all {
			return
		}
		rapid.Custom(func(t *rapid.T) bool {
			if disagreement(t, dir, func(c *index.Cursor) { c.SkipSubstitutions(11) }, &seen) != "" {
				noticed = true
			}
			return true
		}).Example(seed)
	}
	t.Errorf("2,000 worlds without the substitutions at one place: noticed %v, candidates on routes %b", noticed, seen)
}
