package browser

import (
	"bytes"
	"fmt"
	"html"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/xuri/excelize/v2"

	"github.com/hedui/hedui/bench/browser/drive"
	"github.com/hedui/hedui/bench/browser/site"
)

// The texts of one report in its forms. A value is what stands between two tags of the
// page: it must stand in the PDF and in the workbook, character by character. Space is
// left out, since a line may break anywhere.

var (
	unread  = regexp.MustCompile(`(?s)<(style|script|title|head)\b.*?</(style|script|title|head)>|<!--.*?-->`)
	between = regexp.MustCompile(`>([^<>]+)<`)
)

// valuesOf are the texts of a page, each once, in their order.
func valuesOf(page []byte) []string {
	seen := map[string]bool{}
	var out []string
	for _, m := range between.FindAllSubmatch(unread.ReplaceAll(page, nil), -1) {
		v := bare(html.UnescapeString(string(m[1])))
		if v == "" || seen[v] {
			continue
		}
		seen[v] = true
		out = append(out, v)
	}
	return out
}

// bare is a text without space and without what only says where a line may break.
func bare(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '\u200b' || r == '\u00ad' || r == '\u2060' || r == '\f' {
			return -1
		}
		return r
	}, s)
}

// textOfPDF is everything that can be taken out of a PDF, page by page as it was written.
func textOfPDF(t testing.TB, pdf []byte) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "report.pdf")
	must(t, os.WriteFile(name, pdf, 0o600))
	cmd := exec.Command("pdftotext", "-raw", "-enc", "UTF-8", name, "-")
	var talk bytes.Buffer
	cmd.Stderr = &talk
	text, err := cmd.Output()
	if err != nil {
		t.Fatalf("pdftotext: %v: %s", err, talk.Bytes())
	}
	return string(text)
}

// textOfXLSX is every cell of a workbook.
func textOfXLSX(t testing.TB, workbook []byte) string {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(workbook))
	must(t, err)
	defer f.Close()
	var b strings.Builder
	for _, sheet := range f.GetSheetList() {
		rows, err := f.GetRows(sheet)
		must(t, err)
		for _, row := range rows {
			b.WriteString(strings.Join(row, "\n") + "\n")
		}
	}
	return b.String()
}

// furniture is what a PDF repeats on every page: lines that are the same on most of them
// but for the number of the page.
func furniture(text string) string {
	pages := strings.Split(strings.TrimSuffix(text, "\f"), "\f")
	if len(pages) < 2 {
		return text
	}
	count := map[string]int{}
	plain := func(line string) string { return digits.ReplaceAllString(bare(line), "0") }
	for _, p := range pages {
		lines := strings.Split(strings.TrimSpace(p), "\n")
		for _, i := range []int{0, 1, len(lines) - 2, len(lines) - 1} {
			if i >= 0 && i < len(lines) {
				count[plain(lines[i])]++
			}
		}
	}
	var out []string
	for _, p := range pages {
		lines := strings.Split(strings.TrimSpace(p), "\n")
		for i, line := range lines {
			if (i < 2 || i >= len(lines)-2) && count[plain(line)] >= len(pages) {
				continue
			}
			out = append(out, line)
		}
	}
	return strings.Join(out, "\n")
}

var digits = regexp.MustCompile(`[0-9]+`)

// missing are the values that a text does not hold.
func missing(values []string, text string) []string {
	all := bare(text)
	var out []string
	for _, v := range values {
		if !strings.Contains(all, v) {
			out = append(out, v)
		}
	}
	return out
}

// atoms are what texts are put together from: words, numbers, amounts, dates, numbers of
// records. A workbook has in cells of their own what a page says in a sentence.
func atoms(values []string) []string {
	seen := map[string]bool{}
	var out []string
	for _, v := range values {
		for _, a := range atom.FindAllString(v, -1) {
			if a = strings.Trim(a, "-.,"); a != "" && !seen[a] {
				seen[a] = true
				out = append(out, a)
			}
		}
	}
	return out
}

var atom = regexp.MustCompile(`\p{Han}+|[0-9０-９][0-9０-９,.\-:]*|[^\p{Han}\pP\pS\pZ0-9０-９]+`)

// ofPage are words that say where on a page something is, and that a workbook has no use
// for: it has sheets instead.
var ofPage = []string{"见附表", "附", "条", "申报与查得对照", "有异议而未计入的记录", "原因"}

// A comparison that can't fail compares nothing: a character cut off, one of another
// plane, a lost line.
func TestComparisonSees(t *testing.T) {
	page := []byte(`<html><head><title>x</title></head><body><p>𠮷国强</p><td>阿依古丽·买买提</td><td>1,234.00</td><p>a &lt;b&gt;</p></body></html>`)
	values := valuesOf(page)
	if fmt.Sprint(values) != "[𠮷国强 阿依古丽·买买提 1,234.00 a<b>]" {
		t.Errorf("%v", values)
	}
	for _, wrong := range []string{
		"₻国强 阿依古丽·买买提 1,234.00 a<b>", "𠮷国强 阿依古丽.买买提 1,234.00 a<b>", "𠮷国强 阿依古丽·买买提 1234.00 a<b>", "𠮷国强 阿依古丽·买买提 1,234.00", "⼀",
	} {
		if len(missing(values, wrong)) == 0 {
			t.Errorf("not seen: %s", wrong)
		}
	}
	if got := fmt.Sprint(atoms([]string{"金额57,600.00，限额1,200.00", "1/4153", "2026-11-2707:49", "𠮷国强（成员1）", "60875c76…"})); got != "[金额 57,600.00 限额 1,200.00 1 4153 2026-11-2707:49 𠮷国强 成员 60875 c 76]" {
		t.Errorf("%s", got)
	}
	if m := missing(values, "𠮷国\n强阿依古丽·\n买买提 1,234.00 a <b>"); len(m) > 0 {
		t.Errorf("missing %v", m)
	}
}

// issue issues a report of a family's verdict and returns its number.
func issue(t testing.TB, f *site.Family, lang string) string {
	t.Helper()
	s := centre(t)
	var r struct {
		Number string `json:"number"`
	}
	_, err := s.Ask(t.Context(), s.Account("reviewer01"), http.MethodPost, "/api/v1/verdicts/"+f.Verdict+"/reports", map[string]any{"recipient": "申请人本人", "lang": lang}, &r)
	must(t, err)
	return r.Number
}

// printed is a report in a form.
func printed(t testing.TB, number, form string) []byte {
	t.Helper()
	s := centre(t)
	r, err := s.Ask(t.Context(), s.Account("reviewer01"), http.MethodGet, "/api/v1/reports/"+number+"?form="+form, nil, nil)
	if err != nil {
		t.Fatalf("%s of a report: %v", form, err)
	}
	return r.Body
}

// The report of every family whose names are hard to write down says the same as page,
// PDF and workbook: every value, character by character, and everybody's name.
func TestBrowserReportForms(t *testing.T) {
	values, families := 0, 0
	p := window(t, drive.Visitor{Home: centre(t).Home})
	for _, f := range centre(t).Families[:site.Rare] {
		if f.Verdict == "" {
			t.Errorf("%s: no verdict", f.Why)
			continue
		}
		must(t, centre(t).Check(t.Context(), f)) // reports are of the newest verdict only
		number := issue(t, f, "zh")
		page := printed(t, number, "html")
		all := valuesOf(page)
		pdf := furniture(textOfPDF(t, printed(t, number, "pdf")))
		xlsx := textOfXLSX(t, printed(t, number, "xlsx"))
		open(t, p, place{who: "reviewer01", path: "/console/reports/" + number + "/html"})
		shown, err := p.Text()
		must(t, err)
		for _, m := range missing(all, shown) {
			t.Errorf("%s: not to be read on the page: %s", f.Why, m)
		}
		if len(all) < 40 {
			t.Errorf("%s: %d values", f.Why, len(all))
		}
		for _, m := range missing(all, pdf) {
			t.Errorf("%s: not in the PDF: %s", f.Why, m)
		}
		for _, m := range missing(atoms(all), xlsx) {
			if !slices.Contains(ofPage, m) {
				t.Errorf("%s: not in the workbook: %s", f.Why, m)
			}
		}
		var names []string
		for _, p := range f.People {
			names = append(names, bare(p.Name))
		}
		for form, text := range map[string]string{"page": strings.Join(all, "\n"), "PDF": pdf, "workbook": xlsx} {
			for _, m := range missing(names, text) {
				t.Errorf("%s: a name is not in the %s as it is written: %s", f.Why, form, m)
			}
		}
		for _, wrong := range wording(xlsx, "zh") {
			t.Errorf("%s: %s", f.Why, wrong)
		}
		values += len(all)
		families++
	}
	t.Logf("%d families, %d values", families, values)
	if families < site.Rare || values == 0 {
		t.Errorf("%d families, %d values", families, values)
	}
}
