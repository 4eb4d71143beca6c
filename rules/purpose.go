package rules

import (
	"slices"
	"strconv"
	"strings"
)

// Purpose is what a pack may read. What it reads beyond that keeps it from loading, and
// so does what it names and never reads.
type Purpose struct{ Reads []string }

// readable are the kinds of input that a purpose can name: the five sources, and what
// comes with the request.
func readable() []string {
	return []string{"tax", "vehicle", "property", "bank", "insurance", "register", "attributes", "obligors", "expenses", "sex"}
}

// forbiddenWords are inputs that no rule may look at, as the names of things or as parts
// of them. 社会救助 is owed without regard to them.
func forbiddenWords() []string {
	return []string{
		"nation", "nations", "race", "races", "racial", "faith", "belief", "beliefs", "origin", "origins", "native", "tribe", "caste", "creed",
		"jiguan", "xinyang", "xingshi", "huji", "hanzu", "huizu", "zangzu",
		"muslim", "islamic", "buddhist", "christian", "han", "hui", "uyghur", "uighur", "tibetan", "mongol", "zhuang",
	}
}

// forbiddenParts are such inputs in words that mean nothing else, wherever they stand.
func forbiddenParts() []string {
	return []string{
		"ethnic", "nationality", "nationalities", "minzu", "religio", "zongjiao", "hukou", "surname", "birthplace", "chushengdi",
		"name_origin", "nameorigin", "origin_of_name", "place_of_birth", "placeofbirth", "native_place", "nativeplace",
		"民族", "宗教", "信仰", "籍贯", "出生地", "姓氏", "户籍来源", "户口来源", "户口所在地", "户籍所在地", "族别", "信教",
	}
}

// forbiddenName says why a name may not stand in a pack; "" when it may.
func forbiddenName(name string) (problem, expected string) {
	lower := strings.ToLower(name)
	parts := strings.FieldsFunc(lower, func(r rune) bool { return r == '_' || r == '.' || r == '-' || r >= '0' && r <= '9' })
	if slices.ContainsFunc(forbiddenParts(), func(w string) bool { return strings.Contains(lower, w) }) ||
		slices.ContainsFunc(forbiddenWords(), func(w string) bool { return slices.Contains(parts, w) }) {
		return "no rule may look at " + strconv.Quote(name) + " (民族、宗教、姓名来源、户籍来源不得作为依据)", "nothing of it in the pack"
	}
	return "", ""
}

// forbidden reports, once, a name that no pack may read.
func forbidden(x node, name string) bool {
	problem, expected := forbiddenName(name)
	if problem != "" {
		x.fail(problem, expected)
	}
	return problem != ""
}

// forbiddenTitle reports a harmless name that is given to something forbidden. That
// somebody lives in a religious institution is a ground of the law (脱离家庭的宗教教职人员).
func forbiddenTitle(x node, zh string) {
	plain := strings.NewReplacer("宗教教职人员", "", "宗教活动场所", "", "宗教场所", "").Replace(zh)
	for _, w := range forbiddenParts() {
		if w[0] >= 0x80 && strings.Contains(plain, w) {
			x.fail("no rule may look at what is called "+strconv.Quote(zh)+" (民族、宗教、姓名来源、户籍来源不得作为依据)", "nothing of it in the pack")
			return
		}
	}
}

// reads takes down that the pack reads a kind of input, named at x.
func (l *loader) reads(kind string, x node) {
	if _, ok := l.inputs[kind]; !ok {
		l.inputs[kind] = x
	}
}

// purpose reads what the pack may look at.
func (l *loader) purpose(x node) {
	if x.absent() {
		return
	}
	p := &Purpose{}
	list := x.fields("reads!").get("reads")
	items := list.items()
	filled(list, len(items))
	for _, i := range items {
		s := i.text()
		switch {
		case s == "" || forbidden(i, s):
		case !slices.Contains(readable(), s):
			i.fail("unknown input "+strconv.Quote(s), oneOf(readable(), s))
		case slices.Contains(p.Reads, s):
			i.fail(strconv.Quote(s)+" is named twice", "each once")
		default:
			p.Reads = append(p.Reads, s)
			if l.own() { // what an extended pack may read need not be read here
				l.purposeAt[s] = i
			}
		}
	}
	l.p.Purpose = p
	l.p.readsOptional = slices.ContainsFunc(p.Reads, func(s string) bool {
		return s == "attributes" || s == "obligors" || s == "expenses"
	})
}

// checkPurpose holds what is read against what may be.
func (l *loader) checkPurpose() {
	if l.p.Purpose == nil {
		for _, kind := range []string{"attributes", "obligors", "expenses", "sex"} {
			if x, ok := l.inputs[kind]; ok {
				x.fail("the pack reads "+kind+" and does not say so", "purpose: {reads: [...]} in pack.yaml")
			}
		}
		return
	}
	for _, kind := range readable() {
		x, is := l.inputs[kind]
		at, named := l.purposeAt[kind]
		switch {
		case is && !slices.Contains(l.p.Purpose.Reads, kind):
			x.fail("the pack's purpose does not name "+kind, "what it names: "+strings.Join(l.p.Purpose.Reads, ", "))
		case named && !is:
			at.fail(kind+" is never read", "only what the rules read")
		}
	}
}

// ReadsOptional reports whether the pack reads parts of a request that other packs
// ignore: attributes, obligors or expenses.
func (p *Pack) ReadsOptional() bool { return p.readsOptional }
