package corpus

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Marker is the function of a page that the strings try to call.
const Marker = "heduiPlanted"

// Hostile is one string.
type Hostile struct {
	N     int
	Class string
	Text  string
}

// All is every string, in the order of the classes.
func All() []Hostile {
	var all []Hostile
	for _, c := range classes {
		for _, text := range c.texts {
			n := len(all) + 1
			all = append(all, Hostile{N: n, Class: c.name, Text: fill(text, n)})
		}
	}
	return all
}

// fill puts the number of a string into it: § is a call of the marker, ¤ the number.
func fill(text string, n int) string {
	return strings.NewReplacer("§", fmt.Sprintf("%s(%d)", Marker, n), "¤", strconv.Itoa(n)).Replace(text)
}

// Short are the strings of at most so many characters that hold no control character:
// those that a field for a name takes.
func Short(characters int) []Hostile {
	var out []Hostile
	for _, h := range All() {
		control := strings.ContainsFunc(h.Text, func(r rune) bool { return r < ' ' || r == 0x7f })
		if !control && utf8.ValidString(h.Text) && utf8.RuneCountInString(h.Text) <= characters {
			out = append(out, h)
		}
	}
	return out
}

// class is a way of becoming something else.
type class struct {
	name  string
	texts []string
}
