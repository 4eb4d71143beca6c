package names

// Compare is the level of two names. It is symmetric and does not allocate.
func Compare(a, b Name) Level { return compare(a, b, nil) }

// CompareFormer is the level of a recorded name and a person who had other names
// before. A former name that the record agrees with to N2 lifts it to N2; one
// that it agrees with to N3 or N4 lifts it to that; a weaker one says nothing.
func CompareFormer(record, current Name, former []Name) Level {
	level, _ := best(record, current, former)
	return level
}

// Explain is CompareFormer with its reasons.
func Explain(record, current Name, former []Name) Explanation {
	level, at := best(record, current, former)
	e := Explanation{Level: level}
	if at >= 0 {
		e.Reasons = append(e.Reasons, Reason{Kind: Former})
		current = former[at]
	}
	compare(record, current, &e.Reasons)
	return e
}

// best is the level and the former name that gave it, -1 for the current one.
func best(record, current Name, former []Name) (level Level, at int) {
	level, at = compare(record, current, nil), -1
	for i, name := range former {
		if l := max(compare(record, name, nil), N2); l <= N4 && l < level {
			level, at = l, i
		}
	}
	return level, at
}

func compare(na, nb Name, why *[]Reason) Level {
	a, b := na.d, nb.d
	if a == nil || b == nil || a.lost == len(a.units) || b.lost == len(b.units) {
		return because(why, None, 0, Absent)
	}
	if a.lost == 0 && b.lost == 0 {
		if a.canonical == b.canonical {
			return because(why, Same, 0, N1)
		}
		if a.lossless == b.lossless {
			if why != nil {
				explainLossless(a, b, why)
			}
			return N2
		}
	}
	switch {
	case a.latin != "" && b.latin != "":
		return compareLatin(a, b, why)
	case a.latin != "":
		return comparePinyin(b, a, why)
	case b.latin != "":
		return comparePinyin(a, b, why)
	case a.runText != "" && b.han && a.standsFor(b), b.runText != "" && a.han && b.standsFor(a):
		return because(why, Pinyin, 0, N4)
	}
	return compareUnits(a, b, why)
}

// because notes a reason when somebody asks, and passes the level on.
func because(why *[]Reason, kind Kind, at int, level Level) Level {
	if why != nil {
		*why = append(*why, Reason{Kind: kind, At: at})
	}
	return level
}

func explainLossless(a, b *form, why *[]Reason) {
	n := len(*why)
	if a.redecoded != b.redecoded {
		because(why, Redecoded, 0, N2)
	}
	x, y := written(a), written(b)
	for i := 0; i < min(len(x), len(y)); i++ {
		if x[i] != y[i] {
			because(why, Simplified, i+1, N2)
		}
	}
	if len(*why) == n {
		because(why, Written, 0, N2)
	}
}

// written is the Han characters of a name as they were written, nothing for a
// name of letters or one that was redecoded.
func written(d *form) []rune {
	if d.latin != "" || d.redecoded || !d.han {
		return nil
	}
	var out []rune
	for _, r := range d.canonical {
		if !separator(r) {
			out = append(out, r)
		}
	}
	return out
}

// relation is how two characters of one place are related: Same, Lost, a kind of
// variant, or Other. Symmetric.
func (t *Table) relation(a, b *unit) Kind {
	switch {
	case a.lost || b.lost:
		return Lost
	case a.r == b.r:
		return Same
	case a.fold == b.fold:
		if kind, ok := t.pairs[ordered(a.r, b.r)]; ok {
			return kind
		}
		if a.swap != 0 && a.swap == b.swap {
			return Swap
		}
	}
	return Other
}

// likeness is how two characters that are no variants are alike, or Other.
func (t *Table) likeness(a, b *unit) Kind {
	if a.shape != 0 && a.shape == b.shape {
		return Shape
	}
	x, y := t.sets[a.set].syllables, t.sets[b.set].syllables
	for i, j := 0, 0; i < len(x) && j < len(y); {
		switch {
		case x[i] == y[j]:
			return Homophone
		case x[i] < y[j]:
			i++
		default:
			j++
		}
	}
	return t.pairOr(ordered(a.r, b.r), Other)
}

func (t *Table) pairOr(pair [2]rune, none Kind) Kind {
	if kind, ok := t.pairs[pair]; ok {
		return kind
	}
	return none
}

func compareUnits(a, b *form, why *[]Reason) Level {
	level := N7
	if len(a.units) == len(b.units) {
		level = compareEqualLength(a, b)
	} else if cutOff(a, b) || cutOff(b, a) {
		return because(why, Cut, min(len(a.units), len(b.units)), N5)
	}
	if level == N7 && sameSurname(a, b) {
		return because(why, Surname, 0, N6)
	}
	if why != nil {
		explainUnits(a, b, level, why)
	}
	return level
}

// compareEqualLength is N3, N4, N5 or N7.
func compareEqualLength(a, b *form) Level {
	t, n := a.table, len(a.units)
	lost, differ, alike, substituted := 0, 0, 0, 0
	for i := range a.units {
		switch x, y := &a.units[i], &b.units[i]; t.relation(x, y) {
		case Lost:
			lost++
		case Other, Special:
			differ++
			if differ > 1 && alike < differ-1 {
				return N7
			}
			if t.likeness(x, y) != Other {
				alike++
			}
			if t.substitutes(x, y) {
				substituted++
			}
		}
	}
	enough := 3
	if !a.han || !b.han {
		enough = 8 // a letter tells less than a character
	}
	switch {
	case differ == 0 && lost <= n-lost:
		return N3
	case differ == 1 && substituted == 1 && lost == 0 && a.han && b.han:
		return N4
	case differ > 0 && lost == 0 && (alike == differ || differ == 1 && n >= enough):
		return N5
	}
	return N7
}

func explainUnits(a, b *form, level Level, why *[]Reason) {
	before := len(*why)
	if level >= N3 && level <= N5 {
		for i := range a.units {
			kind := a.table.relation(&a.units[i], &b.units[i])
			switch {
			case kind != Other && kind != Special:
			case level == N4:
				kind = Substitute
			default:
				if kind = a.table.likeness(&a.units[i], &b.units[i]); kind == Other {
					kind = One
				}
			}
			if kind != Same {
				because(why, kind, i+1, level)
			}
		}
		if len(*why) == before {
			because(why, Dot, 0, level)
		}
	}
	if len(*why) == before {
		because(why, Other, 0, level)
	}
}

// cutOff reports whether a is the beginning of b, a long name: four characters
// or more, the last of which may have been cut through. b has a dot or six
// characters, else it is not long.
func cutOff(a, b *form) bool {
	units := a.units
	for len(units) > 0 && units[len(units)-1].lost {
		units = units[:len(units)-1]
	}
	if len(a.units) >= len(b.units) || len(units) < 4 || !b.dotted && len(b.units) < 6 || !a.han || !b.han {
		return false
	}
	for i := range units {
		switch a.table.relation(&units[i], &b.units[i]) {
		case Lost, Other, Special:
			return false
		}
	}
	return true
}

func sameSurname(a, b *form) bool {
	if a.surname == 0 || a.surname != b.surname {
		return false
	}
	for i := range a.surname {
		switch a.table.relation(&a.units[i], &b.units[i]) {
		case Lost, Other, Special:
			return false
		}
	}
	return true
}
