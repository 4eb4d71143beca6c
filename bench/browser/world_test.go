package browser

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/hedui/hedui/bench/browser/corpus"
	"github.com/hedui/hedui/bench/browser/drive"
	"github.com/hedui/hedui/bench/browser/site"
	"github.com/hedui/hedui/bench/visitor"
)

// world is the one centre that the tests look at, with everything in it that pages show.
var world struct {
	sync.Once
	s   *site.Site
	err error
}

// centre is the centre of the tests.
func centre(t testing.TB) *site.Site {
	t.Helper()
	world.Do(func() { world.s, world.err = furnish(context.Background()) })
	if world.err != nil {
		t.Fatal(world.err)
	}
	return world.s
}

// furnish makes a centre and does in it what people do in some weeks.
func furnish(ctx context.Context) (*site.Site, error) {
	dir, err := os.MkdirTemp("", "hedui-browser-")
	if err != nil {
		return nil, err
	}
	closers = append(closers, func() { _ = os.RemoveAll(dir) })
	options := site.Options{Dir: dir}
	if *pictures != "" {
		options.Families = site.Friendly()
	}
	s, err := site.Open(ctx, options)
	if err != nil {
		return nil, err
	}
	closers = append(closers, func() { _ = s.Close() })
	for _, f := range s.Families {
		if f.Why == atCounter { // the tests check it themselves, at the page
			continue
		}
		if err := s.Check(ctx, f); err != nil {
			return nil, err
		}
	}
	for _, q := range s.Ordinary {
		if _, err := s.Ask(ctx, s.Account("verifier01"), http.MethodPost, "/api/v1/checks", q, nil); err != nil {
			return nil, err
		}
	}
	if *pictures != "" {
		return s, work(ctx, s)
	}
	return s, plant(ctx, s)
}

// Families that tests work with.
const (
	atCounter  = "checked at the counter"
	twoPersons = "a review by two"
	objecting  = "an objection"
	hostile    = "hostile"
)

// work does some of what people do in a centre, for pictures of it.
func work(ctx context.Context, s *site.Site) error {
	for _, why := range []string{"12 members", "a long name", "nothing found"} {
		f := s.Family(why)
		body := map[string]any{"recipient": "申请人本人", "lang": "zh"}
		if _, err := s.Ask(ctx, s.Account("reviewer01"), http.MethodPost, "/api/v1/verdicts/"+f.Verdict+"/reports", body, nil); err != nil {
			return err
		}
	}
	clerk := s.Account("intake01")
	for i, f := range s.Families {
		if f.Case == "" {
			continue
		}
		steps := []struct{ who, step, reason string }{
			{"verifier01", "propose", "查得情况与申报不一致，已电话联系家庭，请复核。"},
			{"reviewer01", "take-up", ""},
			{"reviewer01", "return", "缺少单位出具的收入证明，请补充。"},
		}
		for _, step := range steps[:i%4] {
			if err := s.Act(ctx, step.who, f.Case, step.step, step.reason); err != nil {
				return err
			}
		}
		if i%5 != 1 {
			continue
		}
		_, numbers, err := s.Evidence(ctx, f)
		if err != nil {
			return err
		}
		if len(numbers) > 0 {
			body := map[string]any{"evidence": numbers[0], "ground": "这条记录不是我家的，账户已于上年注销，有银行证明。"}
			if _, err := s.Ask(ctx, clerk, http.MethodPost, "/api/v1/cases/"+f.Case+"/objections", body, nil); err != nil {
				return err
			}
		}
	}
	return nil
}

// plant writes every hostile string into every text that people write: reasons, grounds,
// what accounts are called.
func plant(ctx context.Context, s *site.Site) error {
	var families []*site.Family
	for _, f := range s.Families {
		if f.Why == hostile && f.Case != "" {
			families = append(families, f)
		}
	}
	if len(families) < 10 {
		return fmt.Errorf("%d hostile families have a case", len(families))
	}
	reasons := batches(corpus.All(), 1000)
	if len(reasons) > len(families) {
		return fmt.Errorf("%d reasons for %d cases", len(reasons), len(families))
	}
	for i, f := range families {
		if err := s.Act(ctx, "verifier01", f.Case, "propose", reasons[i%len(reasons)]); err != nil {
			return fmt.Errorf("reason %d: %w", i, err)
		}
	}
	for i, f := range families { // some go on
		switch text := reasons[i%len(reasons)]; i % 4 {
		case 0:
			_, numbers, err := s.Evidence(ctx, f)
			if err != nil {
				return err
			}
			if len(numbers) == 0 {
				continue
			}
			_, err = s.Ask(ctx, s.Account("intake01"), http.MethodPost, "/api/v1/cases/"+f.Case+"/objections", map[string]any{"evidence": numbers[0], "ground": text}, nil)
			if err != nil {
				return fmt.Errorf("ground %d: %w", i, err)
			}
		case 1:
			if err := s.Act(ctx, "reviewer01", f.Case, "take-up", text); err != nil {
				return err
			}
			if err := s.Act(ctx, "reviewer01", f.Case, "return", text); err != nil {
				return err
			}
		}
	}
	for i, text := range batches(corpus.Short(60), 60) {
		if i == 24 {
			break
		}
		if _, err := s.Appoint(ctx, fmt.Sprintf("hostile%02d", i+1), "intake", text, "3401"); err != nil {
			return fmt.Errorf("account %d: %w", i, err)
		}
	}
	return nil
}

// batches joins strings to texts of at most so many characters.
func batches(all []corpus.Hostile, most int) []string {
	var out []string
	var now []string
	length := 0
	for _, h := range all {
		text := clean(h.Text)
		n := len([]rune(text)) + 1
		if n > most {
			continue
		}
		if length+n > most {
			out, now, length = append(out, strings.Join(now, " ")), nil, 0
		}
		now, length = append(now, text), length+n
	}
	if len(now) > 0 {
		out = append(out, strings.Join(now, " "))
	}
	return out
}

// clean takes the control characters out that no field takes.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r >= 0x7f && r < 0xa0 || r == 0xfffe {
			return -1
		}
		return r
	}, s)
}

// enter gives a window the session of somebody.
func enter(t testing.TB, p *drive.Page, name string) {
	t.Helper()
	a := centre(t).Account(name)
	if a == nil {
		t.Fatalf("nobody is called %s", name)
	}
	must(t, p.Keep(visitor.CookieName, a.Cookie()))
}
