package desk_test

import (
	"errors"
	"testing"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/desk"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/review"
	"github.com/hedui/hedui/engine/review/meter"
)

// Everything that the desk does asks the policy, of the object it is really done to: for
// every role, in every place, it is refused exactly when the table says so, and what is
// refused is in the log. What is allowed stops at something harmless, such as a reason
// that is missing.
func TestDeskAsksThePolicy(t *testing.T) {
	w := newWorld(t, 30)
	a := w.underReview(1, 3)
	b := w.underReview(2, 6)
	o, err := w.desk.FileObjection(t.Context(), intake, b.Case, 1, "不是我的")
	must(t, err)
	got, err := w.desk.Case(t.Context(), reviewer, a.Case)
	must(t, err)
	ctx, d, number := t.Context(), w.desk, paper(1).Number
	object := access.Object{Division: county, Purpose: "dibao"}
	decided := object
	decided.Persons, decided.Adverse = got.Persons(), true
	disputed := object
	disputed.Persons, disputed.Adverse = decided.Persons, false
	if c, err := d.Case(ctx, reviewer, b.Case); err != nil || c.Adverse() {
		t.Fatalf("%+v, %v", c, err)
	}
	opened := object
	opened.Classes[4] = true // the bank
	full := opened
	full.Field = access.FieldAccount
	next := 100
	act := func(kind review.Kind) func(desk.Caller) error {
		return func(c desk.Caller) error {
			_, err := d.Act(ctx, c, a.Case, desk.Step{Kind: kind, Version: 99, Reason: "理由"})
			return err
		}
	}
	operations := []struct {
		op     access.Operation
		object access.Object
		do     func(desk.Caller) error
	}{
		{access.AuthorizationRegister, object, func(c desk.Caller) error {
			next++
			_, err := d.RegisterAuthorization(ctx, c, paper(next, 9))
			return err
		}},
		{access.AuthorizationRead, object, func(c desk.Caller) error { _, _, err := d.Authorization(ctx, c, number); return err }},
		{access.AuthorizationSearch, object, func(c desk.Caller) error {
			_, _, err := d.Authorizations(ctx, c, desk.AuthorizationQuery{Division: county})
			return err
		}},
		{access.AuthorizationWithdraw, object, func(c desk.Caller) error {
			_, err := d.WithdrawAuthorization(ctx, c, number, "")
			return err
		}},
		{access.AuthorizationAmend, object, func(c desk.Caller) error {
			_, err := d.MemberLeft(ctx, c, number, 1, "", 20261101, "")
			return err
		}},
		{access.HouseholdRead, object, func(c desk.Caller) error { _, err := d.Household(ctx, c, householdNumber(1)); return err }},
		{access.VerdictRead, object, func(c desk.Caller) error { _, err := d.Verdict(ctx, c, a.Verdict); return err }},
		{access.EvidenceOpen, opened, func(c desk.Caller) error { _, err := d.OpenEvidence(ctx, c, a.Verdict, 1); return err }},
		{access.Unmask, full, func(c desk.Caller) error {
			_, err := d.Unmask(ctx, c, a.Verdict, 1, "account_no", "")
			return err
		}},
		{access.CaseList, object, func(c desk.Caller) error { _, _, err := d.Cases(ctx, c, desk.CaseQuery{Division: county}); return err }},
		{access.CaseRead, decided, func(c desk.Caller) error { _, err := d.Case(ctx, c, a.Case); return err }},
		{access.CaseAssign, decided, act(review.Assign)},
		{access.CasePropose, decided, act(review.Propose)},
		{access.CaseTakeUp, decided, act(review.TakeUp)},
		{access.CaseConfirm, decided, act(review.Confirm)},
		{access.CaseClear, decided, act(review.Clear)},
		{access.CaseReturn, decided, act(review.Return)},
		{access.CaseNotify, decided, act(review.Notify)},
		{access.ObjectionFile, decided, func(c desk.Caller) error { _, err := d.FileObjection(ctx, c, a.Case, 99, "理由"); return err }},
		{access.ObjectionRead, disputed, func(c desk.Caller) error { _, err := d.Objection(ctx, c, o.ID); return err }},
		{access.ObjectionDecide, disputed, func(c desk.Caller) error { _, err := d.DecideObjection(ctx, c, o.ID, false, ""); return err }},
		{access.Statistics, access.Object{Division: county}, func(c desk.Caller) error {
			_, err := d.Statistics(ctx, c, desk.StatisticsQuery{Division: county})
			return err
		}},
		{access.PublicNotice, object, func(c desk.Caller) error {
			_, err := d.PublicNotice(ctx, c, desk.NoticeQuery{Division: county, Scheme: "dibao"})
			return err
		}},
		{access.ReviewerMeter, access.Object{Division: county}, func(c desk.Caller) error {
			_, err := d.Meter(ctx, c, county, meter.Thresholds{})
			return err
		}},
		{access.ReviewerSeed, access.Object{Division: county}, func(c desk.Caller) error {
			_, err := d.Seed(ctx, c, desk.Template{Division: county}, "")
			return err
		}},
	}
	allowed, refusals := 0, 0
	for _, x := range operations {
		for _, role := range access.AllRoles() {
			for _, division := range []string{county, "3401", "34", "340203", "340104001"} {
				for _, purposes := range [][]string{{"dibao"}, {"housing"}} {
					c := official("u-"+role.String(), division, role)
					c.Purposes = purposes
					if access.RolesOf(role)&access.Machines != 0 {
						c.Person = ""
					}
					want := access.Decide(c.Subject, x.op, x.object)
					w.audit.events = nil
					err := x.do(c)
					r, _ := desk.Refused(err)
					switch {
					case want.Allow:
						allowed++
						if r != nil && (r.Code == desk.NotFound || r.Code == desk.Forbidden) || err != nil && r == nil {
							t.Errorf("%s by %s of %s for %v: %v, and the policy allows it", x.op, role, division, purposes, err)
						}
					default:
						refusals++
						code := desk.Forbidden
						if want.Hide {
							code = desk.NotFound
						}
						// A list of what nobody may know of is empty.
						if err == nil && want.Hide && (x.op == access.CaseList || x.op == access.AuthorizationSearch) {
							continue
						}
						if r == nil || r.Code != code && (r.Code != desk.SecondPerson || want.Reason != access.ReasonSamePerson) {
							t.Errorf("%s by %s of %s for %v: %v, and the policy says %s", x.op, role, division, purposes, err, want.Reason)
						}
						if e := w.audit.last(); e.Outcome != "denied" || e.Operation != x.op.String() || e.Code != string(want.Reason) {
							t.Errorf("%s by %s of %s: the log says %+v", x.op, role, division, e)
						}
					}
				}
			}
		}
	}
	if allowed < 150 || refusals < 1500 {
		t.Errorf("only %d were allowed and %d refused", allowed, refusals)
	}
}

// A ledger that can't be read gives no answer, and nothing is looked at.
func TestUnreadableLedger(t *testing.T) {
	w := newWorld(t, 9)
	a := w.underReview(1, 3)
	before := w.store.count()
	w.ledger.unread = errBoom
	if got, err := w.desk.Check(t.Context(), verifier, request(1, 3), desk.CheckOptions{}); !errors.Is(err, errBoom) || got != nil {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := w.desk.OpenEvidence(t.Context(), approver, a.Verdict, 1); !errors.Is(err, errBoom) {
		t.Error(err)
	}
	if _, err := w.desk.Act(t.Context(), approver, a.Case, desk.Step{Kind: review.Confirm, Reason: "属实"}); !errors.Is(err, errBoom) {
		t.Error(err)
	}
	if _, err := w.batch(centre, string(request(1, 3))+"\n"); !errors.Is(err, errBoom) {
		t.Error(err)
	}
	if n := w.store.count() - before; n != 0 {
		t.Errorf("%d reads", n)
	}
	w.ledger.unread = ledger.ErrDamaged
	if _, err := w.desk.Check(t.Context(), verifier, request(1, 3), desk.CheckOptions{}); !errors.Is(err, ledger.ErrDamaged) {
		t.Errorf("a damaged ledger says %v", err)
	}
}
