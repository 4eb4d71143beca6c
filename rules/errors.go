package rules

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Error is one reason why a pack did not load.
type Error struct {
	File         string // within the pack's folder
	Line, Column int    // from 1; 0 when the whole file is meant
	Source       string // the line
	Problem      string
	Expected     string // what was expected; may be empty
}

// Error gives the place, the problem, the line with a pointer, and what was
// expected.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.File)
	if e.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", e.Line, e.Column)
	}
	b.WriteString(": " + e.Problem)
	if e.Line > 0 {
		number := strconv.Itoa(e.Line)
		source, column := part(e.Source, e.Column)
		b.WriteString("\n  " + number + " | " + source)
		b.WriteString("\n  " + strings.Repeat(" ", len(number)) + " | " + pad(source, column-1) + "^")
	}
	if e.Expected != "" {
		b.WriteString("\n    expected " + e.Expected)
	}
	return b.String()
}

// What is shown of a long line: so many characters before and after the place.
const shownBefore, shownAfter = 160, 80

// part is as much of a long line as one can read, and the column in it.
func part(line string, column int) (source string, at int) {
	all := []rune(line)
	from, to := max(column-1-shownBefore, 0), min(max(column-1, 0)+shownAfter, len(all))
	if len(all) <= shownBefore+shownAfter {
		return line, column
	}
	source, at = string(all[min(from, to):to]), column-from
	if from > 0 {
		source, at = "…"+source, at+1
	}
	if to < len(all) {
		source += "…"
	}
	return source, at
}

// pad is as wide on a terminal as the first n characters of the line.
func pad(line string, n int) string {
	var b strings.Builder
	for _, r := range line {
		if n--; n < 0 {
			break
		}
		switch {
		case r == '\t':
			b.WriteByte('\t')
		case r >= 0x2e80 && r <= 0xffe6:
			b.WriteRune('\u3000')
		default:
			b.WriteByte(' ')
		}
	}
	return b.String()
}

// Errors are all reasons why a pack did not load, by file, line and column.
type Errors []*Error

// Error gives one reason after the other.
func (e Errors) Error() string {
	parts := make([]string, len(e))
	for i, x := range e {
		parts[i] = x.Error()
	}
	return strings.Join(parts, "\n")
}

func (e Errors) sort() {
	slices.SortStableFunc(e, func(a, b *Error) int {
		if c := strings.Compare(a.File, b.File); c != 0 {
			return c
		}
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
}

// oneOf lists names, and puts first the one that was probably meant.
func oneOf(names []string, given string) string {
	text := "one of " + strings.Join(names, ", ")
	best, distance := "", 3
	for _, n := range names {
		if d := edits(n, given); d < distance {
			best, distance = n, d
		}
	}
	if best != "" {
		text = best + "? (" + text + ")"
	}
	return text
}

// edits counts the characters to insert, delete or replace to make b of a.
func edits(a, b string) int {
	row := make([]int, utf8.RuneCountInString(b)+1)
	for i := range row {
		row[i] = i
	}
	for i, x := range []rune(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j, y := range []rune(b) {
			cost := diagonal
			if x != y {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, diagonal+1, row[j]+1)
		}
	}
	return row[len(row)-1]
}
