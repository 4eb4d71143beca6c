package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/hedui/hedui/bench/visitor"
)

// password is everybody's of the demonstration.
const password = "san zhi xiao niao 2026"

// division is the province that all work for.
const division = "34"

// post is a job at the centre.
type post struct{ account, display, role string }

// posts are all there are; the first was made with the ledger.
var posts = [...]post{
	{"anquan01", "安全管理", "security_admin"},
	{"shouli01", "受理", "intake"},
	{"hedui01", "核对", "verifier"},
	{"fuhe01", "复核", "reviewer"},
	{"shenpi01", "审批", "approver"},
	{"lingdao01", "领导", "leader"},
	{"jieru01", "数据接入", "data_steward"},
	{"shenji01", "审计", "auditor"},
	{"xitong01", "系统管理", "system_admin"},
}

// staff is what is kept of them, to sign them in again.
type staff struct {
	First   string            `json:"-"`
	Secrets map[string]string `json:"secrets"` // of the second factors, by account

	sessions map[string]string
}

func (s *staff) read(name string) error {
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, s)
}

// settle makes the accounts, takes each into use, and lets them work a little.
func (c *centre) settle(ctx context.Context) error {
	say("正在设立账户、登记授权书、核对一批家庭……")
	c.staff.Secrets, c.staff.sessions = map[string]string{}, map[string]string{}
	nobody := visitor.New("http://" + c.listen)
	first := map[string]string{posts[0].account: c.staff.First}
	for i, p := range posts {
		if i > 0 {
			var made struct {
				Password string `json:"first_password"`
			}
			boss := nobody.As("", c.staff.sessions[posts[0].account])
			if _, err := boss.Do(ctx, http.MethodPost, "/api/v1/users", map[string]any{
				"account": p.account, "person": fmt.Sprintf("P%04d", i+1), "display": p.display, "roles": []string{p.role}, "division": division,
				"purposes": []string{"dibao"}, "reason": "演示",
			}, &made); err != nil {
				return err
			}
			first[p.account] = made.Password
		}
		session, secret, err := visitor.Settle(ctx, nobody, p.account, first[p.account], password)
		if err != nil {
			return err
		}
		c.staff.sessions[p.account], c.staff.Secrets[p.account] = session, secret
	}
	if err := c.work(ctx, nobody); err != nil {
		return err
	}
	// Everybody goes home, so that whoever tries the demonstration begins at the door.
	for _, session := range c.staff.sessions {
		if _, err := nobody.As("", session).Do(ctx, http.MethodPost, "/api/v1/sign-out", nil, nil); err != nil {
			return err
		}
	}
	text, err := json.MarshalIndent(&c.staff, "", " ")
	if err != nil {
		return err
	}
	if len(c.staff.Secrets) != len(posts) {
		return errors.New("somebody has no second factor")
	}
	// The codes of this half minute may be used up.
	time.Sleep(time.Until(time.Now().Truncate(30 * time.Second).Add(30 * time.Second)))
	return os.WriteFile(c.file("staff.json"), text, 0o600)
}
