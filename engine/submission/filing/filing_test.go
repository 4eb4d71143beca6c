package filing_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/desk"
	"github.com/hedui/hedui/engine/desk/desktest"
	"github.com/hedui/hedui/engine/export"
	"github.com/hedui/hedui/engine/form"
	"github.com/hedui/hedui/engine/submission"
	"github.com/hedui/hedui/engine/submission/filing"
)

var (
	centre   = desktest.Official("centre-340104", desktest.County, access.Centre)
	stranger = desktest.Official("centre-340203", "340203", access.Centre)
	approver = desktest.Official("approver01", desktest.County, access.Approver)
	where    = time.FixedZone("CST", 8*60*60)
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// shelf keeps marks in memory, and fails when told to.
type shelf struct {
	kept []*export.Marks
	fail error
}

func (s *shelf) Key() export.Key {
	k, _ := export.NewKey(bytes.Repeat([]byte("k"), 32))
	return k
}

func (s *shelf) Keep(m *export.Marks) error {
	if s.fail == nil {
		s.kept = append(s.kept, m)
	}
	return s.fail
}

type world struct {
	*desktest.Centre

	shelf   *shelf
	batches *submission.Office
	office  *filing.Office
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{Centre: desktest.New(t, 40), shelf: &shelf{}}
	var err error
	w.batches, err = submission.New(submission.Options{
		Desk: w.Desk, Ledger: w.Ledger, Audit: w.Audit, Now: w.Now, Workers: 2,
		Standing: func(context.Context, string) (access.Subject, error) { return centre.Subject, nil },
	})
	must(t, err)
	t.Cleanup(func() { must(t, w.batches.Close()) })
	w.office = &filing.Office{Batches: w.batches, Shelf: w.shelf, Where: where, Now: w.Now, Titles: func(string) string { return "未申报金融资产" }, Temp: t.TempDir()}
	return w
}

// file is a table of three households, one of them spoilt, and a row that is nobody's.
const file = `某市核对名单,,,,,,,
家庭编号,行政区划,城乡属性,授权书编号,姓名,证件号码,与户主关系,申报金融资产
,,,,李某,,,
340104-000001,340104,城镇,SQ340104-000001,王秀英,340104197001010018,户主,0
340104-000002,340104,乡镇,SQ340104-000002,王秀英,340104197001010020,户主,-5
340104-000009,340104,城镇,SQ340104-000009,王秀英,%s,户主,0
`

// submit submits the file and has it answered.
func (w *world) submit() *submission.Batch {
	w.T.Helper()
	w.Register(1)
	line := desktest.Request(1)
	id := string(line[bytes.Index(line, []byte(`"id_number":"`))+13:][:18])
	text := strings.ReplaceAll(fmt.Sprintf(file, id), "340104197001010018", id)
	b, err := w.batches.Submit(w.T.Context(), centre, submission.Order{Scheme: "dibao", Channel: submission.File, Title: "十一月"},
		filing.Rows(w.T.Context(), strings.NewReader(text), int64(len(text)), form.Options{Registered: true, Scheme: "dibao"}, nil))
	must(w.T, err)
	return b
}

func (w *world) work() {
	w.T.Helper()
	for {
		worked, err := w.batches.Work(w.T.Context())
		must(w.T, err)
		if !worked {
			return
		}
	}
}

func (w *world) fetch(c desk.Caller, id, format string) (string, string, error) {
	var out bytes.Buffer
	called := ""
	err := w.office.Write(w.T.Context(), c, id, format, func(name, media string) io.Writer {
		called = name + " " + media
		if len(w.Audit.Events()) == 0 || w.Audit.Events()[len(w.Audit.Events())-1].Operation != access.BatchExport.String() {
			w.T.Error("results leave before the audit log has it")
		}
		if len(w.shelf.kept) == 0 {
			w.T.Error("results leave before their marks are kept")
		}
		return &out
	})
	return out.String(), called, err
}

// A city's file comes in, and goes out in every form, each row once.
func TestFileToResults(t *testing.T) {
	w := newWorld(t)
	b := w.submit()
	if b.Rows != 4 {
		t.Fatalf("%d rows", b.Rows)
	}
	if _, _, err := w.fetch(centre, b.ID, "csv"); err == nil {
		t.Error("a batch that goes on has results")
	} else if r, ok := desk.Refused(err); !ok || r.Code != desk.StateRefuses {
		t.Error(err)
	}
	w.work()
	lines, called, err := w.fetch(centre, b.ID, "jsonl")
	must(t, err)
	var want strings.Builder
	_, err = w.batches.Rows(t.Context(), centre, b.ID, func(r *submission.Row) error {
		if r.Line != nil {
			want.Write(r.Line)
			want.WriteByte('\n')
		}
		return nil
	})
	must(t, err)
	got := strings.Split(strings.TrimSuffix(lines, "\n"), "\n")
	var answered []string
	for _, line := range got {
		if strings.Contains(line, `"340104-000001"`) || strings.Contains(line, `"340104-000009"`) {
			answered = append(answered, line+"\n")
		}
	}
	if diff := cmp.Diff(want.String(), strings.Join(answered, "")); diff != "" || len(got) != 4 || !strings.HasSuffix(called, ".jsonl application/x-ndjson") {
		t.Errorf("%s: %s\n%s", called, diff, lines)
	}
	if !strings.Contains(lines, `{"household_id":"340104-000002","scheme":"dibao","on":"2026-11-01","outcome":"refused","findings":[{"code":"unknown_code","effect":"refused"},{"code":"negative_amount","effect":"refused"},{"code":"bad_document","effect":"refused"}]}`) ||
		!strings.Contains(lines, `{"line":1,"scheme":"dibao","on":"2026-11-01","outcome":"refused","findings":[{"code":"missing_field","effect":"refused"}]}`) {
		t.Errorf("what could not be read is not said: %s", lines)
	}
	table, _, err := w.fetch(centre, b.ID, "csv")
	must(t, err)
	for _, said := range []string{"340104-000001,340104,蜀山区", "340104-000002,340104,蜀山区,不予受理", "340104-000009,340104,蜀山区,不予受理", "第 5 行 城乡属性 residence：", "第 5 行 申报金融资产 declared_financial：", "第 3 行 家庭编号 household_id", "authorization_unknown", "※ 导出编号 b-", "接收方 centre-340104 340104", "提交方式 文件"} {
		if !strings.Contains(table, said) {
			t.Errorf("%q is not in\n%s", said, table)
		}
	}
	book, _, err := w.fetch(centre, b.ID, "xlsx")
	must(t, err)
	read, err := export.Read(strings.NewReader(book))
	must(t, err)
	if len(read.Rows) != 1 || read.Rows[0][1] != "340104-000001" {
		t.Errorf("%q", read.Rows)
	}
	if len(w.shelf.kept) != 3 || w.shelf.kept[1].Rows() != 4 || w.shelf.kept[2].Rows() != 1 {
		t.Errorf("%d copies are kept", len(w.shelf.kept))
	}
}

// Who may not have results gets none, and nothing leaves that is not taken down.
func TestNothingLeavesUnseen(t *testing.T) {
	w := newWorld(t)
	b := w.submit()
	w.work()
	for name, c := range map[string]desk.Caller{"another city": stranger, "an approver": approver} {
		for _, format := range filing.Formats() {
			if out, _, err := w.fetch(c, b.ID, format); err == nil || out != "" {
				t.Errorf("%s gets %q, %v", name, out, err)
			}
		}
	}
	down := errors.New("down")
	for _, format := range filing.Formats() {
		w.shelf.fail = down
		if out, _, err := w.fetch(centre, b.ID, format); !errors.Is(err, down) || out != "" {
			t.Errorf("%s leaves unmarked: %q, %v", format, out, err)
		}
		w.shelf.fail = nil
		w.Audit.Fail(down)
		if out, _, err := w.fetch(centre, b.ID, format); !errors.Is(err, down) || out != "" {
			t.Errorf("%s leaves unseen: %q, %v", format, out, err)
		}
		w.Audit.Fail(nil)
	}
	if _, _, err := w.fetch(centre, b.ID, "pdf"); err == nil {
		t.Error("a form that there is none of")
	}
}

// Whoever does not judge sees amounts as bands.
func TestAmountsAreBands(t *testing.T) {
	w := newWorld(t)
	b := w.submit()
	w.work()
	out, _, err := w.fetch(centre, b.ID, "csv")
	must(t, err)
	w.office.Unjudged = true
	all, _, err := w.fetch(centre, b.ID, "csv")
	must(t, err)
	if strings.Contains(out, "16800.00") || strings.Contains(out, "8400.00") || !strings.Contains(all, "8400.00") {
		t.Errorf("for a centre:\n%s\nfor the owner of the machine:\n%s", out, all)
	}
}

// A file that can't be read is refused whole and leaves no batch.
func TestUnreadableFile(t *testing.T) {
	w := newWorld(t)
	for _, text := range []string{"[{},\n{}]", "a,b\n1,2\n", ""} {
		_, err := w.batches.Submit(t.Context(), centre, submission.Order{Scheme: "dibao", Channel: submission.File},
			filing.Rows(t.Context(), strings.NewReader(text), int64(len(text)), form.Options{Registered: true, Scheme: "dibao"}, nil))
		if _, ok := errors.AsType[form.Problem](err); !ok {
			t.Errorf("%q: %v", text, err)
		}
	}
	list, _, err := w.batches.List(t.Context(), centre, submission.Query{Mine: true})
	must(t, err)
	for _, b := range list {
		if b.State != submission.Cancelled {
			t.Errorf("%s is %s", b.ID, b.State)
		}
	}
}
