package console

import (
	"encoding/hex"
	"io"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/emmansun/gmsm/sm3"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/api"
	"github.com/hedui/hedui/engine/api/wire"
	"github.com/hedui/hedui/engine/household"
)

// authorizationPages are of authorisations (授权书): registered, found, withdrawn, and
// changed when a member leaves or signs.
func (c *Console) authorizationPages() []api.Page {
	register := c.post(access.AuthorizationRegister, "/authorizations/new", "登记授权书", "register an authorisation", registerAuthorization)
	register.Form = isRegistrationField
	register.Body = maxScan + 1<<20
	return []api.Page{
		c.get(access.AuthorizationSearch, "/authorizations", "检索授权书", "search authorisations", listAuthorizations, "household", "division", "state", cursorParameter),
		c.get(access.AuthorizationRegister, "/authorizations/new", "登记授权书", "the form to register an authorisation", newAuthorization, "household"),
		register,
		c.get(access.AuthorizationRead, "/authorizations/{number}", "查看授权书", "read an authorisation", showAuthorization),
		c.post(access.AuthorizationWithdraw, "/authorizations/{number}/withdraw", "撤回授权", "record that the household withdrew it", withdrawAuthorization, "reason"),
		c.post(access.AuthorizationAmend, "/authorizations/{number}/amend", "变更授权书成员", "record that a member left or signed", amendAuthorization, "what", "id_type", "id_number", "on", "reason"),
	}
}

// maxScan is how long the scan of a paper may be. Nothing of it is kept but its digest.
const maxScan = 20 << 20

// maxSigners is how many members an authorisation may have.
const maxSigners = 64

var (
	numberForm          = regexp.MustCompile(`^[^\s/]{1,64}$`)
	divisionForm        = regexp.MustCompile(`^[0-9]{2,12}$`)
	signerField         = regexp.MustCompile(`^m([1-9][0-9]?)_(name|id_type|id_number|birth_date|signed_on|guardian)$`)
	authorizationFields = [...]string{
		"number", "household", "division", "purposes", "data_classes", "valid_from", "valid_to", "scan_digest", "scan", "members", "add",
	}
	authorizationStates = [...]string{"live", "not_yet", "expired", "withdrawn"}
)

func isRegistrationField(name string) bool {
	if slices.Contains(authorizationFields[:], name) {
		return true
	}
	m := signerField.FindStringSubmatch(name)
	if m == nil {
		return false
	}
	n, _ := strconv.Atoi(m[1])
	return n <= maxSigners
}

type authorizationList struct {
	Query  wire.AuthorizationQuery
	States []string
	Items  []wire.Authorization
	Pager  pager
}

func listAuthorizations(v *visit) error {
	q := wire.AuthorizationQuery{Household: strings.TrimSpace(v.query("household")), Division: strings.TrimSpace(v.query("division")), State: v.query("state")}
	p := authorizationList{Query: q, States: authorizationStates[:]}
	if q.Household != "" && !numberForm.MatchString(q.Household) || q.Division != "" && !divisionForm.MatchString(q.Division) ||
		q.State != "" && !slices.Contains(authorizationStates[:], q.State) {
		return v.again("authorizations", p, wire.Refuse(wire.InvalidField))
	}
	var err error
	p.Items, p.Pager, err = listing(v, q, &q.Page, func() (wire.List[wire.Authorization], error) {
		return v.console.desk.Authorizations(v.ctx, v.caller(), q)
	})
	if err != nil {
		return v.again("authorizations", p, err)
	}
	return v.show("authorizations", p)
}

// registration is the form to register an authorisation as it stands.
type registration struct {
	filled

	Purposes  []string // that the caller works on
	Classes   []string
	Documents []string
	Members   []int
}

// Member is what a field of a member says.
func (r registration) Member(n int, name string) string {
	return r.Form.Get("m" + strconv.Itoa(n) + "_" + name)
}

func (v *visit) registration(form url.Values) registration {
	r := registration{filled: filled{form}, Purposes: v.call.Purposes, Classes: departments()}
	for d := household.ResidentID; int(d) < len(household.DocumentTypes); d++ {
		if d != household.USCC { // of bodies, not of people
			r.Documents = append(r.Documents, d.String())
		}
	}
	n, _ := strconv.Atoi(form.Get("members"))
	for i := range min(max(n, 1), maxSigners) {
		r.Members = append(r.Members, i+1)
	}
	return r
}

func newAuthorization(v *visit) error {
	form := url.Values{"members": {"2"}, "division": {v.call.Division}, "data_classes": {}}
	if h := v.query("household"); numberForm.MatchString(h) {
		form.Set("household", h)
	}
	r := v.registration(form)
	form["data_classes"], form["purposes"] = r.Classes, r.Purposes
	return v.show("authorization-new", r)
}

func registerAuthorization(v *visit) error {
	form := v.r.PostForm
	page := func() registration { return v.registration(form) }
	if form.Get("add") != "" {
		form.Set("members", strconv.Itoa(len(page().Members)+1))
		return v.show("authorization-new", page())
	}
	if digest, err := v.scanDigest(); err != nil {
		return err
	} else if digest != "" {
		form.Set("scan_digest", digest)
	}
	r := wire.Registration{
		Number: v.field("number"), Household: v.field("household"), Division: v.field("division"), Purposes: append([]string{}, form["purposes"]...),
		DataClasses: append([]string{}, form["data_classes"]...), From: v.field("valid_from"), To: v.field("valid_to"), ScanDigest: v.field("scan_digest"), Members: []wire.Signer{},
	}
	for _, n := range page().Members {
		at := "m" + strconv.Itoa(n) + "_"
		s := wire.Signer{
			Name: household.Name(v.field(at + "name")), IDType: v.field(at + "id_type"), IDNumber: household.IDNumber(v.field(at + "id_number")),
			BirthDate: v.field(at + "birth_date"), SignedOn: v.field(at + "signed_on"),
		}
		if g := v.field(at + "guardian"); g != "" {
			var err error
			if s.Guardian, err = strconv.Atoi(g); err != nil {
				return v.again("authorization-new", page(), wire.Refuse(wire.InvalidField, "members["+strconv.Itoa(n-1)+"].guardian:type"))
			}
		}
		if s != (wire.Signer{IDType: s.IDType}) { // a row that nobody filled in is none
			r.Members = append(r.Members, s)
		}
	}
	a, err := sent(r, func() (wire.Authorization, error) { return v.console.desk.RegisterAuthorization(v.ctx, v.caller(), r) })
	if err != nil {
		return v.again("authorization-new", page(), err)
	}
	return v.done(prefix+"/authorizations/"+url.PathEscape(a.Number), "registered")
}

// scanDigest is the digest of the scan that came with the form, "" for none. The scan
// itself is not kept.
func (v *visit) scanDigest() (string, error) {
	h := v.upload("scan")
	if h == nil {
		return "", nil
	}
	f, err := h.Open()
	if err != nil {
		return "", err
	}
	defer f.Close()
	sum := sm3.New()
	if _, err := io.Copy(sum, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

type authorizationPage struct {
	wire.Authorization

	Documents []string
	Form      url.Values
}

func (v *visit) authorizationPage(a wire.Authorization) authorizationPage {
	return authorizationPage{Authorization: a, Documents: v.registration(url.Values{}).Documents, Form: v.r.PostForm}
}

func showAuthorization(v *visit) error {
	a, err := v.console.desk.Authorization(v.ctx, v.caller(), v.r.PathValue("number"))
	if err != nil {
		return err
	}
	return v.show("authorization", v.authorizationPage(a))
}

// changed finishes what was done to an authorisation.
func (v *visit) changed(a wire.Authorization, err error, done string) error {
	if err == nil {
		return v.done(prefix+"/authorizations/"+url.PathEscape(a.Number), done)
	}
	why := err
	if a, err = v.console.desk.Authorization(v.ctx, v.caller(), v.r.PathValue("number")); err != nil {
		return why
	}
	return v.again("authorization", v.authorizationPage(a), why)
}

func withdrawAuthorization(v *visit) error {
	w := wire.Withdrawal{Reason: v.field("reason")}
	a, err := sent(w, func() (wire.Authorization, error) {
		return v.console.desk.WithdrawAuthorization(v.ctx, v.caller(), v.r.PathValue("number"), w)
	})
	return v.changed(a, err, "withdrawn")
}

func amendAuthorization(v *visit) error {
	x := wire.Amendment{
		Left: v.field("what") == "left", IDType: v.field("id_type"), IDNumber: household.IDNumber(v.field("id_number")), On: v.field("on"), Reason: v.field("reason"),
	}
	a, err := sent(x, func() (wire.Authorization, error) {
		return v.console.desk.AmendAuthorization(v.ctx, v.caller(), v.r.PathValue("number"), x)
	})
	return v.changed(a, err, "amended")
}

// authorizationWords are of authorisations.
var authorizationWords = map[string]text{
	"nav.authorizations":            {"授权书", "Authorisations"},
	"nav.authorizations.help":       {"查找、登记、撤回授权书，变更成员", "Find, register and withdraw authorisations"},
	"authorizations.title":          {"授权书", "Authorisations"},
	"authorizations.lead":           {"没有有效授权书的家庭，任何人都不能查询。", "Nobody may look at a household without a valid authorisation."},
	"authorizations.household":      {"家庭编号", "Household"},
	"authorizations.division":       {"区划代码", "Division"},
	"authorizations.state":          {"状态", "State"},
	"authorizations.number":         {"授权书编号", "Number"},
	"authorizations.valid":          {"有效期", "Valid"},
	"authorizations.members":        {"成员", "Members"},
	"authorizations.new":            {"登记授权书", "Register an authorisation"},
	"authorizations.empty":          {"没有符合条件的授权书。家庭签署授权书后，请先在这里登记，再核对。", "No such authorisation. When a household has signed one, register it here before checking."},
	"authorization.state.live":      {"有效", "Live"},
	"authorization.state.not_yet":   {"未生效", "Not yet valid"},
	"authorization.state.expired":   {"已过期", "Expired"},
	"authorization.state.withdrawn": {"已撤回", "Withdrawn"},
	"authorization.title":           {"授权书 %s", "Authorisation %s"},
	"authorization.facts":           {"授权事项", "What it permits"},
	"authorization.purposes":        {"用途（救助类型）", "Purposes (schemes)"},
	"authorization.classes":         {"可查询的数据", "Data that may be read"},
	"authorization.from":            {"生效日期", "First day"},
	"authorization.to":              {"截止日期", "Last day"},
	"authorization.registered":      {"登记", "Registered"},
	"authorization.withdrawn":       {"撤回时间", "Withdrawn"},
	"authorization.digest":          {"扫描件摘要（SM3）", "Digest of the scan (SM3)"},
	"authorization.people":          {"授权的成员", "Who authorised"},
	"authorization.member":          {"成员 %d", "Member %d"},
	"authorization.name":            {"姓名", "Name"},
	"authorization.id_type":         {"证件类型", "Document"},
	"authorization.id_number":       {"证件号码", "Document number"},
	"authorization.birth_date":      {"出生日期", "Date of birth"},
	"authorization.birth_date.help": {"居民身份证不必填写", "Not needed with a resident identity card"},
	"authorization.signed_on":       {"签署日期", "Signed on"},
	"authorization.guardian":        {"代签人（监护人）", "Signed by (guardian)"},
	"authorization.guardian.own":    {"本人签署", "signed personally"},
	"authorization.guardian.of":     {"成员 %d 代签", "member %d signed"},
	"authorization.left":            {"%s 起不再是家庭成员", "no longer a member from %s"},
	"authorization.unsigned":        {"未签署", "not signed"},
	"authorization.scan":            {"扫描件", "Scan"},
	"authorization.scan.help":       {"选择授权书扫描件，系统只计算并保存它的摘要，不保存扫描件本身（不超过 20 MB）。", "Choose the scan: its digest is computed and kept, the scan itself is not (20 MB at most)."},
	"authorization.scan.or":         {"或填写扫描件的 SM3 摘要", "or the SM3 digest of the scan"},
	"authorization.add":             {"增加一名成员", "Add a member"},
	"authorization.check":           {"核对这户家庭", "Check this household"},
	"authorization.household":       {"查看这户家庭", "See this household"},
	"authorization.withdraw":        {"登记撤回", "Record a withdrawal"},
	"authorization.withdraw.help":   {"家庭随时可以撤回授权。撤回后不能再凭此授权书查询；已有的核对结论保留备查。", "A household may withdraw at any time. Nothing is looked up by it any more; verdicts there are stay on file."},
	"authorization.amend":           {"变更成员", "Change a member"},
	"authorization.amend.what":      {"变更事项", "What changed"},
	"authorization.amend.left":      {"成员退出家庭", "A member left the household"},
	"authorization.amend.signed":    {"成员本人补签", "A member signed personally"},
	"authorization.amend.on":        {"日期", "Day"},
	"done.registered":               {"授权书已登记。", "The authorisation is registered."},
	"done.withdrawn":                {"撤回已登记，不能再凭此授权书查询。", "The withdrawal is recorded; nothing is looked up by it any more."},
	"done.amended":                  {"成员变更已登记。", "The change is recorded."},

	"document.resident_id":    {"居民身份证", "Resident identity card"},
	"document.passport":       {"护照", "Passport"},
	"document.military":       {"军官证", "Military identity card"},
	"document.hmt_permit":     {"港澳台居民居住证", "Residence permit of Hong Kong, Macao and Taiwan residents"},
	"document.foreign_permit": {"外国人永久居留身份证", "Foreigner's permanent residence card"},
	"document.uscc":           {"统一社会信用代码", "Unified social credit code"},

	"field.number":       {"授权书编号", "number"},
	"field.household":    {"家庭编号", "household"},
	"field.division":     {"区划代码", "division"},
	"field.purposes":     {"用途", "purposes"},
	"field.data_classes": {"可查询的数据", "data"},
	"field.valid_from":   {"生效日期", "first day"},
	"field.valid_to":     {"截止日期", "last day"},
	"field.scan_digest":  {"扫描件", "scan"},
	"field.members":      {"成员", "member"},
	"field.name":         {"姓名", "name"},
	"field.id_type":      {"证件类型", "kind of document"},
	"field.id_number":    {"证件号码", "document number"},
	"field.birth_date":   {"出生日期", "date of birth"},
	"field.signed_on":    {"签署日期", "day of the signature"},
	"field.guardian":     {"代签人", "guardian"},
	"field.on":           {"日期", "day"},
	"field.reason":       {"理由", "reason"},
}
