package assets

import (
	"iter"
	"strings"

	"github.com/hedui/hedui/engine/match"
)

// Kind is what a key identifies an asset by.
type Kind uint8

// The kinds.
const (
	VIN         Kind = iota + 1 // 车辆识别代号
	Plate                       // 号牌号码
	Unit                        // 不动产单元号
	Certificate                 // 不动产权证号, 房权证号
	Account                     // 账号, 卡号, within an institution
	Employer                    // 单位代码
)

// Note is one remark on a key. The list is closed.
type Note uint8

// The notes.
const (
	Empty         Note = iota // nothing given
	FormUnknown               // not a known form
	CheckFailed               // the check digit is another; many correct ones fail too
	LookAlike                 // O, I or Q where only digits or other letters occur
	ZerosDropped              // leading zeros of the certificate's number dropped
	Masked                    // characters are hidden
	NoInstitution             // an account without its institution
	NewEnergy                 // 新能源号牌
	SpecialPlate              // 挂 学 警 港 澳 使 领
	Card                      // 16–19 digits with a right Luhn digit: likely a card
	SoleTrader                // 个体工商户
	noteCount
)

var noteTexts = [noteCount]struct{ code, zh, en string }{
	Empty:         {"empty", "未填写", "nothing is given"},
	FormUnknown:   {"form_unknown", "不是已知的格式", "not a known form"},
	CheckFailed:   {"check_failed", "校验位不符(仅供参考)", "the check digit does not fit; a hint only"},
	LookAlike:     {"look_alike", "含有易混字符O/0、I/1、Q", "holds a letter easily taken for a digit"},
	ZerosDropped:  {"zeros_dropped", "已去除编号前导零", "leading zeros of the number were dropped"},
	Masked:        {"masked", "号码已脱敏", "characters are hidden"},
	NoInstitution: {"no_institution", "缺少金融机构", "the institution is missing"},
	NewEnergy:     {"new_energy", "新能源号牌", "a new-energy plate"},
	SpecialPlate:  {"special_plate", "专用号牌", "a special plate"},
	Card:          {"card", "符合银行卡号规则", "fits the rule of bank cards"},
	SoleTrader:    {"sole_trader", "个体工商户", "a sole trader"},
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
type Notes uint16

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

// Key is the canonical key of an asset.
type Key struct {
	Kind  Kind
	Text  string
	Weak  bool // equal texts do not prove the same asset
	Notes Notes
}

// Same reports whether both keys prove one asset.
func Same(a, b Key) bool {
	return !a.Weak && !b.Weak && a.Kind == b.Kind && a.Text == b.Text && a.Text != ""
}

// PossibleDuplicate reports whether two keys that do not prove one asset may
// still be one: equal weak texts, texts that differ in characters easily taken
// for each other, compatible masked accounts, or certificates of one year and
// number. It is symmetric.
func PossibleDuplicate(a, b Key) bool {
	if a.Kind != b.Kind || a.Text == "" || b.Text == "" || Same(a, b) {
		return false
	}
	if a.Text == b.Text {
		return true
	}
	switch a.Kind {
	case VIN, Plate:
		return lookAlikes.Replace(a.Text) == lookAlikes.Replace(b.Text)
	case Certificate:
		x, y := digitRuns(a.Text), digitRuns(b.Text)
		return len(x) > 1 && strings.Join(x, "/") == strings.Join(y, "/")
	case Account:
		return accountsCompatible(a.Text, b.Text)
	}
	return false
}

var lookAlikes = strings.NewReplacer("O", "0", "Q", "0", "I", "1") //nolint:gochecknoglobals // fixed table, never written

func digitRuns(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r < '0' || r > '9' })
}

// normal is the lossless normalisation all keys start from.
func normal(s string) string {
	if plain(s) {
		return s
	}
	return match.NormalPlate([]byte(s))
}

// plain reports a text of digits, capitals and Han characters, which no
// normalisation changes. What a snapshot holds nearly always is.
func plain(s string) bool {
	for i := 0; i < len(s); {
		switch c := s[i]; {
		case c >= '0' && c <= '9' || c >= 'A' && c <= 'Z':
			i++
		case c >= 0xe4 && c <= 0xe9 && i+2 < len(s) && s[i+1]&0xc0 == 0x80 && s[i+2]&0xc0 == 0x80:
			i += 3 // U+4000 to U+9FFF
		default:
			return false
		}
	}
	return true
}

// without is a text without some characters.
func without(s, drop string) string {
	if !strings.ContainsAny(s, drop) {
		return s
	}
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(drop, r) {
			return -1
		}
		return r
	}, s)
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
