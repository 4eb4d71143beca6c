package situation

import (
	"strings"
	"testing"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/rules"
)

// A partial number or a name never carries a flag: what is found that way is a
// question at most.
func TestT15PartialNumberOrNameCarriesNoFlag(t *testing.T) { testFailure(t, "T15 ", 8) }

// Somebody of the same name, birth year and county who owns a car brings no flag on
// our person: a question at most.
func TestT18NamesakesCarIsNotOurs(t *testing.T) { testFailure(t, "T18 ", 5) }

// testFailure checks that no situation whose name begins so has a finding other than
// the question whose a record is, and that each has one when its records are written
// exactly as the member is.
func testFailure(t *testing.T, prefix string, atLeast int) {
	t.Helper()
	const pack = "reference_links"
	p, err := rules.Load(pack)
	if err != nil {
		t.Fatal(err)
	}
	dir, err := rules.Open(pack)
	if err != nil {
		t.Fatal(err)
	}
	all, err := Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for i := range all {
		s := &all[i]
		if !strings.HasPrefix(s.Name, prefix) {
			continue
		}
		n++
		t.Run(s.Name, func(t *testing.T) {
			for _, problem := range s.run(p) {
				t.Error(problem)
			}
			if codes := flags(t, s, p); len(codes) != 0 {
				t.Errorf("flags %v", codes)
			}
			certain := *s
			certain.Records = nil
			for _, r := range s.Records {
				r.Number, r.Name, r.Birth, r.Sex, r.Division = "", nil, 0, "", ""
				certain.Records = append(certain.Records, r)
			}
			if codes := flags(t, &certain, p); len(codes) == 0 {
				t.Error("the records would not carry a flag if they were the member's, so nothing was tested")
			}
		})
	}
	if n < atLeast {
		t.Errorf("%d situations, want %d", n, atLeast)
	}
}

// flags are the codes of the findings that are more than a question whose a record is.
func flags(t *testing.T, s *Situation, p *rules.Pack) (codes []string) {
	t.Helper()
	v, err := s.Verdict(p)
	if err != nil {
		t.Fatal(err)
	}
	for i := range v.Findings {
		if f := &v.Findings[i]; f.Code != p.Identity.Code || f.Grade != household.GradeC {
			codes = append(codes, f.Code)
		}
	}
	return codes
}
