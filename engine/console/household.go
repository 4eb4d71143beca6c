package console

import (
	"net/url"
	"strings"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/api"
	"github.com/hedui/hedui/engine/api/wire"
)

// householdPages are of one household: found by its number, and what there is of it.
func (c *Console) householdPages() []api.Page {
	return []api.Page{
		c.get(access.HouseholdRead, "/households", "查找家庭", "find a household", findHousehold, "number"),
		c.get(access.HouseholdRead, "/households/{number}", "查看家庭", "see a household's checks", showHousehold),
	}
}

// findHousehold goes to the page of a household. Whether there is one says that page.
func findHousehold(v *visit) error {
	number := strings.TrimSpace(v.query("number"))
	if !numberForm.MatchString(number) {
		return v.again("home", number, wire.Refuse(wire.InvalidField, "household:pattern"))
	}
	return v.goTo(prefix + "/households/" + url.PathEscape(number))
}

type householdPage struct {
	wire.Household

	Reports []wire.Report // newest first, the first page of them
}

func showHousehold(v *visit) error {
	h, err := v.console.desk.Household(v.ctx, v.caller(), v.r.PathValue("number"))
	if err != nil {
		return err
	}
	p := householdPage{Household: h}
	if v.may(access.ReportList) {
		list, err := v.console.desk.Reports(v.ctx, v.caller(), wire.ReportQuery{Page: wire.Page{Limit: pageSize}, Household: h.Number})
		if err != nil {
			return err
		}
		p.Reports = list.Items
	}
	return v.show("household", p)
}

// householdWords are of one household.
var householdWords = map[string]text{
	"household.title":          {"家庭 %s", "Household %s"},
	"household.authorizations": {"授权书", "Authorisations"},
	"household.none":           {"没有登记的授权书，不能核对。", "No authorisation is registered: it can't be checked."},
	"household.register":       {"登记授权书", "Register an authorisation"},
	"household.verdicts":       {"核对结论", "Verdicts"},
	"household.verdicts.none":  {"还没有核对过。", "It has not been checked yet."},
	"household.on":             {"核对日期", "Date"},
	"household.scheme":         {"救助类型", "Scheme"},
	"household.outcome":        {"结论", "Outcome"},
	"household.at":             {"出具时间", "Given"},
	"household.stands":         {"现行", "stands now"},
	"household.cases":          {"案件", "Cases"},
	"household.cases.none":     {"没有案件。", "No case."},
	"household.state":          {"状态", "State"},
	"household.reports":        {"核对报告", "Reports"},
	"household.reports.none":   {"还没有出具报告。", "No report yet."},
	"household.check":          {"核对这户家庭", "Check this household"},
	"household.open":           {"打开", "Open"},
	"household.open.case":      {"打开%s案件", "Open the case of %s"},
	"household.open.verdict":   {"打开 %s 的结论", "Open the verdict of %s"},
	"household.looked":         {"谁查过这户家庭", "Who looked at it"},
}
