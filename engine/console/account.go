package console

import (
	"strings"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/api"
	"github.com/hedui/hedui/engine/api/wire"
	"github.com/hedui/hedui/engine/qr"
)

// accountPages are of one's own account: its password and its second factor. They are all
// that there is for somebody who has still to set one.
func (c *Console) accountPages() []api.Page {
	return []api.Page{
		c.get(access.Me, "/account", "查看本人账户", "one's own account", showAccount),
		heavy(c.post(access.PasswordChange, "/account/password", "修改本人口令", "change one's own password", changePassword, "old", "new", "again")),
		heavy(c.post(access.FactorEnrol, "/account/factor", "绑定本人动态口令", "enrol one's own second factor", beginFactor, "password", "code")),
		heavy(c.post(access.FactorEnrol, "/account/factor/confirm", "启用本人动态口令", "take one's own second factor into use", confirmFactor, "code")),
	}
}

// settingUp reports whether the caller has still to set a password or a second factor.
func (v *visit) settingUp() bool {
	return v.call.Session && v.call.Scopes != nil
}

type accountPage struct {
	Me      wire.Me
	Setup   bool
	Factor  *factor
	Codes   []string // of recovery, shown this once
	Expects bool     // a code of the new factor
}

// factor is a new second factor, shown this once.
type factor struct {
	Secret  string // in groups of four
	Picture qr.Picture
}

func (v *visit) accountPage() (accountPage, error) {
	me, err := v.console.desk.Me(v.ctx, v.caller())
	return accountPage{Me: me, Setup: v.settingUp()}, err
}

func showAccount(v *visit) error {
	p, err := v.accountPage()
	if err != nil {
		return err
	}
	return v.show("account", p)
}

func changePassword(v *visit) error {
	p, err := v.accountPage()
	if err != nil {
		return err
	}
	form := v.r.PostForm
	if form.Get("new") != form.Get("again") {
		v.notice = &notice{Text: v.say("account.differ")}
		return v.showAs(422, "account", p)
	}
	err = v.console.desk.ChangePassword(v.ctx, v.caller(), wire.PasswordChange{Old: wire.Secret(form.Get("old")), New: wire.Secret(form.Get("new"))})
	if err != nil {
		return v.again("account", p, err)
	}
	return v.leave("password set") // the session ended with it
}

func beginFactor(v *visit) error {
	p, err := v.accountPage()
	if err != nil {
		return err
	}
	made, err := v.console.desk.EnrolFactor(v.ctx, v.caller(), wire.Enrol{Password: wire.Secret(v.r.PostForm.Get("password")), Code: wire.Secret(v.field("code"))})
	if err != nil {
		return v.again("account", p, err)
	}
	p.Factor = &factor{Secret: groups(made.Secret.Reveal())}
	if p.Factor.Picture, err = qr.Draw(made.URI.Reveal()); err != nil {
		return err
	}
	p.Expects = true
	return v.show("account", p)
}

func confirmFactor(v *visit) error {
	p, err := v.accountPage()
	if err != nil {
		return err
	}
	made, err := v.console.desk.EnrolFactor(v.ctx, v.caller(), wire.Enrol{Code: wire.Secret(v.field("code")), Confirm: true})
	if err != nil {
		p.Expects = true // the app has the secret already
		return v.again("account", p, err)
	}
	for _, code := range made.RecoveryCodes {
		p.Codes = append(p.Codes, code.Reveal())
	}
	v.takeCookie()
	return v.show("account", p)
}

// groups writes a secret as people copy it.
func groups(s string) string {
	var out []string
	for len(s) > 4 {
		out = append(out, s[:4])
		s = s[4:]
	}
	return strings.Join(append(out, s), " ")
}

// accountWords are of one's own account.
var accountWords = map[string]text{
	"account.title":           {"本人账户", "Your account"},
	"account.setup":           {"首次登录：请先设置自己的口令，再绑定动态口令。每完成一步需要重新登录一次。", "First sign-in: set a password of your own, then enrol a second factor. After each step you sign in again."},
	"account.name":            {"账户", "Account"},
	"account.roles":           {"角色", "Roles"},
	"account.purposes":        {"救助类型", "Schemes"},
	"account.password":        {"修改口令", "Change the password"},
	"account.password.help":   {"至少 12 个字符，可以是一句话；不能含账户名，不能与最近五次相同。修改后需要重新登录。", "At least 12 characters, a sentence will do; not your account's name, not one of the last five. You sign in again after it."},
	"account.old":             {"现在的口令", "Present password"},
	"account.new":             {"新口令", "New password"},
	"account.again":           {"再输一遍新口令", "New password once more"},
	"account.differ":          {"两次输入的新口令不一致，请重新输入。", "The new password was not typed the same twice. Type it again."},
	"account.factor":          {"绑定动态口令", "Enrol a second factor"},
	"account.factor.help":     {"在手机上安装动态口令应用（支持 TOTP），用它扫描下一步显示的图形。", "Install an authenticator app (TOTP) on your phone; it reads the picture of the next step."},
	"account.factor.now":      {"现在的动态口令（已绑定的才填）", "Code of the present factor, if there is one"},
	"account.factor.begin":    {"下一步", "Next step"},
	"account.scan":            {"用手机应用扫描", "Read this with the app"},
	"account.scan.alt":        {"供手机应用扫描的图形，内容与下面的密钥相同", "A picture for the app; it holds the secret below"},
	"account.secret":          {"或手工输入密钥（只显示这一次）", "Or type the secret (it is shown this once)"},
	"account.confirm":         {"输入应用上显示的六位数字", "The six digits that the app shows"},
	"account.confirm.do":      {"启用", "Take into use"},
	"account.codes":           {"备用码", "Recovery codes"},
	"account.codes.help":      {"每个备用码可代替动态口令使用一次，只显示这一次。请打印或抄下，锁好保管。", "Each stands for the app once. They are shown this once: print or copy them, and lock them away."},
	"account.codes.next":      {"已保管好，重新登录", "I have kept them; sign in again"},
	"done.password set":       {"口令已修改，请用新口令登录。", "The password is changed. Sign in with the new one."},
	"account.factor.continue": {"若刚才的图形没有扫描成功，请重新开始绑定。", "If the picture was not read, begin to enrol again."},
}
