package authorization_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/engine/authorization"
	"github.com/hedui/hedui/engine/household"
)

// Numbers whose last character fixed puts right.
const (
	mother = "34010419800101002?"
	child  = "34010420150101002?"
)

// fixed gives the last character that makes a number valid.
func fixed(number string) household.IDNumber {
	sum := 0
	for i, w := range weights {
		sum += w * int(number[i]-'0')
	}
	return household.IDNumber(number[:17] + "10X98765432"[sum%11:sum%11+1])
}

func registered() *authorization.Authorization {
	signed := authorization.Signature{Ref: "1/1", On: 20260102}
	return &authorization.Authorization{
		Number: "SQ1", Household: "340104-1", Division: "340104003", Purposes: []string{"dibao"},
		Classes: authorization.AllClasses(), From: 20260101, To: 20261231, ScanDigest: strings.Repeat("0a", 32),
		RegisteredBy: "wang", RegisteredAt: instant(2026, 1, 2, 9, 0, 0), Version: 1,
		Members: []authorization.Member{
			{Document: fixed(mother), Name: "王秀英", Signature: signed},
			{Document: fixed(child), Name: "张伟", Guardian: &authorization.Guardian{Document: fixed(mother), Name: "王秀英", Signature: signed}},
		},
	}
}

func TestValidate(t *testing.T) {
	if err := registered().Validate(); err != nil {
		t.Fatal(err)
	}
	type A = authorization.Authorization
	for _, c := range []struct {
		what   string
		change func(*A)
		fields []string
	}{
		{"nothing at all", func(a *A) { *a = A{} }, []string{
			"number", "household", "division", "purposes", "data_classes", "from", "scan_digest", "registered_by", "registered_at", "members",
		}},
		{"a number of spaces", func(a *A) { a.Number = "  " }, []string{"number"}},
		{"a number with a line break", func(a *A) { a.Number = "SQ\n1" }, []string{"number"}},
		{"a city", func(a *A) { a.Division = "340100" }, []string{"division"}},
		{"no division code", func(a *A) { a.Division = "合肥" }, []string{"division"}},
		{"no purpose", func(a *A) { a.Purposes = nil }, []string{"purposes"}},
		{"a purpose twice", func(a *A) { a.Purposes = []string{"dibao", "dibao", "低保"} }, []string{"purposes[2]", "purposes[3]"}},
		{"no class", func(a *A) { a.Classes = authorization.Classes{} }, []string{"data_classes"}},
		{"the register", func(a *A) { a.Classes[household.Register] = true }, []string{"data_classes"}},
		{"backwards", func(a *A) { a.From, a.To = a.To, a.From }, []string{"to"}},
		{"no first day", func(a *A) { a.From = 0 }, []string{"from"}},
		{"no last day", func(a *A) { a.To = 0 }, []string{"from"}},
		{"one day", func(a *A) { a.To = a.From }, nil},
		{"no scan", func(a *A) { a.ScanDigest = "" }, []string{"scan_digest"}},
		{"a scan in capitals", func(a *A) { a.ScanDigest = strings.Repeat("0A", 32) }, []string{"scan_digest"}},
		{"a scan of other digits", func(a *A) { a.ScanDigest = strings.Repeat("9f", 32) }, nil},
		{"a scan beyond f", func(a *A) { a.ScanDigest = strings.Repeat("0g", 32) }, []string{"scan_digest"}},
		{"a scan beyond 9", func(a *A) { a.ScanDigest = strings.Repeat("0:", 32) }, []string{"scan_digest"}},
		{"a guardian who is a member and a child", func(a *A) {
			m := a.Members[1]
			m.DocumentType, m.Document, m.Born = household.Passport, "E12345678", 20150101
			a.Members = append(a.Members, m)
			g := *m.Guardian
			g.DocumentType, g.Document = m.DocumentType, m.Document
			a.Members[1].Guardian = &g
		}, []string{"members[2].guardian.document"}},
		{"half a digest", func(a *A) { a.ScanDigest = strings.Repeat("0a", 16) }, []string{"scan_digest"}},
		{"withdrawn", func(a *A) { a.Withdrawn = &authorization.Withdrawal{} }, []string{"withdrawn"}},
		{"a wrong document", func(a *A) { a.Members[0].Document = "34010419800101002Y" }, []string{"members[1].document", "members[1].born"}},
		{"twice", func(a *A) { a.Members = append(a.Members, a.Members[0]) }, []string{"members[3].document"}},
		{"no name", func(a *A) { a.Members[1].Name = "" }, []string{"members[2].name"}},
		{"another birth date", func(a *A) { a.Members[0].Born = 19800102 }, []string{"members[1].born"}},
		{"a passport without birth date", func(a *A) {
			a.Members[0].DocumentType, a.Members[0].Document = household.Passport, "E12345678"
		}, []string{"members[1].born"}},
		{"born on the first day", func(a *A) { a.Members[1].Document = fixed("34010420260101002?") }, nil},
		{"born a day later", func(a *A) { a.Members[1].Document = fixed("34010420260102002?") }, []string{"members[2].born"}},
		{"left already", func(a *A) { a.Members[0].Left = 20260101 }, []string{"members[1].left"}},
		{"an adult has not signed", func(a *A) { a.Members[0].Signature = authorization.Signature{} }, []string{"members[1].signature"}},
		{"signed nowhere", func(a *A) { a.Members[0].Signature.Ref = "" }, []string{"members[1].signature"}},
		{"signed tomorrow", func(a *A) { a.Members[0].Signature.On = 20260103 }, []string{"members[1].signature"}},
		{"an adult with a guardian", func(a *A) {
			a.Members[0].Signature, a.Members[0].Guardian = authorization.Signature{}, a.Members[1].Guardian
		}, []string{"members[1].signature"}},
		{"without capacity", func(a *A) { a.Members[0].Incapable = true }, []string{"members[1].guardian", "members[2].guardian.document"}},
		{"a child alone", func(a *A) { a.Members[1].Guardian = nil }, []string{"members[2].guardian"}},
		{"a child signs", func(a *A) {
			a.Members[1].Signature, a.Members[1].Guardian = a.Members[0].Signature, nil
		}, []string{"members[2].guardian"}},
		{"18 on the first day", func(a *A) {
			a.Members[1].Document = fixed("34010420080101002X")
		}, []string{"members[2].signature"}},
		{"18 on the second day", func(a *A) { a.Members[1].Document = fixed("34010420080102002X") }, nil},
		{"a guardian who did not sign", func(a *A) { a.Members[1].Guardian.Signature.On = 0 }, []string{"members[2].guardian.signature"}},
		{"a guardian without document", func(a *A) { a.Members[1].Guardian.Document = "" }, []string{"members[2].guardian.document"}},
		{"their own guardian", func(a *A) { a.Members[1].Guardian.Document = a.Members[1].Document }, []string{
			"members[2].guardian.document", "members[2].guardian.document",
		}},
		{"a guardian who is a child", func(a *A) { a.Members[1].Guardian.Document = fixed("34010420090101002X") }, []string{"members[2].guardian.document"}},
	} {
		a := registered()
		c.change(a)
		err := a.Validate()
		var problems authorization.Problems
		if err != nil && !errors.As(err, &problems) {
			t.Fatalf("%s: %T", c.what, err)
		}
		var fields []string
		for _, p := range problems {
			fields = append(fields, p.Field)
			if p.Do.Zh == "" || p.Do.En == "" {
				t.Errorf("%s: %s says nothing", c.what, p.Field)
			}
		}
		if diff := cmp.Diff(c.fields, fields); diff != "" {
			t.Errorf("%s:\n%s", c.what, diff)
		}
		for _, secret := range []string{mother[:17], child[:17], "王秀英", "合肥", "低保", "E12345678"} {
			if err != nil && strings.Contains(err.Error(), secret) {
				t.Errorf("%s: the error holds what was written", c.what)
			}
		}
	}
}

func TestChanges(t *testing.T) {
	a := registered()
	before := registered()
	left, err := a.Leave(0, fixed(child), 20260701, "离异，随父生活")
	if err != nil {
		t.Fatal(err)
	}
	if left.Version != 2 || left.Members[1].Left != 20260701 {
		t.Errorf("left: %+v", left.Members[1])
	}
	if _, err := left.Leave(0, fixed(child), 20260702, "错"); !errors.Is(err, authorization.ErrBadChange) {
		t.Errorf("a member who left came back: %v", err)
	}
	if _, err := a.Leave(0, fixed("340104199901010020"), 20260701, "离异"); !errors.Is(err, authorization.ErrNoMember) {
		t.Errorf("somebody else left: %v", err)
	}
	signature := authorization.Signature{Ref: "2/1", On: 20330101}
	signed, err := left.Sign(0, fixed(child), signature)
	if err != nil {
		t.Fatal(err)
	}
	if signed.Version != 3 || signed.Members[1].Signature != signature {
		t.Errorf("signed: %+v", signed.Members[1])
	}
	for _, s := range []authorization.Signature{{Ref: "2/1", On: 20321231}, {Ref: "", On: 20330101}, {Ref: "2/1"}} {
		if _, err := left.Sign(0, fixed(child), s); !errors.Is(err, authorization.ErrBadChange) {
			t.Errorf("signed %+v: %v", s, err)
		}
	}
	withdrawn, err := signed.Withdraw(authorization.Withdrawal{At: instant(2026, 8, 1, 0, 0, 0), By: "wang", Reason: "申请人撤回"})
	if err != nil || withdrawn.Version != 4 {
		t.Fatal(err)
	}
	if _, err := withdrawn.Withdraw(authorization.Withdrawal{At: instant(2026, 9, 1, 0, 0, 0), By: "li", Reason: "再撤"}); !errors.Is(err, authorization.ErrWithdrawn) {
		t.Errorf("withdrawn twice: %v", err)
	}
	if _, err := a.Withdraw(authorization.Withdrawal{At: time.Time{}, By: "wang", Reason: "撤"}); !errors.Is(err, authorization.ErrBadChange) {
		t.Errorf("withdrawn at no time: %v", err)
	}
	for _, w := range []authorization.Withdrawal{{At: instant(2026, 8, 1, 0, 0, 0), By: "wang"}, {At: instant(2026, 8, 1, 0, 0, 0), Reason: "撤"}} {
		if _, err := a.Withdraw(w); !errors.Is(err, authorization.ErrBadChange) {
			t.Errorf("withdrawn by %q for %q: %v", w.By, w.Reason, err)
		}
	}
	if diff := cmp.Diff(before, a); diff != "" {
		t.Errorf("the original changed:\n%s", diff)
	}
}

// TestLimits: as many members and as long texts as are allowed, and one more.
func TestLimits(t *testing.T) {
	for _, n := range []int{64, 65} {
		a := registered()
		for i := len(a.Members); i < n; i++ {
			m := a.Members[0]
			m.Document = fixed(fmt.Sprintf("34010419800101%03d?", i+100))
			a.Members = append(a.Members, m)
		}
		if err := a.Validate(); (err == nil) != (n == 64) {
			t.Errorf("%d members: %v", n, err)
		}
	}
	for _, n := range []int{128, 129} {
		a := registered()
		a.Number = strings.Repeat("1", n)
		if err := a.Validate(); (err == nil) != (n == 128) {
			t.Errorf("a number of %d bytes: %v", n, err)
		}
	}
}

// TestNoEndNoCover: an authorisation without a first or a last day covers nothing.
func TestNoEndNoCover(t *testing.T) {
	for _, span := range []household.Span{{}, {From: 20260101}, {To: 20261231}} {
		a := registered()
		a.From, a.To = span.From, span.To
		code, classes := authorization.Judge(a, authorization.Query{
			Number: a.Number, Household: a.Household, Purpose: "dibao", On: 20260601, At: instant(2026, 6, 1, 9, 0, 0), Division: a.Division,
		})
		if code != authorization.CodeExpired || classes != (authorization.Classes{}) {
			t.Errorf("%+v: %q %v", span, code, classes)
		}
	}
}
