package trace_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/rules/trace"
)

// full has every part that a trace can have.
func full() *trace.Trace {
	frame := household.Verdict{HouseholdID: "h <&> \u2028", Scheme: "dibao", On: 20261101, Generation: "g", Pack: household.PackRef{Name: "p", Version: "1", Digest: "d"}}
	for s := household.Tax; s < household.NumChecked; s++ {
		frame.Coverage[s].State = household.None
	}
	evidence := trace.Evidence{{Source: household.Bank, Provider: "b", Snapshot: "s", File: 1, Row: 2, Record: "***1234", Member: 1, Link: "A1", HasAmount: true, Amount: 7}}
	income := int64(1) << 62
	return &trace.Trace{
		Version: trace.Version, Frame: trace.Frame(frame), Members: []int{1, 3}, CitesValues: true,
		Values: trace.Values{{Name: "standard", Unit: "fen", PerYear: true, Value: 847600, From: 20240701, File: "parameters.yaml", Line: 3, Law: "某通知"}},
		Facts:  []trace.Variable{{Name: "household.income", Int: &income}, {Name: "household.any.ill", Unknown: "bool"}},
		Rules: []trace.Rule{{
			Code: "income", Effect: "suspected_ineligible", Weak: &trace.Lesser{Code: "b", Effect: "needs_review"}, Derived: trace.Lesser{Code: "c", Effect: "needs_review"},
			Per: "member", Fact: "household.income", Unit: "fen", Op: "more_than", Limit: &trace.Limit{Parameter: "standard", Times: []string{"24"}},
			Who: true, Condition: "household.income > 1 && member.is.ill", Reads: []string{"household.income", "member.is.ill"}, SilentUnknown: true,
			Unless: []trace.Unless{{Source: "tax", States: []string{"missing"}}}, ShownAs: trace.IncomeLimit, Law: "某办法",
			Applications: []trace.Application{
				{Member: 1, Value: trace.Value{Strong: -1, All: 2, Linked: 3, Derived: 4}, Who: "unknown", Facts: []trace.Variable{{Name: "member.is.ill", Bool: new(true)}}, Evidence: evidence},
				{Member: 3, Type: "wage", Who: "no", Confirm: true, Facts: []trace.Variable{{Name: "member.sex", String: new("male")}}},
			},
		}, {Code: "open", Effect: "needs_review", Derived: trace.Lesser{Code: "open", Effect: "needs_review"}, Per: "household", Count: "homes", Unit: "count", Unresolved: "未查得", Law: "l"}},
		Open:              []trace.Open{{Item: "x", Law: "l", Unresolved: "why", Evidence: evidence}},
		Unconfirmed:       &trace.Unconfirmed{Code: "u", Effect: "needs_review", Law: "l", Members: []trace.UnconfirmedRows{{Member: 3, Evidence: evidence}}},
		DuplicateAccounts: true,
	}
}

func TestRoundTrip(t *testing.T) {
	refused := &trace.Trace{Version: trace.Version, Refusal: "invalid_request", Frame: trace.Frame{Line: 4, On: 20261101, Outcome: household.Refused}}
	for _, want := range []*trace.Trace{full(), refused} {
		text, err := want.Append(nil)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.ContainsAny(text, "\n\r") {
			t.Error("a line break inside a line")
		}
		got, err := trace.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("(-written +read):\n%s", diff)
		}
	}
}

// seal seals a text as somebody would who changes it on purpose.
func seal(body string) []byte {
	sum := sha256.Sum256([]byte(body))
	return []byte(body + `,"seal":"` + hex.EncodeToString(sum[:])[:32] + `"}`)
}

func TestParseRefuses(t *testing.T) {
	text, err := full().Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	body := string(text[:len(text)-len(`,"seal":""}`)-32])
	if !bytes.Equal(seal(body), text) {
		t.Fatal("sealed otherwise")
	}
	changed := func(old, changed string) []byte {
		if !strings.Contains(body, old) {
			t.Fatalf("the trace has no %s", old)
		}
		return seal(strings.Replace(body, old, changed, 1))
	}
	cases := []struct {
		name string
		text []byte
		want error
		says string
	}{
		{"nothing", nil, trace.ErrSeal, ""},
		{"cut off", text[:len(text)-1], trace.ErrSeal, ""},
		{"a line break", append(bytes.Clone(text), '\n'), trace.ErrSeal, ""},
		{"changed", bytes.Replace(text, []byte(`"all":2`), []byte(`"all":3`), 1), trace.ErrSeal, ""},
		{"another version", changed(`{"trace":1`, `{"trace":2`), trace.ErrVersion, ""},
		{"no version", changed(`{"trace":1,`, `{`), trace.ErrVersion, ""},
		{"no JSON", seal(`{"trace":1,`), trace.ErrForm, "byte "},
		{"an unknown key", changed(`"members":`, `"秘密":1,"members":`), trace.ErrForm, "byte "},
		{"a space", changed(`"members":`, `"members": `), trace.ErrForm, "byte "},
		{"another kind", changed(`"all":2`, `"all":"秘密"`), trace.ErrForm, "byte "},
		{"a number with a point", changed(`"all":2`, `"all":2.0`), trace.ErrForm, "byte "},
		{"no such source", changed(`"source":"bank"`, `"source":"秘密"`), trace.ErrForm, "evidence 1: no such source"},
		{"no such state", changed(`"state":"none"`, `"state":"秘密"`), trace.ErrForm, "coverage: no such state"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := trace.Parse(c.text)
			if got != nil || !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "秘密") {
				t.Errorf("got %v, want %v %s", err, c.want, c.says)
			}
		})
	}
}

// FuzzParse seals what it is given, so that the reader behind the seal is reached.
func FuzzParse(f *testing.F) {
	text, err := full().Append(nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(text[:len(text)-len(`,"seal":""}`)-32]))
	f.Add(`{"trace":1,"verdict":{"on":""},"refusal":"x"`)
	f.Add(`{"trace":1,"verdict":null,"values":[{}],"facts":[{"name":""}]`)
	f.Fuzz(func(t *testing.T, body string) {
		read, err := trace.Parse(seal(body))
		if err != nil {
			return
		}
		again, err := read.Append(nil)
		if err != nil || !bytes.Equal(again, seal(body)) {
			t.Errorf("%v\nread  %s\nwrote %s", err, body, again)
		}
	})
}
