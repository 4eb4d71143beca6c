package report_test

import (
	"testing"

	"github.com/hedui/hedui/engine/explain"
	"github.com/hedui/hedui/engine/report"
)

func TestBuildNeedsAVerdictAndALanguage(t *testing.T) {
	for name, in := range map[string]report.Input{
		"no verdict":  {Lang: explain.Zh},
		"no language": {Verdict: verdict()},
		"another":     {Verdict: verdict(), Lang: "fr"},
	} {
		if doc, err := report.Build(in); err == nil || doc != nil {
			t.Errorf("%s: %v %v", name, doc, err)
		}
	}
}

func TestDigestIsOfTheContent(t *testing.T) {
	doc, err := report.Build(input(verdict(), request(), explain.Zh, all()))
	if err != nil {
		t.Fatal(err)
	}
	again, err := report.Build(input(verdict(), request(), explain.Zh, all()))
	if err != nil {
		t.Fatal(err)
	}
	if doc.Digest() != again.Digest() || doc.Code() != again.Code() || len(doc.Code()) != 23 {
		t.Errorf("%s, then %s", doc.Code(), again.Code())
	}
	seen := map[string]bool{doc.Code(): true}
	v := verdict()
	v.Income.Total++
	for _, in := range []report.Input{
		input(v, request(), explain.Zh, all()),
		input(verdict(), request(), explain.En, all()),
		input(verdict(), request(), explain.Zh, some()),
		input(verdict(), nil, explain.Zh, all()),
	} {
		other, err := report.Build(in)
		if err != nil {
			t.Fatal(err)
		}
		if seen[other.Code()] {
			t.Errorf("another content, the same code %s", other.Code())
		}
		seen[other.Code()] = true
	}
}
