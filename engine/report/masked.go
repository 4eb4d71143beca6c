package report

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/explain"
	"github.com/hedui/hedui/engine/household"
)

// hidden is written where something may not be shown at all.
const hidden = "***"

// amount is an amount as the masks show it.
func (b *builder) amount(f household.Fen) Amount {
	a := b.in.Masks.Amount(f)
	switch a.Mask {
	case access.Full:
		return full(a.Fen)
	case access.Partly:
		return Amount{Text: b.text(a.Band.Text())}
	}
	return Amount{Text: hidden}
}

// full is an amount that everybody may see: one of the law, or one that the masks show.
func full(f household.Fen) Amount { return Amount{Text: explain.Yuan(f), Fen: f, Exact: true} }

// shows reports whether amounts may be shown in full: only then is arithmetic written
// out, and only then the distance of an amount from its limit, which would say more
// than a band does.
func (b *builder) shows() bool { return b.in.Masks[access.FieldAmount] == access.Full }

func (b *builder) difference(declared, found household.Fen) Amount {
	switch {
	case b.shows():
		return full(found - declared)
	case b.in.Masks[access.FieldAmount] == access.Hidden:
		return Amount{Text: hidden}
	case found > declared:
		return Amount{Text: b.say("found more")}
	case found < declared:
		return Amount{Text: b.say("found less")}
	}
	return Amount{Text: b.say("found same")}
}

func (b *builder) name(n household.Name) string {
	return b.orHidden(b.in.Masks.Name(n), n.Reveal())
}

func (b *builder) idNumber(n household.IDNumber) string {
	return b.orHidden(b.in.Masks.IDNumber(n), n.Reveal())
}

func (b *builder) plate(p household.Plate) string {
	return b.orHidden(b.in.Masks.Plate(p), p.Reveal())
}

// unit is the number of a unit of property, which tells where it lies.
func (b *builder) unit(s string) string {
	switch b.in.Masks[access.FieldAddress] {
	case access.Full:
		return clean(s)
	case access.Partly:
		return clean(household.MaskRecord(s))
	}
	return b.orHidden("", s)
}

func (b *builder) orHidden(shown, whole string) string {
	if shown == "" && whole != "" {
		return hidden
	}
	return clean(shown)
}

// free is a text that a person wrote. Members' names and numbers in it are masked as they
// are anywhere else, and so is whatever looks like a document number.
func (b *builder) free(s string) string {
	if b.r != nil {
		for i := range b.r.Members {
			m := &b.r.Members[i]
			if n := m.IDNumber.Reveal(); n != "" {
				s = strings.ReplaceAll(s, n, b.idNumber(m.IDNumber))
			}
			if n := m.Name.Reveal(); n != "" {
				s = strings.ReplaceAll(s, n, b.name(m.Name))
			}
		}
	}
	return clean(numbers.ReplaceAllStringFunc(s, func(n string) string { return b.idNumber(household.IDNumber(n)) }))
}

// numbers are texts that are as long as a resident's number, old or new, or an account's.
var numbers = regexp.MustCompile(`[0-9]{14,}[0-9Xx]`)

// clean replaces what would be obeyed instead of shown: control characters, what turns
// the direction of a text, and bytes that are no text. Characters that are rare, private
// or newer than the tables of this program stay: they are in people's names.
func clean(s string) string {
	ok := utf8.ValidString(s)
	if ok {
		ok = strings.IndexFunc(s, obeyed) < 0
	}
	if ok {
		return s
	}
	return strings.Map(func(r rune) rune {
		if obeyed(r) {
			return unicode.ReplacementChar
		}
		return r
	}, s)
}

func obeyed(r rune) bool {
	switch {
	case unicode.IsControl(r):
	case r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0x200e, r == 0x200f, r == 0x61c: // directions
	case r == 0x2028, r == 0x2029: // breaks
	case r == 0xfeff, r&0xfffe == 0xfffe: // no characters
	default:
		return false
	}
	return true
}
