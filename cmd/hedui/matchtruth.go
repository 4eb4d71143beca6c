package main

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// matchTruth is what links are measured against.
type matchTruth struct {
	kind    string // column, pattern, pairs or entities
	column  string // of column and pattern
	pattern *regexp.Regexp
	file    string    // of pairs and entities
	ids     [2]string // columns with the ids that the file speaks of, "" for row numbers
	entity  string    // the file's column that names the entity
}

const truthHelp = `The truth is one of
  column:NAME               a column that holds the same entity id for the same person
  pattern:NAME=REGEXP       the entity id is the first group of REGEXP in a column
  pairs:FILE                a CSV file without header: data row left, data row right, from 1
  pairs:FILE,ID[,RIGHTID]   a CSV file with the ids of both, as the columns ID and RIGHTID
                            of the data have them; its columns of those names, else its
                            first two; a header is found out
  entities:FILE,ID,ENTITY   a CSV file with header that says for each ID which ENTITY it is`

func parseTruth(text string) (*matchTruth, error) {
	kind, rest, _ := strings.Cut(text, ":")
	t := &matchTruth{kind: kind, column: rest, pattern: regexp.MustCompile(`(?s)^(.*)$`)}
	parts := strings.Split(rest, ",")
	switch kind {
	case "column":
	case "pairs":
		if t.file = parts[0]; len(parts) > 3 {
			return nil, wrongUsage("as in pairs:truth.csv,id", "--truth pairs takes a file and one or two columns")
		}
		if len(parts) > 1 {
			t.ids = [2]string{parts[1], parts[len(parts)-1]}
		}
	case "entities":
		if len(parts) != 3 {
			return nil, wrongUsage("as in entities:key.csv,RECORD_ID,CLUSTER_ID", "--truth entities takes a file and two columns")
		}
		t.file, t.ids, t.entity = parts[0], [2]string{parts[1], parts[1]}, parts[2]
	case "pattern":
		var expr string
		var ok bool
		if t.column, expr, ok = strings.Cut(rest, "="); !ok {
			return nil, wrongUsage(`as in pattern:rec_id=^rec-(\d+)-`, "--truth pattern needs a column and a regular expression")
		}
		var err error
		if t.pattern, err = regexp.Compile(expr); err != nil {
			return nil, wrongUsage("see the syntax of Go's regexp", "%w", err)
		}
		if t.pattern.NumSubexp() < 1 {
			return nil, wrongUsage("put the part that names the entity in ( )", "the expression has no group")
		}
	default:
		return nil, wrongUsage("see hedui match eval --help", "--truth %q is not column:, pattern:, pairs: or entities:", kind)
	}
	return t, nil
}

// keep is which columns of a side must be kept.
func (t *matchTruth) keep(side int) []string {
	switch {
	case t.file == "":
		return []string{t.column}
	case t.ids[side] != "":
		return []string{t.ids[side]}
	}
	return nil
}

// sameFunc reports whether two rows are the same entity.
type sameFunc func(left, right int) bool

// resolve is the number of true pairs and whether two rows are one.
func (t *matchTruth) resolve(in *matchInput, form csvForm) (int, sameFunc, error) {
	if t.kind == "pairs" {
		return t.pairs(in, form)
	}
	// Entities are numbered: for every candidate two of them are compared.
	numbers := map[string]int32{"": 0} // 0 names nobody
	var entities [2][]int32
	var of map[string]string
	var err error
	if t.kind == "entities" {
		if of, err = t.entities(form); err != nil {
			return 0, nil, err
		}
	}
	for side, s := range in.sheets {
		column := t.column
		if t.kind == "entities" {
			column = t.ids[side]
		}
		entities[side] = make([]int32, 0, s.rows)
		for _, cell := range s.kept[column] {
			name := of[cell]
			if t.kind != "entities" {
				name = ""
				if m := t.pattern.FindStringSubmatch(cell); m != nil {
					name = m[1]
				}
			}
			number, ok := numbers[name]
			if !ok {
				number = int32(len(numbers))
				numbers[name] = number
			}
			entities[side] = append(entities[side], number)
		}
		delete(s.kept, column)
	}
	left, n := tallyEntities(entities[0]), 0
	if len(in.sheets) == 1 {
		entities[1] = entities[0]
		for _, count := range left {
			n += count * (count - 1) / 2
		}
	} else {
		right := tallyEntities(entities[1])
		for id, count := range left {
			n += count * right[id]
		}
	}
	return n, func(l, r int) bool { return entities[0][l] != 0 && entities[0][l] == entities[1][r] }, nil
}

func tallyEntities(ids []int32) map[int32]int {
	out := map[int32]int{}
	for _, id := range ids {
		if id != 0 {
			out[id]++
		}
	}
	return out
}

// entities reads which entity each id is.
func (t *matchTruth) entities(form csvForm) (map[string]string, error) {
	f, err := openCSV(t.file, form)
	if err != nil {
		return nil, err
	}
	defer f.close()
	at, err := f.find([]string{t.ids[0], t.entity})
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for {
		row, line, err := f.row()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		id, entity := clean(row[at[0]]), clean(row[at[1]])
		if old, ok := out[id]; ok && old != entity {
			return nil, fmt.Errorf("%s:%d: %w", f.name, line, errTwoEntities)
		}
		out[id] = entity
	}
}

var (
	errTwoEntities = errors.New("this id was another entity before")
	// errPairsRow is a line of a truth file that names no two rows.
	errPairsRow = errors.New("not two numbers of data rows that exist, from 1")
	errPairsID  = errors.New("an id that no data row has")
)

// pairs reads which rows are the same.
func (t *matchTruth) pairs(in *matchInput, form csvForm) (int, sameFunc, error) {
	find, err := in.finder(t.ids)
	if err != nil {
		return 0, nil, err
	}
	f, err := openCSV(t.file, form)
	if err != nil {
		return 0, nil, err
	}
	defer f.close()
	if len(f.header) < 2 || t.ids[0] == "" && len(f.header) != 2 {
		return 0, nil, fmt.Errorf("%s:1: %w", f.name, errPairsRow)
	}
	at := [2]int{0, 1}
	if x, y := slices.Index(f.header, t.ids[0]), slices.Index(f.header, t.ids[1]); x >= 0 && y >= 0 && x != y {
		at = [2]int{x, y}
	}
	pairs := map[[2]int]bool{}
	row, line := f.header, 1
	for ; !errors.Is(err, io.EOF); row, line, err = f.row() {
		if err != nil {
			return 0, nil, err
		}
		left, ok := find(0, row[at[0]])
		right, ok2 := find(len(in.sheets)-1, row[at[1]])
		switch {
		case line == 1 && t.ids[0] != "" && !ok && !ok2: // a header
			continue
		case !ok || !ok2:
			reason := errPairsRow
			if t.ids[0] != "" {
				reason = errPairsID
			}
			return 0, nil, fmt.Errorf("%s:%d: %w", f.name, line, reason)
		}
		if len(in.sheets) == 1 {
			left, right = min(left, right), max(left, right)
		}
		pairs[[2]int{left, right}] = true
	}
	return len(pairs), func(l, r int) bool { return pairs[[2]int{l, r}] }, nil
}

// finder finds rows, from 0, by what a file calls them: an id of the data's column,
// or the number of the data row from 1.
func (in *matchInput) finder(ids [2]string) (func(side int, text string) (int, bool), error) {
	var byID [2]map[string]int
	for side, s := range in.sheets {
		if ids[side] == "" {
			continue
		}
		byID[side] = make(map[string]int, s.rows)
		for row, id := range s.kept[ids[side]] {
			if first, ok := byID[side][id]; ok && id != "" {
				return nil, withHint(fmt.Errorf("data rows %d and %d have the same %q", first+1, row+1, ids[side]), "the column must tell rows apart")
			}
			byID[side][id] = row
		}
	}
	return func(side int, text string) (int, bool) {
		text = strings.TrimSpace(text)
		if byID[side] != nil {
			row, ok := byID[side][text]
			return row, ok && text != ""
		}
		n, err := strconv.Atoi(text)
		return n - 1, err == nil && n >= 1 && n <= in.sheets[side].rows
	}, nil
}
