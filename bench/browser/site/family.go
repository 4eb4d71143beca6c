package site

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// sources are the departments whose files there are.
var sources = [...]string{"tax", "vehicle", "property", "bank", "insurance"}

// Person is somebody of a family.
type Person struct {
	Name, Number, Relation string
	// Wage that is declared, yuan a month.
	Wage int64
}

// Family is a household: its people, what they declare, and what departments hold.
type Family struct {
	Number, Paper string
	// Why the family is here.
	Why      string
	People   []Person
	Declared int64 // financial assets in yuan
	Plates   []string
	Units    []string

	// What was done with it.
	Verdict, Case string

	serial int
	rows   map[string][]row
}

// row is a record of a department, by column; values that depend on the calendar are
// made when it is known.
type row func(c calendar) map[string]string

// calendar is what dates of records follow.
type calendar struct {
	asOf   time.Time
	months []string // of the window, oldest first
}

func newCalendar(asOf string, day time.Time) (calendar, error) {
	end, err := time.Parse(time.DateOnly, asOf)
	if err != nil {
		return calendar{}, errors.New("the province's date can't be read")
	}
	c := calendar{asOf: end}
	for i := 12; i >= 1; i-- {
		c.months = append(c.months, time.Date(day.Year(), day.Month(), 1, 0, 0, 0, 0, time.UTC).AddDate(0, -i, 0).Format("2006-01"))
	}
	return c, nil
}

// addRecords adds the rows of the families to the departments' files.
func (s *Site) addRecords() error {
	c, err := newCalendar(s.province.AsOf, s.Day)
	if err != nil {
		return err
	}
	for _, source := range sources {
		if err := s.addTo(source, c); err != nil {
			return err
		}
	}
	return nil
}

func (s *Site) addTo(source string, c calendar) (err error) {
	name := filepath.Join(s.province.dir, source+".csv")
	columns, err := header(name)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(name, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	w := csv.NewWriter(f)
	for _, family := range s.Families {
		for _, r := range family.rows[source] {
			values := r(c)
			line := make([]string, len(columns))
			for i, name := range columns {
				line[i] = values[name]
			}
			if err := w.Write(line); err != nil {
				return err
			}
		}
	}
	w.Flush()
	return w.Error()
}

func header(name string) ([]string, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return csv.NewReader(f).Read()
}

// division is where the added families live.
const division = "340104"

// newFamily makes a family; why says what it is for.
func newFamily(serial int, why string) *Family {
	return &Family{
		Number: fmt.Sprintf("%s-77%04d", division, serial), Paper: fmt.Sprintf("SQ%s-77%04d", division, serial), Why: why,
		serial: serial, rows: map[string][]row{},
	}
}

// join adds somebody born in a year. The number follows from the family and the place in
// it.
func (f *Family) join(name, relation string, born int) *Family {
	n := len(f.People) + 1
	f.People = append(f.People, Person{Name: name, Relation: relation, Number: idNumber(born, f.serial, n)})
	return f
}

// idNumber is a valid document number of somebody born on a day of January or February.
func idNumber(born, serial, n int) string {
	text := fmt.Sprintf("%s%04d%02d%02d%03d", division, born, 1+serial/28%12, 1+serial%28, 900+n)
	sum := 0
	for i, w := range [...]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2} {
		sum += int(text[i]-'0') * w
	}
	return text + string("10X98765432"[sum%11])
}

// of begins a record of a member, counted from 1.
func (f *Family) of(member int) map[string]string {
	p := f.People[member-1]
	return map[string]string{"id_number": p.Number, "name": p.Name, "division": division}
}

// key is a number of a record that no other has.
func (f *Family) key(source string) int { return f.serial*1000 + len(f.rows[source]) }

func (f *Family) add(source string, r row) *Family {
	f.rows[source] = append(f.rows[source], r)
	return f
}

// paid adds a tax record for each of the newest months of the window.
func (f *Family) paid(member int, payer, kind, amount string, months int) *Family {
	for i := range months {
		key := f.key("tax")
		f.add("tax", func(c calendar) map[string]string {
			m := f.of(member)
			m["record_no"] = fmt.Sprintf("T77%09d", key)
			m["period"], m["income_type"], m["income"], m["tax"] = c.months[len(c.months)-1-i%len(c.months)], kind, amount, "0.00"
			m["payer_name"], m["payer_code"] = payer, "91340104MA2ABCDE7X"
			return m
		})
	}
	return f
}

// saved adds an account.
func (f *Family) saved(member int, bank, amount string) *Family {
	key := f.key("bank")
	return f.add("bank", func(c calendar) map[string]string {
		m := f.of(member)
		m["institution"], m["account_no"], m["kind"] = bank, fmt.Sprintf("62177700%011d", key), "demand"
		m["balance"], m["balance_on"] = amount, c.asOf.Format(time.DateOnly)
		return m
	})
}

// drives adds a vehicle.
func (f *Family) drives(member int, plate, class string) *Family {
	key := f.key("vehicle")
	return f.add("vehicle", func(calendar) map[string]string {
		m := f.of(member)
		m["vin"], m["plate"], m["vehicle_class"] = fmt.Sprintf("LSV%014d", 77000000+key), plate, class
		m["status"], m["use"], m["registered_on"], m["value"] = "normal", "private", "2021-03-05", "68000.00"
		return m
	})
}

// owns adds a home.
func (f *Family) owns(member int, address, kind string) *Family {
	key := f.key("property")
	return f.add("property", func(calendar) map[string]string {
		m := f.of(member)
		m["unit_code"] = fmt.Sprintf("%s001001GB77777F%08d", division, key)
		m["certificate_no"] = fmt.Sprintf("皖(2019)合肥市不动产权第77%08d号", key)
		m["kind"], m["status"], m["area"], m["address"], m["registered_on"], m["value"] = kind, "current", "88.50", address, "2019-06-18", "930000.00"
		return m
	})
}

// insured adds a month of insurance for each of the newest months.
func (f *Family) insured(member int, employer, scheme, role, benefit string, months int) *Family {
	for i := range months {
		key := f.key("insurance")
		f.add("insurance", func(c calendar) map[string]string {
			m := f.of(member)
			m["record_no"] = fmt.Sprintf("S77%09d", key)
			m["scheme"], m["role"], m["month"] = scheme, role, c.months[len(c.months)-1-i%len(c.months)]
			if role == "receiving" {
				m["benefit"] = benefit
			} else {
				m["identity"], m["base"] = "employee", benefit
				m["employer_name"], m["employer_code"] = employer, "91340104MA2ABCDE7X"
			}
			return m
		})
	}
	return f
}

// Registration is the body that registers the family's authorisation.
func (f *Family) Registration(day time.Time) map[string]any {
	var members []any
	for _, p := range f.People {
		m := map[string]any{"name": p.Name, "id_number": p.Number}
		if p.Number[6:14] > day.AddDate(-18, -3, 0).Format("20060102") {
			m["guardian"] = 1
		} else {
			m["signed_on"] = day.AddDate(0, -2, 0).Format(time.DateOnly)
		}
		members = append(members, m)
	}
	return map[string]any{
		"number": f.Paper, "household": f.Number, "division": division, "purposes": []string{"dibao"}, "data_classes": sources,
		"valid_from": day.AddDate(0, -2, 0).Format(time.DateOnly), "valid_to": day.AddDate(1, 0, 0).Format(time.DateOnly),
		"scan_digest": strings.Repeat("0a", 32), "members": members,
	}
}

// Request is the body that asks about the family.
func (f *Family) Request() []byte {
	var members []any
	for _, p := range f.People {
		m := map[string]any{"name": p.Name, "id_number": p.Number, "id_type": "resident_id", "relation": p.Relation}
		if p.Wage > 0 {
			m["declared_income"] = []any{map[string]any{"type": "wage", "monthly_fen": p.Wage * 100}}
		}
		members = append(members, m)
	}
	text, err := json.Marshal(map[string]any{
		"household_id": f.Number, "region": division, "scheme": "dibao", "residence": "urban",
		"authorization":   map[string]any{"number": f.Paper},
		"members":         members,
		"declared_assets": map[string]any{"financial_fen": f.Declared * 100, "vehicles": f.Plates, "properties": f.Units},
	})
	if err != nil {
		panic(err) // it is text and numbers
	}
	return text
}
