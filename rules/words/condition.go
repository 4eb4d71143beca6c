package words

import (
	"regexp"
	"strings"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/rules"
)

// tokens of a condition: texts, names with their parts, operators, numbers.
var tokens = regexp.MustCompile(`"[^"]*"|'[^']*'|[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*|&&|\|\||[=!<>]=|\d+|\S`)

// Condition reads a condition out: each variable by what it is, each operator in words.
func Condition(p *rules.Pack, c *rules.Condition) rules.Text {
	var zh, en []string
	fen, area := false, false
	for _, s := range tokens.FindAllString(c.Source, -1) {
		w := t(s, s)
		switch v := variable(c, s); {
		case v != nil:
			w = Variable(p, v)
			w = t("「"+w.Zh+"」", w.En)
			fen, area = fen || inFen(p, v), area || v.Kind == rules.VarHomeArea
		case s[0] == '"' || s[0] == '\'':
			w = literal(s[1 : len(s)-1])
		case operators[s].Zh != "":
			w = operators[s]
		}
		zh, en = append(zh, w.Zh), append(en, w.En)
	}
	tidy := strings.NewReplacer("( ", "(", " )", ")", "非 ", "非")
	out := t(tidy.Replace(strings.Join(zh, " ")), strings.NewReplacer("( ", "(", " )", ")").Replace(strings.Join(en, " ")))
	if fen {
		out = t(out.Zh+"（金额以分计）", out.En+" (money in fen)")
	}
	if area {
		out = t(out.Zh+"（面积以平方厘米计）", out.En+" (area in cm²)")
	}
	return out
}

func variable(c *rules.Condition, name string) *rules.Var {
	for i := range c.Vars {
		if c.Vars[i].Name == name {
			return &c.Vars[i]
		}
	}
	return nil
}

var operators = map[string]rules.Text{
	"&&": {Zh: "且", En: "and"}, "||": {Zh: "或", En: "or"}, "!": {Zh: "非", En: "not"},
	"==": {Zh: "等于", En: "is"}, "!=": {Zh: "不等于", En: "is not"}, ">=": {Zh: "≥", En: "≥"}, "<=": {Zh: "≤", En: "≤"},
	"*": {Zh: "×", En: "×"}, "true": {Zh: "是", En: "yes"}, "false": {Zh: "否", En: "no"},
}

// literal is a word of a code list.
func literal(s string) rules.Text {
	for _, l := range []household.CodeList{household.Residences, household.Sexes, household.Relations} {
		if v, ok := l.Named(s); ok {
			return ofList(l, v)
		}
	}
	return t(s, s)
}

func inFen(p *rules.Pack, v *rules.Var) bool {
	switch v.Kind {
	case rules.VarIncome, rules.VarDeclaredIncome, rules.VarFinancial, rules.VarUndeclaredFinancial, rules.VarImputed, rules.VarSupport,
		rules.VarDeductions, rules.VarExpenses, rules.VarSum, rules.VarAmount, rules.VarMemberIncome:
		return true
	case rules.VarParameter:
		for _, region := range append([]string{""}, p.Regions()...) { // some only a region has
			for _, q := range p.RegionParameters(region) {
				if q.Name == v.Word {
					return q.Unit == rules.UnitFen
				}
			}
		}
	}
	return false
}

// Variable names a variable of conditions.
func Variable(p *rules.Pack, v *rules.Var) rules.Text {
	about := func(zh, en string) rules.Text {
		a := titled(p.Attributes[v.Arg].Title, p.Attributes[v.Arg].Code)
		return t(zh+a.Zh, en+a.En)
	}
	switch v.Kind {
	case rules.VarAny:
		return about("家中有人：", "somebody of the household: ")
	case rules.VarIs:
		return about("本人：", "the member: ")
	case rules.VarGrade:
		return about("等级：", "grade of: ")
	case rules.VarAmount:
		return about("金额：", "amount of: ")
	case rules.VarExpenses:
		if v.Arg < 0 {
			return t("核算期内有证明的支出", "documented expenses of the window")
		}
		e := titled(p.Expenses[v.Arg].Title, p.Expenses[v.Arg].Code)
		return t("有证明的支出："+e.Zh, "documented expenses: "+e.En)
	case rules.VarCount:
		s := set(p, v.Word)
		return t(s.Zh+"的件数", "number of "+s.En)
	case rules.VarSum:
		s := set(p, v.Word)
		return t(s.Zh+"的金额合计", "money in "+s.En)
	case rules.VarReceiving:
		s := Scheme(v.Word)
		return t("正在享受"+s.Zh, "receives "+s.En)
	case rules.VarParameter:
		return Parameter(p, v.Word)
	}
	return variables[v.Kind]
}

var variables = map[rules.VarKind]rules.Text{
	rules.VarMembers:             {Zh: "计入人数", En: "counted members"},
	rules.VarAdults:              {Zh: "成年人数", En: "adults"},
	rules.VarIncome:              {Zh: "家庭收入", En: "income of the household"},
	rules.VarDeclaredIncome:      {Zh: "申报的家庭收入", En: "declared income"},
	rules.VarFinancial:           {Zh: "家庭金融资产", En: "financial assets"},
	rules.VarUndeclaredFinancial: {Zh: "未申报的金融资产", En: "undeclared financial assets"},
	rules.VarHomeArea:            {Zh: "住房面积", En: "floor area of the homes"},
	rules.VarImputed:             {Zh: "推定收入", En: "imputed income"},
	rules.VarSupport:             {Zh: "推算的赡养费", En: "support that is owed"},
	rules.VarDeductions:          {Zh: "扣减额", En: "deductions"},
	rules.VarObligors:            {Zh: "赡养人数", En: "people who owe support"},
	rules.VarObligorsAble:        {Zh: "有能力的赡养人数", En: "people able to give support"},
	rules.VarResidence:           {Zh: "城乡", En: "residence"},
	rules.VarSingle:              {Zh: "按单人户申请", En: "single-person application"},
	rules.VarMonthOfCheck:        {Zh: "核对的月份", En: "month of the check"},
	rules.VarAge:                 {Zh: "本人年龄", En: "age of the member"},
	rules.VarSex:                 {Zh: "本人性别", En: "sex of the member"},
	rules.VarRelation:            {Zh: "与户主的关系", En: "relation to the head"},
	rules.VarMemberIncome:        {Zh: "本人收入", En: "income of the member"},
}

var schemes = map[string]rules.Text{
	"dibao":             {Zh: "最低生活保障", En: "minimum living allowance"},
	"dibao_edge":        {Zh: "低保边缘家庭", En: "edge of the minimum living allowance"},
	"tekun":             {Zh: "特困人员供养", En: "support of the extremely poor"},
	"rigid_expenditure": {Zh: "刚性支出困难家庭", En: "hardship by unavoidable expenses"},
	"medical":           {Zh: "医疗救助", En: "medical assistance"},
	"temporary":         {Zh: "临时救助", En: "temporary assistance"},
	"housing":           {Zh: "住房救助", En: "housing assistance"},
	"education":         {Zh: "教育救助", En: "education assistance"},
	"employment":        {Zh: "就业救助", En: "employment assistance"},
}

// Scheme names a scheme of social assistance.
func Scheme(code string) rules.Text { return titled(schemes[code], code) }
