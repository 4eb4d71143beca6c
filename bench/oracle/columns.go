package oracle

import (
	"strconv"
	"strings"
)

// kind says how a cell is read and in which text form it is kept.
type kind int

const (
	asText   kind = iota // trimmed
	asNumber             // width, case, spaces and middle dots taken out
	asName               // normName
	asAmount             // fen, decimal
	asArea               // plain decimal
	asDay                // 2006-01-02
	asMonth              // 2006-01
	asPeriod             // 2006-01 or 2006
	asCode               // the English code
	asShare              // reduced fraction
)

type column struct {
	name, chinese string
	kind          kind
	required      bool
	codes         map[string]string // written form (English or Chinese) → English code
}

// schema is what the contract says of one source.
type schema struct {
	source  string
	flow    bool
	columns []column
	keys    []string // columns of the record key
	month   string   // for flows: the column with the record's month
}

// sources in the order of the contract.
var sourceNames = []string{"tax", "vehicle", "property", "bank", "insurance"}

var schemas = map[string]*schema{
	"tax": {source: "tax", flow: true, keys: []string{"record_no"}, month: "period", columns: append(common(),
		must("record_no", "明细号", asNumber),
		must("period", "所属期", asPeriod),
		codes(true, "income_type", "所得项目", "wage 工资薪金 labour 劳务报酬 business 经营所得 interest 利息 dividend 股息红利 rental 财产租赁 royalty 特许权使用费 property_sale 财产转让 incidental 偶然所得"),
		must("income", "收入额", asAmount),
		may("own_insurance", "个人缴纳社保公积金", asAmount),
		may("tax", "已缴税额", asAmount),
		may("payer_name", "扣缴义务人", asText),
		may("payer_code", "统一社会信用代码", asText))},
	"vehicle": {source: "vehicle", keys: []string{"vin"}, columns: append(common(),
		must("vin", "车辆识别代号", asNumber),
		must("plate", "号牌号码", asNumber),
		codes(true, "vehicle_class", "车辆类型", "car 轿车 suv 越野车 van 面包车 bus 客车 truck 货车 motorcycle 摩托车 tricycle 三轮车 disability 残疾人专用车 farm 农用机械 other other"),
		codes(true, "status", "状态", "normal 正常 scrapped 报废 transferred 转移 stolen 盗抢"),
		codes(false, "use", "使用性质", "private 非营运 commercial 营运"),
		may("registered_on", "初次登记日期", asDay),
		may("inspection_due", "检验有效期止", asDay),
		may("value", "价值", asAmount))},
	"property": {source: "property", keys: []string{"unit_code", "certificate_no"}, columns: append(common(),
		may("unit_code", "不动产单元号", asNumber),
		may("certificate_no", "不动产权证号", asNumber),
		codes(true, "kind", "用途", "residential 住宅 homestead 宅基地 commercial 商业 office 办公 industrial 工业 parking 车位 other other"),
		codes(true, "status", "状态", "current 现势 transferred 已转移 demolished 已灭失"),
		may("share", "份额", asShare),
		may("area", "面积", asArea),
		may("address", "坐落", asText),
		may("registered_on", "登记日期", asDay),
		may("value", "价值", asAmount))},
	"bank": {source: "bank", keys: []string{"institution", "account_no", "balance_on"}, columns: append(common(),
		must("institution", "金融机构", asText),
		must("account_no", "账号", asNumber),
		codes(true, "kind", "类型", "demand 活期 time 定期 wealth 理财 securities 证券 fund 基金 insurance 商业保险现金价值"),
		must("balance", "余额", asAmount),
		must("balance_on", "余额日期", asDay),
		may("average_balance", "近六个月日均余额", asAmount),
		may("share", "份额", asShare),
		codes(false, "purpose", "款项性质", "demolition 拆迁款 medical 医疗款 relief 救助款"))},
	"insurance": {source: "insurance", flow: true, keys: []string{"record_no"}, month: "month", columns: append(common(),
		must("record_no", "记录号", asNumber),
		codes(true, "scheme", "险种", "employee_pension 职工养老 resident_pension 居民养老 employee_medical 职工医疗 resident_medical 居民医疗 unemployment 失业 injury 工伤 maternity 生育 housing_fund 公积金"),
		codes(true, "role", "业务类型", "contributing 参保缴费 receiving 待遇领取"),
		must("month", "费款所属期", asMonth),
		codes(false, "identity", "缴费身份", "employee 单位职工 flexible 灵活就业 resident 居民"),
		may("base", "缴费基数", asAmount),
		may("benefit", "待遇金额", asAmount),
		may("employer_name", "单位名称", asText),
		may("employer_code", "单位信用代码", asText))},
}

// Positions of the common columns every test of identity needs.
const (
	idNumber = 0
	nameAt   = 1
	idType   = 2
)

func common() []column {
	return []column{
		// Empty cells are allowed in both, the columns themselves are not optional.
		{name: "id_number", chinese: "证件号码", kind: asText},
		{name: "name", chinese: "姓名", kind: asName},
		codes(false, "id_type", "证件类型", "resident_id 居民身份证 passport 护照 military 军官证 hmt_permit 港澳台居民居住证 foreign_permit 外国人永久居留身份证 uscc 统一社会信用代码"),
		may("country", "签发国", asText),
		may("birth_date", "出生日期", asDay),
		may("sex", "性别", asText),
		may("division", "行政区划", asText),
	}
}

func must(name, chinese string, k kind) column {
	return column{name: name, chinese: chinese, kind: k, required: true}
}

func may(name, chinese string, k kind) column {
	return column{name: name, chinese: chinese, kind: k}
}

func codes(required bool, name, chinese, pairs string) column {
	c := column{name: name, chinese: chinese, kind: asCode, required: required, codes: map[string]string{}}
	words := strings.Fields(pairs)
	for i := 0; i < len(words); i += 2 {
		c.codes[words[i]], c.codes[words[i+1]] = words[i], words[i]
	}
	return c
}

// at is the position of a column; the name must be one of the schema's.
func (s *schema) at(name string) int {
	for i := range s.columns {
		if s.columns[i].name == name {
			return i
		}
	}
	panic("oracle: no column " + name)
}

// find is the position of the column a header cell names, −1 when none.
func (s *schema) find(header string) int {
	header = strings.ToLower(strings.TrimSpace(foldWidth(header)))
	for i := range s.columns {
		if header == s.columns[i].name || header == s.columns[i].chinese {
			return i
		}
	}
	return -1
}

// empty is the text form of an absent optional cell.
func (c *column) empty() string {
	switch {
	case c.name == "id_type":
		return "resident_id"
	case c.kind == asAmount:
		return "0"
	case c.kind == asShare:
		return "1/1"
	}
	return ""
}

// read turns a non-empty cell into its text form, or names the fault.
func (c *column) read(cell string) (value, fault string) {
	switch c.kind {
	case asNumber:
		return normAsset(cell), ""
	case asName:
		return normName(cell), ""
	case asAmount:
		fen, fault := parseYuan(cell)
		return strconv.FormatInt(fen, 10), fault
	case asArea:
		return parseArea(cell)
	case asDay:
		return parseDay(cell)
	case asShare:
		return parseShare(cell)
	case asMonth:
		m, fault := parseMonth(cell)
		return m.String(), fault
	case asPeriod:
		year := strings.TrimSpace(foldWidth(cell))
		if len(year) == 4 && allDigits(year) {
			return year, ""
		}
		m, fault := parseMonth(cell)
		return m.String(), fault
	case asCode:
		if value, ok := c.codes[strings.ToLower(strings.TrimSpace(foldWidth(cell)))]; ok {
			return value, ""
		}
		return "", unknownCode
	default:
		return strings.TrimSpace(cell), ""
	}
}
