package engine_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/engine"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/profile"
)

// desk is a register of authorisations with one answer.
type desk struct {
	asked  []engine.Asked
	answer engine.Warrant
	err    error
}

func (d *desk) Warrant(q engine.Asked) (engine.Warrant, error) {
	d.asked = append(d.asked, q)
	return d.answer, d.err
}

func (w *world) registered(t *testing.T, d *desk) *engine.Worker {
	t.Helper()
	v, err := engine.NewVerifier(w.manifest(), reference(), w.On)
	if err != nil {
		t.Fatal(err)
	}
	v.Warrant(d)
	return v.Worker()
}

// asked is a request in which @N@ stands for a number.
func asked(line string) []byte { return []byte(strings.ReplaceAll(line, "@N@", number(0))) }

// Where there is a register, what a request says of its authorisation refuses nothing
// and allows nothing.
func TestRegisterDecides(t *testing.T) {
	all := [household.NumSources]bool{}
	for s := range all {
		all[s] = true
	}
	const member = `,"members":[{"name":"王秀英","id_number":"@N@"}]}`
	const good = `{"household_id":"1","region":"340104","scheme":"dibao","residence":"urban","authorization":`
	tests := map[string]struct {
		line    string
		answer  engine.Warrant
		refusal string
		asked   int
	}{
		"granted, though the claim is long over":    {good + `{"number":"SQ1","valid_from":"2001-01-01","valid_to":"2001-12-31","signed_by":[]}` + member, engine.Warrant{Classes: all}, "", 1},
		"granted, though the claim says no more":    {good + `{"number":"SQ1"}` + member, engine.Warrant{Classes: all}, "", 1},
		"granted, though the claim can't be read":   {good + `{"number":"SQ1","valid_from":"yesterday"}` + member, engine.Warrant{Classes: all}, "", 1},
		"withdrawn, though the claim looks good":    {good + `{"number":"SQ1","valid_from":"2026-01-01","valid_to":"2026-12-31","signed_by":["@N@"]}` + member, engine.Warrant{Refusal: "authorization_withdrawn"}, "authorization_withdrawn", 1},
		"no claim":                                  {good + `null` + member, engine.Warrant{Classes: all}, "authorization_missing", 0},
		"a request that can't be read is not asked": {good + `{"number":"SQ1"},"members":[{"name":"王秀英","id_number":"1"}]}`, engine.Warrant{Classes: all}, "invalid_request", 0},
		"a date elsewhere that can't be read":       {good + `{"number":"SQ1"},"members":[{"name":"王秀英","id_number":"@N@","birth_date":"soon"}]}`, engine.Warrant{Classes: all}, "invalid_request", 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w := world{On: checkDay}
			d := &desk{answer: tt.answer}
			worker := w.registered(t, d)
			var p engine.Plan
			worker.Prepare(asked(tt.line), 1, &p)
			if p.Refusal() != tt.refusal || len(d.asked) != tt.asked {
				t.Errorf("refused as %q after asking %d times, want %q after %d", p.Refusal(), len(d.asked), tt.refusal, tt.asked)
			}
			if tt.refusal != "" && len(p.Keys()) > 0 {
				t.Error("a refused household would be looked up")
			}
		})
	}
}

// A source that is not granted is never read, whatever the request asks for; one that is
// granted and not asked for isn't either.
func TestGrantedSources(t *testing.T) {
	w := world{On: checkDay}
	d := &desk{}
	d.answer.Classes[household.Tax], d.answer.Classes[household.Bank] = true, true
	worker := w.registered(t, d)
	var p engine.Plan
	worker.Prepare(asked(`{"household_id":"1","scheme":"dibao","residence":"urban","authorization":{"number":"SQ1","data_classes":["tax","vehicle"]},"members":[{"name":"王秀英","id_number":"@N@"}]}`), 1, &p)
	var out household.Verdict
	if err := worker.Verify(&p, []*profile.Profile{{}}, &out); err != nil {
		t.Fatal(err)
	}
	got := map[string]bool{}
	for s := household.Tax; s < household.NumChecked; s++ {
		got[s.String()] = out.Coverage[s].State != household.NotAuthorized
	}
	if diff := cmp.Diff(map[string]bool{"tax": true, "vehicle": false, "property": false, "bank": false, "insurance": false}, got); diff != "" {
		t.Error(diff)
	}
}

// The division that the authorisation is registered for stands in the verdict, not the
// one that somebody typed.
func TestRegisteredDivision(t *testing.T) {
	w := world{On: checkDay}
	worker := w.registered(t, &desk{answer: engine.Warrant{Division: "340104002"}})
	var p engine.Plan
	worker.Prepare(asked(`{"household_id":"1","region":"110000","scheme":"dibao","residence":"urban","authorization":{"number":"SQ1"},"members":[{"name":"王秀英","id_number":"@N@"}]}`), 1, &p)
	var out household.Verdict
	if err := worker.Verify(&p, []*profile.Profile{{}}, &out); err != nil {
		t.Fatal(err)
	}
	if out.Region != "340104002" {
		t.Errorf("region %q", out.Region)
	}
}

// A register that can't be read gives no verdict, not a refusal.
func TestUnreadableRegister(t *testing.T) {
	w := world{On: checkDay}
	boom := errors.New("no disk")
	worker := w.registered(t, &desk{err: boom})
	var p engine.Plan
	worker.Prepare(asked(`{"household_id":"1","scheme":"dibao","residence":"urban","authorization":{"number":"SQ1"},"members":[{"name":"王秀英","id_number":"@N@"}]}`), 1, &p)
	var out household.Verdict
	if err := worker.Verify(&p, nil, &out); !errors.Is(err, boom) {
		t.Errorf("got %v", err)
	}
	if !errors.Is(p.Err(), boom) || len(p.Keys()) > 0 {
		t.Errorf("the plan says %v and asks for %d people", p.Err(), len(p.Keys()))
	}
}
