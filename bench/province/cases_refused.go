package province

import "strings"

func refusalCases() []plantedCase {
	const (
		missing    = "authorization_missing"
		expired    = "authorization_expired"
		purpose    = "authorization_purpose"
		incomplete = "authorization_incomplete"
		invalid    = "invalid_request"
	)
	return []plantedCase{
		{name: "refused_missing", want: refused(missing), build: func(s *sketch) {
			s.request.unauthorized = true
			s.vehicle(0, car, normal)
		}},
		{name: "refused_missing_before_invalid", want: refused(missing), build: func(s *sketch) {
			s.request.unauthorized = true
			s.h.members[0].idForm = docInvalid
		}},
		{name: "refused_expired", want: refused(expired), build: func(s *sketch) { s.request.to = s.cal.prior }},
		{name: "refused_not_yet", want: refused(expired), build: func(s *sketch) { s.request.from = s.cal.next }},
		{name: "refused_expired_before_incomplete", want: refused(expired), build: func(s *sketch) {
			s.request.to = s.cal.prior
			s.h.members[0].unsigned = true
		}},
		{name: "authorized_one_day", want: nothing(), build: func(s *sketch) { s.request.from, s.request.to = s.cal.on, s.cal.on }},
		{name: "refused_purpose", want: refused(purpose), build: func(s *sketch) {
			s.request.purpose = []string{"temporary_relief", "housing", "education"}[s.turn(3)]
		}},
		{name: "refused_unsigned_spouse", size: 2, want: refused(incomplete), build: func(s *sketch) { s.h.members[1].unsigned = true }},
		{name: "refused_nobody_signed", want: refused(incomplete), build: func(s *sketch) {
			for i := range s.h.members {
				s.h.members[i].unsigned = true
			}
		}},
		{name: "refused_18_today_unsigned", size: 3, want: refused(incomplete), build: func(s *sketch) {
			s.h.members[2].birth = s.born18(s.cal.on)
			s.h.members[2].unsigned = true
		}},
		{name: "authorized_18_tomorrow_unsigned", size: 3, want: nothing(), build: func(s *sketch) {
			s.h.members[2].birth = s.born18(s.cal.next)
			s.h.members[2].unsigned = true
		}},
		{name: "authorized_18_today_signed", size: 3, want: nothing(), build: func(s *sketch) {
			s.h.members[2].birth = s.born18(s.cal.on)
		}},
		{name: "authorized_minors_guardian", size: 3, want: nothing(), build: func(s *sketch) {
			s.onlyMinors()
			g := person{sex: 1, origin: s.h.home, birth: 19700105, sequence: 11}
			s.request.guardian = &g
		}},
		{name: "refused_minors_nobody_signed", size: 3, want: refused(incomplete), build: func(s *sketch) { s.onlyMinors() }},
		{name: "authorized_signature_of_15_digits", want: nothing(), build: func(s *sketch) {
			s.h.members[0].unsigned = true
			s.request.oldSigner = true
		}},
		{name: "authorized_excluded_unsigned", size: 2, want: nothing(), build: func(s *sketch) { s.exclude(1) }},
		{name: "refused_all_excluded", size: 2, want: refused(invalid), build: func(s *sketch) {
			s.exclude(0)
			s.exclude(1)
			s.h.members[0].unsigned = false
		}},
		{name: "refused_no_name", want: refused(invalid), build: func(s *sketch) {
			s.h.members[0].name = "无"
			s.edit(`{"name":"无"`, `{"name":"`+[]string{"", " ", "　"}[s.turn(3)]+`"`)
		}},
		{name: "refused_document_invalid", want: refused(invalid), build: func(s *sketch) { s.h.members[0].idForm = docInvalid }},
		{name: "refused_document_absent", size: 3, want: refused(invalid), build: func(s *sketch) {
			// A child, so that the signature is not what is missing.
			s.h.members[2].idForm = docNone
			s.edit(`"id_number":"","id_type":"resident_id","relation":"child"`, `"id_number":"","birth_date":"2015-03-04","sex":"male","relation":"child"`)
		}},
		{name: "refused_twice", size: 2, want: refused(invalid), build: func(s *sketch) { s.twin(0, docPlain) }},
		{name: "refused_twice_15_digits", size: 2, want: refused(invalid), build: func(s *sketch) { s.twin(0, docOld) }},
		{name: "refused_twice_excluded", size: 2, want: refused(invalid), build: func(s *sketch) {
			s.twin(0, docPlain)
			s.h.members[2].excluded = "missing"
		}},
		{name: "refused_unknown_value", want: refused(invalid), build: func(s *sketch) {
			residence := `"residence":"urban"`
			if s.h.rural {
				residence = `"residence":"rural"`
			}
			s.declare(0, lineWage, 1200_00)
			edits := [][2]string{
				{residence, `"residence":"suburb"`},
				{`"relation":"head"`, `"relation":"friend"`},
				{`"type":"wage"`, `"type":"gift"`},
				{`"id_type":"resident_id"`, `"id_type":"driver_licence"`},
				{`"data_classes":["tax"`, `"data_classes":["telecom"`},
			}
			e := edits[s.turn(len(edits))]
			s.edit(e[0], e[1])
		}},
		{name: "refused_unknown_exclusion", size: 2, want: refused(invalid), build: func(s *sketch) { s.h.members[1].excluded = "holiday" }},
		{name: "refused_negative_income", want: refused(invalid), build: func(s *sketch) {
			s.declare(0, lineWage, 1200)
			s.edit(`"monthly_fen":100`, `"monthly_fen":-100`)
		}},
		{name: "refused_negative_assets", want: refused(invalid), build: func(s *sketch) {
			s.edit(`"financial_fen":`, `"financial_fen":-1`)
		}},
		{name: "refused_unreadable_date", want: refused(invalid), build: func(s *sketch) {
			to := string(appendDay(nil, s.request.to))
			s.edit(`"valid_to":"`+to, `"valid_to":"`+strings.NewReplacer("-", "-9").Replace(to))
		}},
		{name: "refused_not_json", want: refused(invalid), build: func(s *sketch) {
			s.request.line = []string{
				`{"household_id":"340104-`, `household 17`, `[]`, `42`, `{"household_id":"x","members":[}`, `"340104-000123"`, `null`,
				`{"members":[],"scheme":"dibao"}`, `{"household_id":"","scheme":"dibao","members":[]}`,
			}[s.turn(9)]
		}},
		{name: "fields_for_other_packs", want: nothing(), build: func(s *sketch) {
			s.edit(`"relation":"head"`, `"relation":"head","attributes":[{"code":"serious_illness","from":"2026-01-01","to":"2026-12-31","document":"D-1"}]`)
			s.edit(`,"declared_assets":`, `,"expenses":[{"type":"medical","amount_fen":120000}],"declared_assets":`)
		}},
	}
}

// born18 is a day of birth whose 18th birthday is the day of the check or the day
// after it. When that is a 29 February and the year of birth has none, the day of the
// check is past the birthday on the 28th, and the day after it is before 1 March.
func (s *sketch) born18(birthday day) day {
	birth := birthday - adult*10000
	if birth%10000 != 229 || daysIn(birth.year(), 2) == 29 {
		return birth
	}
	if birthday == s.cal.on {
		return birth - 1
	}
	return birth - 229 + 301
}

// onlyMinors leaves one child in the household.
func (s *sketch) onlyMinors() {
	kid := s.h.members[2]
	kid.relation = head
	s.h.members = append(s.h.members[:0], kid)
	s.h.clearRecords()
	s.found, s.h.declared = 0, declaration{}
	s.account(0, 12_00)
	s.insure(0, residentMedical, asResident, 1, s.cal.to)
}

// twin lists a member a second time.
func (s *sketch) twin(member int, form docForm) {
	m := s.h.members[member]
	m.twinOf, m.relation, m.idForm = member+1, sibling, form
	s.h.members = append(s.h.members, m)
}
