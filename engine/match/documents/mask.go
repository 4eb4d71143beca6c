package documents

import "strings"

// Mask is a resident number with hidden digits. The zero Mask hides everything
// and is not given.
type Mask struct {
	Given bool
	Known int      // how many characters are shown
	chars [18]byte // 0 where hidden
	old   bool     // 15 places
}

// ParseMask reads a normalised text with hidden characters (* # ? ● • □ or, in
// places that hold a digit, X). A text of 15 or 18 places is read place by
// place; otherwise one run of hidden characters stands for as many as are
// missing to 18.
func ParseMask(text string) (Mask, bool) {
	var m Mask
	runes := []rune(text)
	var places [18]byte
	switch n := len(runes); {
	case n == 18 || n == 15:
		m.old = n == 15
		for i, r := range runes {
			if !place(&places, i, r, n) {
				return Mask{}, false
			}
		}
	case n < 18 && n >= 2:
		from := strings.IndexFunc(text, hidden)
		if from < 0 {
			return Mask{}, false
		}
		head, tail := text[:from], strings.TrimLeftFunc(text[from:], hidden)
		if len(head)+len(tail) >= 18 {
			return Mask{}, false
		}
		for i, r := range head {
			if i >= 18 || hidden(r) || !place(&places, i, r, 18) {
				return Mask{}, false
			}
		}
		for i, r := range tail {
			if hidden(r) || !place(&places, 18-len(tail)+i, r, 18) {
				return Mask{}, false
			}
		}
	default:
		return Mask{}, false
	}
	length := 18
	if m.old {
		length = 15
	}
	for _, c := range places[:length] {
		if c != 0 {
			m.Known++
		}
	}
	if m.Known == length {
		return Mask{}, false
	}
	m.Given, m.chars = true, places
	return m, true
}

func place(places *[18]byte, i int, r rune, n int) bool {
	switch {
	case r >= '0' && r <= '9':
		places[i] = byte(r)
	case r == 'X' && i == 17:
		places[i] = 'X'
	case hidden(r) || r == 'X' && i < n:
	default:
		return false
	}
	return true
}

func hidden(r rune) bool { return strings.ContainsRune("*#?●•□", r) }

// Digit is the character shown at a place counted from 0, 0 where it is hidden.
func (m Mask) Digit(i int) byte { return m.chars[i] }

// Places is how many characters the number behind the mask has: 18, or 15 of an
// old one.
func (m Mask) Places() int {
	if m.old {
		return 15
	}
	return 18
}

// Compatible reports whether an 18-character resident number can be the one
// behind the mask. It says no more than that: thousands of people can be.
func (m Mask) Compatible(number string) bool {
	if !m.Given || len(number) != 18 {
		return false
	}
	if m.old {
		if number[6:8] != "19" {
			return false
		}
		number = number[:6] + number[8:17]
	}
	for i := range len(number) {
		if m.chars[i] != 0 && m.chars[i] != number[i] {
			return false
		}
	}
	return true
}
