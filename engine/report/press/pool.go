package press

import (
	"context"
	"fmt"
	"html"
	"os"
	"os/exec"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// browserNames are what Chromium is called, in the order of preference.
var browserNames = [...]string{"chromium", "chromium-browser", "google-chrome-stable", "google-chrome"}

// FindBrowser is where Chromium is: path itself when it is given, otherwise what is
// installed. It returns ErrNoBrowser when there is none.
func FindBrowser(path string) (string, error) {
	if path != "" {
		found, err := exec.LookPath(path)
		if err != nil {
			return "", fmt.Errorf("%w; %s can't be run", ErrNoBrowser, path)
		}
		return found, nil
	}
	for _, name := range browserNames {
		if found, err := exec.LookPath(name); err == nil {
			return found, nil
		}
	}
	return "", ErrNoBrowser
}

// PoolOptions say how PDF is made. Zeros are the usual.
type PoolOptions struct {
	Browser  string        // where Chromium is; "" looks for it
	Jobs     int           // that one browser does before another takes its place; 200
	Patience time.Duration // for one report; 30 s
}

// Pool is one browser that lives long and prints one page after the other. It is started by
// the first page, and again when it is gone. Close ends it. Nobody waits longer for it than
// their context allows, whatever the browser does.
type Pool struct {
	o    PoolOptions
	path string

	turn    chan struct{}   // one page at a time: a second would only make both late
	browser context.Context //nolint:containedctx // chromedp keeps the process in it
	end     func()
	done    int // by this browser
}

// NewPool finds the browser and starts nothing yet.
func NewPool(o PoolOptions) (*Pool, error) {
	if o.Jobs <= 0 {
		o.Jobs = 200
	}
	if o.Patience <= 0 {
		o.Patience = 30 * time.Second
	}
	path, err := FindBrowser(o.Browser)
	if err != nil {
		return nil, err
	}
	return &Pool{o: o, path: path, turn: make(chan struct{}, 1)}, nil
}

// Print makes a PDF of a page that needs nothing but itself, with the number of the report
// and of the page below each page.
func (p *Pool) Print(ctx context.Context, content []byte, number string) ([]byte, error) {
	select {
	case p.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-p.turn }()
	if err := ctx.Err(); err != nil { // it waited too long
		return nil, err
	}
	out, err := p.print(ctx, content, number)
	if err != nil && ctx.Err() == nil { // the browser may have died; a new one gets one more try
		p.kill()
		out, err = p.print(ctx, content, number)
	}
	if err != nil {
		p.kill()
		if ctx.Err() != nil { // which is why, whatever the browser said of it
			err = ctx.Err()
		}
		return nil, fmt.Errorf("print PDF: %w", err)
	}
	if p.done++; p.done >= p.o.Jobs {
		p.stop()
	}
	return out, nil
}

// Close ends the browser and waits until it is gone.
func (p *Pool) Close() error {
	p.turn <- struct{}{}
	defer func() { <-p.turn }()
	p.stop()
	return nil
}

// goodbye is how long a browser may take to end by itself.
const goodbye = 5 * time.Second

// stop asks the browser to end, and ends it when it does not.
func (p *Pool) stop() {
	if p.browser == nil {
		return
	}
	ctx, cancel := context.WithTimeout(p.browser, goodbye)
	defer cancel()
	_ = chromedp.Cancel(ctx) // kill ends it in any case
	p.kill()
}

// kill ends a browser that may not listen, and waits until it is gone.
func (p *Pool) kill() {
	if p.browser == nil {
		return
	}
	p.end()
	p.browser, p.end, p.done = nil, nil, 0
}

// start starts the browser: without a window, a network, extensions, or anything kept. One
// that does not answer is ended with ctx.
func (p *Pool) start(ctx context.Context) error {
	if p.browser != nil {
		return nil
	}
	// Of its own, for a browser that is killed leaves things where it keeps temporary files.
	temp, err := os.MkdirTemp("", "hedui")
	if err != nil {
		return err
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(p.path),
		chromedp.Env("TMPDIR="+temp),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND"),
		chromedp.Flag("no-proxy-server", true),
		chromedp.Flag("disable-breakpad", true),
		chromedp.Flag("disable-crash-reporter", true),
		chromedp.Flag("disk-cache-size", "1"),
		chromedp.Flag("font-render-hinting", "none"),
		chromedp.Flag("export-tagged-pdf", true),
	)
	// The browser outlives the page that it is started for.
	life, giveUp := context.WithCancel(context.Background())
	allocator, end := chromedp.NewExecAllocator(life, options...)
	// What it says besides is of the protocol; what goes wrong comes back as an error.
	silent := func(string, ...any) {}
	browser, closed := chromedp.NewContext(allocator, chromedp.WithErrorf(silent), chromedp.WithLogf(silent))
	all := func() {
		giveUp()
		closed()
		end()
		_ = os.RemoveAll(temp) // a socket's name at most
	}
	stop := context.AfterFunc(ctx, giveUp)
	err = chromedp.Do(browser)
	if !stop() && err == nil {
		err = ctx.Err()
	}
	if err != nil {
		all()
		return fmt.Errorf("start %s: %w", p.path, err)
	}
	p.browser, p.end = browser, all
	return nil
}

// Of A4, in inches.
const (
	a4Width, a4Height = 8.27, 11.69
	marginSide        = 0.55
	marginEnd         = 0.63
)

func (p *Pool) print(ctx context.Context, content []byte, number string) ([]byte, error) {
	ctx, done := context.WithTimeout(ctx, p.o.Patience)
	defer done()
	if err := p.start(ctx); err != nil {
		return nil, err
	}
	tab, closeTab := chromedp.NewContext(p.browser)
	defer closeTab()
	tab, cancel := context.WithCancel(tab)
	defer cancel()
	stop := context.AfterFunc(ctx, cancel)
	defer stop()
	if err := chromedp.Do(tab); err != nil {
		return nil, err
	}
	tree, err := chromedp.Call(tab, page.GetFrameTree, cdp.Empty{})
	if err != nil {
		return nil, err
	}
	if _, err := chromedp.Call(tab, page.SetDocumentContent, page.SetDocumentContentParams{FrameID: tree.FrameTree.Frame.ID, HTML: string(content)}); err != nil {
		return nil, err
	}
	yes, side, end := true, marginSide, marginEnd
	out, err := chromedp.Call(tab, page.PrintToPDF, page.PrintToPDFParams{
		DisplayHeaderFooter: &yes, PrintBackground: &yes, PaperWidth: a4Width, PaperHeight: a4Height,
		MarginTop: &end, MarginBottom: &end, MarginLeft: &side, MarginRight: &side, GenerateTaggedPDF: &yes,
		HeaderTemplate: `<span></span>`,
		FooterTemplate: `<div style="width:100%;font-size:8px;color:#444;padding:0 14mm;display:flex;justify-content:space-between"><span>` +
			html.EscapeString(number) + `</span><span><span class="pageNumber"></span> / <span class="totalPages"></span></span></div>`,
	})
	if err != nil {
		return nil, err
	}
	return out.Data, nil
}
