package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hedui/hedui/engine/match"
)

var (
	leakPeople     = flag.Int("leak.people", 1000, "people whose values are looked for where they must not be")
	leakHouseholds = flag.Int("leak.households", 10, "of them registered and checked over HTTP")
)

// odd is somebody that there is nobody like: whose values can't stand anywhere by chance.
type odd struct{ id, name, account, vin, plate, certificate, address string }

func oddPerson(i int) odd {
	rare := []rune("龘靐齉爩鱻麤灪龗厵滟爨癵籱饢驫鲡鹂鸾齾饕")
	given := string([]rune{rare[i%20], rare[i/20%20], rare[i/400%20]})
	return odd{
		id: match.ResidentText(34010419620301000 + uint64(i)), name: "欧阳" + given,
		account: fmt.Sprintf("6217866%012d", 700_314_159_265+i*7919), vin: fmt.Sprintf("LQZWX7C2%09d", 314_159_265+i*7919),
		plate: fmt.Sprintf("藏Q%c%04d", 'A'+i%24, 1000+i*7%9000), certificate: fmt.Sprintf("藏(2019)那曲市不动产权第%07d号", 3_141_592+i*13),
		address: fmt.Sprintf("那曲区%s巷%d号%d室", given, 7000+i, 9000+i),
	}
}

// texts are the values that are looked for.
func (o odd) texts() []string {
	return []string{o.id, o.name, o.account, o.vin, o.plate, o.certificate, o.address}
}

// leaks is a hunt: what is looked for, and where it was found.
type leaks struct {
	t      *testing.T
	wanted *canary
	looked map[string]int64 // bytes, by place
}

func newLeaks(t *testing.T) *leaks {
	l := &leaks{t, &canary{map[string]bool{}, map[[6]byte][][]byte{}}, map[string]int64{}}
	for i := range *leakPeople {
		for _, text := range oddPerson(i).texts() {
			l.wanted.add(text)
			l.wanted.pattern([]byte(url.PathEscape(text)))
			l.wanted.pattern([]byte(strings.ToLower(url.PathEscape(text))))
			quoted, _ := json.Marshal(text)
			l.wanted.pattern(bytes.Trim(quoted, `"`))
			l.wanted.pattern([]byte(strings.Trim(fmt.Sprintf("%+q", text), `"`)))
		}
	}
	return l
}

// none fails when something is found.
func (l *leaks) none(where string, b []byte) {
	l.t.Helper()
	l.looked[where] += int64(len(b))
	if at := l.wanted.first(b); at >= 0 {
		l.t.Errorf("%s: a value of somebody at %d: …%q…", where, at, b[max(0, at-60):min(len(b), at+40)])
	}
}

// noneBelow looks through every file below a directory and their names, but for the
// folders that hold what was delivered.
func (l *leaks) noneBelow(dir string, but ...string) {
	l.t.Helper()
	err := filepath.WalkDir(dir, func(name string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		l.none("names of files", []byte(name))
		rel, _ := filepath.Rel(dir, name)
		for _, b := range but {
			if ok, _ := filepath.Match(b, rel); ok {
				if e.IsDir() {
					return fs.SkipDir
				}
				return nil
			}
		}
		if !e.Type().IsRegular() {
			return nil
		}
		b, err := os.ReadFile(name)
		top, _, _ := strings.Cut(rel, string(filepath.Separator))
		l.none("files of "+top, b)
		return err
	})
	if err != nil {
		l.t.Fatal(err)
	}
}

// runs a command and looks at both of its streams.
func (l *leaks) run(args ...string) (stdout string) {
	l.t.Helper()
	cmd := started(l.t, args)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	_ = cmd.Run() // some must fail
	l.none("output of "+args[0], out.Bytes())
	l.none("messages of "+args[0], errs.Bytes())
	if out.Len()+errs.Len() == 0 {
		l.t.Errorf("hedui %s said nothing", args[0])
	}
	return out.String()
}

// TestLeakHunt puts a thousand people whom there are none like into departments' files
// and into requests, good and bad, and looks for them wherever they must not be: what
// commands say, the quarantine, verdicts, the audit log, names of files, what the service
// answers and logs, its metrics. Snapshots, generations and the ledger hold them.
func TestLeakHunt(t *testing.T) {
	t.Parallel()
	l := newLeaks(t)
	l.selfCheck()
	top := t.TempDir()
	data := filepath.Join(top, "data")
	asOf := time.Now().AddDate(0, 0, -20)
	writeOdd(t, top, asOf)

	covers := asOf.AddDate(0, -21, 0).Format("2006-01") + ".." + asOf.Format("2006-01")
	for _, source := range []string{"bank", "vehicle", "property", "tax", "insurance"} {
		args := []string{"ingest", "--data", data, "--source", source, "--as-of", asOf.Format(time.DateOnly), "--memory", "64KiB"}
		if source == "tax" || source == "insurance" {
			args = append(args, "--covers", covers)
		}
		l.run(append(args, filepath.Join(top, source+".csv"))...)
	}
	l.run("ingest", "--data", data, "--source", "bank", "--as-of", "yesterday", filepath.Join(top, "bank.csv"))
	l.run("ingest", "--data", data, "--source", "bank", "--as-of", asOf.Format(time.DateOnly), filepath.Join(top, "batch.jsonl"))
	l.run("publish", "--data", data)
	on := time.Now().Format(time.DateOnly)
	out := filepath.Join(data, "verdicts.jsonl")
	l.run("verify", "--data", data, "--rules", "reference", "--on", on, "--out", out, filepath.Join(top, "batch.jsonl"))
	l.run("conflicts", "--data", data, "--out", filepath.Join(data, "conflicts"))
	one := filepath.Join(top, "one.json")
	for i := range 5 {
		writeFile(t, one, oddRequest(i))
		l.run("check", "--data", data, "--rules", "reference", "--on", on, "--json", one)
		l.run("check", "--data", data, "--rules", "reference", "--on", on, one)
		l.run("check", "--data", data, "--rules", "reference", "--on", on, "--lang", "zh", one)
		writeFile(t, one, strings.Replace(oddRequest(i), `"members":[`, `"members":{`, 1))
		l.run("check", "--data", data, "--rules", "reference", "--on", on, "--json", one)
	}
	l.run("snapshots", "list", "--data", data)
	l.run("audit", "search", "--data", data)

	s := startLeakService(l, top, data)
	s.drive()
	s.stop()
	l.run("audit", "search", "--data", data)
	l.run("audit", "verify", "--data", data)
	l.noneBelow(data, "generations/*", "ledger", "snapshots/*/hot.blocks", "snapshots/*/cold.blocks")
	for _, place := range []string{
		"messages of ingest", "output of verify", "output of check", "files of audit", "names of files", "answers", "headers of answers", "log of the service", "metrics",
		"files of verdicts.jsonl",
	} {
		if l.looked[place] == 0 {
			t.Errorf("nothing was looked at: %s", place)
		}
	}
	t.Logf("%d people, %d texts; looked at %v", *leakPeople, len(l.wanted.texts), l.looked)
}

// selfCheck plants a leak of every value of somebody in every form.
func (l *leaks) selfCheck() {
	forms := map[string]func(string) []byte{
		"raw":  func(s string) []byte { return []byte(s) },
		"hex":  func(s string) []byte { return fmt.Appendf(nil, "%x", s) },
		"HEX":  func(s string) []byte { return fmt.Appendf(nil, "%X", s) },
		"URL":  func(s string) []byte { return []byte(url.QueryEscape(s)) },
		"JSON": func(s string) []byte { b, _ := json.Marshal(map[string]string{"x": s}); return b },
		"%+q":  func(s string) []byte { return fmt.Appendf(nil, "%+q", s) },
	}
	maps.Copy(forms, encodings)
	for name, form := range forms {
		for _, text := range oddPerson(3).texts() {
			planted := append([]byte("level=ERROR msg=\"row failed\" value="), form(text)...)
			if l.wanted.first(append(planted, ' ', 'x')) < 0 {
				l.t.Errorf("self-check: a planted leak as %s is not seen", name)
			}
		}
	}
	if l.wanted.first([]byte("level=INFO msg=request account=verifier01 number=340104-000123 took=1ms")) >= 0 {
		l.t.Error("self-check: something is seen where there is nothing")
	}
}

func writeFile(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// writeOdd writes the departments' files and a batch. Every tenth row is one that must be
// quarantined, in another column each time.
func writeOdd(t *testing.T, dir string, asOf time.Time) {
	t.Helper()
	const who = "id_number,name,id_type,country,birth_date,sex,division,"
	files := map[string]*strings.Builder{}
	add := func(name, head, format string, args ...any) {
		b := files[name]
		if b == nil {
			b = &strings.Builder{}
			files[name] = b
			b.WriteString(head + "\n")
		}
		_, _ = fmt.Fprintf(b, format+"\n", args...)
	}
	day := asOf.Format(time.DateOnly)
	for i := range *leakPeople {
		o := oddPerson(i)
		id, balance, kind, month := o.id, "912345.67", "demand", asOf.Format("2006-01")
		switch i % 40 {
		case 10:
			balance = o.account // columns that slipped
		case 20:
			kind = o.name
		case 30:
			id = o.id[:17] + "?"
		}
		if i%40 == 25 {
			month = o.plate
		}
		me := fmt.Sprintf("%s,%s,,,,,340104,", id, o.name)
		add("bank.csv", who+"institution,account_no,kind,balance,balance_on,average_balance,share,purpose", "%s工商银行,%s,%s,%s,%s,%s,,", me, o.account, kind, balance, day, balance)
		add("vehicle.csv", who+"vin,plate,vehicle_class,status,use,registered_on,inspection_due,value", "%s%s,%s,%s,normal,private,2022-08-18,2027-10-31,163886.28", me, o.vin, o.plate, map[bool]string{true: o.vin, false: "small_car"}[i%40 == 15])
		add("property.csv", who+"unit_code,certificate_no,kind,status,share,area,address,registered_on,value", "%s540602001001GB%05dF%08d,%s,residential,current,,61.38,%s,2005-08-02,%s", me, i, i, o.certificate, o.address, map[bool]string{true: o.address, false: "502541.54"}[i%40 == 35])
		add("tax.csv", who+"record_no,period,income_type,income,own_insurance,tax,payer_name,payer_code", "%sT%013d,%s,labour,6508.03,,0.00,无名公司,9134120202H0N8R1MD", me, i, month)
		add("insurance.csv", who+"record_no,scheme,role,month,identity,base,benefit,employer_name,employer_code", "%sS%013d,resident_medical,contributing,%s,resident,400.00,,,", me, i, month)
		add("batch.jsonl", "", "%s", oddRequest(i))
	}
	for name, b := range files {
		text := b.String()
		if name == "batch.jsonl" {
			text = strings.TrimPrefix(text, "\n")
		}
		writeFile(t, filepath.Join(dir, name), text)
	}
}

func oddNumber(i int) string { return fmt.Sprintf("340104-%06d", i) }

func oddRequest(i int) string {
	o := oddPerson(i)
	return fmt.Sprintf(`{"household_id":%q,"region":"340104","scheme":"dibao","residence":"urban","authorization":{"number":"SQ%s","valid_from":"2020-01-01","valid_to":"2099-12-31","signed_by":[%q],"purpose":"dibao","data_classes":["tax","vehicle","property","bank","insurance"]},"members":[{"name":%q,"id_number":%q,"id_type":"resident_id","relation":"head"}],"declared_assets":{"financial_fen":12916,"vehicles":[%q],"properties":[%q]}}`,
		oddNumber(i), oddNumber(i), o.id, o.name, o.id, o.plate, o.certificate)
}
