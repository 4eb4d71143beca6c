package browser

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/hedui/hedui/bench/browser/drive"
	"github.com/hedui/hedui/bench/browser/site"
)

// step presses a step of the case that is shown, with a reason where it takes one.
func step(t testing.TB, p *drive.Page, name, reason string) {
	t.Helper()
	w := drive.Where{Within: name}
	if reason != "" {
		must(t, p.Fill("理由", reason, w))
	}
	must(t, p.Press(name, w))
	if p.Status() >= http.StatusBadRequest {
		text, _ := p.Text()
		t.Fatalf("%s: status %d: %s", name, p.Status(), head200(text))
	}
}

// caseState is the state of a case, as the service has it.
func caseState(t testing.TB, f *site.Family) string {
	t.Helper()
	var c struct {
		State string `json:"state"`
	}
	_, err := centre(t).Ask(t.Context(), centre(t).Account("reviewer01"), http.MethodGet, "/api/v1/cases/"+f.Case, nil, &c)
	must(t, err)
	return c.State
}

// toCase opens a family's case as somebody.
func toCase(t testing.TB, p *drive.Page, who string, f *site.Family) {
	t.Helper()
	open(t, p, place{who: who, path: "/console/cases/" + f.Case})
}

// openRecords opens every record that the case of a family rests on, at its page.
func openRecords(t testing.TB, p *drive.Page, who string, f *site.Family) {
	t.Helper()
	_, numbers, err := centre(t).Evidence(t.Context(), f)
	must(t, err)
	if len(numbers) == 0 {
		t.Fatal("the case rests on nothing")
	}
	for _, n := range numbers {
		toCase(t, p, who, f)
		must(t, p.Press(fmt.Sprintf("打开第 %d 条", n)))
		must(t, p.Says("记录"))
		if p.Status() != http.StatusOK {
			t.Fatalf("record %d: status %d", n, p.Status())
		}
	}
}

// A suspicion goes from a caseworker's proposal to a confirmed outcome at the pages: two
// people, every record opened by the one who confirms. One person alone can't, neither by
// what the pages offer nor by sending the form all the same.
func TestBrowserReviewByTwo(t *testing.T) {
	s := centre(t)
	for i, why := range []string{twoPersons, "three homes", "one character"} {
		m := modes[i]
		t.Run(m.name, func(t *testing.T) {
			f := s.Family(why)
			v := m.visitor
			v.Home = s.Home
			p := window(t, v)

			open(t, p, place{who: "reviewer01", path: "/console/cases?household=" + f.Number})
			must(t, p.Press(f.Number))
			must(t, p.Says("案件：家庭 "+f.Number))

			toCase(t, p, "verifier01", f)
			step(t, p, "提出核对意见", "与申报不符，建议复核")
			must(t, p.Says("建议复核"))
			toCase(t, p, "reviewer01", f)
			step(t, p, "接手复核", "")
			must(t, p.Says("reviewer01"))
			if got := caseState(t, f); got != "under_review" {
				t.Fatalf("the case is %s", got)
			}
			// Alone: not offered, and refused when it is sent.
			openRecords(t, p, "reviewer01", f)
			toCase(t, p, "reviewer01", f)
			if p.Has("确认结论") {
				t.Error("the one who took the case up is offered to confirm it")
			}
			must(t, p.Says("另一人"))
			alone(t, p, f, "confirm", "一个人")
			if got := caseState(t, f); got != "under_review" {
				t.Fatalf("by one person alone the case is %s", got)
			}
			// The second person has opened nothing yet.
			toCase(t, p, "approver01", f)
			if p.Has("确认结论") {
				t.Error("to confirm is offered before the records are opened")
			}
			must(t, p.Says("没有打开"))
			alone(t, p, f, "confirm", "没有看依据")
			if got := caseState(t, f); got != "under_review" {
				t.Fatalf("with nothing opened the case is %s", got)
			}
			openRecords(t, p, "approver01", f)
			toCase(t, p, "approver01", f)
			step(t, p, "确认结论", "依据齐全，情况属实")
			must(t, p.Says("情况属实"))
			if got := caseState(t, f); got != "confirmed" {
				t.Errorf("the case is %s", got)
			}
			toCase(t, p, "verifier01", f)
			step(t, p, "登记告知书送达", "")
			must(t, p.Says("告知书送达"))
		})
	}
}

// One person who does everything that can be done to a case comes to no end of it.
func TestBrowserNobodyAlone(t *testing.T) {
	s := centre(t)
	f := s.Family("a compound name with a wide dot")
	p := window(t, drive.Visitor{Home: s.Home})
	openRecords(t, p, "reviewer01", f)
	toCase(t, p, "reviewer01", f)
	for _, step := range []string{"propose", "take-up", "confirm", "clear", "notify"} {
		if _, err := p.Send("/console/cases/"+f.Case+"/"+step, map[string]string{"version": "0", "reason": "一个人办到底"}); err != nil {
			t.Fatal(err)
		}
		_ = p.Trouble() // refusals
	}
	if got := caseState(t, f); got == "confirmed" || got == "cleared" || got == "final" {
		t.Errorf("by one person alone the case is %s", got)
	}
}

// alone sends a step that the page does not offer, in the window of whoever is signed in
// there, as the page's own forms would.
func alone(t testing.TB, p *drive.Page, f *site.Family, step, reason string) {
	t.Helper()
	at, err := p.Send("/console/cases/"+f.Case+"/"+step, map[string]string{"version": "0", "reason": reason})
	must(t, err)
	if at < http.StatusBadRequest {
		t.Errorf("%s by one person is answered with %d", step, at)
	}
	_ = p.Trouble() // a refusal is no trouble here
}

// A family says that a record is wrong: it counts no more at once; somebody who is not on
// the case decides.
func TestBrowserObjection(t *testing.T) {
	s := centre(t)
	for i, why := range []string{objecting, "䶮, GB18030-2022", "〇 and old forms"} {
		m := modes[i]
		t.Run(m.name, func(t *testing.T) {
			f := s.Family(why)
			if f.Case == "" {
				t.Fatalf("%s has no case", why)
			}
			v := m.visitor
			v.Home = s.Home
			p := window(t, v)
			before, numbers, err := s.Evidence(t.Context(), f)
			must(t, err)
			if len(numbers) == 0 {
				t.Fatal("the case rests on nothing")
			}
			ground := "该记录不是本人的：账户已于上年注销"
			toCase(t, p, "verifier01", f)
			w := drive.Where{Within: "登记异议"}
			must(t, p.Fill("对哪条记录", fmt.Sprintf("第 %d 条", numbers[0]), w))
			must(t, p.Fill("家庭的说明", ground, w))
			must(t, p.Press("登记异议", w))
			must(t, p.Says(ground))
			at, err := p.Path()
			must(t, err)
			if !strings.HasPrefix(at, "/console/objections/") {
				t.Fatalf("after filing: at %s", at)
			}
			if after, _, err := s.Evidence(t.Context(), f); err != nil || after == before {
				t.Errorf("the family was not checked again without the record: %v", err)
			}
			path, _, _ := strings.Cut(at, "?")
			// Whoever filed it is offered nothing; another decides.
			open(t, p, place{who: "verifier01", path: path})
			if p.Has("处理异议") {
				t.Error("whoever filed the objection is offered to decide it")
			}
			open(t, p, place{who: "reviewer01", path: "/console/objections?household=" + f.Number})
			must(t, p.Press(f.Number))
			must(t, p.Fill("异议成立", "是"))
			must(t, p.Fill("理由", "银行出具销户证明"))
			must(t, p.Press("处理异议"))
			must(t, p.Says("银行出具销户证明"))
			must(t, p.Says("成立"))
			open(t, p, place{who: "intake01", path: path})
			must(t, p.Says("成立"))
		})
	}
}
