package console

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/api"
	"github.com/hedui/hedui/engine/api/wire"
	"github.com/hedui/hedui/engine/explain"
	"github.com/hedui/hedui/engine/form"
	"github.com/hedui/hedui/engine/household"
)

// checkPages check a household: a form to fill in, to paste into, or to upload.
func (c *Console) checkPages() []api.Page {
	check := c.post(access.Check, "/check", "核对家庭", "check a household", checkHousehold)
	check.Form = isCheckField
	check.Body = maxUpload
	return []api.Page{
		c.get(access.Check, "/check", "核对家庭", "the form to check a household", newCheck, "authorization", "household"),
		check,
		heavy(c.get(access.Check, "/template.xlsx", "下载申报表模板", "the form as a workbook", sendTemplate)),
	}
}

const (
	// maxUpload is how long a form with a workbook may be.
	maxUpload = 8 << 20
	// maxHeld is how many households of a file may be chosen from; more are a batch.
	maxHeld = 100
	// maxFilled is how many fields a household of a file may fill; a form that is sent may
	// not have many more.
	maxFilled = 3000
)

// What the form of a check has beside the fields of a request.
const (
	onField     = "on"     // day of the check
	pasteField  = "paste"  // cells of a spreadsheet
	uploadField = "upload" // a workbook
	doField     = "do"     // which button
	heldField   = "held"   // requests of a file, to choose one of
	rowsPrefix  = "rows_"  // how many of a section are shown
)

var sectionKey = regexp.MustCompile(`^([a-z])([1-9][0-9]{0,3})_([a-z_]+)$`)

// sectionLetters are the sections that repeat by the letter before their fields.
var sectionLetters = func() map[string]form.Section { //nolint:gochecknoglobals // a constant
	out := map[string]form.Section{}
	for _, s := range form.Sections() {
		if s != form.Households {
			out[letterOf(s)] = s
		}
	}
	return out
}()

// hidden are fields of a request that the page does not ask: what is registered says them.
var hidden = [...]string{"valid_from", "valid_to", "signed_by", "purpose", "data_classes", "purposes"}

func isCheckField(name string) bool {
	switch name {
	case onField, pasteField, uploadField, doField, heldField:
		return true
	}
	if letter, ok := strings.CutPrefix(name, rowsPrefix); ok {
		_, known := sectionLetters[letter]
		return known
	}
	section, key := form.Households, name
	if m := sectionKey.FindStringSubmatch(name); m != nil {
		s, known := sectionLetters[m[1]]
		if n, _ := strconv.Atoi(m[2]); !known || n > s.Most() {
			return false
		}
		section, key = s, m[3]
	}
	return asked[section][key]
}

// asked are the fields of a request that the page asks, by section.
var asked = func() map[form.Section]map[string]bool { //nolint:gochecknoglobals // a constant
	out := map[form.Section]map[string]bool{}
	for _, s := range form.Sections() {
		out[s] = map[string]bool{}
	}
	for _, f := range form.Fields() {
		out[f.Section][f.Key] = f.Section != form.Households || !slices.Contains(hidden[:], f.Key)
	}
	return out
}()

func (v *visit) today() string {
	return v.console.o.Now().In(v.console.o.Location).Format(time.DateOnly)
}

func newCheck(v *visit) error {
	values := url.Values{onField: {v.today()}, rowsPrefix + "m": {"2"}}
	if len(v.call.Purposes) > 0 {
		values.Set("scheme", v.call.Purposes[0])
	}
	if h := strings.TrimSpace(v.query("household")); numberForm.MatchString(h) {
		values.Set("household_id", h)
	}
	if n := strings.TrimSpace(v.query("authorization")); n != "" && v.may(access.AuthorizationRead) {
		a, err := v.console.desk.Authorization(v.ctx, v.caller(), n)
		if err != nil {
			return err
		}
		values.Set("authorization_number", a.Number)
		values.Set("household_id", a.Household)
		values.Set("region", access.Significant(a.Division))
		values.Set(rowsPrefix+"m", strconv.Itoa(len(a.Members))) // who they are is masked there: it is typed from the paper
		// The first purpose of the paper that the caller works on.
		if i := slices.IndexFunc(a.Purposes, func(p string) bool { return slices.Contains(v.call.Purposes, p) }); i >= 0 {
			values.Set("scheme", a.Purposes[i])
		}
	}
	return v.show("check", v.checkPage(values, nil))
}

func checkHousehold(v *visit) error {
	values := v.r.PostForm
	what, of, _ := strings.Cut(values.Get(doField), ":")
	switch what {
	case "add":
		if s, ok := sectionLetters[of]; ok {
			values.Set(rowsPrefix+of, strconv.Itoa(min(rowsOf(values, s)+1, s.Most())))
		}
		return v.show("check", v.checkPage(values, nil))
	case "remove":
		letter, row, _ := strings.Cut(of, ":")
		n, err := strconv.Atoi(row)
		if s, ok := sectionLetters[letter]; ok && err == nil {
			values = withoutRow(values, s, n)
		}
		return v.show("check", v.checkPage(values, nil))
	case "paste":
		batch, err := form.ReadPasted(values.Get(pasteField), form.Options{Registered: true})
		return v.fillCheck(values, batch, err)
	case "upload":
		return v.uploadCheck(values)
	case "pick":
		i, err := strconv.Atoi(of)
		if held := values[heldField]; err == nil && i >= 0 && i < len(held) {
			return v.fillCheck(values, &form.Batch{Requests: [][]byte{[]byte(held[i])}}, nil)
		}
		return v.again("check", v.checkPage(values, nil), wire.Refuse(wire.InvalidField))
	}
	return v.runCheck(values)
}

// uploadCheck reads a workbook into the form. It stays in memory, and is not kept.
func (v *visit) uploadCheck(values url.Values) error {
	h := v.upload(uploadField)
	if h == nil {
		return v.again("check", v.checkPage(values, nil), wire.Refuse(wire.InvalidField, "upload:required"))
	}
	f, err := h.Open()
	if err != nil {
		return err
	}
	defer f.Close()
	batch, err := form.Read(f, h.Size, form.Options{Registered: true})
	return v.fillCheck(values, batch, err)
}

// fillCheck fills the form with what was read of a file: with its one household, or with a
// list to choose one of.
func (v *visit) fillCheck(values url.Values, batch *form.Batch, err error) error {
	var whole form.Problem
	switch {
	case errors.As(err, &whole):
		return v.showAs(http.StatusUnprocessableEntity, "check", v.checkPage(values, []form.Problem{whole}))
	case err != nil:
		return err
	case len(batch.Requests) > maxHeld:
		v.notice = &notice{Text: v.say("check.batch", len(batch.Requests), maxHeld)}
		return v.showAs(http.StatusUnprocessableEntity, "check", v.checkPage(values, batch.Problems))
	case len(batch.Requests) == 1:
		r, err := household.ParseRequest(batch.Requests[0])
		if err != nil {
			return v.again("check", v.checkPage(values, nil), wire.Refuse(wire.InvalidField))
		}
		filled := form.ToValues(r)
		for key := range filled {
			if slices.Contains(hidden[:], key) {
				filled.Del(key)
			}
		}
		if len(filled) > maxFilled {
			v.notice = &notice{Text: v.say("check.large")}
			return v.showAs(http.StatusUnprocessableEntity, "check", v.checkPage(values, batch.Problems))
		}
		filled.Set(onField, values.Get(onField))
		v.notice = &notice{Good: true, Text: v.say("check.filled")}
		return v.show("check", v.checkPage(filled, batch.Problems))
	}
	p := v.checkPage(values, batch.Problems)
	for _, line := range batch.Requests {
		if r, err := household.ParseRequest(line); err == nil {
			p.Held = append(p.Held, heldRequest{string(line), r.HouseholdID, len(r.Members)})
		}
	}
	if len(p.Held) == 0 {
		v.notice = &notice{Text: v.say("check.nothing")}
		return v.showAs(http.StatusUnprocessableEntity, "check", p)
	}
	return v.show("check", p)
}

// runCheck checks what the form says.
func (v *visit) runCheck(values url.Values) error {
	line, problems := form.FromValues(values, form.Options{Registered: true})
	if len(problems) > 0 {
		v.notice = &notice{Text: v.say("check.wrong", len(problems))}
		return v.showAs(http.StatusUnprocessableEntity, "check", v.checkPage(values, problems))
	}
	checked, err := v.console.desk.Check(v.ctx, v.caller(), wire.Check{Request: line, On: v.field(onField)})
	if err != nil {
		p := v.checkPage(values, nil)
		if r, ok := errors.AsType[*wire.Refusal](err); ok {
			p.refusedFor(string(r.Code))
		}
		return v.again("check", p, err)
	}
	if checked.ID == "" { // refused: nothing was looked up, and the line says why
		var said struct {
			Findings []struct {
				Code string `json:"code"`
			} `json:"findings"`
		}
		_ = json.Unmarshal(checked.Verdict, &said) // it is the desk's own
		p := v.checkPage(values, nil)
		v.notice = &notice{Text: v.say("check.refused")}
		for _, f := range said.Findings {
			p.refusedFor(f.Code)
			title, do := explain.RefusalTitle(f.Code, v.lang)
			v.notice.Fields = append(v.notice.Fields, title+v.say("colon")+do)
		}
		return v.showAs(http.StatusUnprocessableEntity, "check", p)
	}
	return v.goTo(prefix + "/verdicts/" + url.PathEscape(checked.ID))
}

// refusedFor takes down what a refusal was for, and so what there is to do about it.
func (p *checkPage) refusedFor(code string) {
	switch wire.Code(code) {
	case wire.AuthorizationMissing, wire.AuthorizationUnknown:
		p.Refused = true
	default:
		if strings.HasPrefix(code, "authorization_") {
			p.Refused, p.What = true, strings.TrimSpace(p.Get("authorization_number"))
		}
	}
}

func sendTemplate(v *visit) error {
	var out bytes.Buffer
	if err := form.WriteTemplate(&out, false); err != nil {
		return err
	}
	return v.file("hedui-template.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", out.Bytes())
}

// checkWords are of checking a household.
var checkWords = map[string]text{
	"nav.check":         {"核对家庭", "Check a household"},
	"nav.check.help":    {"填写申报，从 Excel 粘贴，或上传模板", "Fill in, paste from a spreadsheet, or upload the form"},
	"check.title":       {"核对家庭", "Check a household"},
	"check.lead":        {"填写家庭的申报。授权的范围和期限以登记的授权书为准。", "What the household declares. What its authorisation permits is what is registered."},
	"check.household":   {"家庭和申报的财产", "The household, and the assets it declares"},
	"check.on":          {"核对日期", "Day of the check"},
	"check.add.of":      {"增加一项：%s", "Add one: %s"},
	"check.remove":      {"删除", "Remove"},
	"check.remove.of":   {"删除：%s %d", "Remove: %s %d"},
	"check.large":       {"这户家庭的条目太多，不能在页面上填写；请从“批次”页面提交文件。", "The household has too many entries for a page. Submit the file on the page of batches."},
	"check.problems":    {"需要更正的地方", "To be put right"},
	"check.n":           {"%s %d", "%s %d"},
	"check.choose":      {"请选择", "choose"},
	"check.submit":      {"核对", "Check"},
	"check.other":       {"从表格导入", "Take it from a spreadsheet"},
	"check.paste":       {"从 Excel 粘贴", "Paste from a spreadsheet"},
	"check.paste.help":  {"在 Excel 中选中含列名的区域（每名成员一行），复制后粘贴到这里。", "Copy the cells with their headings, a row for each member, and paste them here."},
	"check.paste.do":    {"填入表单", "Fill the form"},
	"check.upload":      {"上传申报表", "Upload the form"},
	"check.upload.help": {"XLSX 或 CSV，不超过 8 MB。文件只用来填表，不保存。", "XLSX or CSV, 8 MB at most. It fills the form and is not kept."},
	"check.upload.do":   {"读取文件", "Read the file"},
	"check.template":    {"下载申报表模板（XLSX）", "The form as a workbook (XLSX)"},
	"check.filled":      {"已填入表单，请检查后点“核对”。", "The form is filled. Look it over, then check."},
	"check.nothing":     {"文件中没有可以核对的家庭，问题列在下面。", "No household of the file can be checked; what is wrong stands below."},
	"check.batch":       {"文件中有 %d 户，这里一次最多选 %d 户；成批核对请从“批次”页面提交。", "The file has %d households, and %d are the most to choose from here. Submit it on the page of batches."},
	"check.pick":        {"文件中有几户家庭，请选择一户", "There are several households: choose one"},
	"check.pick.do":     {"选择", "Take"},
	"check.pick.of":     {"选择家庭 %s", "Take household %s"},
	"check.members":     {"%d 人", "%d members"},
	"check.wrong":       {"有 %d 处需要更正，尚未核对。", "%d things have to be put right; nothing was checked."},
	"check.refused":     {"未予核对，没有查询任何数据。", "Not accepted: nothing was looked up."},
	"check.row":         {"第 %d 行", "row %d"},
	"check.register":    {"登记授权书", "Register the authorisation"},
	"check.look":        {"查看这份授权书", "See this authorisation"},
	"field.upload":      {"文件", "file"},
}
