package identity_test

import (
	"testing"

	"github.com/hedui/hedui/engine/match/identity"
)

// Whatever a link says of itself has words in both languages.
func TestWords(t *testing.T) {
	t.Parallel()
	var w identity.Words
	say := func(what, zh, en string) {
		t.Helper()
		if zh == "" || en == "" || zh == en {
			t.Errorf("%s: zh %q, en %q", what, zh, en)
		}
	}
	for tier := identity.None; tier <= identity.D; tier++ {
		say(tier.String(), w.Tier(tier.String(), "zh"), w.Tier(tier.String(), "en"))
	}
	for use := identity.Nothing; use <= identity.Hidden; use++ {
		say(use.String(), w.Use(use.String(), "zh"), w.Use(use.String(), "en"))
	}
	for l := identity.PriorRegister; l <= identity.CountyDifferent; l++ {
		f := l.Field().String()
		say(f, w.Field(f, "zh"), w.Field(f, "en"))
		say(l.String(), w.Level(f, l.Code(), "zh"), w.Level(f, l.Code(), "en"))
	}
	for r := range identity.Reasons(1<<64 - 1).All() {
		say(r.Code(), w.Reason(r.Code(), "zh"), w.Reason(r.Code(), "en"))
	}
	for _, nothing := range []string{w.Tier("Z9", "zh"), w.Use("", "zh"), w.Field("hair", "en"), w.Level("hair", "N1", "en"), w.Level("name", "N9", "en"), w.Reason("?", "zh")} {
		if nothing != "" {
			t.Errorf("no code, and the text %q", nothing)
		}
	}
}
