package proof

import (
	"slices"
	"strings"
)

// The oracle. It is written by hand from the prose and the table of docs/access.md and
// knows nothing of the package that decides. Whoever changes the policy says here again,
// in the words of the page, what is meant.

// row is a row of the page: who may, who may of their own only, and what is looked at.
type row struct {
	who, own, looks string
	certificate     bool // shown by the machine, which nobody here has
}

const (
	everybody = "受理 核对 复核 审批 领导 数据接入 系统管理 安全管理 审计 市县中心 监控"
	people    = "受理 核对 复核 审批 领导 数据接入 系统管理 安全管理 审计"
	workers   = "受理 核对 复核 审批 领导 数据接入"
	free      = "无需登录"
)

// page is docs/access.md, as far as it is asked over HTTP.
var page = map[string]row{
	"sign_in":         {who: free},
	"sign_out":        {who: everybody},
	"me":              {who: everybody},
	"password.change": {who: people},
	"factor.enrol":    {who: people},
	"console.open":    {who: free},
	"operations":      {who: everybody},

	"authorization.register": {who: "受理 核对 市县中心", looks: "place scheme"},
	"authorization.read":     {who: "受理 核对 复核 审批 市县中心", looks: "place scheme"},
	"authorization.search":   {who: "受理 核对 复核 审批 市县中心", looks: "place"},
	"authorization.amend":    {who: "受理 核对", looks: "place scheme"},
	"authorization.withdraw": {who: "受理 核对", looks: "place scheme"},

	"check":          {who: "受理 核对 市县中心", looks: "place scheme"},
	"household.read": {who: "受理 核对 复核 审批", looks: "place scheme"},
	"verdict.read":   {who: "受理 核对 复核 审批", looks: "place scheme"},
	"evidence.open":  {who: "核对 复核 审批", looks: "place scheme"},
	"unmask":         {who: "核对 复核 审批", looks: "place scheme"},
	"report.issue":   {who: "核对 复核 审批", looks: "place scheme"},
	"report.list":    {who: "核对 复核 审批"},
	"report.read":    {who: "核对 复核 审批", looks: "place scheme"},

	"case.list":    {who: "核对 复核 审批"},
	"case.read":    {who: "核对 复核 审批", looks: "place scheme"},
	"case.assign":  {who: "复核 审批", looks: "place scheme"},
	"case.propose": {who: "核对 复核", looks: "place scheme"},
	"case.take_up": {who: "核对 复核", looks: "place scheme"},
	"case.confirm": {who: "复核 审批", looks: "place scheme"},
	"case.clear":   {who: "复核 审批", looks: "place scheme"},
	"case.return":  {who: "复核 审批", looks: "place scheme"},
	"case.notify":  {who: "受理 核对", looks: "place scheme"},

	"objection.file":   {who: "受理 核对", looks: "place scheme"},
	"objection.list":   {who: "受理 核对 复核 审批"},
	"objection.read":   {who: "受理 核对 复核 审批", looks: "place scheme"},
	"objection.decide": {who: "复核 审批", looks: "place scheme"},
	"correction.list":  {who: "核对 复核 审批 数据接入"},
	"correction.send":  {who: "数据接入", looks: "place"},

	"batch.submit": {who: "核对 市县中心", looks: "place scheme"},
	"batch.list":   {who: "核对 复核 审批", own: "市县中心"},
	"batch.read":   {who: "核对 复核 审批", own: "市县中心", looks: "place scheme"},
	"batch.cancel": {who: "审批", own: "核对 市县中心", looks: "place scheme"},
	"batch.export": {own: "核对 市县中心", looks: "place scheme"},

	"dock.catalogue":       {who: "市县中心", certificate: true},
	"dock.evidence":        {who: "市县中心", looks: "place scheme", certificate: true},
	"recheck.changes":      {who: "核对 复核 审批"},
	"statistics":           {who: "复核 审批 领导", looks: "place"},
	"export.public_notice": {who: "审批", looks: "place scheme"},
	"reviewer.meter":       {who: "领导", looks: "place"},
	"reviewer.seed":        {who: "领导", looks: "place"},
	"snapshot.list":        {who: "核对 复核 审批 领导 数据接入 系统管理"},

	"user.list":    {who: "安全管理"},
	"user.read":    {who: "安全管理", looks: "place"},
	"user.create":  {who: "安全管理", looks: "place"},
	"user.change":  {who: "安全管理", looks: "place"},
	"user.disable": {who: "安全管理", looks: "place"},
	"user.reset":   {who: "安全管理", looks: "place"},
	"session.list": {who: "安全管理", own: workers + " 系统管理 审计"},
	"session.end":  {who: "安全管理", own: workers + " 系统管理 审计", looks: "place"},
	"token.list":   {who: "安全管理", own: workers + " 市县中心"},
	"token.issue":  {who: "安全管理", looks: "place"},
	"token.revoke": {who: "安全管理", own: workers + " 市县中心", looks: "place"},
	"key.list":     {who: "系统管理 安全管理"},

	"audit.search":      {who: "审计"},
	"audit.subject":     {who: "受理 审计", looks: "place"},
	"audit.head":        {who: "系统管理 审计"},
	"audit.alerts":      {who: "审计"},
	"audit.alert_close": {who: "审计", looks: "place"},

	"health":  {who: free},
	"ready":   {who: free},
	"metrics": {who: "系统管理 监控"},
}

// inChinese are the roles in the words of the page.
var inChinese = map[string]string{
	"intake": "受理", "verifier": "核对", "reviewer": "复核", "approver": "审批", "leader": "领导", "data_steward": "数据接入",
	"system_admin": "系统管理", "security_admin": "安全管理", "auditor": "审计", "centre": "市县中心", "metrics": "监控",
}

// The answers that the oracle knows.
const (
	reached   = "reached" // whatever comes of it there
	forbidden = "forbidden"
	unknown   = "not_found"
	signIn    = "not_signed_in"
)

// caller is who asks, as the oracle knows them.
type caller struct {
	*person

	name   string
	nobody bool     // whatever they bring is nobody's any more
	setup  bool     // a first password or a second factor is still to be set
	scopes []string // what a token is for; nil for a session
	mine   string   // a token of their own that nobody uses
}

// target is what is asked about. Nothing of what is not there is known.
type target struct {
	there            bool
	division, scheme string
	owner            string // account
}

// expected is the answer of the page.
func expected(c *caller, operation string, about target) string {
	r, ok := page[operation]
	switch {
	case !ok:
		return "the oracle does not know " + operation
	case r.who == free:
		return reached
	case c.nobody:
		return signIn
	case c.setup && !slices.Contains([]string{"sign_out", "me", "password.change", "factor.enrol"}, operation):
		return forbidden
	case c.scopes != nil && !slices.Contains(c.scopes, operation):
		return forbidden
	}
	may, own := has(c.roles, r.who), has(c.roles, r.own)
	switch {
	case !may && !own, r.certificate:
		return forbidden
	case r.looks == "" && about == (target{}):
		return reached // a list of what is one's own or below
	case !about.there:
		return unknown
	case !may && about.owner != c.account:
		return unknown
	case strings.Contains(r.looks, "place") && !lies(about.division, c.division):
		return unknown
	case strings.Contains(r.looks, "scheme") && !slices.Contains(c.purposes, about.scheme):
		return unknown
	}
	return reached
}

func has(roles []string, who string) bool {
	return slices.ContainsFunc(roles, func(r string) bool { return slices.Contains(strings.Fields(who), inChinese[r]) })
}

// lies reports whether a division is another or below it. Zeros at the end of a code
// name the whole of what they follow: 340100 is the city 3401.
func lies(division, in string) bool {
	for _, pair := range []int{9, 6, 4, 2} {
		if len(in) > pair && strings.Trim(in[pair:], "0") == "" {
			in = in[:pair]
		}
	}
	return strings.HasPrefix(division, in)
}
