package form_test

import (
	"bytes"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"
	"pgregory.net/rapid"

	"github.com/hedui/hedui/engine/form"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/match"
)

// request draws a request that a form can say, of a household with the number given.
func request(t *rapid.T, id string) *household.Request {
	text := rapid.StringMatching(`[\p{Han}A-Z0-9"][\p{Han}A-Z0-9", ]{0,8}[\p{Han}A-Z0-9"]`)
	word := rapid.StringMatching(`[A-Z0-9\p{Han}]{1,9}`)
	slug := rapid.StringMatching(`[a-z][a-z0-9_]{0,9}`).Filter(func(s string) bool { return s != form.None && s != "y" && s != "n" })
	fen := rapid.Map(rapid.Int64Range(0, int64(household.MaxFen)), func(n int64) household.Fen { return household.Fen(n) })
	date := rapid.Map(rapid.IntRange(0, 20000), func(n int) household.Date {
		d, _ := household.NewDate(1950+n/250, 1+n%12, 1+n%28)
		return d
	})
	maybe := rapid.Map(rapid.Int32Range(0, 1), func(n int32) household.Date {
		if n == 0 {
			return 0
		}
		return date.Draw(t, "date")
	})
	index := func(list household.CodeList, from int) uint8 {
		return uint8(rapid.IntRange(from, len(list)-1).Draw(t, "code"))
	}
	slugs := func() []string { return rapid.SliceOfNDistinct(slug, 0, 3, rapid.ID[string]).Draw(t, "slugs") }
	resident := func(n int) household.IDNumber {
		return household.IDNumber(match.ResidentText(34010419700101000 + uint64(n)))
	}
	attributes := func(asset bool) (out []household.Attribute) {
		for range rapid.IntRange(0, 2).Draw(t, "attributes") {
			a := household.Attribute{Code: slug.Draw(t, "code"), Denied: rapid.Bool().Draw(t, "denied"), Grade: rapid.IntRange(0, household.MaxAttributeGrade).Draw(t, "grade"), From: maybe.Draw(t, "from")}
			if rapid.Bool().Draw(t, "document?") {
				a.Document = text.Draw(t, "document")
			}
			a.Amount = fen.Draw(t, "amount")
			a.Proven = household.IsDocument(a.Document)
			if rapid.Bool().Draw(t, "to?") {
				a.To = max(a.From, date.Draw(t, "to"))
			}
			if asset {
				a.Asset = household.Plate(word.Draw(t, "asset"))
			}
			out = append(out, a)
		}
		return out
	}
	r := &household.Request{HouseholdID: id, Region: "340104", Scheme: slug.Draw(t, "scheme"), Residence: index(household.Residences, 1), AppliedOn: maybe.Draw(t, "applied"), Single: rapid.Bool().Draw(t, "single")}
	a := &household.Authorization{Number: word.Draw(t, "number"), ValidFrom: date.Draw(t, "valid from")}
	a.ValidTo = max(a.ValidFrom, date.Draw(t, "valid to"))
	for n := range rapid.IntRange(1, 3).Draw(t, "signed") {
		a.SignedBy = append(a.SignedBy, resident(n))
	}
	if rapid.Bool().Draw(t, "purpose?") {
		a.Purpose = slug.Draw(t, "purpose")
	}
	if a.ClassesGiven = rapid.Bool().Draw(t, "classes?"); a.ClassesGiven {
		for s := household.Tax; s < household.NumSources; s++ {
			a.Classes[s] = rapid.Bool().Draw(t, "class")
		}
	}
	if a.PurposesGiven = rapid.Bool().Draw(t, "purposes?"); a.PurposesGiven {
		a.Purposes = slugs()
	}
	r.Authorization = a
	if r.ReceivingGiven = rapid.Bool().Draw(t, "receiving?"); r.ReceivingGiven {
		r.Receiving = slugs()
	}
	r.Assets.Financial = fen.Draw(t, "financial")
	for range rapid.IntRange(0, 2).Draw(t, "vehicles") {
		r.Assets.Vehicles = append(r.Assets.Vehicles, household.Plate(word.Draw(t, "plate")))
		r.Assets.Properties = append(r.Assets.Properties, word.Draw(t, "property")+"、"+word.Draw(t, "property"))
	}
	r.Assets.Attributes = attributes(true)
	members := rapid.IntRange(1, 5).Draw(t, "members")
	for n := range members {
		m := household.Member{Name: household.Name(text.Draw(t, "name")), IDNumber: resident(n), IDType: household.ResidentID, Relation: index(household.Relations, 1), BirthDate: maybe.Draw(t, "birth"), Sex: index(household.Sexes, 0), Excluded: index(household.Exclusions, 0)}
		if rapid.Bool().Draw(t, "passport?") {
			m.IDType, m.IDNumber, m.Country, m.Division = household.DocumentType(2), household.IDNumber(fmt.Sprintf("E%08d", n)), word.Draw(t, "country"), "340104"
		}
		for l := 1; l < int(household.NumLineTypes); l++ {
			if m.Declared[l] = rapid.Bool().Draw(t, "declared"); m.Declared[l] {
				m.Income[l] = fen.Draw(t, "income")
			}
		}
		m.Attributes = attributes(false)
		r.Members = append(r.Members, m)
	}
	for n := range rapid.IntRange(0, 2).Draw(t, "obligors") {
		count := rapid.IntRange(0, household.MaxPeople)
		o := household.Obligor{Name: household.Name(text.Draw(t, "name")), IDNumber: resident(100 + n), IDType: household.ResidentID, Relation: index(household.Relations, 0), BirthDate: maybe.Draw(t, "birth"), Sex: index(household.Sexes, 0), Signed: rapid.Bool().Draw(t, "signed"), HouseholdMembers: count.Draw(t, "n"), ChildrenOfSupported: count.Draw(t, "n"), SupportedParents: count.Draw(t, "n"), Supports: []int{rapid.IntRange(1, members).Draw(t, "supports")}}
		if o.IncomeGiven = rapid.Bool().Draw(t, "income?"); o.IncomeGiven {
			o.MonthlyIncome = fen.Draw(t, "income")
		}
		if rapid.Bool().Draw(t, "agreement?") {
			o.Agreement = &household.Agreement{Kind: index(household.AgreementKinds, 1), Monthly: fen.Draw(t, "monthly"), Document: word.Draw(t, "document")}
		}
		o.Attributes = attributes(false)
		r.Obligors = append(r.Obligors, o)
	}
	for range rapid.IntRange(0, 3).Draw(t, "expenses") {
		e := household.Expense{Type: slug.Draw(t, "type"), Member: rapid.IntRange(0, members).Draw(t, "member"), Month: date.Draw(t, "month").MonthOf(), Amount: fen.Draw(t, "amount")}
		if rapid.Bool().Draw(t, "document?") {
			e.Document = text.Draw(t, "document")
		}
		r.Expenses = append(r.Expenses, e)
	}
	return r
}

func parse(t interface{ Fatal(...any) }, line []byte) *household.Request {
	r, err := household.ParseRequest(line)
	if err != nil || len(r.Invalid)+len(r.InvalidOptional) > 0 {
		t.Fatal("the line is no request", err, r.Invalid, r.InvalidOptional)
	}
	return r
}

// same compares two requests in full; the types that mask themselves would compare equal
// only in what they show otherwise.
func same(want, got *household.Request) string {
	return cmp.Diff(want, got, cmp.Comparer(func(a, b []string) bool { return slices.Equal(a, b) }))
}

// What a request says goes through the fields of a page and back.
func TestValuesKeepARequest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := request(t, "340104-1")
		line, problems := form.FromValues(form.ToValues(want), form.Options{})
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		if d := same(want, parse(t, line)); d != "" {
			t.Fatal(d)
		}
	})
}

// sheetsOf are the rows of the form that say what requests say, by section. Headings come
// first.
func sheetsOf(requests []*household.Request) map[form.Section][][]string {
	out := map[form.Section][][]string{}
	byKey := map[form.Section][]form.Field{}
	for _, f := range form.Fields() {
		byKey[f.Section] = append(byKey[f.Section], f)
	}
	for _, s := range form.Sections() {
		var head []string
		for _, f := range byKey[s] {
			head = append(head, f.Label.Zh+" "+f.Name)
		}
		out[s] = append(out[s], head)
		for _, r := range requests {
			v := form.ToValues(r)
			for n := 1; n <= s.Most(); n++ {
				row, filled := make([]string, len(byKey[s])), false
				for i, f := range byKey[s] {
					row[i] = strings.Join(v[s.Key(n, f.Key)], "；")
					if s != form.Households && f.Name == "household_id" {
						row[i] = r.HouseholdID
					} else {
						filled = filled || row[i] != ""
					}
				}
				if !filled {
					break
				}
				out[s] = append(out[s], row)
			}
		}
	}
	return out
}

// fill puts the rows of the form into the template, as somebody types them.
func fill(t interface{ Fatal(...any) }, sheets map[form.Section][][]string) *excelize.File {
	var empty bytes.Buffer
	if err := form.WriteTemplate(&empty, false); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&empty)
	if err != nil {
		t.Fatal(err)
	}
	for s, rows := range sheets {
		for i, row := range rows[1:] {
			for j, text := range row {
				cell, _ := excelize.CoordinatesToCellName(j+1, i+2)
				if text != "" {
					if err := f.SetCellStr(s.Sheet(), cell, text); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
	}
	return f
}

func readBook(t interface{ Fatal(...any) }, f *excelize.File) *form.Batch {
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return read(t, b.Bytes())
}

func read(t interface{ Fatal(...any) }, file []byte) *form.Batch {
	b, err := form.Read(bytes.NewReader(file), int64(len(file)), form.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if b.RowsIn != b.RowsAccepted+b.RowsRefused || b.Households != b.Accepted+b.Refused || len(b.Requests) != b.Accepted {
		t.Fatal("rows or households are not accounted for", b.RowsIn, b.RowsAccepted, b.RowsRefused)
	}
	return b
}

// What is typed into the template is read from it.
func TestTemplateKeepsARequest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := []*household.Request{request(t, "B-2"), request(t, "A-1")}
		b := readBook(t, fill(t, sheetsOf(want)))
		if len(b.Problems) > 0 || len(b.Requests) != 2 {
			t.Fatal(b.Problems)
		}
		for i, line := range b.Requests {
			if d := same(want[i], parse(t, line)); d != "" {
				t.Fatal(d)
			}
		}
	})
}

// quote writes a cell as a spreadsheet writes it to a file.
func quote(cell string) string {
	if strings.ContainsAny(cell, "\"\t\n,;") {
		return `"` + strings.ReplaceAll(cell, `"`, `""`) + `"`
	}
	return cell
}

// oneTable is one table with a row for each member, what is of the household on its first.
func oneTable(requests []*household.Request, delim string) string {
	var b strings.Builder
	sheets := sheetsOf(requests)
	write := func(cells []string) {
		for i, c := range cells {
			if i > 0 {
				b.WriteString(delim)
			}
			b.WriteString(quote(c))
		}
		b.WriteString("\r\n")
	}
	write(slices.Concat(sheets[form.Households][0], sheets[form.Members][0][1:]))
	width := len(sheets[form.Households][0])
	for _, top := range sheets[form.Households][1:] {
		first := true
		for _, m := range sheets[form.Members][1:] {
			if m[0] != top[0] {
				continue
			}
			if first {
				write(slices.Concat(top, m[1:]))
			} else {
				write(slices.Concat(make([]string, width), m[1:]))
			}
			first = false
		}
	}
	return b.String()
}

// What is pasted or saved as text is read the same, in every encoding.
func TestTextKeepsARequest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := []*household.Request{request(t, "B-2"), request(t, "A-1")}
		for _, r := range want { // what has no place in one table
			r.Obligors, r.Expenses, r.Assets.Attributes = nil, nil, nil
			for i := range r.Members {
				r.Members[i].Attributes = nil
			}
		}
		comma := oneTable(want, ",")
		gb, err := simplifiedchinese.GB18030.NewEncoder().Bytes([]byte(comma))
		if err != nil {
			t.Fatal(err)
		}
		pasted, err := form.ReadPasted(oneTable(want, "\t")+"\t\t\r\n\r\n", form.Options{})
		if err != nil {
			t.Fatal(err)
		}
		batches := map[string]*form.Batch{
			"pasted": pasted, "csv": read(t, []byte(comma)), "bom": read(t, []byte("\ufeff"+comma)), "gb18030": read(t, gb),
			"semicolons": read(t, []byte(oneTable(want, ";"))), "tsv": read(t, []byte(oneTable(want, "\t"))),
		}
		for name, b := range batches {
			if len(b.Problems) > 0 || len(b.Requests) != 2 {
				t.Fatal(name, b.Problems)
			}
			for i, line := range b.Requests {
				if d := same(want[i], parse(t, line)); d != "" {
					t.Fatal(name, d)
				}
			}
		}
	})
}

// The example shows what the form can say; it is refused until it is deleted.
func TestExample(t *testing.T) {
	var b bytes.Buffer
	if err := form.WriteTemplate(&b, true); err != nil {
		t.Fatal(err)
	}
	batch := read(t, b.Bytes())
	if batch.Accepted != 0 || batch.Refused != 2 || batch.RowsIn != 9 || len(batch.Problems) != 2 || batch.Problems[1].Code != form.Example || batch.Problems[1].Row != 3 {
		t.Errorf("%+v", batch)
	}
	// Under other numbers it is as good as any other.
	f, err := excelize.OpenReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range form.Sections() {
		rows, err := f.GetRows(s.Sheet())
		if err != nil {
			t.Fatal(err)
		}
		for i := range rows[1:] {
			if err := f.SetCellStr(s.Sheet(), fmt.Sprintf("A%d", i+2), strings.TrimPrefix(rows[i+1][0], "示例")); err != nil {
				t.Fatal(err)
			}
		}
	}
	batch = readBook(t, f)
	if batch.Accepted != 2 || batch.RowsAccepted != 9 {
		t.Errorf("%+v", batch)
	}
}

// The fields of a page may have gaps; those behind them move up, also where they are named.
func TestValuesWithGaps(t *testing.T) {
	v := url.Values{}
	for key, value := range map[string]string{
		"household_id": "1", "region": "340104", "scheme": "低保", "residence": "城镇", "authorization_number": "SQ1", "valid_from": "2026/1/1", "valid_to": "20261231",
		"signed_by": "340104197001010018", "m2_name": "王秀英", "m2_id_number": "340104197001010018", "m2_relation": "户主", "m2_wage": "１，２００．５",
		"a3_member": "2", "a3_code": "student", "e9_type": "medical", "e9_member": "2", "e9_month": "202609", "e9_amount": "1",
	} {
		v.Set(key, value)
	}
	line, problems := form.FromValues(v, form.Options{})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	r := parse(t, line)
	if len(r.Members) != 1 || r.Members[0].Income[1] != 120050 || r.Members[0].Attributes[0].Code != "student" || r.Expenses[0].Member != 1 || r.Scheme != "dibao" {
		t.Errorf("%s", line)
	}
	v.Set("e9_member", "1") // who is not there
	v.Set("m2_wage", "1.234")
	v.Del("m2_name")
	_, problems = form.FromValues(v, form.Options{})
	var keys []string
	for _, p := range problems {
		keys = append(keys, p.Key+" "+string(p.Code))
		if p.Do().Zh == "" || p.Label().Zh == "" {
			t.Errorf("%+v says nothing", p)
		}
	}
	if d := cmp.Diff([]string{"m2_name missing_field", "m2_wage bad_amount", "e9_member no_such_member"}, keys); d != "" {
		t.Error(d)
	}
}

// Where the authorisation is registered, its days and signatures may be missing: what was
// pasted from a page that does not ask them is taken.
func TestRegistered(t *testing.T) {
	const text = "家庭编号\t行政区划\t救助项目\t城乡属性\t授权书编号\t姓名\t证件号码\t与户主关系\n340104-1\t340104\tdibao\t城镇\tSQ1\t赵伟\t340104199410246653\t户主\n"
	if _, err := form.ReadPasted(text, form.Options{}); err == nil {
		t.Error("a claim without its days is taken")
	}
	b, err := form.ReadPasted(text, form.Options{Registered: true})
	if err != nil || len(b.Requests) != 1 || len(b.Problems) > 0 {
		t.Fatalf("%+v, %v", b, err)
	}
	if got := string(b.Requests[0]); !strings.Contains(got, `"authorization":{"number":"SQ1"}`) {
		t.Errorf("%s", got)
	}
	// What is there is read all the same.
	b, err = form.ReadPasted(strings.Replace(strings.Replace(text, "授权书编号", "授权书编号\t授权起", 1), "SQ1", "SQ1\tsoon", 1), form.Options{Registered: true})
	if err != nil || len(b.Problems) != 1 || b.Problems[0].Code != form.BadDate {
		t.Errorf("%+v, %v", b, err)
	}
}
