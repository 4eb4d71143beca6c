package console

import (
	"net/url"
	"slices"
	"strconv"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/api"
	"github.com/hedui/hedui/engine/api/wire"
)

// userPages are of accounts, their tokens and their sessions, for who looks after them.
func (c *Console) userPages() []api.Page {
	return []api.Page{
		c.get(access.UserList, "/users", "查看用户", "list users", listUsers, cursorParameter),
		c.get(access.UserCreate, "/users/new", "新增用户", "the form to create a user", func(v *visit) error {
			return v.show("user-new", v.userForm(url.Values{"division": {v.call.Division}}))
		}),
		heavy(c.post(access.UserCreate, "/users/new", "新增用户", "create a user", createUser, "account", "person", "display", "roles", "division", "purposes", "reason")),
		c.get(access.UserRead, "/users/{account}", "查看用户详情", "read a user", showUser),
		c.post(access.UserChange, "/users/{account}/change", "变更用户", "change a user's roles, division or schemes", changeUser, "version", "roles", "division", "purposes", "reason"),
		c.post(access.UserDisable, "/users/{account}/disable", "停用用户", "disable a user", disableUser, "version", "reason"),
		heavy(c.post(access.UserReset, "/users/{account}/reset", "重置用户口令", "give a user a new first password", resetUser, "version", "factor", "reason")),

		c.get(access.TokenList, "/tokens", "查看令牌", "list API tokens", listTokens, cursorParameter),
		c.get(access.TokenIssue, "/tokens/new", "签发令牌", "the form to issue an API token", func(v *visit) error { return v.show("token-new", tokenPage(url.Values{})) }),
		c.post(access.TokenIssue, "/tokens/new", "签发令牌", "issue an API token", issueToken, "account", "operations", "note", "expires", "reason"),
		c.post(access.TokenRevoke, "/tokens/{id}/end", "停用令牌", "end an API token", endToken),
		c.get(access.SessionList, "/sessions", "查看会话", "list sessions", listSessions, cursorParameter),
		c.post(access.SessionEnd, "/sessions/{id}/end", "结束会话", "end a session", endSession),
		c.get(access.KeyList, "/keys", "查看密钥状态", "see the state of keys", showKeys),
	}
}

// Lists without a filter, by their names.
type (
	userQuery    struct{ wire.Page }
	tokenQuery   struct{ wire.Page }
	sessionQuery struct{ wire.Page }
)

// rows is a list with the way to its other pages.
type rows[T any] struct {
	Items []T
	Pager pager
}

func listUsers(v *visit) error {
	var q userQuery
	items, pages, err := listing(v, q, &q.Page, func() (wire.List[wire.User], error) { return v.console.desk.Users(v.ctx, v.caller(), q.Page) })
	if err != nil {
		return err
	}
	return v.show("users", rows[wire.User]{items, pages})
}

// userForm is a form of an account as it stands.
type userForm struct {
	filled

	Roles   []access.RoleText
	Schemes []string
	User    wire.User
	Secret  string // the first password, shown this once
}

func (v *visit) userForm(form url.Values) userForm {
	f := userForm{filled: filled{form}}
	for _, r := range access.AllRoles() {
		f.Roles = append(f.Roles, r.Text())
	}
	for key := range codeWords {
		if len(key) > 7 && key[:7] == "scheme." {
			f.Schemes = append(f.Schemes, key[7:])
		}
	}
	slices.Sort(f.Schemes)
	return f
}

func createUser(v *visit) error {
	form := v.r.PostForm
	u := wire.NewUser{
		Account: v.field("account"), Person: v.field("person"), Display: v.field("display"), Roles: append([]string{}, form["roles"]...),
		Division: v.field("division"), Purposes: append([]string{}, form["purposes"]...), Reason: v.field("reason"),
	}
	made, err := sent(u, func() (wire.NewSecret, error) { return v.console.desk.CreateUser(v.ctx, v.caller(), u) })
	if err != nil {
		return v.again("user-new", v.userForm(form), err)
	}
	return v.showSecret(made)
}

// showSecret shows the page of an account with its first password, this once.
func (v *visit) showSecret(made wire.NewSecret) error {
	f := v.userForm(formOf(made.User))
	f.User, f.Secret = made.User, made.Password.Reveal()
	return v.show("user", f)
}

func formOf(u wire.User) url.Values {
	return url.Values{"roles": u.Roles, "division": {u.Division}, "purposes": u.Purposes}
}

func (v *visit) userPage(account string, form url.Values) (userForm, error) {
	u, err := v.console.desk.User(v.ctx, v.caller(), account)
	if err != nil {
		return userForm{}, err
	}
	if form == nil {
		form = formOf(u)
	}
	f := v.userForm(form)
	f.User = u
	return f, nil
}

func showUser(v *visit) error {
	f, err := v.userPage(v.r.PathValue("account"), nil)
	if err != nil {
		return err
	}
	return v.show("user", f)
}

// userDone finishes what was done to an account.
func (v *visit) userDone(err error, done string, form url.Values) error {
	account := v.r.PathValue("account")
	if err == nil {
		return v.done(prefix+"/users/"+url.PathEscape(account), done)
	}
	f, lost := v.userPage(account, form)
	if lost != nil {
		return err
	}
	return v.again("user", f, err)
}

// version is which version of something was looked at.
func (v *visit) version() int {
	n, _ := strconv.Atoi(v.field("version")) // none is none, and refused
	return n
}

func changeUser(v *visit) error {
	form := v.r.PostForm
	roles, purposes, division := append([]string{}, form["roles"]...), append([]string{}, form["purposes"]...), v.field("division")
	u := wire.UserChange{Account: v.r.PathValue("account"), Version: v.version(), Roles: &roles, Division: &division, Purposes: &purposes, Reason: v.field("reason")}
	_, err := sent(u, func() (wire.User, error) { return v.console.desk.ChangeUser(v.ctx, v.caller(), u) })
	return v.userDone(err, "user changed", form)
}

func disableUser(v *visit) error {
	u := wire.UserDisable{Account: v.r.PathValue("account"), Version: v.version(), Reason: v.field("reason")}
	_, err := sent(u, func() (wire.User, error) { return v.console.desk.DisableUser(v.ctx, v.caller(), u) })
	return v.userDone(err, "user disabled", nil)
}

func resetUser(v *visit) error {
	u := wire.UserReset{Account: v.r.PathValue("account"), Version: v.version(), Factor: v.field("factor") != "", Reason: v.field("reason")}
	made, err := sent(u, func() (wire.NewSecret, error) { return v.console.desk.ResetUser(v.ctx, v.caller(), u) })
	if err != nil {
		return v.userDone(err, "", nil)
	}
	return v.showSecret(made)
}

func listTokens(v *visit) error {
	var q tokenQuery
	items, pages, err := listing(v, q, &q.Page, func() (wire.List[wire.Token], error) { return v.console.desk.Tokens(v.ctx, v.caller(), q.Page) })
	if err != nil {
		return err
	}
	return v.show("tokens", rows[wire.Token]{items, pages})
}

// tokenForm is the form to issue a token, or what was issued.
type tokenForm struct {
	filled

	Operations []access.Rule
	Issued     wire.Token
	Secret     string // shown this once
}

// tokenPage offers what a machine may be given.
func tokenPage(form url.Values) tokenForm {
	f := tokenForm{filled: filled{form}}
	machines := access.RolesOf(access.Centre, access.Metrics)
	for i := range access.Policy {
		if r := &access.Policy[i]; !r.Public && (r.Roles|r.Own)&machines != 0 {
			f.Operations = append(f.Operations, *r)
		}
	}
	return f
}

func issueToken(v *visit) error {
	form := v.r.PostForm
	t := wire.NewToken{Account: v.field("account"), Operations: append([]string{}, form["operations"]...), Note: v.field("note"), Expires: v.field("expires"), Reason: v.field("reason")}
	made, err := sent(t, func() (wire.IssuedToken, error) { return v.console.desk.IssueToken(v.ctx, v.caller(), t) })
	if err != nil {
		return v.again("token-new", tokenPage(form), err)
	}
	page := tokenPage(url.Values{})
	page.Issued, page.Secret = made.Token, made.Secret.Reveal()
	return v.show("token-new", page)
}

func endToken(v *visit) error {
	if err := v.console.desk.RevokeToken(v.ctx, v.caller(), v.r.PathValue("id")); err != nil {
		return err
	}
	return v.done(prefix+"/tokens", "token ended")
}

func listSessions(v *visit) error {
	var q sessionQuery
	items, pages, err := listing(v, q, &q.Page, func() (wire.List[wire.OpenSession], error) {
		return v.console.desk.Sessions(v.ctx, v.caller(), q.Page)
	})
	if err != nil {
		return err
	}
	return v.show("sessions", rows[wire.OpenSession]{items, pages})
}

func endSession(v *visit) error {
	if err := v.console.desk.EndSession(v.ctx, v.caller(), v.r.PathValue("id")); err != nil {
		return err
	}
	return v.done(prefix+"/sessions", "session ended")
}

func showKeys(v *visit) error {
	k, err := v.console.desk.Keys(v.ctx, v.caller())
	if err != nil {
		return err
	}
	return v.show("keys", k)
}

// userWords are of accounts, tokens, sessions and keys.
var userWords = map[string]text{
	"nav.users":           {"用户", "Users"},
	"nav.users.help":      {"新增、变更、停用账户，重置口令", "Create, change and disable accounts; reset passwords"},
	"nav.tokens":          {"接口令牌", "API tokens"},
	"nav.tokens.help":     {"签发和停用程序使用的令牌", "Issue and end what programs sign in with"},
	"nav.sessions":        {"在线会话", "Sessions"},
	"nav.sessions.help":   {"谁正在登录，可立即结束", "Who is signed in; end it at once"},
	"nav.keys":            {"密钥状态", "Keys"},
	"nav.keys.help":       {"数据密钥与算法", "Data keys and algorithms"},
	"users.title":         {"用户", "Users"},
	"users.new":           {"新增用户", "Create a user"},
	"users.lead":          {"同一个人的几个账户以人员编号识别，按同一人对待。账户管理人员看不到任何家庭的数据。", "Accounts of one person are known by the personnel number and count as one. Who looks after accounts sees no household."},
	"users.empty":         {"还没有用户。", "There is no user yet."},
	"user.title":          {"用户 %s", "User %s"},
	"user.account":        {"账户", "Account"},
	"user.account.help":   {"小写字母、数字、点、横线、下划线", "Small letters, digits, dot, dash, underscore"},
	"user.person":         {"人员编号", "Personnel number"},
	"user.person.help":    {"填写工号，不要填写身份证件号码", "Never the number of an identity document"},
	"user.display":        {"显示名称", "Display name"},
	"user.roles":          {"角色", "Roles"},
	"user.division":       {"区划代码", "Division"},
	"user.purposes":       {"救助类型", "Schemes"},
	"user.state":          {"状态", "State"},
	"user.state.active":   {"正常", "active"},
	"user.state.locked":   {"已锁定", "locked"},
	"user.state.disabled": {"已停用", "disabled"},
	"user.factor":         {"动态口令", "Second factor"},
	"user.factor.yes":     {"已绑定", "enrolled"},
	"user.factor.no":      {"未绑定", "not enrolled"},
	"user.change":         {"变更", "Change"},
	"user.disable":        {"停用账户", "Disable the account"},
	"user.disable.help":   {"停用后立即不能登录，其会话和令牌同时失效。", "It can't sign in any more; its sessions and tokens end at once."},
	"user.reset":          {"重置口令", "Reset the password"},
	"user.reset.help":     {"生成新的初始口令并解除锁定。须当面或以可靠方式核实本人。", "Gives a new first password and unlocks. Make sure that it is the person."},
	"user.reset.factor":   {"同时重新绑定动态口令（手机遗失时）", "The second factor has to be enrolled anew (a lost phone)"},
	"user.secret":         {"初始口令（只显示这一次）", "First password (shown this once)"},
	"user.secret.help":    {"请当面交给本人。三天内首次登录时必须修改，此前不能办理任何业务。", "Hand it to the person. It has to be changed within three days, at the first sign-in, and opens nothing else."},
	"done.user changed":   {"变更已生效。", "The change is in effect."},
	"done.user disabled":  {"账户已停用。", "The account is disabled."},

	"tokens.title":          {"接口令牌", "API tokens"},
	"tokens.new":            {"签发令牌", "Issue a token"},
	"tokens.empty":          {"没有令牌。市县中心的程序接入时，在这里签发。", "No tokens. Issue one when a centre's program is connected."},
	"token.operations":      {"可办理", "May do"},
	"token.operations.help": {"只勾选程序需要的。", "Only what the program needs."},
	"token.note":            {"用途说明", "What it is for"},
	"token.expires":         {"最后一天", "Last day"},
	"token.used":            {"最近使用", "Last used"},
	"token.end":             {"停用", "End"},
	"token.end.of":          {"停用 %s 的令牌", "End the token of %s"},
	"token.secret":          {"令牌（只显示这一次）", "Token (shown this once)"},
	"token.secret.help":     {"复制到程序的配置中，妥善保管。不要通过即时通信或邮件明文传送。", "Put it into the program's configuration. Do not send it by chat or mail."},
	"done.token ended":      {"令牌已停用。", "The token is ended."},

	"sessions.title":     {"在线会话", "Sessions"},
	"sessions.empty":     {"没有在线会话。", "Nobody is signed in."},
	"session.since":      {"登录时间", "Since"},
	"session.seen":       {"最近操作", "Last request"},
	"session.setup":      {"首次设置中", "setting up"},
	"session.end":        {"结束", "End"},
	"session.end.of":     {"结束 %s 的会话", "End the session of %s"},
	"done.session ended": {"会话已结束。", "The session is ended."},

	"keys.title":   {"密钥状态", "Keys"},
	"keys.plain":   {"数据目录未加密。加密须在存入数据前设置，见运行维护说明。", "The data directory is not encrypted. That is decided before anything is in it; see the operations page."},
	"keys.suite":   {"算法", "Algorithms"},
	"keys.id":      {"编号", "Number"},
	"keys.purpose": {"用途", "Purpose"},
	"keys.of":      {"对象", "Of"},
	"keys.master":  {"主密钥版本", "Master key"},

	"field.account":    {"账户", "account"},
	"field.person":     {"人员编号", "personnel number"},
	"field.display":    {"显示名称", "display name"},
	"field.roles":      {"角色", "roles"},
	"field.version":    {"版本", "version"},
	"field.operations": {"可办理", "operations"},
	"field.note":       {"用途说明", "note"},
	"field.expires":    {"最后一天", "last day"},
	"field.new":        {"新口令", "new password"},
	"field.old":        {"现在的口令", "present password"},
	"field.password":   {"口令", "password"},
	"field.code":       {"动态口令", "code"},
}
