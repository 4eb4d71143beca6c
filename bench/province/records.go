package province

// source is one of the five departments, or the register.
type source int

const (
	tax source = iota
	vehicle
	property
	bank
	insurance
	sourceCount
)

var sourceNames = [sourceCount]string{"tax", "vehicle", "property", "bank", "insurance"}

func (s source) String() string {
	if s == register {
		return "register"
	}
	return sourceNames[s]
}

// subject is what every record has: whose it is, and how the department wrote that.
type subject struct {
	member int
	form   docForm
	named  nameForm
	stale  bool  // only the second provider knows it
	spoil  spoil // made bad on purpose
}

// The code tables of the contract: English name and Chinese name, by index.
type code struct{ en, zh string }

// Indexes into incomeTypes.
const (
	wage = iota
	labour
	business
	interest
	dividend
	rental
	royalty
	propertySale
	incidental
)

var incomeTypes = []code{
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

// taxRecord is one payment. Amounts are in fen.
type taxRecord struct {
	subject
	number uint64
	month  month
	year   int // set when the department gives a bare year; month is then unused
	kind   int
	income int64
	own    int64
	tax    int64
	payer  int
}

// Indexes into vehicleClasses.
const (
	car = iota
	suv
	van
	bus
	truck
	motorcycle
	tricycle
	disability
	farm
	otherVehicle
)

var vehicleClasses = []code{
	{"car", "轿车"},
	{"suv", "越野车"},
	{"van", "面包车"},
	{"bus", "客车"},
	{"truck", "货车"},
	{"motorcycle", "摩托车"},
	{"tricycle", "三轮车"},
	{"disability", "残疾人专用车"},
	{"farm", "农用机械"},
	{"other", "other"},
}

// Indexes into vehicleStatuses.
const (
	normal = iota
	scrapped
	moved
	stolen
)

var (
	vehicleStatuses = []code{{"normal", "正常"}, {"scrapped", "报废"}, {"transferred", "转移"}, {"stolen", "盗抢"}}
	vehicleUses     = []code{{"private", "非营运"}, {"commercial", "营运"}}
)

// vehicleRecord is one registered vehicle.
type vehicleRecord struct {
	subject
	number     uint64
	class      int
	status     int
	use        int
	registered day
	due        day
	value      int64
}

// Indexes into propertyKinds.
const (
	residential = iota
	homestead
	commercial
	office
	industrial
	parking
	otherProperty
)

var propertyKinds = []code{
	{"residential", "住宅"}, {"homestead", "宅基地"}, {"commercial", "商业"}, {"office", "办公"}, {"industrial", "工业"}, {"parking", "车位"}, {"other", "other"},
}

// Indexes into propertyStatuses.
const (
	current = iota
	handedOver
	demolished
)

var propertyStatuses = []code{{"current", "现势"}, {"transferred", "已转移"}, {"demolished", "已灭失"}}

// share is a written share; index 0 is absent, which means the whole.
var shares = []struct {
	text     string
	num, den int64
}{{"", 1, 1}, {"100", 1, 1}, {"50", 1, 2}, {"1/2", 1, 2}, {"25", 1, 4}, {"75", 3, 4}}

const (
	whole = iota
	hundred
	fifty
	half
	quarter
	threeQuarters
)

// propertyRecord is one right in a unit.
type propertyRecord struct {
	subject
	number      uint64
	noUnit      bool // only the certificate is known
	noCert      bool // only the unit code is known
	kind        int
	status      int
	share       int
	squareCm    int64 // area × 10,000
	registered  day
	value       int64
	addressSeed int
}

// Indexes into accountKinds.
const (
	demand = iota
	timeDeposit
	wealth
	securities
	fund
	cashValue
)

var (
	accountKinds = []code{{"demand", "活期"}, {"time", "定期"}, {"wealth", "理财"}, {"securities", "证券"}, {"fund", "基金"}, {"insurance", "商业保险现金价值"}}
	purposes     = []code{{"", ""}, {"demolition", "拆迁款"}, {"medical", "医疗款"}, {"relief", "救助款"}}
)

// bankRecord is one balance of one account.
type bankRecord struct {
	subject
	number      uint64
	institution int
	kind        int
	balance     int64
	on          day
	average     int64
	share       int
	purpose     int
}

// Indexes into schemes.
const (
	employeePension = iota
	residentPension
	employeeMedical
	residentMedical
	unemployment
	injury
	maternity
	housingFund
)

var schemes = []code{
	{"employee_pension", "职工养老"},
	{"resident_pension", "居民养老"},
	{"employee_medical", "职工医疗"},
	{"resident_medical", "居民医疗"},
	{"unemployment", "失业"},
	{"injury", "工伤"},
	{"maternity", "生育"},
	{"housing_fund", "公积金"},
}

// Indexes into roles.
const (
	contributing = iota
	receiving
)

// Indexes into identities; 0 is not given.
const (
	noIdentity = iota
	asEmployee
	asFlexible
	asResident
)

var (
	roles      = []code{{"contributing", "参保缴费"}, {"receiving", "待遇领取"}}
	identities = []code{{"", ""}, {"employee", "单位职工"}, {"flexible", "灵活就业"}, {"resident", "居民"}}
)

// insuranceRecord is one month of contributing to or drawing from a scheme.
type insuranceRecord struct {
	subject
	number   uint64
	scheme   int
	role     int
	month    month
	identity int
	base     int64
	benefit  int64
	employer int
}

// household is the scratch a household is built into; build reuses its slices.
type household struct {
	index   int
	home    uint8 // index in homeCounties
	rural   bool
	class   class
	planted *sketch
	members []person

	tax       []taxRecord
	vehicle   []vehicleRecord
	property  []propertyRecord
	bank      []bankRecord
	insurance []insuranceRecord

	first    uint64 // number of the first member
	declared declaration
}

func (h *household) clearRecords() {
	h.tax, h.vehicle, h.property, h.bank, h.insurance = h.tax[:0], h.vehicle[:0], h.property[:0], h.bank[:0], h.insurance[:0]
}

// count is the number of rows a source has of the household.
func (h *household) count(s source) int {
	switch s {
	case tax:
		return len(h.tax)
	case vehicle:
		return len(h.vehicle)
	case property:
		return len(h.property)
	case bank:
		return len(h.bank)
	}
	return len(h.insurance)
}

// subject returns whose the k-th row of a source is.
func (h *household) subject(s source, k int) *subject {
	switch s {
	case tax:
		return &h.tax[k].subject
	case vehicle:
		return &h.vehicle[k].subject
	case property:
		return &h.property[k].subject
	case bank:
		return &h.bank[k].subject
	}
	return &h.insurance[k].subject
}

// number returns a number for the next record of the household: unique in the
// province, because no member has 64 records of a source.
func (h *household) number(k int) uint64 { return h.first*64 + uint64(k) }

// standard is the monthly standard per person of the reference pack, in fen.
func (h *household) standard() int64 {
	if h.rural {
		return 600_00
	}
	return 700_00
}

// counted is the number of members that count.
func (h *household) counted() int64 {
	n := int64(0)
	for i := range h.members {
		if h.members[i].excluded == "" {
			n++
		}
	}
	return n
}

func (h *household) incomeLimit() int64    { return h.standard() * 12 * h.counted() }
func (h *household) financialLimit() int64 { return h.standard() * 24 * h.counted() }

// declaration is what a household says it has.
type declaration struct {
	financial  int64
	vehicles   []uint64 // numbers of vehicle records
	properties []unit
}

// unit names a property in a declaration.
type unit struct {
	number uint64
	cert   bool // by certificate, else by unit code
}
