package identity

import "strconv"

// Field is one thing a row and a person are compared by, or one condition of a tier.
type Field uint8

// The fields, in the order in which they are weighed. The last five carry no
// weight; tiers ask for them.
const (
	Prior Field = iota
	Document
	Name
	Rarity // how common the name is
	Birth
	Sex
	County
	NameBy
	Stated // whether the row says the birth date besides the number
	Country
	Registered
	Unique
	fieldCount
)

// Level is what the comparison of a field found. Levels of all fields share one
// list, so that what was found of a row is one set of bits.
type Level uint8

// The levels. Each field's stand together, the best first.
const (
	PriorRegister Level = iota // the population of the register
	PriorDefault               // the policy's default

	DocumentExact           // the same valid number, as issued
	DocumentNormalised      // the same number after lossless normalisation
	DocumentFormer          // a registered former number
	DocumentOther           // the same document of another type
	DocumentRepair          // an invalid number one typing error away
	DocumentMasked          // digits are hidden, the others fit
	DocumentAbsent          // no number
	DocumentIncomparable    // a document of another kind; people have several
	DocumentInvalid         // an invalid number, not one typing error away
	DocumentMaskOther       // digits are hidden, the others do not fit
	DocumentOtherNobody     // another valid number, and the register has it for nobody
	DocumentOtherValid      // another valid number, and nobody knows whose
	DocumentOtherRegistered // another valid number, of somebody else in the register
	DocumentBusiness        // the code of a business

	NameN1 // the levels of package names
	NameN2
	NameN3
	NameN4
	NameN5
	NameN6
	NameN7
	NameAbsent

	RarityKnown // the register knows how common the name is

	BirthEqual
	BirthNear // day and month exchanged, or one digit differs
	BirthAbsent
	BirthDifferent

	SexSame
	SexAbsent
	SexDifferent

	CountySame
	CountyArea // the same prefecture
	CountyAbsent
	CountyDifferent

	NameByCurrent // the level of the name is that of the present name
	NameByFormer  // a former name gave a better one

	StatedEqual // the row has a birth date of its own, and it is the person's
	StatedNot

	CountrySame // also for documents that only one country issues
	CountryAbsent
	CountryDifferent

	RegisteredUnique
	RegisteredUnknown
	RegisteredAbsent
	RegisteredOther

	UniqueYes // no other person of the register fits the row
	UniqueUnknown
	UniqueNo

	levelCount
)

// text is a stable code with its words in both languages.
type text struct{ code, zh, en string }

var fieldTexts = [fieldCount]text{
	Prior:      {"prior", "比对前", "before anything is compared"},
	Document:   {"document", "证件", "document"},
	Name:       {"name", "姓名", "name"},
	Rarity:     {"rarity", "姓名常见程度", "how common the name is"},
	Birth:      {"birth", "出生日期", "birth date"},
	Sex:        {"sex", "性别", "sex"},
	County:     {"county", "县区", "county"},
	NameBy:     {"name_by", "姓名依据", "name taken"},
	Stated:     {"stated", "另载出生日期", "birth date stated"},
	Country:    {"country", "签发国", "issuing country"},
	Registered: {"registered", "户籍登记", "register"},
	Unique:     {"unique", "唯一性", "uniqueness"},
}

var levelFields = [levelCount + 1]Field{
	PriorRegister: Prior, PriorDefault: Prior,
	DocumentExact: Document, DocumentNormalised: Document, DocumentFormer: Document, DocumentOther: Document,
	DocumentRepair: Document, DocumentMasked: Document, DocumentAbsent: Document, DocumentIncomparable: Document,
	DocumentInvalid: Document, DocumentMaskOther: Document, DocumentOtherNobody: Document, DocumentOtherValid: Document,
	DocumentOtherRegistered: Document, DocumentBusiness: Document,
	NameN1: Name, NameN2: Name, NameN3: Name, NameN4: Name, NameN5: Name, NameN6: Name, NameN7: Name, NameAbsent: Name,
	RarityKnown: Rarity,
	BirthEqual:  Birth, BirthNear: Birth, BirthAbsent: Birth, BirthDifferent: Birth,
	SexSame: Sex, SexAbsent: Sex, SexDifferent: Sex,
	CountySame: County, CountyArea: County, CountyAbsent: County, CountyDifferent: County,
	NameByCurrent: NameBy, NameByFormer: NameBy,
	StatedEqual: Stated, StatedNot: Stated,
	CountrySame: Country, CountryAbsent: Country, CountryDifferent: Country,
	RegisteredUnique: Registered, RegisteredUnknown: Registered, RegisteredAbsent: Registered, RegisteredOther: Registered,
	UniqueYes: Unique, UniqueUnknown: Unique, UniqueNo: Unique,
	levelCount: fieldCount,
}

var levelTexts = [levelCount]text{
	PriorRegister:           {"register", "按登记人口", "population of the register"},
	PriorDefault:            {"default", "按默认人口", "default population"},
	DocumentExact:           {"exact", "号码一致", "the same number"},
	DocumentNormalised:      {"normalised", "规范化后号码一致", "the same number after normalisation"},
	DocumentFormer:          {"former", "登记的曾用号码", "registered former number"},
	DocumentOther:           {"other_document", "其他证件号码一致", "the same document of another type"},
	DocumentRepair:          {"repair", "号码无效，相差一处笔误", "invalid, one typing error away"},
	DocumentMasked:          {"masked", "脱敏号码相符", "masked, the visible digits fit"},
	DocumentAbsent:          {"absent", "无号码", "no number"},
	DocumentIncomparable:    {"incomparable", "证件种类不同，无法比较", "another kind of document"},
	DocumentInvalid:         {"invalid", "号码无效", "invalid number"},
	DocumentMaskOther:       {"mask_other", "脱敏号码不符", "masked, the visible digits differ"},
	DocumentOtherNobody:     {"other_nobody", "另一有效号码，无人登记", "another valid number that is nobody's"},
	DocumentOtherValid:      {"other_valid", "另一有效号码", "another valid number"},
	DocumentOtherRegistered: {"other_registered", "他人的有效号码", "valid number of somebody else"},
	DocumentBusiness:        {"business", "单位代码", "code of a business"},
	NameN1:                  {"N1", "一致", "the same"},
	NameN2:                  {"N2", "无损变体或曾用名", "lossless variant or former name"},
	NameN3:                  {"N3", "异体或缺字", "variant or lost character"},
	NameN4:                  {"N4", "拼音一致", "pinyin of the name"},
	NameN5:                  {"N5", "一字不同、同音、形近或截断", "one character differs, or cut off"},
	NameN6:                  {"N6", "仅姓氏相同", "same surname only"},
	NameN7:                  {"N7", "不同", "different"},
	NameAbsent:              {"absent", "无姓名", "no name"},
	RarityKnown:             {"known", "按登记频率", "frequency in the register"},
	BirthEqual:              {"equal", "一致", "equal"},
	BirthNear:               {"near", "相近", "nearly equal"},
	BirthAbsent:             {"absent", "缺失", "missing"},
	BirthDifferent:          {"different", "不同", "different"},
	SexSame:                 {"same", "一致", "equal"},
	SexAbsent:               {"absent", "缺失", "missing"},
	SexDifferent:            {"different", "不同", "different"},
	CountySame:              {"same", "一致", "equal"},
	CountyArea:              {"area", "同一地市", "same prefecture"},
	CountyAbsent:            {"absent", "缺失", "missing"},
	CountyDifferent:         {"different", "不同", "different"},
	NameByCurrent:           {"current", "现用名", "present name"},
	NameByFormer:            {"former", "曾用名", "former name"},
	StatedEqual:             {"equal", "一致", "equal"},
	StatedNot:               {"no", "未载或不同", "not stated, or another"},
	CountrySame:             {"same", "一致", "equal"},
	CountryAbsent:           {"absent", "缺失", "missing"},
	CountryDifferent:        {"different", "不同", "different"},
	RegisteredUnique:        {"unique", "唯一登记且相符", "exactly this person"},
	RegisteredUnknown:       {"unknown", "无户籍登记数据", "no register"},
	RegisteredAbsent:        {"absent", "未登记", "nobody under the number"},
	RegisteredOther:         {"other", "登记为他人或多人", "somebody else or several people"},
	UniqueYes:               {"yes", "无其他人相符", "nobody else fits"},
	UniqueUnknown:           {"unknown", "不明", "unknown"},
	UniqueNo:                {"no", "另有人相符", "somebody else fits too"},
}

// String is the stable code of the field.
func (f Field) String() string {
	if f >= fieldCount {
		return strconv.Itoa(int(f))
	}
	return fieldTexts[f].code
}

// Field is the field the level belongs to.
func (l Level) Field() Field { return levelFields[min(l, levelCount)] }

// Code is the name of the level in a policy.
func (l Level) Code() string { return l.text().code }

// ZH is the level in Chinese.
func (l Level) ZH() string { return l.text().zh }

// EN is the level in English.
func (l Level) EN() string { return l.text().en }

// String is field and level, such as document:exact.
func (l Level) String() string { return l.Field().String() + ":" + l.Code() }

func (l Level) text() text {
	if l >= levelCount {
		return text{}
	}
	return levelTexts[l]
}

// levels is a set of levels.
type levels uint64

func setOf(list ...Level) levels {
	var s levels
	for _, l := range list {
		s |= 1 << l
	}
	return s
}

func (s levels) has(l Level) bool { return s>>l&1 == 1 }

// ofField is every level of a field.
func ofField(f Field) levels {
	var s levels
	for l := range levelCount {
		if levelFields[l] == f {
			s |= 1 << l
		}
	}
	return s
}

// levelOf finds a level by its code.
func levelOf(f Field, code string) (Level, bool) {
	for l := range levelCount {
		if levelFields[l] == f && levelTexts[l].code == code {
			return l, true
		}
	}
	return 0, false
}
