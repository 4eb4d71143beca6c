package drive

import (
	"context"
	"fmt"
	"strings"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// Marker is a function that pages have here and nobody calls. A script that got into a
// page by something that somebody typed calls it with a text that says which.
const Marker = "heduiPlanted"

// Trouble is what went wrong in a window.
type Trouble struct {
	Console  []string // errors and warnings, and what no script caught
	Policy   []string // violations of the content security policy: directive and what was blocked
	Dialogs  []string // that a page opened; nobody asked for one
	Planted  []string // what called Marker
	Foreign  []string // other hosts that were asked for something
	Failures []string // requests that were answered with an error, the console's line for each
}

// None reports whether nothing went wrong. Failures are no trouble by themselves: a page
// may say that something is not there.
func (t Trouble) None() bool {
	return len(t.Console)+len(t.Policy)+len(t.Dialogs)+len(t.Planted)+len(t.Foreign) == 0
}

func (t Trouble) String() string {
	var b strings.Builder
	for _, part := range []struct {
		name string
		said []string
	}{
		{"console", t.Console},
		{"policy", t.Policy},
		{"dialog", t.Dialogs},
		{"planted", t.Planted},
		{"foreign", t.Foreign},
	} {
		for _, s := range part.said {
			fmt.Fprintf(&b, "%s: %s\n", part.name, s)
		}
	}
	return strings.TrimSpace(b.String())
}

// Trouble is what went wrong since the last time it was asked for.
func (p *Page) Trouble() Trouble {
	p.mu.Lock()
	defer p.mu.Unlock()
	t := p.trouble
	p.trouble = Trouble{}
	return t
}

// wrong takes down what should not happen.
func (p *Page) wrong(ev any) {
	t := &p.trouble
	switch e := ev.(type) {
	case *runtime.EventBindingCalled:
		if e.Name == Marker {
			t.Planted = append(t.Planted, e.Payload)
		}
	case *page.EventJavascriptDialogOpening:
		t.Dialogs = append(t.Dialogs, string(e.Type)+" "+e.Message)
		go p.dismiss() // the loop that calls this must go on
	case *runtime.EventExceptionThrown:
		t.Console = append(t.Console, "exception: "+e.ExceptionDetails.Text+" "+describe(e.ExceptionDetails.Exception))
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning || e.Type == runtime.ConsoleAPICalledTypeAssert {
			var said []string
			for _, a := range e.Args {
				said = append(said, describe(a))
			}
			t.Console = append(t.Console, string(e.Type)+": "+strings.Join(said, " "))
		}
	case *log.EventEntryAdded:
		switch {
		case e.Entry.Source == log.EntrySourceNetwork:
			t.Failures = append(t.Failures, e.Entry.Text)
		case e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning:
			t.Console = append(t.Console, string(e.Entry.Source)+": "+e.Entry.Text)
		}
	case *audits.EventIssueAdded:
		if e.Issue == nil || e.Issue.Details == nil || e.Issue.Details.ContentSecurityPolicyIssueDetails == nil {
			return
		}
		d := e.Issue.Details.ContentSecurityPolicyIssueDetails
		t.Policy = append(t.Policy, fmt.Sprintf("%s %s %s", d.ViolatedDirective, d.ContentSecurityPolicyViolationType, d.BlockedURL))
	}
}

func (p *Page) dismiss() {
	ctx, cancel := context.WithTimeout(p.ctx, p.Patience)
	defer cancel()
	_, _ = chromedp.Call(ctx, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{Accept: false}) // it is noted already
}

func describe(o *runtime.RemoteObject) string {
	if o == nil {
		return ""
	}
	if o.Description != "" {
		return o.Description
	}
	return string(o.Value)
}
