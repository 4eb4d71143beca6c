package desk

import (
	"encoding/json"
	"testing"

	"pgregory.net/rapid"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ledger"
)

// The fields that are read are those that encoding/json reads, whatever stands in the others.
func TestFields(t *testing.T) {
	text := rapid.OneOf(rapid.SampledFrom([]string{
		"", "dibao", `"scheme":"x"`, `","scheme":"x`, `\`, `\"on":7`, "outcome", `a"b`, "王秀英", "<&>", "\u2028", "\x00",
	}), rapid.String())
	rapid.Check(t, func(r *rapid.T) {
		q := ledger.Request{
			ID: text.Draw(r, "id"), Household: text.Draw(r, "household"), Authorization: text.Draw(r, "authorization"), Scheme: text.Draw(r, "scheme"),
			On: household.Date(rapid.IntRange(0, 99999999).Draw(r, "on")), Division: text.Draw(r, "division"), Channel: text.Draw(r, "channel"),
			Verdict: text.Draw(r, "verdict"), Refusal: text.Draw(r, "refusal"),
		}
		b, err := json.Marshal(&q)
		if err != nil {
			r.Fatal(err)
		}
		var want ledger.Request
		if err := json.Unmarshal(b, &want); err != nil {
			r.Fatal(err)
		}
		var f fields
		if !f.read(b, "division", "scheme", "channel", "verdict", "refusal") {
			r.Fatalf("%s is not read", b)
		}
		if f.text != [5]string{want.Division, want.Scheme, want.Channel, want.Verdict, want.Refusal} || f.on != want.On {
			r.Fatalf("%s is read as %+v", b, f)
		}
	})
	var f fields
	for _, bad := range []string{"", "{", "[]", `{"scheme":"x}`, `{"scheme":"\x"}`} {
		if f.read([]byte(bad), "scheme") {
			t.Errorf("%q is an entry", bad)
		}
	}
}

func FuzzFields(f *testing.F) {
	f.Add([]byte(`{"id":"r","scheme":"dibao","on":20261101}`))
	f.Fuzz(func(_ *testing.T, b []byte) {
		var x fields
		_ = x.read(b, "division", "scheme", "channel", "verdict", "refusal") // no panic
	})
}
