package access

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/hedui/hedui/engine/household"
)

// IDNumber is a document number as the masks show it: 3***************2X. As many stars
// as there are characters, because the length of a number is no secret and people count
// it.
func (m Masks) IDNumber(v household.IDNumber) string {
	return m.show(FieldIDNumber, v.Reveal(), func(s string) string { return starMiddle(s, 1, 2) })
}

// Name is a name as the masks show it: 张*, 欧阳**.
func (m Masks) Name(v household.Name) string { return m.show(FieldName, v.Reveal(), maskName) }

// Account is an account as the masks show it: its last four characters.
func (m Masks) Account(v household.Account) string {
	return m.show(FieldAccount, v.Reveal(), func(s string) string { return household.Account(s).String() })
}

// Plate is a number plate as the masks show it: 浙A***12.
func (m Masks) Plate(v household.Plate) string {
	return m.show(FieldPlate, v.Reveal(), func(s string) string { return household.Plate(s).String() })
}

// Phone is a telephone number as the masks show it: 138****00.
func (m Masks) Phone(s string) string {
	return m.show(FieldPhone, s, func(s string) string {
		if utf8.RuneCountInString(s) < 7 {
			return "***"
		}
		short := household.MaskMiddle(s, 3, 2)
		return strings.Replace(short, "***", "****", 1)
	})
}

// Address is an address as the masks show it: to the street and no further.
func (m Masks) Address(s string) string { return m.show(FieldAddress, s, maskAddress) }

// Amount is an amount as the masks show it.
func (m Masks) Amount(f household.Fen) Amount {
	switch m[FieldAmount] {
	case Full:
		return Amount{Mask: Full, Fen: f}
	case Partly:
		return Amount{Mask: Partly, Band: BandOf(f)}
	}
	return Amount{}
}

func (m Masks) show(f Field, s string, masked func(string) string) string {
	switch m[f] {
	case Full:
		return s
	case Partly:
		if s == "" {
			return ""
		}
		return masked(s)
	}
	return ""
}

// starMiddle keeps head and tail characters and stars every one between. Text too short
// to hide anything that way is starred whole.
func starMiddle(s string, head, tail int) string {
	r := []rune(s)
	if len(r) <= head+tail+1 {
		return strings.Repeat("*", max(3, len(r)))
	}
	return string(r[:head]) + strings.Repeat("*", len(r)-head-tail) + string(r[len(r)-tail:])
}

// compoundSurnames are surnames of two characters that people bear today. A name that
// begins with one shows both.
var compoundSurnames = [...]string{
	"欧阳", "司马", "上官", "诸葛", "东方", "皇甫", "尉迟", "公孙", "慕容", "令狐", "宇文", "长孙",
	"司徒", "司空", "夏侯", "轩辕", "端木", "百里", "东郭", "南宫", "呼延", "万俟", "闻人", "赫连",
	"澹台", "公冶", "宗政", "濮阳", "淳于", "单于", "太叔", "申屠", "仲孙", "钟离", "鲜于", "闾丘",
	"亓官", "司寇", "巫马", "公西", "漆雕", "乐正", "拓跋", "西门", "第五", "独孤", "完颜", "叶赫",
}

func maskName(s string) string {
	r := []rune(s)
	// Two characters are a name of one and one, whatever they are.
	if len(r) > 2 && slices.Contains(compoundSurnames[:], string(r[:2])) {
		return string(r[:2]) + strings.Repeat("*", len(r)-2)
	}
	return household.Name(s).String()
}

// streets end what of an address is shown. The first that occurs ends it, so that a word
// that is part of another place's name shows too little and never too much.
var streets = [...]string{"大道", "街道", "路", "街", "巷", "弄", "胡同", "里", "镇", "乡", "村", "苏木", "社区"}

// places end what is shown of an address without a street.
var places = [...]string{"区", "县", "旗", "市", "州", "盟", "省"}

func maskAddress(s string) string {
	// A house number is never part of what is shown.
	if i := strings.IndexFunc(s, houseNumber); i >= 0 {
		s = s[:i]
	}
	end := -1
	for _, w := range streets {
		if i := strings.Index(s, w); i > 0 && (end < 0 || i+len(w) < end) {
			end = i + len(w)
		}
	}
	for _, w := range places {
		if end >= 0 {
			break
		}
		if i := strings.LastIndex(s, w); i > 0 {
			end = i + len(w)
		}
	}
	return s[:max(end, 0)] + "***"
}

func houseNumber(r rune) bool {
	return r >= '0' && r <= '9' || r >= '０' && r <= '９' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || r == '号' || r == '栋' || r == '#'
}

// Amount is an amount of money as it may be shown: the amount itself, or a band.
type Amount struct {
	Mask Mask
	Fen  household.Fen // when Full
	Band Band          // when Partly
}

// Band is a range of amounts: From and more, but less than To. To is 0 in the highest
// band, which has no end. The band of nothing at all is the zero value.
type Band struct{ From, To household.Fen }

// bandEnds are where bands begin, and how they are said.
var bandEnds = [...]struct {
	at     household.Fen
	zh, en string
}{
	{1_000_00, "1千元", "1,000"},
	{5_000_00, "5千元", "5,000"},
	{10_000_00, "1万元", "10,000"},
	{20_000_00, "2万元", "20,000"},
	{50_000_00, "5万元", "50,000"},
	{100_000_00, "10万元", "100,000"},
	{200_000_00, "20万元", "200,000"},
	{500_000_00, "50万元", "500,000"},
	{1_000_000_00, "100万元", "1,000,000"},
}

// BandOf is the band an amount lies in. Nothing, and less than nothing, is no band.
func BandOf(f household.Fen) Band {
	if f <= 0 {
		return Band{}
	}
	var from household.Fen
	for _, end := range bandEnds {
		if f < end.at {
			return Band{from, end.at}
		}
		from = end.at
	}
	return Band{From: from}
}

// Text is the band for people.
func (b Band) Text() household.Text {
	from, to := words(b.From), words(b.To)
	switch {
	case b == Band{}:
		return household.Text{Zh: "0元", En: "0 yuan"}
	case b.To == 0:
		return household.Text{Zh: from.Zh + "及以上", En: from.En + " yuan and more"}
	case b.From == 0:
		return household.Text{Zh: "不足" + to.Zh, En: "less than " + to.En + " yuan"}
	}
	return household.Text{Zh: from.Zh + "至" + to.Zh, En: from.En + " to " + to.En + " yuan"}
}

func words(at household.Fen) household.Text {
	for _, end := range bandEnds {
		if end.at == at {
			return household.Text{Zh: end.zh, En: end.en}
		}
	}
	return household.Text{}
}
