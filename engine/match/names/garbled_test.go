package names_test

import (
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/hedui/hedui/engine/match/names"
)

// What a wrong encoding makes of a name is that name, whatever it looks like.
func TestGarbled(t *testing.T) {
	table := table(t)
	utf8AsGBK := func(name string) string {
		out, err := simplifiedchinese.GBK.NewDecoder().String(name)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	gbkAsLatin1 := func(name string) string {
		bytes, err := simplifiedchinese.GBK.NewEncoder().String(name)
		if err != nil {
			t.Fatal(err)
		}
		out, err := charmap.ISO8859_1.NewDecoder().String(bytes)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	for _, name := range []string{"王秀英", "张伟", "欧阳建国", "吕梁", "诸葛孔明亮"} {
		broken := utf8AsGBK(name)
		for what, written := range map[string]string{
			"replacement": broken, "question mark": strings.ReplaceAll(broken, "\ufffd", "?"), "dropped": strings.ReplaceAll(broken, "\ufffd", ""),
			"Latin-1": gbkAsLatin1(name),
		} {
			if what == "dropped" && len(name)%2 == 0 && broken != written {
				continue // a name of whole pairs loses nothing
			}
			if !names.Garbled(table.Name(name), table.Name(written)) || !names.Garbled(table.Name(written), table.Name(name)) {
				t.Errorf("%d characters, %s: not seen as the damage of the name", len([]rune(name)), what)
			}
		}
	}
	for _, pair := range [][2]string{{"王秀英", "王秀芳"}, {"张伟", "张炜"}, {"张伟", "李伟"}, {"张伟", "张伟国"}} {
		for _, damage := range []func(string) string{utf8AsGBK, gbkAsLatin1, strings.Clone} {
			if names.Garbled(table.Name(pair[0]), table.Name(damage(pair[1]))) {
				t.Errorf("the damage of another name of %d characters passes", len([]rune(pair[1])))
			}
		}
	}
}
