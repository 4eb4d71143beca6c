package rules_test

import "strings"

func ruleFaults() []fault {
	at := func(old, new string) []edit { return []edit{{"rules.yaml", old, new}} }
	const who = "    who: {sex: male, age_from: 16, none_of: [student]}\n"
	return []fault{
		{"two_things_compared", "code", at("    count: homes\n", "    count: homes\n    sum: savings\n")},
		{"nothing_compared", "code", at("    count: homes\n", "")},
		{"two_limits", "code", at("    more_than: {parameter: none_allowed}\n", "    more_than: {parameter: none_allowed}\n    limit: {parameter: none_allowed}\n")},
		{"no_limit", "code", at("    more_than: {parameter: none_allowed}\n", "")},
		{"condition_with_limit", "parameter", at("    condition: 'household", "    limit: {parameter: none_allowed}\n    condition: 'household")},
		{"condition_and_when", "'member", at("    condition: 'household.income", "    when: 'member.age > 1'\n    condition: 'household.income")},
		{"parameter_unknown", "standart", at("{parameter: standard", "{parameter: standart")},
		{"parameter_in_count", "none_allowed", at("{parameter: balance", "{parameter: none_allowed")},
		{"factor_unknown", "members]", at("[counted_members]", "[members]")},
		{"factor_in_fen", "minimum_wage", at("[counted_members]", "[counted_members, minimum_wage]")},
		{"factor_twice", "counted_members]", at("[counted_members]", "[counted_members, counted_members]")},
		{"factor_zero", "0]", at("[counted_members]", "[0]")},
		{"fact_unknown", "household.incom", at("fact: household.income", "fact: household.incom")},
		{"fact_of_members", "household", at("per: member\n    fact: member.not", "per: household\n    fact: member.not")},
		{"fact_of_register", "member.deceased", at("member.not_in_household_by_law", "member.deceased")},
		{"members_without_file", "member.not_in", []edit{{"members.yaml", "", ""}, {city + "members.yaml", "", ""}}},
		{"who_of_households", "sex", at("per: member\n    count: vehicles", "per: household\n    count: vehicles")},
		{"who_everybody", "{}", at(who+"    if_unknown: silent\n", "    who: {}\n")},
		{"who_contradicts_itself", "student]}", at("none_of: [student]", "all_of: [student], none_of: [student]")},
		{"who_attribute_of_vehicle", "work_vehicle", at("none_of: [student]", "none_of: [work_vehicle]")},
		{"who_unknown_attribute", "pupil", at("none_of: [student]", "none_of: [pupil]")},
		{"who_and_nothing_if_unknown", "code", at(who+"    if_unknown: silent\n", who)},
		{"when_and_nothing_if_unknown", "code", at("    if_unknown: needs_review\n", "")},
		{"if_unknown_of_what_is_known", "silent", at("    count: homes\n", "    count: homes\n    if_unknown: silent\n")},
		{"if_unknown_what", "maybe", at("if_unknown: silent", "if_unknown: maybe")},
		{"condition_too_strong", "suspected_ineligible", at("household.count.shops > 0'\n    effect: needs_review", "household.count.shops > 0'\n    effect: suspected_ineligible\n    with_grade_b: {effect: needs_review}")},
		{"strong_without_grade_b", "suspected_ineligible", at("    with_grade_b: {code: income_may_exceed_limit, effect: needs_review}\n", "")},
		{"grade_b_as_strong", "suspected_ineligible}", at("{code: income_may_exceed_limit, effect: needs_review}", "{code: income_may_exceed_limit, effect: suspected_ineligible}")},
		{"grade_c_too_strong", "code: income_may_exceed_derived", at("{code: income_may_exceed_derived, effect: needs_review}", "{code: income_may_exceed_derived, effect: suspected_ineligible}")},
		{"weak_code_taken", "away", at("code: income_may_exceed_limit", "code: away")},
		{"code_twice", "composition", at("- code: away", "- code: composition")},
		{"text_overlaps", "composition", at("  - code: income_over_limit", "  - code: composition\n    from: 2019-01-01\n    per: member\n    count: homes\n    limit: {parameter: none_allowed}\n    effect: needs_review\n    law: 样例\n\n  - code: income_over_limit")},
		{"text_leaves_a_gap", "composition", at("    from: 2020-01-01\n    per: member\n    fact: member.not_in_household_by_law\n", "    to: 2021-12-31\n    per: member\n    fact: member.not_in_household_by_law\n    limit: {parameter: none_allowed}\n    effect: needs_review\n    law: 样例\n\n  - code: composition\n    from: 2022-01-02\n    per: member\n    fact: member.not_in_household_by_law\n")},
		{"never_in_force", "code", at("    from: 2020-01-01\n", "    to: 2019-12-31\n")},
		{"unreachable_limit", "{parameter", at("{parameter: standard, times: [window_months, counted_members, edge]}", "{parameter: standard, times: [window_months, 999999999, 999999999, edge]}")},
		{"coverage_of_nothing", "{}", at("    count: homes\n", "    count: homes\n    unless_coverage: {}\n")},
		{"shown_twice", "income_limit", at("    fact: household.income\n", "    fact: household.income\n    shown_as: income_limit\n    limit: {parameter: standard, times: [window_months]}\n    effect: needs_review\n    law: 样例\n\n  - code: again\n    per: household\n    fact: household.income\n")},
		{"effect_unknown", "reject", at("effect: suspected_ineligible", "effect: reject")},
		{"law_missing", "code", at("    more_than: {parameter: none_allowed}\n    effect: needs_review\n    law: 样例\n", "    more_than: {parameter: none_allowed}\n    effect: needs_review\n")},
	}
}

func conditionFaults() []fault {
	is := func(old, new string) []edit { return []edit{{"rules.yaml", old, new}} }
	const income = "household.income > 100000"
	return []fault{
		{"unknown_name", "household.incme", is(income, "household.incme > 100000")},
		{"unknown_attribute", "member.is.studnt", is("member.is.student", "member.is.studnt")},
		{"unknown_set", "household.count.shop ", is("household.count.shops", "household.count.shop")},
		{"unknown_after_chinese", "household.shops", is("'household.income > 100000 && household.count.shops > 0'", `'household.residence != "农村" && household.shops > 0'`)},
		{"unknown_in_block", "household.shops", is("'household.income > 100000 && household.count.shops > 0'", "|\n      household.income > 100000 &&\n      household.shops > 0")},
		{"type_error", "> \"many\"", is(income, `household.income > "many"`)},
		{"money_and_truth", "household.income &&", is(income, "household.income")},
		{"no_answer", "'household.income + 1'", is("'household.income > 100000 && household.count.shops > 0'", "'household.income + 1'")},
		{"syntax", "&& household", is(income, "household.income >")},
		{"double_literal", "1000.5", is(income, "double(household.income) > 1000.5")},
		{"double_by_conversion", "(household.income) *", is(income, "double(household.income) * double(2) > double(100000)")},
		{"division", "/ 12", is(income, "household.income / 12 > 100000")},
		{"remainder", "% 12", is(income, "household.income % 12 > 1")},
		{"division_hidden", "/ 12", is(income, "dyn(household.income) / 12 > 100000")},
		{"loop", "(x, x >", is(income, "[1, 2].exists(x, x > household.income)")},
		{"no_facts", "'1 > 0'", is("'household.income > 100000 && household.count.shops > 0'", "'1 > 0'")},
		{"household_reads_member", "member.age", is(income, "member.age > 18")},
		{"household_reads_members", "member.income", is(income, `member.is.student && member.income > 0`)},
		{"word_that_is_none", `"childs"`, is(`member.relation == "child"`, `member.relation == "childs"`)},
		{"word_of_another_fact", `"urban"`, is(`member.relation == "child"`, `member.relation == "urban"`)},
		{"too_deep", "'((((", is(income, strings.Repeat("(", 300)+"household.income"+strings.Repeat(")", 300)+" > 100000")},
		{"too_dear", "'((((", is(income, balanced("household.income > 100000", 9))},
		{"parameter_unknown", "parameter.standart", is(income, "household.income > parameter.standart")},
		{"scheme_unknown", "household.receiving.dibaoo", is(income, "household.receiving.dibaoo")},
		{"set_not_always_known", "'household.income", []edit{
			{"assets.yaml", "  savings:\n", "  kiosks:\n    from: 2024-01-01\n    of: unit\n    where: {status: [current]}\n  savings:\n"}, {"rules.yaml", "household.count.shops", "household.count.kiosks"},
		}},
		{"set_of_one_region", "'household.income", []edit{
			{city + "assets.yaml", "sets:\n", "sets:\n  kiosks:\n    of: unit\n    where: {status: [current]}\n"}, {"rules.yaml", "household.count.shops", "household.count.kiosks"},
		}},
	}
}

// balanced is a comparison or-ed with itself many times, not deeply.
func balanced(s string, doublings int) string {
	for range doublings {
		s = "(" + s + ") || (" + s + ")"
	}
	return s
}

func overlayFaults() []fault {
	const kiosks = "  kiosks:\n    of: unit\n    where: {status: [current]}\n"
	values := func(lines string) []edit { return []edit{{city + "parameters.yaml", "", lines}} }
	return []fault{
		{"folder_of_no_division", "", []edit{{"overlays/3401/pack.yaml", "", "title: {zh: 甲, en: a}\n"}}},
		{"folder_of_the_country", "", []edit{{"overlays/000000/pack.yaml", "", "title: {zh: 甲, en: a}\n"}}},
		{"folder_without_its_name", "", []edit{{"overlays/350000-/pack.yaml", "", "title: {zh: 甲, en: a}\n"}}},
		{"file_among_folders", "", []edit{{"overlays/350000.yaml", "", "title: {zh: 甲, en: a}\n"}}},
		{"second_of_a_region", "", []edit{{"overlays/340100-again/pack.yaml", "", "title: {zh: 甲, en: a}\n"}}},
		{"folder_inside", "", []edit{{city + "tests/x.yaml", "", "on: 2026-01-01\n"}}},
		{"file_that_overlays_lack", "", []edit{{city + "identity.yaml", "", "policy: default\n"}}},
		{"nothing_inside", "", []edit{{"overlays/350000/README.md", "", "soon\n"}}},
		{"file_of_nothing", "{}", []edit{{city + "rules.yaml", "", "{}\n"}}},

		{"parameter_the_pack_lacks", "standart", values("standart:\n  values:\n" + value + "1.00, law: 样例, verified: true}\n")},
		{"parameter_in_another_unit", "count", values("car_value:\n  unit: count\n  values:\n" + value + "1, law: 样例, verified: true}\n")},
		{"count_for_a_year", "year", values("none_allowed:\n  per: year\n  values:\n" + value + "1, allowed: up_to, law: 样例, verified: true}\n")},
		{"values_end", "- {from", values("car_value:\n  values:\n    - {from: 2020-01-01, to: 2025-12-31, value: 1.00, law: 样例, verified: true}\n")},
		{"values_gap", "from: 2024", values("car_value:\n  values:\n    - {from: 2020-01-01, to: 2022-12-31, value: 1.00, law: 样例, verified: true}\n    - {from: 2024-01-01, inherit: true, law: 样例}\n")},
		{"all_inherited", "- {from", values("car_value:\n  values:\n    - {from: 2024-01-01, inherit: true, law: 样例}\n")},
		{"not_inherited", "false", values("car_value:\n  values:\n    - {from: 2024-01-01, inherit: false, law: 样例}\n")},
		{"inherits_and_says", "value", values("car_value:\n  values:\n    - {from: 2024-01-01, inherit: true, value: 3.00, law: 样例}\n")},
		{"residence_left_out", "urban", values("standard:\n  values:\n    - {from: 2024-01-01, urban: 1.00, rural: 1.00, allowed: below, law: 样例, verified: true}\n")},
		{"no_operator", "{parameter: standard", values("standard:\n  by: residence\n  values:\n    - {from: 2024-01-01, urban: 1.00, rural: 1.00, law: 样例, verified: true}\n")},
		{"size_where_none_can_be", "car_value", values("car_value:\n  by: size\n  values:\n    - {from: 2024-01-01, sizes: [{up_to: 1, value: 1.00}, {value: 2.00}], law: 样例, verified: true}\n")},

		{"set_of_another_kind", "unit", []edit{{city + "assets.yaml", "    of: vehicle\n    where: {status: [normal], class: [car, suv]}", "    of: unit\n    where: {status: [current]}"}}},
		{"set_never", "to", []edit{{city + "assets.yaml", "    of: vehicle\n", "    to: 2019-12-31\n    of: vehicle\n"}}},
		{"set_unused", "kiosks", []edit{{city + "assets.yaml", "sets:\n", "sets:\n" + kiosks}}},
		{"set_only_here", "code: several_homes", []edit{{city + "assets.yaml", "sets:\n", "sets:\n" + kiosks}, {"rules.yaml", "    count: homes\n", "    count: kiosks\n"}}},

		{"removes_what_is_not", "costy", []edit{{province + "rules.yaml", "code: costly", "code: costy"}}},
		{"removes_a_weaker_form", "income_may_exceed_limit", []edit{{province + "rules.yaml", "code: costly", "code: income_may_exceed_limit"}}},
		{"removes_twice", "costly", []edit{{province + "rules.yaml", "  - {code: costly, law: 省样例}", "  - {code: costly, law: 省样例}\n  - {from: 2024-01-01, code: costly, law: 省样例}"}}},
		{"removes_without_law", "code", []edit{{province + "rules.yaml", "{code: costly, law: 省样例}", "{code: costly}"}}},
		{"removal_never", "to", []edit{{province + "rules.yaml", "{code: costly, law", "{to: 2019-12-31, code: costly, law"}}},
		{"value_for_no_time", "standard", []edit{{province + "parameters.yaml", "  per: year\n", ""}}},
		{"code_of_a_weaker_form", "code", []edit{{province + "rules.yaml", "code: cars_here", "code: income_may_exceed_limit"}, {province + "messages.yaml", "", ""}}},
		{"rule_never_in_force", "code", []edit{{province + "rules.yaml", "    from: 2024-01-01\n", "    to: 2019-12-31\n"}}},
		{"rule_before_its_parameter", "late", []edit{{"parameters.yaml", "heating:\n", "late:\n  doc: x\n  unit: count\n  values:\n    - {from: 2026-01-01, value: 0, allowed: up_to, law: 样例, verified: true}\n\nheating:\n"}, {province + "rules.yaml", "    from: 2024-01-01\n    per: household\n    count: vehicles\n    limit: {parameter: none_allowed}", "    from: 2024-01-01\n    per: household\n    count: vehicles\n    limit: {parameter: late}"}}},
		{"no_words", "law_unresolved", []edit{{province + "messages.yaml", "", ""}}},
		{"words_of_nobody", "cars_there", []edit{{province + "messages.yaml", "cars_here:", "cars_there:"}}},
		{"income_beyond_exclusions", "lines", []edit{{province + "income.yaml", "excluded:", "lines:"}}},
		{"income_never", "to", []edit{{province + "income.yaml", "from: 2024-01-01", "to: 2019-12-31"}}},
		{"window_of_nothing", "0", []edit{{province + "pack.yaml", "title: {zh: 某省, en: a province}", "window: {months: 0, anchor: month_before}"}}},
		{"pack_of_the_pack", "schemes", []edit{{province + "pack.yaml", "title:", "schemes: any\ntitle:"}}},
	}
}

func forbiddenFaults() []fault {
	attribute := func(name, title string) []edit {
		return []edit{{"attributes.yaml", "attributes:\n", "attributes:\n  " + name + ":\n    of: member\n    title: {zh: " + title + ", en: group}\n    document: {zh: 证明, en: proof}\n"}}
	}
	return []fault{
		{"attribute_english", "ethnicity", attribute("ethnicity", "甲")},
		{"attribute_part", "member_of_ethnic_group", attribute("member_of_ethnic_group", "甲")},
		{"attribute_pinyin", "shaoshuminzu", attribute("shaoshuminzu", "甲")},
		{"attribute_chinese", "少数民族", attribute("少数民族", "甲")},
		{"attribute_religion", "religious", attribute("religious", "甲")},
		{"attribute_origin", "hukou_elsewhere", attribute("hukou_elsewhere", "甲")},
		{"attribute_numbered", "race2", attribute("race2", "甲")},
		{"title_chinese", "zh: 少数民族成员", attribute("group_a", "少数民族成员")},
		{"title_religion", "zh: 宗教信仰", attribute("group_b", "宗教信仰")},
		{"title_origin", "zh: 户籍来源地", attribute("group_c", "户籍来源地")},
		{"expense", "religious_gifts", []edit{{"attributes.yaml", "expenses:\n", "expenses:\n  religious_gifts:\n    title: {zh: 捐赠, en: gifts}\n    document: {zh: 收据, en: receipt}\n"}}},
		{"parameter", "minzu_limit", []edit{{"parameters.yaml", "heating:\n", "minzu_limit:\n  doc: x\n  unit: count\n  values:\n" + value + "1, law: x, verified: true}\n\nheating:\n"}}},
		{"parameter_chinese", "户口来源线", []edit{{"parameters.yaml", "heating:\n", "户口来源线:\n  doc: x\n  unit: count\n  values:\n" + value + "1, law: x, verified: true}\n\nheating:\n"}}},
		{"set", "homes_by_birthplace", []edit{{"assets.yaml", "  savings:\n", "  homes_by_birthplace:\n    of: unit\n    where: {status: [current]}\n  savings:\n"}}},
		{"rule_code", "hukou_check", []edit{{"rules.yaml", "code: costly", "code: hukou_check"}}},
		{"deduction_code", "nationality_grant", []edit{{"adjustments.yaml", "code: work", "code: nationality_grant"}}},
		{"exclusion_code", "zongjiao_income", []edit{{province + "income.yaml", "code: royalties", "code: zongjiao_income"}}},
		{"purpose", "ethnicity", []edit{{"pack.yaml", "expenses, sex]", "expenses, sex, ethnicity]"}}},
		{"purpose_chinese", "民族", []edit{{"pack.yaml", "expenses, sex]", "expenses, sex, 民族]"}}},
		{"who", "surname_foreign", []edit{{"rules.yaml", "none_of: [student]", "none_of: [surname_foreign]"}}},
		{"condition_english", "member.is.religion", []edit{{"rules.yaml", "member.is.student", "member.is.religion"}}},
		{"condition_pinyin", "household.any.minzu", []edit{{"rules.yaml", "!household.any.unable", "!household.any.minzu"}}},
		{"condition_origin", "member.name_origin", []edit{{"rules.yaml", "member.is.student", `member.name_origin == "x"`}}},
		{"condition_chinese", "member.民族", []edit{{"rules.yaml", "member.is.student", `member.民族 == "x"`}}},
		{"condition_word", "汉族民族", []edit{{"rules.yaml", `member.relation == "child"`, `member.relation == "汉族民族"`}}},
	}
}

func purposeFaults() []fault {
	reads := func(list string) []edit {
		return []edit{{"pack.yaml", "[tax, vehicle, property, bank, insurance, attributes, obligors, expenses, sex]", list}}
	}
	return []fault{
		{"too_narrow", "source", reads("[vehicle, property, insurance, attributes, obligors, expenses, sex]")},
		{"no_attributes", "work_vehicle", reads("[tax, vehicle, property, bank, insurance, obligors, expenses, sex]")},
		{"no_obligors", "code", reads("[tax, vehicle, property, bank, insurance, attributes, expenses, sex]")},
		{"no_expenses", "medical", reads("[tax, vehicle, property, bank, insurance, attributes, obligors, sex]")},
		{"no_sex", "male", reads("[tax, vehicle, property, bank, insurance, attributes, obligors, expenses]")},
		{"sex_of_a_benefit", "female", append(reads("[tax, vehicle, property, bank, insurance, attributes, obligors, expenses]"),
			edit{"benefit.yaml", "age_from: 70", "sex: female, age_from: 70"}, edit{"rules.yaml", "sex: male, ", ""},
			edit{"adjustments.yaml", "      - {sex: female, age_from: 18, age_under: 55, percent: 100}\n", ""}, edit{"adjustments.yaml", "sex: male, ", ""})},
		{"too_wide", "register", reads("[tax, vehicle, property, bank, insurance, register, attributes, obligors, expenses, sex]")},
		{"unknown", "taxes", reads("[taxes, vehicle, property, bank, insurance, attributes, obligors, expenses, sex]")},
		{"twice", "tax,", reads("[bank, tax, tax, vehicle, property, insurance, attributes, obligors, expenses, sex]")},
		{"none", "work_vehicle", []edit{{"pack.yaml", "purpose:\n  reads: [tax, vehicle, property, bank, insurance, attributes, obligors, expenses, sex]\n", ""}}},
		{"of_nothing", "[]", reads("[]")},
	}
}
