package explain

import (
	"strings"
	"testing"

	"github.com/hedui/hedui/engine/household"
)

// catalogue is every text of the package, by where it stands.
func catalogue() map[string]text {
	all := map[string]text{"unknown state": stateUnknown, "none here": noneHere}
	lists := map[string][]text{
		"outcome": outcomeTitles[:], "outcome meaning": outcomeMeanings[:], "state": stateTitles[:], "state meaning": stateMeanings[:],
		"source": sourceTitles[:], "line type": lineTitles[:], "relation": relationTitles[:], "exclusion": exclusionTitles[:],
	}
	for name, list := range lists {
		for i, t := range list {
			if i > 0 {
				all[name+" "+string(rune('0'+i))] = t
			}
		}
	}
	for code, r := range refusals {
		all[code], all[code+" clear"] = r.title, r.clear
	}
	for key, t := range words {
		all["words "+key] = t
	}
	for key, t := range schemeTitles {
		all["scheme "+key] = t
	}
	return all
}

func TestCatalogueHasBothLanguages(t *testing.T) {
	for key, text := range catalogue() {
		if text.zh == "" || text.en == "" {
			t.Errorf("%s: zh %q, en %q", key, text.zh, text.en)
		}
		if strings.Count(text.zh, "%") != strings.Count(text.en, "%") {
			t.Errorf("%s: the languages take different arguments", key)
		}
	}
	lengths := map[string][2]int{
		"outcomes": {len(outcomeTitles), len(household.Outcomes)}, "meanings": {len(outcomeMeanings), len(household.Outcomes)},
		"states": {len(stateTitles), len(household.CoverageStates)}, "state meanings": {len(stateMeanings), len(household.CoverageStates)},
		"sources": {len(sourceTitles), len(household.Sources)}, "line types": {len(lineTitles), len(household.LineTypes)},
		"relations": {len(relationTitles), len(household.Relations)}, "exclusions": {len(exclusionTitles), len(household.Exclusions)},
	}
	for name, n := range lengths {
		if n[0] != n[1] {
			t.Errorf("%s: %d worded, %d in the code list", name, n[0], n[1])
		}
	}
	for _, code := range []string{"authorization_missing", "authorization_expired", "authorization_purpose", "authorization_incomplete", "invalid_request"} {
		if _, ok := refusals[code]; !ok {
			t.Errorf("%s has no words", code)
		}
	}
	// The Chinese words are the official ones of the code lists.
	for i := 1; i < len(outcomeTitles); i++ {
		if outcomeTitles[i].zh != household.Outcomes[i].Zh {
			t.Errorf("outcome %d is %s", i, outcomeTitles[i].zh)
		}
	}
	for i := 1; i < len(stateTitles); i++ {
		if stateTitles[i].zh != household.CoverageStates[i].Zh {
			t.Errorf("state %d is %s", i, stateTitles[i].zh)
		}
	}
}

func TestNoBannedWords(t *testing.T) {
	for key, text := range catalogue() {
		for _, bad := range []string{"骗保", "取消", "拒绝", "fraud", "cheat"} {
			if strings.Contains(strings.ToLower(text.zh+" "+text.en), bad) {
				t.Errorf("%s says %s", key, bad)
			}
		}
	}
}

func TestYuan(t *testing.T) {
	for fen, want := range map[household.Fen]string{0: "0.00", 5: "0.05", 99999: "999.99", 100000: "1,000.00", 2520000: "25,200.00", 123456789: "1,234,567.89", -100000: "-1,000.00"} {
		if got := yuan(fen); got != want {
			t.Errorf("yuan(%d) = %s, want %s", fen, got, want)
		}
	}
}

func TestFoldKeepsEveryCharacterAndTheWidth(t *testing.T) {
	for _, s := range []string{"核对日期不在授权书的有效期内，未查询任何数据。", "one two three four five", "abcdefghijklmnopqrstuvwxyz", "税务 tax 第 17 行, 文件 1, 快照 ab12"} {
		for room := 4; room < 40; room++ {
			var got strings.Builder
			for rest := s; rest != ""; {
				var head string
				if head, rest = fold(rest, room); columns(head) > room || head == "" {
					t.Fatalf("fold(%q, %d) gave %q", s, room, head)
				}
				got.WriteString(head)
			}
			if strip := strings.NewReplacer(" ", ""); strip.Replace(got.String()) != strip.Replace(s) {
				t.Errorf("fold(%q, %d) lost text: %q", s, room, got.String())
			}
		}
	}
}
