package drive

import (
	"cmp"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

//go:embed page.js
var library string

// Page is one visitor's window: its cookies are its own.
type Page struct {
	Visitor

	ctx    context.Context //nolint:containedctx // chromedp keeps the window in it
	cancel func()

	mu      sync.Mutex
	under   map[network.RequestID]bool // requests under way
	loading map[cdp.FrameID]bool
	moved   time.Time // when something last happened on the network
	leaving time.Time // when the page wanted to be left, until it is
	trouble Trouble
	visited []Visit
	before  map[network.RequestID]string // method of the newest request
	status  int64                        // of the newest document
}

// Visit is one document that was asked for, and how it was answered.
type Visit struct {
	Method, Path string
	Status       int64
	Header       map[string]string // with names in small letters
}

// Visit opens a window.
func (b *Browser) Visit(v Visitor) (*Page, error) {
	v.Language = cmp.Or(v.Language, "zh-CN")
	v.Width, v.Height = cmp.Or(v.Width, Desk), cmp.Or(v.Height, 900)
	v.Patience = cmp.Or(v.Patience, time.Minute)
	ctx, cancel := chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext())
	p := &Page{Visitor: v, ctx: ctx, cancel: cancel, under: map[network.RequestID]bool{}, loading: map[cdp.FrameID]bool{}, before: map[network.RequestID]string{}}
	steps := []func() error{
		func() error { return chromedp.Do(ctx) },
		func() error { return chromedp.Listen(ctx, p.hear) },
		func() error { return call(ctx, audits.Enable, cdp.Empty{}) },
		func() error {
			return call(ctx, network.SetCacheDisabled, network.SetCacheDisabledParams{CacheDisabled: false})
		},
		func() error {
			return call(ctx, emulation.SetUserAgentOverride, emulation.SetUserAgentOverrideParams{UserAgent: b.agent, AcceptLanguage: v.Language})
		},
		func() error {
			return call(ctx, emulation.SetTimezoneOverride, emulation.SetTimezoneOverrideParams{TimezoneID: "Asia/Shanghai"})
		},
		func() error { return call(ctx, runtime.AddBinding, runtime.AddBindingParams{Name: Marker}) },
		func() error {
			return call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: v.NoScript})
		},
		func() error { return p.Resize(v.Width, v.Height) },
	}
	for _, step := range steps {
		if err := step(); err != nil {
			cancel()
			return nil, err
		}
	}
	return p, nil
}

// Close closes the window.
func (p *Page) Close() { p.cancel() }

// call sends a command whose answer says nothing.
func call[P, R any](ctx context.Context, c cdp.Command[P, R], params P) error {
	_, err := chromedp.Call(ctx, c, params)
	return err
}

// Resize makes the window wider or narrower.
func (p *Page) Resize(width, height int64) error {
	p.Width, p.Height = width, height
	return chromedp.Do(p.ctx, chromedp.EmulateViewport(width, height))
}

// Go opens an address: a path below Home, or a whole address.
func (p *Page) Go(address string) error {
	if strings.HasPrefix(address, "/") {
		address = p.Home + address
	}
	return p.act("open", func(ctx context.Context) error {
		r, err := chromedp.Call(ctx, page.Navigate, page.NavigateParams{URL: address})
		if err == nil && r.ErrorText != "" && r.ErrorText != "net::ERR_ABORTED" && r.ErrorText != "net::ERR_HTTP_RESPONSE_CODE_FAILURE" {
			err = errors.New(r.ErrorText)
		}
		return err
	})
}

// Back goes back one page.
func (p *Page) Back() error {
	return p.act("back", func(ctx context.Context) error {
		h, err := chromedp.Call(ctx, page.GetNavigationHistory, cdp.Empty{})
		if err != nil {
			return err
		}
		if h.CurrentIndex < 1 {
			return errors.New("this is the first page")
		}
		return call(ctx, page.NavigateToHistoryEntry, page.NavigateToHistoryEntryParams{EntryID: h.Entries[h.CurrentIndex-1].ID})
	})
}

// Reload asks for the page again.
func (p *Page) Reload() error {
	return p.act("reload", func(ctx context.Context) error { return call(ctx, page.Reload, page.ReloadParams{}) })
}

// Status is the status of the newest document, 0 before the first.
func (p *Page) Status() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.status
}

// Visited are the documents that were shown, in order.
func (p *Page) Visited() []Visit {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]Visit(nil), p.visited...)
}

// Path is the path and query of the page that is shown.
func (p *Page) Path() (string, error) {
	at, err := chromedp.Run(p.ctx, chromedp.Location())
	if err != nil {
		return "", err
	}
	u, err := url.Parse(at)
	if err != nil {
		return "", errors.New("the address of the page can't be read")
	}
	return u.RequestURI(), nil
}

// quiet is how long nothing may happen before a page counts as being at rest.
const quiet = 150 * time.Millisecond

// leaves is how long a page may take from wanting to be left until it is, on a machine
// that has other things to do.
const leaves = 5 * time.Second

// act does something and waits until the page is at rest.
func (p *Page) act(what string, do func(ctx context.Context) error) error {
	ctx, cancel := context.WithTimeout(p.ctx, p.Patience)
	defer cancel()
	p.mu.Lock()
	p.moved = time.Now()
	p.mu.Unlock()
	if err := do(ctx); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	// What was done has come to the page when it answers the next question.
	_ = call(ctx, runtime.Evaluate, runtime.EvaluateParams{Expression: "0"}) // it may be leaving
	p.mu.Lock()
	p.moved = time.Now()
	p.mu.Unlock()
	for {
		p.mu.Lock()
		busy := len(p.under) > 0 || len(p.loading) > 0 || time.Since(p.moved) < quiet ||
			!p.leaving.IsZero() && time.Since(p.leaving) < leaves
		under, loading := len(p.under), len(p.loading)
		p.mu.Unlock()
		if !busy {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s: the page is not at rest after %v: %d requests, %d frames", what, p.Patience, under, loading)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// hear takes down what happens in the window. It runs in the loop that reads it.
func (p *Page) hear(ev any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := ev.(type) {
	case *network.EventRequestWillBeSent:
		p.moved = time.Now()
		p.requested(e)
	case *network.EventLoadingFinished:
		p.moved = time.Now()
		delete(p.under, e.RequestID)
	case *network.EventLoadingFailed:
		p.moved = time.Now()
		delete(p.under, e.RequestID)
	case *network.EventResponseReceived:
		p.moved = time.Now()
		p.answered(e)
	case *page.EventFrameRequestedNavigation:
		p.moved = time.Now()
		p.leaving = p.moved
	case *page.EventFrameStartedLoading:
		p.moved, p.leaving = time.Now(), time.Time{}
		p.loading[e.FrameID] = true
	case *page.EventFrameStoppedLoading:
		p.moved = time.Now()
		delete(p.loading, e.FrameID)
		if len(p.loading) == 0 {
			clear(p.under) // a document that was left says nothing more of its requests
		}
	case *page.EventFrameDetached:
		delete(p.loading, e.FrameID)
	default:
		p.wrong(ev)
	}
}

func (p *Page) requested(e *network.EventRequestWillBeSent) {
	if e.Type != network.ResourceTypePing && e.Type != network.ResourceTypeEventSource {
		p.under[e.RequestID] = true
	}
	u, err := url.Parse(e.Request.URL)
	if err != nil || u.Scheme == "data" || u.Scheme == "blob" || u.Scheme == "about" {
		return
	}
	if e.Type == network.ResourceTypeDocument {
		p.leaving = time.Time{}
		if r := e.RedirectResponse; r != nil { // what sent the browser here was shown nothing, and answered all the same
			p.visited = append(p.visited, visitOf(p.before[e.RequestID], r))
		}
		p.before[e.RequestID] = e.Request.Method
	}
	if p.Home != "" && u.Scheme+"://"+u.Host != p.Home {
		p.trouble.Foreign = append(p.trouble.Foreign, u.Scheme+"://"+u.Host)
	}
}

func (p *Page) answered(e *network.EventResponseReceived) {
	if e.Type != network.ResourceTypeDocument || e.Response == nil {
		return
	}
	v := visitOf(p.before[e.RequestID], e.Response)
	p.status = v.Status
	p.visited = append(p.visited, v)
}

func visitOf(method string, r *network.Response) Visit {
	v := Visit{Method: method, Status: r.Status, Header: map[string]string{}}
	if u, err := url.Parse(r.URL); err == nil {
		v.Path = u.RequestURI()
	}
	var header map[string]any
	if text, err := json.Marshal(r.Headers); err == nil {
		_ = json.Unmarshal(text, &header) // a header that is no text is none here
	}
	for name, value := range header {
		if text, ok := value.(string); ok {
			v.Header[strings.ToLower(name)] = text
		}
	}
	return v
}

// ask runs a function of page.js in the page. Scripts of the page need not be on for it.
func ask[T any](p *Page, function string, args ...any) (T, error) {
	var zero T
	given, err := json.Marshal(append([]any{}, args...))
	if err != nil {
		return zero, err
	}
	ctx, cancel := context.WithTimeout(p.ctx, p.Patience)
	defer cancel()
	r, err := chromedp.Call(ctx, runtime.Evaluate, runtime.EvaluateParams{
		Expression:    "(() => {" + library + "\nreturn JSON.stringify(" + function + "(..." + string(given) + "))})()",
		ReturnByValue: new(true),
	})
	if err != nil {
		return zero, fmt.Errorf("%s: %w", function, err)
	}
	if r.ExceptionDetails != nil {
		return zero, fmt.Errorf("%s: the page's script failed: %s", function, firstLine(r.ExceptionDetails))
	}
	var text string
	if err := json.Unmarshal(r.Result.Value, &text); err != nil {
		return zero, fmt.Errorf("%s: no answer: %w", function, err)
	}
	var out T
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		return zero, fmt.Errorf("%s: %w", function, err)
	}
	return out, nil
}

// firstLine is what kind of exception it was, and of the driver's own function.
func firstLine(e *runtime.ExceptionDetails) string {
	line, _, _ := strings.Cut(describe(e.Exception), "\n")
	return e.Text + " " + line
}

// Text is everything that can be read on the page, as it is laid out.
func (p *Page) Text() (string, error) { return ask[string](p, "visibleText") }

// HTML is the page as the browser holds it now.
func (p *Page) HTML() (string, error) { return ask[string](p, "wholeHTML") }

// Says waits until a text can be read on the page.
func (p *Page) Says(text string) error {
	return p.until("the page does not say "+text, func() (bool, error) {
		all, err := p.Text()
		return strings.Contains(all, text), err
	})
}

// until asks again until it is so or patience ends.
func (p *Page) until(otherwise string, so func() (bool, error)) error {
	end := time.Now().Add(p.Patience)
	for {
		ok, err := so()
		if err == nil && ok {
			return nil
		}
		if time.Now().After(end) {
			return errors.Join(errors.New(otherwise), err)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// Links are the addresses of the page's links, each once, in their order.
func (p *Page) Links() ([]string, error) { return ask[[]string](p, "links") }

// Cookie is what a window keeps for the site.
type Cookie struct {
	Name, Value string
	HTTPOnly    bool
	SameSite    string
	Path        string
}

// Cookies are the cookies of the window.
func (p *Page) Cookies() ([]Cookie, error) {
	r, err := chromedp.Call(p.ctx, network.GetCookies, network.GetCookiesParams{URLs: []string{p.Home}})
	if err != nil {
		return nil, err
	}
	var all []Cookie
	for _, c := range r.Cookies {
		all = append(all, Cookie{c.Name, c.Value, c.HTTPOnly, string(c.SameSite), c.Path})
	}
	return all, nil
}

// Keep puts a cookie of the site into the window.
func (p *Page) Keep(name, value string) error {
	return call(p.ctx, network.SetCookie, network.SetCookieParams{
		Name: name, Value: value, URL: p.Home, HTTPOnly: new(true), SameSite: network.CookieSameSiteStrict,
	})
}
