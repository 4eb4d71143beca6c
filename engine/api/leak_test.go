package api_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/hedui/hedui/engine/api"
)

// What must never come back: a number with a right check digit and a name, neither of
// which is anybody's.
const (
	canaryID   = "340104198002306127"
	canaryName = "欧阳金丝雀"
)

// forms are the ways in which a canary could be said.
func forms(t testing.TB) []string {
	t.Helper()
	var out []string
	for _, c := range []string{canaryID, canaryName} {
		gbk, err := simplifiedchinese.GBK.NewEncoder().String(c)
		if err != nil {
			t.Fatal(err)
		}
		quoted, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, c, gbk, strings.Trim(string(quoted), `"`), url.QueryEscape(c), hex.EncodeToString([]byte(c)), base64.StdEncoding.EncodeToString([]byte(c)))
	}
	// What of a number is left when it is only cut short.
	return append(out, canaryID[:14], canaryID[6:])
}

// sung counts the canaries in a text.
func sung(t testing.TB, text string) (hits int) {
	for _, f := range forms(t) {
		hits += strings.Count(text, f)
	}
	return hits
}

// mutations are bodies with a canary in a place where it doesn't belong: every field
// in turn with a value of another type, an unknown field, a field twice, no JSON.
func mutations(t testing.TB, body any) []string {
	t.Helper()
	whole := text(t, body)
	if body == nil {
		return []string{`{"` + canaryID + `":1}`}
	}
	out := []string{
		whole[:len(whole)-1] + `,"` + canaryID + `":"` + canaryName + `"}`,
		whole + canaryID,
		`"` + canaryID + `"`,
		canaryID,
		canaryName,
		`{"x":"` + canaryID,
		`[{"` + canaryName + `":"` + canaryID + `"}]`,
		`{"` + canaryID + `":1,"` + canaryID + `":2}`,
	}
	fields, _ := body.(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		for _, v := range []any{
			canaryID, canaryName,
			map[string]any{canaryID: canaryName},
			[]any{canaryID, map[string]any{canaryName: canaryID}},
			json.RawMessage(canaryID), strings.Repeat(canaryID, 200),
		} {
			changed := maps.Clone(fields)
			changed[name] = v
			out = append(out, text(t, changed))
		}
	}
	return out
}

// TestNothingIsSaidBack sends canaries in every field, every parameter and every place
// of every route's address, and looks for them in refusals, the log and the metrics.
// What an answer says of what was accepted is the desk's to mask and not looked at.
func TestNothingIsSaidBack(t *testing.T) {
	s := open(t)
	hits, refused, calls := hunt(t, s)
	if hits > 0 {
		t.Errorf("%d canaries came back", hits)
	}
	if refused < 1000 {
		t.Errorf("only %d of %d requests were refused", refused, calls)
	}
	t.Logf("%d requests, %d refused", calls, refused)
}

// TestTheHuntFinds puts a canary where it must be found.
func TestTheHuntFinds(t *testing.T) {
	s := open(t, func(o *api.Options) {
		o.Checks = nil
		o.Log.Info("a leak", "id", canaryName)
	})
	if hits, _, _ := hunt(t, s); hits == 0 {
		t.Error("a canary in the log was not found")
	}
}

func hunt(t *testing.T, s *stand) (hits, refused, calls int) {
	d := readDoc(t, s.Server)
	look := func(role, method, path, body string, change ...func(*http.Request)) {
		calls++
		w := s.ask(role, method, path, body, change...)
		if w.Code < 400 {
			return
		}
		refused++
		var all bytes.Buffer
		all.Write(w.Body.Bytes())
		for name, values := range w.Header() {
			all.WriteString(name + strings.Join(values, "\n"))
		}
		if n := sung(t, all.String()); n > 0 {
			hits += n
			t.Logf("%s %s: %d %s", method, path, w.Code, w.Body)
		}
	}
	for _, r := range s.Routes() {
		role := roleFor(r.Operation)
		path := d.path(r, "")
		body := d.body(r)
		for _, m := range mutations(t, body) {
			look(role, r.Method, path, m)
		}
		good := text(t, body)
		look(role, r.Method, path+"?"+canaryID+"="+url.QueryEscape(canaryName), good)
		look(role, r.Method, path+"?x=%zz"+canaryID, good)
		look(role, r.Method, path+"/"+canaryID, good)
		look(role, r.Method, path+"//"+canaryID, good)
		look(role, "PUT", path+"/../"+canaryID, good)
		look(role, canaryID, path, good)
		look(role, r.Method, path, good, func(r *http.Request) {
			r.Header.Set("Authorization", "Bearer "+canaryID)
			r.Header.Set("Accept", canaryID)
		})
		look(role, r.Method, path, good, func(r *http.Request) {
			r.Header.Del("Authorization")
			r.Header.Set("Cookie", "hedui="+canaryID+"; __Host-hedui="+canaryID)
			r.Header.Set("Accept-Language", canaryID)
		})
		look(role, r.Method, path, good, func(r *http.Request) {
			r.Header.Set("Content-Type", "application/"+canaryID)
			r.Header.Set("Content-Encoding", canaryID)
			r.Header.Set("X-Request-Id", canaryID)
		})
		if o := d.operation(r); o != nil {
			for _, p := range o.Parameters {
				if p.In == "query" {
					look(role, r.Method, path+"?"+p.Name+"="+canaryID, good)
					look(role, r.Method, path+"?"+p.Name+"="+url.QueryEscape(canaryName), good)
				}
			}
		}
		if strings.Contains(r.Path, "{") {
			look(role, r.Method, d.path(r, url.PathEscape(canaryName)), good)
			for _, err := range []error{errors.New("a store failed at " + canaryID), nil} {
				s.desk.fails = func(string) error {
					if err == nil {
						panic(canaryID)
					}
					return err
				}
				look(role, r.Method, d.path(r, canaryID), good)
			}
			s.desk.fails = nil
			look(role, r.Method, d.path(r, canaryID), good)
		}
	}
	if n := sung(t, s.log.String()); n > 0 {
		hits += n
		t.Logf("the log has %d", n)
	}
	if n := sung(t, s.ask("metrics", "GET", "/metrics", "").Body.String()); n > 0 {
		hits += n
		t.Logf("the metrics have %d", n)
	}
	return hits, refused, calls
}
