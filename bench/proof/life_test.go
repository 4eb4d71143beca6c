package proof

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// shown is a case as it is answered.
type shown struct {
	State    string `json:"state"`
	Verdict  string `json:"verdict"`
	Outcome  string `json:"outcome"`
	Version  int    `json:"version"`
	Notice   string `json:"notice_at"`
	Evidence []struct {
		Number int      `json:"number"`
		By     []string `json:"opened_by"`
	} `json:"evidence"`
	Objections []struct {
		State string `json:"state"`
	} `json:"objections"`
}

func (w *world) caseOf(p *person, f *family) *shown {
	w.t.Helper()
	var c shown
	w.want(200, p, "GET", "/api/v1/cases/"+f.caseID, nil).read(&c)
	return &c
}

// inState fails unless a case is in a state.
func (w *world) inState(p *person, f *family, state string) *shown {
	w.t.Helper()
	c := w.caseOf(p, f)
	if c.State != state {
		w.t.Fatalf("the case is %s, want %s: %+v", c.State, state, c)
	}
	return c
}

// staff is who works at the centre of the tests.
type crew struct {
	intake, verifier, reviewer, approver, steward, leader, auditor, system *person
}

func (w *world) crew() *crew {
	one := func(name, division, role string) *person { return w.hire(name, division, []string{"dibao"}, role) }
	c := &crew{
		one("intake01", "340104", "intake"), one("verifier01", "340104", "verifier"), one("reviewer01", "340104", "reviewer"),
		one("approver01", "340104", "approver"), one("steward01", "34", "data_steward"), one("leader01", "34", "leader"),
		one("auditor01", "34", "auditor"), one("system01", "34", "system_admin"),
	}
	c.signIn(w)
	return c
}

func (c *crew) everybody() []*person {
	return []*person{c.intake, c.verifier, c.reviewer, c.approver, c.steward, c.leader, c.auditor, c.system}
}

func (c *crew) signIn(w *world) { w.signInAll(append(c.everybody(), w.security)...) }

// step is the body of a step of a case.
func step(reason string) map[string]any { return map[string]any{"version": 0, "reason": reason} }

// openAll opens every record that a case rests on.
func (w *world) openAll(p *person, f *family) {
	w.t.Helper()
	c := w.caseOf(p, f)
	if len(c.Evidence) == 0 {
		w.t.Fatal("the case rests on nothing")
	}
	for _, e := range c.Evidence {
		w.want(200, p, "POST", fmt.Sprintf("/api/v1/verdicts/%s/evidence/%d/open", c.Verdict, e.Number), nil)
	}
}

// A household goes from its authorisation to a decision that stands, over HTTP, and every
// step that comes too early, from the wrong person or too late is refused.
func TestWholeLife(t *testing.T) {
	w := newWorld(t, 20)
	c := w.crew()
	f, twin, third := newFamily(1, "340104", "dibao"), newFamily(2, "340104", "dibao"), newFamily(3, "340104", "dibao")
	twin.person = 1 // the same person stands on a second paper
	path := func(step string) string { return "/api/v1/cases/" + f.caseID + "/" + step }

	// Without an authorisation nothing is looked at.
	if a := w.want(200, c.verifier, "POST", "/api/v1/checks", f.request()); !strings.Contains(string(a.body), "authorization_unknown") {
		t.Fatalf("%s", a.body)
	}
	w.refused("forbidden", c.leader, "POST", "/api/v1/authorizations", f.registration())
	w.want(201, c.intake, "POST", "/api/v1/authorizations", f.registration())
	w.refused("exists", c.intake, "POST", "/api/v1/authorizations", f.registration())
	w.want(201, c.intake, "POST", "/api/v1/authorizations", twin.registration())
	w.want(201, c.intake, "POST", "/api/v1/authorizations", third.registration())

	w.check(c.verifier, f)
	w.check(c.verifier, twin)
	w.check(c.verifier, third)
	w.inState(c.reviewer, f, "proposed")
	w.refused("state_refuses", c.approver, "POST", path("confirm"), step("属实"))
	w.refused("state_refuses", c.intake, "POST", path("notify"), step(""))
	w.refused("reason_needed", c.verifier, "POST", path("propose"), step(""))
	w.refused("forbidden", c.intake, "POST", path("propose"), step("余额超标"))
	w.want(200, c.verifier, "POST", path("propose"), step("余额超标"))
	w.want(200, c.reviewer, "POST", path("take-up"), step(""))
	w.refused("state_refuses", c.reviewer, "POST", path("take-up"), step(""))
	before := w.inState(c.reviewer, f, "under_review")
	w.refused("second_person_needed", c.reviewer, "POST", path("confirm"), step("属实"))
	w.refused("evidence_not_opened", c.approver, "POST", path("confirm"), step("属实"))
	w.openAll(c.reviewer, f)
	w.openAll(c.approver, f)
	for _, e := range w.caseOf(c.reviewer, f).Evidence {
		if !slices.Contains(e.By, "reviewer01") || !slices.Contains(e.By, "approver01") {
			t.Errorf("record %d was opened by %v", e.Number, e.By)
		}
	}
	w.refused("changed", c.approver, "POST", path("confirm"), map[string]any{"version": before.Version, "reason": "属实"})
	w.want(200, c.approver, "POST", path("confirm"), step("属实"))
	w.inState(c.reviewer, f, "confirmed")
	w.tick(0, 40*24*time.Hour) // without a notice time does nothing
	c.signIn(w)
	w.want(200, c.intake, "POST", path("notify"), step(""))
	if w.inState(c.reviewer, f, "confirmed").Notice == "" {
		t.Error("no notice was given")
	}

	// The household objects to the bank's record: it counts for nothing at once.
	w.tick(0, 3*24*time.Hour)
	c.signIn(w)
	w.refused("invalid_field", c.intake, "POST", path("objections"), map[string]any{"evidence": 99, "ground": "账户已注销"})
	objection := w.want(200, c.intake, "POST", path("objections"), map[string]any{"evidence": 1, "ground": "账户已注销"}).text("id")
	disputed := w.inState(c.reviewer, f, "disputed")
	if disputed.Verdict == f.verdict {
		t.Error("the household was not verified again without the record")
	}
	if a := w.want(200, c.reviewer, "GET", "/api/v1/verdicts/"+disputed.Verdict, nil); !strings.Contains(string(a.body), `"disputed"`) {
		t.Errorf("%s", a.body)
	}
	w.tick(0, 20*24*time.Hour) // nor does an open objection let the term run out
	c.signIn(w)
	w.refused("state_refuses", c.approver, "POST", path("confirm"), step("属实"))
	w.refused("forbidden", c.intake, "POST", "/api/v1/objections/"+objection+"/decide", map[string]any{"upheld": true, "reason": "银行证明"})
	w.refused("second_person_needed", c.reviewer, "POST", "/api/v1/objections/"+objection+"/decide", map[string]any{"upheld": false, "reason": "属实"})
	w.want(200, c.approver, "POST", "/api/v1/objections/"+objection+"/decide", map[string]any{"upheld": true, "reason": "银行证明"})
	w.refused("state_refuses", c.approver, "POST", "/api/v1/objections/"+objection+"/decide", map[string]any{"upheld": false, "reason": "反悔"})
	if got := w.want(200, c.intake, "GET", "/api/v1/objections/"+objection, nil).text("state"); got != "upheld" {
		t.Errorf("the objection is %s", got)
	}
	// The verdict of the second household used the same record.
	if again := w.caseOf(c.reviewer, twin); again.Verdict == twin.verdict {
		t.Error("the second household was not verified again")
	}
	w.correction(c)

	// What is left stands on the vehicle, and becomes final.
	if now := w.caseOf(c.reviewer, f); now.State != "under_review" {
		w.want(200, c.reviewer, "POST", path("take-up"), step(""))
	}
	w.openAll(c.approver, f)
	w.want(200, c.approver, "POST", path("confirm"), step("有车辆，属实"))
	w.want(200, c.verifier, "POST", path("notify"), step(""))
	w.tick(0, 10*24*time.Hour-time.Second)
	w.tick(1, time.Second)
	c.signIn(w)
	w.inState(c.reviewer, f, "final")
	w.refused("state_refuses", c.approver, "POST", path("return"), step("再看看"))

	// A withdrawal ends what is being decided, and every look.
	w.want(200, c.verifier, "POST", "/api/v1/cases/"+third.caseID+"/propose", step("余额超标"))
	w.want(200, c.reviewer, "POST", "/api/v1/cases/"+third.caseID+"/take-up", step(""))
	w.refused("reason_needed", c.intake, "POST", "/api/v1/authorizations/"+third.paper+"/withdraw", map[string]any{"reason": " "})
	w.want(200, c.intake, "POST", "/api/v1/authorizations/"+third.paper+"/withdraw", map[string]any{"reason": "书面撤回"})
	w.inState(c.reviewer, third, "withdrawn")
	w.refused("state_refuses", c.reviewer, "POST", "/api/v1/verdicts/"+third.verdict+"/evidence/1/open", nil)
	w.refused("state_refuses", c.approver, "POST", "/api/v1/cases/"+third.caseID+"/confirm", step("属实"))
	if a := w.want(200, c.verifier, "POST", "/api/v1/checks", third.request()); !strings.Contains(string(a.body), "authorization_withdrawn") {
		t.Errorf("%s", a.body)
	}
	w.inLog(c)
}

// tick lets time pass and the terms to contest with it.
func (w *world) tick(final int, d time.Duration) {
	w.t.Helper()
	w.clock.pass(d)
	if n, err := w.desk.Tick(w.t.Context()); err != nil || n != final {
		w.t.Fatalf("after %v %d cases became final, %v, want %d", d, n, err, final)
	}
}

// correction is what the department that delivered the record gets to know.
func (w *world) correction(c *crew) {
	t := w.t
	t.Helper()
	var open struct {
		Items []struct {
			ID, Department, Reason string
			Row                    int
		}
	}
	w.want(200, c.steward, "GET", "/api/v1/corrections?department=bank", nil).read(&open)
	if len(open.Items) != 1 || open.Items[0].Row != 2 || open.Items[0].Reason != "银行证明" {
		t.Fatalf("tickets %+v", open)
	}
	w.refused("forbidden", c.approver, "POST", "/api/v1/corrections/send", map[string]any{"ids": []string{open.Items[0].ID}})
	file := w.want(200, c.steward, "POST", "/api/v1/corrections/send", map[string]any{"ids": []string{open.Items[0].ID}}).text("file")
	if !strings.Contains(file, "银行证明") || strings.Contains(file, nameOf(1)) || strings.Contains(file, "340104-000001") {
		t.Errorf("the department's file: %s", file)
	}
	w.want(200, c.steward, "GET", "/api/v1/corrections?department=bank", nil).read(&open)
	if len(open.Items) != 0 {
		t.Errorf("what was sent is still open: %+v", open)
	}
}

// inLog finds every step in the audit log, as the auditor sees it: by whom, in which
// role, and with what outcome.
func (w *world) inLog(c *crew) {
	t := w.t
	t.Helper()
	type entry struct {
		Account, Role, Operation, Outcome, Code, Household string
	}
	var all []entry
	cursor := ""
	for {
		var got struct {
			Items []entry `json:"items"`
			Next  string  `json:"next"`
		}
		w.want(200, c.auditor, "GET", "/api/v1/audit/entries?limit=200&cursor="+cursor, nil).read(&got)
		all = append(all, got.Items...)
		if cursor = got.Next; cursor == "" {
			break
		}
	}
	for _, want := range []string{
		"intake01 intake authorization.register done", "leader01 leader authorization.register denied", "verifier01 verifier check",
		"verifier01 verifier case.propose done", "intake01 intake case.propose denied", "reviewer01 reviewer case.take_up done",
		"reviewer01 reviewer case.confirm denied", "approver01 approver case.confirm denied", "reviewer01 reviewer evidence.open",
		"approver01 approver evidence.open", "approver01 approver case.confirm done", "intake01 intake case.notify done",
		"intake01 intake objection.file done", "intake01 intake recheck.run", "approver01 approver objection.decide done",
		"reviewer01 reviewer objection.decide denied", "intake01 intake authorization.withdraw done", "intake01 intake objection.read done",
		"clock case.final done", "steward01 data_steward correction.send done", "approver01 approver correction.send denied", "auditor01 auditor audit.search done", "security01 security_admin user.create done",
	} {
		if !slices.ContainsFunc(all, func(e entry) bool {
			return strings.HasPrefix(strings.Join(strings.Fields(strings.Join([]string{e.Account, e.Role, e.Operation, e.Outcome}, " ")), " "), want)
		}) {
			t.Errorf("the audit log does not have: %s", want)
		}
	}
	text := w.auditText()
	for i := range 20 {
		for _, secret := range []string{idNumber(i), nameOf(i), accountNo(i), plate(i), vin(i)} {
			if strings.Contains(text, secret) {
				t.Errorf("the audit log holds something of person %d", i)
			}
		}
	}
	for _, words := range []string{"余额", "属实", "注销", "证明", "撤回", "岗位"} {
		if strings.Contains(text, words) {
			t.Errorf("the audit log holds what somebody wrote: %s", words)
		}
	}
	t.Logf("%d entries of the audit log", len(all))
}

// auditText is the audit log as it lies on the disk.
func (w *world) auditText() string {
	files, err := filepath.Glob(filepath.Join(w.dir, "audit", "*.log"))
	must(w.t, err)
	var text strings.Builder
	for _, name := range files {
		b, err := os.ReadFile(name)
		must(w.t, err)
		text.Write(b)
	}
	if text.Len() == 0 {
		w.t.Fatal("there is no audit log")
	}
	return text.String()
}
