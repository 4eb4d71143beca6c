package names

// comparePinyin is the level of a name in characters and one in letters: N4, N6
// or N7.
func comparePinyin(han, latin *form, why *[]Reason) Level {
	t := han.table
	if t.spells(han.units, 0, latin.latin) {
		return because(why, Pinyin, 0, N4)
	}
	if han.surname > 0 {
		if t.spells(han.units, han.surname, latin.latin) {
			because(why, Pinyin, 0, N4)
			return because(why, Order, 0, N4)
		}
		if n := len(latin.words); n > 0 {
			surname := han.units[:han.surname]
			if t.spells(surname, 0, latin.latin[:latin.words[0]]) || t.spells(surname, 0, latin.latin[latin.words[n-1]:]) {
				return because(why, Surname, 0, N6)
			}
		}
	}
	return because(why, Other, 0, N7)
}

// spells reports whether text is a way to type units, begun at start and going
// on at the first: one reading for each character, nothing left over. A letter
// among the units spells itself; a character without readings can't be spelled.
func (t *Table) spells(units []unit, start int, text string) bool {
	if len(text) == 0 || len(text) > 63 || len(units) == 0 {
		return false
	}
	reached := uint64(1) // bit i: the characters so far spell text[:i]
	for i := range units {
		u := &units[(start+i)%len(units)]
		next := uint64(0)
		for from := 0; reached>>from != 0; from++ {
			if reached>>from&1 == 0 {
				continue
			}
			rest := text[from:]
			if u.r >= 'a' && u.r <= 'z' && rest != "" && rest[0] == byte(u.r) {
				next |= 1 << (from + 1)
			}
			for _, typed := range t.sets[u.set].typed {
				if len(rest) >= len(typed) && rest[:len(typed)] == typed {
					next |= 1 << (from + len(typed))
				}
			}
		}
		if next == 0 {
			return false
		}
		reached = next
	}
	return reached>>len(text)&1 == 1
}

// standsFor reports whether a, Han with one stretch of letters, is the name b
// with some characters in pinyin.
func (a *form) standsFor(b *form) bool {
	before, after := a.units[:a.run[0]], a.units[a.run[1]:]
	if len(before)+len(after) >= len(b.units) {
		return false
	}
	tail := len(b.units) - len(after)
	same := func(x, y []unit) bool {
		for i := range x {
			switch a.table.relation(&x[i], &y[i]) {
			case Lost, Other, Special:
				return false
			}
		}
		return true
	}
	return same(before, b.units) && same(after, b.units[tail:]) && a.table.spells(b.units[len(before):tail], 0, a.runText)
}

// compareLatin is the level of two names in letters that are not equal: N4, N5,
// N6 or N7.
func compareLatin(a, b *form, why *[]Reason) Level {
	if a.plain == b.plain {
		return because(why, Accents, 0, N4)
	}
	if len(a.plain) == len(b.plain) {
		if turned(a.plain, b.plain, a.plainCuts) || turned(b.plain, a.plain, b.plainCuts) {
			return because(why, Order, 0, N4)
		}
		if len(a.plain) >= 8 {
			differ, at := 0, 0
			for i := range len(a.plain) {
				if a.plain[i] != b.plain[i] {
					differ++
					at = i + 1
				}
			}
			if differ == 1 {
				return because(why, One, at, N5)
			}
		}
	}
	if len(a.plainCuts) > 0 && len(b.plainCuts) > 0 && a.plain[:a.plainCuts[0]] == b.plain[:b.plainCuts[0]] {
		return because(why, Surname, 0, N6)
	}
	return because(why, Other, 0, N7)
}

// turned reports whether y is x begun at one of its words.
func turned(x, y string, cuts []int) bool {
	for _, cut := range cuts {
		if x[cut:] == y[:len(y)-cut] && x[:cut] == y[len(y)-cut:] {
			return true
		}
	}
	return false
}
