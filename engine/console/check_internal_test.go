package console

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/hedui/hedui/engine/form"
)

// TestWithoutRow tells whether a form without a row asks what it asks with that row left
// empty, which the form passes over by itself.
func TestWithoutRow(t *testing.T) {
	var removed int
	rapid.Check(t, func(r *rapid.T) {
		members := rapid.IntRange(2, 6).Draw(r, "members")
		obligors := rapid.IntRange(1, 4).Draw(r, "obligors")
		s := rapid.SampledFrom([]form.Section{form.Members, form.Obligors}).Draw(r, "section")
		gone := rapid.IntRange(1, map[form.Section]int{form.Members: members, form.Obligors: obligors}[s]).Draw(r, "gone")
		// of draws who is meant, never the one who goes.
		of := func(section form.Section, rows int) string {
			n := rapid.IntRange(1, rows).Draw(r, "of")
			if section == s && n == gone {
				if n--; n == 0 {
					return strconv.Itoa(min(2, rows))
				}
			}
			return strconv.Itoa(n)
		}
		v := url.Values{
			"household_id": {"340104-000001"}, "region": {"340104"}, "scheme": {"dibao"}, "residence": {"urban"}, "authorization_number": {"SQ1"},
			"valid_from": {"2026-01-01"}, "valid_to": {"2026-12-31"}, "signed_by": {"A1"}, rowsPrefix + "m": {strconv.Itoa(members)},
		}
		for n := 1; n <= members; n++ {
			v.Set(form.Members.Key(n, "name"), "成员"+string(rune('甲'+n)))
			v.Set(form.Members.Key(n, "id_number"), "P00000"+strconv.Itoa(n))
			v.Set(form.Members.Key(n, "id_type"), "passport")
			v.Set(form.Members.Key(n, "relation"), "other")
			v.Set(form.Members.Key(n, "birth_date"), "1970-01-0"+strconv.Itoa(n))
		}
		for n := 1; n <= obligors; n++ {
			v.Set(form.Obligors.Key(n, "name"), "义务"+string(rune('甲'+n)))
			v.Set(form.Obligors.Key(n, "id_number"), "Q00000"+strconv.Itoa(n))
			v.Set(form.Obligors.Key(n, "id_type"), "passport")
			v.Set(form.Obligors.Key(n, "supports"), of(form.Members, members))
		}
		v.Set(form.Attributes.Key(1, "member"), of(form.Members, members))
		v.Set(form.Attributes.Key(1, "code"), "student")
		if obligors > 1 || s != form.Obligors {
			v.Set(form.Attributes.Key(2, "obligor"), of(form.Obligors, obligors))
			v.Set(form.Attributes.Key(2, "code"), "disabled")
		}
		v.Set(form.Expenses.Key(1, "member"), of(form.Members, members))
		v.Set(form.Expenses.Key(1, "type"), "medical_self_paid")
		v.Set(form.Expenses.Key(1, "month"), "2026-01")
		v.Set(form.Expenses.Key(1, "amount"), "1.50")

		empty := url.Values{}
		for key, list := range v {
			if !strings.HasPrefix(key, s.Key(gone, "")) {
				empty[key] = list
			}
		}
		want, problems := form.FromValues(empty, form.Options{})
		if len(problems) > 0 {
			r.Fatalf("the form is wrong by itself: %v", problems)
		}
		without := withoutRow(v, s, gone)
		if got, problems := form.FromValues(without, form.Options{}); len(problems) > 0 || string(got) != string(want) {
			r.Fatalf("%v\n%s", problems, cmp.Diff(string(want), string(got)))
		}
		if rows := rowsOf(without, s); s == form.Members && rows != members-1 || s == form.Obligors && rows != obligors-1 {
			r.Fatalf("%d rows are left", rows)
		}
		removed++
	})
	if removed < 50 {
		t.Errorf("%d forms looked at", removed)
	}
}

func TestWithoutRowOfNobody(t *testing.T) {
	v := url.Values{"m1_name": {"甲"}, "m3_name": {"丙"}, "o1_supports": {"1;2；3,x"}, "a1_member": {"2"}, "e1_member": {"3"}}
	for _, n := range []int{-1, 0, 4, 1 << 40} {
		if got := withoutRow(v, form.Members, n); !cmp.Equal(got, v) {
			t.Errorf("without %d: %v", n, got)
		}
	}
	want := url.Values{"m1_name": {"甲"}, "m2_name": {"丙"}, "o1_supports": {"1;2;x"}, "a1_member": {""}, "e1_member": {"2"}, "rows_m": {"2"}}
	if diff := cmp.Diff(want, withoutRow(v, form.Members, 2)); diff != "" {
		t.Error(diff)
	}
}

// TestCheckFields tells which fields the form takes: all of a request but what is
// registered, for as many rows as there may be.
func TestCheckFields(t *testing.T) {
	n := 0
	for _, f := range form.Fields() {
		for _, row := range []int{1, f.Section.Most(), f.Section.Most() + 1} {
			key := f.Section.Key(row, f.Key)
			want := row <= f.Section.Most()
			if f.Section == form.Households {
				want = !slices.Contains(hidden[:], f.Key)
			}
			if got := isCheckField(key); got != want {
				t.Errorf("%s: %t", key, got)
			}
			n++
		}
	}
	for _, key := range []string{"", "m0_name", "m01_name", "x1_name", "m1_", "m1_nothing", "rows_", "rows_x", "name", "signed_by", "m1_name_"} {
		if isCheckField(key) {
			t.Errorf("the field %q is taken", key)
		}
	}
	if n < 150 {
		t.Errorf("%d fields", n)
	}
}
