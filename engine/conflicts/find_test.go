package conflicts_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hedui/hedui/engine/conflicts"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/profile"
	"github.com/hedui/hedui/engine/store"
)

const (
	reg  = household.Register
	tax  = household.Tax
	car  = household.Vehicle
	bank = household.Bank
)

// registered is a world with a register: conflicts, and what is nearly one.
func registered() []row {
	return []row{
		// One person under the number.
		{source: reg, number: number(1), name: "王秀英", names: "王小红"},
		{source: tax, number: number(1), name: "王秀英"},
		{source: tax, number: older(number(1)), name: "王秀英"}, // the same number
		{source: tax, number: number(1), name: "王小红"},        // a former name
		{source: car, number: number(1), name: "王秀瑛"},        // one character: to look at
		{source: car, number: number(1), name: "WANG XIUYING"},
		{source: car, number: number(1), name: ""}, // says nothing
		{source: bank, number: number(1), name: "李建国", expected: "X1 name_differs"},
		{source: bank, number: older(number(1)), name: "王志强", expected: "X1 surname_only"},
		{source: bank, number: number(1), name: "李建国", birth: 19810101, sex: 2, expected: "X1 name_differs birth_inconsistent sex_inconsistent"},
		{source: bank, number: number(1), name: "王秀英", birth: 19810101}, // no conflict of who it is

		// Variant characters, both ways.
		{source: reg, number: number(3), name: "張偉"},
		{source: tax, number: number(3), name: "张伟"},

		// The register has two people.
		{source: reg, number: number(5), name: "赵敏", expected: "X2 several_registered"},
		{source: reg, number: number(5), name: "孙立军", expected: "X2 several_registered"},
		{source: tax, number: number(5), name: "赵敏", expected: "X2 several_registered"},
		{source: bank, number: number(5), name: "", expected: "X2 several_registered"},

		// One person, whom two offices of the register have under two names.
		{source: reg, number: number(7), name: "钱多多", names: "钱进"},
		{source: reg, number: number(7), name: "钱进"},
		{source: tax, number: number(7), name: "钱多多"},

		// A former number that nobody has today.
		{source: reg, number: number(9), name: "周海燕", numbers: number(11)},
		{source: tax, number: number(11), name: "周海燕"},
		{source: bank, number: number(11), name: "吴天明", expected: "X1 name_differs number_former"},

		// A former number that is somebody else's today.
		{source: reg, number: number(13), name: "郑成", numbers: number(15)},
		{source: reg, number: number(15), name: "冯国庆"},
		{source: tax, number: number(15), name: "冯国庆"},
		{source: bank, number: number(15), name: "郑成", expected: "X1 name_differs former_holder"},
		// … with a name that fits both.
		{source: reg, number: number(17), name: "陈晓华", numbers: number(19)},
		{source: reg, number: number(19), name: "陈曉华", expected: "X2 former_fits"},
		{source: car, number: number(19), name: "陈晓华", expected: "X2 former_fits"},

		// Nobody is registered under the number.
		{source: tax, number: number(21), name: "褚卫东", expected: "X1 names_disagree"},
		{source: car, number: number(21), name: "蒋丽", expected: "X1 names_disagree"},
		{source: tax, number: number(23), name: "沈建"},
		{source: car, number: number(23), name: "沈健"}, // the same sound

		// Two countries may have one number, one country may not.
		{source: tax, idType: household.Passport, number: "E12345678", name: "ANNA SCHMIDT", country: "DEU"},
		{source: car, idType: household.Passport, number: "E12345678", name: "PIERRE DUBOIS", country: "FRA"},
		{source: tax, idType: household.Passport, number: "E87654321", name: "ANNA SCHMIDT", country: "DEU", expected: "X1 names_disagree"},
		{source: car, idType: household.Passport, number: "E87654321", name: "KLAUS BECKER", country: "DEU", expected: "X1 names_disagree"},
	}
}

// bare is what is left without the register: rows can only contradict each other.
func bare() []row {
	return []row{
		{source: tax, number: number(1), name: "王秀英", expected: "X1 names_disagree"},
		{source: car, number: number(1), name: "李建国", expected: "X1 names_disagree"},
		{source: bank, number: number(1), name: "", expected: "X1 names_disagree"},
		{source: tax, number: number(3), name: "張偉"},
		{source: car, number: number(3), name: "张伟"},
		{source: bank, number: older(number(3)), name: "ZHANG WEI"},
		{source: tax, number: number(5), name: "赵敏"},
		{source: car, number: number(5), name: "赵敏"},
	}
}

func inOrder(n int) (order []int) {
	for i := range n {
		order = append(order, i)
	}
	return order
}

// differences are where a report says something else of rows than they expect.
func differences(rows []row, r *conflicts.Report) (out []string) {
	got := make([]string, len(rows))
	for _, l := range r.Lists {
		for _, x := range l.Rows {
			text := x.Code.String()
			for reason := range x.Reasons.All() {
				text += " " + reason.Code()
			}
			if i := int(x.Row) - 1; got[i] != "" || l.Source != rows[i].source || x.Snapshot.Source != rows[i].source {
				out = append(out, fmt.Sprintf("row %d is listed twice or for %s", x.Row, l.Source))
			} else {
				got[i] = text
			}
		}
	}
	for i := range rows {
		if got[i] != rows[i].expected {
			out = append(out, fmt.Sprintf("row %d: %q, want %q", i+1, got[i], rows[i].expected))
		}
	}
	return out
}

func TestPlantedConflictsAndNearMisses(t *testing.T) {
	t.Parallel()
	for name, rows := range map[string][]row{"register": registered(), "no register": bare()} {
		gen := seal(t, store.NewMemory(), rows, inOrder(len(rows)), false)
		r, err := conflicts.Find(t.Context(), gen, conflicts.Options{})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if d := differences(rows, r); len(d) > 0 {
			t.Errorf("%s:\n%s", name, strings.Join(d, "\n"))
		}
		if want := name == "register"; r.Register != want {
			t.Errorf("%s: the report says that there is a register: %v", name, r.Register)
		}
	}
}

// A finder that forgets former names has to be noticed.
func TestPlantedBugIsNoticed(t *testing.T) {
	t.Parallel()
	rows := registered()
	gen := seal(t, store.NewMemory(), rows, inOrder(len(rows)), false)
	r, err := conflicts.FindForgettingFormerNames(t.Context(), gen)
	if err != nil {
		t.Fatal(err)
	}
	if len(differences(rows, r)) == 0 {
		t.Error("former names are forgotten and nothing is different")
	}
}

// The lists depend neither on the order in which rows came nor on the run.
func TestSameLists(t *testing.T) {
	t.Parallel()
	rows := registered()
	back := inOrder(len(rows))
	slices.Reverse(back)
	var first []byte
	for _, order := range [][]int{inOrder(len(rows)), inOrder(len(rows)), back} {
		gen := seal(t, store.NewMemory(), rows, order, false)
		r, err := conflicts.Find(t.Context(), gen, conflicts.Options{})
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		for i := range r.Lists {
			if err := conflicts.WriteCSV(&b, &r.Lists[i], conflicts.Zh, nil); err != nil {
				t.Fatal(err)
			}
		}
		if first == nil {
			first = b.Bytes()
		}
		if !bytes.Equal(first, b.Bytes()) {
			t.Errorf("another order gives other lists:\n%s\n%s", first, &b)
		}
	}
}

// What can't be read is an error and no report.
func TestDamageIsAnError(t *testing.T) {
	t.Parallel()
	rows := registered()
	gen := seal(t, store.NewMemory(), rows, inOrder(len(rows)), true)
	if r, err := conflicts.Find(t.Context(), gen, conflicts.Options{}); r != nil || !errors.Is(err, profile.ErrDamaged) {
		t.Errorf("an entry cut short gives %v, %v", r, err)
	}

	dir := t.TempDir()
	st, err := store.OpenDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	gen = seal(t, st, rows, inOrder(len(rows)), false)
	if r, err := conflicts.Find(t.Context(), gen, conflicts.Options{}); err != nil || len(differences(rows, r)) > 0 {
		t.Fatalf("from the disk: %v", err)
	}
	id := gen.Manifest().ID
	if err := gen.Close(); err != nil {
		t.Fatal(err)
	}
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".sst" && filepath.Ext(path) != ".vlog" {
			return err
		}
		b, err := os.ReadFile(path)
		if err == nil && len(b) > 0 {
			for i := len(b) / 4; i < len(b)/2; i++ {
				b[i] ^= 1
			}
			err = os.WriteFile(path, b, 0o600)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if gen, err = st.Open(id); err == nil {
		defer gen.Close()
		var r *conflicts.Report
		if r, err = conflicts.Find(t.Context(), gen, conflicts.Options{}); r != nil {
			t.Error("a damaged generation gives a report")
		}
	}
	if _, ok := errors.AsType[*store.DamageError](err); !ok {
		t.Errorf("a flipped bit gives %v", err)
	}
}

// A list shows where the row is and nothing personal.
func TestCSV(t *testing.T) {
	t.Parallel()
	rows := registered()
	gen := seal(t, store.NewMemory(), rows, inOrder(len(rows)), false)
	r, err := conflicts.Find(t.Context(), gen, conflicts.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var files []string
	for i := range r.Lists {
		l := &r.Lists[i]
		files = append(files, l.FileName())
		for _, lang := range []string{conflicts.Zh, conflicts.En} {
			var b bytes.Buffer
			if err := conflicts.WriteCSV(&b, l, lang, func(string, int) string { return "=file.csv" }); err != nil {
				t.Fatal(err)
			}
			text := b.String()
			if !strings.HasPrefix(text, "\ufeff来源 source,") {
				t.Errorf("the list begins %.20q", text)
			}
			for j := range rows {
				if n := rows[j].name; n != "" && strings.Contains(text, n) || strings.Contains(text, rows[j].number) {
					t.Errorf("the list holds name or number of row %d", j+1)
				}
			}
			lines, err := csv.NewReader(strings.NewReader(text)).ReadAll()
			if err != nil || len(lines) != 1+len(l.Rows) || l.Count(conflicts.X1)+l.Count(conflicts.X2) != int64(len(l.Rows)) {
				t.Fatalf("%d lines of %d rows: %v", len(lines), len(l.Rows), err)
			}
			if l.Source == bank && lang == conflicts.Zh {
				want := []string{"bank", "icbc", "snapshot-bank", "2026-09-30", "1", "'=file.csv", "8", "X1", "号码与姓名不属于同一人", "name_differs", "姓名与人口登记不同", "登记人 王**"}
				if !slices.Equal(lines[1], want) {
					t.Errorf("%q, want %q", lines[1], want)
				}
			}
		}
	}
	if want := []string{"conflicts-tax-tax.csv", "conflicts-vehicle-vehicle.csv", "conflicts-property-_land_office.csv", "conflicts-bank-icbc.csv", "conflicts-register-register.csv"}; !slices.Equal(files, want) {
		t.Errorf("files %q, want %q", files, want)
	}
}

// Every code and reason has a name and words of its own.
func TestWords(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	say := func(s string) {
		if s == "" || seen[s] {
			t.Errorf("%q is empty or said twice", s)
		}
		seen[s] = true
	}
	for c := conflicts.X1; c <= conflicts.X2; c++ {
		say(c.String())
		say(c.In(conflicts.Zh))
		say(c.In(conflicts.En))
	}
	for reason := range conflicts.Reasons(1<<16 - 1).All() {
		say(reason.Code())
		say(reason.In(conflicts.Zh))
		say(reason.In(conflicts.En))
	}
	for _, r := range []conflicts.Register{
		{},
		{Held: true},
		{Held: true, Now: []string{"王*"}},
		{Held: true, Now: []string{"王*", "李*"}},
		{Held: true, Before: []string{"王*"}},
		{Held: true, Now: []string{"李*"}, Before: []string{"王*"}},
	} {
		say(r.In(conflicts.Zh))
		say(r.In(conflicts.En))
	}
}
