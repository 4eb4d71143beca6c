package identity_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/match"
	"github.com/hedui/hedui/engine/match/documents"
	"github.com/hedui/hedui/engine/match/identity"
)

// judgement is Policy.Judge, or one with a planted bug.
type judgement func(*identity.Subject, *identity.Record, identity.World) (identity.Link, error)

// scene is a row and a person in a world, and what laws change about them.
type scene struct {
	subject, record person
	register        *world
}

func (c scene) judge(j judgement) identity.Link {
	var w identity.World
	if c.register != nil {
		w = c.register
	}
	l, err := j(subject(&c.subject, c.register), record(&c.record), w)
	if err != nil {
		panic(err)
	}
	return l
}

const otherNumber = "34122119500307106"

// scenes draws rows that are linked in every way.
func scenes() *rapid.Generator[scene] {
	return rapid.Custom(func(t *rapid.T) scene {
		pick := func(label string, list ...string) string { return rapid.SampledFrom(list).Draw(t, label) }
		c := scene{subject: base()}
		if rapid.IntRange(0, 3).Draw(t, "former") == 0 {
			c.subject.Numbers = []string{withCheck(otherNumber), "military:南字第01234567号"}
		}
		if rapid.IntRange(0, 3).Draw(t, "former name") == 0 {
			c.subject.Names = []string{"赵大红"}
		}
		if rapid.IntRange(0, 5).Draw(t, "passport") == 0 {
			c.subject.Number, c.subject.Type, c.subject.Country, c.subject.Birth = "E12345678", "passport", "CHN", 19500307
		}
		own := base().Number
		what := pick("number", "same", "same", "old", "typo 8", "typo 15", "swap 8", "mask 4+4", "mask 6+4", "mask 14+1", "-", "-", "无", otherNumber+"+", "11010519600101001+", "1101**********1234", "passport", "military", "rival 15")
		switch what {
		case "passport":
			c.record = person{Type: "passport", Number: "E12345678", Country: pick("country", "CHN", "KAZ", "")}
		case "military":
			c.record = person{Type: "military", Number: "南字第01234567号"}
		default:
			c.record.Number = number(what, own)
		}
		c.record.Name = pick("name", "王秀英", "王秀英", "王秀英", "王 秀英", "王秀?", "WANG XIUYING", "王秀红", "王建国", "赵建国", "赵大红", "")
		c.record.Birth = rapid.SampledFrom([]int32{0, 0, 19500307, 19500307, 19500703, 19501128, 19880808}).Draw(t, "birth")
		c.record.Sex = rapid.SampledFrom([]uint8{0, 1, 2, 2}).Draw(t, "sex")
		c.record.County = pick("county", "", "341221", "341221", "341200", "110105")
		if rapid.IntRange(0, 3).Draw(t, "register") == 0 {
			return c
		}
		c.register = &world{population: rapid.SampledFrom([]int64{0, 5_000_000, 1_400_000_000}).Draw(t, "population"), common: rapid.IntRange(0, 4).Draw(t, "common") == 0}
		if ppb := rapid.SampledFrom([]int64{-1, 0, 500, 5850, 520_000, 400_000_000}).Draw(t, "ppb"); ppb >= 0 {
			c.register.ppb = map[string]int64{"王秀英": ppb, "赵大红": ppb}
		}
		if rapid.IntRange(0, 4).Draw(t, "missing") > 0 {
			c.register.people = append(c.register.people, c.subject)
		}
		for _, who := range []person{
			{Number: own, Name: "赵建国", Birth: 19500307},
			{Number: withCheck(otherNumber), Name: "王秀英", County: "341221"},
			{Number: withCheck(otherNumber), Name: "赵建国", County: "341221"},
			{Number: number("rival 15", own), Name: "王秀英"},
			{Number: number("rival 15", own), Name: "赵建国"},
			{Number: withCheck("34122119600307122"), Name: "王秀英", County: "341221"},
			{Number: "E12345678", Type: "passport", Name: "赵建国"},
		} {
			if rapid.IntRange(0, 5).Draw(t, "person") == 0 {
				c.register.people = append(c.register.people, who)
			}
		}
		return c
	})
}

// rank orders tiers: the smaller, the better. What is no link for a finding or a
// review is all one.
func rank(t identity.Tier) int {
	if t >= identity.A1 && t <= identity.C2 {
		return int(t)
	}
	return 9
}

// law is a rule that holds for every scene. It gives what is wrong, or nothing.
type law struct {
	name  string
	check func(judgement, scene) string
	plant func(testing.TB) judgement // a bug it must catch
}

func replaced(t testing.TB, old, with string) judgement {
	t.Helper()
	text := identity.DefaultPolicy()
	if !strings.Contains(text, old) {
		t.Fatalf("nothing to plant at %q", old)
	}
	return identity.LoadUnchecked([]byte(strings.Replace(text, old, with, 1))).Judge
}

// deaf is a register that is never asked whose number it is.
type deaf struct{ identity.World }

func (deaf) Holders(household.PersonKey) ([]identity.Holder, error) { return nil, nil }

func changed(t testing.TB, by func(*identity.Link)) judgement {
	p := standard(t)
	return func(s *identity.Subject, r *identity.Record, w identity.World) (identity.Link, error) {
		l, err := p.Judge(s, r, w)
		by(&l)
		return l, err
	}
}

func laws() []law {
	return []law{
		{"a number of somebody else in the register ends the matter", func(j judgement, c scene) string {
			d, own := c.record.document(), c.subject.document()
			if c.register == nil || !d.Valid || !own.Valid || d.Key == own.Key || slices.Contains(c.subject.formerKeys(), d.Key) {
				return ""
			}
			holders, _ := c.register.Holders(d.Key)
			theirs := len(holders) > 0 && !slices.ContainsFunc(holders, func(h identity.Holder) bool { return h.Key == own.Key })
			if l := c.judge(j); theirs && rank(l.Tier) < 9 {
				return l.Tier.String()
			}
			return ""
		}, func(t testing.TB) judgement {
			p := standard(t)
			return func(s *identity.Subject, r *identity.Record, w identity.World) (identity.Link, error) {
				if w != nil {
					w = deaf{w}
				}
				return p.Judge(s, r, w)
			}
		}},
		{"another valid resident number is at best C2", func(j judgement, c scene) string {
			d, own := c.record.document(), c.subject.document()
			other := d.Valid && own.Valid && d.Type == household.ResidentID && own.Type == d.Type && d.Key != own.Key && !slices.Contains(c.subject.formerKeys(), d.Key)
			if l := c.judge(j); other && (rank(l.Tier) < 8 || l.Use == identity.Strong) {
				return l.Tier.String()
			}
			return ""
		}, func(t testing.TB) judgement {
			return replaced(t, "document: [absent, invalid], name: [N1], birth: [equal], sex: [same, absent], county: [same], registered: [unique], unique: [\"yes\"]}", "document: [other_valid]}\n  - tier: B3\n    use: review\n    when: {document: [other_valid]}")
		}},
		{"only a whole number is strong", func(j judgement, c scene) string {
			d, own := c.record.document(), c.subject.document()
			same := d.Valid && own.Valid && (d.Key == own.Key || slices.Contains(c.subject.formerKeys(), d.Key))
			if l := c.judge(j); l.Use == identity.Strong && !same {
				return l.Tier.String()
			}
			return ""
		}, func(t testing.TB) judgement {
			return replaced(t, "- tier: B3\n    use: review", "- tier: B3\n    use: strong")
		}},
		{"a repaired number needs the name and nobody else", func(j judgement, c scene) string {
			d, own := c.record.document(), c.subject.document()
			repairs := documents.AppendRepairs(nil, []byte(match.NormalNumber([]byte(c.record.Number))))
			if d.Valid || own.Type != household.ResidentID || !slices.Contains(repairs, own.Key.Num) {
				return ""
			}
			l := c.judge(j)
			level, _ := l.Level(identity.Name)
			if l.Tier != identity.B2 {
				if rank(l.Tier) < 8 {
					return l.Tier.String()
				}
				return ""
			}
			if l.Use != identity.Review || level > identity.NameN2 {
				return fmt.Sprint(l.Use, level)
			}
			for _, num := range repairs {
				if c.register == nil || num == own.Key.Num {
					continue
				}
				holders, _ := c.register.Holders(household.PersonKey{Num: num})
				for _, h := range holders {
					if h.Name.FoldedKey() == table().Name(c.record.Name).FoldedKey() {
						return "another fits"
					}
				}
			}
			return ""
		}, func(t testing.TB) judgement {
			return replaced(t, "former, other_document, repair], name: [N1, N2, N3, N4, N5, absent], unique: [\"no\"]", "former, other_document], name: [N1, N2, N3, N4, N5, absent], unique: [\"no\"]}\n  - tier: B2\n    use: review\n    when: {document: [repair]")
		}},
		{"a masked number never exceeds C1", func(j judgement, c scene) string {
			if _, masked := documents.ParseMask(c.record.Number); masked && rank(c.judge(j).Tier) < int(identity.C1) {
				return "masked"
			}
			return ""
		}, func(t testing.TB) judgement {
			return replaced(t, "document: [absent, invalid], name: [N1]", "document: [absent, masked], name: [N1]")
		}},
		{"name with or without region is hidden", func(j judgement, c scene) string {
			if c.record.Number != "" || c.record.Birth != 0 {
				return ""
			}
			if l := c.judge(j); l.Tier != identity.D && l.Tier != identity.None || l.Tier == identity.D && l.Use != identity.Hidden {
				return l.Tier.String()
			}
			return ""
		}, func(t testing.TB) judgement {
			return replaced(t, "birth: [equal, near]}\n    note: name and birth date", "birth: [equal, near, absent]}")
		}},
		{"without a number, a namesake is at most a matter for review", func(j judgement, c scene) string {
			d := c.record.document()
			l := c.judge(j)
			if d.Valid || l.Use == identity.Nothing || l.Use == identity.Hidden || l.Use == identity.Conflict {
				return ""
			}
			if c.record.Birth/10000 == 1950 && c.record.Birth != 19500307 && l.Use != identity.Review {
				return l.Tier.String()
			}
			// A namesake with the whole birth date, and no number, is never B3.
			if l.Tier == identity.B3 {
				if c.register == nil || c.register.common {
					return "uniqueness unknown"
				}
				n, _, _ := c.register.Namesakes(c.subject.document().Key, table().Name(c.record.Name), household.Date(c.record.Birth), "")
				if n > 0 || l.Total.Probability() < .9999 || c.record.Name != "王秀英" && c.record.Name != "王 秀英" || c.record.Birth != 19500307 || c.record.County != "341221" {
					return "B3"
				}
			}
			return ""
		}, func(t testing.TB) judgement {
			return replaced(t, "registered: [unique], unique: [\"yes\"]}\n  - tier: C1", "registered: [unique]}\n  - tier: C1")
		}},
		{"an equal number under another name is a conflict", func(j judgement, c scene) string {
			l := c.judge(j)
			level, _ := l.Level(identity.Name)
			d, own := c.record.document(), c.subject.document()
			if own.Valid && own.Type == household.ResidentID && d.Key == own.Key && level >= identity.NameN6 && level <= identity.NameN7 && l.Tier != identity.X1 &&
				(level != identity.NameN6 || l.Tier != identity.C2 || !l.Reasons.Has(identity.NameChanged) || c.record.Birth == 0) {
				return l.Tier.String()
			}
			return ""
		}, func(t testing.TB) judgement { return replaced(t, "name: [N6, N7]", "name: [N7]") }},
		{"a number registered to somebody else links nobody", func(j judgement, c scene) string {
			s := subject(&c.subject, c.register)
			d := c.record.document()
			if s.Registered == identity.RegisteredToOther && d.Valid && d.Key == s.Document.Key && c.record.Country != "KAZ" {
				if l := c.judge(j); rank(l.Tier) < 9 {
					return l.Tier.String()
				}
			}
			return ""
		}, func(t testing.TB) judgement {
			return replaced(t, "tier: X2\n    use: conflict\n    when: {document: [exact, normalised, former", "tier: A1\n    use: strong\n    when: {document: [exact, former")
		}},
		{"a weak fit is never better than an equal number", func(j judgement, c scene) string {
			l := c.judge(j)
			level, _ := l.Level(identity.Name)
			d, own := c.record.document(), c.subject.document()
			if own.Valid && d.Key == own.Key && (level == identity.NameN5 && rank(l.Tier) < 8 || level <= identity.NameN4 && level >= identity.NameN3 &&
				(rank(l.Tier) < int(identity.B1) || l.Use == identity.Strong && subject(&c.subject, c.register).Registered != identity.RegisteredOnce)) {
				return l.Tier.String()
			}
			return ""
		}, func(t testing.TB) judgement {
			return replaced(t, "name: [N3, N4], birth: [equal, absent], sex: [same, absent], registered: [unique], unique: [\"yes\"]}", "name: [N3, N4], birth: [equal, absent], sex: [same, absent], unique: [\"yes\", unknown]}")
		}},
		{"the parts sum to the total", func(j judgement, c scene) string {
			l := c.judge(j)
			sum := l.Total
			for i, p := range l.Parts() {
				sum -= p.Bits
				if p.Level.Field() != p.Field || i > 0 && p.Field <= l.Parts()[i-1].Field {
					return p.Level.String()
				}
			}
			if sum != 0 {
				return sum.String()
			}
			return ""
		}, func(t testing.TB) judgement { return changed(t, func(l *identity.Link) { l.Total++ }) }},
		{"twice the same", func(j judgement, c scene) string {
			if x, y := c.judge(j), c.judge(j); x != y {
				return "two answers"
			}
			return ""
		}, func(t testing.TB) judgement {
			n := 0
			return changed(t, func(l *identity.Link) { n++; l.Use = identity.Use(n % 2) })
		}},
		{"agreement never takes away", agreement, func(t testing.TB) judgement {
			return changed(t, func(l *identity.Link) {
				if level, _ := l.Level(identity.County); level == identity.CountySame {
					l.Total -= 12_000
				}
			})
		}},
		{"a contradiction never makes a better tier", contradiction, func(t testing.TB) judgement {
			return replaced(t, "when: {document: [exact], name: [N1], unique", "when: {document: [exact], name: [N1], birth: [different], unique")
		}},
		{"person and row may change places", func(j judgement, c scene) string {
			// Only where both are of one form, and there is no register.
			c.register, c.subject.Names, c.subject.Numbers = nil, nil, nil
			if !c.record.document().Valid || !c.subject.document().Valid || c.record.County == "341200" || c.record.County == "" {
				return ""
			}
			back := scene{subject: c.record, record: c.subject}
			x, y := c.judge(j), back.judge(j)
			x.Reasons, y.Reasons = 0, 0 // whose birth date fits whose number is the row's alone
			if x != y {
				return fmt.Sprint(x.Tier, x.Total, y.Tier, y.Total)
			}
			return ""
		}, func(t testing.TB) judgement {
			p := standard(t)
			return func(s *identity.Subject, r *identity.Record, w identity.World) (identity.Link, error) {
				turned := *s
				turned.Document.Form = match.FormExact
				return p.Judge(&turned, r, w)
			}
		}},
	}
}

// agreement adds one agreeing field to a row that lacks it.
func agreement(j judgement, c scene) string {
	before := c.judge(j)
	try := func(what string, missing bool, change func(*person)) string {
		more := c
		change(&more.record)
		if after := more.judge(j); missing && after.Total < before.Total {
			return fmt.Sprintf("%s: %v, then %v", what, before.Total, after.Total)
		}
		return ""
	}
	r := &c.record
	if c.subject.Number != base().Number {
		return ""
	}
	return try("birth", r.Birth == 0, func(p *person) { p.Birth = 19500307 }) +
		try("sex", r.Sex == 0, func(p *person) { p.Sex = 2 }) +
		try("county", r.County == "" || r.County == "341200", func(p *person) { p.County = "341221" }) +
		try("number", r.Number == "", func(p *person) { p.Number = c.subject.Number }) +
		try("name", r.Name == "", func(p *person) { p.Name = "王秀英" })
}

// contradiction adds one contradicting field to a row that lacks it or agrees.
func contradiction(j judgement, c scene) string {
	before := c.judge(j)
	document, _ := before.Level(identity.Document)
	try := func(what string, apply bool, change func(*person)) string {
		more := c
		change(&more.record)
		if after := more.judge(j); apply && rank(after.Tier) < rank(before.Tier) {
			return fmt.Sprintf("%s: %v, then %v", what, before.Tier, after.Tier)
		}
		return ""
	}
	return try("birth", true, func(p *person) { p.Birth = 19880808 }) +
		try("sex", true, func(p *person) { p.Sex = 1 }) +
		try("county", true, func(p *person) { p.County = "650102" }) +
		// Another number takes the other claimant of an X2 away with it.
		try("number", c.subject.Type == "" && before.Tier != identity.X2 && document < identity.DocumentIncomparable, func(p *person) { p.Type, p.Number = "", withCheck("65010219880808101") }) +
		try("name", true, func(p *person) { p.Name = "钱多多" })
}

func TestLaws(t *testing.T) {
	judge := standard(t).Judge
	all, draw := laws(), scenes()
	rapid.Check(t, func(t *rapid.T) {
		c := draw.Draw(t, "scene")
		for _, l := range all {
			if problem := l.check(judge, c); problem != "" {
				t.Fatalf("%s: %s", l.name, problem)
			}
		}
	})
}

// Each law catches a bug that is planted for it.
func TestLawsCatch(t *testing.T) {
	draw := scenes()
	for _, l := range laws() {
		t.Run(l.name, func(t *testing.T) {
			judge := l.plant(t)
			for seed := range 20_000 {
				if l.check(judge, draw.Example(seed)) != "" {
					return
				}
			}
			t.Error("the planted bug stays unseen")
		})
	}
}
