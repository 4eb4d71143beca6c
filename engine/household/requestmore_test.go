package household_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/engine/household"
)

// fullRequest has every optional part.
const fullRequest = `{"household_id":"340104-000123","region":"340104","scheme":"dibao","residence":"urban",
 "applied_on":"2026-10-20","application":"single_person","receiving":["tekun","dibao"],
 "authorization":{"number":"SQ1","valid_from":"2026-01-01","valid_to":"2026-12-31","signed_by":["x"],"purposes":["dibao","housing"]},
 "members":[{"name":"王秀英","id_number":"11010519491231002X","relation":"head",
   "attributes":[{"code":"student","holds":true,"grade":2,"amount_fen":12300,"from":"2025-09-01","to":"2029-06-30","document":"学籍证明 2025-31"},{"code":"employable","holds":false}]},
  {"name":"李建国","id_number":"340104198001010021"}],
 "declared_assets":{"vehicles":["皖A12345"],"attributes":[{"code":"work_vehicle","asset":"皖A12345","document":"营运证 7"}]},
 "obligors":[{"name":"王大伟","id_number":"340104197001010031","id_type":"resident_id","supports":[1,2],"relation":"child","birth_date":"1970-01-01","sex":"male","signed":true,
   "household_members":3,"children_of_supported":4,"supported_parents":5,"monthly_income_fen":500000,
   "agreement":{"kind":"judgment","monthly_fen":60000,"document":"(2025)皖0104民初1号"},"attributes":[{"code":"ill","grade":1,"document":"诊断 1"}]},
  {"name":"王小伟","id_number":"340104197201010033"}],
 "expenses":[{"type":"medical_self_paid","member":2,"month":"2026-05","amount_fen":320000,"document":"票据 9"},{"type":"rent","month":"2026-06","amount_fen":7}]}`

func TestParseRequestOptionalParts(t *testing.T) {
	r, err := household.ParseRequest([]byte(fullRequest))
	if err != nil || len(r.Invalid) != 0 {
		t.Fatalf("a good request: %v %v", err, r.Invalid)
	}
	may, _ := household.NewMonth(2026, 5)
	june, _ := household.NewMonth(2026, 6)
	want := &household.Request{
		HouseholdID: "340104-000123", Region: "340104", Scheme: "dibao", Residence: household.Urban,
		Authorization: &household.Authorization{
			Number: "SQ1", ValidFrom: 20260101, ValidTo: 20261231, SignedBy: []household.IDNumber{"x"}, Purposes: []string{"dibao", "housing"}, PurposesGiven: true,
		},
		Members: []household.Member{
			{
				Name: "王秀英", IDNumber: "11010519491231002X", IDType: household.ResidentID, Relation: 1,
				Attributes: []household.Attribute{
					{Code: "student", Proven: true, Grade: 2, Amount: 12300, From: 20250901, To: 20290630, Document: "学籍证明 2025-31"},
					{Code: "employable", Denied: true},
				},
			},
			{Name: "李建国", IDNumber: "340104198001010021", IDType: household.ResidentID},
		},
		Assets: household.DeclaredAssets{
			Vehicles:   []household.Plate{"皖A12345"},
			Attributes: []household.Attribute{{Code: "work_vehicle", Proven: true, Document: "营运证 7", Asset: "皖A12345"}},
		},
		AppliedOn: 20261020, Single: true, Receiving: []string{"tekun", "dibao"}, ReceivingGiven: true,
		Obligors: []household.Obligor{
			{
				Name: "王大伟", IDNumber: "340104197001010031", IDType: household.ResidentID, Supports: []int{1, 2}, Relation: 3, BirthDate: 19700101, Sex: 1, Signed: true,
				HouseholdMembers: 3, ChildrenOfSupported: 4, SupportedParents: 5, MonthlyIncome: 500000, IncomeGiven: true,
				Agreement:  &household.Agreement{Kind: 1, Monthly: 60000, Document: "(2025)皖0104民初1号"},
				Attributes: []household.Attribute{{Code: "ill", Proven: true, Grade: 1, Document: "诊断 1"}},
			},
			{Name: "王小伟", IDNumber: "340104197201010033", IDType: household.ResidentID},
		},
		Expenses: []household.Expense{
			{Type: "medical_self_paid", Member: 2, Month: may, Amount: 320000, Document: "票据 9"},
			{Type: "rent", Month: june, Amount: 7},
		},
	}
	if diff := cmp.Diff(want, r); diff != "" {
		t.Error(diff)
	}
}

// What is absent, null or empty is not known, which is not the same as none.
func TestParseRequestAbsentParts(t *testing.T) {
	const request = `{"household_id":"h","scheme":"dibao","residence":"urban","members":[{"name":"王秀英"}]`
	tests := map[string]struct {
		keys string
		want func(*household.Request) bool
	}{
		"nothing": {``, func(r *household.Request) bool {
			return !r.ReceivingGiven && !r.Single && r.AppliedOn == 0 && r.Obligors == nil && r.Expenses == nil && r.Members[0].Attributes == nil && r.Assets.Attributes == nil
		}},
		"null": {`,"applied_on":null,"application":null,"receiving":null,"obligors":null,"expenses":null,"authorization":{"valid_from":"2026-01-01","valid_to":"2026-01-01","purposes":null}`, func(r *household.Request) bool {
			return !r.ReceivingGiven && !r.Authorization.PurposesGiven && !r.Single && r.AppliedOn == 0 && r.Obligors == nil && r.Expenses == nil
		}},
		"empty text": {`,"applied_on":"","application":"","obligors":[{"birth_date":"","sex":"","attributes":[{"code":"ill","from":"","to":""}]}]`, func(r *household.Request) bool {
			return r.AppliedOn == 0 && !r.Single && r.Obligors[0].BirthDate == 0 && r.Obligors[0].Attributes[0].From == 0
		}},
		"receiving nothing": {`,"receiving":[]`, func(r *household.Request) bool { return r.ReceivingGiven && len(r.Receiving) == 0 }},
		"for no purpose": {`,"authorization":{"valid_from":"2026-01-01","valid_to":"2026-01-01","purposes":[]}`, func(r *household.Request) bool {
			return r.Authorization.PurposesGiven && len(r.Authorization.Purposes) == 0
		}},
		"income of nothing":   {`,"obligors":[{"monthly_income_fen":0}]`, func(r *household.Request) bool { return r.Obligors[0].IncomeGiven }},
		"income not given":    {`,"obligors":[{}]`, func(r *household.Request) bool { return !r.Obligors[0].IncomeGiven && !r.Obligors[0].Signed }},
		"other vocabulary":    {`,"expenses":[{"kind":"rent","fen":1}]`, func(r *household.Request) bool { return len(r.Expenses) == 0 }},
		"unknown keys beside": {`,"expenses":[{"type":"rent","month":"2026-05","shop":"x"}]`, func(r *household.Request) bool { return len(r.Expenses) == 1 }},
		"document of nothing": {`,"obligors":[{"attributes":[{"code":"a","document":" — "},{"code":"b","document":"\u200b"},{"code":"c","document":"《》"}]}]`, func(r *household.Request) bool {
			a := r.Obligors[0].Attributes
			return !a[0].Proven && !a[1].Proven && !a[2].Proven
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r, err := household.ParseRequest([]byte(request + tt.keys + "}"))
			if err != nil || len(r.Invalid) != 0 {
				t.Fatalf("%v %v", err, r.Invalid)
			}
			if !tt.want(r) {
				t.Errorf("read wrongly: %+v", r)
			}
		})
	}
}

func TestParseRequestOptionalFaults(t *testing.T) {
	tests := map[string]struct {
		old, with string
		invalid   string // field
	}{
		"applied on no day":            {`"applied_on":"2026-10-20"`, `"applied_on":"2026-02-29"`, "applied_on"},
		"applied on in another form":   {`"applied_on":"2026-10-20"`, `"applied_on":"20261020"`, "applied_on"},
		"unknown application":          {`single_person`, `two_persons`, "application"},
		"Chinese application":          {`single_person`, `单人户`, "application"},
		"receiving in capitals":        {`"receiving":["tekun"`, `"receiving":["Tekun"`, "receiving"},
		"receiving nothing named":      {`"receiving":["tekun"`, `"receiving":[""`, "receiving"},
		"receiving with a line break":  {`"receiving":["tekun"`, `"receiving":["tekun\n"`, "receiving"},
		"purpose with a space":         {`"housing"`, `" housing"`, "authorization.purposes"},
		"purpose in full width":        {`"housing"`, `"ｈousing"`, "authorization.purposes"},
		"code with a dash":             {`"student"`, `"full-time"`, "members.attributes.code"},
		"no code":                      {`"code":"student",`, ``, "members.attributes.code"},
		"grade below 0":                {`"grade":2`, `"grade":-1`, "members.attributes.grade"},
		"grade above 10":               {`"grade":2`, `"grade":11`, "members.attributes.grade"},
		"negative amount":              {`12300`, `-1`, "members.attributes.amount_fen"},
		"huge amount":                  {`12300`, `9223372036854775807`, "members.attributes.amount_fen"},
		"from no day":                  {`2025-09-01`, `2025-09-31`, "members.attributes.from"},
		"to no day":                    {`2029-06-30`, `2029-6-30`, "members.attributes.to"},
		"to before from":               {`2029-06-30`, `2025-08-31`, "members.attributes.to"},
		"asset's code":                 {`work_vehicle`, `工作用车`, "declared_assets.attributes.code"},
		"no asset":                     {`,"asset":"皖A12345"`, ``, "declared_assets.attributes.asset"},
		"asset of blanks":              {`"asset":"皖A12345"`, `"asset":" \t"`, "declared_assets.attributes.asset"},
		"obligor's attribute":          {`"code":"ill","grade":1`, `"code":"ill","grade":99`, "obligors.attributes.grade"},
		"obligor's document":           {`"resident_id"`, `"library_card"`, "obligors.id_type"},
		"obligor's relation":           {`"relation":"child"`, `"relation":"boss"`, "obligors.relation"},
		"obligor's birth":              {`"birth_date":"1970-01-01"`, `"birth_date":"1970-13-01"`, "obligors.birth_date"},
		"obligor's sex":                {`"sex":"male"`, `"sex":"m"`, "obligors.sex"},
		"supports member 0":            {`"supports":[1,2]`, `"supports":[0]`, "obligors.supports"},
		"supports nobody listed":       {`"supports":[1,2]`, `"supports":[1,3]`, "obligors.supports"},
		"supports below 0":             {`"supports":[1,2]`, `"supports":[-9223372036854775808]`, "obligors.supports"},
		"supports one twice":           {`"supports":[1,2]`, `"supports":[2,1,2]`, "obligors.supports"},
		"members below 0":              {`"household_members":3`, `"household_members":-3`, "obligors.household_members"},
		"members of a province":        {`"household_members":3`, `"household_members":61000000`, "obligors.household_members"},
		"children below 0":             {`"children_of_supported":4`, `"children_of_supported":-4`, "obligors.children_of_supported"},
		"a hundred parents":            {`"supported_parents":5`, `"supported_parents":100`, "obligors.supported_parents"},
		"obligor's negative income":    {`500000`, `-500000`, "obligors.monthly_income_fen"},
		"obligor's huge income":        {`500000`, `1000000000000001`, "obligors.monthly_income_fen"},
		"unknown agreement":            {`"judgment"`, `"handshake"`, "obligors.agreement.kind"},
		"agreement of no kind":         {`"kind":"judgment",`, ``, "obligors.agreement.kind"},
		"agreement of an empty kind":   {`"judgment"`, `""`, "obligors.agreement.kind"},
		"agreement without a sum":      {`"monthly_fen":60000,`, ``, "obligors.agreement.monthly_fen"},
		"agreement over less than 0":   {`60000`, `-60000`, "obligors.agreement.monthly_fen"},
		"expense of no type":           {`"type":"rent",`, ``, "expenses.type"},
		"expense of a Chinese type":    {`"rent"`, `"房租"`, "expenses.type"},
		"expense of a member too many": {`"member":2`, `"member":3`, "expenses.member"},
		"expense of a member below 0":  {`"member":2`, `"member":-1`, "expenses.member"},
		"expense of a 13th month":      {`2026-06`, `2026-13`, "expenses.month"},
		"month in another form":        {`2026-06`, `202606`, "expenses.month"},
		"month with a blank":           {`2026-06`, ` 202606`, "expenses.month"},
		"a day for a month":            {`2026-06`, `2026-06-01`, "expenses.month"},
		"negative expense":             {`320000`, `-320000`, "expenses.amount_fen"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			line := strings.Replace(fullRequest, tt.old, tt.with, 1)
			if line == fullRequest {
				t.Fatal("the case changes nothing")
			}
			r, err := household.ParseRequest([]byte(line))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{tt.invalid}, r.InvalidOptional); diff != "" {
				t.Error(diff)
			}
			if len(r.Invalid) > 0 {
				t.Errorf("invalid for packs that read none of it: %q", r.Invalid)
			}
		})
	}
}

// A value of another kind than the key's is a fault of that key, and of nothing else.
func TestParseRequestOptionalKinds(t *testing.T) {
	for _, keys := range []string{
		`"applied_on":20261020`, `"application":1`, `"receiving":"dibao"`, `"receiving":[1]`, `"obligors":{}`, `"obligors":["x"]`,
		`"obligors":[{"supports":1}]`, `"obligors":[{"supports":[1.5]}]`, `"obligors":[{"signed":"true"}]`, `"obligors":[{"monthly_income_fen":0.5}]`,
		`"obligors":[{"agreement":[]}]`, `"expenses":{}`, `"expenses":[{"member":"1"}]`, `"expenses":[{"month":5}]`, `"expenses":[{"amount_fen":1e20}]`,
		`"members":[{"attributes":{}}]`, `"members":[{"attributes":[{"grade":"2"}]}]`, `"members":[{"attributes":[{"grade":99999999999999999999}]}]`,
		`"members":[{"attributes":[{"holds":"yes"}]}]`, `"declared_assets":{"attributes":[[]]}`, `"authorization":{"purposes":"dibao"}`,
	} {
		t.Run(keys, func(t *testing.T) {
			r, err := household.ParseRequest([]byte(`{"household_id":"h",` + keys + `}`))
			if err != nil || len(r.InvalidOptional) != 1 {
				t.Errorf("%v, invalid %q", err, r.InvalidOptional)
			}
		})
	}
}

// An expense without a month is no fault: it lies in no window, so it counts nowhere.
func TestParseRequestExpenseWithoutMonth(t *testing.T) {
	r, err := household.ParseRequest([]byte(`{"household_id":"h","expenses":[{"type":"medical","amount_fen":120000}]}`))
	if err != nil || len(r.InvalidOptional) > 0 {
		t.Fatalf("%v, invalid %q", err, r.InvalidOptional)
	}
	if diff := cmp.Diff([]household.Expense{{Type: "medical", Amount: 120000}}, r.Expenses); diff != "" {
		t.Error(diff)
	}
}
