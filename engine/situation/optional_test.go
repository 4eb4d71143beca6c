package situation

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/match"
	"github.com/hedui/hedui/engine/profile"
	"github.com/hedui/hedui/rules"
)

// first reads a file with one situation.
func first(t *testing.T, content string) *Situation {
	t.Helper()
	f, err := Parse("tests/x.yaml", []byte(content))
	if err != nil {
		t.Fatal(err)
	}
	return &f.Situations[0]
}

// parsed is the request of a situation as the engine reads it.
func parsed(t *testing.T, s *Situation) *household.Request {
	t.Helper()
	line, err := s.request()
	if err != nil {
		t.Fatal(err)
	}
	r, err := household.ParseRequest(line)
	if err != nil || len(r.Invalid) != 0 {
		t.Fatalf("%v %v in %s", err, r.Invalid, line)
	}
	return r
}

func TestOptionalPartsOfARequest(t *testing.T) {
	s := first(t, `
on: 2014-05-20
situations:
  - name: everything
    request:
      region: "340104"
      applied_on: 2014-04-01
      application: single_person
      receiving: [tekun]
      authorization: {purposes: [dibao, housing]}
      members:
        - {sex: female, attributes: [{code: student, grade: 2, amount: 12.30, from: 2013-09-01, to: 2017-06-30}, {code: ill, holds: false, document: none}]}
        - {sex: male}
        - {excluded: imprisoned}
      assets: {vehicles: [皖A1], attributes: [{code: work_vehicle, asset: 皖A1, document: 营运证 7}, {code: ill, asset: 皖A2, holds: false}]}
      obligors:
        - {name: 赵某, born: 1960-02-29, sex: female, relation: sibling, supports: [1, 2], household_members: 3, children_of_supported: 4, supported_parents: 5, income: 0.00,
           agreement: {kind: judgment, monthly: 600.00}, attributes: [{code: ill}]}
        - {signed: false, agreement: {kind: agreement, monthly: 0, document: none}}
      expenses:
        - {type: rent, month: 2014-03, amount: 7.01}
        - {type: medical, member: 2, month: 2014-04, amount: 8, document: none}
    expect: {outcome: refused}
`)
	march, _ := household.NewMonth(2014, 3)
	want := &household.Request{
		HouseholdID: "situation", Region: "340104", Scheme: "dibao", Residence: household.Urban,
		AppliedOn: 20140401, Single: true, Receiving: []string{"tekun"}, ReceivingGiven: true,
		Authorization: &household.Authorization{
			Number: "SQ1", ValidFrom: 20140101, ValidTo: 20151231, Purposes: []string{"dibao", "housing"}, PurposesGiven: true,
			SignedBy: []household.IDNumber{household.IDNumber(s.number(0)), household.IDNumber(s.number(1)), household.IDNumber(s.obligorNumber(0))},
		},
		Members: []household.Member{
			{Name: "王秀英", IDNumber: household.IDNumber(s.number(0)), IDType: household.ResidentID, Sex: 2, Attributes: []household.Attribute{
				{Code: "student", Proven: true, Grade: 2, Amount: 1230, From: 20130901, To: 20170630, Document: "证明"}, {Code: "ill", Denied: true},
			}},
			{Name: "李建国", IDNumber: household.IDNumber(s.number(1)), IDType: household.ResidentID, Sex: 1},
			{Name: "李小明", IDNumber: household.IDNumber(s.number(2)), IDType: household.ResidentID, Excluded: 1},
		},
		Assets: household.DeclaredAssets{
			Vehicles: []household.Plate{"皖A1"},
			Attributes: []household.Attribute{
				{Code: "work_vehicle", Proven: true, Document: "营运证 7", Asset: "皖A1"}, {Code: "ill", Denied: true, Proven: true, Document: "证明", Asset: "皖A2"},
			},
		},
		Obligors: []household.Obligor{
			{
				Name: "赵某", IDNumber: household.IDNumber(s.obligorNumber(0)), IDType: household.ResidentID, Supports: []int{1, 2}, Relation: 5, Sex: 2, Signed: true,
				HouseholdMembers: 3, ChildrenOfSupported: 4, SupportedParents: 5, IncomeGiven: true,
				Agreement:  &household.Agreement{Kind: 1, Monthly: 60000, Document: "证明"},
				Attributes: []household.Attribute{{Code: "ill", Proven: true, Document: "证明"}},
			},
			{
				Name: "赵小勇", IDNumber: household.IDNumber(s.obligorNumber(1)), IDType: household.ResidentID, Supports: []int{1}, Relation: 3,
				Agreement: &household.Agreement{Kind: 2},
			},
		},
		Expenses: []household.Expense{
			{Type: "rent", Month: march, Amount: 701, Document: "证明"}, {Type: "medical", Member: 2, Month: march + 1, Amount: 800},
		},
	}
	if diff := cmp.Diff(want, parsed(t, s)); diff != "" {
		t.Error(diff)
	}
	// The numbers are valid, of different people, and say what was said of them.
	seen := map[household.PersonKey]bool{}
	for i, number := range []string{s.number(0), s.number(1), s.number(2), s.obligorNumber(0), s.obligorNumber(1)} {
		d := match.ParseDocument(household.ResidentID, []byte(number))
		if !d.Valid || seen[d.Key] {
			t.Errorf("number %d: valid %v, seen %v", i, d.Valid, seen[d.Key])
		}
		seen[d.Key] = true
		if i == 3 && d.Birth != 19600229 {
			t.Errorf("obligor born on %v", d.Birth)
		}
		if even := (number[16]-'0')%2 == 0; i != 2 && i != 4 && even != (i != 1) {
			t.Errorf("number %d is of another sex", i)
		}
	}
}

// What is not said of a request is not in it.
func TestPlainRequestHasNoOptionalParts(t *testing.T) {
	r := parsed(t, first(t, "on: 2026-11-01\nsituations: [{name: x, request: {members: [{}]}, expect: {outcome: refused}}]\n"))
	if r.ReceivingGiven || r.Authorization.PurposesGiven || r.Obligors != nil || r.Expenses != nil || r.Region != "" || r.AppliedOn != 0 || r.Members[0].Attributes != nil {
		t.Errorf("%+v", r)
	}
	if a := r.Authorization; a.ValidFrom != 20260101 || a.ValidTo != 20271231 {
		t.Errorf("the authorisation runs %v to %v", a.ValidFrom, a.ValidTo)
	}
	r = parsed(t, first(t, `
on: 2026-11-01
situations:
  - name: given but empty
    request: {members: [{}], receiving: [], authorization: {purposes: []}, obligors: [{supports: [], relation: ""}]}
    expect: {outcome: refused}
`))
	if !r.ReceivingGiven || !r.Authorization.PurposesGiven || len(r.Obligors[0].Supports) != 0 || r.Obligors[0].Relation != 0 {
		t.Errorf("%+v", r)
	}
}

func TestReferencesToObligors(t *testing.T) {
	s := first(t, `
on: 2026-11-01
situations:
  - name: x
    request:
      authorization: {signed_by: ["@1", "@o2", "@o3", "@o4"]}
      members: [{}]
      obligors: [{}, {born: 1955-01-01}, {id_number: "@1"}]
    expect: {outcome: refused}
`)
	r := parsed(t, s)
	// @o3 is another person's number, which is no one's to refer to; there is no @o4.
	want := []household.IDNumber{r.Members[0].IDNumber, r.Obligors[1].IDNumber, "@o3", "@o4"}
	if diff := cmp.Diff(want, r.Authorization.SignedBy); diff != "" {
		t.Error(diff)
	}
	if r.Obligors[2].IDNumber != r.Members[0].IDNumber {
		t.Error("@1 is not the number of member 1")
	}
}

// Records of obligors lie under their own numbers, with the columns that packs ask of.
func TestRecordsOfObligors(t *testing.T) {
	s := first(t, `
on: 2014-05-20
situations:
  - name: x
    request: {members: [{}], obligors: [{}, {}]}
    records:
      - {vehicle: o2, use: commercial, value: 50000.00, inspection_due: 2015-01-31}
      - {property: "o2", area: 89.50, share: 1/2, value: 1000000.00}
      - {bank: o2, balance: 1.00, average_balance: 2.00}
      - {tax: o2, periods: [2014-04], income: 3.00}
      - {insurance: o2, periods: [2014-04]}
      - {vehicle: 1}
    expect: {outcome: no_discrepancy}
`)
	p, err := rules.Load("reference")
	if err != nil {
		t.Fatal(err)
	}
	w, err := s.build(p)
	if err != nil {
		t.Fatal(err)
	}
	key, _, err := s.key(holder{2, true}, "", true)
	if err != nil {
		t.Fatal(err)
	}
	if len(w.people) != 2 || w.people[key] == nil {
		t.Fatalf("%d people have records", len(w.people))
	}
	var got profile.Profile
	if err := profile.Decode(w.people[key].Append(nil), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Vehicle) != 1 || len(got.Property) != 1 || len(got.Bank) != 1 || len(got.Tax) != 1 || len(got.Insurance) != 1 {
		t.Fatalf("%+v", got)
	}
	if v := got.Vehicle[0]; v.Use != 2 || v.Value != 5000000 || v.InspectionDue != 20150131 {
		t.Errorf("vehicle %+v", v)
	}
	if u := got.Property[0]; u.Area != 895000 || u.Share != household.NewShare(1, 2) || u.Value != 100000000 {
		t.Errorf("property %+v", u)
	}
	// A balance of no day is one of the month before the check.
	if b := got.Bank[0]; b.AverageBalance != 200 || b.BalanceOn != 20140430 {
		t.Errorf("balance %+v", b)
	}
}

func TestOptionalRefuses(t *testing.T) {
	for name, c := range map[string]struct{ situation, want string }{
		"no such obligor":         {`{name: x, request: {members: [{}]}, records: [{vehicle: o1}], expect: {outcome: refused}}`, "record 1: there is no obligor 1"},
		"no such member":          {`{name: x, request: {members: [{}], obligors: [{}]}, records: [{vehicle: 2}], expect: {outcome: refused}}`, "record 1: there is no member 2"},
		"obligor 0":               {`{name: x, request: {members: [{}]}, records: [{vehicle: o0}], expect: {outcome: refused}}`, "record 1: there is no obligor 0"},
		"of two":                  {`{name: x, request: {members: [{}], obligors: [{}]}, records: [{vehicle: o1, bank: 1}], expect: {outcome: refused}}`, "record 1: of two sources"},
		"obligor without number":  {`{name: x, request: {members: [{}], obligors: [{id_number: "1"}]}, records: [{vehicle: o1}], expect: {outcome: refused}}`, "record 1: obligor 1 has no valid document"},
		"unknown use":             {`{name: x, request: {members: [{}]}, records: [{vehicle: 1, use: fun}], expect: {outcome: refused}}`, `unknown value "fun"`},
		"who is that":             {`{name: x, records: [{vehicle: m1}], expect: {outcome: refused}}`, `"m1" is neither`},
		"asset of a person":       {`{name: x, request: {members: [{attributes: [{code: a, asset: b}]}]}, expect: {outcome: refused}}`, "asset"},
		"unknown key of an asset": {`{name: x, request: {assets: {attributes: [{code: a, asset: b, plate: c}]}}, expect: {outcome: refused}}`, "plate"},
		"several holders":         {`{name: x, records: [{vehicle: [1, 2]}], expect: {outcome: refused}}`, "is neither"},
		"unknown key":             {`{name: x, request: {obligors: [{sings: true}]}, expect: {outcome: refused}}`, "sings"},
		"a day that is none":      {`{name: x, request: {members: [{attributes: [{code: a, from: 2026-02-30}]}]}, expect: {outcome: refused}}`, "not a date"},
	} {
		t.Run(name, func(t *testing.T) {
			f, err := Parse("tests/x.yaml", []byte("on: 2026-11-01\nsituations:\n  - "+c.situation+"\n"))
			if err == nil {
				p, failed := rules.Load("reference")
				if failed != nil {
					t.Fatal(failed)
				}
				_, err = f.Situations[0].build(p)
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

func TestMonthEnd(t *testing.T) {
	for on, want := range map[household.Date]household.Date{20261101: 20261031, 20240301: 20240229, 20260331: 20260228, 20260115: 20251231, 20140520: 20140430} {
		if got := monthEnd(on); got != want {
			t.Errorf("before %v: %v, want %v", on, got, want)
		}
	}
}
