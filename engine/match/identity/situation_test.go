package identity_test

import (
	"bytes"
	_ "embed"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/engine/match/identity"
)

//go:embed testdata/situations.yaml
var situationText []byte

// situation is one row judged for one person.
type situation struct {
	Name     string   `yaml:"name"`
	Subject  person   `yaml:"subject"` // what is left out is that of base
	Record   person   `yaml:"record"`  // likewise, but for birth, sex and county
	Register []person `yaml:"register"`
	World    struct {
		None       bool             `yaml:"none"`    // no register
		Missing    bool             `yaml:"missing"` // the register has not the subject
		Common     bool             `yaml:"common"`
		Population int64            `yaml:"population"`
		PPB        map[string]int64 `yaml:"ppb"`
	} `yaml:"world"`
	Want struct {
		Tier    string   `yaml:"tier"`
		Use     string   `yaml:"use"`
		Total   string   `yaml:"total"`
		Reasons []string `yaml:"reasons"`
	} `yaml:"want"`
}

// base is the person declared unless a situation says otherwise.
func base() person {
	return person{Number: withCheck("34122119500307122"), Name: "王秀英", County: "341221"}
}

func (p *person) fill(from person, declared string) {
	if p.Number == "" && p.Type == "" {
		p.Number, p.Type = from.Number, from.Type
	}
	p.Number = number(p.Number, declared)
	if p.Name == "" {
		p.Name = from.Name
	}
	if p.Name == "-" {
		p.Name = ""
	}
	for i, n := range p.Numbers {
		if !strings.Contains(n, ":") {
			p.Numbers[i] = number(n, declared)
		}
	}
}

func situations(t testing.TB) []situation {
	t.Helper()
	var list []situation
	if err := yaml.NewDecoder(bytes.NewReader(situationText), yaml.Strict()).Decode(&list); err != nil {
		t.Fatal(err)
	}
	for i := range list {
		s := &list[i]
		s.Subject.fill(base(), base().Number)
		if s.Subject.County == "" {
			s.Subject.County = base().County
		}
		s.Record.fill(s.Subject, s.Subject.Number)
		for j := range s.Register {
			s.Register[j].fill(s.Subject, s.Subject.Number)
		}
	}
	return list
}

func (s *situation) world() *world {
	if s.World.None {
		return nil
	}
	w := &world{people: s.Register, population: s.World.Population, ppb: s.World.PPB, common: s.World.Common}
	if !s.World.Missing {
		w.people = append([]person{s.Subject}, w.people...)
	}
	return w
}

func TestSituations(t *testing.T) {
	policy := standard(t)
	tiers, whys, seen := map[string]bool{}, map[string]bool{}, map[string]bool{}
	list := situations(t)
	for _, s := range list {
		t.Run(s.Name, func(t *testing.T) {
			if seen[s.Name] {
				t.Error("two of the name")
			}
			seen[s.Name] = true
			got := judge(t, policy, &s.Subject, &s.Record, s.world())
			var why []string
			for r := range got.Reasons.All() {
				why = append(why, r.Code())
				whys[r.Code()] = true
			}
			slices.Sort(why)
			slices.Sort(s.Want.Reasons)
			tiers[got.Tier.String()] = true
			if got.Tier.String() != s.Want.Tier || got.Use.String() != s.Want.Use {
				t.Errorf("%v %v, want %s %s", got.Tier, got.Use, s.Want.Tier, s.Want.Use)
			}
			if diff := cmp.Diff(s.Want.Reasons, why); diff != "" {
				t.Error(diff)
			}
			if s.Want.Total != "" && got.Total.String() != s.Want.Total {
				t.Errorf("total %v, want %s", got.Total, s.Want.Total)
			}
			if t.Failed() {
				var b strings.Builder
				got.Write(&b, identity.English)
				t.Log("\n" + b.String())
			}
		})
	}
	if len(list) < 60 {
		t.Errorf("%d situations", len(list))
	}
	for i := range identity.Tiers {
		if name := identity.Tier(i).String(); !tiers[name] {
			t.Errorf("no situation of tier %s", name)
		}
	}
	for i := range identity.Whys {
		// What members of a household have to do with each other is tested with Compete,
		// what a policy has not enabled with TestB1Enabled.
		if r := identity.Reason(i); r != identity.NotEnabled && !whys[r.Code()] && !strings.Contains(r.Code(), "member") {
			t.Errorf("no situation with reason %s", r.Code())
		}
	}
}
