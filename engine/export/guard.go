package export

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// guard stands before a text that a spreadsheet would take for a formula. It is what
// spreadsheets themselves put before a text that is to stay one.
const guard = "'"

// triggers begin a formula, or end a cell or a line so that the rest could begin one. The
// full-width forms are turned into the others by input methods and by some spreadsheets.
const triggers = "=+-@\t\r\n＝＋－＠"

// footMark begins the first line of a foot. A text that begins with it is guarded, so that
// no row is taken for a foot.
const footMark = "※ 导出编号"

// Guard returns a text as it stands in CSV. It is the inverse of Unguard: a text that
// begins with apostrophes and then a trigger is guarded too.
func Guard(s string) string {
	if dangerous(s) {
		return guard + s
	}
	return s
}

// Unguard takes the guard off.
func Unguard(s string) string {
	if rest, ok := strings.CutPrefix(s, guard); ok && dangerous(rest) {
		return rest
	}
	return s
}

// dangerous looks behind everything that a spreadsheet or a reader may strip.
func dangerous(s string) bool {
	s = strings.TrimLeftFunc(s, func(r rune) bool {
		return r == '\'' || !strings.ContainsRune(triggers, r) && (unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Zs, r))
	})
	r, n := utf8.DecodeRuneInString(s)
	return n > 0 && strings.ContainsRune(triggers, r) || strings.HasPrefix(s, footMark)
}

// clean replaces what no spreadsheet can hold.
func clean(s string) string {
	bad := func(r rune) bool {
		return r < ' ' && r != '\t' && r != '\r' && r != '\n' || r == 0xfffe || r == 0xffff
	}
	if utf8.ValidString(s) && strings.IndexFunc(s, bad) < 0 {
		return s
	}
	return strings.Map(func(r rune) rune {
		if bad(r) {
			return utf8.RuneError
		}
		return r
	}, strings.ToValidUTF8(s, string(utf8.RuneError)))
}
