package main

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/hedui/hedui/engine/situation"
	"github.com/hedui/hedui/rules"
	"github.com/hedui/hedui/rules/trace"
)

// TestReplayAll compares stored verdicts with traces, line by line.
func TestReplayAll(t *testing.T) {
	p, err := rules.Load("reference")
	if err != nil {
		t.Fatal(err)
	}
	dir, err := rules.Open("reference")
	if err != nil {
		t.Fatal(err)
	}
	all, err := situation.Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	var verdicts, traces []string
	for i := range all[:4] {
		v, rests, err := all[i].Trace(p)
		if err != nil {
			t.Fatal(err)
		}
		text, err := rests.Append(nil)
		if err != nil {
			t.Fatal(err)
		}
		verdicts, traces = append(verdicts, string(v.AppendJSON(nil))+"\n"), append(traces, string(text)+"\n")
	}
	stored, rests := strings.Join(verdicts, ""), strings.Join(traces, "")
	cases := []struct {
		name, verdicts, traces string
		equal, differs         int64
		want                   string // of the error; "" for none
	}{
		{"equal", stored, rests, 4, 0, ""},
		{"no line break at the end", strings.TrimSuffix(stored, "\n"), strings.TrimSuffix(rests, "\n"), 4, 0, ""},
		{"nothing", "", "", 0, 0, ""},
		{"a changed verdict", strings.Replace(stored, verdicts[2], strings.Replace(verdicts[2], "_fen\":", "_fen\":1", 1), 1), rests, 2, 3, "v line 3: " + errDiffers.Error()},
		{"a line too few", strings.TrimSuffix(stored, verdicts[3]), rests, 3, 0, "v has fewer lines than t"},
		{"a line too many", stored, strings.TrimSuffix(rests, traces[3]), 3, 0, "v has more lines than t"},
		{"an empty line", "\n" + stored, rests, 0, 1, "v line 1: " + errDiffers.Error()},
		{"a changed trace", stored, strings.Replace(rests, traces[1], strings.Replace(traces[1], "_fen\":", "_fen\":1", 1), 1), 1, 0, "t line 2: " + trace.ErrSeal.Error()},
		{"carriage returns", stored, strings.ReplaceAll(rests, "\n", "\r\n"), 0, 0, "t line 1: " + trace.ErrSeal.Error()},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			n := int64(0)
			report, err := replayAll(context.Background(), newLines(strings.NewReader(c.traces), "t"), newLines(strings.NewReader(c.verdicts), "v"), func([]byte) error { n++; return nil })
			got := ""
			if err != nil {
				got = err.Error()
			}
			if got != c.want || report.Traces != c.equal || report.Differs != c.differs || n != c.equal || !report.Compared {
				t.Errorf("%+v, %d, %q", report, n, got)
			}
		})
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := replayAll(ctx, newLines(strings.NewReader(rests), "t"), nil, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("after the end of the context: %v", err)
	}
}
