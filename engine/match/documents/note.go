package documents

import "iter"

// Note is one remark on a number. The list is closed.
type Note uint8

// The notes, in the order in which they are shown.
const (
	Empty           Note = iota // there was no number
	WrongLength                 // no known document has this length
	BadCharacter                // a character the document does not use
	CheckFailed                 // the check character is another
	ImpossibleDate              // no such day
	FutureBirth                 // born after the date of the check
	AgeOver125                  // more than 125 birthdays reached
	UnknownDivision             // the division code is in no list
	TestNumber                  // a placeholder or a printed example
	DefaultBirth                // 1900-01-01, what systems put where nothing is known
	OldForm                     // 15 digits, raised to 18; the office may have issued another number
	CenturyUnclear              // 15 digits with sequence 996–999, reserved for births in 18xx
	Normalised                  // written with spaces, full-width or small characters
	Ambiguous                   // another document's checks hold as well
	FormUnknown                 // not a form known for this document
	NoCheck                     // this document has no check character
	SoleTrader                  // a business of one person (92)
	OrgCodeCheck                // the organisation code inside fails its own check
	Masked                      // digits are hidden
	noteCount
)

var noteTexts = [noteCount]struct{ code, zh, en string }{
	Empty:           {"empty", "未填写证件号码", "no number is given"},
	WrongLength:     {"wrong_length", "号码长度不符", "the length fits no such document"},
	BadCharacter:    {"bad_character", "含有该证件不使用的字符", "a character this document does not use"},
	CheckFailed:     {"check_failed", "校验码不符", "the check character does not fit"},
	ImpossibleDate:  {"impossible_date", "出生日期不存在", "there is no such birth date"},
	FutureBirth:     {"future_birth", "出生日期晚于核对日期", "the birth date is after the date of the check"},
	AgeOver125:      {"age_over_125", "年龄超过125岁", "the age is above 125"},
	UnknownDivision: {"unknown_division", "行政区划代码不在历年代码表中(不影响号码有效)", "the division code is in no list; the number stays valid"},
	TestNumber:      {"test_number", "疑为测试或占位号码", "looks like a test or placeholder number"},
	DefaultBirth:    {"default_birth", "出生日期为系统默认值", "the birth date is a default value"},
	OldForm:         {"old_form", "15位旧号码,已按规则升位,与实际换发号码可能不同", "an old 15-digit number, raised by rule; the issued one may differ"},
	CenturyUnclear:  {"century_unclear", "15位号码顺序码为996至999,可能出生于19世纪", "sequence 996 to 999 of 15 digits may mean a birth in 18xx"},
	Normalised:      {"normalised", "已统一全半角、大小写和空格", "width, case and spaces were normalised"},
	Ambiguous:       {"ambiguous", "同时符合其他证件的校验规则", "the checks of another document hold as well"},
	FormUnknown:     {"form_unknown", "不是已知的号码格式", "not a known form of this document"},
	NoCheck:         {"no_check", "该证件没有校验码,笔误无法发现", "this document has no check character"},
	SoleTrader:      {"sole_trader", "个体工商户", "a sole trader"},
	OrgCodeCheck:    {"org_code_check", "内含组织机构代码校验不符", "the organisation code inside fails its check"},
	Masked:          {"masked", "号码已脱敏", "digits are hidden"},
}

// Code is the stable name of the note.
func (n Note) Code() string { return n.text().code }

// ZH is the note in Chinese.
func (n Note) ZH() string { return n.text().zh }

// EN is the note in English.
func (n Note) EN() string { return n.text().en }

func (n Note) text() struct{ code, zh, en string } {
	if n >= noteCount {
		return struct{ code, zh, en string }{}
	}
	return noteTexts[n]
}

// Notes is a set of notes.
type Notes uint32

// Has reports whether the note is in the set.
func (s Notes) Has(n Note) bool { return s>>n&1 == 1 }

// All yields the notes of the set in order.
func (s Notes) All() iter.Seq[Note] {
	return func(yield func(Note) bool) {
		for n := range noteCount {
			if s.Has(n) && !yield(n) {
				return
			}
		}
	}
}

func (s *Notes) add(n Note) { *s |= 1 << n }
