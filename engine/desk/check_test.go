package desk_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/authorization"
	"github.com/hedui/hedui/engine/desk"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ledger"
)

// One check leaves everything that must be answered for: the look in the audit log, the
// request, the verdict and where the household stands in the ledger.
func TestCheckIsKept(t *testing.T) {
	w := newWorld(t, 9)
	w.register(1, 3, 4)
	a := w.check(verifier, request(1, 3, 4))
	if a.Refusal != "" || a.Verdict == "" || a.Outcome == household.Refused {
		t.Fatalf("answered %+v", a)
	}
	if len(w.audit.looks) != 1 || len(w.audit.ends) != 1 || w.audit.ends[0][0] != a.Outcome {
		t.Fatalf("audit: %+v, %v", w.audit.looks, w.audit.ends)
	}
	look := w.audit.looks[0]
	if look.Who.Actor != "verifier01" || look.Purpose != "dibao" || look.Request != a.Request || look.Subjects[0].Household != householdNumber(1) {
		t.Errorf("look %+v", look)
	}
	v, err := ledger.Get[ledger.Verdict](t.Context(), w.ledger, a.Verdict)
	must(t, err)
	if string(v.Body) != string(a.JSON) || v.Outcome != a.Outcome.String() || len(v.Records) != 2 || v.Request != a.Request {
		t.Errorf("verdict %+v", v)
	}
	r, err := ledger.Get[ledger.Request](t.Context(), w.ledger, a.Request)
	must(t, err)
	if r.Requester != "verifier01" || r.Division != county || r.Verdict != a.Verdict || len(r.Body) == 0 {
		t.Errorf("request %+v", r)
	}
	h, err := ledger.Get[ledger.Household](t.Context(), w.ledger, ledger.HouseholdID(householdNumber(1), "dibao"))
	must(t, err)
	if h.Verdict != a.Verdict || h.Division != county || len(h.Members) != 2 {
		t.Errorf("household %+v", h)
	}
}

// The same question has the same answer under the same id, and is kept once; that it was
// asked is kept as often as it was.
func TestSameCheckSameVerdict(t *testing.T) {
	w := newWorld(t, 9)
	w.register(1, 3, 4)
	first := w.check(verifier, request(1, 3, 4))
	w.clock.pass(time.Hour)
	second := w.check(verifier, request(1, 3, 4))
	if first.Verdict != second.Verdict || string(first.JSON) != string(second.JSON) || first.Request == second.Request {
		t.Errorf("%s and %s", first.Verdict, second.Verdict)
	}
	count := func(q ledger.Query) int {
		page, err := w.ledger.List(t.Context(), q)
		must(t, err)
		return len(page.Rows)
	}
	if v, r := count(ledger.VerdictsOf(householdNumber(1))), count(ledger.RequestsOf(householdNumber(1))); v != 1 || r != 2 || len(w.audit.looks) != 2 {
		t.Errorf("%d verdicts, %d requests, %d looks", v, r, len(w.audit.looks))
	}
	other, err := w.desk.Check(t.Context(), verifier, request(1, 3, 4), desk.CheckOptions{On: 20261031})
	must(t, err)
	if other.Verdict == first.Verdict {
		t.Error("another day has the same id")
	}
	h, err := ledger.Get[ledger.Household](t.Context(), w.ledger, ledger.HouseholdID(householdNumber(1), "dibao"))
	must(t, err)
	if h.Verdict != first.Verdict {
		t.Error("a check of an earlier day is now where the household stands")
	}
}

// Nothing is read when the audit log can't be written.
func TestNothingIsReadWithoutTheLog(t *testing.T) {
	w := newWorld(t, 9)
	w.register(1, 3)
	w.audit.fail = errBoom
	before := w.store.count()
	for _, c := range []desk.Caller{verifier, stranger, intake, official("auditor01", county, access.Auditor)} {
		a, err := w.desk.Check(t.Context(), c, request(1, 3), desk.CheckOptions{})
		if _, ok := errors.AsType[*desk.AuditError](err); !ok || a != nil {
			t.Errorf("%s: %+v, %v", c.Account, a, err)
		}
	}
	if n := w.store.count() - before; n != 0 {
		t.Errorf("%d reads", n)
	}
}

// No answer is given that the ledger does not have.
func TestNoAnswerWithoutTheLedger(t *testing.T) {
	w := newWorld(t, 9)
	w.register(1, 3)
	w.ledger.fail = errBoom
	for _, line := range [][]byte{request(1, 3), request(2, 3)} {
		if a, err := w.desk.Check(t.Context(), verifier, line, desk.CheckOptions{}); !errors.Is(err, errBoom) || a != nil {
			t.Errorf("%+v, %v", a, err)
		}
	}
}

// Every refusal names its code, is taken down in the log, and reads nothing.
func TestRefusals(t *testing.T) {
	tests := map[string]struct {
		caller  desk.Caller
		line    string
		prepare func(*world)
		want    string
	}{
		"not registered":       {verifier, string(request(2, 3)), nil, "authorization_unknown"},
		"no claim":             {verifier, strings.Replace(string(request(1, 3)), `{"number":"SQ340104-000001"}`, "null", 1), nil, "authorization_missing"},
		"another household's":  {verifier, strings.Replace(string(request(1, 3)), "340104-000001\",\"region", "340104-000009\",\"region", 1), nil, "authorization_household"},
		"somebody else too":    {verifier, string(request(1, 3, 4)), nil, "authorization_members"},
		"no JSON":              {verifier, "{", nil, "invalid_request"},
		"another scheme":       {verifier, strings.Replace(string(request(1, 3)), "dibao", "housing", 1), nil, "invalid_request"},
		"another's division":   {stranger, string(request(1, 3)), nil, "authorization_unknown"},
		"withdrawn":            {verifier, string(request(1, 3)), withdraw, "authorization_withdrawn"},
		"withdrawn, elsewhere": {stranger, string(request(1, 3)), withdraw, "authorization_unknown"},
	}
	for title, tt := range tests {
		t.Run(title, func(t *testing.T) {
			w := newWorld(t, 9)
			w.register(1, 3)
			if tt.prepare != nil {
				tt.prepare(w)
			}
			before := w.store.count()
			a := w.check(tt.caller, []byte(tt.line))
			if a.Refusal != tt.want || a.Outcome != household.Refused || !strings.Contains(string(a.JSON), tt.want) || a.Verdict != "" {
				t.Fatalf("%+v\n%s", a, a.JSON)
			}
			if n := w.store.count() - before; n != 0 || len(w.audit.looks) != 0 {
				t.Errorf("%d reads, %d looks", n, len(w.audit.looks))
			}
			code := tt.want
			if tt.caller.Account == stranger.Account { // not told to the stranger, but to the log
				code = string(access.ReasonOutside)
			}
			if e := w.audit.last(); e.Outcome != "denied" || e.Code != code || e.Operation != "check" {
				t.Errorf("the log says %+v", e)
			}
		})
	}
}

func withdraw(w *world) {
	w.t.Helper()
	_, err := w.desk.WithdrawAuthorization(w.t.Context(), intake, paper(1, 3).Number, "撤回")
	must(w.t, err)
}

// Whoever may not know of an authorisation gets, byte for byte, the answer to one that
// does not exist.
func TestHiddenIsUnknown(t *testing.T) {
	w := newWorld(t, 9)
	w.register(1, 3)
	hidden, unknown := w.check(stranger, request(1, 3)), w.check(stranger, request(2, 3))
	if diff := cmp.Diff(strings.ReplaceAll(string(unknown.JSON), householdNumber(2), householdNumber(1)), string(hidden.JSON)); diff != "" {
		t.Error(diff)
	}
}

// What is withdrawn while the household is looked up gives no answer any more.
func TestWithdrawnDuringTheLook(t *testing.T) {
	w := newWorld(t, 9)
	w.register(1, 3)
	w.ledger.before = func(c ledger.Change) {
		if c.Ops[0].Kind == ledger.KindVerdict {
			w.ledger.before = nil
			w.clock.pass(time.Second)
			withdraw(w)
		}
	}
	if a := w.check(verifier, request(1, 3)); a.Refusal != "authorization_withdrawn" {
		t.Errorf("answered %+v", a)
	}
	if page, err := w.ledger.List(t.Context(), ledger.VerdictsOf(householdNumber(1))); err != nil || len(page.Rows) != 0 {
		t.Errorf("%d verdicts, %v", len(page.Rows), err)
	}
}

// A caller who may not see a class that would be read is denied; the verdict of another
// is never cut to what the caller may see.
func TestClassesOfTheCaller(t *testing.T) {
	w := newWorld(t, 9)
	w.register(1, 3)
	few := verifier
	few.Classes = access.Classes{}
	few.Classes[household.Bank] = true
	_, err := w.desk.Check(t.Context(), few, request(1, 3), desk.CheckOptions{})
	refusedAs(t, err, desk.Forbidden)
	if len(w.audit.looks) != 0 || w.audit.last().Code != "data_class_denied" {
		t.Errorf("%d looks, %+v", len(w.audit.looks), w.audit.last())
	}
	only := strings.Replace(string(request(1, 3)), `000001"}`, `000001","data_classes":["bank"]}`, 1)
	if a := w.check(few, []byte(only)); a.Refusal != "" {
		t.Errorf("answered %+v", a)
	}
}

func TestAuthorizationLife(t *testing.T) {
	w := newWorld(t, 9)
	a := w.register(1, 3, 4)
	_, err := w.desk.RegisterAuthorization(t.Context(), intake, paper(1, 3))
	refusedAs(t, err, desk.Exists)
	_, err = w.desk.RegisterAuthorization(t.Context(), intake, authorization.Authorization{Number: "x"})
	refusedAs(t, err, desk.InvalidField)
	_, err = w.desk.RegisterAuthorization(t.Context(), stranger, paper(2, 5))
	refusedAs(t, err, desk.NotFound)
	got, masks, err := w.desk.Authorization(t.Context(), verifier, a.Number)
	must(t, err)
	if diff := cmp.Diff(a.Members, got.Members); diff != "" || got.ScanDigest != a.ScanDigest || got.Classes != a.Classes || masks[access.FieldIDNumber] != access.Partly {
		t.Errorf("%s%v", diff, masks)
	}
	for _, number := range []string{a.Number, "SQ-none"} {
		_, _, err = w.desk.Authorization(t.Context(), stranger, number)
		refusedAs(t, err, desk.NotFound)
	}
	_, err = w.desk.WithdrawAuthorization(t.Context(), intake, a.Number, "")
	refusedAs(t, err, desk.ReasonNeeded)
	if _, err = w.desk.MemberLeft(t.Context(), intake, a.Number, household.ResidentID, household.IDNumber(idNumber(4)), 20261001, "离婚"); err != nil {
		t.Fatal(err)
	}
	if got := w.check(verifier, request(1, 3, 4)); got.Refusal != "authorization_members" {
		t.Errorf("with a member who left: %+v", got)
	}
	if got := w.check(verifier, request(1, 3)); got.Refusal != "" {
		t.Errorf("without: %+v", got)
	}
	list, _, err := w.desk.Authorizations(t.Context(), verifier, desk.AuthorizationQuery{})
	must(t, err)
	if len(list) != 1 || list[0].Version != 2 {
		t.Errorf("listed %+v", list)
	}
	if list, _, err = w.desk.Authorizations(t.Context(), stranger, desk.AuthorizationQuery{Household: a.Household}); err != nil || len(list) != 0 {
		t.Errorf("a stranger sees %+v, %v", list, err)
	}
}

// A request of any size is kept or refused, and never half kept.
func TestSizes(t *testing.T) {
	w := newWorld(t, 9)
	w.register(1, 3)
	pad := func(n int) []byte {
		return []byte(strings.Replace(string(request(1, 3)), `{"household_id"`, `{"note":"`+strings.Repeat("x", n)+`","household_id"`, 1))
	}
	if a := w.check(verifier, pad(500<<10)); a.Verdict == "" {
		t.Errorf("%+v", a)
	}
	_, err := w.desk.Check(t.Context(), verifier, pad(600<<10), desk.CheckOptions{})
	refusedAs(t, err, desk.TooLarge)
}
