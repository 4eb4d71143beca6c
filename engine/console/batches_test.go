package console_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/hedui/hedui/engine/api/wire"
)

// What a page of batches offers depends on where the batch stands, and whose it is.
func TestBatchOffers(t *testing.T) {
	s := open(t, &fake{})
	for state, want := range map[string][]string{
		"running": {"hx-get", "/cancel"}, "accepted": {"hx-get", "/cancel"}, "open": {"/cancel"}, "done": {"/retry", "/xlsx", "/csv", "/jsonl"},
		"stopped": {"/retry", "/cancel", "/xlsx", "/csv", "/jsonl"}, "cancelled": {"/xlsx", "/csv", "/jsonl"},
	} {
		body := s.ask("centre", "zh", "/console/batches/"+state, nil).Body.String()
		for _, offer := range []string{"hx-get", "/cancel", "/retry", "/xlsx", "/csv", "/jsonl"} {
			has, should := strings.Contains(body, offer+`"`) || strings.Contains(body, offer+"="), false
			for _, w := range want {
				should = should || w == offer
			}
			if has != should {
				t.Errorf("%s offers %s: %v", state, offer, has)
			}
		}
	}
	s.desk.sender = "another"
	if body := s.ask("centre", "zh", "/console/batches/done", nil).Body.String(); strings.Contains(body, "/xlsx") {
		t.Error("another's results are offered")
	}
}

// A file goes to the desk as it is, under its own name unless it is given one.
func TestBatchUpload(t *testing.T) {
	s := open(t, &fake{})
	w := s.post("centre", sentForm{action: "/console/batches", values: url.Values{"scheme": {"dibao"}, "on": {"2026-11-01"}}, files: []string{"upload"}})
	o := s.desk.filed
	if w.Code != http.StatusSeeOther || !strings.HasPrefix(w.Header().Get("Location"), "/console/batches/") || o.Scheme != "dibao" || o.On != "2026-11-01" || o.Title != "a.csv" || o.Size != int64(len("something")) {
		t.Errorf("%d %+v", w.Code, o)
	}
	s.desk.refuse = &wire.Refusal{Code: wire.BadFile, Fields: []wire.Field{{Name: "file.households 家庭.1.region", Rule: "missing_column"}}}
	w = s.post("centre", sentForm{action: "/console/batches", values: url.Values{"scheme": {"dibao"}, "title": {"十一月"}}, files: []string{"upload"}})
	if body := w.Body.String(); w.Code != http.StatusUnprocessableEntity || !strings.Contains(body, "households 家庭 1 region 缺少必需的列") || !strings.Contains(body, `value="十一月"`) {
		t.Errorf("%d %s", w.Code, alert(body))
	}
	s.desk.refuse = &wire.Refusal{Code: wire.Quota, Fields: []wire.Field{{Name: "rows", Rule: "at most 10"}}}
	w = s.post("centre", sentForm{action: "/console/batches", values: url.Values{"scheme": {"dibao"}}, files: []string{"upload"}})
	if body := w.Body.String(); w.Code != http.StatusConflict || !strings.Contains(alert(body), "请分批提交") {
		t.Errorf("%d %s", w.Code, alert(body))
	}
	if w := s.ask("centre", "zh", "/console/batches", url.Values{"scheme": {"dibao"}}); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("without a file: %d", w.Code)
	}
}

// Results come as a file to be kept, and what breaks off does not look whole.
func TestBatchFetched(t *testing.T) {
	s := open(t, &fake{})
	w := s.ask("centre", "zh", "/console/batches/done/csv", nil)
	if w.Code != 200 || w.Body.String() != "rows" || !strings.HasPrefix(w.Header().Get("Content-Disposition"), "attachment;") {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	if w := s.ask("centre", "zh", "/console/batches/done/pdf", nil); w.Code != http.StatusNotFound {
		t.Errorf("a form that there is none of: %d", w.Code)
	}
	s.desk.breaks = io.ErrUnexpectedEOF
	defer func() {
		if p := recover(); p != http.ErrAbortHandler { //nolint:errorlint // panics carry the value itself
			t.Errorf("a file that breaks off ends with %v", p)
		}
	}()
	s.ask("centre", "zh", "/console/batches/done/csv", nil)
	t.Error("a file that breaks off looks whole")
}
