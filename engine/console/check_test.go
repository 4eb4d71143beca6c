package console_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/engine/api/wire"
)

// asked is a form to check a household as somebody fills it in.
func asked(more ...string) url.Values {
	v := url.Values{
		"household_id": {"340104-000123"}, "region": {"340104"}, "scheme": {"dibao"}, "residence": {"urban"}, "authorization_number": {"SQ-1"},
		"on": {"2026-11-20"}, "rows_m": {"3"}, "declared_vehicles": {"皖A12345; 皖B12345"},
		"m1_name": {"某甲"}, "m1_id_number": {"340104198001010012"}, "m1_relation": {"head"}, "m1_wage": {"1200.50"},
		"m3_name": {"某丙"}, "m3_id_number": {"340104198102030020"}, "m3_relation": {"spouse"},
		"rows_a": {"1"}, "a1_member": {"3"}, "a1_code": {"student"},
	}
	for i := 0; i < len(more); i += 2 {
		v.Set(more[i], more[i+1])
	}
	return v
}

// values is what the form of a page says.
func values(t *testing.T, body string) map[string]string {
	out := map[string]string{}
	for _, e := range elements(t, body) {
		name := e.attributes["name"]
		if e.inside("main") == nil || name == "" || name == "do" {
			continue
		}
		switch e.Data {
		case "input":
			out[name] = e.attributes["value"]
		case "textarea":
			out[name] = e.text()
		case "select":
			for o := range e.Descendants() {
				if o.Data == "option" {
					a := elementOf(o).attributes
					if _, chosen := a["selected"]; chosen {
						out[name] = a["value"]
					}
				}
			}
		}
	}
	return out
}

// holds tells whether a form says all this.
func holds(t *testing.T, what string, got map[string]string, want map[string]string) {
	t.Helper()
	for name, value := range want {
		if got[name] != value {
			t.Errorf("%s: %s is %q, want %q", what, name, got[name], value)
		}
	}
}

// TestCheck tells what is asked of the desk, and where it goes on.
func TestCheck(t *testing.T) {
	var got wire.Check
	s := open(t, &fake{check: func(q wire.Check) (wire.Checked, error) {
		got = q
		return wire.Checked{ID: "v-000001", Verdict: []byte(`{}`)}, nil
	}})
	w := s.ask("verifier", "zh", "/console/check", asked())
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/console/verdicts/v-000001" {
		t.Fatalf("%d to %q: %s", w.Code, w.Header().Get("Location"), alert(w.Body.String()))
	}
	if got.On != "2026-11-20" {
		t.Errorf("the day is %q", got.On)
	}
	var request struct {
		Household     string            `json:"household_id"`
		Authorization map[string]string `json:"authorization"`
		Members       []struct {
			Name       string
			Attributes []struct{ Code string }
		}
		Assets struct{ Vehicles []string } `json:"declared_assets"`
	}
	if err := json.Unmarshal(got.Request, &request); err != nil {
		t.Fatal(err)
	}
	// Nothing is claimed of the paper but its number; who is not there is passed over.
	if diff := cmp.Diff(map[string]string{"number": "SQ-1"}, request.Authorization); diff != "" {
		t.Error(diff)
	}
	if len(request.Members) != 2 || request.Members[1].Name != "某丙" || len(request.Members[1].Attributes) != 1 || len(request.Assets.Vehicles) != 2 {
		t.Errorf("asked: %+v", request)
	}
}

// TestCheckWrong tells whether what is wrong is said above and at its field, and what was
// typed stays.
func TestCheckWrong(t *testing.T) {
	reached := false
	s := open(t, &fake{check: func(wire.Check) (wire.Checked, error) {
		reached = true
		return wire.Checked{}, nil
	}})
	form := asked("m3_id_number", "340104198102030021", "m1_wage", "12.345", "residence", "")
	for _, lang := range []string{"zh", "en"} {
		w := s.ask("verifier", lang, "/console/check", form)
		body := w.Body.String()
		s.judge("wrong, in "+lang, lang, body)
		if w.Code != http.StatusUnprocessableEntity || reached {
			t.Fatalf("%d, asked of the desk: %t", w.Code, reached)
		}
		wrong, linked := map[string]bool{}, map[string]bool{}
		for _, e := range elements(t, body) {
			if e.attributes["aria-invalid"] == "true" {
				wrong[e.attributes["name"]] = true
				if !strings.Contains(e.attributes["aria-describedby"], e.attributes["id"]+"-wrong") {
					t.Errorf("nothing says what is wrong with %s", e.attributes["name"])
				}
			}
			if to, ok := strings.CutPrefix(e.attributes["href"], "#"); ok && e.inside("main") != nil {
				linked[to] = true
			}
		}
		want := map[string]bool{"m3_id_number": true, "m1_wage": true, "residence": true}
		if diff := cmp.Diff(want, wrong); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(want, linked); diff != "" {
			t.Error(diff)
		}
		holds(t, "wrong", values(t, body), map[string]string{
			"m3_id_number": "340104198102030021", "m1_wage": "12.345", "m1_name": "某甲", "household_id": "340104-000123", "a1_member": "3",
			"declared_vehicles": "皖A12345; 皖B12345", "on": "2026-11-20",
		})
	}
}

// TestCheckRows adds rows and takes them out again.
func TestCheckRows(t *testing.T) {
	s := open(t, &fake{})
	for do, want := range map[string]map[string]string{
		"add:m":      {"rows_m": "4", "m1_name": "某甲", "m3_name": "某丙", "m4_name": "", "a1_member": "3"},
		"add:o":      {"rows_m": "3", "rows_o": "1", "m3_name": "某丙"},
		"remove:m:2": {"rows_m": "2", "m1_name": "某甲", "m2_name": "某丙", "a1_member": "2"},
		"remove:m:3": {"rows_m": "2", "m1_name": "某甲", "m2_name": "", "a1_member": ""},
		"remove:a:1": {"rows_a": "0", "m3_name": "某丙"},
		"remove:m:9": {"rows_m": "3", "m3_name": "某丙"},
		"remove:x:1": {"rows_m": "3", "m3_name": "某丙"},
		"add:":       {"rows_m": "3", "m3_name": "某丙"},
	} {
		w := s.ask("verifier", "zh", "/console/check", asked("do", do))
		body := w.Body.String()
		if w.Code != http.StatusOK {
			t.Errorf("%s: %d", do, w.Code)
		}
		s.judge(do, "zh", body)
		got := values(t, body)
		holds(t, do, got, want)
		if do == "remove:m:2" && got["m3_name"] != "" {
			t.Errorf("%s: %q is there twice", do, got["m3_name"])
		}
	}
	if got := s.desk.asked(); len(got) > 0 {
		t.Errorf("asked of the desk: %s", got)
	}
}

// table is cells as somebody copies them, with a household of so many members for each
// number.
func table(members ...int) string {
	var b strings.Builder
	b.WriteString("household_id\tregion\tscheme\tresidence\tauthorization_number\tvalid_from\tvalid_to\tsigned_by\tname\tid_number\tid_type\tbirth_date\trelation\tdeclared_vehicles\n")
	for h, n := range members {
		for i := range n {
			fmt.Fprintf(&b, "H-%d\t340104\tdibao\turban\tSQ-%d\t2026-01-01\t2026-12-31\tP1%02d\t成员%c\tP1%02d\tpassport\t1970-01-01\tother\t皖A12345;皖B12345\n", h+1, h+1, h, '甲'+rune(i), i)
		}
	}
	return b.String()
}

// upload sends the form with a file.
func (s *stand) upload(file string, form url.Values) *httptest.ResponseRecorder {
	var out bytes.Buffer
	m := multipart.NewWriter(&out)
	for name := range form {
		_ = m.WriteField(name, form.Get(name)) // it is memory
	}
	part, err := m.CreateFormFile("upload", "a.tsv")
	if err == nil {
		_, err = part.Write([]byte(file))
	}
	if err != nil || m.Close() != nil {
		s.t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(s.t.Context(), http.MethodPost, "/console/check", &out)
	r.Header.Set("Content-Type", m.FormDataContentType())
	r.AddCookie(&http.Cookie{Name: "hedui", Value: "verifier"})
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

// TestCheckFilled fills the form from cells that are pasted, and from a file.
func TestCheckFilled(t *testing.T) {
	s := open(t, &fake{})
	want := map[string]string{
		"household_id": "H-1", "authorization_number": "SQ-1", "rows_m": "12", "m1_name": "成员甲", "m12_id_number": "P111",
		"declared_vehicles": "皖A12345; 皖B12345", "on": "2026-11-20",
	}
	for what, w := range map[string]*httptest.ResponseRecorder{
		"pasted":   s.ask("verifier", "zh", "/console/check", asked("do", "paste", "paste", table(12))),
		"uploaded": s.upload(table(12), asked("do", "upload")),
	} {
		s.judge(what, "zh", w.Body.String())
		if w.Code != http.StatusOK {
			t.Errorf("%s: %d %s", what, w.Code, alert(w.Body.String()))
		}
		got := values(t, w.Body.String())
		holds(t, what, got, want)
		// The household that stood there before is gone, all of it.
		if got["m1_wage"] != "" || got["a1_code"] != "" {
			t.Errorf("%s: something is left of who was there before: %v", what, got)
		}
	}

	// Several households are a list to choose one of.
	w := s.upload(table(1, 2, 3), asked("do", "upload"))
	s.judge("several", "zh", w.Body.String())
	var held []string
	for _, e := range elements(t, w.Body.String()) {
		if e.attributes["name"] == "held" {
			held = append(held, e.attributes["value"])
		}
	}
	if len(held) != 3 {
		t.Fatalf("%d households to choose from", len(held))
	}
	form := asked("do", "pick:1")
	form["held"] = held
	w = s.ask("verifier", "zh", "/console/check", form)
	holds(t, "picked", values(t, w.Body.String()), map[string]string{"household_id": "H-2", "rows_m": "2", "m2_id_number": "P101"})

	// What can't be read leaves the form as it was, and says why.
	for what, w := range map[string]*httptest.ResponseRecorder{
		"pasted rubbish":   s.ask("verifier", "zh", "/console/check", asked("do", "paste", "paste", "no\theadings")),
		"pasted nothing":   s.ask("verifier", "zh", "/console/check", asked("do", "paste")),
		"a bad cell":       s.ask("verifier", "zh", "/console/check", asked("do", "paste", "paste", strings.Replace(table(2), "1970-01-01", "1970-13-01", 1))),
		"uploaded rubbish": s.upload("PK\x03\x04rubbish", asked("do", "upload")),
		"uploaded nothing": s.upload("", asked("do", "upload")),
		"too many":         s.upload(table(make101()...), asked("do", "upload")),
		"picked nobody":    s.ask("verifier", "zh", "/console/check", asked("do", "pick:7")),
		"picked rubbish":   s.ask("verifier", "zh", "/console/check", asked("do", "pick:0", "held", `{"household_id":`)),
	} {
		s.judge(what, "zh", w.Body.String())
		if w.Code < 400 || w.Code >= 500 || alert(w.Body.String()) == "" && !strings.Contains(w.Body.String(), "需要更正的地方") {
			t.Errorf("%s: %d %q", what, w.Code, alert(w.Body.String()))
		}
		holds(t, what, values(t, w.Body.String()), map[string]string{"household_id": "340104-000123", "m3_name": "某丙", "a1_code": "student"})
	}
	if got := s.desk.asked(); len(got) > 0 {
		t.Errorf("asked of the desk: %s", got)
	}
}

func make101() []int {
	out := make([]int, 101)
	for i := range out {
		out[i] = 1
	}
	return out
}

// TestCheckRefused tells what a page says of a request that was turned away, and what it
// offers to do about it.
func TestCheckRefused(t *testing.T) {
	var answer wire.Checked
	var refusal error
	s := open(t, &fake{check: func(wire.Check) (wire.Checked, error) { return answer, refusal }})
	for _, c := range []struct {
		code           string
		look, register bool
	}{
		{"authorization_unknown", false, true},
		{"authorization_missing", false, true},
		{"authorization_withdrawn", true, true},
		{"authorization_expired", true, true},
		{"authorization_members", true, true},
		{"invalid_request", false, false},
	} {
		for _, asAnError := range []bool{false, true} {
			if asAnError && c.code == "invalid_request" {
				continue
			}
			answer, refusal = wire.Checked{Verdict: []byte(`{"outcome":"refused","findings":[{"code":"` + c.code + `"}]}`)}, nil
			if asAnError {
				answer, refusal = wire.Checked{}, wire.Refuse(wire.Code(c.code))
			}
			w := s.ask("verifier+intake", "zh", "/console/check", asked())
			body := w.Body.String()
			s.judge(c.code, "zh", body)
			if said := alert(body); w.Code < 400 || w.Code >= 500 || said == "" || strings.Contains(said, c.code) {
				t.Errorf("%s: %d %q", c.code, w.Code, said)
			}
			look, register := strings.Contains(body, `href="/console/authorizations/SQ-1"`), strings.Contains(body, `href="/console/authorizations/new?household=340104-000123"`)
			if look != c.look || register != c.register {
				t.Errorf("%s (an error: %t): to look %t, to register %t", c.code, asAnError, look, register)
			}
			holds(t, c.code, values(t, body), map[string]string{"m3_name": "某丙", "m1_wage": "1200.50", "authorization_number": "SQ-1"})
		}
	}
}

// TestCheckPrefilled tells what an authorisation fills in: nothing of a person, who is
// masked there.
func TestCheckPrefilled(t *testing.T) {
	s := open(t, &fake{change: func(v any) {
		if a, ok := v.(*wire.Authorization); ok {
			a.Number, a.Household, a.Division, a.Purposes, a.Members = "SQ-1", "H-1", "340104000000", []string{"housing", "dibao"}, make([]wire.Signer, 5)
			for i := range a.Members {
				a.Members[i] = wire.Signer{Name: "某*", IDNumber: "340***12"}
			}
		}
	}})
	body := s.ask("verifier", "zh", "/console/check?authorization=SQ-1", nil).Body.String()
	s.judge("prefilled", "zh", body)
	holds(t, "prefilled", values(t, body), map[string]string{
		"authorization_number": "SQ-1", "household_id": "H-1", "region": "340104", "scheme": "dibao", "rows_m": "5", "m1_name": "", "m5_id_number": "",
	})
	if strings.Contains(body, "某*") || strings.Contains(body, "340***") {
		t.Error("something masked stands in the form")
	}
}

// TestTemplate tells whether the form that is downloaded is a workbook.
func TestTemplate(t *testing.T) {
	s := open(t, &fake{})
	w := s.ask("verifier", "zh", "/console/template.xlsx", nil)
	if w.Code != http.StatusOK || !bytes.HasPrefix(w.Body.Bytes(), []byte("PK")) || !strings.Contains(w.Header().Get("Content-Disposition"), "attachment") {
		t.Errorf("%d %q", w.Code, w.Header())
	}
	if w := s.upload(w.Body.String(), asked("do", "upload")); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("uploaded without a household: %d", w.Code)
	}
}
