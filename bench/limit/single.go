package main

import (
	"bytes"
	"context"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/hedui/hedui/engine"
	"github.com/hedui/hedui/engine/explain"
	"github.com/hedui/hedui/engine/store"
	"github.com/hedui/hedui/rules"
)

// singles are the times of households judged one at a time, in nanoseconds, ascending.
type singles []int64

func (s singles) at(share float64) float64 {
	return float64(s[min(len(s)-1, int(share*float64(len(s))))]) / 1e3
}

// single judges n households picked from the lines. Each time runs from the request as
// text to its verdict as one line of JSON, or as the page in Chinese that a family can be
// shown, with the pack's words. Nothing of a household is kept for the next.
func single(ctx context.Context, v *engine.Verifier, gen store.Generation, lines [][]byte, n int, page bool) (singles, error) {
	w := v.Worker()
	r := rand.New(rand.NewPCG(1, 1))
	var times singles
	var out []byte
	var text bytes.Buffer
	for i := range n + n/10 { // the first tenth warms the caches
		line := lines[r.IntN(len(lines))]
		start := time.Now()
		var plan engine.Plan
		w.Prepare(line, 1, &plan)
		verdict, err := w.Look(ctx, gen, &plan)
		if err != nil {
			return nil, err
		}
		if page {
			text.Reset()
			err = explain.Write(&text, explain.Input{Verdict: verdict, Request: plan.Request, Texts: words{v.Pack()}, Lang: explain.Zh})
			if err != nil {
				return nil, err
			}
		} else {
			out = verdict.AppendJSON(out[:0])
		}
		if took := time.Since(start); i >= n/10 {
			times = append(times, int64(took))
		}
	}
	slices.Sort(times)
	return times, nil
}

// words are those of the pack, in Chinese.
type words struct{ pack *rules.Pack }

func (w words) Title(code, _ string) string {
	return w.zh(code, func(m *rules.Message) rules.Text { return m.Title })
}

func (w words) Text(code, _ string) string {
	return w.zh(code, func(m *rules.Message) rules.Text { return m.Text })
}

func (w words) Clear(code, _ string) string {
	return w.zh(code, func(m *rules.Message) rules.Text { return m.Clear })
}
func (w words) Law(code string) string { return w.pack.LawOf(code) }

func (w words) zh(code string, of func(*rules.Message) rules.Text) string {
	if m := w.pack.Message(code); m != nil {
		return of(m).Zh
	}
	return ""
}
