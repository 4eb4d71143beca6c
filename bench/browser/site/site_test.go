package site

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"github.com/hedui/hedui/bench/browser/corpus"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/match"
)

// Every family asks for what the program takes for a request, everybody has a number that
// is valid and their own, and the hostile ones hold enough.
func TestFamilies(t *testing.T) {
	all := Families()
	numbers, hostile := map[string]bool{}, map[string]bool{}
	known := map[string]bool{}
	for _, h := range corpus.All() {
		known[h.Text] = true
	}
	for _, f := range all {
		q, err := household.ParseRequest(f.Request())
		if err != nil || len(q.Members) != len(f.People) {
			t.Errorf("%s: %v", f.Why, err)
			continue
		}
		for _, p := range f.People {
			if d := match.ParseDocument(household.ResidentID, []byte(p.Number)); !d.Valid {
				t.Errorf("%s: a number that is not valid", f.Why)
			}
			if numbers[p.Number] {
				t.Errorf("%s: a number twice", f.Why)
			}
			numbers[p.Number] = true
			if known[p.Name] {
				hostile[p.Name] = true
			}
		}
	}
	if len(all) < Rare+6 || len(hostile) < 200 {
		t.Errorf("%d families, %d hostile names", len(all), len(hostile))
	}
	longest := 0
	for _, f := range all[:Rare] {
		longest = max(longest, len(f.People))
	}
	if longest != 12 {
		t.Errorf("the largest family has %d members", longest)
	}
}

// Records follow the day of the checks.
func TestCalendar(t *testing.T) {
	c, err := newCalendar("2026-10-31", time.Date(2026, 11, 26, 0, 0, 0, 0, china()))
	if err != nil || len(c.months) != 12 || c.months[0] != "2025-11" || c.months[11] != "2026-10" {
		t.Errorf("%v %+v", err, c)
	}
	if _, err := newCalendar("yesterday", time.Now()); err == nil {
		t.Error("a date that is none was read")
	}
	var body map[string]any
	text, err := json.Marshal(Families()[0].Registration(time.Date(2026, 11, 26, 0, 0, 0, 0, china())))
	if err != nil || json.Unmarshal(text, &body) != nil || !bytes.Contains(text, []byte("guardian")) {
		t.Errorf("a child signs for itself: %s", text)
	}
}
