package api

import (
	"context"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/api/wire"
)

// CheckIn is a request to check a household: the request as a line of a batch has it,
// which goes on as it came.
type CheckIn struct {
	Rules   string `query:"rules" maxLength:"64" pattern:"^[a-z0-9_-]+$" doc:"Rule pack; what the centre has set when absent" example:"reference"`
	On      string `query:"on" format:"date" doc:"Day of the check; today when absent" example:"2026-11-01"`
	RawBody []byte
}

// CheckOut is the verdict, byte for byte as hedui check --json prints it, its line end
// with it. What the ledger calls it stands in a header, so that the body is the same
// wherever the verdict comes from.
type CheckOut struct {
	ContentType string `header:"Content-Type"`
	Verdict     string `header:"X-Verdict-Id" doc:"Id of the verdict, for GET /verdicts/{id}" example:"v-000001"`
	Body        []byte
}

// describeCheck puts the form of a request into the document of the interface, and
// that the answer is JSON.
func describeCheck(o *huma.Operation, reg huma.Registry) {
	o.RequestBody = &huma.RequestBody{
		Required: true,
		Content: map[string]*huma.MediaType{
			"application/json": {Schema: reg.Schema(reflect.TypeFor[wire.CheckRequest](), true, "CheckRequest")},
		},
	}
	o.Responses = map[string]*huma.Response{
		"200": {
			Description: "核对结论，与 hedui check --json 的输出逐字节相同 / The verdict, byte for byte what hedui check --json prints",
			Content:     map[string]*huma.MediaType{"application/json": {Schema: &huma.Schema{Type: "object"}}},
			Headers: map[string]*huma.Param{
				"X-Verdict-Id": {Schema: &huma.Schema{Type: "string"}, Description: "Id of the verdict"},
				"X-Request-Id": {Schema: &huma.Schema{Type: "string"}, Description: "Number of the request"},
			},
		},
	}
}

func (s *Server) addChecks(t *table) {
	d := s.options.Desk
	type opening struct {
		ByID

		Evidence int `path:"evidence" minimum:"1" maximum:"100000" doc:"The record, counted from 1 over all findings" example:"1"`
	}
	type changes struct {
		Paging

		Since string `query:"since" maxLength:"64" pattern:"^[0-9A-Za-z._-]+$" doc:"Run or generation; the newest run when absent"`
		Kind  string `query:"outcome" enum:"no_discrepancy,needs_review,suspected_ineligible,unverifiable,refused" doc:"Outcome now"`
	}
	route(t, access.Check, post, "/checks", say{"核对家庭", "check a household"}, Interactive,
		func(ctx context.Context, c wire.Caller, in *CheckIn) (*CheckOut, error) {
			v, err := d.Check(ctx, c, wire.Check{Request: in.RawBody, Rules: in.Rules, On: in.On})
			if err != nil {
				return nil, err
			}
			return &CheckOut{ContentType: "application/json", Verdict: v.ID, Body: append(v.Verdict, '\n')}, nil
		}, describeCheck)
	route(t, access.VerdictRead, get, "/verdicts/{id}", say{"查看核对结论", "read a verdict"}, Interactive,
		func(ctx context.Context, c wire.Caller, in *ByID) (*Answer[wire.Verdict], error) {
			return answered(d.Verdict(ctx, c, in.ID))
		})
	route(t, access.HouseholdRead, get, "/households/{number}", say{"查看家庭", "see a household's checks"}, Interactive,
		func(ctx context.Context, c wire.Caller, in *ByNumber) (*Answer[wire.Household], error) {
			about(ctx, in.Number)
			return answered(d.Household(ctx, c, in.Number))
		})
	route(t, access.EvidenceOpen, post, "/verdicts/{id}/evidence/{evidence}/open", say{"打开依据", "open a record that a verdict rests on"}, Interactive,
		func(ctx context.Context, c wire.Caller, in *opening) (*Answer[wire.Record], error) {
			return answered(d.OpenEvidence(ctx, c, wire.Evidence{Verdict: in.ID, Number: in.Evidence}))
		})
	route(t, access.Unmask, post, "/unmask", say{"显示明文", "show one field in full, with a reason"}, Interactive,
		func(ctx context.Context, c wire.Caller, in *Of[wire.Unmask]) (*Answer[wire.Unmasked], error) {
			return answered(d.Unmask(ctx, c, in.Body))
		})
	route(t, access.RecheckChanges, get, "/recheck/changes", say{"查看变化", "what checking again found changed"}, Interactive,
		func(ctx context.Context, c wire.Caller, in *changes) (*Answer[Rows[wire.Change]], error) {
			q := wire.ChangeQuery{Since: in.Since, Outcome: in.Kind}
			return turn(s, c, in.Paging, q, &q.Page, func() (wire.List[wire.Change], error) { return d.Changes(ctx, c, q) })
		})
}
