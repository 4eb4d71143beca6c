package main

import (
	"cmp"
	"maps"
	"slices"
	"unicode"
)

// relation holds, for a character, the characters a source relates it to; it may
// relate a character to itself.
type relation map[rune]map[rune]bool

func (r relation) add(from, to rune) {
	if r[from] == nil {
		r[from] = map[rune]bool{}
	}
	r[from][to] = true
}

func (r relation) has(from, to rune) bool { return r[from][to] }

// sources are the input relations.
type sources struct {
	semantic, specialised, z relation
	simplified, ts           relation // traditional to simplified
	traditional, st          relation // simplified to traditional
}

// variant is one line of the table. Only the pairs of kind simplified have a
// direction; the others are written with the smaller character first.
type variant struct {
	kind string
	a, b rune
}

// variants are all pairs, each once, with the first kind of simplified, many, z,
// semantic and special that holds.
func (s sources) variants() []variant {
	toSimplified, toTraditional := s.scripts()
	var all []variant
	seen := map[[2]rune]bool{}
	put := func(kind string, a, b rune) {
		if a == b || !unicode.Is(unicode.Han, a) || !unicode.Is(unicode.Han, b) {
			return
		}
		low, high := min(a, b), max(a, b)
		if seen[[2]rune{low, high}] {
			return
		}
		seen[[2]rune{low, high}] = true
		if kind != "simplified" {
			a, b = low, high
		}
		all = append(all, variant{kind, a, b})
	}
	for t, simple := range toSimplified {
		for x := range simple {
			if s.oneToOne(t, x, toSimplified, toTraditional) {
				put("simplified", t, x)
			}
		}
	}
	for x, traditional := range toTraditional {
		forms := slices.Sorted(maps.Keys(traditional))
		for i, t := range forms {
			put("many", t, x)
			// Both became x: who had only x before them wrote either.
			for _, other := range forms[i+1:] {
				put("many", t, other)
			}
		}
	}
	for _, rel := range []struct {
		kind  string
		pairs relation
	}{{"z", s.z}, {"semantic", s.semantic}, {"special", s.specialised}} {
		for a, others := range rel.pairs {
			for b := range others {
				put(rel.kind, a, b)
			}
		}
	}
	slices.SortFunc(all, func(x, y variant) int {
		return cmp.Or(cmp.Compare(x.kind, y.kind), cmp.Compare(x.a, y.a), cmp.Compare(x.b, y.b))
	})
	return all
}

// scripts joins the four relations between traditional and simplified characters
// into one, in both directions.
func (s sources) scripts() (toSimplified, toTraditional relation) {
	toSimplified, toTraditional = relation{}, relation{}
	for _, rel := range []relation{s.simplified, s.ts} {
		for t, simple := range rel {
			for x := range simple {
				toSimplified.add(t, x)
				toTraditional.add(x, t)
			}
		}
	}
	for _, rel := range []relation{s.traditional, s.st} {
		for x, traditional := range rel {
			for t := range traditional {
				toSimplified.add(t, x)
				toTraditional.add(x, t)
			}
		}
	}
	return toSimplified, toTraditional
}

// oneToOne reports whether t and x are the same character in the two scripts and
// nothing else: no other simplified form, no other traditional form, and neither
// is used in the other script beside its partner, as 叶 and 范 are in traditional
// texts. Unihan calls a simplified character traditional too when any dictionary
// has it (刘 of 劉); where OpenCC, which lists what is really written, has both
// characters and knows no such use, or the two are one shape, that is not held
// against the pair.
func (s sources) oneToOne(t, x rune, toSimplified, toTraditional relation) bool {
	if t == x {
		return false
	}
	same := s.z.has(t, x) || s.z.has(x, t) || len(s.ts[t]) == 1 && s.ts.has(t, x) && len(s.st[x]) == 1 && s.st.has(x, t)
	alone := func(rel relation, c, partner rune) bool {
		for other := range rel[c] {
			if other != partner && (other != c || !same) {
				return false
			}
		}
		return true
	}
	return alone(toSimplified, t, x) && alone(toTraditional, x, t) &&
		alone(toSimplified, x, x) && alone(toTraditional, t, t)
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
