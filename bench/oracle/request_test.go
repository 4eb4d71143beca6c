package oracle

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Edits of the couple's request.
func put(field string, value any) func(map[string]any) {
	return func(r map[string]any) { r[field] = value }
}

func without(field string) func(map[string]any) {
	return func(r map[string]any) { delete(r, field) }
}

func authority(field string, value any) func(map[string]any) {
	return func(r map[string]any) { r["authorization"].(map[string]any)[field] = value }
}

func assets(field string, value any) func(map[string]any) {
	return func(r map[string]any) { r["declared_assets"].(map[string]any)[field] = value }
}

func memberField(number int, field string, value any) func(map[string]any) {
	return func(r map[string]any) { r["members"].([]any)[number-1].(map[string]any)[field] = value }
}

func addMember(fields map[string]any) func(map[string]any) {
	return func(r map[string]any) { r["members"] = append(r["members"].([]any), fields) }
}

func declare(line string, monthly any) []any {
	return []any{map[string]any{"type": line, "monthly_fen": monthly}}
}

func TestRefusals(t *testing.T) {
	type edits = []func(map[string]any)
	for _, c := range []struct {
		name  string
		edits edits
		code  string // empty: not refused
	}{
		{"in order", nil, ""},
		{"last day", edits{authority("valid_to", "2026-11-01")}, ""},
		{"first day", edits{authority("valid_from", "2026-11-01")}, ""},
		{"no authorization", edits{without("authorization")}, "authorization_missing"},
		{"null authorization", edits{put("authorization", nil)}, "authorization_missing"},
		{"day after the last", edits{authority("valid_to", "2026-10-31")}, "authorization_expired"},
		{"day before the first", edits{authority("valid_from", "2026-11-02")}, "authorization_expired"},
		{"expired before purpose", edits{authority("valid_to", "2026-10-31"), authority("purpose", "x")}, "authorization_expired"},
		{"purpose is the scheme", edits{authority("purpose", "dibao")}, ""},
		{"other purpose", edits{authority("purpose", "tekun")}, "authorization_purpose"},
		{"purpose before signatures", edits{authority("purpose", "x"), authority("signed_by", nil)}, "authorization_purpose"},
		{"nobody signed", edits{authority("signed_by", []string{" "})}, "authorization_incomplete"},
		{"one adult did not sign", edits{authority("signed_by", []string{anna.id})}, "authorization_incomplete"},
		{"signed with 15 digits", edits{authority("signed_by", []string{anna.id[:6] + anna.id[8:17], bert.id})}, ""},
		{"signatures before invalid", edits{authority("signed_by", []string{anna.id}), put("residence", "sea")}, "authorization_incomplete"},
		{"excluded adult need not sign", edits{authority("signed_by", []string{anna.id}), memberField(2, "excluded", "missing")}, ""},
		{"minor need not sign", edits{addMember(map[string]any{"name": child.name, "id_number": child.id, "relation": "child"})}, ""},
		{"age unknown counts as adult", edits{addMember(map[string]any{"name": "N", "id_number": "E1", "id_type": "passport", "relation": "child"})}, "authorization_incomplete"},
		{"age by birth_date", edits{addMember(map[string]any{"name": "N", "id_number": "E1", "id_type": "passport", "relation": "child", "birth_date": "2015-01-01"})}, ""},
		{"passport signs", edits{
			addMember(map[string]any{"name": "N", "id_number": "e 1", "id_type": "passport", "relation": "child"}),
			authority("signed_by", []string{anna.id, bert.id, "E1"}),
		}, ""},
		{"unreadable valid_from", edits{authority("valid_from", "2026/1/1")}, "invalid_request"},
		{"valid_to absent", edits{authority("valid_to", "")}, "invalid_request"},
		{"no counted member", edits{memberField(1, "excluded", "clergy"), memberField(2, "excluded", "non_resident")}, "invalid_request"},
		{"member without a name", edits{memberField(1, "name", "\u200b ")}, "invalid_request"},
		{"wrong document, signed", edits{memberField(1, "id_number", "123"), authority("signed_by", []string{"123", bert.id})}, "invalid_request"},
		{"the same person twice", edits{memberField(2, "id_number", anna.id[:6]+anna.id[8:17])}, "invalid_request"},
		{"the same person excluded", edits{addMember(map[string]any{"id_number": anna.id, "relation": "other", "excluded": "missing"})}, "invalid_request"},
		{"same number, other kind of document", edits{addMember(map[string]any{"id_number": anna.id, "id_type": "passport", "relation": "other", "excluded": "missing"})}, ""},
		{"unknown residence", edits{put("residence", "sea")}, "invalid_request"},
		{"unknown relation", edits{memberField(1, "relation", "cousin")}, "invalid_request"},
		{"unknown exclusion", edits{addMember(map[string]any{"relation": "other", "excluded": "holiday"})}, "invalid_request"},
		{"unknown id_type", edits{memberField(1, "id_type", "x"), authority("signed_by", []string{anna.id, bert.id})}, "invalid_request"},
		{"unknown income type", edits{memberField(1, "declared_income", declare("lottery", 1))}, "invalid_request"},
		{"unknown data class", edits{authority("data_classes", []string{"tax", "phone"})}, "invalid_request"},
		{"negative income", edits{memberField(1, "declared_income", declare("wage", -1))}, "invalid_request"},
		{"negative assets", edits{assets("financial_fen", -1)}, "invalid_request"},
		{"unreadable birth_date", edits{memberField(1, "birth_date", "1980")}, "invalid_request"},
		{"amount is no integer", edits{memberField(1, "declared_income", declare("wage", 1.5))}, "invalid_request"},
		{"no household_id", edits{without("household_id")}, "invalid_request"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := ask(t, files{}, c.edits...)
			code := ""
			if a.Outcome == refused {
				code = a.Findings[0].Code
			}
			if code != c.code {
				t.Errorf("refused %q, want %q", code, c.code)
			}
			if code != "" && (len(a.Findings) != 1 || a.Findings[0].Effect != refused || a.Coverage != nil) {
				t.Errorf("refusal looks like %+v", a)
			}
		})
	}
}

func TestNoRequest(t *testing.T) {
	reg := load(t, files{})
	for _, line := range []string{"", "\n", "{", "null", "[]", "7", `{"household_id":""}`, `{"household_id":7}`} {
		if diff := cmp.Diff([]string{"invalid_request"}, codesOf(Verify(reg, []byte(line), november))); diff != "" {
			t.Errorf("%q: %s", line, diff)
		}
	}
}

func codesOf(a Answer) []string {
	var codes []string
	for _, f := range a.Findings {
		codes = append(codes, f.Code)
	}
	return codes
}
