package access_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/engine/access"
)

var update = flag.Bool("update", false, "rewrite docs/access.md from the table")

const page = "../../docs/access.md"

// TestPage keeps docs/access.md what the table says.
func TestPage(t *testing.T) {
	got := writePage()
	if *update {
		if err := os.WriteFile(page, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("docs/access.md is not what the table says; run this test with -update and read the difference:\n%s", diff)
	}
}

func writePage() string {
	var b strings.Builder
	b.WriteString(`# Who may do what

After reading this page you know what each role may do, of which households, what it sees
of them, and when it takes two persons. The page is written from the table in
` + "`engine/access/policy.go`" + `, which the API, the console, exports, commands and tests read;
a test keeps it true. 未列明的一律不允许。

To be allowed, an account needs a role of the operation's row **and** the place **and** the
scheme **and** the data classes. Place is the division of the *registered* authorisation:
an account reaches its own division and what lies below it. What lies outside is answered
as if it did not exist.

## Roles 角色

| role | 角色 | for | with others |
|---|---|---|---|
`)
	for _, r := range access.AllRoles() {
		x := r.Text()
		with := "others of the first six"
		switch one := access.RolesOf(r); {
		case one&access.Administrators != 0:
			with = "no other role; sees no case data 三权分立"
		case one&access.Machines != 0:
			with = "a machine: no person, no other role"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", x.Name, x.Zh, x.En, with)
	}
	b.WriteString(`
An account whose roles exclude one another may do nothing at all. An account of a person
names the person; two accounts of one person are one person.

## Operations 操作

*own*: only what the account itself made. *place*: in the account's division or below.
*scheme*: one that the account works on. *classes*: reads departments' data, of the classes
the account may see. *certificate*: a machine shows the certificate that its token is
bound to. *two*: takes effect only with two persons, the second of the roles
named. *why*: with a reason in words.

| operation | 操作 | who | looks at | shows | two | why |
|---|---|---|---|---|---|---|
`)
	for i := range access.Policy {
		r := &access.Policy[i]
		fmt.Fprintf(&b, "| `%s` %s | %s | %s | %s | %s | %s | %s |\n", r.Name, r.En, r.Zh, who(r), looks(r), shown(r), two(r), why(r))
	}
	b.WriteString(`
Adverse is a verdict that, once confirmed, is to the household's disadvantage
(疑似不符合、需核实); overridden is a decision of a
person against the engine's.

## What is shown 脱敏

| field | masked | |
|---|---|---|
`)
	m := all(access.Partly)
	for _, f := range [][3]string{
		{"document number 证件号码", m.IDNumber("34010419900101002X"), "first character and last two"},
		{"name 姓名", m.Name("张三") + ", " + m.Name("欧阳若兰"), "the surname"},
		{"telephone 手机", m.Phone("13812345600"), "first three and last two"},
		{"account 账号", m.Account("6222021234567890123"), "last four"},
		{"plate 车牌", m.Plate("浙A12312"), "first and last two"},
		{"address 坐落", m.Address("合肥市蜀山区长江西路123号5栋302室"), "to the street"},
		{"amount 金额", m.Amount(1_234_567).Band.Text().Zh, "a band; in full for who judges a case that is assigned to them"},
	} {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", f[0], code(f[1]), f[2])
	}
	b.WriteString(`
*masked* shows every field like this. *one field* shows the one that was asked for in full,
*all* all of them; both are logged with their reason. *report* is a household's own 核对报告:
names and amounts in full, all else masked. *names* is the public notice (公示): the
name and nothing else.

## Why something is denied 不允许的原因

The first that applies is given. What is denied before the object is looked at does not
tell whether it exists; ` + "`not_found`" + ` is the same for what is outside and what is not there.

| reason | when |
|---|---|
`)
	for _, r := range []struct {
		reason access.Reason
		when   string
	}{
		{access.ReasonUnknown, "there is no such operation"},
		{access.ReasonSignIn, "nobody has signed in"},
		{access.ReasonRolesConflict, "the account has no role, or roles that exclude one another"},
		{access.ReasonNoPerson, "the account is a person's and names none"},
		{access.ReasonScope, "the API token was issued for other operations"},
		{access.ReasonRole, "none of the account's roles may"},
		{access.ReasonCertificate, "the machine does not show the certificate that its token is bound to"},
		{access.ReasonOutside, "outside the division, the schemes or what the account made"},
		{access.ReasonClass, "a data class that the account may not see"},
		{access.ReasonSamePerson, "takes a second person, and this is the first"},
		{access.ReasonSecondRole, "may begin it and not be the second"},
	} {
		fmt.Fprintf(&b, "| `%s` | %s |\n", r.reason, r.when)
	}
	return b.String()
}

// code keeps stars from being read as emphasis.
func code(s string) string { return "`" + s + "`" }

func zh(s access.Roles) string {
	switch s {
	case access.Anybody:
		return "所有角色"
	case access.Workers | access.Administrators:
		return "所有人员"
	}
	var out []string
	for _, r := range s.List() {
		out = append(out, r.Text().Zh)
	}
	return strings.Join(out, "、")
}

func who(r *access.Rule) string {
	switch {
	case r.Public:
		return "无需登录"
	case r.Own == 0:
		return zh(r.Roles)
	case r.Roles == 0:
		return "own: " + zh(r.Own)
	}
	return zh(r.Roles) + "; own: " + zh(r.Own)
}

func looks(r *access.Rule) string {
	var out []string
	for _, l := range []struct {
		is   bool
		word string
	}{{r.Division, "place"}, {r.Purpose, "scheme"}, {r.Classes, "classes"}, {r.Certificate, "certificate"}} {
		if l.is {
			out = append(out, l.word)
		}
	}
	return strings.Join(out, ", ")
}

func shown(r *access.Rule) string {
	return [...]string{"", "masked", "one field", "all", "report", "names"}[r.Shows]
}

func two(r *access.Rule) string {
	return [...]string{"", "always", "adverse or overridden"}[r.FourEyes] + map[bool]string{true: ": " + zh(r.Second)}[r.Second != 0]
}

func why(r *access.Rule) string {
	out := map[bool]string{true: "yes"}[r.Reason]
	if r.Limit.Count > 0 {
		out += fmt.Sprintf(", at most %d in %d h", r.Limit.Count, r.Limit.Per/time.Hour)
	}
	return out
}
