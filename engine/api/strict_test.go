package api

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/engine/api/wire"
)

func TestScan(t *testing.T) {
	request := shapeOf(reflect.TypeFor[wire.CheckRequest]())
	deep := strings.Repeat("[", maxDepth+1) + strings.Repeat("]", maxDepth+1)
	for _, c := range []struct {
		name, body string
		code       wire.Code // "" when it may pass
		field      string
	}{
		{"a request", `{"household_id":"1","members":[{"name":"x","declared_income":[{"type":"wage","monthly_fen":1}]}]}`, "", ""},
		{"white space", " {\n\t\"household_id\" : \"1\" }\r\n", "", ""},
		{"numbers", `{"declared_assets":{"financial_fen":-0.5e+3}}`, "", ""},
		{"words", `{"obligors":[{"signed":true},{"signed":false},{"agreement":null}]}`, "", ""},
		{"escapes", `{"household_id":"\"\\\/\b\f\n\r\té"}`, "", ""},
		{"escaped key", `{"household\u005fid":"1"}`, "", ""},
		{"wrong type is the schema's business", `{"members":{"a":1}}`, "", ""},
		{"empty", ``, wire.BadJSON, ""},
		{"two values", `{} {}`, wire.BadJSON, ""},
		{"a comma at the end", `{"household_id":"1",}`, wire.BadJSON, ""},
		{"a leading zero", `{"declared_assets":{"financial_fen":01}}`, wire.BadJSON, ""},
		{"no digits after the point", `{"declared_assets":{"financial_fen":1.}}`, wire.BadJSON, ""},
		{"half a word", `{"obligors":[{"signed":tru}]}`, wire.BadJSON, ""},
		{"a control character", "{\"household_id\":\"\x01\"}", wire.BadJSON, ""},
		{"no UTF-8", "{\"household_id\":\"\xff\"}", wire.BadJSON, ""},
		{"a bad escape", `{"household_id":"\x"}`, wire.BadJSON, ""},
		{"cut off", `{"household_id":"1`, wire.BadJSON, ""},
		{"NaN", `{"declared_assets":{"financial_fen":NaN}}`, wire.BadJSON, ""},
		{"twice", `{"household_id":"1","household_id":"2"}`, wire.DuplicateKey, "household_id"},
		{"twice, once escaped", `{"household_id":"1","household\u005fid":"2"}`, wire.DuplicateKey, "household_id"},
		{"twice in a member", `{"members":[{},{"name":"x","name":"y"}]}`, wire.DuplicateKey, "members[1].name"},
		{"twice where no object is expected", `{"members":[1,{"name":{"a":1,"a":2}}]}`, wire.DuplicateKey, "members[1].name"},
		{"other case", `{"Household_ID":"1"}`, wire.UnknownField, ""},
		{"unknown in a member", `{"members":[{"secret":"x"}]}`, wire.UnknownField, "members[0]"},
		{"deep", deep, wire.TooDeep, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got wire.Refusal
			if r := scan([]byte(c.body), request); r != nil {
				got = *r
			}
			if got.Code != c.code {
				t.Fatalf("code %q, want %q", got.Code, c.code)
			}
			field := ""
			if len(got.Fields) > 0 && c.field != "" {
				field = got.Fields[0].Name
			}
			if field != c.field {
				t.Errorf("field %q, want %q", field, c.field)
			}
		})
	}
}

// twice reports whether some object has a key twice, by the decoder of the standard
// library.
func twice(d *json.Decoder) (dup bool, err error) {
	token, err := d.Token()
	if err != nil {
		return false, err
	}
	delim, _ := token.(json.Delim)
	seen := map[string]bool{}
	for delim != 0 && d.More() {
		if delim == '{' {
			key, err := d.Token()
			if err != nil {
				return dup, err
			}
			dup = dup || seen[key.(string)]
			seen[key.(string)] = true
		}
		inner, err := twice(d)
		if err != nil {
			return dup, err
		}
		dup = dup || inner
	}
	if delim != 0 {
		_, err = d.Token()
	}
	return dup, err
}

// FuzzScan holds the scanner to the decoder: what it lets pass is valid and says
// nothing twice, and what is valid it refuses for one of its own reasons only.
func FuzzScan(f *testing.F) {
	for _, s := range []string{
		`{"a":[1,2,{"b":null}]}`, `{"a":1,"a":2}`, `[[[["\u00e9"]]]]`, `-0.5e+10`, `"\ud800"`, `{"":{"":1}}`, "{\"\\u0061\":1,\"a\":2}", ` tru`, `{"a" 1}`,
	} {
		f.Add([]byte(s))
	}
	free := &shape{free: true}
	known := shapeOf(reflect.TypeFor[wire.CheckRequest]())
	f.Fuzz(func(t *testing.T, b []byte) {
		r := scan(b, free)
		valid := json.Valid(b)
		switch {
		case r == nil:
			if !valid {
				t.Fatal("it let pass what is not valid")
			}
			if dup, err := twice(json.NewDecoder(strings.NewReader(string(b)))); dup || err != nil {
				t.Fatalf("it let pass a key twice: %v %v", dup, err)
			}
		case r.Code == wire.BadJSON && valid && strings.ToValidUTF8(string(b), "") == string(b):
			t.Fatal("it refused what is valid")
		}
		if k := scan(b, known); k != nil {
			for _, field := range k.Fields {
				for part := range strings.SplitSeq(field.Name, ".") {
					name, _, _ := strings.Cut(part, "[")
					if _, ok := allNames(known)[name]; name != "" && !ok {
						t.Fatalf("it said %q", field.Name)
					}
				}
			}
		}
	})
}

func allNames(s *shape) map[string]bool {
	names := map[string]bool{}
	s.walk(names)
	return names
}

func TestShapeOfEmbedded(t *testing.T) {
	got := allNames(shapeOf(reflect.TypeFor[wire.UserChange]()))
	want := map[string]bool{"version": true, "roles": true, "division": true, "purposes": true, "reason": true}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func BenchmarkScan(b *testing.B) {
	body := []byte(`{"household_id":"340104-000123","region":"340104","scheme":"dibao","residence":"urban","authorization":{"number":"SQ340104-000123","valid_from":"2026-01-01","valid_to":"2026-12-31","signed_by":["x"],"purpose":"dibao","data_classes":["tax","vehicle","property","bank","insurance"]},"members":[{"name":"x","id_number":"y","id_type":"resident_id","relation":"head","declared_income":[{"type":"wage","monthly_fen":120000}]}],"declared_assets":{"financial_fen":800000,"vehicles":["z"],"properties":["u"]}}`)
	s := shapeOf(reflect.TypeFor[wire.CheckRequest]())
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if r := scan(body, s); r != nil {
			b.Fatal(r)
		}
	}
}
