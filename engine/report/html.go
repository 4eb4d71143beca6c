package report

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // the page and its style
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/hedui/hedui/engine/qr"
)

//go:embed style.css
var style string

//go:embed report.html
var page string

// HTMLOptions is what a page shows besides its document.
type HTMLOptions struct {
	// QR is the text of the square code beside the verification code; "" for none.
	QR string
	// Watermark is written pale across every page; "" takes the recipient, the number and
	// the time of the document.
	Watermark string
}

// StyleHash is the source of the page's one style element for a Content-Security-Policy:
// 'sha256-…'. The page has no other style and no script.
func StyleHash() string {
	sum := sha256.Sum256([]byte(style))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// HTML writes a document as one page that needs nothing else: no script, no file, no
// network. Equal documents and options give equal bytes.
func HTML(w io.Writer, d *Document, o HTMLOptions) error {
	sum := d.Digest()
	v := view{Document: d, Style: template.CSS(style), Code: CodeOf(sum), Digest: hex.EncodeToString(sum[:]), Stamp: stamp(d, o)} //nolint:gosec // a constant of this package
	if o.QR != "" {
		code, err := qr.Draw(o.QR)
		if err != nil {
			return fmt.Errorf("the square code of a report: %w", err)
		}
		v.QR = &code
	}
	return write(w, reportPage, &v)
}

var reportPage = parsed("report", page) //nolint:gochecknoglobals // parsed once

// parsed is a page, which is parsed the first time that it is asked for. It has no function
// that depends on a document; bands are the places of the pale text.
func parsed(name, text string) func() (*template.Template, error) {
	return sync.OnceValues(func() (*template.Template, error) {
		return template.New(name).Funcs(template.FuncMap{"bands": func() []struct{} { return make([]struct{}, 5) }}).Parse(text)
	})
}

// write writes a page whole or not at all.
func write(w io.Writer, page func() (*template.Template, error), v any) error {
	t, err := page()
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := t.Execute(&out, v); err != nil {
		return fmt.Errorf("write a %s as HTML: %w", t.Name(), err)
	}
	_, err = w.Write(out.Bytes())
	return err
}

// view is a document with what only a page has.
type view struct {
	*Document
	Style  template.CSS
	Code   string
	Digest string
	Stamp  string
	QR     *qr.Picture
}

// L is a heading of the catalogue.
func (v *view) L(key string, args ...any) string { return Words(key, v.Lang, args...) }

// Who is how a member is called in a table.
func (v *view) Who(n int) string {
	if n < 1 {
		return "–"
	}
	if n <= len(v.Members) {
		return strconv.Itoa(n) + " " + v.Members[n-1].Name
	}
	return strconv.Itoa(n)
}

// About is whom and what a finding is about, behind its title.
func (v *view) About(f Finding) string {
	if f.Member == 0 {
		return ""
	}
	if f.Type == "" {
		return Words("of member", v.Lang, v.Who(f.Member))
	}
	return Words("of member and type", v.Lang, v.Who(f.Member), f.Type)
}

// Short is the beginning of an identifier that stands in full under the sources.
func (v *view) Short(id string) string {
	const keep = 8
	if len(id) <= keep {
		return id
	}
	return id[:keep] + "…"
}

// FromTo words a span.
func (v *view) FromTo(g Grant) string { return v.fromTo(g) }

func (d *Document) fromTo(g Grant) string {
	switch {
	case g.From != "" && g.To != "":
		return Words("from to", d.Lang, g.From, g.To)
	case g.From != "":
		return Words("from", d.Lang, g.From)
	case g.To != "":
		return Words("until", d.Lang, g.To)
	}
	return "–"
}

// Rows reports whether any finding lists records of its own.
func (v *view) Rows() bool {
	for i := range v.Findings {
		if len(v.Findings[i].Evidence) > 0 {
			return true
		}
	}
	return false
}

// stamp names who a copy was made for.
func stamp(d *Document, o HTMLOptions) string {
	if o.Watermark != "" {
		return clean(o.Watermark)
	}
	return stampOf(d.Head.Recipient, d.Head.Number, d.Head.IssuedAt)
}

// stampOf joins what is there of whom a copy was made for, its number and its time.
func stampOf(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), " · ")
}
