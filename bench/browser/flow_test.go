package browser

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hedui/hedui/bench/browser/drive"
	"github.com/hedui/hedui/bench/browser/site"
)

// mode is how somebody works.
type mode struct {
	name    string
	visitor drive.Visitor
	serial  int // of the families that are registered in it
}

// modes are the ways in which everything must be possible.
var modes = []mode{
	{"plain", drive.Visitor{}, 9101},
	{"without scripts", drive.Visitor{NoScript: true}, 9102},
	{"on a phone", drive.Visitor{Width: drive.Phone, Height: 720}, 9103},
}

// freshFamily is a family of the province whose authorisation nobody has registered: the
// one at the counter, under other numbers.
func freshFamily(t testing.TB, serial int) *site.Family {
	t.Helper()
	f := *centre(t).Family(atCounter)
	f.Number, f.Paper = fmt.Sprintf("340104-88%04d", serial), fmt.Sprintf("SQ340104-88%04d", serial)
	return &f
}

// register registers a family's authorisation at the page for it.
func register(t testing.TB, p *drive.Page, f *site.Family) {
	t.Helper()
	day := centre(t).Day
	must(t, p.Go("/console/authorizations/new"))
	must(t, p.Fill("授权书编号", f.Paper))
	must(t, p.Fill("家庭编号", f.Number))
	must(t, p.Fill("区划代码", "340104"))
	must(t, p.Fill("生效日期", day.AddDate(0, -1, 0).Format(time.DateOnly)))
	must(t, p.Fill("截止日期", day.AddDate(1, 0, 0).Format(time.DateOnly)))
	scan := filepath.Join(t.TempDir(), "scan.pdf")
	must(t, os.WriteFile(scan, []byte("%PDF-1.4 a scan"), 0o600))
	must(t, p.Upload("扫描件", scan))
	for i, m := range f.People {
		w := drive.Where{Within: fmt.Sprintf("成员 %d", i+1)}
		must(t, p.Fill("姓名", m.Name, w))
		must(t, p.Fill("证件号码", m.Number, w))
		if m.Number[6:10] < fmt.Sprint(day.Year()-18) {
			must(t, p.Fill("签署日期", day.AddDate(0, -1, 0).Format(time.DateOnly), w))
		} else {
			must(t, p.Fill("代签人", "成员 1", w))
		}
	}
	must(t, p.Press("登记授权书", drive.Where{Within: ""}))
	must(t, p.Says(f.Paper))
	if at, err := p.Path(); err != nil || !strings.HasPrefix(at, "/console/authorizations/"+f.Paper) {
		text, _ := p.Text()
		t.Fatalf("after registering: at %s, %v: %s", at, err, head200(text))
	}
}

// head200 is the beginning of a text, for a failure.
func head200(s string) string { return string([]rune(s)[:min(len([]rune(s)), 400)]) }

// Somebody signs in, sees what they may do, and registers an authorisation.
func TestBrowserSignInAndRegister(t *testing.T) {
	s := centre(t)
	// Nobody has as many sessions at once as this test opens: the account is its own.
	a, err := s.Hire(t.Context(), "clerk01", "intake", "受理二窗", "3401")
	must(t, err)
	for _, m := range modes {
		t.Run(m.name, func(t *testing.T) {
			v := m.visitor
			v.Home = s.Home
			p := window(t, v)
			must(t, p.Go("/"))
			if at, err := p.Path(); err != nil || !strings.HasPrefix(at, "/console/sign-in") {
				t.Errorf("the address of the machine leads to %s, %v", at, err)
			}
			must(t, p.Go("/console/authorizations/new"))
			if at, err := p.Path(); err != nil || !strings.HasPrefix(at, "/console/sign-in?next=") {
				t.Fatalf("nobody is signed in: at %s, %v", at, err)
			}
			must(t, p.Fill("账户", a.Name))
			must(t, p.Fill("口令", "not the password at all"))
			must(t, p.Press("登录"))
			if p.Status() == http.StatusOK {
				t.Error("a wrong password is answered like a right one")
			}
			if text, err := p.Text(); err != nil || strings.Contains(text, "not the password") {
				t.Errorf("a wrong password is shown: %v", err)
			}
			signIn(t, p, a)
			if at, err := p.Path(); err != nil || at != "/console/authorizations/new" {
				t.Errorf("after signing in: at %s, %v", at, err)
			}
			register(t, p, freshFamily(t, m.serial))
		})
	}
}

// The same by the keyboard alone.
func TestBrowserKeyboard(t *testing.T) {
	s := centre(t)
	p := window(t, drive.Visitor{Home: s.Home})
	a, err := s.Hire(t.Context(), "keys01", "verifier", "核对二岗", "3401")
	must(t, err)
	must(t, p.Go("/console/sign-in"))
	if f, err := p.Focused(); err != nil || f.Name != "账户" {
		t.Errorf("the focus is on %q first: %v", f.Name, err)
		must(t, p.TabTo("账户"))
	}
	must(t, p.Type(a.Name))
	must(t, p.TabTo("口令"))
	must(t, p.Type(site.Password))
	must(t, p.TabTo("动态口令"))
	must(t, p.Type(a.Code()))
	must(t, p.Enter())
	must(t, p.Says(a.Name))
	must(t, p.Go("/console/home"))
	must(t, p.Tab())
	if f, err := p.Focused(); err != nil || f.Name != "跳到正文" {
		t.Errorf("the first thing that takes keys is %q: %v", f.Name, err)
	}
	must(t, p.Enter())
	must(t, p.TabTo("授权书"))
	must(t, p.Enter())
	must(t, p.TabTo("家庭编号"))
	must(t, p.Type(s.Family(twoPersons).Number))
	must(t, p.Enter())
	must(t, p.Says(s.Family(twoPersons).Paper))
	must(t, p.TabTo(s.Family(twoPersons).Paper))
	must(t, p.Enter())
	must(t, p.Says("授权的成员"))
}

// The verdict of a family, its report, and the report on paper: opened and printed by the
// browser as somebody at the counter does it, the names exactly as they are written.
func TestBrowserReportOnPaper(t *testing.T) {
	s := centre(t)
	for _, m := range modes {
		t.Run(m.name, func(t *testing.T) {
			f := s.Family("阿依古丽·买买提, with the middle dot")
			v := m.visitor
			v.Home = s.Home
			p := window(t, v)
			open(t, p, place{who: "reviewer01", path: "/console/verdicts/" + f.Verdict})
			toPaper(t, p)
			text, err := p.Text()
			must(t, err)
			paper, err := p.Print()
			must(t, err)
			onPaper := textOfPDF(t, paper)
			var names []string
			for _, member := range f.People {
				names = append(names, bare(member.Name))
			}
			if m := missing(names, text); len(m) > 0 {
				t.Errorf("the report does not say %v", m)
			}
			if m := missing(names, onPaper); len(m) > 0 {
				t.Errorf("on paper the report does not say %v", m)
			}
			for _, member := range f.People {
				if strings.Contains(text, member.Number) {
					t.Error("the report shows a whole document number")
				}
			}
			for _, wrong := range wording(text, "zh") {
				t.Error(wrong)
			}
		})
	}
}

// check checks a family at the page for it and comes to its verdict.
func check(t testing.TB, p *drive.Page, f *site.Family) {
	t.Helper()
	must(t, p.Go("/console/check?authorization="+f.Paper))
	for label, value := range map[string]string{"家庭编号": f.Number, "行政区划": "340104", "救助项目": "最低生活保障", "城乡属性": "城镇", "授权书编号": f.Paper, "申报金融资产": fmt.Sprint(f.Declared)} {
		must(t, p.Fill(label, value))
	}
	relations := map[string]string{"head": "户主", "spouse": "配偶", "child": "子女", "other": "其他"}
	for i, m := range f.People {
		w := drive.Where{Within: fmt.Sprintf("成员 %d", i+1)}
		must(t, p.Fill("姓名", m.Name, w))
		must(t, p.Fill("证件号码", m.Number, w))
		must(t, p.Fill("与户主关系", relations[m.Relation], w))
		if m.Wage > 0 {
			must(t, p.Fill("申报工资性收入", fmt.Sprint(m.Wage), w))
		}
	}
	must(t, p.Press("核对", drive.Where{Which: submitCheck(t, p)}))
	at, err := p.Path()
	must(t, err)
	if !strings.HasPrefix(at, "/console/verdicts/") {
		text, _ := p.Text()
		t.Fatalf("after checking: at %s: %s", at, head200(text))
	}
	f.Verdict, _, _ = strings.Cut(strings.TrimPrefix(at, "/console/verdicts/"), "?")
}

// submitCheck is which of the things that are called 核对 sends the form.
func submitCheck(t testing.TB, p *drive.Page) int {
	t.Helper()
	all, err := p.Buttons()
	must(t, err)
	n := 0
	for _, name := range all {
		if name == "核对" {
			n++
		}
	}
	if n == 0 {
		t.Fatal("nothing is called 核对")
	}
	return n
}

// toPaper issues the report of the verdict that is shown, and opens it as it is printed.
func toPaper(t testing.TB, p *drive.Page) {
	t.Helper()
	must(t, p.Says("申报与查得对照"))
	must(t, p.Fill("接收单位", "申请人本人"))
	must(t, p.Press("出具核对报告", drive.Where{Within: "出具核对报告"}))
	must(t, p.Says("报告已出具"))
	at, err := p.Path()
	must(t, err)
	path, _, _ := strings.Cut(at, "?")
	must(t, p.Go(path+"/html"))
}

// A family comes to the counter: its authorisation is registered, it is checked, and goes
// home with its report, all at the pages, by one caseworker.
func TestBrowserFamilyAtTheCounter(t *testing.T) {
	s := centre(t)
	for i, m := range modes {
		t.Run(m.name, func(t *testing.T) {
			v := m.visitor
			v.Home = s.Home
			p := window(t, v)
			enter(t, p, "verifier01")
			f := freshFamily(t, 9201+i)
			register(t, p, f)
			check(t, p, f)
			toPaper(t, p)
			paper, err := p.Print()
			must(t, err)
			var names []string
			for _, member := range f.People {
				names = append(names, bare(member.Name))
			}
			if m := missing(append(names, bare(f.Number)), textOfPDF(t, paper)); len(m) > 0 {
				t.Errorf("on paper the report does not say %v", m)
			}
		})
	}
}

// Somebody who lives alone is checked too: what is not filled in is nobody.
func TestBrowserOnePerson(t *testing.T) {
	s := centre(t)
	f := *s.Family("nothing found")
	p := window(t, drive.Visitor{Home: s.Home})
	enter(t, p, "verifier01")
	check(t, p, &f)
	must(t, p.Says("未见异常"))
}

// Without an authorisation nobody is looked at, and the page says what to do.
func TestBrowserNoAuthorization(t *testing.T) {
	s := centre(t)
	f := freshFamily(t, 9301)
	p := window(t, drive.Visitor{Home: s.Home})
	enter(t, p, "verifier01")
	must(t, p.Go("/console/check"))
	for label, value := range map[string]string{"家庭编号": f.Number, "行政区划": "340104", "救助项目": "最低生活保障", "城乡属性": "城镇", "授权书编号": f.Paper} {
		must(t, p.Fill(label, value))
	}
	for i, m := range f.People {
		w := drive.Where{Within: fmt.Sprintf("成员 %d", i+1)}
		must(t, p.Fill("姓名", m.Name, w))
		must(t, p.Fill("证件号码", m.Number, w))
		must(t, p.Fill("与户主关系", map[string]string{"head": "户主", "child": "子女"}[m.Relation], w))
	}
	must(t, p.Press("核对", drive.Where{Which: submitCheck(t, p)}))
	must(t, p.Says("授权"))
	if at, err := p.Path(); err != nil || strings.HasPrefix(at, "/console/verdicts/") {
		t.Errorf("a family without an authorisation comes to %s, %v", at, err)
	}
	if got, err := p.Value("家庭编号"); err != nil || got != f.Number {
		t.Errorf("what was typed is gone: %q, %v", got, err)
	}
}
