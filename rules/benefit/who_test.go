package benefit_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/rules/benefit"
)

func TestWho(t *testing.T) {
	const yes, no, unknown = household.Yes, household.No, household.Unknown
	man := benefit.Member{Relation: 3, Age: 17, Sex: 1, Attributes: map[string]household.Tri{"student": yes, "ill": no}}
	nobody := benefit.Member{Age: -1}
	tests := map[string]struct {
		who     benefit.Who
		member  benefit.Member
		want    household.Tri
		missing []string
	}{
		"everybody":                     {benefit.Who{}, nobody, yes, nil},
		"the relation":                  {benefit.Who{Relations: 1 << 3}, man, yes, nil},
		"another relation":              {benefit.Who{Relations: 1<<1 | 1<<2}, man, no, nil},
		"no relation":                   {benefit.Who{Relations: 1 << 1}, nobody, unknown, []string{"relation"}},
		"old enough":                    {benefit.Who{AgeFrom: 17}, man, yes, nil},
		"a year too young":              {benefit.Who{AgeFrom: 18}, man, no, nil},
		"under":                         {benefit.Who{AgeUnder: 18}, man, yes, nil},
		"not under":                     {benefit.Who{AgeUnder: 17}, man, no, nil},
		"no age":                        {benefit.Who{AgeUnder: 17}, nobody, unknown, []string{"age"}},
		"the other sex":                 {benefit.Who{Sex: 2}, man, no, nil},
		"no sex":                        {benefit.Who{Sex: 2}, nobody, unknown, []string{"sex"}},
		"any of, one known":             {benefit.Who{AnyOf: []string{"rare", "student"}}, man, yes, nil},
		"any of, all denied":            {benefit.Who{AnyOf: []string{"ill"}}, man, no, nil},
		"any of, nobody said":           {benefit.Who{AnyOf: []string{"ill", "rare"}}, man, unknown, []string{"rare"}},
		"none of, one held":             {benefit.Who{NoneOf: []string{"rare", "student"}}, man, no, nil},
		"none of, all denied":           {benefit.Who{NoneOf: []string{"ill"}}, man, yes, nil},
		"none of, nobody said":          {benefit.Who{NoneOf: []string{"ill", "rare"}}, man, unknown, []string{"rare"}},
		"no beats unknown":              {benefit.Who{AgeFrom: 18, AnyOf: []string{"rare"}}, man, no, nil},
		"unknown first, then no":        {benefit.Who{Sex: 1, AnyOf: []string{"ill"}}, benefit.Member{Attributes: man.Attributes}, no, nil},
		"unknown beats yes, both named": {benefit.Who{AgeFrom: 16, AnyOf: []string{"student", "x"}, NoneOf: []string{"rare"}}, man, unknown, []string{"rare"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, missing := tt.who.Selects(&tt.member)
			if got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
			if diff := cmp.Diff(tt.missing, missing); diff != "" {
				t.Error(diff)
			}
		})
	}
}
