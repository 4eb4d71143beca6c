package province

import "slices"

// column of a department file.
type column struct {
	en, zh   string
	required bool
	form     columnForm
}

// columnForm is how the text of a column is read.
type columnForm uint8

const (
	freeText columnForm = iota
	amountText
	dateText
	periodText
	codeText
)

// commonColumns begin every file.
var commonColumns = []column{
	{"id_number", "证件号码", false, freeText},
	{"name", "姓名", false, freeText},
	{"id_type", "证件类型", false, codeText},
	{"country", "签发国", false, freeText},
	{"birth_date", "出生日期", false, dateText},
	{"sex", "性别", false, freeText},
	{"division", "行政区划", false, freeText},
}

// Indexes of columns that other code needs.
const (
	columnDocument = 0
	columnName     = 1
	firstOwnColumn = 7
)

var ownColumns = [sourceCount + 1][]column{
	tax: {
		{"record_no", "明细号", true, freeText},
		{"period", "所属期", true, periodText},
		{"income_type", "所得项目", true, codeText},
		{"income", "收入额", true, amountText},
		{"own_insurance", "个人缴纳社保公积金", false, amountText},
		{"tax", "已缴税额", false, amountText},
		{"payer_name", "扣缴义务人", false, freeText},
		{"payer_code", "统一社会信用代码", false, freeText},
	},
	vehicle: {
		{"vin", "车辆识别代号", true, freeText},
		{"plate", "号牌号码", true, freeText},
		{"vehicle_class", "车辆类型", true, codeText},
		{"status", "状态", true, codeText},
		{"use", "使用性质", false, codeText},
		{"registered_on", "初次登记日期", false, dateText},
		{"inspection_due", "检验有效期止", false, dateText},
		{"value", "价值", false, amountText},
	},
	property: {
		{"unit_code", "不动产单元号", false, freeText},
		{"certificate_no", "不动产权证号", false, freeText},
		{"kind", "用途", true, codeText},
		{"status", "状态", true, codeText},
		{"share", "份额", false, freeText},
		{"area", "面积", false, freeText},
		{"address", "坐落", false, freeText},
		{"registered_on", "登记日期", false, dateText},
		{"value", "价值", false, amountText},
	},
	bank: {
		{"institution", "金融机构", true, freeText},
		{"account_no", "账号", true, freeText},
		{"kind", "类型", true, codeText},
		{"balance", "余额", true, amountText},
		{"balance_on", "余额日期", true, dateText},
		{"average_balance", "近六个月日均余额", false, amountText},
		{"share", "份额", false, freeText},
		{"purpose", "款项性质", false, codeText},
	},
	insurance: {
		{"record_no", "记录号", true, freeText},
		{"scheme", "险种", true, codeText},
		{"role", "业务类型", true, codeText},
		{"month", "费款所属期", true, periodText},
		{"identity", "缴费身份", false, codeText},
		{"base", "缴费基数", false, amountText},
		{"benefit", "待遇金额", false, amountText},
		{"employer_name", "单位名称", false, freeText},
		{"employer_code", "单位信用代码", false, freeText},
	},
	register: {
		{"former_names", "曾用名", false, freeText},
		{"former_numbers", "曾用证件号码", false, freeText},
		{"deceased_on", "死亡日期", false, dateText},
		{"household_no", "户号", true, freeText},
	},
}

// columnsOf returns the columns of a source's files in their order.
func columnsOf(s source) []column { return slices.Concat(commonColumns, ownColumns[s]) }

var (
	idTypes = []code{{"resident_id", "居民身份证"}, {"passport", "护照"}, {"hmt_permit", "港澳台居民居住证"}, {"military", "军官证"}}
	sexes   = []code{{"female", "女"}, {"male", "男"}}
)

// row holds the text of the fields of one row. It is reused from row to row.
type row struct {
	text    []byte
	ends    []int32
	chinese bool
}

func (r *row) reset() { r.text, r.ends = r.text[:0], r.ends[:0] }

// end ends the field being appended to text.
func (r *row) end() { r.ends = append(r.ends, int32(len(r.text))) }

func (r *row) field(i int) []byte {
	start := int32(0)
	if i > 0 {
		start = r.ends[i-1]
	}
	return r.text[start:r.ends[i]]
}

// set replaces a field; it is for the few rows that are made bad.
func (r *row) set(i int, text string) {
	old := len(r.field(i))
	end := int(r.ends[i])
	tail := append([]byte(nil), r.text[end:]...)
	r.text = append(append(r.text[:end-old], text...), tail...)
	for k := i; k < len(r.ends); k++ {
		r.ends[k] += int32(len(text) - old)
	}
}

func (r *row) string(s string) { r.text = append(r.text, s...); r.end() }
func (r *row) yuan(fen int64)  { r.text = appendYuan(r.text, fen); r.end() }
func (r *row) day(d day)       { r.text = appendDay(r.text, d); r.end() }
func (r *row) code(c code) {
	if r.chinese {
		r.string(c.zh)
	} else {
		r.string(c.en)
	}
}

// optional writes an amount, or nothing for 0.
func (r *row) optional(fen int64) {
	if fen != 0 {
		r.text = appendYuan(r.text, fen)
	}
	r.end()
}

// write fills the row with the k-th row a source has of the household.
func (p *plan) write(r *row, h *household, s source, k int) {
	r.reset()
	sub := h.subject(s, k)
	m := &h.members[sub.member]
	r.text = appendDocument(r.text, m, sub.form)
	r.end()
	r.text = p.names.appendForm(r.text, p.seed, m, sub.named)
	r.end()
	// Bank and tax leave out what the document says anyway.
	terse := (s == bank || s == tax) && m.idType == residentID
	if !terse {
		r.code(idTypes[m.idType])
	} else {
		r.end()
	}
	r.end() // country: residents have none, and no document here needs one
	if !terse {
		r.day(m.birth)
		r.code(sexes[m.sex])
	} else {
		r.end()
		r.end()
	}
	r.text = appendDigits(r.text, uint64(homeCounties[h.home].code), 6)
	r.end()
	p.writeOwn(r, h, s, k)
}

// writeOwn appends the department's own columns.
func (p *plan) writeOwn(r *row, h *household, s source, k int) {
	switch s {
	case tax:
		p.writeTax(r, &h.tax[k])
	case vehicle:
		writeVehicle(r, h, &h.vehicle[k])
	case property:
		writeProperty(r, h, &h.property[k])
	case bank:
		writeBank(r, &h.bank[k])
	case insurance:
		p.writeInsurance(r, &h.insurance[k])
	}
}

func (p *plan) writeTax(r *row, t *taxRecord) {
	r.text = append(r.text, 'T')
	r.text = appendDigits(r.text, scramble40(t.number), 13)
	r.end()
	if t.year != 0 {
		r.text = appendDigits(r.text, uint64(t.year), 4)
	} else {
		r.text = appendMonth(r.text, t.month)
	}
	r.end()
	r.code(incomeTypes[t.kind])
	r.yuan(t.income)
	r.optional(t.own)
	r.yuan(t.tax)
	e := &p.employers[t.payer]
	r.string(e.name)
	r.string(e.code)
}

func writeVehicle(r *row, h *household, v *vehicleRecord) {
	r.text = appendVIN(r.text, v.number)
	r.end()
	r.text = appendPlate(r.text, h, v.number)
	r.end()
	r.code(vehicleClasses[v.class])
	r.code(vehicleStatuses[v.status])
	r.code(vehicleUses[v.use])
	r.day(v.registered)
	r.day(v.due)
	r.yuan(v.value)
}

func writeProperty(r *row, h *household, u *propertyRecord) {
	if !u.noUnit {
		r.text = appendUnit(r.text, h, u.number)
	}
	r.end()
	if !u.noCert {
		r.text = appendCertificate(r.text, h, u.number)
	}
	r.end()
	r.code(propertyKinds[u.kind])
	r.code(propertyStatuses[u.status])
	r.string(shares[u.share].text)
	r.text = appendNumber(r.text, u.squareCm/10000)
	r.text = append(r.text, '.')
	r.text = appendDigits(r.text, uint64(u.squareCm/100%100), 2)
	r.end()
	r.text = append(r.text, homeCounties[h.home].name...)
	r.text = append(r.text, roads[u.addressSeed%len(roads)]...)
	r.text = appendNumber(r.text, int64(u.addressSeed%899+1))
	r.text = append(r.text, "号"...)
	r.text = appendNumber(r.text, int64(101+u.addressSeed/1024))
	r.text = append(r.text, "室"...)
	r.end()
	r.day(u.registered)
	r.yuan(u.value)
}

func writeBank(r *row, b *bankRecord) {
	r.string(institutions[b.institution])
	r.text = appendAccount(r.text, b.number)
	r.end()
	r.code(accountKinds[b.kind])
	r.yuan(b.balance)
	r.day(b.on)
	r.yuan(b.average)
	r.string(shares[b.share].text)
	r.code(purposes[b.purpose])
}

func (p *plan) writeInsurance(r *row, s *insuranceRecord) {
	r.text = append(r.text, 'S')
	r.text = appendDigits(r.text, scramble40(s.number), 13)
	r.end()
	r.code(schemes[s.scheme])
	r.code(roles[s.role])
	r.text = appendMonth(r.text, s.month)
	r.end()
	r.code(identities[s.identity])
	r.optional(s.base)
	r.optional(s.benefit)
	if s.identity == asEmployee {
		e := &p.employers[s.employer]
		r.string(e.name)
		r.string(e.code)
	} else {
		r.end()
		r.end()
	}
}
