package drive

import (
	"context"
	"fmt"
	"slices"

	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// Where is the part of a page that something is looked for in: a section, a fieldset or
// a table by its heading, a row by a text in it. Which counts from 1 where several are
// called alike. The zero value is the whole page.
type Where struct {
	Within string
	Which  int
}

// spot is where something is.
type spot struct {
	Count    int     `json:"count"`
	X        float64 `json:"x"`
	Y        float64 `json:"y"`
	Kind     string  `json:"kind"`
	Checked  bool    `json:"checked"`
	Disabled bool    `json:"disabled"`
}

const (
	fields   = "input:not([type=hidden]):not([type=submit]):not([type=button]):not([type=reset]),select,textarea"
	pressing = "button,input[type=submit],input[type=button],a[href],summary,[role=button],[role=tab]"
)

// point marks the one thing that is called so.
func (p *Page) point(selector, name string, w Where) (spot, error) {
	s, err := ask[spot](p, "point", selector, name, w.Within, w.Which)
	switch {
	case err != nil:
		return s, fmt.Errorf("%s: %w", name, err)
	case s.Count == 0:
		return s, fmt.Errorf("nothing here is called %s", name)
	case s.Count > 1:
		return s, fmt.Errorf("%d things here are called %s", s.Count, name)
	case s.Disabled:
		return s, fmt.Errorf("%s can't be used now", name)
	}
	return s, nil
}

// at makes the first of some places the zero value where none is given.
func at(where []Where) Where {
	if len(where) == 0 {
		return Where{}
	}
	return where[0]
}

// Has reports whether something to press is called so.
func (p *Page) Has(name string, where ...Where) bool {
	w := at(where)
	s, err := ask[spot](p, "point", pressing, name, w.Within, w.Which)
	return err == nil && s.Count > 0
}

// Fill writes into the field with a label, in place of what was there. In a list it
// chooses, a box it ticks or not by 是 and "".
func (p *Page) Fill(label, value string, where ...Where) error {
	s, err := p.point(fields, label, at(where))
	if err != nil {
		return err
	}
	typed := []string{"text", "password", "search", "email", "tel", "url", "number", "textarea", ""}
	return p.act("fill "+label, func(ctx context.Context) error {
		switch {
		case s.Kind == "select-one", s.Kind == "select-multiple":
			ok, err := ask[bool](p, "choose", value)
			if err == nil && !ok {
				err = fmt.Errorf("there is no choice %s", value)
			}
			return err
		case s.Kind == "checkbox", s.Kind == "radio":
			if s.Checked == (value != "") {
				return nil
			}
			return p.click(ctx, s)
		case slices.Contains(typed, s.Kind):
			if _, err := ask[bool](p, "ready"); err != nil {
				return err
			}
			if value == "" {
				_, err := ask[bool](p, "put", "")
				return err
			}
			return call(ctx, input.InsertText, input.InsertTextParams{Text: value})
		}
		ok, err := ask[bool](p, "put", value) // dates and months, whose fields are of several parts
		if err == nil && !ok {
			err = fmt.Errorf("the field does not take the value")
		}
		return err
	})
}

// Set gives the field with a label a value as a script would: for values that can't be
// typed.
func (p *Page) Set(label, value string, where ...Where) error {
	if _, err := p.point(fields, label, at(where)); err != nil {
		return err
	}
	_, err := ask[bool](p, "put", value)
	return err
}

// Upload chooses files in the field with a label.
func (p *Page) Upload(label string, files ...string) error {
	if _, err := p.point(fields, label, Where{}); err != nil {
		return err
	}
	return p.act("upload "+label, func(ctx context.Context) error {
		r, err := chromedp.Call(ctx, runtime.Evaluate, runtime.EvaluateParams{Expression: "document.querySelector('[data-driven]')"})
		if err != nil {
			return err
		}
		return call(ctx, dom.SetFileInputFiles, dom.SetFileInputFilesParams{Files: files, ObjectID: r.Result.ObjectID})
	})
}

// Press presses the button or follows the link on which something is written.
func (p *Page) Press(name string, where ...Where) error {
	s, err := p.point(pressing, name, at(where))
	if err != nil {
		return err
	}
	return p.act("press "+name, func(ctx context.Context) error { return p.click(ctx, s) })
}

// Value is what stands in the field with a label.
func (p *Page) Value(label string, where ...Where) (string, error) {
	v, err := ask[*string](p, "value", label, at(where).Within)
	if err != nil {
		return "", err
	}
	if v == nil {
		return "", fmt.Errorf("no field is called %s", label)
	}
	return *v, nil
}

// Fields are the names of the fields that can be seen.
func (p *Page) Fields() ([]string, error) { return ask[[]string](p, "called", fields) }

// Buttons are the names of what can be pressed.
func (p *Page) Buttons() ([]string, error) { return ask[[]string](p, "called", pressing) }

func (p *Page) click(ctx context.Context, s spot) error {
	for _, kind := range []input.DispatchMouseEventType{input.DispatchMouseEventTypeMousePressed, input.DispatchMouseEventTypeMouseReleased} {
		err := call(ctx, input.DispatchMouseEvent, input.DispatchMouseEventParams{Type: kind, X: s.X, Y: s.Y, Button: input.MouseButtonLeft, ClickCount: 1})
		if err != nil {
			return err
		}
	}
	return nil
}

// Form is a form of a page: where it goes, and how many fields text can be typed into.
type Form struct {
	Index  int    `json:"index"`
	Method string `json:"method"`
	Action string `json:"action"`
	Fields int    `json:"fields"`
}

// Forms are the forms of the page.
func (p *Page) Forms() ([]Form, error) { return ask[[]Form](p, "forms") }

// Stuff fills every field of a form with one of some texts in turn, whatever the field
// asks for, and sends it. It returns how many fields were filled.
func (p *Page) Stuff(index int, texts ...string) (int, error) {
	n := 0
	err := p.act("stuff a form", func(context.Context) (err error) {
		n, err = ask[int](p, "stuff", index, texts)
		return err
	})
	return n, err
}

// Send posts a form that the page does not have, as one of the page, and returns the
// status of the answer.
func (p *Page) Send(action string, fields map[string]string) (int64, error) {
	err := p.act("send a form", func(context.Context) error {
		_, err := ask[bool](p, "send", action, fields)
		return err
	})
	return p.Status(), err
}
