package desk_test

import (
	"testing"

	"github.com/hedui/hedui/engine/desk"
	"github.com/hedui/hedui/engine/household"
)

// The rows of a batch do not wait for the node above: what that holds is pending, never
// none, and the household is asked about afterwards.
func TestRowsDoNotWaitForTheNodeAbove(t *testing.T) {
	d := newDocked(t, 9)
	for h := range 3 {
		d.register(h, h+3)
	}
	got, err := d.answer(centre, fenced(rowsOf(request(0, 3), request(1, 4), request(2, 5)), 1, 0))
	must(t, err)
	for i := range got {
		if s := parsed(t, got[i].Line).Coverage[household.Bank].State; s != household.Pending || got[i].Outcome == household.NoDiscrepancy {
			t.Errorf("row %d: the bank is %s, the outcome %s", i+1, s, got[i].Outcome)
		}
	}
	if d.link.asked != 0 || len(d.waits(desk.TaskOpen)) != 3 {
		t.Fatalf("the node above was asked %d times, %d households wait", d.link.asked, len(d.waits(desk.TaskOpen)))
	}
	d.clock.pass(60e9)
	out, err := d.desk.AskAgain(t.Context())
	must(t, err)
	if out.Answered != 3 || len(d.waits(desk.TaskOpen)) != 0 {
		t.Errorf("asked again: %+v, %d wait", out, len(d.waits(desk.TaskOpen)))
	}
}
