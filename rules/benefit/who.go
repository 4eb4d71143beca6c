package benefit

import "github.com/hedui/hedui/engine/household"

// Tri is an answer that may be missing. The zero value is Unknown: what nobody said
// is not no.
type Tri uint8

// The answers.
const (
	Unknown Tri = iota
	No
	Yes
)

func (t Tri) String() string { return [...]string{"unknown", "no", "yes"}[min(t, Yes)] }

// Member is one counted member as far as a benefit depends on them.
type Member struct {
	Number     int // in the request, from 1
	Relation   uint8
	Age        int   // full years on the day; −1 when unknown
	Sex        uint8 // Sexes; 0 when unknown
	Attributes map[string]Tri
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
func (w *Who) Selects(m *Member) (t Tri, unknown []string) {
	t = Yes
	and := func(part Tri, missing ...string) {
		switch {
		case part == No:
			t = No
		case part == Unknown && t == Yes:
			t = Unknown
		}
		if part == Unknown {
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
		and([...]Tri{Unknown: Unknown, No: Yes, Yes: No}[has], missing...)
	}
	if t != Unknown {
		unknown = nil
	}
	return t, unknown
}

func known(is, holds bool) Tri {
	switch {
	case !is:
		return Unknown
	case holds:
		return Yes
	}
	return No
}

// anyOf reports whether a member has one of the attributes, and which are unknown.
func (m *Member) anyOf(codes []string) (Tri, []string) {
	var missing []string
	for _, c := range codes {
		switch m.Attributes[c] {
		case Yes:
			return Yes, nil
		case Unknown:
			missing = append(missing, c)
		}
	}
	if missing != nil {
		return Unknown, missing
	}
	return No, nil
}
