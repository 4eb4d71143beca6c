package benefit

import "github.com/hedui/hedui/engine/household"

// Member is one counted member as far as a benefit depends on them.
type Member struct {
	Number     int // in the request, from 1
	Relation   uint8
	Age        int   // full years on the day; −1 when unknown
	Sex        uint8 // Sexes; 0 when unknown
	Attributes map[string]household.Tri
	Income     household.Fen // counted in the window; of the one member of a single-person application
}

// Who selects members. Every part that is given must hold; the zero value selects
// everybody.
type Who struct {
	Relations uint64 // bits of Relations; 0 for any
	Sex       uint8  // 0 for any
	AgeFrom   int    // at least so old; 0 for any
	AgeUnder  int    // not yet so old; 0 for any
	AnyOf     []string
	NoneOf    []string
}

// Selects reports whether a member is meant. When it is Unknown, unknown names what
// would have to be known: relation, age, sex, or the code of an attribute.
func (w *Who) Selects(m *Member) (t household.Tri, unknown []string) {
	t = household.Yes
	and := func(part household.Tri, missing ...string) {
		switch {
		case part == household.No:
			t = household.No
		case part == household.Unknown && t == household.Yes:
			t = household.Unknown
		}
		if part == household.Unknown {
			unknown = append(unknown, missing...)
		}
	}
	if w.Relations != 0 {
		and(known(m.Relation != 0, w.Relations>>m.Relation&1 == 1), "relation")
	}
	if w.AgeFrom > 0 || w.AgeUnder > 0 {
		and(known(m.Age >= 0, m.Age >= w.AgeFrom && (w.AgeUnder == 0 || m.Age < w.AgeUnder)), "age")
	}
	if w.Sex != 0 {
		and(known(m.Sex != 0, m.Sex == w.Sex), "sex")
	}
	if len(w.AnyOf) > 0 {
		has, missing := m.anyOf(w.AnyOf)
		and(has, missing...)
	}
	if len(w.NoneOf) > 0 {
		has, missing := m.anyOf(w.NoneOf)
		and(has.Not(), missing...)
	}
	if t != household.Unknown {
		unknown = nil
	}
	return t, unknown
}

func known(is, holds bool) household.Tri {
	switch {
	case !is:
		return household.Unknown
	case holds:
		return household.Yes
	}
	return household.No
}

// anyOf reports whether a member has one of the attributes, and which are unknown.
func (m *Member) anyOf(codes []string) (household.Tri, []string) {
	var missing []string
	for _, c := range codes {
		switch m.Attributes[c] {
		case household.Yes:
			return household.Yes, nil
		case household.Unknown:
			missing = append(missing, c)
		}
	}
	if missing != nil {
		return household.Unknown, missing
	}
	return household.No, nil
}
