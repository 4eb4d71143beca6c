package account

import (
	_ "embed"
	"fmt"
	"sort"
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxPasswordBytes bounds what is hashed for somebody who has not signed in.
const maxPasswordBytes = 512

// A WeakPasswordError says which rule a new password breaks. It never says what the
// password was.
type WeakPasswordError struct {
	Rule    string // short, long, name, common, used
	Message string
}

func (e *WeakPasswordError) Error() string { return e.Message }

//go:embed common.txt
var commonText string

// commonWords are the lines of common.txt, longest first.
var commonWords = sync.OnceValue(func() []string { //nolint:gochecknoglobals // a table
	var words []string
	for line := range strings.Lines(commonText) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			words = append(words, line)
		}
	}
	sort.SliceStable(words, func(i, j int) bool { return len(words[i]) > len(words[j]) })
	return words
})

// normalise makes one text of the ways in which keyboards write the same characters.
func normalise(password Secret) string { return norm.NFC.String(string(password)) }

// check applies the rules that need no hash. The password is normalised.
func (p PasswordPolicy) check(password, name string) error {
	switch {
	case utf8.RuneCountInString(password) < p.Length:
		return &WeakPasswordError{"short", fmt.Sprintf("a password has at least %d characters", p.Length)}
	case len(password) > maxPasswordBytes:
		return &WeakPasswordError{"long", fmt.Sprintf("a password has at most %d bytes", maxPasswordBytes)}
	}
	lower := strings.ToLower(norm.NFKC.String(password))
	if strings.Contains(lower, name) {
		return &WeakPasswordError{"name", "a password does not contain the user name"}
	}
	rest := lower
	for _, w := range commonWords() {
		rest = strings.ReplaceAll(rest, w, "")
	}
	kinds := map[rune]bool{}
	for _, r := range rest {
		kinds[r] = true
	}
	if len(kinds) < p.Rest {
		return &WeakPasswordError{"common", fmt.Sprintf(
			"a password has at least %d different characters beside common words and rows of keys", p.Rest)}
	}
	return nil
}
