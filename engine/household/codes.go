package household

// Code is one value of a code list: its name in files and JSON, and the Chinese
// word officials use for it.
type Code struct{ Name, Zh string }

// CodeList is a code list in the order of its values. Entry 0 is the empty code,
// which means "not given".
type CodeList []Code

// Find returns the value of a name or of its Chinese word.
func (l CodeList) Find(text string) (uint8, bool) {
	for i := 1; i < len(l); i++ {
		if l[i].Name == text || l[i].Zh == text {
			return uint8(i), true
		}
	}
	return 0, false
}

// Named returns the value of a name. JSON and rule packs use names only; the
// Chinese words are for files that people make.
func (l CodeList) Named(name string) (uint8, bool) {
	if v, ok := l.Find(name); ok && l[v].Name == name {
		return v, true
	}
	return 0, false
}

// At returns the code of a value; a value outside the list is the empty code.
func (l CodeList) At(v uint8) Code {
	if int(v) < len(l) {
		return l[v]
	}
	return Code{}
}

// The code lists of the departments, requests and verdicts. They are fixed
// tables: nothing may change them, and values are stored, so entries are only
// ever added at the end.
var (
	Sources = CodeList{
		{}, {"tax", "税务"}, {"vehicle", "车辆"}, {"property", "不动产"}, {"bank", "银行"}, {"insurance", "社会保险"}, {"register", "人口登记"},
	}
	DocumentTypes = CodeList{
		{},
		{"resident_id", "居民身份证"},
		{"passport", "护照"},
		{"military", "军官证"},
		{"hmt_permit", "港澳台居民居住证"},
		{"foreign_permit", "外国人永久居留身份证"},
		{"uscc", "统一社会信用代码"},
	}
	Sexes       = CodeList{{}, {"male", "男"}, {"female", "女"}}
	IncomeTypes = CodeList{
		{},
		{"wage", "工资薪金"},
		{"labour", "劳务报酬"},
		{"business", "经营所得"},
		{"interest", "利息"},
		{"dividend", "股息红利"},
		{"rental", "财产租赁"},
		{"royalty", "特许权使用费"},
		{"property_sale", "财产转让"},
		{"incidental", "偶然所得"},
	}
	VehicleClasses = CodeList{
		{},
		{"car", "轿车"},
		{"suv", "越野车"},
		{"van", "面包车"},
		{"bus", "客车"},
		{"truck", "货车"},
		{"motorcycle", "摩托车"},
		{"tricycle", "三轮车"},
		{"disability", "残疾人专用车"},
		{"farm", "农用机械"},
		{"other", "其他"},
	}
	VehicleStatuses = CodeList{{}, {"normal", "正常"}, {"scrapped", "报废"}, {"transferred", "转移"}, {"stolen", "盗抢"}}
	VehicleUses     = CodeList{{}, {"private", "非营运"}, {"commercial", "营运"}}
	PropertyKinds   = CodeList{
		{},
		{"residential", "住宅"},
		{"homestead", "宅基地"},
		{"commercial", "商业"},
		{"office", "办公"},
		{"industrial", "工业"},
		{"parking", "车位"},
		{"other", "其他"},
	}
	PropertyStatuses = CodeList{{}, {"current", "现势"}, {"transferred", "已转移"}, {"demolished", "已灭失"}}
	AccountKinds     = CodeList{
		{},
		{"demand", "活期"},
		{"time", "定期"},
		{"wealth", "理财"},
		{"securities", "证券"},
		{"fund", "基金"},
		{"insurance", "商业保险现金价值"},
	}
	BalancePurposes  = CodeList{{}, {"demolition", "拆迁款"}, {"medical", "医疗款"}, {"relief", "救助款"}}
	InsuranceSchemes = CodeList{
		{},
		{"employee_pension", "职工养老"},
		{"resident_pension", "居民养老"},
		{"employee_medical", "职工医疗"},
		{"resident_medical", "居民医疗"},
		{"unemployment", "失业"},
		{"injury", "工伤"},
		{"maternity", "生育"},
		{"housing_fund", "公积金"},
	}
	InsuranceRoles      = CodeList{{}, {"contributing", "参保缴费"}, {"receiving", "待遇领取"}}
	InsuranceIdentities = CodeList{{}, {"employee", "单位职工"}, {"flexible", "灵活就业"}, {"resident", "居民"}}

	LineTypes  = CodeList{{}, {"wage", "工资性收入"}, {"business", "经营净收入"}, {"property", "财产净收入"}, {"transfer", "转移净收入"}}
	Residences = CodeList{{}, {"urban", "城镇"}, {"rural", "农村"}}
	Relations  = CodeList{
		{}, {"head", "户主"}, {"spouse", "配偶"}, {"child", "子女"}, {"parent", "父母"}, {"sibling", "兄弟姐妹"}, {"other", "其他"},
	}
	Exclusions = CodeList{{}, {"imprisoned", "服刑"}, {"missing", "失踪"}, {"clergy", "宗教教职"}, {"non_resident", "不共同生活"}}
	Outcomes   = CodeList{
		{},
		{"no_discrepancy", "未见异常"},
		{"needs_review", "需核实"},
		{"suspected_ineligible", "疑似不符合"},
		{"unverifiable", "无法核对"},
		{"refused", "不予受理"},
	}
	CoverageStates = CodeList{
		{},
		{"not_authorized", "未获授权"},
		{"missing", "未接入"},
		{"partial", "月份不全"},
		{"incomplete", "记录待修"},
		{"stale", "数据过旧"},
		{"none", "查无记录"},
		{"found", "查有记录"},
		{"pending", "等待上级平台答复"},
		{"upstream", "上级平台"},
	}
)

// Text is a text in Chinese and in English; both may be empty.
type Text struct{ Zh, En string }

// Source is a department's kind of data.
type Source uint8

// The five sources that households are checked against, and the population
// register, which says who people are and holds nothing that is counted.
const (
	Tax Source = iota + 1
	Vehicle
	Property
	Bank
	Insurance
	Register
)

const (
	// NumChecked is one more than the largest Source that is checked.
	NumChecked = 6
	// NumSources is one more than the largest Source, for arrays indexed by source.
	NumSources = 7
)

// CheckedSources are the sources that households are checked against.
func CheckedSources() CodeList { return Sources[:NumChecked] }

func (s Source) String() string { return Sources.At(uint8(s)).Name }

// IsFlow reports whether the source's files are flows: amounts of months, which
// need the range of months they are complete for.
func (s Source) IsFlow() bool { return s == Tax || s == Insurance }

// ParseSource returns the source of an English or Chinese name.
func ParseSource(text string) (Source, bool) {
	v, ok := Sources.Find(text)
	return Source(v), ok
}

// DocumentType is the kind of an identity document.
type DocumentType uint8

// The document types.
const (
	ResidentID DocumentType = iota + 1
	Passport
	Military
	HMTPermit
	ForeignPermit
	USCC
)

func (t DocumentType) String() string { return DocumentTypes.At(uint8(t)).Name }

// Values of the code lists that code names. The other values are only ever named
// by rule packs.
const (
	RoleContributing uint8 = 1
	RoleReceiving    uint8 = 2
	Urban            uint8 = 1
	Rural            uint8 = 2
)

// LineType is a type of declared income.
type LineType uint8

// NumLineTypes is one more than the largest LineType.
const NumLineTypes = 5

func (t LineType) String() string { return LineTypes.At(uint8(t)).Name }

// Outcome is what a verdict says of a household.
type Outcome uint8

// The outcomes.
const (
	NoDiscrepancy Outcome = iota + 1
	NeedsReview
	SuspectedIneligible
	Unverifiable
	Refused
)

func (o Outcome) String() string { return Outcomes.At(uint8(o)).Name }

// OutcomeOf is the outcome of a name; 0 for none.
func OutcomeOf(name string) Outcome {
	v, _ := Outcomes.Named(name)
	return Outcome(v)
}

// Weight orders outcomes as effects of findings, from 0 for what is none. That nobody knows
// the law weighs least: what was found stands whatever the law turns out to be.
func (o Outcome) Weight() int {
	switch o {
	case SuspectedIneligible:
		return 3
	case NeedsReview:
		return 2
	case Unverifiable:
		return 1
	}
	return 0
}

// CoverageState says how far a source could answer.
type CoverageState uint8

// The coverage states. Those up to Found are what rules are judged by, worst first. The
// others say besides that the source is asked of the upper node: see Judged.
const (
	NotAuthorized CoverageState = iota + 1
	Missing
	Partial
	Incomplete
	Stale
	None
	Found
	Pending  // asked of the upper node, which has not answered yet
	Upstream // answered by the upper node, and nothing worse is wrong
)

// NumCoverageStates is one more than the largest CoverageState.
const NumCoverageStates = 10

func (s CoverageState) String() string { return CoverageStates.At(uint8(s)).Name }

// RuleStates are the states that a rule may name. What is pending counts as missing, and
// what the upper node answered counts as what it answered.
func RuleStates() CodeList { return CoverageStates[:Found+1] }

// ranks orders the states from the worst to the best, by state: not authorised, missing,
// pending, partial, incomplete, stale, none, upstream, found. It is a text so that every
// household's coverage costs nothing more than a look into it.
const ranks = "\x00" + "\x01" + "\x02" + "\x04" + "\x05" + "\x06" + "\x07" + "\x09" + "\x03" + "\x08"

// rank is the place of a state in that order; 0 is no state.
func (s CoverageState) rank() byte {
	if int(s) >= len(ranks) {
		return 0
	}
	return ranks[s]
}

// Worse reports whether a source in this state could answer less than one in the other.
func (s CoverageState) Worse(than CoverageState) bool { return s.rank() < than.rank() }

// Answered reports whether the source was asked in full and answered, so that what it does
// not say is not there.
func (s CoverageState) Answered() bool { return s == None || s == Found || s == Upstream }

// Grade is the quality of evidence: A is fresh and strong, B is strong but from
// a snapshot too old to stand alone, C is a record that may be the member's, which
// counts only once a person has said so. 0 means evidence that never counts.
type Grade uint8

// The grades.
const (
	GradeNone Grade = iota
	GradeA
	GradeB
	GradeC
)

func (g Grade) String() string {
	switch g {
	case GradeA:
		return "A"
	case GradeB:
		return "B"
	case GradeC:
		return "C"
	}
	return ""
}
