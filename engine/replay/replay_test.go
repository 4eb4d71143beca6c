package replay_test

import (
	"bytes"
	"errors"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/replay"
	"github.com/hedui/hedui/engine/situation"
	"github.com/hedui/hedui/rules"
	"github.com/hedui/hedui/rules/trace"
)

// sample is a verdict as it is stored, and its trace.
type sample struct {
	name           string
	verdict, trace []byte
}

// samples are those of all situations of all shipped packs and of this package.
var samples = sync.OnceValues(func() (out []sample, err error) {
	for _, name := range rules.Shipped() {
		p, err := rules.Load(name)
		if err != nil {
			return nil, err
		}
		dir, err := rules.Open(name)
		if err != nil {
			return nil, err
		}
		all, err := situation.Read(dir)
		if err != nil {
			return nil, err
		}
		for i := range all {
			if !all[i].Judges() {
				continue // of an amount or a day without law: no verdict
			}
			s, err := judged(name+": "+all[i].Name, p, &all[i])
			if err != nil {
				return nil, err
			}
			out = append(out, s)
		}
	}
	more, err := own()
	return append(out, more...), err
})

func judged(name string, p *rules.Pack, s *situation.Situation) (sample, error) {
	v, t, err := s.Trace(p)
	if err != nil {
		return sample{}, err
	}
	text, err := t.Append(nil)
	return sample{name, v.AppendJSON(nil), text}, err
}

func allSamples(t *testing.T) []sample {
	t.Helper()
	all, err := samples()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestReplay recomputes the verdict of every situation of every shipped pack.
func TestReplay(t *testing.T) {
	var r replay.Replayer
	refused := 0
	for _, s := range allSamples(t) {
		got, err := r.Replay(s.trace)
		if err != nil {
			t.Errorf("%s: %v\n%s", s.name, err, s.trace)
			continue
		}
		if diff := cmp.Diff(string(s.verdict), string(got)); diff != "" {
			t.Errorf("%s (-stored +replayed):\n%s", s.name, diff)
		}
		if bytes.Contains(s.verdict, []byte(`"outcome":"refused"`)) {
			refused++
		}
	}
	if n := len(allSamples(t)); n < 200 || refused < 5 {
		t.Errorf("only %d situations, %d refusals", n, refused)
	}
}

// TestVerdictsAreReadBack reads what every situation comes to and writes it again.
func TestVerdictsAreReadBack(t *testing.T) {
	for _, s := range allSamples(t) {
		v, err := household.ParseVerdict(s.verdict)
		if err != nil {
			t.Errorf("%s: %v", s.name, err)
			continue
		}
		if got := v.AppendJSON(nil); !bytes.Equal(got, s.verdict) {
			t.Errorf("%s:\nread  %s\nwrote %s", s.name, s.verdict, got)
		}
	}
}

// TestReplayNoticesWhatIsMissing leaves each value of the law and each fact out of each
// trace in turn, as a recorder with a bug would.
func TestReplayNoticesWhatIsMissing(t *testing.T) {
	var r replay.Replayer
	left := map[string]int{}
	for _, s := range allSamples(t) {
		whole, err := trace.Parse(s.trace)
		if err != nil {
			t.Fatal(err)
		}
		read := reads(whole)
		for i, v := range whole.Values {
			less := *whole
			less.Values = append(whole.Values[:i:i], whole.Values[i+1:]...)
			notices(t, &r, s, &less, v.Name, read[v.Name], left)
		}
		for i, f := range whole.Facts {
			less := *whole
			less.Facts = append(whole.Facts[:i:i], whole.Facts[i+1:]...)
			notices(t, &r, s, &less, f.Name, read[f.Name], left)
		}
	}
	for _, name := range []string{"standard", "none_allowed", "employment_months"} {
		if left[name] == 0 {
			t.Errorf("%s was never left out", name)
		}
	}
}

// notices replays a trace without something that it had. What no rule reads shows only
// in a verdict that cites it.
func notices(t *testing.T, r *replay.Replayer, s sample, less *trace.Trace, name string, read bool, left map[string]int) {
	t.Helper()
	text, err := less.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := r.Replay(text)
	if missing, ok := errors.AsType[*replay.MissingError](err); ok {
		if missing.Name != name {
			t.Errorf("%s: without %s %s is missing", s.name, name, missing.Name)
		}
		left[name]++
		return
	}
	if read || !less.CitesValues || err != nil || bytes.Equal(got, s.verdict) {
		t.Errorf("%s: without %s nothing is missed (%v)", s.name, name, err)
	}
}

// reads are the names that the rules of a trace need.
func reads(t *trace.Trace) map[string]bool {
	out := map[string]bool{}
	for i := range t.Rules {
		x := &t.Rules[i]
		if x.Unresolved != "" {
			continue
		}
		if x.Limit != nil {
			out[x.Limit.Parameter] = true
			for _, f := range x.Limit.Times {
				out[f] = f != "window_months" // which the frame gives
			}
		}
		for _, name := range x.Reads {
			out[name] = true
		}
	}
	return out
}

// TestTracesOfTwoPacks judges by two packs in turn, in several goroutines: nothing of
// one verdict is left in the next.
func TestTracesOfTwoPacks(t *testing.T) {
	all := allSamples(t)
	first := map[string]sample{}
	for _, s := range all {
		first[s.name] = s
	}
	type pair struct {
		p *rules.Pack
		s []situation.Situation
	}
	var packs []pair
	for _, name := range []string{"reference", "dibao"} {
		p, err := rules.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		dir, err := rules.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		list, err := situation.Read(dir)
		if err != nil {
			t.Fatal(err)
		}
		packs = append(packs, pair{p, list[:min(len(list), 12)]})
	}
	var wait sync.WaitGroup
	for range 2 {
		wait.Go(func() {
			var r replay.Replayer
			for i := range 12 {
				for _, k := range []int{0, 1, 0} {
					one := &packs[k]
					x := &one.s[i%len(one.s)]
					s, err := judged(one.p.Name+": "+x.Name, one.p, x)
					if err != nil {
						t.Error(err)
						return
					}
					want := first[s.name]
					if !bytes.Equal(s.verdict, want.verdict) || !bytes.Equal(s.trace, want.trace) {
						t.Errorf("%s is not what it was alone", s.name)
					}
					if got, err := r.Replay(s.trace); err != nil || !bytes.Equal(got, want.verdict) {
						t.Errorf("%s: replayed otherwise (%v)", s.name, err)
					}
				}
			}
		})
	}
	wait.Wait()
}
