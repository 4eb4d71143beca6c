package main

import (
	"regexp"
	"strings"

	"github.com/hedui/hedui/engine/match/linkage"
)

// truth is the number of true pairs and whether a link is one.
func (in *matchInput) truth(text string) (int, func(linkage.Link) bool, error) {
	kind, rest, _ := strings.Cut(text, ":")
	column := rest
	pattern := regexp.MustCompile(`(?s)^(.*)$`)
	switch kind {
	case "pairs":
		return in.pairsTruth(rest)
	case "pattern":
		var expr string
		var ok bool
		if column, expr, ok = strings.Cut(rest, "="); !ok {
			return 0, nil, wrongUsage(`as in pattern:rec_id=^rec-(\d+)-`, "--truth pattern needs a column and a regular expression")
		}
		var err error
		if pattern, err = regexp.Compile(expr); err != nil {
			return 0, nil, wrongUsage("see the syntax of Go's regexp", "%w", err)
		}
		if pattern.NumSubexp() < 1 {
			return 0, nil, wrongUsage("put the part that names the entity in ( )", "the expression has no group")
		}
	case "column":
	default:
		return 0, nil, wrongUsage("see hedui match eval --help", "--truth %q is not column:, pattern: or pairs:", kind)
	}
	var entities [2][]string
	for i, s := range in.sheets {
		cells, err := s.pick([]string{column})
		if err != nil {
			return 0, nil, err
		}
		for _, cell := range cells {
			id := "" // names nobody
			if m := pattern.FindStringSubmatch(strings.TrimSpace(cell[0])); m != nil {
				id = m[1]
			}
			entities[i] = append(entities[i], id)
		}
	}
	left, right := tallyEntities(entities[0]), tallyEntities(entities[1])
	n := 0
	other := entities[1]
	for id, count := range left {
		if len(in.sheets) == 1 {
			n += count * (count - 1) / 2
		} else {
			n += count * right[id]
		}
	}
	if len(in.sheets) == 1 {
		other = entities[0]
	}
	return n, func(l linkage.Link) bool {
		return entities[0][l.Left] != "" && entities[0][l.Left] == other[l.Right]
	}, nil
}

func tallyEntities(ids []string) map[string]int {
	out := map[string]int{}
	for _, id := range ids {
		if id != "" {
			out[id]++
		}
	}
	return out
}
