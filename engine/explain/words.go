package explain

import "github.com/hedui/hedui/engine/household"

// The languages. Any other language is worded in English.
const (
	Zh = "zh"
	En = "en"
)

// text is a text in Chinese and in English.
type text struct{ zh, en string }

func (t text) in(lang string) string {
	if lang == Zh {
		return t.zh
	}
	return t.en
}

// The catalogue. All words of this package stand in this file.

var outcomeTitles = [...]text{
	household.NoDiscrepancy:       {"未见异常", "NO DISCREPANCY"},
	household.NeedsReview:         {"需核实", "NEEDS REVIEW"},
	household.SuspectedIneligible: {"疑似不符合", "SUSPECTED INELIGIBLE"},
	household.Unverifiable:        {"无法核对", "UNVERIFIABLE"},
	household.Refused:             {"不予受理", "REFUSED"},
}

var outcomeMeanings = [...]text{
	household.NoDiscrepancy:       {"各部门数据均已查询，与申报未见不一致。是否符合条件由工作人员决定。", "Every source could answer and nothing differs from what was declared. A person decides."},
	household.NeedsReview:         {"有情况需要工作人员核实，本结果不是结论，由工作人员决定。", "Something has to be looked at. This is no conclusion; a person decides."},
	household.SuspectedIneligible: {"按现有数据疑似不符合条件，须由工作人员核实证据后决定，家庭可以说明情况。", "By the data held the household may not qualify. A person decides after looking at the evidence, and the household may explain."},
	household.Unverifiable:        {"数据不完整或适用规定尚未查明，无法得出结果，不能据此认为没有记录，由工作人员决定如何处理。", "The data is not complete enough to tell, or nobody knows the law that applies, so absence is not established. A person decides what to do."},
	household.Refused:             {"申请未被核对，未查询任何数据。补正后可以重新提交，由工作人员处理。", "The request was not checked and nothing was looked up. It can be sent again once it is put right; a person handles it."},
}

var stateTitles = [...]text{
	household.NotAuthorized: {"未获授权", "not authorised"},
	household.Missing:       {"未接入", "no data"},
	household.Partial:       {"月份不全", "months missing"},
	household.Incomplete:    {"记录待修", "record awaiting repair"},
	household.Stale:         {"数据过旧", "data too old"},
	household.None:          {"查无记录", "nothing found"},
	household.Found:         {"查有记录", "records found"},
	household.Pending:       {"等待上级平台答复", "waiting for the upper node"},
	household.Upstream:      {"上级平台", "from the upper node"},
}

var stateMeanings = [...]text{
	household.NotAuthorized: {"授权书不包括该来源，未查询；不能据此认为没有记录", "the authorisation leaves it out, so it was not read; absence is not established"},
	household.Missing:       {"没有该来源的数据；不能据此认为没有记录", "no delivery of this source is held; absence is not established"},
	household.Partial:       {"核算期内有月份无数据；不能据此认为没有记录", "a month of the window is not covered; absence is not established"},
	household.Incomplete:    {"有成员的记录因错误未能采用；不能据此认为没有其他记录", "a faulty row of a member was set aside; absence of more is not established"},
	household.Stale:         {"数据早于时限；不能据此认为目前没有记录", "the data is older than allowed; absence today is not established"},
	household.None:          {"已查询，没有这户家庭的记录", "asked; it holds nothing of this household"},
	household.Found:         {"已查询", "asked"},
	household.Pending:       {"已向上级平台查询，尚未答复；不能据此认为没有记录，答复后自动重新核对", "the upper node was asked and has not answered; absence is not established, and the household is checked again when it does"},
	household.Upstream:      {"已由上级平台查询并答复", "asked of the upper node, which answered"},
}

var stateUnknown = text{"状态不明；不能据此认为没有记录", "state unknown; absence is not established"}

// noneHere is said of one provider of a source that as a whole is not none.
var noneHere = text{"此提供方无记录", "no record with this provider"}

var sourceTitles = [...]text{
	household.Tax:       {"税务", "tax"},
	household.Vehicle:   {"车辆", "vehicle"},
	household.Property:  {"不动产", "property"},
	household.Bank:      {"银行", "bank"},
	household.Insurance: {"社会保险", "insurance"},
	household.Register:  {"人口登记", "population register"},
}

var lineTitles = [household.NumLineTypes]text{
	1: {"工资性收入", "wages"}, 2: {"经营净收入", "business"}, 3: {"财产净收入", "property income"}, 4: {"转移净收入", "transfers"},
}

var relationTitles = [...]text{
	1: {"户主", "head"}, 2: {"配偶", "spouse"}, 3: {"子女", "child"}, 4: {"父母", "parent"}, 5: {"兄弟姐妹", "sibling"}, 6: {"其他", "other"},
}

var exclusionTitles = [...]text{
	1: {"服刑", "imprisoned"}, 2: {"失踪", "missing"}, 3: {"宗教教职", "clergy"}, 4: {"不共同生活", "lives elsewhere"},
}

var schemeTitles = map[string]text{
	"dibao":             {"最低生活保障", "dibao (minimum living allowance)"},
	"dibao_edge":        {"低保边缘家庭", "dibao_edge (just above the minimum living allowance)"},
	"tekun":             {"特困人员供养", "tekun (support for people without means or family)"},
	"rigid_expenditure": {"刚性支出困难家庭", "rigid_expenditure (household with unavoidable spending)"},
	"medical":           {"医疗救助", "medical assistance"},
	"temporary":         {"临时救助", "temporary assistance"},
	"housing":           {"住房救助（公租房）", "housing assistance"},
	"education":         {"教育救助", "education assistance"},
	"employment":        {"就业救助", "employment assistance"},
}

// refusal words the codes a request can be turned away with, for a verdict whose
// pack says nothing of them.
type refusal struct{ title, clear text }

var refusals = map[string]refusal{
	"authorization_missing": {
		text{"没有授权书", "no authorisation"},
		text{"取得全体成年成员签字的授权书。", "Obtain an authorisation signed by every adult member."},
	},
	"authorization_expired": {
		text{"授权书不在有效期内", "the authorisation is not in force on the date"},
		text{"取得覆盖核对日期的授权书。", "Obtain an authorisation that covers the date."},
	},
	"authorization_purpose": {
		text{"授权用途不符", "the authorisation is for another purpose"},
		text{"取得用于本救助项目的授权书。", "Obtain an authorisation for this scheme."},
	},
	"authorization_incomplete": {
		text{"授权签字不全", "signatures are missing from the authorisation"},
		text{"补齐成年成员的签字；全为未成年人的家庭由监护人签字。", "Obtain the missing signatures; for minors alone that of a guardian."},
	},
	"authorization_unknown": {
		text{"没有登记该授权书", "no such authorisation is registered"},
		text{"登记授权书，或更正授权书编号。", "Register the authorisation, or correct its number."},
	},
	"authorization_household": {
		text{"授权书属于另一家庭", "the authorisation is another household's"},
		text{"使用本家庭登记的授权书。", "Use the authorisation that this household registered."},
	},
	"authorization_withdrawn": {
		text{"授权已撤回", "the authorisation was withdrawn"},
		text{"经家庭重新签字并登记后才能核对。", "The household has to sign a new one, which is registered."},
	},
	"authorization_data_class": {
		text{"授权书不含所需数据类别", "the authorisation does not cover the data"},
		text{"取得包含所需数据类别的授权书。", "Obtain an authorisation that names the classes of data."},
	},
	"authorization_members": {
		text{"有成员不在授权书上", "a member is not on the authorisation"},
		text{"补充该成员的授权，或更正成员名单。", "Obtain the member's authorisation, or correct the list of members."},
	},
	"authorization_division": {
		text{"授权书在其他行政区划登记", "the authorisation is registered in another division"},
		text{"由登记地办理，或更正行政区划。", "The division where it is registered checks it, or correct the division."},
	},
	"household_elsewhere": {
		text{"该家庭在其他地区登记在册，且授权有效", "the household is on the register of another place, under an authorisation in force"},
		text{"由原登记地办理；家庭已迁移的，先撤回原授权。", "That place checks it; where the household has moved, have the old authorisation withdrawn first."},
	},
	"invalid_request": {
		text{"申请内容有误", "the request is not valid"},
		text{"更正申请后重新提交。", "Correct the request and send it again."},
	},
}

var words = map[string]text{
	"household": {"家庭", "Household"}, "scheme": {"项目", "Scheme"}, "date": {"核对日期", "Date"}, "line": {"第 %d 行", "line %d"},
	"members": {"家庭成员", "Members"}, "name": {"姓名", "name"}, "document": {"证件号码", "document"}, "relation": {"关系", "relation"},
	"note": {"备注", "note"}, "not counted": {"不计入：%s", "not counted: %s"}, "counts": {"计入", "counted"},
	"income": {"收入（元，%s）", "Income (yuan, %s)"}, "type": {"类型", "type"}, "member": {"成员", "member"},
	"declared": {"申报", "declared"}, "found": {"查得", "found"}, "counted": {"计入", "counted"},
	"monthly": {"成员 %d %s申报：%s × %d 月 = %s", "member %d, %s declared: %s × %d months = %s"},
	"total":   {"合计", "Total"}, "limit": {"限额", "Limit"},
	"limit sum":  {"%s × %d 月 × %d 人 = %s", "%s × %d months × %d members = %s"},
	"per person": {"%s × %d 人 = %s", "%s × %d members = %s"},
	"over":       {"高于限额 %s", "%s above the limit"}, "under": {"低于限额 %s", "%s below the limit"}, "equal": {"等于限额", "equal to the limit"},
	"no income": {"没有申报或查得的收入", "no income declared or counted"},
	"assets":    {"财产", "Assets"}, "financial": {"金融资产", "Balances"}, "declared sum": {"申报 %s", "declared %s"},
	"vehicles":     {"计入车辆 %d 辆，住房 %d 套，非住房 %d 处", "Vehicles counted %d, homes %d, non-residential units %d"},
	"distinct":     {"疑似重复的财产如各为一项：金融资产 %s，车辆 %d 辆，住房 %d 套，非住房 %d 处", "If what may be one asset is two: balances %s, vehicles %d, homes %d, non-residential units %d"},
	"totals":       {"金融资产：按一项计入 %s，如为两项 %s", "balances %s counted as one asset, %s if they are two"},
	"sheet caveat": {"以上仅为已取得数据中的数目，见数据来源", "Only what the data held shows; see the sources below"},
	"findings":     {"需要说明的情况", "Findings"}, "no findings": {"没有", "none"}, "amount": {"金额 %s，限额 %s", "amount %s, limit %s"},
	"grade": {"证据等级 %s", "evidence grade %s"}, "law": {"依据", "Law"}, "clear": {"如何澄清", "What would clear it"}, "evidence": {"来源记录", "Rows"}, "same rows": {"与第 %d 项相同", "the same as under %d"},
	"excluded":          {"依规定不计入的收入", "Income that the law leaves out"},
	"deductions":        {"依规定扣除", "Taken off by the law"},
	"derived":           {"推定收入（未计入合计，只用于提示核实）", "Derived income (not in the total; it can only ask)"},
	"obligor":           {"义务人 %d", "obligor %d"},
	"item":              {"所涉事项：%s", "what it is about: %s"},
	"unverified":        {"所依据的限额尚未经核实", "The limit rests on a value that nobody has verified"},
	"grade derived":     {"证据等级 %s：依推定收入、未证明的豁免或未知情况，只提示核实", "evidence grade %s: rests on derived income, an unproven exemption or something unknown; it only asks"},
	"values":            {"所依据的规定数值", "Values of the law"},
	"value":             {"%s = %s（%s 起，%s 第 %d 行）", "%s = %s (from %s, %s line %d)"},
	"a year":            {"／年", " a year"},
	"value always":      {"%s = %s（%s 第 %d 行）", "%s = %s (%s line %d)"},
	"value region":      {"适用 %s 地方规定", "overlay %s"},
	"value unverified":  {"未经核实", "not verified"},
	"value unresolved":  {"未查明：%s", "unresolved: %s"},
	"grade unconfirmed": {"证据等级 %s：可能属于该成员，未经确认，未计入", "evidence grade %s: may be the member's, not confirmed, not counted"},
	"row":               {"%s 数据第 %d 行, 文件 %d, 快照 %s", "%s data row %d, file %d, snapshot %s"},
	"row record":        {"记录 %s", "record %s"}, "row provider": {"提供方 %s", "provider %s"},
	"row node": {"上级平台 %s", "upper node %s"}, "provider of node": {"%s（上级平台 %s）", "%s (upper node %s)"},
	"row member": {"成员 %d", "member %d"}, "row link": {"身份匹配 %s", "identity %s"}, "yuan": {"%s 元", "%s yuan"},
	"sources": {"数据来源", "Sources"}, "provider": {"提供方 %s，数据截至 %s，快照 %s：%s", "provider %s, as of %s, snapshot %s: %s"}, "unknown date": {"不明", "unknown"},
	"source awaits": {"另有待确认归属的记录，见上", "apart from records whose owner has to be confirmed, see above"},
	"links":         {"记录归属", "How records were linked"},
	"links meaning": {"同一号码下描述相同的记录为一组。", "Records under one number that describe their owner alike are one group."},
	"links count": {
		"计入 %d 组，待核实 %d 组（未计入），身份冲突 %d 组（未计入），查看后未采用 %d 组，仅姓名相同 %d 组（不展示）",
		"Counted %d, to be confirmed %d (not counted), in conflict %d (not counted), looked at and turned down %d, the name only %d (not shown)",
	},
	"links too common": {"有 %d 名成员的姓名过于常见，未按姓名进一步查找", "Members whose name is too common to look further by it: %d"},
	"links totals":     {"如待核实的也计入：收入 %s，金融资产 %s", "If what has to be confirmed counted too: income %s, financial %s"},
	"links bits":       {"左侧为各项的分值（比特），相加为合计；每加 1，属于本人的可能性（比值）加倍。", "The bits of each part add up to the total; one more doubles the odds that it is the member's."},
	"links why":        {"原因", "Why"},
	"links left":       {"查看后未采用", "Looked at and turned down"},
	"links left line":  {"成员 %d，%d 组：%s（合计最高 %s）", "member %d, groups %d: %s (total at most %s)"},
	"links more":       {"仅说明前 %d 组", "Only the first %d are explained"},
	"semicolon":        {"；", "; "},
	"reason":           {"原因", "Reason"}, "what to do": {"如何补正", "What to do"}, "fields": {"有误的内容：%s", "Fields at fault: %s"},
	"basis":   {"数据代次 %s，规则 %s %s（%s）", "Generation %s, rules %s %s (%s)"},
	"outcome": {"结果", "outcome"}, "finding": {"情况", "finding"}, "region": {"地区", "region"}, "number": {"户数", "households"}, "times": {"次数", "times"}, "no region": {"（未填）", "(none)"},
}
