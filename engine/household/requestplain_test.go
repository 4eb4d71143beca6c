package household_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/hedui/hedui/engine/household"
)

// sameRequest fails unless a buffer reads a line as ParseRequest does.
func sameRequest(t interface{ Fatalf(string, ...any) }, buffer *household.RequestBuffer, line []byte) {
	want, wantErr := household.ParseRequest(line)
	got, err := buffer.Parse(line)
	if !errors.Is(err, wantErr) {
		t.Fatalf("error %v, want %v\n%s", err, wantErr, line)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("%s\n%s", diff, line)
	}
}

// oddities are changes of a line that the plain reader has to notice, or to take as
// they are.
var oddities = [][2]string{
	{`"household_id"`, `"Household_ID"`},
	{`"household_id"`, `"\u0068ousehold_id"`},
	{`"household_id"`, `"household_id":"x","household_id"`},
	{`"members"`, `"mem\u017fbers"`},
	{`"members"`, `"member\u017f"`},
	{`"members"`, "\"member\u017f\""},
	{`"members"`, `"unknown":{"a":[1,-2,true,false,null,"x",{}],"b":[]},"members"`},
	{`"members"`, `"unknown":1.5,"members"`},
	{`"members"`, `"UNKNOWN":1,"members"`},
	{`"members"`, `"unknown":"a\nb","members"`},
	{`"members":[`, `"members":[null,`},
	{`"members":[`, `"members":[{},`},
	{`"members":[`, `"members":null,"other":[`},
	{`"residence":"urban"`, `"residence":""`},
	{`"residence":"urban"`, `"residence":null`},
	{`"residence":"urban",`, ``},
	{`"scheme":"dibao"`, `"scheme":""`},
	{`"region":"340104"`, `"region":340104`},
	{`"region":"340104"`, "\"region\":\"34\xff\""},
	{`"region":"340104"`, "\"region\":\"34\x01\""},
	{`"region":"340104"`, `"region":"一二三四"`},
	{`"region":"340104"`, ` "region" : "340104" `},
	{`"valid_from":"2026-01-01"`, `"valid_from":"2026-02-30"`},
	{`"valid_from":"2026-01-01",`, ``},
	{`"signed_by":[`, `"signed_by":["",`},
	{`"signed_by":[`, `"signed_by":[],"data_classes":[`},
	{`"data_classes":[`, `"data_classes":[],"x":[`},
	{`"data_classes":[`, `"data_classes":null,"x":[`},
	{`"signed_by":[`, `"signed_by":null,"x":[`},
	{`"vehicles":[`, `"vehicles":null,"x":[`},
	{`"vehicles":[`, `"vehicles":nul,"x":[`},
	{`"properties":[`, `"properties":null,"x":[`},
	{`"declared_income":[`, `"declared_income":null,"x":[`},
	{`"purpose":"dibao"`, `"purpose":""`},
	{`"relation":"head"`, `"relation":"head","excluded":"clergy","sex":"female","birth_date":"1949-12-31","id_type":"passport"`},
	{`"relation":"head"`, `"relation":"head","excluded":"moon"`},
	{`"relation":"head"`, `"relation":"head","excluded":"","sex":"","birth_date":"","id_type":""`},
	{`"relation":"head"`, `"relation":"head","attributes":[{"code":"a","grade":99}]`},
	{`"relation":"head"`, `"relation":"head","attributes":null`},
	{`"relation":"head"`, `"relation":"head","attributes":7`},
	{`"relation":"head"`, `"relation":"head","attributes":"\u0061"`},
	{`"relation":"head"`, `"relation":"head","country":"CHN","division":"340104"`},
	{`120000`, `-0`},
	{`120000`, `-1`},
	{`120000`, `0120000`},
	{`120000`, `1e3`},
	{`120000`, `1000000000000000`},
	{`120000`, `1000000000000001`},
	{`120000`, `99999999999999999999`},
	{`"monthly_fen"`, `"monthly_fen":3,"monthly_fen"`},
	{`"declared_assets"`, `"applied_on":"2026-10-20","application":null,"receiving":[],"declared_assets"`},
	{`"declared_assets"`, `"applied_on":1,"application":"x","receiving":["Ä"],"declared_assets"`},
	{`"declared_assets"`, `"obligors":[{"supports":[1,1],"agreement":{}}],"expenses":[{"type":"a","member":1}],"declared_assets"`},
	{`"properties":["`, `"properties":[],"attributes":[{"code":"x","asset":""}],"x":["`},
	{`"vehicles":[`, `"vehicles":[],"x":[`},
	{`"financial_fen":800000`, `"financial_fen":-5`},
	{`"authorization":{`, `"authorization":null,"x":{`},
	{`"authorization":{`, `"authorization":{"purposes":["dibao"],`},
	{`"authorization":{`, `"authorization":[],"x":{`},
	{`]`, `,]`},
	{`{`, `{,`},
	{`}`, `}}`},
	{`}`, ``},
	{`:`, ``},
	{`,`, `,,`},
	{`"`, ``},
}

func TestPlainReaderIsParseRequest(t *testing.T) {
	lines := []string{goodRequest, plainRequest, fullRequest, "", " ", "{}", "[]", "null", `{"household_id":""}`, `{"household_id":"x"}`, "\ufeff" + goodRequest, goodRequest + " \n", goodRequest + "x"}
	var buffer household.RequestBuffer
	for _, line := range lines {
		sameRequest(t, &buffer, []byte(line))
		for _, o := range oddities {
			sameRequest(t, &buffer, []byte(strings.Replace(line, o[0], o[1], 1)))
			sameRequest(t, &buffer, []byte(strings.ReplaceAll(line, o[0], o[1])))
		}
	}
	for i := range len(goodRequest) { // cut anywhere
		sameRequest(t, &buffer, []byte(goodRequest[:i]))
	}
}

// TestPlainReaderReadsWhatItIsFor sees that the usual request is not left to encoding/json.
func TestPlainReaderReadsWhatItIsFor(t *testing.T) {
	var buffer household.RequestBuffer
	line := []byte(plainRequest)
	parse := func() {
		if _, err := buffer.Parse(line); err != nil {
			t.Fatal(err)
		}
	}
	if parse(); testing.AllocsPerRun(100, parse) != 0 {
		t.Error("a plain request allocates")
	}
}

func TestPlainReaderOnAnyRequest(t *testing.T) {
	var buffer household.RequestBuffer
	word := rapid.SampledFrom([]string{`"urban"`, `"rural"`, `"dibao"`, `"tax"`, `"2026-01-31"`, `"2026-1-3"`, `"head"`, `"male"`, `"wage"`, `"clergy"`, `"passport"`, `""`, `"王"`, `"\t"`, `null`, `true`, `0`, `-1`, `17`, `1.0`})
	names := []string{
		"household_id", "region", "scheme", "residence", "authorization", "members", "declared_assets", "applied_on", "receiving", "number", "valid_from", "valid_to",
		"signed_by", "purpose", "data_classes", "purposes", "name", "id_number", "id_type", "relation", "birth_date", "sex", "excluded", "declared_income", "type",
		"monthly_fen", "financial_fen", "vehicles", "properties", "attributes", "code", "asset", "X", "other",
	}
	var value func(depth int) *rapid.Generator[string]
	value = func(depth int) *rapid.Generator[string] {
		return rapid.Custom(func(t *rapid.T) string {
			kind := rapid.IntRange(0, 5).Draw(t, "kind")
			if depth == 0 || kind < 3 {
				return word.Draw(t, "word")
			}
			var parts []string
			for range rapid.IntRange(0, 4).Draw(t, "n") {
				part := value(depth-1).Draw(t, "value")
				if kind > 3 {
					part = fmt.Sprintf("%q:%s", rapid.SampledFrom(names).Draw(t, "key"), part)
				}
				parts = append(parts, part)
			}
			if kind > 3 {
				return "{" + strings.Join(parts, ",") + "}"
			}
			return "[" + strings.Join(parts, ", ") + "]"
		})
	}
	rapid.Check(t, func(t *rapid.T) {
		// A good request with one value replaced, or any object at all.
		line := value(4).Draw(t, "line")
		if rapid.Bool().Draw(t, "mostly good") {
			base := rapid.SampledFrom([]string{goodRequest, plainRequest, fullRequest}).Draw(t, "base")
			at := rapid.IntRange(0, len(base)).Draw(t, "at")
			if i := strings.IndexByte(base[at:], ':'); i >= 0 {
				at += i + 1
				line = base[:at] + value(2).Draw(t, "value") + "," + `"` + rapid.SampledFrom(names).Draw(t, "key") + `":` + base[at:]
			}
		}
		sameRequest(t, &buffer, []byte(line))
	})
}

func FuzzPlainReader(f *testing.F) {
	for _, line := range []string{goodRequest, plainRequest, fullRequest} {
		f.Add([]byte(line))
		for _, o := range oddities {
			f.Add([]byte(strings.Replace(line, o[0], o[1], 1)))
		}
	}
	var buffer household.RequestBuffer
	f.Fuzz(func(t *testing.T, line []byte) { sameRequest(t, &buffer, line) })
}
