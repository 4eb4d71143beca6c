package household_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/hedui/hedui/engine/household"
)

// Whatever prints the identity types must not print their text.
func TestMaskedTypesNeverLeak(t *testing.T) {
	v := struct {
		ID      household.IDNumber
		Name    household.Name
		Account household.Account
		Plate   household.Plate
	}{"11010519491231002X", "阿依古丽·买买提", "6222020200112233445", "皖A12345"}
	secrets := []string{"0519491231", "依古丽", "买买提", "622202020", "A123"}

	var logged bytes.Buffer
	for _, h := range []slog.Handler{slog.NewTextHandler(&logged, nil), slog.NewJSONHandler(&logged, nil)} {
		slog.New(h).Info("x", "id", v.ID, "name", v.Name, "account", v.Account, "plate", v.Plate, "all", v)
	}
	j, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	forms := map[string]string{
		"slog": logged.String(), "json": string(j), "%v": fmt.Sprintf("%v", v), "%+v": fmt.Sprintf("%+v", v), "%#v": fmt.Sprintf("%#v", v),
		"%s": fmt.Sprintf("%s %s %s %s", v.ID, v.Name, v.Account, v.Plate), "%q": fmt.Sprintf("%q %q", v.ID, v.Name),
		"key": fmt.Sprintf("%v %+v %#v", household.PersonKey{Num: 11010519491231002}, household.PersonKey{Text: "E12345678"}, household.PersonKey{Num: 11010519491231002}),
	}
	for form, text := range forms {
		for _, s := range append(secrets, "11010519491231002", "E12345678") {
			if strings.Contains(text, s) {
				t.Errorf("%s leaks %q", form, s)
			}
		}
	}
	if v.ID.Reveal() != "11010519491231002X" || v.Name.String() != "阿*******" {
		t.Errorf("reveal or name mask changed: %s", v.Name)
	}
}

func TestMaskRecord(t *testing.T) {
	for in, want := range map[string]string{"T000017": "T***17", "17": "17", "6222020200112233445": "6***45", "": "", "T1": "***", "LSVAA4182E2184847": "L***47"} {
		if got := household.MaskRecord(in); got != want {
			t.Errorf("MaskRecord(%q) = %q, want %q", in, got, want)
		}
	}
}
