package drive

import (
	"context"
	"fmt"
	"strings"

	"github.com/chromedp/cdproto/input"
)

// Keys that people go through a page with.
const (
	tab key = iota
	back
	enter
	space
	escape
	down
)

type key int

// strokes are what a keyboard sends for each.
var strokes = [...]struct {
	name      string
	code      int64
	text      string
	modifiers int64
}{
	tab:    {"Tab", 9, "", 0},
	back:   {"Tab", 9, "", 8},
	enter:  {"Enter", 13, "\r", 0},
	space:  {" ", 32, " ", 0},
	escape: {"Escape", 27, "", 0},
	down:   {"ArrowDown", 40, "", 0},
}

func (p *Page) stroke(ctx context.Context, which key) error {
	k := strokes[which]
	code := k.name
	if code == " " {
		code = "Space"
	}
	for _, kind := range []input.DispatchKeyEventType{input.DispatchKeyEventTypeKeyDown, input.DispatchKeyEventTypeKeyUp} {
		e := input.DispatchKeyEventParams{Type: kind, Key: k.name, Code: code, WindowsVirtualKeyCode: k.code, NativeVirtualKeyCode: k.code, Modifiers: k.modifiers}
		if kind == input.DispatchKeyEventTypeKeyDown {
			e.Text = k.text
			if k.text == "" {
				e.Type = input.DispatchKeyEventTypeRawKeyDown
			}
		}
		if err := call(ctx, input.DispatchKeyEvent, e); err != nil {
			return err
		}
	}
	return nil
}

// Tab goes to the next thing that takes keys.
func (p *Page) Tab() error { return p.stroke(p.ctx, tab) }

// BackTab goes to the one before.
func (p *Page) BackTab() error { return p.stroke(p.ctx, back) }

// Enter presses Enter where the focus is.
func (p *Page) Enter() error {
	return p.act("Enter", func(ctx context.Context) error { return p.stroke(ctx, enter) })
}

// Space presses the space bar where the focus is.
func (p *Page) Space() error {
	return p.act("Space", func(ctx context.Context) error { return p.stroke(ctx, space) })
}

// Escape presses Escape.
func (p *Page) Escape() error {
	return p.act("Escape", func(ctx context.Context) error { return p.stroke(ctx, escape) })
}

// Down presses the arrow down, as in a list of choices.
func (p *Page) Down() error {
	return p.act("Down", func(ctx context.Context) error { return p.stroke(ctx, down) })
}

// Type types a text where the focus is.
func (p *Page) Type(text string) error {
	return p.act("type", func(ctx context.Context) error {
		return call(ctx, input.InsertText, input.InsertTextParams{Text: text})
	})
}

// Focus is what has the focus.
type Focus struct {
	Name    string `json:"name"`
	Kind    string `json:"kind"` // of the field or the element
	Nowhere bool   `json:"nowhere"`
}

// Focused is what has the focus now.
func (p *Page) Focused() (Focus, error) { return ask[Focus](p, "active") }

// most is how often Tab is pressed at most to come round a page.
const most = 400

// TabTo goes by Tab alone to what is called so.
func (p *Page) TabTo(name string) error {
	for range most {
		if err := p.Tab(); err != nil {
			return err
		}
		f, err := p.Focused()
		if err != nil {
			return err
		}
		if f.Name == name || (f.Name != "" && strings.HasPrefix(f.Name, name)) {
			return nil
		}
	}
	return fmt.Errorf("Tab does not come to %s", name)
}

// parts is how many parts a field has at most that Tab goes through.
const parts = 8

// Unfocused goes through the whole page by Tab and returns what it does not reach, and
// what does not show that it has the focus.
func (p *Page) Unfocused() (unreached, unseen []string, err error) {
	type thing struct {
		Key  int    `json:"key"`
		Name string `json:"name"`
	}
	// focus is what has the focus, and how the thing looks now that had it before.
	type focus struct {
		thing

		Tag    string `json:"tag"`
		Look   string `json:"look"`
		Seen   bool   `json:"seen"`
		Before string `json:"before"`
		Out    bool   `json:"out"`
	}
	all, err := ask[[]thing](p, "reachable")
	if err != nil || len(all) == 0 {
		return nil, nil, err
	}
	reached := map[int]bool{}
	last, first, out, stays := focus{thing: thing{Key: -1}, Out: true}, -1, 0, 0
	for range most {
		if err := p.Tab(); err != nil {
			return nil, nil, err
		}
		now, err := ask[focus](p, "focusLook")
		if err != nil {
			return nil, nil, err
		}
		moved := now.Out || now.Key != last.Key // a field of several parts keeps it for some time
		if stays++; moved {
			stays = 0
		}
		if stays > parts { // it is the only one
			before, err := ask[string](p, "letGo")
			if err != nil {
				return nil, nil, err
			}
			if before == last.Look || !last.Seen {
				unseen = append(unseen, last.Tag+" "+last.Name)
			}
			break
		}
		if moved && !last.Out && (now.Before == last.Look || !last.Seen) {
			unseen = append(unseen, last.Tag+" "+last.Name)
		}
		if out += btoi(now.Out); out > 2 || first >= 0 && moved && now.Key == first {
			break
		}
		if !now.Out {
			reached[now.Key] = true
			if first < 0 {
				first = now.Key
			}
		}
		if moved {
			last = now
		}
	}
	for _, r := range all {
		if !reached[r.Key] {
			unreached = append(unreached, r.Name)
		}
	}
	return unreached, unseen, nil
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}
