package authorization

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/household"
)

// Problem is something that keeps an authorisation from being registered: the field, and
// what to do about it. It never holds what is written there.
type Problem struct {
	Field string // members[1].signature, counted from 1
	Do    household.Text
}

// Problems are all that is wrong. It is an error.
type Problems []Problem

// Error lists the fields and what to do, in English.
func (p Problems) Error() string {
	lines := make([]string, 0, len(p))
	for _, x := range p {
		lines = append(lines, x.Field+": "+x.Do.En)
	}
	return strings.Join(lines, "; ")
}

func (p *Problems) add(field, zh, en string) {
	*p = append(*p, Problem{field, household.Text{Zh: zh, En: en}})
}

// Limits of what is registered, against nonsense.
const (
	maxMembers = 64
	maxText    = 128 // bytes
)

// Validate reports what is wrong with an authorisation that is to be registered: nil, or
// all its Problems.
func (a *Authorization) Validate() error {
	var p Problems
	text := func(field, s, zh, en string) {
		if !plain(s) {
			p.add(field, zh, en)
		}
	}
	text("number", a.Number, "填写授权书编号", "give the number of the authorisation")
	text("household", a.Household, "填写家庭编号", "give the number of the household")
	if len(access.Significant(a.Division)) < countyDigits {
		p.add("division", "填写县级或以下行政区划代码", "give the division code of a county or below")
	}
	a.validatePurposes(&p)
	switch {
	case a.From == 0 || a.To == 0:
		p.add("from", "填写授权起止日期", "give the first and the last day")
	case a.From > a.To:
		p.add("to", "截止日期不得早于起始日期", "the last day can't be before the first")
	}
	if !isDigest(a.ScanDigest) {
		p.add("scan_digest", "上传授权书扫描件（SM3摘要，64位小写十六进制）", "add the scan: its SM3 in 64 small hexadecimal digits")
	}
	text("registered_by", a.RegisteredBy, "填写登记人", "say who registers it")
	if a.RegisteredAt.IsZero() {
		p.add("registered_at", "填写登记时间", "say when it is registered")
	}
	if a.Withdrawn != nil {
		p.add("withdrawn", "已撤回的授权书不能登记", "what is withdrawn can't be registered")
	}
	a.validateMembers(&p)
	if len(p) == 0 {
		return nil
	}
	return p
}

func (a *Authorization) validatePurposes(p *Problems) {
	if len(a.Purposes) == 0 {
		p.add("purposes", "至少选择一项授权事项", "name at least one purpose")
	}
	for i, s := range a.Purposes {
		if !household.IsSlug(s) || slices.Contains(a.Purposes[:i], s) {
			p.add(fmt.Sprintf("purposes[%d]", i+1), "填写事项代码，不得重复", "a code of a scheme, each once")
		}
	}
	if a.Classes == (Classes{}) {
		p.add("data_classes", "至少选择一类数据", "name at least one data class")
	}
	if !AllClasses().contain(a.Classes) {
		p.add("data_classes", "只能选择核对数据类别", "only classes that households are checked against")
	}
}

func (a *Authorization) validateMembers(p *Problems) {
	if len(a.Members) == 0 || len(a.Members) > maxMembers {
		p.add("members", "填写家庭成员（1至64人）", "name the members, 1 to 64")
		return
	}
	registered := Day(a.RegisteredAt)
	first := cmp.Or(a.From, registered) // so that a missing day is one problem and not several
	var seen []household.PersonKey
	for i := range a.Members {
		m := &a.Members[i]
		at := fmt.Sprintf("members[%d]", i+1)
		d := m.document()
		if !d.Valid {
			p.add(at+".document", "核对证件类型和号码", "check the type and the number of the document")
		} else if slices.Contains(seen, d.Key) {
			p.add(at+".document", "同一人只能填写一次", "name everybody once")
		}
		seen = append(seen, d.Key)
		if !plain(m.Name.Reveal()) {
			p.add(at+".name", "填写姓名", "give the name")
		}
		switch {
		case d.Birth == 0 && m.Born == 0:
			p.add(at+".born", "证件不含出生日期，请填写", "the document doesn't tell the birth date: give it")
		case d.Birth != 0 && m.Born != 0 && m.Born != d.Birth:
			p.add(at+".born", "与证件号码中的出生日期一致", "must be the birth date of the document")
		case m.born() > first:
			p.add(at+".born", "出生日期不得晚于授权起始日期", "can't be after the first day")
		}
		if m.Left != 0 {
			p.add(at+".left", "登记时成员须在户", "whoever has left isn't a member")
		}
		// The person has signed or can't, on the first day.
		if !m.Incapable && adult(m.born(), first) {
			p.signature(at+".signature", m.Signature, registered, "本人签字，填写签字位置和日期", "an adult signs: give where and when")
			continue
		}
		if m.Guardian == nil {
			p.add(at+".guardian", "未成年人或无民事行为能力人由监护人签字", "a minor or a person without capacity needs a guardian who signs")
			continue
		}
		a.validateGuardian(p, at+".guardian", m, first, registered)
	}
}

func (a *Authorization) validateGuardian(p *Problems, at string, m *Member, first, registered household.Date) {
	g := m.Guardian
	d := keyOf(g.DocumentType, g.Document)
	if !d.Linked() || d.IsZero() {
		p.add(at+".document", "核对监护人证件类型和号码", "check the type and the number of the guardian's document")
	}
	if !plain(g.Name.Reveal()) {
		p.add(at+".name", "填写监护人姓名", "give the guardian's name")
	}
	p.signature(at+".signature", g.Signature, registered, "监护人签字，填写签字位置和日期", "the guardian signs: give where and when")
	if birth := birthOf(g.DocumentType, g.Document); birth != 0 && !adult(birth, first) {
		p.add(at+".document", "监护人须为成年人", "a guardian is an adult")
	}
	for i := range a.Members {
		o := &a.Members[i]
		if o.document().Key == d && (o == m || o.Incapable || o.born() != 0 && !adult(o.born(), first)) {
			p.add(at+".document", "监护人须为本人以外的完全民事行为能力人", "a guardian is another person, who can sign for themselves")
		}
	}
}

// signature checks a signature: somewhere, on a day, and not after it was registered.
func (p *Problems) signature(field string, s Signature, registered household.Date, zh, en string) {
	if !plain(s.Ref) || !s.given(registered) {
		p.add(field, zh, en)
	}
}

// plain reports whether a text says something in characters that can be seen.
func plain(s string) bool {
	return len(s) <= maxText && strings.TrimSpace(s) != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) || r == unicode.ReplacementChar
	})
}

// isDigest reports whether a text is 32 bytes in small hexadecimal digits.
func isDigest(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return len(s) == 64
}
