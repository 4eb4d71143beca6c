package form

import (
	"strconv"

	"github.com/hedui/hedui/engine/household"
)

func say(zh, en string) household.Text { return household.Text{Zh: zh, En: en} }

// shared is help that several fields give.
var shared = map[string]household.Text{
	"day":        {Zh: "如 2026-01-02", En: "2026-01-02"},
	"tell":       {Zh: "证件号码不能说明时填写", En: "needed when the document doesn't tell"},
	"yuan":       {Zh: "元", En: "yuan"},
	"same":       {Zh: "与第一张表一致", En: "as on the first sheet"},
	"residentID": {Zh: "不填为居民身份证", En: "resident_id when empty"},
	"paper":      {Zh: "证明材料；没有的，视为不掌握", En: "the document that proves it; without one it counts as not known"},
	"number":     {Zh: "户内序号，从 1 起；不填为全家", En: "number within the household, from 1; empty for one of the household"},
}

func householdFields() []Field {
	return []Field{
		{Name: "household_id", Label: say("家庭编号", "household number"), Help: say("本批唯一", "number of the household, unique in the batch"), Required: true, also: []string{"户编号", "家庭号"}},
		{Name: "region", Label: say("行政区划", "region"), Help: say("六位", "six digits"), Required: true, also: []string{"行政区划代码"}},
		{Name: "scheme", Label: say("救助项目", "scheme"), Help: say("最低生活保障填 dibao", "dibao for 最低生活保障"), Kind: Text, Choices: schemes, Required: true},
		{Name: "residence", Label: say("城乡属性", "residence"), Kind: Choice, Choices: household.Residences, Required: true, also: []string{"城乡", "户籍性质"}},
		{Name: "authorization_number", Label: say("授权书编号", "authorisation number"), Required: true},
		{Name: "valid_from", Label: say("授权起", "authorised from"), Help: say("首日，如 2026-01-02", "first day, 2006-01-02"), Kind: Date, Required: true},
		{Name: "valid_to", Label: say("授权止", "authorised to"), Help: say("末日，如 2026-01-02", "last day, 2006-01-02"), Kind: Date, Required: true},
		{Name: "signed_by", Label: say("签字人证件号码", "documents of those who signed"), Help: say("每个签字人，用分号隔开", "of everybody who signed, with a semicolon between"), Kind: List, Required: true, Personal: true},
		{Name: "purpose", Label: say("授权用途", "purpose"), Help: say("不填为本救助项目", "the scheme when empty"), Kind: Text, Choices: schemes},
		{Name: "data_classes", Label: say("授权数据类别", "data classes"), Help: say("用分号隔开；可查人口登记的，一并写明；不填为全部", "sources with a semicolon between, register among them where it may be asked; all when empty"), Kind: Choices, Choices: household.Sources},
		{Name: "purposes", Label: say("授权使用项目", "may be used for"), Help: say("授权可用于的救助项目，用分号隔开", "schemes the authorisation may be used for, with a semicolon between"), Kind: List, Choices: schemes},
		{Name: "applied_on", Label: say("申请日期", "applied on"), Help: shared["day"], Kind: Date},
		{Name: "application", Label: say("申请方式", "application"), Help: say("整户申请不填", "empty for a household"), Kind: Choice, Choices: household.Applications},
		{Name: "receiving", Label: say("已享受救助项目", "receives already"), Help: say("用分号隔开；没有的填“无”，不掌握的不填", "schemes with a semicolon between; none when it receives none, empty when not known"), Kind: List, Choices: schemes},
		{Name: "declared_financial", Label: say("申报金融资产", "declared financial assets"), Help: shared["yuan"], Kind: Amount, also: []string{"金融资产"}},
		{Name: "declared_vehicles", Label: say("申报车辆号牌", "declared vehicles"), Help: say("号牌，用分号隔开", "plates, with a semicolon between"), Kind: List, Personal: true, also: []string{"车辆号牌"}},
		{Name: "declared_properties", Label: say("申报不动产", "declared properties"), Help: say("不动产单元号或不动产权证号，用分号隔开", "unit codes or certificate numbers, with a semicolon between"), Kind: List, Personal: true},
	}
}

func memberFields() []Field {
	out := []Field{
		{Name: "household_id", Label: say("家庭编号", "household number"), Help: shared["same"], Required: true},
		{Name: "name", Label: say("姓名", "name"), Required: true, Personal: true},
		{Name: "id_number", Label: say("证件号码", "document number"), Required: true, Personal: true, also: []string{"身份证号", "身份证号码", "公民身份号码"}},
		{Name: "id_type", Label: say("证件类型", "document"), Help: shared["residentID"], Kind: Choice, Choices: household.DocumentTypes},
		{Name: "relation", Label: say("与户主关系", "relation to the head"), Kind: Choice, Choices: household.Relations, Required: true, also: []string{"身份", "关系"}},
		{Name: "birth_date", Label: say("出生日期", "born"), Help: shared["tell"], Kind: Date, Personal: true},
		{Name: "country", Label: say("签发国", "issuing country"), Help: say("护照的签发国", "that issued the document; of a passport")},
		{Name: "division", Label: say("户籍区划", "registered in"), Help: say("六位，户籍所在地", "six digits, where the member is registered")},
		{Name: "sex", Label: say("性别", "sex"), Help: shared["tell"], Kind: Choice, Choices: household.Sexes},
		{Name: "excluded", Label: say("不计入原因", "not counted because"), Help: say("计入的成员不填", "empty for a member who counts"), Kind: Choice, Choices: household.Exclusions},
	}
	for i, t := range household.LineTypes[1:] {
		out = append(out, Field{
			Name: "declared_" + t.Name, Key: t.Name, Label: say("申报"+t.Zh, "declared income, "+t.Name), Help: say("每月，元", "yuan a month"), Kind: Amount,
			also: []string{t.Zh, []string{"工资", "经营收入", "财产收入", "转移收入"}[i]},
		})
	}
	return out
}

func attributeFields() []Field {
	return []Field{
		{Name: "household_id", Label: say("家庭编号", "household number"), Help: shared["same"], Required: true},
		{Name: "member", Label: say("成员序号", "member"), Help: say("成员的情形：户内序号，从 1 起，按成员表的顺序", "of a member: their number within the household, from 1, in the order of the members' sheet"), Kind: Count, Max: MaxMembers},
		{Name: "obligor", Label: say("义务人序号", "obligor"), Help: say("义务人的情形：户内序号，从 1 起，按义务人表的顺序", "of an obligor: their number within the household, from 1, in the order of the obligors' sheet"), Kind: Count, Max: 64},
		{Name: "asset", Label: say("资产标识", "asset"), Help: say("资产的情形：号牌、不动产单元号或证号；成员、义务人、资产三者填一", "of an asset: the plate, or the unit code or certificate number; member, obligor or asset, one of the three"), Personal: true},
		{Name: "code", Label: say("情形代码", "code"), Help: say("按规则中的名称，如 student", "as the rules name it, such as student"), Required: true},
		{Name: "holds", Label: say("是否属实", "holds"), Help: say("不填为是", "yes when empty"), Kind: YesNo, Choices: yesNo},
		{Name: "grade", Label: say("等级", "grade"), Help: say("整数，最大 "+strconv.Itoa(household.MaxAttributeGrade), "a whole number up to "+strconv.Itoa(household.MaxAttributeGrade)), Kind: Count, Max: household.MaxAttributeGrade},
		{Name: "amount", Label: say("金额", "amount"), Help: shared["yuan"], Kind: Amount},
		{Name: "from", Label: say("起始日期", "from"), Help: say("属实的首日，如 2026-01-02", "first day on which it holds, 2006-01-02"), Kind: Date},
		{Name: "to", Label: say("截止日期", "to"), Help: say("属实的末日，如 2026-01-02", "last day on which it holds, 2006-01-02"), Kind: Date},
		{Name: "document", Label: say("证明材料", "proof"), Help: shared["paper"]},
	}
}

func obligorFields() []Field {
	return []Field{
		{Name: "household_id", Label: say("家庭编号", "household number"), Help: shared["same"], Required: true},
		{Name: "name", Label: say("姓名", "name"), Required: true, Personal: true},
		{Name: "id_number", Label: say("证件号码", "document number"), Required: true, Personal: true},
		{Name: "id_type", Label: say("证件类型", "document"), Help: shared["residentID"], Kind: Choice, Choices: household.DocumentTypes},
		{Name: "relation", Label: say("与被赡养人关系", "relation to those supported"), Help: say("被赡养人的子女填“子女”", "child for a child of those supported"), Kind: Choice, Choices: household.Relations},
		{Name: "birth_date", Label: say("出生日期", "born"), Help: shared["tell"], Kind: Date, Personal: true},
		{Name: "sex", Label: say("性别", "sex"), Help: shared["tell"], Kind: Choice, Choices: household.Sexes},
		{Name: "supports", Label: say("被赡养成员序号", "supports members"), Help: say("户内序号，从 1 起，用分号隔开", "numbers within the household, from 1, with a semicolon between"), Kind: Numbers, Required: true},
		{Name: "signed", Label: say("是否签署授权", "signed"), Help: say("不填为否；证件号码也须列入签字人", "no when empty; the number must stand under signed_by too"), Kind: YesNo, Choices: yesNo},
		{Name: "household_members", Label: say("义务人家庭人数", "people of the obligor's household"), Kind: Count, Max: household.MaxPeople},
		{Name: "children_of_supported", Label: say("被赡养人子女数", "children of those supported"), Kind: Count, Max: household.MaxPeople},
		{Name: "supported_parents", Label: say("赡养父母人数", "parents supported"), Help: say("义务人赡养的父母", "parents whom the obligor supports"), Kind: Count, Max: household.MaxPeople},
		{Name: "monthly_income", Label: say("义务人家庭月收入", "monthly income of the obligor's household"), Help: say("每月，元", "yuan a month"), Kind: Amount},
		{Name: "agreement_kind", Label: say("赡养费依据", "support fixed by"), Help: say("赡养费已有约定或判决的", "when a sum is fixed"), Kind: Choice, Choices: household.AgreementKinds},
		{Name: "agreement_monthly", Label: say("约定赡养费", "support fixed at"), Help: say("每月，元；已有约定或判决的", "yuan a month, when a sum is fixed"), Kind: Amount},
		{Name: "agreement_document", Label: say("赡养费文书", "judgment or agreement"), Help: say("裁判文书或协议的编号", "number of the judgment or the agreement")},
	}
}

func expenseFields() []Field {
	return []Field{
		{Name: "household_id", Label: say("家庭编号", "household number"), Help: shared["same"], Required: true},
		{Name: "type", Label: say("支出类型", "type"), Help: say("按规则中的名称，如 medical_self_paid", "as the rules name it, such as medical_self_paid"), Required: true},
		{Name: "member", Label: say("成员序号", "member"), Help: shared["number"], Kind: Count, Max: MaxMembers},
		{Name: "month", Label: say("月份", "month"), Help: say("如 2026-01", "2006-01"), Kind: Month, Required: true},
		{Name: "amount", Label: say("金额", "amount"), Help: shared["yuan"], Kind: Amount, Required: true},
		{Name: "document", Label: say("证明材料", "proof"), Help: shared["paper"]},
	}
}
