package identity_test

import (
	"strings"
	"testing"

	"github.com/hedui/hedui/engine/match/identity"
)

func TestLoadErrors(t *testing.T) {
	text := identity.DefaultPolicy()
	tests := []struct{ name, old, new, want string }{
		{"unknown key", "name_cap: 20", "name_top: 20", "unknown field"},
		{"unknown level of a weight", "    N6: {", "    N8: {", `name has no level "N8" to weigh`},
		{"a weight left out", "    area: {", "    # area: {", "no weight for county:area"},
		{"a weight without a source", `, from: "half of all people"`, "", "say where the weight is from"},
		{"both bits and m", "exact: {bits: 54", "exact: {m: 0.5, bits: 54", "a weight is bits, or m and u"},
		{"u of nothing", "u: 5.85e-6", "u: 0", "a weight is bits, or m and u"},
		{"disorder", "N2: {bits: 16.4", "N2: {bits: 18", "name:N2 is worth more than name:N1"},
		{"a missing value weighs", "    N6: {", "    absent: {bits: 1, from: x}\n    N6: {", `no level "absent" to weigh`},
		{"another number weighs little", "other_valid: {bits: -20", "other_valid: {bits: -19", "less than 20 bits"},
		{"digits worth more than the date", "birth: 1.85", "birth: 1.9", "worth more than the whole"},
		{"unknown tier", "tier: A3", "tier: A4", `unknown tier "A4"`},
		{"unknown use", "use: hidden", "use: shown", `unknown use "shown"`},
		{"unknown condition", "country: [same]", "land: [same]", `unknown condition "land"`},
		{"unknown level of a condition", "country: [same]", "country: [equal]", `country has no level "equal"`},
		{"empty condition", "country: [same]", "country: []", "the tier never holds"},
		{"unique within", "unique_within: register", "unique_within: town", "register or county"},
		{"version", "version: 1", "version: 0", "the version counts from 1"},
		{"a repair is strong", "tier: B2\n    use: review", "tier: B2\n    use: strong", "never used so"},
		{"name only is shown", "tier: D\n    use: hidden", "tier: D\n    use: review", "never used so"},
		{"A1 by a mask", "tier: A1\n    use: strong\n    when: {document: [exact]", "tier: A1\n    use: strong\n    when: {document: [exact, masked]", "document must be one of exact"},
		{"A1 whatever the name", "when: {document: [exact], name: [N1], ", "when: {document: [exact], ", "name must be one of N1"},
		{"A1 of somebody else", "when: {document: [exact], name: [N1], unique: [\"yes\", unknown]}", "when: {document: [exact], name: [N1]}", "unique must be one of yes, unknown"},
		{"A3 without country", "birth: [equal], country: [same], ", "birth: [equal], ", "country must be one of same"},
		{"B1 strong without a register", "registered: [unique], unique: [\"yes\"]}\n    note", "unique: [\"yes\"]}\n    note", "registered must be one of unique"},
		{"B3 likely only", "posterior: 0.9999", "posterior: 0.999", "at least 0.9999"},
		{"B3 with another number", "document: [absent, invalid], name: [N1]", "document: [absent, other_valid], name: [N1]", "document must be one of"},
		{"C1 of several", "sex: [same, absent], unique: [\"yes\"]}\n  - tier: C2", "sex: [same, absent]}\n  - tier: C2", "unique must be one of yes"},
		{"C2 with a veto", "incomparable, other_valid]", "incomparable, other_registered]", "document must be one of"},
		{"not YAML", "weights:", "weights: [", "not a policy"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if !strings.Contains(text, tt.old) {
				t.Fatal("nothing to change")
			}
			_, err := identity.Load("policy.yaml", []byte(strings.Replace(text, tt.old, tt.new, 1)))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("got %v, want %q", err, tt.want)
			}
			if !strings.HasPrefix(err.Error(), "policy.yaml:") || strings.HasPrefix(err.Error(), "policy.yaml: ") {
				t.Errorf("no place: %v", err)
			}
			for range 5 {
				if _, again := identity.Load("policy.yaml", []byte(strings.Replace(text, tt.old, tt.new, 1))); again.Error() != err.Error() {
					t.Fatal("another order of problems")
				}
			}
		})
	}
}

func FuzzLoad(f *testing.F) {
	f.Add(identity.DefaultPolicy())
	f.Add("tiers: {a: b}")
	f.Add("- &a [*a]")
	f.Add("name: x\nversion: 1\nweights: {document: {exact: {bits: 54, from: x}}}\ntiers: [{tier: A1, use: strong, when: {}}]")
	s := base()
	f.Fuzz(func(t *testing.T, text string) {
		p, err := identity.Load("policy.yaml", []byte(text))
		if err != nil {
			return
		}
		if l := judge(t, p, &s, &person{Name: s.Name}, nil); l.Use == identity.Strong {
			t.Fatal("a name alone is strong")
		}
	})
}
