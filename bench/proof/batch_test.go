package proof

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hedui/hedui/engine/access"
)

// A city's machine sends a batch over HTTP, watches it and fetches its results: each
// household is answered as a check at the counter answers it, once, however often the batch
// is sent; of another city nobody learns anything.
func TestBatchOverHTTP(t *testing.T) {
	w := newWorld(t, 30)
	c := w.crew()
	city := w.hire("city", "340104", []string{"dibao"}, "centre")
	w.issue(city, every()...)
	w.senders["city"] = access.Subject{
		Account: "city", Roles: access.RolesOf(access.Centre), Division: "340104", Purposes: []string{"dibao"}, Classes: access.AllClasses(),
	}
	var file strings.Builder
	var families []*family
	for i := 1; i <= 20; i++ {
		f := newFamily(i, "340104", "dibao")
		if i%5 == 0 {
			f.division = "340111" // another county's
		}
		if i%7 != 0 { // of some nobody has registered anything
			w.want(201, w.crewOf(c, f), "POST", "/api/v1/authorizations", f.registration())
		}
		families = append(families, f)
		file.Write(f.request())
		file.WriteByte('\n')
	}
	w.key = "november"
	var b, again struct {
		ID       string `json:"id"`
		State    string `json:"state"`
		Rows     int    `json:"rows"`
		Finished int    `json:"finished"`
		Refused  int    `json:"refused"`
		Refusals []struct {
			Code string `json:"code"`
			Zh   string `json:"zh"`
			Rows int    `json:"rows"`
		} `json:"refusals"`
	}
	w.want(202, city, "POST", "/api/v1/batches?scheme=dibao&on=2026-11-01&name=11", []byte(file.String())).read(&b)
	w.want(202, city, "POST", "/api/v1/batches?scheme=dibao&on=2026-11-01", []byte(file.String())).read(&again)
	if b.ID == "" || b.ID != again.ID || b.Rows != 20 {
		t.Fatalf("sent twice: %+v, %+v", b, again)
	}
	w.refused("exists", city, "POST", "/api/v1/batches?scheme=dibao", []byte(file.String()+"{}\n"))
	w.key = ""
	w.refused("state_refuses", city, "GET", "/api/v1/batches/"+b.ID+"/results", nil)
	if worked, err := w.batches.Work(t.Context()); !worked || err != nil {
		t.Fatal(worked, err)
	}
	w.want(200, city, "GET", "/api/v1/batches/"+b.ID, nil).read(&b)
	if b.State != "done" || b.Finished != 20 || b.Refused != 6 || len(b.Refusals) != 1 || b.Refusals[0].Zh == "" {
		t.Errorf("%+v", b)
	}
	got := strings.Split(strings.TrimSuffix(string(w.want(200, city, "GET", "/api/v1/batches/"+b.ID+"/results", nil).body), "\n"), "\n")
	if len(got) != len(families) {
		t.Fatalf("%d lines of %d", len(got), len(families))
	}
	for i, f := range families {
		want := strings.TrimSuffix(string(w.want(200, city, "POST", "/api/v1/checks?on=2026-11-01", f.request()).body), "\n")
		if got[i] != want {
			t.Errorf("%s: in the batch %s\nat the counter %s", f.number, got[i], want)
		}
	}
	for _, format := range []string{"csv", "xlsx"} {
		a := w.want(200, city, "GET", "/api/v1/batches/"+b.ID+"/results?format="+format, nil)
		if !strings.Contains(a.header.Get("Content-Disposition"), b.ID+"."+format) || len(a.body) < 1000 {
			t.Errorf("%s: %v", format, a.header)
		}
		if format == "csv" && (!strings.Contains(string(a.body), "接收方 city 340104") || strings.Contains(string(a.body), ".00,")) {
			t.Errorf("%s", a.body)
		}
	}
	w.refused("bad_file", city, "POST", "/api/v1/batches?scheme=dibao", []byte("姓名,住址\n某人,某地\n"))
	w.refused("forbidden", c.intake, "POST", "/api/v1/batches?scheme=dibao", []byte(file.String()))
	other := w.hire("other", "340203", []string{"dibao"}, "centre")
	w.issue(other, every()...)
	for _, path := range []string{"", "/results"} {
		w.refused("not_found", other, "GET", "/api/v1/batches/"+b.ID+path, nil)
	}
}

// crewOf is who registers the authorisation of a family.
func (w *world) crewOf(c *crew, f *family) *person {
	if f.division == "340104" {
		return c.intake
	}
	name := fmt.Sprint("intake-", f.division)
	if w.elsewhere == nil {
		w.elsewhere = w.hire(name, f.division, []string{"dibao"}, "intake")
		w.signIn(w.elsewhere)
	}
	return w.elsewhere
}
