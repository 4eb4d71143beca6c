package desk_test

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/desk"
)

func TestCorrectionFile(t *testing.T) {
	var out bytes.Buffer
	must(t, desk.WriteCorrections(&out, []desk.Correction{
		{ID: "c-1", SourceName: "bank", Snapshot: "bb", AsOf: "2026-10-31", File: 1, Row: 4, Reason: "账户\"已\"注销,\n见附件"},
		{ID: "c-2", SourceName: "tax", Snapshot: "aa", AsOf: "2026-10-31", File: 2, Row: 7, Reason: "=HYPERLINK(\"x\")"},
	}))
	want := "\ufeff编号,数据来源,快照,数据日期,文件,行号,疑义说明\r\n" +
		"c-1,bank,bb,2026-10-31,1,4,\"账户\"\"已\"\"注销, 见附件\"\r\n" +
		"c-2,tax,aa,2026-10-31,2,7,\"'=HYPERLINK(\"\"x\"\")\"\r\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
}

// What was sent is not sent again by itself, and only a steward of the place sends it.
func TestSendCorrections(t *testing.T) {
	w := newWorld(t, 9)
	a := w.underReview(1, 3)
	o, err := w.desk.FileObjection(t.Context(), intake, a.Case, 1, "账户已注销")
	must(t, err)
	_, err = w.desk.DecideObjection(t.Context(), approver, o.ID, true, "银行证明")
	must(t, err)
	steward := official("steward01", "34", access.DataSteward)
	list, _, err := w.desk.Corrections(t.Context(), steward, desk.CorrectionQuery{Department: "bank"})
	must(t, err)
	if len(list) != 1 {
		t.Fatalf("%+v", list)
	}
	_, err = w.desk.SendCorrections(t.Context(), official("steward09", "340203", access.DataSteward), []string{list[0].ID})
	refusedAs(t, err, desk.NotFound)
	_, err = w.desk.SendCorrections(t.Context(), approver, []string{list[0].ID})
	refusedAs(t, err, desk.Forbidden)
	sent, err := w.desk.SendCorrections(t.Context(), steward, []string{list[0].ID})
	must(t, err)
	if len(sent) != 1 || sent[0].State != desk.TicketSent {
		t.Errorf("%+v", sent)
	}
	for _, q := range []desk.CorrectionQuery{{Department: "bank"}, {Department: "bank", Sent: true}} {
		list, _, err := w.desk.Corrections(t.Context(), steward, q)
		must(t, err)
		if (len(list) == 1) != q.Sent {
			t.Errorf("sent %v: %+v", q.Sent, list)
		}
	}
}
