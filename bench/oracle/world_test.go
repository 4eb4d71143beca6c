package oracle

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Synthetic people; the division code 999999 does not exist.
var (
	anna  = person{"样本甲", resident("19800101", "001")}
	bert  = person{"样本乙", resident("19820202", "002")}
	child = person{"样本童", resident("20150303", "003")}
	other = person{"样本邻", resident("19500101", "001")}
)

type person struct{ name, id string }

func resident(birth, sequence string) string {
	return "999999" + birth + sequence + checkCharacter("999999"+birth+sequence)
}

const (
	taxHead       = "record_no,id_number,name,period,income_type,income,own_insurance,tax\n"
	vehicleHead   = "vin,id_number,name,plate,vehicle_class,status,registered_on\n"
	propertyHead  = "unit_code,certificate_no,id_number,name,kind,status,share,registered_on\n"
	bankHead      = "institution,account_no,id_number,name,kind,balance,balance_on,share,purpose\n"
	insuranceHead = "record_no,id_number,name,scheme,role,month,identity,benefit\n"
)

var heads = map[string]string{
	"tax": taxHead, "vehicle": vehicleHead, "property": propertyHead, "bank": bankHead, "insurance": insuranceHead,
}

// files are snapshots in the making: rows of `<source>` or, for further
// providers and dates, `<source>/<provider>[/<as-of>[/<covers>]]`. In the rows {A} and {B} stand for
// document and name of anna and bert. Sources without rows get an empty file
// unless they are left out with a nil value.
type files map[string][]string

const noSnapshot = "\x00"

// load writes the files and loads them.
func load(t *testing.T, in files) *Registry {
	t.Helper()
	reg, err := Load(write(t, in))
	if err != nil {
		t.Fatal(err)
	}
	return reg
}

func write(t *testing.T, in files) []Snapshot {
	t.Helper()
	all := files{}
	maps.Copy(all, in)
	for _, source := range sourceNames {
		if !anyKey(in, source) {
			all[source] = nil
		}
	}
	dir := t.TempDir()
	var snapshots []Snapshot
	for key, rows := range all {
		if len(rows) == 1 && rows[0] == noSnapshot {
			continue
		}
		parts := append(strings.SplitN(key, "/", 4), "", "", "")
		s := Snapshot{Source: parts[0], Provider: parts[1], AsOf: parts[2], Covers: parts[3]}
		if s.AsOf == "" {
			s.AsOf = "2026-10-31"
		}
		if s.Covers == "" && schemas[s.Source].flow {
			s.Covers = "2025-01..2026-10"
		}
		path := filepath.Join(dir, fmt.Sprintf("%d.csv", len(snapshots)))
		text := heads[s.Source]
		for _, row := range rows {
			text += fill(row) + "\n"
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		s.Files = []string{path}
		snapshots = append(snapshots, s)
	}
	return snapshots
}

func fill(row string) string {
	return strings.NewReplacer("{A}", anna.id+","+anna.name, "{B}", bert.id+","+bert.name,
		"{a}", anna.id, "{b}", bert.id, "{other}", other.id+","+other.name).Replace(row)
}

func anyKey(in files, source string) bool {
	for key := range in {
		if key == source || strings.HasPrefix(key, source+"/") {
			return true
		}
	}
	return false
}

// couple is anna and bert, urban: income limit 16,800.00, financial limit 33,600.00.
func couple() map[string]any {
	return map[string]any{
		"household_id": "H-1", "region": "999999", "scheme": "dibao", "residence": "urban",
		"authorization": map[string]any{
			"number": "SQ", "valid_from": "2026-01-01", "valid_to": "2026-12-31",
			"signed_by": []string{anna.id, bert.id},
		},
		"members": []any{
			map[string]any{"name": anna.name, "id_number": anna.id, "relation": "head"},
			map[string]any{"name": bert.name, "id_number": bert.id, "relation": "spouse"},
		},
		"declared_assets": map[string]any{},
	}
}

func line(t *testing.T, request map[string]any) []byte {
	t.Helper()
	raw, err := json.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

var november = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)

// ask verifies the couple, changed by the edits, on 2026-11-01.
func ask(t *testing.T, in files, edits ...func(map[string]any)) Answer {
	t.Helper()
	request := couple()
	for _, edit := range edits {
		edit(request)
	}
	return Verify(load(t, in), line(t, request), november)
}

// short writes findings as code/effect/grade/member[/type].
func short(a Answer) []string {
	var all []string
	for _, f := range a.Findings {
		all = append(all, strings.TrimSuffix(fmt.Sprintf("%s %s %s %d %s", f.Code, f.Effect, f.Grade, f.Member, f.Type), " "))
	}
	return all
}
