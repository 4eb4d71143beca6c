package ingest_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/match"
)

// Every text of a register row is that row's own, also when the text of the file is
// decoded into memory that the next row uses again.
func TestRegisterTextsAreTheirRows(t *testing.T) {
	const persons = 5000
	var b strings.Builder
	b.WriteString("id_number,name,former_names,former_numbers,household_no\n")
	for i := range persons {
		fmt.Fprintf(&b, "%s,王秀英,王曾用名%05d,passport:护E%05d,户%05d\n", id(i), i, i, i)
	}
	text, err := simplifiedchinese.GB18030.NewEncoder().String(b.String())
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	r := run(t, options(dir, household.Register, write(t, text)...))
	all := people(t, dir, r.Snapshot)
	if len(all) != persons {
		t.Fatalf("%d people", len(all))
	}
	for i := range persons {
		key := match.ParseDocument(household.ResidentID, []byte(id(i))).Key
		reg := all[key].Register
		if len(reg) != 1 {
			t.Fatalf("%d rows", len(reg))
		}
		var keys []string
		for k := range reg[0].FormerKeys() {
			keys = append(keys, k.Text)
		}
		if names := slices.Collect(reg[0].FormerNames()); reg[0].Household != fmt.Sprintf("户%05d", i) ||
			!slices.Equal(names, []string{fmt.Sprintf("王曾用名%05d", i)}) || !slices.Equal(keys, []string{fmt.Sprintf("护E%05d", i)}) {
			t.Fatalf("person %d has household %q, names %q, numbers %q", i, reg[0].Household, names, keys)
		}
	}
}
