package province_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/hedui/hedui/bench/province"
)

// registered is a row of the register.
type registered struct {
	number, name, birth, division, household, deceased string
	formerNames, formerNumbers                         []string
}

func split(list string) []string {
	if list == "" {
		return nil
	}
	return strings.Split(list, ";")
}

// readRegister returns the rows of register.csv by number, which must be unique.
func readRegister(t *testing.T, dir string) map[string]registered {
	t.Helper()
	rows := readRows(t, dir, "register.csv", ',')
	if got, want := strings.Join(rows[0], ","), common+"former_names,former_numbers,deceased_on,household_no"; got != want {
		t.Fatalf("header of the register:\n got %s\nwant %s", got, want)
	}
	all := map[string]registered{}
	for i, row := range rows[1:] {
		if _, twice := all[row[0]]; twice || row[0] == "" || row[1] == "" || row[10] == "" {
			t.Fatalf("register row %d: %v", i+1, row)
		}
		all[row[0]] = registered{
			number: row[0], name: row[1], birth: row[4], division: row[6], household: row[10], deceased: row[9],
			formerNames: split(row[7]), formerNumbers: split(row[8]),
		}
	}
	return all
}

// truthRow is a line of identity.csv.
type truthRow struct {
	source, file string
	row          int
	person       string
	codes        []string
}

func readIdentities(t *testing.T, dir string) []truthRow {
	t.Helper()
	rows := readRows(t, dir, "identity.csv", ',')
	if got := strings.Join(rows[0], ","); got != "source,file,row,person,corruption" {
		t.Fatalf("header of identity.csv: %s", got)
	}
	var all []truthRow
	for _, r := range rows[1:] {
		at, err := strconv.Atoi(r[2])
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, truthRow{r[0], r[1], at, r[3], strings.Split(r[4], "+")})
	}
	return all
}

// departmentRow is a row of a department's file with what the truth says of it.
type departmentRow struct {
	source   string
	fields   []string
	idType   string
	person   registered // whose it is, when the register knows
	codes    []string   // empty for a row that is not listed
	division string
}

// readDepartments reads all rows and joins them with the truth. It returns what does
// not fit.
func readDepartments(t *testing.T, dir string, sum province.Summary, register map[string]registered, listed []truthRow) (rows []departmentRow, faults []string) {
	t.Helper()
	type place struct {
		file string
		row  int
	}
	truth := map[place]truthRow{}
	for _, l := range listed {
		if _, twice := truth[place{l.file, l.row}]; twice {
			faults = append(faults, fmt.Sprintf("%s row %d is listed twice", l.file, l.row))
		}
		truth[place{l.file, l.row}] = l
	}
	found := 0
	for _, f := range sum.Files {
		if f.Source == "register" {
			continue
		}
		all := readRows(t, dir, f.Name, ',')
		kind := column(all[0], "id_type")
		for i, fields := range all[1:] {
			r := departmentRow{source: f.Source, fields: fields, idType: fields[kind], division: fields[column(all[0], "division")]}
			l, ok := truth[place{f.Name, i + 1}]
			if ok {
				found++
				r.codes = l.codes
				person, known := register[l.person]
				if !known || l.source != f.Source {
					faults = append(faults, fmt.Sprintf("%s row %d is listed as %+v", f.Name, i+1, l))
					continue
				}
				r.person = person
			} else {
				r.person = register[upgraded(plainID(fields[0]))]
			}
			if fault := r.fault(register); fault != "" {
				faults = append(faults, fmt.Sprintf("%s row %d %v %s %s: %s; person %+v", f.Name, i+1, r.codes, fields[0], fields[1], fault, r.person))
			}
			rows = append(rows, r)
		}
	}
	if found != len(truth) {
		faults = append(faults, fmt.Sprintf("%d rows are listed, %d of them found", len(truth), found))
	}
	return rows, faults
}

// upgraded is the number of 18 characters of a birth in 19xx.
func upgraded(number string) string {
	if len(number) != 15 {
		return number
	}
	number = number[:6] + "19" + number[6:]
	for _, check := range "0123456789X" {
		if validID(number + string(check)) {
			return number + string(check)
		}
	}
	return number
}

func (r *departmentRow) has(code string) bool { return slices.Contains(r.codes, code) }

func (r *departmentRow) hasAny(codes ...string) bool { return slices.ContainsFunc(codes, r.has) }

// fault says what is wrong with the row as the truth tells it, empty for nothing.
func (r *departmentRow) fault(register map[string]registered) string {
	if len(r.codes) == 0 {
		return r.plainFault()
	}
	if fault := r.numberFault(register); fault != "" {
		return fault
	}
	return r.nameFault()
}

// plainFault judges a row that is not listed. Planted people's rows may be written in
// forms that lose nothing, and some bear another's name on purpose.
func (r *departmentRow) plainFault() string {
	number, name := r.fields[0], r.fields[1]
	if r.person.number == "" {
		return "nobody has the number"
	}
	if number == r.person.number && name == r.person.name {
		return ""
	}
	same := strings.NewReplacer("\u3000", "", "\u200b", "", "•", "·", "‧", "·", "・", "·", "･", "·", "∙", "·", "．", "·").Replace(name)
	if same != r.person.name && name != "漆雕问樵" && name != "" {
		return "not the person's name"
	}
	return ""
}

func (r *departmentRow) numberFault(register map[string]registered) string {
	written, own := r.fields[0], r.person.number
	if r.has("id_missing") {
		if written != "" {
			return "a number that is missing"
		}
		return ""
	}
	number := plainID(written)
	if number == "" {
		return "no number"
	}
	if strings.Contains(number, "号") != (r.idType == "military") {
		return "document and type differ"
	}
	if (written != number) != r.has("id_written") {
		return "written otherwise or not"
	}
	if strings.Contains(number, "*") != r.has("id_masked") {
		return "masked or not"
	}
	changed := r.hasAny("id_substituted", "id_transposed", "id_double", "id_masked")
	base := own
	switch {
	case r.has("id_other"):
		if r.idType == "resident_id" || r.idType == "" || number == own {
			return "not another document"
		}
		base = r.known(number, r.idType+":", changed)
	case r.has("id_shared"):
		if changed {
			return ""
		}
		other := register[upgraded(number)]
		if other.number == "" || other.number == own || other.birth != r.person.birth || other.number[:14] != own[:14] {
			return "not the number of somebody born there that day"
		}
		return ""
	case r.has("id_former"):
		if !changed && (upgraded(number) == own || !validID(number) || register[upgraded(number)].number != "") {
			return "not a number of before"
		}
		base = r.known(upgraded(number), "", changed)
	}
	if base == "" {
		return ""
	}
	if r.has("id15") {
		base = base[:6] + base[8:17]
	} else if len(number) == 15 {
		return "15 digits"
	}
	if !changed && r.has("id_former") && len(number) == 15 {
		return ""
	}
	return typingFault(base, number, r)
}

// known is the number of before that the register knows, empty when it doesn't.
func (r *departmentRow) known(number, prefix string, changed bool) string {
	for _, f := range r.person.formerNumbers {
		if rest, ok := strings.CutPrefix(f, prefix); ok && strings.Contains(f, ":") == (prefix != "") && !changed {
			if upgraded(rest) == number {
				return number
			}
		}
	}
	return ""
}

// typingFault compares what should stand there with what stands there.
func typingFault(base, number string, r *departmentRow) string {
	if len(base) != len(number) {
		return "another length"
	}
	var at []int
	for i := range base {
		if number[i] != '*' && number[i] != base[i] {
			at = append(at, i)
		}
	}
	masked := r.has("id_masked")
	n := len(at)
	ok := n == 0
	switch {
	case r.has("id_substituted"):
		ok = n == 1 || masked && n == 0
	case r.has("id_double"):
		ok = n == 2 || masked && n < 2
	case r.has("id_transposed"):
		ok = n == 2 && at[1] == at[0]+1 && number[at[0]] == base[at[1]] && number[at[1]] == base[at[0]] || masked && n <= 2
	}
	if !ok {
		return fmt.Sprintf("differs at %v", at)
	}
	return ""
}

func (r *departmentRow) nameFault() string {
	name, own := r.fields[1], r.person.name
	var codes []string
	for _, c := range r.codes {
		if strings.HasPrefix(c, "name_") {
			codes = append(codes, c)
		}
	}
	if len(codes) == 0 {
		if name != own {
			return "another name"
		}
		return ""
	}
	if name == own {
		return "the person's own name"
	}
	if len(codes) > 1 {
		return ""
	}
	ok := true
	switch codes[0] {
	case "name_changed":
		ok = len(r.person.formerNames) == 0 || r.person.formerNames[0] == name
	case "name_rare":
		before, _ := utf8.DecodeLastRuneInString(own)
		ok = strings.HasPrefix(name, strings.TrimSuffix(own, string(before)))
	case "name_variant":
		ok = strings.Contains(own, "·") || utf8.RuneCountInString(name) == utf8.RuneCountInString(own)
	case "name_pinyin":
		ok = !strings.ContainsFunc(name, func(c rune) bool { return c != ' ' && (c < 'A' || c > 'z') })
	case "name_mojibake":
		gbk, _ := simplifiedchinese.GBK.NewDecoder().String(own)
		raw, _ := simplifiedchinese.GB18030.NewEncoder().String(own)
		latin := make([]rune, len(raw))
		for i := range len(raw) {
			latin[i] = rune(raw[i])
		}
		ok = name == strings.ReplaceAll(gbk, "\ufffd", "?") || name == string(latin)
	case "name_missing":
		ok = name == ""
	}
	if !ok {
		return "not " + codes[0]
	}
	return ""
}

func TestIdentitiesAreWhatTheFilesSay(t *testing.T) {
	for _, o := range []province.Options{
		{People: 20_000, Seed: 31, Corrupt: province.CorruptBase},
		{People: 20_000, Seed: 32, Corrupt: province.CorruptBad, Months: true, Banks: 3},
		{People: 20_000, Seed: 33, Corrupt: province.CorruptX3},
	} {
		t.Run(o.Corrupt, func(t *testing.T) {
			o.Register = true
			dir, sum := generate(t, o)
			register, listed := readRegister(t, dir), readIdentities(t, dir)
			if int64(len(listed)) != sum.IdentityRows {
				t.Errorf("%d rows listed, the summary says %d", len(listed), sum.IdentityRows)
			}
			counts := map[string]int64{}
			for _, l := range listed {
				for _, c := range l.codes {
					counts[c]++
				}
			}
			for code, n := range sum.Corruptions {
				if counts[code] != n {
					t.Errorf("%d rows with %s, the summary says %d", counts[code], code, n)
				}
			}
			_, faults := readDepartments(t, dir, sum, register, listed)
			for _, f := range faults[:min(10, len(faults))] {
				t.Error(f)
			}
			// The check sees it when the truth is off by one row.
			for i := range listed {
				listed[i].row++
			}
			if _, faults := readDepartments(t, dir, sum, register, listed); len(faults) < len(listed)/2 {
				t.Errorf("%d faults in %d rows listed one row too late", len(faults), len(listed))
			}
		})
	}
}

// Rows that Options.Dirty makes bad are listed as what became of their identity.
func TestIdentitiesOfDirtyRows(t *testing.T) {
	dir, sum := generate(t, province.Options{People: 10_000, Seed: 34, Corrupt: province.CorruptBase, Register: true, Dirty: 500})
	codes := map[string]map[string]bool{}
	for _, l := range readIdentities(t, dir) {
		k := l.file + "/" + strconv.Itoa(l.row)
		codes[k] = map[string]bool{}
		for _, c := range l.codes {
			codes[k][c] = true
		}
	}
	want := map[string]string{"no_document": "id_missing", "invalid_document": "id_substituted", "no_name": "name_missing"}
	n := 0
	for _, d := range readDirty(t, dir) {
		if code := want[d.Code]; code != "" {
			n++
			if !codes[d.File+"/"+strconv.FormatInt(d.Row, 10)][code] {
				t.Errorf("%s row %d is %s and not listed as %s", d.File, d.Row, d.Code, code)
			}
		}
	}
	if n < 100 || sum.Corruptions["name_missing"] == 0 {
		t.Errorf("%d dirty identities", n)
	}
}
