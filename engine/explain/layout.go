package explain

import (
	"fmt"
	"io"
	"strings"
	"unicode"

	"golang.org/x/text/width"

	"github.com/hedui/hedui/engine/household"
)

// page writes lines of at most width columns and remembers the first error.
type page struct {
	w     io.Writer
	lang  string
	width int
	err   error
}

// say is a text of the catalogue.
func (p *page) say(key string, args ...any) string {
	t := words[key].in(p.lang)
	if len(args) == 0 {
		return t
	}
	return fmt.Sprintf(t, args...)
}

func (p *page) raw(line string) {
	if p.err == nil {
		_, p.err = io.WriteString(p.w, strings.TrimRight(line, " ")+"\n")
	}
}

func (p *page) heading(title string) {
	p.raw("")
	p.raw(clean(title))
}

// line writes text behind indent columns, folded at the page's width; what is
// folded hangs two columns deeper.
func (p *page) line(indent int, text string) {
	margin := strings.Repeat(" ", indent)
	for {
		head, rest := fold(clean(text), p.width-columns(margin))
		p.raw(margin + head)
		if rest == "" {
			return
		}
		text, margin = rest, strings.Repeat(" ", indent+2)
	}
}

// fold cuts text after at most room columns: at a space, or between two characters
// of which one is wide, but never before closing punctuation.
func fold(text string, room int) (head, rest string) {
	if columns(text) <= room {
		return text, ""
	}
	used, cut, hard := 0, 0, 0
	var before rune
	for i, r := range text {
		if i > 0 && !strings.ContainsRune("，。；：、）,.;:)", r) && before != '（' &&
			(before == ' ' || runeColumns(r) == 2 || runeColumns(before) == 2) {
			cut = i
		}
		if used+runeColumns(r) > room && i > 0 {
			hard = i
			break
		}
		used += runeColumns(r)
		before = r
	}
	if cut == 0 {
		cut = hard
	}
	return strings.TrimRight(text[:cut], " "), strings.TrimLeft(text[cut:], " ")
}

// table writes rows in columns; the columns in right are aligned to the right.
func (p *page) table(indent int, right map[int]bool, rows [][]string) {
	var widths []int
	for _, row := range rows {
		for i := range row {
			row[i] = clean(row[i])
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], columns(row[i]))
		}
	}
	for _, row := range rows {
		var b strings.Builder
		b.WriteString(strings.Repeat(" ", indent))
		for i, cell := range row {
			if i > 0 {
				b.WriteString("  ")
			}
			pad := strings.Repeat(" ", widths[i]-columns(cell))
			if right[i] {
				b.WriteString(pad + cell)
			} else {
				b.WriteString(cell + pad)
			}
		}
		p.raw(b.String())
	}
}

// columns is the number of terminal columns that a text takes.
func columns(s string) int {
	n := 0
	for _, r := range s {
		n += runeColumns(r)
	}
	return n
}

func runeColumns(r rune) int {
	if unicode.In(r, unicode.Mn, unicode.Me) {
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// clean replaces what a terminal would obey instead of show.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return unicode.ReplacementChar
	}, s)
}

// yuan is an amount with separators of thousands: 25,200.00.
func yuan(f household.Fen) string {
	s := f.Yuan()
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign, s = "-", s[1:]
	}
	for i := len(s) - len(".00") - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}
