package console

import (
	"fmt"
	"maps"
)

// text is a text in Chinese and in English.
type text struct{ zh, en string }

// catalogue is all words of the console. Each group of pages has a table of its own.
func catalogue() (map[string]text, error) {
	all := map[string]text{}
	for _, table := range []map[string]text{frameWords, codeWords, sessionWords, accountWords, authorizationWords, userWords, auditWords, checkWords, batchWords, householdWords, verdictWords, reportWords, caseWords, objectionWords, dataWords, figureWords} {
		for key := range table {
			if _, twice := all[key]; twice {
				return nil, fmt.Errorf("the words have %s twice", key)
			}
		}
		maps.Copy(all, table)
	}
	return all, nil
}

// say is a word in a language. A word that there is not stands for itself, in brackets; a
// test finds every one.
func (c *Console) say(lang, key string, args ...any) string {
	t, ok := c.words[key]
	if !ok {
		return "[" + key + "]"
	}
	s := t.zh
	if lang == english {
		s = t.en
	}
	if len(args) == 0 {
		return s
	}
	return fmt.Sprintf(s, args...)
}

// frameWords are of what all pages have.
var frameWords = map[string]text{
	"brand":         {"居民家庭经济状况核对", "Household economic status verification"},
	"motto":         {"引擎只作提示，由人决定", "The engine flags; people decide"},
	"skip":          {"跳到正文", "Skip to the content"},
	"menu":          {"菜单", "Menu"},
	"language":      {"English", "中文"},
	"language.help": {"Show this page in English", "用中文显示本页"},
	"sign out":      {"退出", "Sign out"},
	"account":       {"本人账户", "Your account"},
	"division":      {"区划", "Division"},
	"list":          {"、", ", "},
	"colon":         {"：", ": "},
	"none":          {"无", "none"},
	"span":          {"%s 至 %s", "%s to %s"},
	"yes":           {"是", "yes"},
	"no":            {"否", "no"},
	"yuan":          {"元", "yuan"},
	"print":         {"打印", "Print"},
	"back":          {"返回", "Back"},
	"open":          {"打开", "Open"},
	"search":        {"查找", "Search"},
	"filter":        {"筛选", "Filter"},
	"reset":         {"清除筛选", "Clear filter"},
	"all":           {"全部", "All"},
	"submit":        {"提交", "Submit"},
	"save":          {"保存", "Save"},
	"next page":     {"下一页", "Next page"},
	"first page":    {"回到第一页", "First page"},
	"empty":         {"没有内容", "Nothing here"},
	"required":      {"必填", "required"},
	"optional":      {"选填", "optional"},
	"reason":        {"理由", "Reason"},
	"reason.help":   {"写明依据，将记入审计日志", "Say why; it is kept in the audit log"},

	"nav.work":    {"业务办理", "Casework"},
	"nav.data":    {"数据与统计", "Data and figures"},
	"nav.control": {"监督管理", "Oversight"},
	"nav.home":    {"首页", "Home"},

	"home.title":       {"首页", "Home"},
	"home.welcome":     {"您好，%s", "Hello, %s"},
	"home.find":        {"查找家庭", "Find a household"},
	"home.find.number": {"家庭编号", "Household number"},
	"home.find.help":   {"如 340104-000123。只能查看本区划内、已授权的家庭。", "Such as 340104-000123. Only households of your division that have authorised it."},
	"home.can":         {"您可以办理", "What you can do"},
	"home.nothing":     {"您的角色目前没有可办理的页面，请联系安全管理员。", "There is no page for your role yet. Ask the security administrator."},

	"error.title":   {"无法继续", "This can't go on"},
	"error.request": {"请求编号", "Number of the request"},
	"error.help":    {"如需帮助，请把请求编号告诉系统管理员。页面没有保存您填写的内容时，请返回上一页。", "If you need help, tell the system administrator the number of the request. To get back what you typed, go back a page."},
	"error.home":    {"回到首页", "To the first page"},

	"rule.":           {"不符合要求", "not as it has to be"},
	"rule.required":   {"必须填写", "must be given"},
	"rule.unknown":    {"无此项", "not known"},
	"rule.not_one_of": {"不在可选范围内", "not one of those possible"},
	"rule.length":     {"长度不符", "too short or too long"},
	"rule.range":      {"超出范围", "out of range"},
	"rule.pattern":    {"格式不符", "not of the right form"},
	"rule.date":       {"不是日期，应如 2026-11-01", "no date; it should be like 2026-11-01"},
	"rule.type":       {"类型不符", "of another kind"},
	"rule.invalid":    {"不符合要求", "not as it has to be"},
	"rule.text":       {"含有不能使用的字符", "has characters that can't be used"},
}

// codeWords are what codes of the interface are called.
var codeWords = map[string]text{
	"role.intake":         {"受理", "intake"},
	"role.verifier":       {"核对", "verifier"},
	"role.reviewer":       {"复核", "reviewer"},
	"role.approver":       {"审批", "approver"},
	"role.leader":         {"领导", "leader"},
	"role.data_steward":   {"数据接入", "data steward"},
	"role.system_admin":   {"系统管理", "system administrator"},
	"role.security_admin": {"安全管理", "security administrator"},
	"role.auditor":        {"审计", "auditor"},
	"role.centre":         {"市县中心", "centre"},
	"role.metrics":        {"监控", "metrics"},

	"outcome.no_discrepancy":       {"未见异常", "No discrepancy"},
	"outcome.needs_review":         {"需核实", "Needs review"},
	"outcome.suspected_ineligible": {"疑似不符合", "Suspected ineligible"},
	"outcome.unverifiable":         {"无法核对", "Unverifiable"},
	"outcome.refused":              {"不予受理", "Not accepted"},

	"state.proposed":     {"待复核", "Proposed"},
	"state.under_review": {"复核中", "Under review"},
	"state.confirmed":    {"已确认", "Confirmed"},
	"state.cleared":      {"已排除", "Cleared"},
	"state.returned":     {"已退回", "Returned"},
	"state.disputed":     {"有异议", "Disputed"},
	"state.final":        {"已生效", "Final"},
	"state.withdrawn":    {"已撤回", "Withdrawn"},

	"source.tax":       {"税务", "Tax"},
	"source.vehicle":   {"车辆", "Vehicles"},
	"source.property":  {"不动产", "Property"},
	"source.bank":      {"银行", "Banks"},
	"source.insurance": {"社会保险", "Social insurance"},
	"source.register":  {"人口登记", "Population register"},

	"scheme.dibao":             {"最低生活保障", "Minimum living allowance"},
	"scheme.dibao_edge":        {"低保边缘家庭", "Low-income edge"},
	"scheme.tekun":             {"特困人员供养", "Support of the destitute"},
	"scheme.rigid_expenditure": {"刚性支出困难家庭", "Rigid expenditure"},
	"scheme.temporary":         {"临时救助", "Temporary relief"},
	"scheme.medical":           {"医疗救助", "Medical relief"},
	"scheme.education":         {"教育救助", "Educational relief"},
	"scheme.employment":        {"就业救助", "Employment relief"},
	"scheme.housing":           {"住房救助", "Housing relief"},
}
