package api

import (
	"context"
	"strings"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/api/wire"
)

// caseSteps are the things that can be done to a case.
var caseSteps = [...]struct {
	operation access.Operation
	path      string
	say       say
	action    wire.Action
}{
	{access.CasePropose, "propose", say{"提出核对意见", "propose an outcome"}, wire.Propose},
	{access.CaseTakeUp, "take-up", say{"受理复核", "take a case up for review"}, wire.TakeUp},
	{access.CaseConfirm, "confirm", say{"确认结论", "confirm; an adverse outcome needs a second person who opened every record"}, wire.Confirm},
	{access.CaseClear, "clear", say{"排除疑点", "clear"}, wire.Clear},
	{access.CaseReturn, "return", say{"退回补充", "return for more"}, wire.Return},
	{access.CaseAssign, "assign", say{"分派案件", "assign to somebody"}, wire.Assign},
	{access.CaseNotify, "notify", say{"送达告知书", "record that the notice was given"}, wire.Notify},
}

func (s *Server) addCases(t *table) {
	d := s.options.Desk
	type search struct {
		Paging

		State     string `query:"state" enum:"waiting,proposed,under_review,confirmed,cleared,returned,disputed,final" doc:"waiting is proposed, under review, returned and disputed in one queue; proposed when absent"`
		Household string `query:"household" maxLength:"64" pattern:"^[^\\s/]+$" doc:"Number of the household"`
		Outcome   string `query:"outcome" enum:"needs_review,suspected_ineligible,unverifiable" doc:"Of the verdict"`
		Scheme    string `query:"scheme" maxLength:"64" pattern:"^[a-z0-9_]+$"`
		Mine      bool   `query:"mine" doc:"Only those assigned to the caller"`
		Nobody    bool   `query:"unassigned" doc:"Only those assigned to nobody"`
	}
	type step struct {
		ByID

		Body wire.CaseStep
	}
	type filing struct {
		ByID

		Body wire.ObjectionFiled
	}
	type deciding struct {
		ByID

		Body wire.ObjectionDecided
	}
	route(t, access.CaseList, get, "/cases", say{"查看案件队列", "the queue of cases"}, Interactive,
		func(ctx context.Context, c wire.Caller, in *search) (*Answer[Rows[wire.Case]], error) {
			q := wire.CaseQuery{
				State: in.State, Household: in.Household, Outcome: in.Outcome, Scheme: in.Scheme, Mine: in.Mine, Unassigned: in.Nobody,
			}
			return turn(s, c, in.Paging, q, &q.Page, func() (wire.List[wire.Case], error) { return d.Cases(ctx, c, q) })
		})
	route(t, access.CaseRead, get, "/cases/{id}", say{"查看案件", "read a case"}, Interactive,
		func(ctx context.Context, c wire.Caller, in *ByID) (*Answer[wire.Case], error) {
			return answered(d.Case(ctx, c, in.ID))
		})
	for _, a := range caseSteps {
		route(t, a.operation, post, "/cases/{id}/"+a.path, a.say, Interactive,
			func(ctx context.Context, c wire.Caller, in *step) (*Answer[wire.Case], error) {
				if err := reasoned(a.operation, in.Body.Reason); err != nil {
					return nil, err
				}
				in.Body.Case, in.Body.Action = in.ID, a.action
				return answered(d.Act(ctx, c, in.Body))
			})
	}
	route(t, access.ObjectionFile, post, "/cases/{id}/objections", say{"登记异议", "file the household's objection to a record"}, Interactive,
		func(ctx context.Context, c wire.Caller, in *filing) (*Answer[wire.Objection], error) {
			in.Body.Case = in.ID
			return answered(d.FileObjection(ctx, c, in.Body))
		})
	type objections struct {
		Paging

		State     string `query:"state" enum:"open,upheld,rejected" doc:"Open when absent; oldest first"`
		Household string `query:"household" maxLength:"64" pattern:"^[^\\s/]+$" doc:"Number of the household; then in every state, newest first"`
		Mine      bool   `query:"mine" doc:"Only to cases assigned to the caller"`
	}
	route(t, access.ObjectionList, get, "/objections", say{"查看异议清单", "objections, those that wait longest first"}, Interactive,
		func(ctx context.Context, c wire.Caller, in *objections) (*Answer[Rows[wire.Objection]], error) {
			q := wire.ObjectionQuery{State: in.State, Household: in.Household, Mine: in.Mine}
			return turn(s, c, in.Paging, q, &q.Page, func() (wire.List[wire.Objection], error) { return d.Objections(ctx, c, q) })
		})
	route(t, access.ObjectionRead, get, "/objections/{id}", say{"查看异议", "read an objection"}, Interactive,
		func(ctx context.Context, c wire.Caller, in *ByID) (*Answer[wire.Objection], error) {
			return answered(d.Objection(ctx, c, in.ID))
		})
	route(t, access.ObjectionDecide, post, "/objections/{id}/decide", say{"处理异议", "decide an objection"}, Interactive,
		func(ctx context.Context, c wire.Caller, in *deciding) (*Answer[wire.Objection], error) {
			in.Body.Objection = in.ID
			return answered(d.DecideObjection(ctx, c, in.Body))
		})
}

func (s *Server) addCorrections(t *table) {
	d := s.options.Desk
	type search struct {
		Paging

		Department string `query:"department" maxLength:"64" pattern:"^[a-z0-9_-]+$" doc:"Whose records they are; needed" example:"bank"`
		Sent       bool   `query:"sent" doc:"Those that were sent already"`
	}
	route(t, access.CorrectionList, get, "/corrections", say{"查看疑义数据", "what a department must put right"}, Interactive,
		func(ctx context.Context, c wire.Caller, in *search) (*Answer[Rows[wire.Correction]], error) {
			q := wire.CorrectionQuery{Department: in.Department, Sent: in.Sent}
			return turn(s, c, in.Paging, q, &q.Page, func() (wire.List[wire.Correction], error) { return d.Corrections(ctx, c, q) })
		})
	route(t, access.CorrectionSend, post, "/corrections/send", say{"发送疑义数据", "the file for a department; what is in it counts as sent"}, Interactive,
		func(ctx context.Context, c wire.Caller, in *Of[wire.CorrectionsSent]) (*Answer[wire.CorrectionFile], error) {
			return answered(d.SendCorrections(ctx, c, in.Body))
		})
}

// reasoned refuses what the policy wants a reason for when none is given.
func reasoned(op access.Operation, reason string) error {
	if rule, ok := op.Rule(); ok && rule.Reason && strings.TrimSpace(reason) == "" {
		return wire.Refuse(wire.ReasonNeeded, "body.reason:required")
	}
	return nil
}
