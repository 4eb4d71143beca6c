package conflicts

import (
	"iter"
	"strings"
)

// The languages of a list. Any other language is worded in English.
const (
	Zh = "zh"
	En = "en"
)

// text is a text in Chinese and in English, with its stable code.
type text struct{ code, zh, en string }

func (t text) in(lang string) string {
	if lang == Zh {
		return t.zh
	}
	return t.en
}

// Code is the kind of a conflict.
type Code uint8

// The codes.
const (
	_  Code = iota
	X1      // the number of somebody else
	X2      // two people fit
	codeCount
)

var codeTexts = [codeCount]text{
	X1: {"X1", "号码与姓名不属于同一人", "number and name are not those of one person"},
	X2: {"X2", "一个号码对应两人", "one number, two people"},
}

// String is "X1" or "X2".
func (c Code) String() string {
	if c >= codeCount {
		return "?"
	}
	return codeTexts[c].code
}

// In is what the code means.
func (c Code) In(lang string) string { return codeTexts[min(c, codeCount-1)].in(lang) }

// Reason is why a row is listed, or what else is wrong with it. The list is closed.
type Reason uint8

// The reasons, in the order in which they are shown.
const (
	SeveralRegistered Reason = iota
	FormerFits
	NameDiffers
	SurnameOnly
	NumberFormer
	FormerHolder
	NamesDisagree
	BirthInconsistent
	SexInconsistent
	reasonCount
)

var reasonTexts = [reasonCount]text{
	SeveralRegistered: {"several_registered", "同一号码登记了不止一人", "the register has several people under the number"},
	FormerFits:        {"former_fits", "该号码的现用人与曾用人均与本行姓名相符", "the name fits both who has the number today and who had it before"},
	NameDiffers:       {"name_differs", "姓名与人口登记不同", "the name is not the one in the register"},
	SurnameOnly:       {"surname_only", "仅姓氏与人口登记相同", "only the surname is the one in the register"},
	NumberFormer:      {"number_former", "该号码为曾用号码，现已不用", "the number is a former one that nobody has today"},
	FormerHolder:      {"former_holder", "姓名与该号码的曾用人相符，号码可能应更新", "the name is that of a person who had this number before; it may have to be brought up to date"},
	NamesDisagree:     {"names_disagree", "同一号码下的姓名互不一致，不能确定以谁为准", "the rows of this number name different people, and nobody knows who is right"},
	BirthInconsistent: {"birth_inconsistent", "另：本行出生日期与号码不符", "also: the row's birth date is not that of the number"},
	SexInconsistent:   {"sex_inconsistent", "另：本行性别与号码不符", "also: the row's sex is not that of the number"},
}

// Code is the stable name of the reason.
func (r Reason) Code() string { return reasonTexts[min(r, reasonCount-1)].code }

// In is the reason in words.
func (r Reason) In(lang string) string { return reasonTexts[min(r, reasonCount-1)].in(lang) }

// Reasons is a set of reasons.
type Reasons uint16

// Has reports whether the reason is in the set.
func (s Reasons) Has(r Reason) bool { return s>>r&1 == 1 }

// All yields the reasons of the set in order.
func (s Reasons) All() iter.Seq[Reason] {
	return func(yield func(Reason) bool) {
		for r := range reasonCount {
			if s.Has(r) && !yield(r) {
				return
			}
		}
	}
}

// Register is what the population register says of a number, names masked.
type Register struct {
	Held   bool     // there is a register
	Now    []string // who has the number
	Before []string // who had it
}

// In is what the register says in words.
func (r *Register) In(lang string) string {
	comma, stop := ", ", "; "
	if lang == Zh {
		comma, stop = "、", "；"
	}
	var parts []string
	switch {
	case !r.Held:
		return text{"", "没有人口登记数据", "no register is held"}.in(lang)
	case len(r.Now) == 1:
		parts = append(parts, text{"", "登记人 ", "registered to "}.in(lang)+r.Now[0])
	case len(r.Now) > 1:
		parts = append(parts, text{"", "登记多人 ", "registered to several: "}.in(lang)+strings.Join(r.Now, comma))
	case len(r.Before) == 0:
		return text{"", "无此号码", "nobody has this number"}.in(lang)
	}
	if len(r.Before) > 0 {
		parts = append(parts, text{"", "曾用人 ", "formerly of "}.in(lang)+strings.Join(r.Before, comma))
	}
	return strings.Join(parts, stop)
}
