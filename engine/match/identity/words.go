package identity

import "slices"

// tierTexts say what a tier means, without the policy's fine print.
var tierTexts = [tierCount]text{
	None: {"none", "不是该成员的记录", "not the member's"},
	A1:   {"A1", "号码与姓名一致", "the same number and name"},
	A2:   {"A2", "号码换写法后一致或为曾用号码，姓名一致", "the same number in another form or a former one, the same name"},
	A3:   {"A3", "其他证件、姓名、出生日期一致", "another document, the same name and birth date"},
	B1:   {"B1", "号码一致，姓名写法不同", "the same number, the name in another form"},
	B2:   {"B2", "号码有一处笔误，姓名一致", "one typing error in the number, the same name"},
	B3:   {"B3", "没有可用号码，姓名、出生日期、县区一致", "no usable number; the same name, birth date and county"},
	C1:   {"C1", "号码被遮盖，可见部分与姓名一致", "digits hidden; the visible ones and the name fit"},
	C2:   {"C2", "部分一致，尚有未说明之处", "agrees in part, something is not explained"},
	X1:   {"X1", "号码一致，姓名不同", "the same number, another name"},
	X2:   {"X2", "与两人相符", "fits two people"},
	D:    {"D", "仅姓名一致", "the name only"},
}

// Words gives the texts of codes in the language "zh", or else in English. A code
// that is none has no text. It has no state.
type Words struct{}

func words(lang string) Language {
	if lang == "zh" {
		return Chinese
	}
	return English
}

func find(list []text, code, lang string) string {
	if i := slices.IndexFunc(list, func(t text) bool { return t.code == code }); i >= 0 {
		return list[i].in(words(lang))
	}
	return ""
}

// Tier is what a tier means.
func (Words) Tier(code, lang string) string { return find(tierTexts[:], code, lang) }

// Use is what a link may be used for.
func (Words) Use(code, lang string) string { return find(useTexts[:], code, lang) }

// Field is what is compared.
func (Words) Field(code, lang string) string { return find(fieldTexts[:], code, lang) }

// Level is what the comparison of a field found.
func (Words) Level(field, code, lang string) string {
	f := slices.IndexFunc(fieldTexts[:], func(t text) bool { return t.code == field })
	if f < 0 {
		return ""
	}
	l, ok := levelOf(Field(f), code)
	if !ok {
		return ""
	}
	return l.text().in(words(lang))
}

// Reason is why a link is what it is.
func (Words) Reason(code, lang string) string { return find(reasonTexts[:], code, lang) }
