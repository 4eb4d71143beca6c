package identity_test

import (
	"strings"
	"testing"

	"github.com/hedui/hedui/engine/match/identity"
	"github.com/hedui/hedui/engine/match/linkage"
)

// What is written is what FromModel gives, with where it is from, and loads again.
func TestEstimate(t *testing.T) {
	m, err := linkage.Load("model.yaml", []byte(model))
	if err != nil {
		t.Fatal(err)
	}
	text, err := identity.Estimate(nil, m, "anhui", 1)
	if err != nil {
		t.Fatal(err)
	}
	got, err := identity.Load("anhui.yaml", text)
	if err != nil {
		t.Fatal(err)
	}
	want, err := standard(t).FromModel(m)
	if err != nil {
		t.Fatal(err)
	}
	if got.Name != "anhui" || got.Version != 1 {
		t.Errorf("%s %d", got.Name, got.Version)
	}
	estimated := 0
	for l := range identity.Level(64) {
		a, basis := got.Weight(l)
		b, _ := want.Weight(l)
		if a != b {
			t.Errorf("%v: %v, want %v", l, a, b)
		}
		if strings.Contains(basis.From, "people version 4") {
			estimated++
		}
	}
	if estimated < 10 {
		t.Errorf("%d weights say that they are estimated", estimated)
	}
	// The rarity of a name is measured against the average that was estimated.
	s, r := base(), base()
	w := &world{people: []person{s}, ppb: map[string]int64{s.Name: 10_000}}
	if x, y := judge(t, got, &s, &r, w), judge(t, want, &s, &r, w); x != y {
		t.Errorf("%v, want %v", x.Total, y.Total)
	}
	again, err := identity.Estimate(nil, m, "anhui", 1)
	if err != nil || string(again) != string(text) {
		t.Errorf("twice the same gives two files: %v", err)
	}
	if _, err := identity.Estimate(nil, m, "default", 1); err == nil {
		t.Error("the version that ships was written again")
	}
	if _, err := identity.Estimate([]byte("name: x"), m, "y", 1); err == nil {
		t.Error("no policy was taken for one")
	}
}
