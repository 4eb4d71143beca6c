package form

import (
	"strconv"
	"strings"

	"github.com/hedui/hedui/connectors"
	"github.com/hedui/hedui/engine/household"
)

// Section is a part of the form: a sheet of the workbook, a group of a page.
type Section uint8

// The sections in their order. All but the first repeat.
const (
	Households Section = iota
	Members
	Attributes
	Obligors
	Expenses
	numSections
)

// Sections are all of them.
func Sections() []Section { return []Section{Households, Members, Attributes, Obligors, Expenses} }

// sections say how each is called, and how many of it one household may have. The prefix
// stands before the fields of a page, with the number between: m1_name.
var sections = [numSections]struct {
	name, prefix string
	text         household.Text
	most         int
}{
	{"households", "", household.Text{Zh: "家庭", En: "household"}, 1},
	{"members", "m", household.Text{Zh: "成员", En: "members"}, MaxMembers},
	{"attributes", "a", household.Text{Zh: "情形", En: "attributes"}, 256},
	{"obligors", "o", household.Text{Zh: "赡养抚养扶养义务人", En: "people who owe support"}, 64},
	{"expenses", "e", household.Text{Zh: "支出", En: "expenses"}, 1024},
}

// MaxMembers is how many members a household of the form may have.
const MaxMembers = 64

// Sheet is the name of the section's sheet in the workbook.
func (s Section) Sheet() string { return sections[s].name + " " + sections[s].text.Zh }

// Text is what the section is called on a page.
func (s Section) Text() household.Text { return sections[s].text }

// Most is how many of it one household may have.
func (s Section) Most() int { return sections[s].most }

// Key is the name of a field of a page: that of the n-th member, obligor and so on, from 1.
// n is not looked at where the section does not repeat.
func (s Section) Key(n int, key string) string {
	if s == Households {
		return key
	}
	return sections[s].prefix + strconv.Itoa(n) + "_" + key
}

// Kind says what a field holds.
type Kind uint8

// The kinds of fields.
const (
	Text    Kind = iota
	Amount       // yuan, at most two decimals
	Date         // 2006-01-02
	Month        // 2006-01
	Choice       // one of Choices
	YesNo        // yes or no, of Choices
	Count        // a whole number up to Max
	List         // several, with a semicolon or a line break between
	Choices      // several of Choices, or None for none of them
	Numbers      // numbers of members, from 1, with a semicolon between
)

// None is written where a list is known to be empty, which is not the same as not known.
// 无 is read as well.
const None = "none"

// Field is one thing that the form asks.
type Field struct {
	Section  Section
	Name     string // of the column, and in problems
	Key      string // of the field of a page, behind the section's prefix
	Label    household.Text
	Help     household.Text
	Kind     Kind
	Choices  household.CodeList // entry 0 is the empty one
	Required bool
	Personal bool // says who somebody is
	Max      int  // of a Count

	also []string // other headings that people give the column
}

var yesNo = household.CodeList{{}, {Name: "yes", Zh: "是"}, {Name: "no", Zh: "否"}}

// schemes are those a household may ask for or receive, by the names of the rule packs.
var schemes = household.CodeList{
	{},
	{Name: "dibao", Zh: "最低生活保障"},
	{Name: "dibao_edge", Zh: "低保边缘家庭"},
	{Name: "tekun", Zh: "特困人员供养"},
	{Name: "rigid_expenditure", Zh: "刚性支出困难家庭"},
	{Name: "medical", Zh: "医疗救助"},
	{Name: "temporary", Zh: "临时救助"},
	{Name: "housing", Zh: "住房救助"},
	{Name: "education", Zh: "教育救助"},
	{Name: "employment", Zh: "就业救助"},
}

// spoken are words that people write for codes, beside those of the lists.
var spoken = map[string]string{
	"城市": "urban", "城镇户口": "urban", "乡村": "rural", "农业": "rural", "农村户口": "rural",
	"本人": "head", "妻子": "spouse", "丈夫": "spouse", "妻": "spouse", "夫": "spouse",
	"儿子": "child", "女儿": "child", "子": "child", "女": "child", "父亲": "parent", "母亲": "parent", "父": "parent", "母": "parent",
	"身份证": "resident_id", "低保": "dibao", "低保边缘": "dibao_edge", "特困": "tekun",
	"y": "yes", "n": "no", "true": "yes", "false": "no", "√": "yes",
}

// fields is the one list that everything follows from.
var fields = buildFields() //nolint:gochecknoglobals // a constant

// Fields are the fields of the form in their order, section by section.
func Fields() []Field { return append([]Field(nil), fields...) }

func buildFields() []Field {
	var out []Field
	for s, list := range [][]Field{householdFields(), memberFields(), attributeFields(), obligorFields(), expenseFields()} {
		for _, f := range list {
			f.Section = Section(s)
			if f.Key == "" {
				f.Key = f.Name
			}
			out = append(out, f)
		}
	}
	return out
}

// schema is the fields of one section with the places of their names.
type schema struct {
	fields []Field
	index  map[string]int
}

var schemas = func() (out [numSections]schema) { //nolint:gochecknoglobals // a constant
	for i := range out {
		out[i].index = map[string]int{}
	}
	for _, f := range fields {
		s := &out[f.Section]
		s.index[f.Name] = len(s.fields)
		s.fields = append(s.fields, f)
	}
	return out
}()

// kind is how a spreadsheet's number is read in the field's column.
func (f *Field) kind() connectors.Kind {
	switch f.Kind {
	case Amount:
		return connectors.KindAmount
	case Date:
		return connectors.KindDate
	case Month:
		return connectors.KindMonth
	}
	return connectors.KindText
}

// heading is a heading as it is compared: without spaces and stars.
func heading(text string) string {
	return strings.ToLower(strings.Map(func(c rune) rune {
		if strings.ContainsRune(" \u3000\t\n\r*＊\ufeff", c) {
			return -1
		}
		return c
	}, text))
}

// headings are all that the field's column may be called.
func (f *Field) headings() []string {
	out := []string{f.Name, f.Label.Zh, f.Label.Zh + f.Name}
	out = append(out, f.also...)
	for i := range out {
		out[i] = heading(out[i])
	}
	return out
}
