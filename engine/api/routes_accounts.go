package api

import (
	"context"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/api/wire"
)

func (s *Server) addAccounts(t *table) {
	d := s.options.Desk
	type change struct {
		ByAccount

		Body wire.UserChange
	}
	type disabling struct {
		ByAccount

		Body wire.UserDisable
	}
	type reset struct {
		ByAccount

		Body wire.UserReset
	}
	route(t, access.UserList, get, "/users", say{"查看用户", "list users"}, Interactive,
		func(ctx context.Context, c wire.Caller, in *Paging) (*Answer[Rows[wire.User]], error) {
			q := users{}
			return turn(s, c, *in, q, &q.Page, func() (wire.List[wire.User], error) { return d.Users(ctx, c, q.Page) })
		})
	route(t, access.UserCreate, post, "/users", say{"新增用户", "create a user"}, Heavy,
		func(ctx context.Context, c wire.Caller, in *Of[wire.NewUser]) (*Answer[wire.NewSecret], error) {
			return answered(d.CreateUser(ctx, c, in.Body))
		})
	route(t, access.UserRead, get, "/users/{account}", say{"查看用户详情", "read a user"}, Interactive,
		func(ctx context.Context, c wire.Caller, in *ByAccount) (*Answer[wire.User], error) {
			return answered(d.User(ctx, c, in.Account))
		})
	route(t, access.UserChange, patch, "/users/{account}", say{"变更用户", "change a user's roles, division or schemes"}, Interactive,
		func(ctx context.Context, c wire.Caller, in *change) (*Answer[wire.User], error) {
			in.Body.Account = in.Account
			return answered(d.ChangeUser(ctx, c, in.Body))
		})
	route(t, access.UserDisable, post, "/users/{account}/disable", say{"停用用户", "disable a user"}, Interactive,
		func(ctx context.Context, c wire.Caller, in *disabling) (*Answer[wire.User], error) {
			in.Body.Account = in.Account
			return answered(d.DisableUser(ctx, c, in.Body))
		})
	route(t, access.UserReset, post, "/users/{account}/reset", say{"重置用户口令", "give a user a new first password"}, Heavy,
		func(ctx context.Context, c wire.Caller, in *reset) (*Answer[wire.NewSecret], error) {
			in.Body.Account = in.Account
			return answered(d.ResetUser(ctx, c, in.Body))
		})
	route(t, access.TokenList, get, "/tokens", say{"查看令牌", "list API tokens"}, Interactive,
		func(ctx context.Context, c wire.Caller, in *Paging) (*Answer[Rows[wire.Token]], error) {
			q := tokens{}
			return turn(s, c, *in, q, &q.Page, func() (wire.List[wire.Token], error) { return d.Tokens(ctx, c, q.Page) })
		})
	route(t, access.TokenIssue, post, "/tokens", say{"签发令牌", "issue an API token; its secret is shown this once"}, Interactive,
		func(ctx context.Context, c wire.Caller, in *Of[wire.NewToken]) (*Answer[wire.IssuedToken], error) {
			return answered(d.IssueToken(ctx, c, in.Body))
		})
	route(t, access.TokenRevoke, remove, "/tokens/{id}", say{"停用令牌", "end an API token"}, Interactive,
		func(ctx context.Context, c wire.Caller, in *ByID) (*None, error) {
			return nothing(d.RevokeToken(ctx, c, in.ID))
		})
	route(t, access.SessionList, get, "/sessions", say{"查看会话", "list sessions"}, Interactive,
		func(ctx context.Context, c wire.Caller, in *Paging) (*Answer[Rows[wire.OpenSession]], error) {
			q := sessions{}
			return turn(s, c, *in, q, &q.Page, func() (wire.List[wire.OpenSession], error) { return d.Sessions(ctx, c, q.Page) })
		})
	route(t, access.SessionEnd, remove, "/sessions/{id}", say{"结束会话", "end a session"}, Interactive,
		func(ctx context.Context, c wire.Caller, in *ByID) (*None, error) {
			return nothing(d.EndSession(ctx, c, in.ID))
		})
	route(t, access.KeyList, get, "/keys", say{"查看密钥状态", "see the state of keys"}, Direct,
		func(ctx context.Context, c wire.Caller, _ *None) (*Answer[wire.Keys], error) {
			return answered(d.Keys(ctx, c))
		})
}
