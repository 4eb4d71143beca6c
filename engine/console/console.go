package console

import (
	"context"
	"errors"
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/api"
	"github.com/hedui/hedui/engine/api/wire"
)

// prefix is where the pages stand.
const prefix = "/console"

// Desk is what the pages ask.
type Desk interface {
	wire.Desk
	Sheets
}

// Options say what a console is made of. Desk and Now are required.
type Options struct {
	Desk   Desk
	Now    func() time.Time
	Centre string // name of the centre; "" for none
	// Location is where times are told; nil is UTC+8.
	Location *time.Location
	// Plain says that the server is reached without TLS.
	Plain bool
	// PDF says that reports can be printed as PDF.
	PDF bool
	// Finding is what a finding is called by the rules, in Chinese or English; nil knows none.
	Finding func(code, lang string) string
	// SignOn says that an identity provider signs people in too.
	SignOn bool
}

// Console is the pages. It is safe for use by several goroutines.
type Console struct {
	o         Options
	desk      Desk
	words     map[string]text
	assets    map[string]asset // by name with digest
	addresses map[string]string
	templates map[string]*template.Template
}

var _ api.Pages = (*Console)(nil)

// New makes a console. It fails when a template can't be read or a word is missing.
func New(o Options) (*Console, error) {
	if o.Desk == nil || o.Now == nil {
		return nil, errors.New("a console needs a desk and a clock")
	}
	if o.Location == nil {
		o.Location = time.FixedZone("CST", 8*60*60)
	}
	c := &Console{o: o, desk: o.Desk}
	var err error
	if c.words, err = catalogue(); err != nil {
		return nil, err
	}
	if err := c.loadAssets(); err != nil {
		return nil, err
	}
	return c, c.loadTemplates()
}

// Prefix implements api.Pages.
func (*Console) Prefix() string { return prefix }

// Pages implements api.Pages.
func (c *Console) Pages() []api.Page {
	return slices.Concat(
		c.framePages(),
		c.sessionPages(),
		c.accountPages(),
		c.authorizationPages(),
		c.userPages(),
		c.auditPages(),
		c.checkPages(),
		c.batchPages(),
		c.householdPages(),
		c.verdictPages(),
		c.reportPages(),
		c.casePages(),
		c.objectionPages(),
		c.dataPages(),
		c.figurePages(),
	)
}

// handler answers one page.
type handler func(v *visit) error

// get is a page that shows something. It may always be told what was done before.
func (c *Console) get(op access.Operation, path, zh, en string, h handler, query ...string) api.Page {
	return api.Page{
		Operation: op, Method: http.MethodGet, Path: prefix + path, Lane: api.Interactive, Zh: zh, En: en,
		Query: append(query, doneParameter), Serve: c.serve(h),
	}
}

// post is a page that changes something by a form with these fields.
func (c *Console) post(op access.Operation, path, zh, en string, h handler, fields ...string) api.Page {
	return api.Page{
		Operation: op, Method: http.MethodPost, Path: prefix + path, Lane: api.Interactive, Zh: zh, En: en,
		Form: func(name string) bool { return slices.Contains(fields, name) }, Serve: c.serve(h),
	}
}

// heavy is a page in the lane of what takes long.
func heavy(p api.Page) api.Page {
	p.Lane = api.Heavy
	return p
}

func (c *Console) serve(h handler) func(context.Context, http.ResponseWriter, *http.Request, api.PageCall) error {
	return func(ctx context.Context, w http.ResponseWriter, r *http.Request, p api.PageCall) error {
		return h(&visit{console: c, ctx: ctx, w: w, r: r, call: p, lang: language(r)})
	}
}

// Refused implements api.Pages: whoever is not signed in is sent to sign in, everybody
// else is told why.
func (c *Console) Refused(w http.ResponseWriter, r *http.Request, caller wire.Caller, p *api.Problem) {
	v := &visit{console: c, ctx: r.Context(), w: w, r: r, call: api.PageCall{Caller: caller}, lang: language(r), turnedAway: true}
	if p.Code == wire.NotSignedIn {
		next := ""
		if r.Method == http.MethodGet {
			next = r.URL.RequestURI()
		}
		_ = v.goTo(signInPath(next, "")) // it writes a header
		return
	}
	title := p.TitleZh
	if v.lang == english {
		title = p.TitleEn
	}
	if err := v.showAs(p.Status, "error", errorPage{Code: string(p.Code), Title: title, Request: p.Request, Fields: v.fields(p.Fields)}); err != nil {
		http.Error(w, title, p.Status) // a template is broken; tests would have seen it
	}
}

type errorPage struct {
	Code, Title, Request string
	Fields               []string
}

// fields says which fields a refusal speaks of, by what their labels say.
func (v *visit) fields(list []wire.Field) []string {
	var out []string
	for _, f := range list {
		rule := "rule." + f.Rule
		if _, known := v.console.words[rule]; !known {
			rule = "rule."
		}
		out = append(out, v.label(f.Name)+v.say("colon")+v.say(rule))
	}
	return out
}

// label is what a field of the interface is called on a page: members[0].name is the name
// of member 1. A name without a word stands for itself.
func (v *visit) label(name string) string {
	var parts []string
	for part := range strings.SplitSeq(strings.TrimPrefix(name, "body."), ".") {
		part, index, _ := strings.Cut(part, "[")
		if _, known := v.console.words["field."+part]; known {
			part = v.say("field." + part)
		}
		if n, err := strconv.Atoi(strings.TrimSuffix(index, "]")); err == nil {
			part += " " + strconv.Itoa(n+1)
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, " · ")
}
