package oracle

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// A province of 100,000 people in 36,000 households with about 650,000
// records: loading it and answering everybody.
func BenchmarkProvince(b *testing.B) {
	const people, households = 100_000, 36_000
	dir := b.TempDir()
	var snapshots []Snapshot
	for _, source := range sourceNames {
		path := filepath.Join(dir, source+".csv")
		if err := writeProvince(path, source, people); err != nil {
			b.Fatal(err)
		}
		s := Snapshot{Source: source, AsOf: "2026-10-31", Files: []string{path}}
		if schemas[source].flow {
			s.Covers = "2025-01..2026-10"
		}
		snapshots = append(snapshots, s)
	}
	for b.Loop() {
		reg, err := Load(snapshots)
		if err != nil {
			b.Fatal(err)
		}
		rows := 0
		for _, account := range reg.Accounts {
			rows += account.Total.Accepted
		}
		for h := range households {
			first, second := h*people/households, h*people/households+1
			request := fmt.Sprintf(`{"household_id":"H-%d","scheme":"dibao","residence":"rural",
				"authorization":{"valid_from":"2026-01-01","valid_to":"2026-12-31","signed_by":[%q,%q]},
				"members":[{"name":"样本","id_number":%q,"relation":"head"},{"name":"样本","id_number":%q,"relation":"spouse"}]}`,
				h, someone(first), someone(second), someone(first), someone(second))
			if a := Verify(reg, []byte(request), november); a.Outcome == refused {
				b.Fatalf("household %d: %s", h, a.Findings[0].Code)
			}
		}
		b.ReportMetric(float64(rows), "records")
	}
}

func someone(i int) string {
	return resident(fmt.Sprintf("19%02d%02d%02d", 50+i%50, 1+i/50%12, 1+i/600%28), fmt.Sprintf("%03d", i/16_800))
}

// writeProvince writes one source: 2.3 wage months, a quarter of a vehicle, 0.4
// units, 1.5 accounts and 2 contributions per person.
func writeProvince(path, source string, people int) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(file)
	fmt.Fprint(w, heads[source])
	for i := range people {
		who := someone(i) + ",样本"
		switch source {
		case "tax":
			for m := range 2 + i%3/2 {
				fmt.Fprintf(w, "T%d-%d,%s,2026-%02d,wage,1234.56,12.00,3.4\n", i, m, who, m+1)
			}
		case "vehicle":
			if i%4 == 0 {
				fmt.Fprintf(w, "V%d,%s,皖Z%05d,car,normal,2020-01-01\n", i, who, i)
			}
		case "property":
			if i%5 < 2 {
				fmt.Fprintf(w, "U%d,,%s,residential,current,50,\n", i/2, who)
			}
		case "bank":
			for k := range 1 + i%2 {
				fmt.Fprintf(w, "B%d,%d,%s,demand,%d.50,2026-10-31,,\n", k, i, who, i%9000)
			}
		case "insurance":
			for m := range 2 {
				fmt.Fprintf(w, "I%d-%d,%s,employee_pension,contributing,2026-%02d,employee,\n", i, m, who, m+1)
			}
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return file.Close()
}
