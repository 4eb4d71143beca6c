package browser

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/hedui/hedui/bench/browser/drive"
	"github.com/hedui/hedui/bench/browser/site"
)

// cells are a family as the cells of a spreadsheet, with their headings.
func cells(f *site.Family, day time.Time) [][]string {
	relations := map[string]string{"head": "户主", "spouse": "配偶", "child": "子女"}
	rows := [][]string{{"家庭编号", "行政区划", "救助项目", "城乡属性", "授权书编号", "授权起", "授权止", "签字人证件号码", "姓名", "证件号码", "与户主关系"}}
	var signed []string
	for _, m := range f.People {
		signed = append(signed, m.Number)
	}
	for i, m := range f.People {
		row := make([]string, 8)
		if i == 0 {
			row = []string{f.Number, "340104", "最低生活保障", "城镇", f.Paper, day.AddDate(0, -2, 0).Format(time.DateOnly), day.AddDate(1, 0, 0).Format(time.DateOnly), strings.Join(signed, ";")}
		}
		rows = append(rows, append(row, m.Name, m.Number, relations[m.Relation]))
	}
	return rows
}

// took fails unless the form holds the family that a table had.
func took(t testing.TB, p *drive.Page, f *site.Family) {
	t.Helper()
	for label, want := range map[string]string{"家庭编号": f.Number, "授权书编号": f.Paper} {
		if got, err := p.Value(label); err != nil || got != want {
			t.Errorf("%s is %q, %v", label, got, err)
		}
	}
	for i, m := range f.People {
		w := drive.Where{Within: fmt.Sprintf("成员 %d", i+1)}
		if got, err := p.Value("姓名", w); err != nil || got != m.Name {
			t.Errorf("the name of member %d is %q, %v", i+1, got, err)
		}
	}
}

// A family is pasted from a spreadsheet or uploaded, fills the form, and is checked.
func TestBrowserPasteAndUpload(t *testing.T) {
	s := centre(t)
	for i, m := range modes {
		t.Run(m.name, func(t *testing.T) {
			v := m.visitor
			v.Home = s.Home
			p := window(t, v)
			enter(t, p, "verifier01")
			f := s.Family([]string{"𠮷, outside the first plane", "阿依古丽·买买提, with the middle dot", "strokes without end"}[i])

			must(t, p.Go("/console/check"))
			must(t, p.Press("从表格导入"))
			var lines []string
			for _, row := range cells(f, s.Day) {
				lines = append(lines, strings.Join(row, "\t"))
			}
			must(t, p.Fill("从 Excel 粘贴", strings.Join(lines, "\n")))
			must(t, p.Press("填入表单"))
			took(t, p, f)

			book := excelize.NewFile()
			defer book.Close()
			for r, row := range cells(f, s.Day) {
				for c, text := range row {
					at, err := excelize.CoordinatesToCellName(c+1, r+1)
					must(t, err)
					must(t, book.SetCellStr("Sheet1", at, text))
				}
			}
			name := filepath.Join(t.TempDir(), "family.xlsx")
			must(t, book.SaveAs(name))
			must(t, p.Go("/console/check"))
			must(t, p.Press("从表格导入"))
			must(t, p.Upload("上传申报表", name))
			must(t, p.Press("读取文件"))
			took(t, p, f)
			must(t, p.Press("核对", drive.Where{Which: submitCheck(t, p)}))
			if at, err := p.Path(); err != nil || !strings.HasPrefix(at, "/console/verdicts/") {
				text, _ := p.Text()
				t.Errorf("after checking: at %s, %v: %s", at, err, head200(text))
			}
		})
	}
	// What is no table says so and takes nothing.
	p := window(t, drive.Visitor{Home: s.Home})
	enter(t, p, "verifier01")
	name := filepath.Join(t.TempDir(), "family.xlsx")
	must(t, os.WriteFile(name, []byte("this is no workbook"), 0o600))
	must(t, p.Go("/console/check"))
	must(t, p.Press("从表格导入"))
	must(t, p.Upload("上传申报表", name))
	must(t, p.Press("读取文件"))
	if p.Status() >= http.StatusInternalServerError {
		t.Errorf("a file that is no workbook is answered with %d", p.Status())
	}
	if trouble := p.Trouble(); len(trouble.Console)+len(trouble.Policy) > 0 {
		t.Errorf("%s", trouble)
	}
}
