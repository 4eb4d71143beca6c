package front

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/engine/access"
)

func TestShownVerdict(t *testing.T) {
	const given = `{"household_id":"340104-000001","income":{"total_fen":1234567,"lines":[{"amount_fen":-5,"row":17},{"amount_fen":0}],` +
		`"monthly_fen":{"2026-01":[90000,9007199254740993]}},"findings":[{"code":"a<b","has":true,"none":null,"limit_fen":null}],` +
		`"said":"the key \"amount_fen\":1 in a text","empty":{},"none_fen":[]}`
	var partly, full, hidden access.Masks
	partly[access.FieldAmount], full[access.FieldAmount] = access.Partly, access.Full
	for name, tt := range map[string]struct {
		masks access.Masks
		want  string
	}{
		"full": {full, given},
		"bands": {partly, `{"household_id":"340104-000001","income":{"total_band":"1万元至2万元","lines":[{"amount_band":"0元","row":17},{"amount_band":"0元"}],` +
			`"monthly_band":{"2026-01":["不足1千元","100万元及以上"]}},"findings":[{"code":"a<b","has":true,"none":null,"limit_band":null}],` +
			`"said":"the key \"amount_fen\":1 in a text","empty":{},"none_band":[]}`},
		"hidden": {hidden, `{"household_id":"340104-000001","income":{"total_band":null,"lines":[{"amount_band":null,"row":17},{"amount_band":null}],` +
			`"monthly_band":{"2026-01":[null,null]}},"findings":[{"code":"a<b","has":true,"none":null,"limit_band":null}],` +
			`"said":"the key \"amount_fen\":1 in a text","empty":{},"none_band":[]}`},
	} {
		got, err := shownVerdict([]byte(given), tt.masks)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if diff := cmp.Diff(tt.want, string(got)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	for _, bad := range []string{"", "{", `{"a_fen":1.5}`, `{"a":}`} {
		if got, err := shownVerdict([]byte(bad), partly); err == nil {
			t.Errorf("%q is shown as %s", bad, got)
		}
	}
}
