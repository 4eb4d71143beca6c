package identity

import (
	"iter"

	"github.com/hedui/hedui/engine/match/linkage"
)

// Tier is how a row is linked.
type Tier uint8

// The tiers. The zero Tier is None, so that nothing is a link by omission.
const (
	None Tier = iota
	A1
	A2
	A3
	B1
	B2
	B3
	C1
	C2
	X1 // the same number, another name
	X2 // the row fits two people
	D  // name only
	tierCount
)

var tierNames = [tierCount]string{"none", "A1", "A2", "A3", "B1", "B2", "B3", "C1", "C2", "X1", "X2", "D"}

// String is "A1" to "X2", "D" or "none".
func (t Tier) String() string {
	if t >= tierCount {
		return "?"
	}
	return tierNames[t]
}

// Use is what a link may be used for.
type Use uint8

// The uses.
const (
	Nothing  Use = iota // not the person's
	Strong              // may carry a finding
	Review              // a person looks at it; never carries a finding
	Conflict            // counted for nobody, listed on its own
	Hidden              // not shown as an asset, only counted for audit
	useCount
)

var useTexts = [useCount]text{
	Nothing:  {"nothing", "不采用", "not used"},
	Strong:   {"strong", "强证据", "strong"},
	Review:   {"review", "待人工核实", "to be looked at"},
	Conflict: {"conflict", "身份冲突，不计入", "conflict, never counted"},
	Hidden:   {"hidden", "不展示，仅计数", "not shown, only counted"},
}

// String is the stable code of the use.
func (u Use) String() string {
	if u >= useCount {
		return "?"
	}
	return useTexts[u].code
}

// Reason is why a link is what it is. The list is closed.
type Reason uint8

// The reasons, in the order in which they are shown.
const (
	NumberOfOther Reason = iota
	NumberDiffers
	NumberOfNobody
	NumberNormalised
	NumberFormer
	NumberOtherDocument
	NumberRepaired
	NumberMasked
	MaskDiffers
	NumberInvalid
	NumberMissing
	OtherKind
	CountryDiffers
	CountryMissing
	BusinessCode
	NameLossless
	NameFormer
	NameVariant
	NamePinyin
	NameNear
	NameGarbled
	NameChanged
	SurnameOnly
	NameDiffers
	NameMissing
	BirthOff
	BirthDiffers
	BirthMissing
	BirthInconsistent
	SexDiffers
	CountyDiffers
	RegisterOther
	RegisterAbsent
	OtherFits
	UniquenessUnknown
	BelowPosterior
	NotEnabled
	MemberFitsBetter
	MembersFitAlike
	NumberOfMember
	reasonCount
)

var reasonTexts = [reasonCount]text{
	NumberOfOther:       {"number_of_other", "号码有效，但登记为他人", "valid number of somebody else"},
	NumberOfNobody:      {"number_of_nobody", "号码有效但与申报不同，且无人登记", "another valid number, which the register has for nobody"},
	NumberDiffers:       {"number_differs", "号码有效，但与申报不同", "another valid number than the declared one"},
	NumberNormalised:    {"number_normalised", "号码经升位或统一写法后一致", "the number agrees after lossless normalisation"},
	NumberFormer:        {"number_former", "为登记的曾用号码", "a registered former number"},
	NumberOtherDocument: {"number_other_document", "依据居民身份证以外的证件", "linked by a document other than the resident card"},
	NumberRepaired:      {"number_repaired", "号码无效，与申报号码相差一处笔误", "the number is invalid and one typing error away from the declared one"},
	NumberMasked:        {"number_masked", "号码已脱敏，仅部分可比", "digits are hidden; the visible ones fit"},
	MaskDiffers:         {"mask_differs", "脱敏号码可见部分与申报不符", "the visible digits do not fit"},
	NumberInvalid:       {"number_invalid", "号码无效", "the number is invalid"},
	NumberMissing:       {"number_missing", "记录没有号码", "the row has no number"},
	OtherKind:           {"other_kind", "证件种类不同，无法与申报比较", "a document of another kind than the declared one"},
	CountryDiffers:      {"country_differs", "签发国不同", "issued by another country"},
	CountryMissing:      {"country_missing", "护照签发国缺失", "the country of the passport is missing"},
	BusinessCode:        {"business_code", "号码属于单位，不属于个人", "the number is that of a business"},
	NameLossless:        {"name_lossless", "姓名写法不同，为无损变体", "the name is written in another lossless form"},
	NameFormer:          {"name_former", "与曾用名一致", "the name is a former name"},
	NameVariant:         {"name_variant", "姓名存在异体字或缺字", "the name differs by a variant or a lost character"},
	NamePinyin:          {"name_pinyin", "姓名仅拼音一致", "the name agrees in pinyin only"},
	NameNear:            {"name_near", "姓名一字不同、同音、形近或被截断", "one character of the name differs, or it is cut off"},
	NameGarbled:         {"name_garbled", "姓名因编码错误而损坏", "the name is what a wrong encoding makes of it"},
	NameChanged:         {"name_changed", "可能改名：号码、出生日期和姓氏一致，名不同，登记无曾用名", "perhaps a changed name: number, birth date and surname agree, and the register knows no former name"},
	SurnameOnly:         {"surname_only", "仅姓氏相同", "only the surname agrees"},
	NameDiffers:         {"name_differs", "姓名不同", "the name differs"},
	NameMissing:         {"name_missing", "没有可辨认的姓名", "there is no legible name"},
	BirthOff:            {"birth_near", "出生日期相近但不一致", "the birth date is nearly equal"},
	BirthDiffers:        {"birth_differs", "出生日期不同", "the birth date differs"},
	BirthMissing:        {"birth_missing", "缺少可比的出生日期", "there is no birth date to compare"},
	BirthInconsistent:   {"birth_inconsistent", "记录的出生日期与其号码不符", "the row's birth date is not that of its number"},
	SexDiffers:          {"sex_differs", "性别不同", "the sex differs"},
	CountyDiffers:       {"county_differs", "县区不同", "the county differs"},
	RegisterOther:       {"register_other", "申报号码在户籍中为他人或多人", "the register has somebody else, or several people, under the declared number"},
	RegisterAbsent:      {"register_absent", "户籍中无申报号码", "the register has nobody under the declared number"},
	OtherFits:           {"other_fits", "另有登记人员同样相符", "another person of the register fits as well"},
	UniquenessUnknown:   {"uniqueness_unknown", "无法确认是否另有人相符", "whether somebody else fits is unknown"},
	BelowPosterior:      {"below_posterior", "可能性低于更高等级的要求", "less likely than a better tier needs"},
	NotEnabled:          {"not_enabled", "更强的用法未在策略中启用", "the policy has not enabled the stronger use"},
	MemberFitsBetter:    {"member_fits_better", "另一家庭成员更相符", "another member of the household fits better"},
	MembersFitAlike:     {"members_fit_alike", "多名家庭成员同样相符", "several members of the household fit"},
	NumberOfMember:      {"number_of_member", "号码属于另一家庭成员", "the number is that of another member of the household"},
}

// Code is the stable name of the reason.
func (r Reason) Code() string { return r.text().code }

// ZH is the reason in Chinese.
func (r Reason) ZH() string { return r.text().zh }

// EN is the reason in English.
func (r Reason) EN() string { return r.text().en }

func (r Reason) text() text {
	if r >= reasonCount {
		return text{}
	}
	return reasonTexts[r]
}

// Reasons is a set of reasons.
type Reasons uint64

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

func (s *Reasons) add(r Reason) { *s |= 1 << r }

// Part is what one field adds to a total.
type Part struct {
	Field Field
	Level Level
	Bits  linkage.Bits
}

// maxParts is prior, document, name, rarity, birth, sex, county.
const maxParts = 7

// Link is how a row is linked to a person. It holds nothing personal.
type Link struct {
	Tier    Tier
	Was     Tier // before Compete turned it down, else None
	Use     Use
	n       uint8
	parts   [maxParts]Part
	Total   linkage.Bits // the sum of the parts
	Reasons Reasons
}

// Parts are what each field adds, in the order of weighing. They share the memory
// of the link.
func (l *Link) Parts() []Part { return l.parts[:l.n] }

// Level is what was found of a field that carries weight.
func (l *Link) Level(f Field) (Level, bool) {
	for _, p := range l.Parts() {
		if p.Field == f {
			return p.Level, true
		}
	}
	return 0, false
}

func (l *Link) add(level Level, bits linkage.Bits) {
	l.parts[l.n] = Part{levelFields[level], level, bits}
	l.n++
	l.Total += bits
}
