package household

import (
	"log/slog"
	"strings"
	"unicode/utf8"
)

// IDNumber is the number of an identity document. It prints as its first and its
// last two characters.
type IDNumber string

// Name is a person's name. It prints as its first character; the rest is starred.
type Name string

// Account is the number of a bank account. It prints as its last four characters.
type Account string

// Plate is a vehicle's number plate. It prints without its middle.
type Plate string

// Reveal returns the text itself. Only outputs that an authorised person asked
// for may use it.
func (v IDNumber) Reveal() string { return string(v) }

// Reveal returns the text itself.
func (v Name) Reveal() string { return string(v) }

// Reveal returns the text itself.
func (v Account) Reveal() string { return string(v) }

// Reveal returns the text itself.
func (v Plate) Reveal() string { return string(v) }

func (v IDNumber) String() string { return MaskMiddle(string(v), 1, 2) }

func (v Name) String() string {
	s := string(v)
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 {
		return ""
	}
	return string(r) + strings.Repeat("*", max(1, utf8.RuneCountInString(s[n:])))
}

func (v Account) String() string { return MaskMiddle(string(v), 0, 4) }

func (v Plate) String() string { return MaskMiddle(string(v), 2, 2) }

// MarshalText gives the masked form, so that JSON and text encoders never leak.
func (v IDNumber) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// MarshalText gives the masked form.
func (v Name) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// MarshalText gives the masked form.
func (v Account) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// MarshalText gives the masked form.
func (v Plate) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// LogValue gives the masked form.
func (v IDNumber) LogValue() slog.Value { return slog.StringValue(v.String()) }

// LogValue gives the masked form.
func (v Name) LogValue() slog.Value { return slog.StringValue(v.String()) }

// LogValue gives the masked form.
func (v Account) LogValue() slog.Value { return slog.StringValue(v.String()) }

// LogValue gives the masked form.
func (v Plate) LogValue() slog.Value { return slog.StringValue(v.String()) }

// GoString keeps %#v from leaking.
func (v IDNumber) GoString() string { return v.String() }

// GoString keeps %#v from leaking.
func (v Name) GoString() string { return v.String() }

// GoString keeps %#v from leaking.
func (v Account) GoString() string { return v.String() }

// GoString keeps %#v from leaking.
func (v Plate) GoString() string { return v.String() }

// MaskMiddle keeps head characters at the front and tail at the end and puts
// "***" between them. Text too short to hide anything that way is starred whole.
func MaskMiddle(s string, head, tail int) string {
	n := utf8.RuneCountInString(s)
	if n == 0 {
		return ""
	}
	if n <= head+tail+1 {
		return "***"
	}
	i, j := 0, len(s)
	for ; head > 0; head-- {
		_, w := utf8.DecodeRuneInString(s[i:])
		i += w
	}
	for ; tail > 0; tail-- {
		_, w := utf8.DecodeLastRuneInString(s[:j])
		j -= w
	}
	return s[:i] + "***" + s[j:]
}

// MaskRecord is the form in which a record's own number is shown. A plain
// counting number (at most nine ASCII digits) is not personal and stays; all
// else keeps its first and its last two characters.
func MaskRecord(s string) string {
	if len(s) > 0 && len(s) <= 9 {
		plain := true
		for i := range len(s) {
			plain = plain && s[i] >= '0' && s[i] <= '9'
		}
		if plain {
			return s
		}
	}
	return MaskMiddle(s, 1, 2)
}
