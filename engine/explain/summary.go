package explain

import (
	"io"
	"maps"
	"slices"
	"strconv"

	"github.com/hedui/hedui/engine/household"
)

// Counts is what a finished batch came to. Outcomes and effects are named as in
// the JSON of a verdict.
type Counts struct {
	Outcomes map[string]int64            // outcome → households
	Findings map[string]map[string]int64 // code → effect → households
	Regions  map[string]map[string]int64 // region → outcome → households
	Texts    Texts                       // nil: codes stand for themselves
}

// Summary writes the counts by outcome, finding and region to w. Every outcome has
// a row, also when it is 0; codes and regions come in byte order. It returns the
// first error of w.
func Summary(w io.Writer, c Counts, lang string) error {
	x := &writer{page: page{w: w, lang: lang}, in: Input{Texts: c.Texts, Lang: lang}}
	rows := [][]string{{x.say("outcome"), x.say("number")}}
	region := []string{x.say("region")}
	for o := household.NoDiscrepancy; o <= household.Refused; o++ {
		name := at(outcomeTitles[:], int(o), lang)
		rows = append(rows, []string{name, strconv.FormatInt(c.Outcomes[o.String()], 10)})
		region = append(region, name)
	}
	x.table(0, map[int]bool{1: true}, rows)
	x.raw("")
	rows = [][]string{{x.say("finding"), x.say("outcome"), x.say("number")}}
	for _, code := range slices.Sorted(maps.Keys(c.Findings)) {
		for _, effect := range slices.Sorted(maps.Keys(c.Findings[code])) {
			o, _ := household.Outcomes.Find(effect)
			rows = append(rows, []string{x.title(code), at(outcomeTitles[:], int(o), lang), strconv.FormatInt(c.Findings[code][effect], 10)})
		}
	}
	x.table(0, map[int]bool{2: true}, rows)
	x.raw("")
	rows = [][]string{region}
	for _, r := range slices.Sorted(maps.Keys(c.Regions)) {
		row := []string{r}
		if r == "" {
			row[0] = x.say("no region")
		}
		for o := household.NoDiscrepancy; o <= household.Refused; o++ {
			row = append(row, strconv.FormatInt(c.Regions[r][o.String()], 10))
		}
		rows = append(rows, row)
	}
	x.table(0, map[int]bool{1: true, 2: true, 3: true, 4: true, 5: true}, rows)
	return x.err
}
