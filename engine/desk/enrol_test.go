package desk_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/authorization"
	"github.com/hedui/hedui/engine/desk"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/ledger/ledgertest"
)

func (w *world) enroller(c desk.Caller) *desk.Enroller {
	w.t.Helper()
	e, err := desk.NewEnroller(desk.EnrolOptions{Ledger: w.ledger, Audit: w.audit, Now: w.clock.Now, Caller: c})
	must(w.t, err)
	return e
}

func (w *world) enrol(e *desk.Enroller, list ...authorization.Authorization) []desk.Enrolled {
	w.t.Helper()
	p, err := e.Prepare(list)
	must(w.t, err)
	done, err := e.Commit(w.t.Context(), p)
	must(w.t, err)
	return done
}

// Whatever comes in whatever order and however often: the first content of a number is
// what is registered, and every other one is a duplicate or refused.
func TestEnrolKeepsTheFirst(t *testing.T) {
	w := newWorld(t, 12)
	rapid.Check(t, func(r *rapid.T) {
		w.ledger.Ledger = &ledgertest.Memory{}
		e := w.enroller(official("intake01", "34", access.Intake))
		first := map[string]string{}
		for range rapid.IntRange(1, 4).Draw(r, "parts") {
			var list []authorization.Authorization
			var want []desk.Enrolled
			for range rapid.IntRange(0, 12).Draw(r, "authorisations") {
				a := paper(rapid.IntRange(1, 6).Draw(r, "household"), 1, 2)
				content := rapid.SampledFrom([]string{"", "a", "b"}).Draw(r, "content")
				x := desk.Enrolled{State: desk.Registered}
				switch content {
				case "":
					a.ScanDigest = "" // can't be registered
					x = desk.Enrolled{State: desk.NotEnrolled, Code: desk.InvalidField}
				case "b":
					a.Members[0].Signature.Ref = "page 9"
				}
				switch held, ok := first[a.Number]; {
				case content == "":
				case !ok:
					first[a.Number] = content
				case held == content:
					x = desk.Enrolled{State: desk.Duplicate}
				default:
					x = desk.Enrolled{State: desk.NotEnrolled, Code: desk.Exists}
				}
				list, want = append(list, a), append(want, x)
			}
			got := w.enrol(e, list...)
			for i := range got {
				got[i].Fields = nil
			}
			if d := cmp.Diff(want, got); d != "" && len(want) > 0 {
				r.Fatal(d)
			}
		}
		for number, content := range first {
			row, err := w.ledger.Get(t.Context(), ledger.KindAuthorization, number)
			must(t, err)
			a, err := authorization.Decode(row.Body)
			must(t, err)
			if (a.Members[0].Signature.Ref == "page 9") != (content == "b") || a.RegisteredBy != "intake01" {
				r.Fatalf("%s is registered with other content than came first", number)
			}
		}
	})
}

// What came after the registration does not make the same paper another one.
func TestEnrolAgainAfterChanges(t *testing.T) {
	w := newWorld(t, 12)
	c := official("intake01", "34", access.Intake)
	e := w.enroller(c)
	w.enrol(e, paper(1, 1, 2), paper(2, 3))
	a := paper(1, 1, 2)
	_, err := w.desk.MemberLeft(t.Context(), c, a.Number, a.Members[1].DocumentType, a.Members[1].Document, a.From+10, "moved")
	must(t, err)
	_, err = w.desk.WithdrawAuthorization(t.Context(), c, paper(2, 3).Number, "asked for it")
	must(t, err)
	got := w.enrol(e, paper(1, 1, 2), paper(2, 3), paper(3, 4))
	want := []desk.Enrolled{{State: desk.Duplicate}, {State: desk.Duplicate}, {State: desk.Registered}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	row, err := w.ledger.Get(t.Context(), ledger.KindAuthorization, paper(2, 3).Number)
	must(t, err)
	if held, err := authorization.Decode(row.Body); err != nil || held.Withdrawn == nil {
		t.Error("a list brought a withdrawn authorisation back")
	}
}

// Another division's authorisations are refused one by one, and the audit log has it.
func TestEnrolStaysInTheDivision(t *testing.T) {
	w := newWorld(t, 12)
	elsewhere := paper(2, 3)
	elsewhere.Division = "340202"
	got := w.enrol(w.enroller(official("intake01", county, access.Intake)), paper(1, 1), elsewhere)
	want := []desk.Enrolled{{State: desk.Registered}, {State: desk.NotEnrolled, Code: desk.NotFound}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	denied := slices.ContainsFunc(w.audit.events, func(e audit.Event) bool {
		return e.Outcome == audit.Denied && len(e.Subjects) == 1 && e.Subjects[0].Authorization == elsewhere.Number
	})
	if !denied {
		t.Error("the audit log does not have the denial")
	}
	_, err := desk.NewEnroller(desk.EnrolOptions{Ledger: w.ledger, Audit: w.audit, Now: w.clock.Now, Caller: official("security01", "34", access.SecurityAdmin)})
	refusedAs(t, err, desk.Forbidden)
}

// Nothing is registered that the audit log does not have; when the ledger fails the log
// says so.
func TestEnrolFailures(t *testing.T) {
	w := newWorld(t, 12)
	e := w.enroller(official("intake01", "34", access.Intake))
	var list []authorization.Authorization
	for h := range 700 { // more than one change
		list = append(list, paper(h+1, 1))
	}
	w.audit.fail = errors.New("full")
	p, err := e.Prepare(list)
	must(t, err)
	if _, err := e.Commit(t.Context(), p); err == nil {
		t.Fatal("registered without the audit log")
	}
	if _, err := w.ledger.Get(t.Context(), ledger.KindAuthorization, list[0].Number); !errors.Is(err, ledger.ErrNotFound) {
		t.Errorf("in the ledger without the audit log: %v", err)
	}
	w.audit.fail, w.ledger.fail = nil, errors.New("gone")
	if _, err := e.Commit(t.Context(), p); err == nil {
		t.Fatal("registered without the ledger")
	}
	if last := w.audit.last(); last.Outcome != audit.Failed {
		t.Errorf("the audit log says %s", last.Outcome)
	}
	w.ledger.fail = nil
	done, err := e.Commit(t.Context(), p)
	must(t, err)
	for i, x := range done {
		if x.State != desk.Registered {
			t.Fatal(fmt.Sprint(i, x))
		}
	}
}
