package worker_test

import (
	"os"
	"slices"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/submission"
	"github.com/hedui/hedui/engine/worker"
)

// The document of the messages says what is sent: topics, versions, headers and codes.
func TestAsyncAPI(t *testing.T) {
	text, err := os.ReadFile("../../docs/asyncapi.yaml")
	must(t, err)
	type property struct {
		Const string
		Enum  []string
	}
	var doc struct {
		Channels   map[string]struct{ Address string }
		Components struct {
			Messages map[string]struct {
				Headers struct {
					Required   []string
					Properties map[string]property
				}
			}
		}
	}
	must(t, yaml.Unmarshal(text, &doc))
	topics := map[string]string{}
	for name, c := range doc.Channels {
		topics[name] = c.Address
	}
	if d := cmp.Diff(map[string]string{"requests": worker.Requests, "verdicts": worker.Verdicts, "deadLetter": worker.DeadLetter}, topics); d != "" {
		t.Error(d)
	}
	verdict, dead := doc.Components.Messages["verdict"].Headers, doc.Components.Messages["deadLetter"].Headers
	if verdict.Properties["schema"].Const != submission.VerdictSchema || dead.Properties["schema"].Const != submission.DeadSchema {
		t.Error("other versions")
	}
	var outcomes []string
	for o := household.NoDiscrepancy; o <= household.Refused; o++ {
		outcomes = append(outcomes, o.String())
	}
	slices.Sort(outcomes)
	said := slices.Sorted(slices.Values(verdict.Properties["outcome"].Enum))
	if d := cmp.Diff(outcomes, said); d != "" {
		t.Error(d)
	}
	reasons := slices.Sorted(slices.Values(dead.Properties["reason"].Enum))
	if d := cmp.Diff(slices.Sorted(slices.Values(submission.DeadReasons())), reasons); d != "" {
		t.Error(d)
	}

	w := newWorld(t, 8)
	stop := w.work(w.broker("g"), w.Ledger, worker.Options{})
	w.produce(w.batch.ID, w.lines...)
	w.produce("none", w.lines[0])
	w.await(20e9)
	for len(w.all(worker.DeadLetter)) == 0 || len(w.all(worker.Verdicts)) < 8 {
	}
	must(t, stop())
	for topic, want := range map[string][]string{worker.Verdicts: verdict.Required, worker.DeadLetter: dead.Required} {
		for _, m := range w.all(topic) {
			var names []string
			for _, h := range m.Headers {
				names = append(names, h.Key)
			}
			if d := cmp.Diff(want, names); d != "" {
				t.Errorf("%s: %s", topic, d)
			}
		}
	}
}
