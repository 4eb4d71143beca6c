package recheck_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hedui/hedui/connectors/departments"
	"github.com/hedui/hedui/engine"
	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ingest"
	"github.com/hedui/hedui/engine/match"
	"github.com/hedui/hedui/engine/publish"
	"github.com/hedui/hedui/engine/recheck"
	"github.com/hedui/hedui/engine/store"
	"github.com/hedui/hedui/rules"
)

const (
	peopleOf = 36
	dayOf    = household.Date(20261101)
)

// noAudit takes down nothing.
type noAudit struct{}

func (noAudit) Begin(audit.Look) (audit.Token, error)      { return audit.Token{}, nil }
func (noAudit) End(audit.Token, []household.Outcome) error { return nil }

// file is what one provider delivers.
type file struct {
	source   household.Source
	provider string
	covers   string
	header   string
	rows     []string
	asOf     household.Date
	dirty    bool // to be delivered
}

// world is a small province: the files of its departments and its households.
type world struct {
	dir     string
	rng     *rand.Rand
	files   []*file
	serial  int
	members [][]int // by household
	claimed []int   // by household: financial assets declared, in yuan
	classes []string
}

func number(i int) string {
	return match.ResidentText(34010419800101000 + uint64(i)*17%1000 + uint64(i/7)*1_0000_0000_000)
}

func nameOf(i int) string { return [...]string{"王秀英", "李建国", "张伟", "刘洋"}[i%4] }

// wrong is a number that was mistyped: whom it means has to be found out.
func wrong(i int) string {
	b := []byte(number(i))
	b[13] = '0' + (b[13]-'0'+5)%10
	return string(b)
}

func newWorld(t testing.TB, seed uint64, register bool) *world {
	w := &world{dir: t.TempDir(), rng: rand.New(rand.NewPCG(seed, 5))}
	add := func(s household.Source, provider, covers, header string, asOf household.Date) *file {
		f := &file{source: s, provider: provider, covers: covers, header: header, asOf: asOf, dirty: true}
		w.files = append(w.files, f)
		return f
	}
	const year = "2025-01..2026-10"
	add(household.Tax, "税务", year, "id_number,name,record_no,period,income_type,income", 20261020)
	add(household.Vehicle, "车管", "", "id_number,name,vin,plate,vehicle_class,status", 20261020)
	add(household.Property, "不动产", "", "id_number,name,unit_code,kind,status,registered_on", 20260320) // old
	add(household.Bank, "甲", "", "id_number,name,institution,account_no,kind,balance,balance_on", 20261020)
	add(household.Bank, "乙", "", "id_number,name,institution,account_no,kind,balance,balance_on", 20261020)
	add(household.Insurance, "社保", year, "id_number,name,record_no,scheme,role,month,benefit", 20260320)
	if register {
		f := add(household.Register, "户籍", "", "id_number,name,birth_date,household_no", 20261020)
		for i := range peopleOf {
			f.rows = append(f.rows, w.row(f.source, i))
		}
	}
	for _, f := range w.files {
		for range 20 {
			if f.source != household.Register {
				f.rows = append(f.rows, w.row(f.source, w.rng.IntN(peopleOf)))
			}
		}
	}
	for i := 0; i < peopleOf; {
		n := 1 + w.rng.IntN(3)
		var list []int
		for ; n > 0 && i < peopleOf; n-- {
			list = append(list, i)
			i++
		}
		w.members = append(w.members, list)
		w.claimed = append(w.claimed, w.rng.IntN(3)*5000)
		w.classes = append(w.classes, [...]string{`"tax","vehicle","property","bank","insurance","register"`, `"tax","vehicle","property","bank","insurance"`, `"bank","tax"`}[w.rng.IntN(3)])
	}
	return w
}

// row is a new row of a source about a person; now and then the number is mistyped, the
// name another's, or something can't be read.
func (w *world) row(s household.Source, i int) string {
	w.serial++
	id, name, n := number(i), nameOf(i), w.rng.IntN(40000)
	if s != household.Register {
		switch w.rng.IntN(14) {
		case 0:
			id = wrong(i)
		case 1:
			name = "赵无关"
		}
	}
	amount := fmt.Sprint(n)
	if w.rng.IntN(14) == 0 {
		amount = "不详"
	}
	month := fmt.Sprintf("2026-%02d", 1+w.rng.IntN(10))
	switch s {
	case household.Tax:
		period := month
		if w.rng.IntN(6) == 0 {
			period = "2025"
		}
		return fmt.Sprintf("%s,%s,T%d,%s,wage,%s", id, name, w.serial, period, amount)
	case household.Vehicle:
		return fmt.Sprintf("%s,%s,LSVE%013d,皖A%05d,car,normal", id, name, w.serial, w.serial)
	case household.Property:
		return fmt.Sprintf("%s,%s,U%012d,residential,current,2020-01-01", id, name, w.serial)
	case household.Bank:
		return fmt.Sprintf("%s,%s,银行,6222%012d,demand,%s,2026-10-01", id, name, w.serial, amount)
	case household.Insurance:
		return fmt.Sprintf("%s,%s,S%d,unemployment,receiving,%s,%s", id, name, w.serial, month, amount)
	}
	return fmt.Sprintf("%s,%s,1980-01-01,户%d", id, name, i/3+w.rng.IntN(8)/7)
}

// request is what household h asks.
func (w *world) request(h int) []byte {
	var members, signed []string
	for _, i := range w.members[h] {
		signed = append(signed, `"`+number(i)+`"`)
		members = append(members, fmt.Sprintf(`{"name":"%s","id_number":"%s","relation":"head"}`, nameOf(i), number(i)))
	}
	to := "2026-12-31"
	if h%11 == 10 {
		to = "2026-06-30" // refused
	}
	return fmt.Appendf(nil, `{"household_id":"H%03d","region":"34010%d","scheme":"dibao","residence":"%s","authorization":{"number":"SQ%d","valid_from":"2026-01-01","valid_to":"%s","signed_by":[%s],"purpose":"dibao","data_classes":[%s]},"members":[%s],"declared_assets":{"financial_fen":%d}}`,
		h, h%3, [...]string{"urban", "rural"}[h%2], h, to, strings.Join(signed, ","), w.classes[h], strings.Join(members, ","), w.claimed[h]*100)
}

// publish takes in what is to be delivered, each file in an order of its own, and
// publishes.
func (w *world) publish(t testing.TB) string {
	t.Helper()
	for _, f := range w.files {
		if !f.dirty {
			continue
		}
		f.dirty = false
		rows := slices.Clone(f.rows)
		w.rng.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		name := filepath.Join(t.TempDir(), "f.csv")
		if err := os.WriteFile(name, []byte(f.header+"\n"+strings.Join(rows, "\n")+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		o := ingest.Options{
			Dir: w.dir, Department: departments.Of(f.source), Provider: f.provider, AsOf: f.asOf, Files: []string{name},
			Supersede: true, AcceptShrink: true, AcceptInstitutions: true,
		}
		o.Covers, _ = household.ParseMonths(f.covers)
		if _, err := ingest.Run(context.Background(), o); err != nil {
			t.Fatal(err)
		}
	}
	r, err := publish.Run(context.Background(), publish.Options{Dir: w.dir, Keep: -1})
	if err != nil {
		t.Fatal(err)
	}
	return r.Generation
}

// deliver has a file delivered again, a day later.
func (w *world) deliver(f *file) {
	if !f.dirty {
		f.asOf++
	}
	f.dirty = true
}

// change does something to the province, and to what households ask. Some of it touches
// no record.
func (w *world) change() string {
	f := w.files[w.rng.IntN(len(w.files))]
	at := func() int { return w.rng.IntN(len(f.rows)) }
	switch what := w.rng.IntN(10); {
	case what == 0:
		w.claimed[w.rng.IntN(len(w.claimed))] += 1000
		return "a request"
	case what == 1: // to the other bank
		f = w.files[3+w.rng.IntN(2)]
		other := w.files[3]
		if f == other {
			other = w.files[4]
		}
		if len(f.rows) < 5 {
			return "nothing"
		}
		i := w.rng.IntN(len(f.rows))
		other.rows = append(other.rows, f.rows[i])
		f.rows = slices.Delete(f.rows, i, i+1)
		w.deliver(f)
		w.deliver(other)
		return "a row goes to another bank"
	case what == 2:
		if f = w.files[2]; f.asOf < 20260601 {
			f.asOf = 20261010
		}
		w.deliver(f)
		return "an old file comes anew"
	case what == 3:
		w.deliver(f)
		return "the same again"
	case what == 4 && f.source.IsFlow() && len(f.rows) > 10:
		// One month comes again in a file of its own, from now on beside the rest.
		month := fmt.Sprintf("2026-%02d", 1+w.rng.IntN(10))
		g := &file{source: f.source, provider: f.provider, covers: month + ".." + month, header: f.header, asOf: max(f.asOf+1, 20261010), dirty: true}
		for _, r := range f.rows {
			if strings.Contains(r, month) {
				g.rows = append(g.rows, r)
			}
		}
		if w.rng.IntN(2) == 0 {
			g.rows = append(g.rows, strings.ReplaceAll(w.row(f.source, w.rng.IntN(peopleOf)), ",2025,", ","+month+","))
			for m := 1; m <= 10; m++ {
				g.rows[len(g.rows)-1] = strings.ReplaceAll(g.rows[len(g.rows)-1], fmt.Sprintf("2026-%02d", m), month)
			}
		}
		if len(g.rows) == 0 {
			return "nothing"
		}
		f.asOf++
		w.files = append(w.files, g)
		return "a month again"
	case what <= 6 && f.source != household.Register:
		f.rows = append(f.rows, w.row(f.source, w.rng.IntN(peopleOf)))
		w.deliver(f)
		return "a row more"
	case what <= 8 && len(f.rows) > 5:
		i := at()
		f.rows = slices.Delete(f.rows, i, i+1)
		w.deliver(f)
		return "a row less"
	}
	if i := at(); f.source != household.Register {
		f.rows[i] = w.row(f.source, w.rng.IntN(peopleOf))
	} else {
		f.rows[i] = w.row(f.source, i%peopleOf)
	}
	w.deliver(f)
	return "another row"
}

// verifier is one of a generation.
func verifier(t testing.TB, gen store.Generation, pack string) *engine.Verifier {
	t.Helper()
	p, err := rules.Load(pack)
	if err != nil {
		t.Fatal(err)
	}
	v, err := engine.NewVerifier(gen.Manifest(), p, dayOf)
	if err != nil {
		t.Fatal(err)
	}
	if err := v.Link(context.Background(), gen); err != nil {
		t.Fatal(err)
	}
	return v
}

// options verify against a generation.
func options(t testing.TB, dir, id, pack string, r recheck.Registry) *recheck.Options {
	t.Helper()
	s, err := store.OpenDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	gen, err := s.Open(id)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { gen.Close() })
	return &recheck.Options{Registry: r, Generations: s, Generation: gen, Verifier: verifier(t, gen, pack), Program: "1", Audit: noAudit{}, Workers: 2}
}

// all is everybody's last verdict, by household.
func all(t testing.TB, r recheck.Registry) map[string]recheck.Last {
	t.Helper()
	out := map[string]recheck.Last{}
	err := r.Each(context.Background(), func(l *recheck.Last, _ uint64) error {
		out[l.Household] = *l
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
