package console

import (
	"bytes"
	"context"
	"errors"
	"mime/multipart"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/api"
	"github.com/hedui/hedui/engine/api/wire"
)

// Languages.
const (
	chinese = "zh"
	english = "en"
)

const (
	// languageCookie keeps which language somebody reads; it says nothing else.
	languageCookie = "hedui-language"
	// doneParameter names what was done before a page is shown, by a word of the
	// catalogue that begins with done.
	doneParameter = "done"
)

// visit is one request for a page.
type visit struct {
	console *Console
	ctx     context.Context //nolint:containedctx // it lives as long as the request
	w       http.ResponseWriter
	r       *http.Request
	call    api.PageCall
	lang    string
	notice  *notice
	// turnedAway says that the page is a refusal.
	turnedAway bool
}

// notice is said above a page.
type notice struct {
	Good   bool
	Text   string
	Fields []string
}

// language is the one that was chosen; Chinese when none was.
func language(r *http.Request) string {
	if c, err := r.Cookie(languageCookie); err == nil && c.Value == english {
		return english
	}
	return chinese
}

func (v *visit) say(key string, args ...any) string { return v.console.say(v.lang, key, args...) }

// caller is who asks.
func (v *visit) caller() wire.Caller { return v.call.Caller }

// may reports whether some role of the caller may do such a thing at all, for what a page
// offers. Whether it may be done to something the desk decides.
func (v *visit) may(op access.Operation) bool { return access.May(v.call.Subject, op) == "" }

// field is what a form says, without space around it.
func (v *visit) field(name string) string { return strings.TrimSpace(v.r.PostForm.Get(name)) }

// query is what the address says.
func (v *visit) query(name string) string { return v.r.URL.Query().Get(name) }

// goTo sends the browser to another page of the console.
func (v *visit) goTo(to string) error {
	v.w.Header().Set("Location", to)
	v.w.WriteHeader(http.StatusSeeOther)
	return nil
}

// done sends the browser to a page and says there what was done: a word of the
// catalogue, done.<key>.
func (v *visit) done(to, key string) error {
	u := url.URL{Path: to, RawQuery: url.Values{doneParameter: {key}}.Encode()}
	return v.goTo(u.String())
}

// inside is an address below the console, or the first page where it is none: nobody is
// sent to another host by an address that somebody made up.
func inside(to string) string {
	u, err := url.Parse(to)
	if err != nil || u.Scheme != "" || u.Host != "" || path.Clean(u.Path) != u.Path || strings.Contains(to, "\\") ||
		u.Path != prefix && !strings.HasPrefix(u.Path, prefix+"/") {
		return prefix
	}
	return u.RequestURI()
}

// refused takes down as a notice why the desk refused, for the same page to be shown
// again. It returns the error where another page says so: what is not there, may not be
// done, or went wrong.
func (v *visit) refused(err error) error {
	var r *wire.Refusal
	if !errors.As(err, &r) {
		return err
	}
	switch r.Code {
	case wire.NotSignedIn, wire.NotFound, wire.Forbidden, wire.Internal, wire.Overloaded, wire.AuditUnavailable, wire.TookTooLong, wire.Stopping:
		return err
	}
	e := wire.Lookup(r.Code)
	v.notice = &notice{Text: e.Zh, Fields: v.fields(r.Fields)}
	if v.lang == english {
		v.notice.Text = e.En
	}
	return nil
}

// sent does what a form asks, once the form is as the interface wants it.
func sent[T any](form any, do func() (T, error)) (out T, err error) {
	if err := api.Valid(form); err != nil {
		return out, err
	}
	return do()
}

// retry is again for a page that has to be asked for first. Where the refusal is not for
// the same page, nothing is asked.
func retry[T any](v *visit, page string, err error, ask func() (T, error)) error {
	if why := v.refused(err); why != nil {
		return why
	}
	data, lost := ask()
	if lost != nil {
		return lost
	}
	return v.again(page, data, err)
}

// upload is the file that came with a form in a field, nil for none.
func (v *visit) upload(field string) *multipart.FileHeader {
	if v.r.MultipartForm == nil {
		return nil
	}
	for _, h := range v.r.MultipartForm.File[field] {
		if h.Size > 0 {
			return h
		}
	}
	return nil
}

// filled is a form as somebody filled it in.
type filled struct{ Form url.Values }

// Get is what a field says.
func (f filled) Get(name string) string { return f.Form.Get(name) }

// Has reports whether a box is ticked.
func (f filled) Has(name, value string) bool { return slices.Contains(f.Form[name], value) }

// moment is how a time is written.
const moment = "2006-01-02 15:04"

// again shows a page again because of what the desk said to a form, with why above it.
func (v *visit) again(page string, data any, err error) error {
	if err := v.refused(err); err != nil {
		return err
	}
	status := http.StatusUnprocessableEntity
	if r, ok := errors.AsType[*wire.Refusal](err); ok {
		status = wire.Lookup(r.Code).Status
	}
	return v.showAs(status, page, data)
}

// show answers with a page.
func (v *visit) show(page string, data any) error { return v.showAs(http.StatusOK, page, data) }

func (v *visit) showAs(status int, page string, data any) error {
	t := v.console.templates[page]
	if t == nil {
		return errors.New("internal: there is no page " + page)
	}
	if key := v.query(doneParameter); key != "" && v.notice == nil && v.r.Method == http.MethodGet {
		if _, known := v.console.words["done."+key]; known {
			v.notice = &notice{Good: true, Text: v.say("done." + key)}
		}
	}
	var out bytes.Buffer
	if err := t.ExecuteTemplate(&out, "layout", &view{visit: v, Data: data}); err != nil {
		return err
	}
	h := v.w.Header()
	guard(h)
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", map[string]string{chinese: "zh-CN", english: "en"}[v.lang])
	v.w.WriteHeader(status)
	_, _ = v.w.Write(out.Bytes()) // a browser that has gone away gets no answer
	return nil
}

// guard sets what keeps a page from being made to do what its makers did not mean.
func guard(h http.Header) {
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "+
		"form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
	h.Add("Vary", "Cookie")
}
