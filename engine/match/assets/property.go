package assets

import "strings"

// UnitParts are the parts of a property unit code (不动产单元代码).
type UnitParts struct {
	County  string // 6, 县级行政区划
	Area    string // 3, 地籍区
	Subarea string // 3, 地籍子区
	Parcel  string // 7, 宗地特征码 and 宗地顺序号
	Fixture string // 9, 定着物 (F… a building, W00000000 none)
}

// PropertyUnit is the key of a property unit code of 28 characters.
func PropertyUnit(code string) Key {
	k := Key{Kind: Unit, Text: strings.ReplaceAll(normal(code), "-", "")}
	if k.Text == "" {
		return nothing(k)
	}
	if _, ok := SplitUnit(k.Text); !ok {
		k.Notes.add(FormUnknown)
		k.Weak = true
	}
	return k
}

// SplitUnit takes a canonical unit code apart. It reports false for another form.
func SplitUnit(text string) (UnitParts, bool) {
	if len(text) != 28 || !digits(text[:12]) || !alnum(text[12:]) || !digits(text[14:19]) || !digits(text[20:]) {
		return UnitParts{}, false
	}
	return UnitParts{text[:6], text[6:9], text[9:12], text[12:19], text[19:]}, true
}

var brackets = strings.NewReplacer("（", "(", "）", ")", "[", "(", "]", ")", "【", "(", "】", ")", "〔", "(", "〕", ")", "{", "(", "}", ")", "〖", "(", "〗", ")", "﹝", "(", "﹞", ")") //nolint:gochecknoglobals // fixed table, never written

// PropertyCertificate is the key of a certificate number: 皖(2019)合肥市不动产权第0012345号
// or an older 合房权证蜀山字第123号. Brackets become round, the closing 号 and the
// leading zeros of the number after 第 are dropped. Without 第 it is weak.
func PropertyCertificate(number string) Key {
	k := Key{Kind: Certificate, Text: strings.TrimRight(brackets.Replace(normal(number)), "号")}
	if k.Text == "" {
		return nothing(k)
	}
	if strings.ContainsRune(k.Text, '*') {
		k.Notes.add(Masked)
		k.Weak = true
	}
	head, own, ok := cutLast(k.Text, "第")
	if !ok || own == "" || own[0] < '0' || own[0] > '9' {
		k.Notes.add(FormUnknown)
		k.Weak = true
		return k
	}
	if t := strings.TrimLeft(own, "0"); t != own {
		if t == "" || t[0] < '0' || t[0] > '9' {
			t = "0" + t // the number is zero
		}
		if t != own {
			k.Notes.add(ZerosDropped)
			k.Text = head + "第" + t
		}
	}
	// Certificates of the unified register carry (year); older ones 字第. Without
	// either, the same number may come from two offices.
	if !strings.ContainsRune(head, '(') && !strings.HasSuffix(head, "字") {
		k.Notes.add(FormUnknown)
		k.Weak = true
	}
	return k
}

func cutLast(s, sep string) (string, string, bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}
