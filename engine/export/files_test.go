package export_test

import (
	"os"
	"testing"

	"github.com/hedui/hedui/engine/export"
)

func readFile(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(name)
	must(t, err)
	return b
}

func writeFile(t *testing.T, name string, b []byte) {
	t.Helper()
	must(t, os.WriteFile(name, b, 0o600))
}

func TestNotice(t *testing.T) {
	e := export.NoticeEntry{Applicant: "䶮𠮷", Scheme: "dibao", Members: 3, Place: export.Place("340104001002", 20261101, nil)}
	b := write(t, export.XLSX, export.NoticeColumns(), [][]export.Cell{e.Cells()})
	if got := read(t, b).Rows[0]; got[0] != "䶮𠮷" || got[1] != "最低生活保障" || got[2] != "3" || got[3] != "蜀山区 340104001002" {
		t.Errorf("%q", got)
	}
	for code, want := range map[string]string{"340104": "蜀山区", "3401": "3401", "": "", "999999": "999999", "340104001001": "三里庵社区", "340104001": "蜀山区 三里庵街道 340104001"} {
		names := map[string]string{"340104001001": "三里庵社区"}
		if code == "340104001" {
			want = "三里庵街道"
			names[code] = want
		}
		if got := export.Place(code, 20261101, names); got != want {
			t.Errorf("%s is %q", code, got)
		}
	}
	n := export.Notice{From: 20261001, To: 20261031, Days: 7, Objects: "蜀山区民政局 0551-00000000"}
	if got := n.Foot(); len(got) != 3 || got[0] != "本名单所涉核对结果日期 2026-10-01 至 2026-10-31" || got[1] != "公示期 7 日，自张贴之日起算" {
		t.Errorf("%q", got)
	}
}
