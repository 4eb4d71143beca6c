package api

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/api/wire"
)

// FileOut is a file. A browser keeps it and never shows it as a page of this address.
type FileOut struct {
	ContentType string `header:"Content-Type"`
	Disposition string `header:"Content-Disposition"`
	Body        []byte
}

// describeFile puts the forms of a printed report into the document of the interface.
func describeFile(o *huma.Operation, _ huma.Registry) {
	content := map[string]*huma.MediaType{}
	for _, mime := range [...]string{"text/html", "application/pdf", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"} {
		content[mime] = &huma.MediaType{Schema: &huma.Schema{Type: "string", Format: "binary"}}
	}
	o.Responses = map[string]*huma.Response{
		"200": {Description: "核对报告文件 / The report as a file", Content: content, Headers: map[string]*huma.Param{
			"Content-Disposition": {Schema: &huma.Schema{Type: "string"}, Description: "Name of the file: the report's number"},
			"X-Request-Id":        {Schema: &huma.Schema{Type: "string"}, Description: "Number of the request"},
		}},
	}
}

func (s *Server) addReports(t *table) {
	d := s.options.Desk
	type ordering struct {
		ByID

		Body wire.ReportOrder
	}
	type search struct {
		Paging

		Household string `query:"household" maxLength:"64" pattern:"^[^\\s/]+$" doc:"Number of the household; every report of the caller's division when absent"`
	}
	type printing struct {
		Number string `path:"number" maxLength:"64" pattern:"^[0-9A-Za-z._-]+$" doc:"Number of the report" example:"HD340104-20261101-7K2MQ-4T9XZ"`
		Form   string `query:"form" enum:"html,pdf,xlsx" default:"html" doc:"In which form"`
	}
	route(t, access.ReportIssue, post, "/verdicts/{id}/reports", say{"出具核对报告", "issue a report of a verdict"}, Interactive,
		func(ctx context.Context, c wire.Caller, in *ordering) (*Answer[wire.Report], error) {
			in.Body.Verdict = in.ID
			return answered(d.IssueReport(ctx, c, in.Body))
		})
	route(t, access.ReportList, get, "/reports", say{"查看核对报告清单", "reports that were issued, newest first"}, Interactive,
		func(ctx context.Context, c wire.Caller, in *search) (*Answer[Rows[wire.Report]], error) {
			q := wire.ReportQuery{Household: in.Household}
			return turn(s, c, in.Paging, q, &q.Page, func() (wire.List[wire.Report], error) { return d.Reports(ctx, c, q) })
		})
	route(t, access.ReportRead, get, "/reports/{number}", say{"取得核对报告", "a report as a file, the same whenever it is asked for"}, Heavy,
		func(ctx context.Context, c wire.Caller, in *printing) (*FileOut, error) {
			p, err := d.PrintReport(ctx, c, wire.ReportPrint{Number: in.Number, Form: in.Form})
			if err != nil {
				return nil, err
			}
			return &FileOut{ContentType: p.Type, Disposition: `attachment; filename="` + p.Number + "." + in.Form + `"`, Body: p.Content}, nil
		}, describeFile)
}
