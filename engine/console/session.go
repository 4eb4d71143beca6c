package console

import (
	"errors"
	"net/http"
	"slices"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/api"
	"github.com/hedui/hedui/engine/api/wire"
)

// sessionPages are signing in and out.
func (c *Console) sessionPages() []api.Page {
	in := c.post(access.SignIn, "/sign-in", "登录", "sign in", signIn, "account", "password", "code", "next")
	in.Lane = api.Heavy
	out := c.post(access.SignOut, "/sign-out", "退出", "sign out", signOut)
	out.Lane = api.Direct
	return []api.Page{
		c.get(access.ConsoleOpen, "/sign-in", "登录页面", "the page to sign in", func(v *visit) error {
			return v.show("signin", signInForm{Next: inside(v.query("next")), SignOn: c.o.SignOn})
		}, "next"),
		in, out,
	}
}

type signInForm struct {
	Account, Next string
	SignOn        bool
	NeedCode      bool
}

func signIn(v *visit) error {
	form := signInForm{Account: v.field("account"), Next: inside(v.field("next")), SignOn: v.console.o.SignOn}
	session, err := v.console.desk.SignIn(v.ctx, v.caller(), wire.SignIn{
		Account: form.Account, Password: wire.Secret(v.r.PostForm.Get("password")), Code: wire.Secret(v.field("code")),
	})
	if err != nil {
		var r *wire.Refusal
		form.NeedCode = errors.As(err, &r) && r.Code == wire.SecondFactorNeeded
		return v.again("signin", form, err)
	}
	cookie := v.call.Cookie(session.Token)
	http.SetCookie(v.w, &cookie)
	if !slices.Contains(session.Me.Operations, access.OperationList.String()) { // what everybody may who is done with setting up
		return v.goTo(prefix + "/account")
	}
	return v.goTo(form.Next)
}

func signOut(v *visit) error {
	if err := v.console.desk.SignOut(v.ctx, v.caller()); err != nil {
		return err
	}
	return v.leave("signed out")
}

// leave takes the cookie of a session that has ended away, and goes to sign in.
func (v *visit) leave(done string) error {
	v.takeCookie()
	v.w.Header().Set("Clear-Site-Data", `"cache", "storage"`)
	return v.goTo(signInPath("", done))
}

func (v *visit) takeCookie() {
	cookie := v.call.Cookie("")
	http.SetCookie(v.w, &cookie)
}

// sessionWords are of signing in and out.
var sessionWords = map[string]text{
	"signin.title":      {"登录", "Sign in"},
	"signin.account":    {"账户", "Account"},
	"signin.password":   {"口令", "Password"},
	"signin.code":       {"动态口令", "One-time code"},
	"signin.code.help":  {"绑定了动态口令的账户填写手机应用上的六位数字，或一个备用码。", "For accounts with a second factor: the six digits of the app, or a recovery code."},
	"signin.submit":     {"登录", "Sign in"},
	"signin.on":         {"通过统一身份认证登录", "Sign in by the identity provider"},
	"signin.notice":     {"本系统只供经授权的工作人员办理核对业务。每一次查看都记入审计日志。", "For authorised staff only. Every look is kept in the audit log."},
	"done.signed out":   {"已退出登录。", "You are signed out."},
	"error.sign_in.try": {"重新登录", "Sign in again"},
}
