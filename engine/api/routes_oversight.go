package api

import (
	"context"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/api/wire"
)

func (s *Server) addOversight(t *table) {
	d := s.options.Desk
	type entries struct {
		Paging

		From      string `query:"from" format:"date" doc:"First day"`
		To        string `query:"to" format:"date" doc:"Last day"`
		Account   string `query:"account" maxLength:"64" pattern:"^[a-z0-9._-]+$"`
		Operation string `query:"operation" maxLength:"64" pattern:"^[a-z_.]+$"`
		Household string `query:"household" maxLength:"64" pattern:"^[^\\s/]+$" doc:"Number of the household"`
	}
	type subject struct {
		Paging

		Household string `path:"household" maxLength:"64" pattern:"^[^\\s/]+$" doc:"Number of the household" example:"340104-000123"`
	}
	type counting struct {
		Division string `query:"division" pattern:"^[0-9]{2,12}$" doc:"Division, with everything below it; the caller's own when absent"`
		Scheme   string `query:"scheme" maxLength:"64" pattern:"^[a-z0-9_]+$"`
		From     string `query:"from" format:"date" doc:"First day"`
		To       string `query:"to" format:"date" doc:"Last day"`
	}
	route(t, access.AuditSearch, get, "/audit/entries", say{"检索审计日志", "search the audit log"}, Heavy,
		func(ctx context.Context, c wire.Caller, in *entries) (*Answer[Rows[wire.AuditEntry]], error) {
			q := wire.AuditQuery{From: in.From, To: in.To, Account: in.Account, Operation: in.Operation, Household: in.Household}
			return turn(s, c, in.Paging, q, &q.Page, func() (wire.List[wire.AuditEntry], error) { return d.AuditEntries(ctx, c, q) })
		})
	route(t, access.AuditSubject, get, "/audit/subjects/{household}", say{"谁查过我", "who looked at a household"}, Heavy,
		func(ctx context.Context, c wire.Caller, in *subject) (*Answer[Rows[wire.AuditEntry]], error) {
			about(ctx, in.Household)
			q := wire.AuditQuery{Household: in.Household}
			return turn(s, c, in.Paging, q, &q.Page, func() (wire.List[wire.AuditEntry], error) { return d.AuditSubject(ctx, c, q.Household, q.Page) })
		})
	route(t, access.AuditHead, get, "/audit/head", say{"导出审计链首", "the head of the audit log, to be kept elsewhere"}, Direct,
		func(ctx context.Context, c wire.Caller, _ *None) (*Answer[wire.AuditHead], error) {
			return answered(d.AuditHead(ctx, c))
		})
	type alerts struct {
		Paging

		State string `query:"state" enum:"open,closed" doc:"Open when absent"`
	}
	type closing struct {
		ByID

		Body wire.AlertClosing
	}
	route(t, access.AuditAlerts, get, "/audit/alerts", say{"查看异常查询", "looks that somebody should ask about, newest first"}, Heavy,
		func(ctx context.Context, c wire.Caller, in *alerts) (*Answer[Rows[wire.Alert]], error) {
			q := wire.AlertQuery{State: in.State}
			return turn(s, c, in.Paging, q, &q.Page, func() (wire.List[wire.Alert], error) { return d.AuditAlerts(ctx, c, q) })
		})
	route(t, access.AuditAlertClose, post, "/audit/alerts/{id}/close", say{"处理异常查询", "close an alert, saying what was found"}, Interactive,
		func(ctx context.Context, c wire.Caller, in *closing) (*Answer[wire.Alert], error) {
			if err := reasoned(access.AuditAlertClose, in.Body.Reason); err != nil {
				return nil, err
			}
			in.Body.Alert = in.ID
			return answered(d.CloseAlert(ctx, c, in.Body))
		})
	route(t, access.SnapshotList, get, "/snapshots", say{"查看数据快照", "what departments have delivered"}, Heavy,
		func(ctx context.Context, c wire.Caller, in *Paging) (*Answer[Rows[wire.Snapshot]], error) {
			q := snapshots{}
			return turn(s, c, *in, q, &q.Page, func() (wire.List[wire.Snapshot], error) { return d.Snapshots(ctx, c, q.Page) })
		})
	route(t, access.SnapshotList, get, "/coverage", say{"查看数据覆盖", "which sources are published, how old they are, and what is wanting"}, Heavy,
		func(ctx context.Context, c wire.Caller, _ *None) (*Answer[wire.Coverage], error) {
			return answered(d.Coverage(ctx, c))
		})
	route(t, access.Statistics, get, "/statistics", say{"查看统计", "counts by scheme and outcome"}, Heavy,
		func(ctx context.Context, c wire.Caller, in *counting) (*Answer[wire.Statistics], error) {
			return answered(d.Statistics(ctx, c, wire.StatisticsQuery{Division: in.Division, Scheme: in.Scheme, From: in.From, To: in.To}))
		})
	route(t, access.PublicNotice, post, "/public-notices", say{"导出公示名单", "make a copy of a public notice, marked for its recipient"}, Heavy,
		func(ctx context.Context, c wire.Caller, in *Of[wire.PublicNoticeQuery]) (*Answer[wire.PublicNotice], error) {
			if err := reasoned(access.PublicNotice, in.Body.Reason); err != nil {
				return nil, err
			}
			return answered(d.PublicNotice(ctx, c, in.Body))
		})
	type reviewers struct {
		Division string `query:"division" pattern:"^[0-9]{2,12}$" doc:"Division, with everything below it; the caller's own when absent"`
	}
	route(t, access.ReviewerMeter, get, "/reviewers", say{"查看复核质量", "how well reviewers look"}, Heavy,
		func(ctx context.Context, c wire.Caller, in *reviewers) (*Answer[wire.ReviewerReports], error) {
			return answered(d.Reviewers(ctx, c, in.Division))
		})
	route(t, access.ReviewerSeed, post, "/reviewers/planted-cases", say{"投放测试案件", "plant a case that is known to be false"}, Interactive,
		func(ctx context.Context, c wire.Caller, in *Of[wire.Planting]) (*Answer[wire.Planted], error) {
			if err := reasoned(access.ReviewerSeed, in.Body.Reason); err != nil {
				return nil, err
			}
			return answered(d.PlantCase(ctx, c, in.Body))
		})
}

// Lists without a filter, by their names.
type (
	snapshots struct{ wire.Page }
	users     struct{ wire.Page }
	tokens    struct{ wire.Page }
	sessions  struct{ wire.Page }
)
