package drive

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/chromedp"
)

// Faint is a text that does not stand out enough from what is behind it.
type Faint struct {
	Text  string  `json:"text"` // its beginning
	Ratio float64 `json:"ratio"`
	Need  float64 `json:"need"`
}

// Contrast is every text of the page whose contrast is below what WCAG 2 asks for on
// level AA, and how many texts were looked at.
func (p *Page) Contrast() (faint []Faint, texts int, err error) {
	r, err := ask[struct {
		Count int     `json:"count"`
		Out   []Faint `json:"out"`
	}](p, "faint")
	return r.Out, r.Count, err
}

// Overflow is what makes the page scroll sideways.
func (p *Page) Overflow() ([]string, error) { return ask[[]string](p, "overflow") }

// Cut is text that is cut off and can't be got at.
func (p *Page) Cut() ([]string, error) { return ask[[]string](p, "cut") }

// Bones is what is missing of what a screen reader finds its way by: language, title,
// headings, headers of tables, and what labels point at.
func (p *Page) Bones() ([]string, error) { return ask[[]string](p, "bones") }

// Odd are fields that hold what no person typed: false, nil and the like.
func (p *Page) Odd() ([]string, error) { return ask[[]string](p, "odd") }

// Twins are names of several things to press that do different things.
func (p *Page) Twins() ([]string, error) { return ask[[]string](p, "twins") }

// Small is what is too small to be pressed.
func (p *Page) Small() ([]string, error) { return ask[[]string](p, "small") }

// Strangers is what a page of the console never holds: scripts and styles within it,
// frames, handlers in attributes, addresses elsewhere.
func (p *Page) Strangers() ([]string, error) { return ask[[]string](p, "strangers") }

// Chrome is what the page says of its own: title, headings, labels, buttons, headers,
// hints. Names and records are not meant.
func (p *Page) Chrome() ([]string, error) { return ask[[]string](p, "chrome") }

// Named is something of a page with its name, as the browser tells a screen reader.
type Named struct {
	Role, Name string
	// Hint is whether the name is a placeholder or a title only, which is gone when it
	// is needed or can't be reached.
	Hint bool
}

// roles are what has to have a name.
var roles = []string{
	"button", "link", "textbox", "searchbox", "combobox", "listbox", "checkbox", "radio", "spinbutton", "slider", "switch", "tab",
	"menuitem", "image", "img", "Date", "DateTime", "InputTime", "ColorWell", "form", "dialog",
}

// Names are the things of the page that people work with, and what they are called.
func (p *Page) Names() ([]Named, error) {
	r, err := chromedp.Call(p.ctx, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
	if err != nil {
		return nil, err
	}
	_ = call(p.ctx, accessibility.Disable, cdp.Empty{}) // it slows the page down
	var all []Named
	for _, n := range r.Nodes {
		if n.Ignored || n.Role == nil {
			continue
		}
		role := text(n.Role)
		if !slices.Contains(roles, role) {
			continue
		}
		all = append(all, Named{Role: role, Name: strings.TrimSpace(text(n.Name)), Hint: hinted(n.Name)})
	}
	return all, nil
}

// pickers are buttons of fields that the browser makes.
var pickers = regexp.MustCompile(`^Show \w+ picker|^显示.*选择器|^Choose File|^选择文件|No file chosen|未选择任何文件`)

// Unnamed is everything that people work with and that has no name of its own.
func (p *Page) Unnamed() ([]string, error) {
	all, err := p.Names()
	if err != nil {
		return nil, err
	}
	var out []string
	for _, n := range all {
		switch {
		case n.Role == "form": // a form needs none when it is no landmark
		case pickers.MatchString(n.Name): // the browser's own
		case n.Name == "":
			out = append(out, n.Role+" without a name")
		case n.Hint:
			out = append(out, n.Role+" named by a hint only: "+n.Name)
		}
	}
	return out, nil
}

func text(v *accessibility.Value) string {
	if v == nil {
		return ""
	}
	var s string
	_ = json.Unmarshal(v.Value, &s) // what is no text is no name
	return s
}

// hinted reports whether a name comes from a placeholder or a title.
func hinted(v *accessibility.Value) bool {
	if v == nil {
		return false
	}
	for _, s := range v.Sources {
		if s.Superseded || s.Value == nil && s.AttributeValue == nil {
			continue
		}
		return s.Type == accessibility.ValueSourceTypePlaceholder || s.Attribute == "title" || s.Attribute == "placeholder"
	}
	return false
}
