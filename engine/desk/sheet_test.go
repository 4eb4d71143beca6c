package desk_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/authorization"
	"github.com/hedui/hedui/engine/desk"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/review"
)

// A sheet has what was declared, the authorisation, the words, and who did what with each
// record; it is judged and taken down as reading the verdict is.
func TestSheet(t *testing.T) {
	w := newWorld(t, 9)
	a := w.underReview(1, 3, 1)
	w.openAll(approver, a.Case)
	o, err := w.desk.FileObjection(t.Context(), intake, a.Case, 1, "不是我的账户")
	must(t, err)
	s, err := w.desk.Sheet(t.Context(), approver, a.Verdict)
	must(t, err)
	if e := w.audit.last(); e.Operation != "verdict.read" || e.Outcome != audit.Done || e.Object != a.Verdict || len(e.Subjects) != 1 {
		t.Errorf("the audit log has %+v", e)
	}
	if s.Household != householdNumber(1) || s.Division != county || s.By != verifier.Account || s.Scheme != "dibao" || s.At == 0 || s.Verdict.Region != county {
		t.Errorf("%+v", s)
	}
	if s.Verdict.Outcome != household.SuspectedIneligible || string(s.Verdict.AppendJSON(nil)) != string(a.JSON) {
		t.Errorf("another verdict: %s", s.Verdict.AppendJSON(nil))
	}
	if len(s.Request.Members) != 2 || s.Request.Members[0].Name.Reveal() != name || s.Masks[access.FieldName] != access.Partly {
		t.Errorf("%+v, %v", s.Request, s.Masks)
	}
	want := desk.SheetAuthorization{
		Number: "SQ340104-000001", Registered: true, From: 20260101, To: 20261231, Purposes: []string{"dibao"},
		Classes: authorization.AllClasses(), State: desk.Live,
	}
	if d := cmp.Diff(want, s.Authorization); d != "" {
		t.Error(d)
	}
	code := s.Verdict.Findings[0].Code
	if s.OtherTexts || s.Texts.Title(code, "zh") == "" || s.Texts.Title(code, "zh") == s.Texts.Title(code, "en") || s.Texts.Law(code) == "" {
		t.Errorf("no words of %s", code)
	}
	// The objection has the household verified again, without the record.
	if s.Replaced == "" {
		t.Error("the verdict stands, despite the objection")
	}
	now, err := w.desk.Sheet(t.Context(), approver, s.Replaced)
	must(t, err)
	if now.Case == nil || now.Case.ID != a.Case || now.Case.Mine || len(now.Verdict.Withheld) != 1 || now.Case.Objections[0].ID != o.ID {
		t.Errorf("%+v", now.Case)
	}
	for _, c := range []desk.Caller{stranger, official("leader01", county, access.Leader)} {
		_, err := w.desk.Sheet(t.Context(), c, a.Verdict)
		if r, ok := desk.Refused(err); !ok || r.Code != desk.NotFound && r.Code != desk.Forbidden {
			t.Errorf("%s: %v", c.Account, err)
		}
	}
	_, err = w.desk.Sheet(t.Context(), verifier, "nothing")
	refusedAs(t, err, desk.NotFound)
	w.audit.fail = errBoom
	if _, err := w.desk.Sheet(t.Context(), verifier, a.Verdict); err == nil {
		t.Error("a sheet is shown that the log has not")
	}
}

// Records are numbered as OpenEvidence counts them, each with who opened it; a record that
// stands under two findings is one.
func TestSheetEvidence(t *testing.T) {
	w := newWorld(t, 9)
	a := w.underReview(1, 3, 6)
	w.openAll(approver, a.Case)
	_, err := w.desk.Act(t.Context(), approver, a.Case, desk.Step{Kind: review.Assign, Assignee: somebody(approver)})
	must(t, err)
	for _, c := range []desk.Caller{approver, reviewer} {
		s, err := w.desk.Sheet(t.Context(), c, a.Verdict)
		must(t, err)
		if mine := c.Account == approver.Account; s.Case.Mine != mine || (s.Masks[access.FieldAmount] == access.Full) != mine {
			t.Errorf("%s: %v %v", c.Account, s.Case.Mine, s.Masks)
		}
		n := 0
		for i := range s.Verdict.Findings {
			for j := range s.Verdict.Findings[i].Evidence {
				x := s.Evidence[n]
				if n++; x.Number != n || x.Finding != i || x.Item != j {
					t.Errorf("%+v is the %dth", x, n)
				}
				opened, err := w.desk.OpenEvidence(t.Context(), verifier, a.Verdict, n)
				must(t, err)
				e := &s.Verdict.Findings[i].Evidence[j]
				if opened.Row != e.Row || opened.Source != e.Source || opened.Snapshot != e.Snapshot {
					t.Errorf("%d opens %+v, not %+v", n, opened, e)
				}
				if x.Bears && (!slices.Contains(x.OpenedBy, approverName(s)) || x.OpenedMe != (c.Account == approver.Account)) {
					t.Errorf("%s: %+v", c.Account, x)
				}
			}
		}
		if n == 0 || n != len(s.Evidence) || !slices.ContainsFunc(s.Evidence, func(x desk.SheetEvidence) bool { return x.Bears }) {
			t.Errorf("%d records, listed %+v", n, s.Evidence)
		}
	}
}

// Who opened one record has opened it wherever it stands, and no other.
func TestSheetOpened(t *testing.T) {
	w := newWorld(t, 9)
	w.register(1, 3, 6)
	a := w.check(verifier, request(1, 3, 6))
	_, err := w.desk.OpenEvidence(t.Context(), approver, a.Verdict, 2)
	must(t, err)
	s, err := w.desk.Sheet(t.Context(), approver, a.Verdict)
	must(t, err)
	at := func(x desk.SheetEvidence) *household.Evidence { return &s.Verdict.Findings[x.Finding].Evidence[x.Item] }
	opened := at(s.Evidence[1])
	others := 0
	for _, x := range s.Evidence {
		if same := at(x).Row == opened.Row; x.OpenedMe != same {
			t.Errorf("record %d in row %d is opened: %v", x.Number, at(x).Row, x.OpenedMe)
		} else if !same {
			others++
		}
	}
	if others == 0 {
		t.Error("there is only one record")
	}
}

func approverName(s *desk.Sheet) string { return s.Case.Account(approver.Person) }
