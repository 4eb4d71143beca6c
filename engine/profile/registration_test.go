package profile_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/profile"
)

// What the register knows of the past comes back as names and keys.
func TestRegistration(t *testing.T) {
	r := household.Record{Register: household.RegisterRecord{
		FormerNames: []byte(" 王小 英；王英; "), HouseholdNo: []byte("３４０１０４ 001"), DeceasedOn: 20240229,
		FormerNumbers: []byte("110105491231002;passport:e1234 5678；护照：E2; 110105194912310021; nonsense:1;;"),
	}}
	var b profile.Builder
	b.Add(household.Register, profile.Origin{File: 1, Row: 1}, named("王秀英"), profile.AppendContent(nil, household.Register, &r))
	var p profile.Profile
	if err := profile.Decode(b.Append(nil), &p); err != nil {
		t.Fatal(err)
	}
	got := &p.Register[0]
	if diff := cmp.Diff([]string{"王小英", "王英"}, slices.Collect(got.FormerNames())); diff != "" {
		t.Error(diff)
	}
	passports := household.OtherDocuments + uint64(household.Passport)
	want := []household.PersonKey{
		{Num: 11010519491231002},
		{Num: passports, Text: "E12345678"},
		{Num: passports, Text: "E2"},
		// Fails its check: rows may lie under it all the same.
		{Num: household.InvalidDocuments + uint64(household.ResidentID), Text: "110105194912310021"},
	}
	if keys := slices.Collect(got.FormerKeys()); !slices.Equal(keys, want) {
		t.Errorf("%d keys, some are not those expected", len(keys))
	}
	if got.Household != "340104001" || got.DeceasedOn != 20240229 {
		t.Errorf("household %q, died %s", got.Household, got.DeceasedOn)
	}
}

// Owners that differ in one column only are kept apart, and the digest sees it.
func TestOwnersAreKeptApart(t *testing.T) {
	base := profile.Owner{Name: "王秀英", Birth: 19491231, Sex: 2, Division: "340104", Country: "CHN"}
	digests := map[uint64]bool{}
	others := []profile.Owner{base, base, base, base, base, base}
	others[1].Name, others[2].Birth, others[3].Sex, others[4].Division, others[5].Country = "王英", 19491230, 1, "340103", ""
	for _, o := range others {
		var b profile.Builder
		r := household.Record{Tax: household.TaxRecord{RecordNo: []byte("1"), Income: 100}}
		b.Add(household.Tax, profile.Origin{File: 1, Row: 1}, profile.AppendOwner(nil, base), profile.AppendContent(nil, household.Tax, &r))
		b.Add(household.Tax, profile.Origin{File: 1, Row: 2}, profile.AppendOwner(nil, o), profile.AppendContent(nil, household.Tax, &r))
		var p profile.Profile
		if err := profile.Decode(b.Append(nil), &p); err != nil {
			t.Fatal(err)
		}
		if p.Owners[p.Tax[0].Owner] != base || p.Owners[p.Tax[1].Owner] != o {
			t.Errorf("an owner came back as another")
		}
		digests[p.Digest] = true
	}
	if len(digests) != len(others) {
		t.Errorf("%d digests for %d owners", len(digests), len(others))
	}
}
