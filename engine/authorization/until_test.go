package authorization_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/hedui/hedui/engine/authorization"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/match"
)

// Before the day that Until names the answer is what it was.
func TestUntil(t *testing.T) {
	others := 0
	rapid.Check(t, func(r *rapid.T) {
		day := func(label string) household.Date {
			d, ok := household.NewDate(2026, rapid.IntRange(1, 12).Draw(r, label), rapid.IntRange(1, 28).Draw(r, label))
			if !ok {
				r.Fatal("no date")
			}
			return d
		}
		born := rapid.SampledFrom([]household.Date{19700101, 20080229, 20080305, 20080301, 20080228, 20081224}).Draw(r, "born")
		on := rapid.SampledFrom([]household.Date{20260110, 20260401}).Draw(r, "on")
		m := authorization.Member{
			DocumentType: household.Passport, Document: "E12345678", Name: "王秀英", Born: born, Incapable: rapid.Bool().Draw(r, "incapable"),
			Signature: authorization.Signature{Ref: "1", On: day("signed")},
		}
		if rapid.Bool().Draw(r, "guarded") {
			m.Guardian = &authorization.Guardian{Signature: authorization.Signature{Ref: "2", On: day("for")}}
		}
		if rapid.IntRange(0, 3).Draw(r, "leaves") == 0 {
			m.Left = day("left")
		}
		a := &authorization.Authorization{
			Number: "SQ1", Household: "H1", Division: "340104", Purposes: []string{"dibao"}, Classes: authorization.AllClasses(),
			From: day("from"), To: day("to"), Members: []authorization.Member{m},
		}
		key := match.ParseDocument(m.DocumentType, []byte(m.Document.Reveal())).Key
		at := time.Date(2026, 1, 1, 4, 0, 0, 0, time.UTC)
		judge := func() authorization.Code {
			code, _ := authorization.Judge(a, authorization.Query{
				Number: "SQ1", Household: "H1", Members: []household.PersonKey{key}, Purpose: "dibao", On: on, At: at, Division: "340104",
			})
			return code
		}
		last, until := judge(), a.Until(authorization.Day(at))
		for range 364 {
			at = at.AddDate(0, 0, 1)
			today := authorization.Day(at)
			code := judge()
			if code != last {
				others++
				if until == 0 || today.Days() < until {
					r.Fatalf("on %s it says %q instead of %q, and was to be asked again on day %d, not %d", today, code, last, until, today.Days())
				}
			}
			if until != 0 && today.Days() >= until {
				last, until = code, a.Until(today)
			}
		}
	})
	if others == 0 {
		t.Error("no answer ever changed")
	}
}
