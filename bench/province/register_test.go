package province_test

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/bench/province"
)

// Everybody of the batch is in the register, under the number of the household but
// for the households that are split.
func TestRegisterHoldsTheHouseholds(t *testing.T) {
	for _, corrupt := range []string{"", province.CorruptBad} {
		t.Run("corrupt="+corrupt, func(t *testing.T) {
			const people = 60_000
			dir, sum := generate(t, province.Options{People: people, Seed: 51, Register: true, Corrupt: corrupt, BatchPercent: 40})
			register := readRegister(t, dir)
			planted := map[int]bool{}
			for _, x := range truth(t, dir) {
				planted[x.Line] = true
			}
			size := map[string]int{}
			gone, former := 0, 0
			for _, p := range register {
				size[strings.TrimSuffix(p.household, "-2")]++
				if p.deceased != "" {
					gone++
					if p.deceased > sum.AsOf || p.deceased <= p.birth {
						t.Errorf("died on %s, born on %s, as of %s", p.deceased, p.birth, sum.AsOf)
					}
					size[p.household]--
				}
				former += len(p.formerNames) + len(p.formerNumbers)
				if len(p.number) == 18 && !validID(p.number) {
					t.Errorf("not a number: %s", p.number)
				}
			}
			var split, joined tally
			for i, line := range lines(t, dir, "batch.jsonl") {
				var q struct {
					HouseholdID string `json:"household_id"`
					Members     []struct {
						Name     string
						IDNumber string `json:"id_number"`
					}
				}
				if json.Unmarshal(line, &q) != nil {
					continue
				}
				two := false
				for _, m := range q.Members {
					p := register[upgraded(m.IDNumber)]
					if planted[i+1] {
						if p.number != "" && p.household != q.HouseholdID {
							t.Fatalf("planted household %s has %+v", q.HouseholdID, p)
						}
						continue
					}
					if p.name != m.Name || strings.TrimSuffix(p.household, "-2") != q.HouseholdID {
						t.Fatalf("%s of %s is registered as %+v", m.IDNumber, q.HouseholdID, p)
					}
					two = two || p.household != q.HouseholdID
				}
				if planted[i+1] {
					continue
				}
				if len(q.Members) > 1 {
					split.add(two)
				}
				joined.add(size[q.HouseholdID] == len(q.Members)+1)
			}
			split.check(t, "split households", .01, 1)
			joined.check(t, "households with one more", .01, 1)
			if (former > 0) != (corrupt != "") || gone < people/1000 {
				t.Errorf("%d former names and numbers, %d dead", former, gone)
			}
			// Twins of planted cases are one person.
			if n := int(sum.Rows["register"]); n < people*99/100 || n != len(register) {
				t.Errorf("%d rows, %d people", n, len(register))
			}
		})
	}
}

func TestRegisterInOtherFormats(t *testing.T) {
	o := province.Options{People: 3000, Seed: 52, Register: true, Corrupt: province.CorruptBad}
	plain, _ := generate(t, o)
	want := readRows(t, plain, "register.csv", ',')
	for _, format := range []string{province.FormatGB18030, province.FormatXLSX} {
		o.Formats = map[string]string{"register": format}
		dir, sum := generate(t, o)
		f := sum.Files[len(sum.Files)-1]
		got := readFormat(t, filepath.Join(dir, f.Name), format)
		header := strings.Split("证件号码,姓名,证件类型,签发国,出生日期,性别,行政区划,曾用名,曾用证件号码,死亡日期,户号", ",")
		if diff := cmp.Diff(header, got[0]); diff != "" || len(got) != len(want) {
			t.Errorf("%s: %d rows, want %d; header:\n%s", format, len(got), len(want), diff)
		}
		compareRows(t, "register", want, got, format)
	}
}

// The register alone changes nothing else.
func TestRegisterChangesNoOtherFile(t *testing.T) {
	o := province.Options{People: 3000, Seed: 53, Dirty: 50, Second: true}
	dir, _ := generate(t, o)
	want := digests(t, dir)
	o.Register = true
	dir, _ = generate(t, o)
	got := digests(t, dir)
	delete(got, "register.csv")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("files differ:\n%s", diff)
	}
}
