package rules_test

// value is an entry of a parameter that nothing else says.
const value = "    - {from: 2020-01-01, value: "

func packFaults() []fault {
	return []fault{
		{"no_scheme", "[]", []edit{{"pack.yaml", "schemes: [dibao]", "schemes: []"}}},
		{"rank_zero", "0", []edit{{"pack.yaml", "cite_values: true", "cite_values: true\nrank: 0"}}},
		{"cite_maybe", "maybe", []edit{{"pack.yaml", "cite_values: true", "cite_values: maybe"}}},
		{"window_overlap", "from", []edit{{"pack.yaml", "- {from: 2023-01-01", "- {from: 2022-12-31"}}},
		{"window_gap", "from", []edit{{"pack.yaml", "- {from: 2023-01-01", "- {from: 2023-01-02"}}},
		{"window_ends", "2022-01-01", []edit{{"pack.yaml", "- {from: 2023-01-01", "- {from: 2023-01-01, to: 2022-01-01"}}},
		{"window_end_in_silence", "from", []edit{{"pack.yaml", "- {from: 2023-01-01", "- {from: 2023-01-01, to: 2025-12-31"}}},
		{"window_half_reference", "from", []edit{{"pack.yaml", ", law: 样例, verified: false", ", law: 样例"}}},
		{"window_anchor", "month_of", []edit{{"pack.yaml", "anchor: month_before,", "anchor: month_of,"}}},
		{"window_one_residence", "urban", []edit{{"pack.yaml", "{urban: 12, rural: 12}", "{urban: 12}"}}},
		{"window_never", "from", []edit{{"pack.yaml", "  - {from: 2020-01-01, to: 2022", "  - {from: 2010-01-01, to: 2019-12-31, months: 3, anchor: month_before}\n  - {from: 2020-01-01, to: 2022"}}},
		{"stale_source_missing", "tax", []edit{{"pack.yaml", ", bank: 180", ""}}},
		{"provider_twice", "bank]", []edit{{"pack.yaml", "[bank]\n", "[bank, bank]\n"}}},
		{"attribute_twice", "student", []edit{{"attributes.yaml", "  unable:\n", "  student:\n"}}},
		{"attribute_and_expense", "student", []edit{{"attributes.yaml", "  medical:", "  student:"}, {"adjustments.yaml", "expense: medical", "expense: student"}}},
		{"attribute_of_nothing", "dog", []edit{{"attributes.yaml", "of: vehicle", "of: dog"}}},
		{"attribute_one_language", "zh", []edit{{"attributes.yaml", "{zh: 营运证, en: operating licence}", "{zh: 营运证}"}}},
		{"attribute_unused", "idle", []edit{{"attributes.yaml", "attributes:\n", "attributes:\n  idle:\n    of: member\n    title: {zh: 闲置, en: idle}\n    document: {zh: 证明, en: proof}\n"}}},
		{"expense_unused", "rent", []edit{{"attributes.yaml", "expenses:\n", "expenses:\n  rent:\n    title: {zh: 房租, en: rent}\n    document: {zh: 合同, en: contract}\n"}}},
		{"name_with_capital", "Idle", []edit{{"attributes.yaml", "  absence:\n", "  Idle:\n"}}},
		{"file_of_nothing", "{}", []edit{{"adjustments.yaml", "", "{}\n"}}},
		{"key_twice", "per", []edit{{"rules.yaml", "    per: household\n    fact: household.income\n", "    per: household\n    per: member\n    fact: household.income\n"}}},
		{"words_of_nobody", "costly_thing", []edit{{"messages.yaml", "  costly:\n", "  costly_thing:\n"}}},
		{"words_for_unresolved_law", "law_unresolvd", []edit{{"messages.yaml", "  law_unresolved:\n", "  law_unresolvd:\n"}}},
		{"several_files", "mnths", []edit{
			{"pack.yaml", "months: 6", "mnths: 6"},
			{"parameters.yaml", "urban: 8400.00", "urban: 8400.005"},
			{"rules.yaml", "per: household", "per: houshold"},
			{"members.yaml", "reason: clergy", "reason: monk"},
			{province + "parameters.yaml", "inherit: true", "inherit: perhaps"},
		}},
		{"file_missing", "", []edit{{"income.yaml", "", ""}}},
		{"folder_unknown", "", []edit{{"situations/x.yaml", "", "x: 1\n"}}},
	}
}

func parameterFaults() []fault {
	at := func(old, new string) []edit { return []edit{{"parameters.yaml", old, new}} }
	return []fault{
		{"overlap", "from", at("to: 2023-12-31", "to: 2024-01-01")},
		{"gap", "from", at("- {from: 2024-01-01, urban: 8400", "- {from: 2024-01-02, urban: 8400")},
		{"out_of_order", "from", at("- {from: 2024-01-01, urban: 8400", "- {from: 2019-01-01, urban: 8400")},
		{"ends_before_it_begins", "2019-12-31", at("to: 2023-12-31", "to: 2019-12-31")},
		{"ends_in_silence", "standard", at("- {from: 2024-01-01, urban: 8400", "- {from: 2024-01-01, to: 2025-12-31, urban: 8400")},
		{"no_such_day", "2023-02-29", at("- {from: 2024-01-01, urban: 8400", "- {from: 2023-02-29, urban: 8400")},
		{"no_law", "from", at(", allowed: up_to, law: 样例, verified: true}\n\nminimum", ", allowed: up_to, verified: true}\n\nminimum")},
		{"nobody_said_verified", "from", at(", law: 样例, verified: false}\n\nnone", ", law: 样例}\n\nnone")},
		{"value_and_unresolved", "value", at("unresolved: 新的", "value: 1.00, unresolved: 新的")},
		{"inherit_in_the_pack", "true", at("unresolved: 新的数额未查得", "inherit: true")},
		{"unit_unknown", "yuan", at("  doc: heating grant\n  unit: fen", "  doc: heating grant\n  unit: yuan")},
		{"unit_missing", "doc", at("  doc: heating grant\n  unit: fen\n", "  doc: heating grant\n")},
		{"count_for_a_year", "year", at("  unit: count\n  values:\n"+value+"0", "  unit: count\n  per: year\n  values:\n"+value+"0")},
		{"residence_with_one_value", "value", at("urban: 6000.00, rural: 4800.00", "value: 6000.00")},
		{"one_residence", "from", at("urban: 6000.00, rural: 4800.00", "urban: 6000.00")},
		{"sizes_of_no_size", "value", at("by: size\n  values:\n    - {from: 2020-01-01, sizes: [{up_to: 2, value: 33000.00}, {value: 30000.00}]", "by: size\n  values:\n    - {from: 2020-01-01, value: 33000.00")},
		{"sizes_without_by", "sizes", at("  by: size\n", "")},
		{"sizes_end", "up_to", at("{value: 30000.00}", "{up_to: 9, value: 30000.00}")},
		{"sizes_early_end", "value", at("{up_to: 2, value: 33000.00}", "{value: 33000.00}")},
		{"sizes_order", "up_to: 1", at("{value: 30000.00}", "{up_to: 1, value: 1.00}, {value: 30000.00}")},
		{"sizes_none", "[]", at("[{up_to: 2, value: 33000.00}, {value: 30000.00}]", "[]")},
		{"allowed_what", "above", at("allowed: up_to, law: 样例, verified: true}\n\nedge", "allowed: above, law: 样例, verified: true}\n\nedge")},
		{"percent_with_a_point", "1.5", at("value: 150", "value: 1.5")},
		{"money_below_zero", "-2000.00", at("2000.00", "-2000.00")},
		{"area_of_three_decimals", "90.001", at("90.00", "90.001")},
		{"unused", "spare", at("few:\n", "spare:\n  doc: x\n  unit: fen\n  values:\n"+value+"1.00, law: x, verified: true}\nfew:\n")},
		{"no_values", "[]", at("  values:\n"+value+"70, law: 样例, verified: false}", "  values: []")},
		{"limit_without_operator", "{parameter", at(", allowed: up_to, law: 样例, verified: true}\n\nedge", ", law: 样例, verified: true}\n\nedge")},
		{"factor_of_zero", "edge", at("value: 150", "value: 0")},
		{"factor_by_size", "balance", []edit{{"rules.yaml", "times: [window_months, counted_members, edge]", "times: [window_months, counted_members, balance]"}}},
		{"unresolved_of_nothing", "\"\"", at("unresolved: 新的数额未查得", `unresolved: ""`)},
	}
}

func assetFaults() []fault {
	at := func(old, new string) []edit { return []edit{{"assets.yaml", old, new}} }
	const works, home = "- {any_of: [work_vehicle], value_up_to: minimum_wage, at_most: age_from, law: 样例}", "- {any_of: [only_home], law: 样例}"
	return []fault{
		{"lost_predicate", "{}", at("where: {status: [normal], class: {not: [motorcycle]}}", "where: {}")},
		{"nothing_selected", "{not", at("[demand, time]", "{not: [demand, time, wealth, securities, fund, insurance, none]}")},
		{"class_unknown", "lorry", at("motorcycle", "lorry")},
		{"unit_has_no_class", "class", at("kind: [commercial]", "class: [commercial]")},
		{"account_has_no_status", "status", at("where: {kind: [demand, time]}", "where: {status: [demand]}")},
		{"vehicle_has_no_area", "home_area", at("value_over: car_value", "area_over: home_area")},
		{"account_over_value", "car_value", at("    where: {kind: [demand, time]}", "    where: {kind: [demand, time]}\n    value_over: car_value")},
		{"value_in_percent", "part", at("value_over: car_value", "value_over: part")},
		{"value_by_size", "balance", at("value_over: car_value", "value_over: balance")},
		{"share_by_residence", "part", []edit{{"parameters.yaml", "counts\n  unit: percent\n  values:\n" + value + "50", "counts\n  unit: percent\n  by: residence\n  values:\n    - {from: 2020-01-01, urban: 50, rural: 40"}}},
		{"share_above_all", "part", []edit{{"parameters.yaml", value + "50, law: 样例, verified: true}", value + "101, law: 样例, verified: true}"}}},
		{"exempt_none", "[]", at("exempt:\n      "+home, "exempt: []")},
		{"exempt_no_attribute", "[]", at("any_of: [only_home]", "any_of: []")},
		{"exempt_attribute_of_member", "student", at("any_of: [only_home]", "any_of: [only_home, student]")},
		{"exempt_attribute_of_vehicle", "work_vehicle", at("any_of: [only_home]", "any_of: [work_vehicle]")},
		{"exempt_attribute_unknown", "work_vehicel", at("any_of: [work_vehicle]", "any_of: [work_vehicel]")},
		{"exempt_attribute_twice", "work_vehicle]", at("any_of: [work_vehicle]", "any_of: [work_vehicle, work_vehicle]")},
		{"exempt_already", "any_of", at(home, home+"\n      - {any_of: [only_home], area_up_to: home_area, law: 样例}")},
		{"exempt_no_law", "any_of", at("any_of: [only_home], law: 样例", "any_of: [only_home]")},
		{"exempt_account", "any_of", at("    where: {kind: [demand, time]}", "    where: {kind: [demand, time]}\n    exempt: [{any_of: [only_home], law: 样例}]")},
		{"exempt_vehicle_area", "home_area", at("at_most: age_from", "area_up_to: home_area")},
		{"exempt_bound_of_zero", "none_allowed", at("at_most: age_from", "at_most: none_allowed")},
		{"exempt_parameter_unknown", "max_value", at("value_up_to: minimum_wage", "value_up_to: max_value")},
		{"exempt_for_some_and_any", "any_of", at(works, works+"\n      - {any_of: [work_vehicle], value_up_to: car_value, law: 样例}")},
		{"exempt_never", "to", at(works, "- {to: 2019-12-31, any_of: [work_vehicle], value_up_to: car_value, at_most: age_from, law: 样例}\n      "+works)},
		{"dated_gap", "from", at("- {from: 2023-01-01, of: unit", "- {from: 2023-01-02, of: unit")},
		{"dated_overlap", "from", at("- {from: 2023-01-01, of: unit", "- {from: 2022-01-01, of: unit")},
		{"dated_end", "from: 2023", at("- {from: 2023-01-01, of: unit", "- {from: 2023-01-01, to: 2024-12-31, of: unit")},
		{"of_two_kinds", "vehicle", at("- {from: 2023-01-01, of: unit, where: {status: [current], kind: [commercial, office]}}", "- {from: 2023-01-01, of: vehicle, where: {status: [normal]}}")},
		{"unused_set", "kiosks", at("  savings:\n", "  kiosks:\n    of: unit\n    where: {status: [current]}\n  savings:\n")},
		{"sheet_of_accounts", "savings", at("non_residential: shops", "non_residential: savings")},
		{"sum_of_units", "homes", []edit{{"rules.yaml", "sum: savings", "sum: homes"}}},
		{"count_of_accounts", "savings", []edit{{"rules.yaml", "count: homes", "count: savings"}}},
	}
}

func incomeFaults() []fault {
	at := func(old, new string) []edit { return []edit{{"income.yaml", old, new}} }
	return []fault{
		{"months_gap", "lines", at("months: 2021-01..2025-12", "months: 2021-02..2025-12")},
		{"months_overlap", "resident_pension", at("months: ..2020-12", "months: ..2021-01")},
		{"months_backwards", "2025-12..2021-01", at("2021-01..2025-12", "2025-12..2021-01")},
		{"months_of_nothing", "..", at("..2020-12", "..")},
		{"months_thirteen", "2026-13..", at("2026-01..", "2026-13..")},
		{"unresolved_without_reason", "months", at(", reason: 未查得, law: 样例}\n  - {months: 2026", ", law: 样例}\n  - {months: 2026")},
		{"excluded_code_without_law", "months", at("code: basic_pension, amount: {of: benefit, floor: 0}, law: 样例}\n\nunresolved", "code: basic_pension, amount: {of: benefit, floor: 0}}\n\nunresolved")},
		{"type_unknown", "wages", at("[wage, labour]", "[wages, labour]")},
		{"type_in_two_places", "business", at("[property_sale, incidental]", "[property_sale, incidental, business]")},
		{"scheme_nowhere", "lines", at(", housing_fund]", "]")},
		{"schemes_unknown", "dibaoo", at("{months: 2021-01", "{schemes: [dibaoo], months: 2021-01")},
		{"schemes_none", "[]", at("{months: 2021-01", "{schemes: [], months: 2021-01")},
		{"tax_has_no_role", "role", at("{source: tax, income_type: [business],", "{source: tax, role: receiving, income_type: [business],")},
		{"less_itself", "income]", at("less: [tax]", "less: [income]")},
		{"one_off_of_insurance", "insurance", at("- {source: tax, income_type: [property_sale, incidental], amount: {of: income,", "- {source: insurance, role: receiving, scheme: [maternity], amount: {of: benefit,")},
		{"never", "to", at("- {source: tax, income_type: [business]", "- {to: 2019-12-31, source: tax, income_type: [royalty], line: property, amount: {of: income, floor: 0}}\n  - {source: tax, income_type: [business]")},
		{"dates_leave_a_gap", "lines", at("- {source: tax, income_type: [business]", "- {from: 2022-01-01, source: tax, income_type: [business]")},
	}
}

func peopleFaults() []fault {
	at := func(old, new string) []edit { return []edit{{"members.yaml", old, new}} }
	adjust := func(old, new string) []edit { return []edit{{"adjustments.yaml", old, new}} }
	const men = "- {sex: male, age_from: 18, age_under: 60, percent: 100}"
	return []fault{
		{"members_gap", "from", at("to: 2022-12-31", "to: 2022-12-30")},
		{"members_overlap", "from", at("to: 2022-12-31", "to: 2023-01-01")},
		{"members_begin_late", "code", at("- from: 2020-01-01", "- from: 2021-01-01")},
		{"members_end", "code", at("- from: 2023-01-01", "- from: 2023-01-01\n    to: 2025-12-31")},
		{"nobody_included", "[]", at("\n      - {relation: [head, spouse]}\n      - {relation: [child], age_under: 18}\n    exclude:\n      - {reason: imprisoned}\n  - from", " []\n    exclude:\n      - {reason: imprisoned}\n  - from")},
		{"everybody_included", "{}", at("{relation: [child], age_under: 18}", "{}")},
		{"class_within_another", "relation: [head]", at("{relation: [child, parent], any_of", "{relation: [head], any_of")},
		{"relation_unknown", "uncle", at("[child, parent]", "[child, uncle]")},
		{"reason_unknown", "monk", at("reason: clergy", "reason: monk")},
		{"reason_twice", "reason", at("reason: clergy", "reason: imprisoned")},
		{"years_of_nothing", "3", at("proof: absence, years: 3", "years: 3")},
		{"proof_of_vehicle", "work_vehicle", at("proof: absence", "proof: work_vehicle")},
		{"nobody_of_that_age", "18", at("age_under: 18", "age_from: 18, age_under: 18")},
		{"asked_and_ruled_out", "student]", at("any_of: [unable, student]", "any_of: [unable, student], none_of: [student]")},

		{"deduction_of_two_things", "code", adjust("line: wage, percent: work_cost", "line: wage, expense: medical, percent: work_cost")},
		{"deduction_without_percent", "code", adjust(", percent: work_cost, of: line", "")},
		{"deduction_above_all", "work_cost", []edit{{"parameters.yaml", value + "20, ", value + "101, "}}},
		{"deduction_of_nothing", "work_cost", []edit{{"parameters.yaml", value + "20, ", value + "0, "}}},
		{"deduction_in_fen", "minimum_wage", adjust("percent: work_cost", "percent: minimum_wage")},
		{"deduction_cap_by_size", "balance", adjust("cap: minimum_wage", "cap: balance")},
		{"deduction_twice", "work", adjust("code: illness", "code: work")},
		{"deduction_never", "to", adjust("{code: work,", "{to: 2019-12-31, code: before, line: wage, percent: work_cost, law: 样例}\n  - {code: work,")},
		{"expense_unknown", "medicine", adjust("expense: medical", "expense: medicine")},
		{"expense_is_an_attribute", "student", adjust("expense: medical", "expense: student")},
		{"expense_of_percent", "percent", adjust("expense: medical,", "expense: medical, percent: work_cost,")},
		{"row_never_reached", "sex: male", adjust(men, "- {age_from: 16, percent: 50}\n      "+men)},
		{"row_of_nobody", "18", adjust("age_from: 18, age_under: 60", "age_from: 18, age_under: 18")},
		{"row_without_percent", "sex", adjust("age_under: 60, percent: 100", "age_under: 60")},
		{"table_empty", "[]", adjust("\n      "+men+"\n      - {sex: female, age_from: 18, age_under: 55, percent: 100}", " []")},
		{"who_ruled_out", "student", adjust("{none_of: [student, unable]}", "{none_of: [student, unable], all_of: [student]}")},
		{"line_unknown", "salary", adjust("line: wage\n", "line: salary\n")},
		{"strategy_unknown", "excess_share/2", adjust("excess_share/1", "excess_share/2")},
		{"strategy_lacks_a_value", "line", adjust(", many_children_percent: many", "")},
		{"strategy_has_too_many", "share_percent", adjust("many_children_percent: many", "many_children_percent: many, share_percent: few")},
		{"unable_of_members", "student", adjust("[owes_nothing]", "[student]")},
		{"age_by_size", "none_allowed", adjust("age_to: age_to", "age_to: none_allowed")},
	}
}
