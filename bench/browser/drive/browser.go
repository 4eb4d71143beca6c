package drive

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/chromedp"
)

// ErrNoBrowser is returned where no Chromium is installed.
var ErrNoBrowser = errors.New("no Chromium is installed: run bench/browser/install.sh, or see there what to do")

// names are what Chromium is called, in the order of preference.
var names = []string{"chromium", "chromium-browser", "google-chrome-stable", "google-chrome"}

// Browser is one Chromium process.
type Browser struct {
	ctx    context.Context //nolint:containedctx // chromedp keeps the process in it
	cancel func()
	agent  string
}

// Start starts a browser without a window. It ends with ctx or by Close.
func Start(ctx context.Context) (*Browser, error) {
	path := ""
	for _, name := range names {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		return nil, ErrNoBrowser
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		// Its own controls speak Chinese, as at a counter.
		chromedp.Flag("lang", "zh-CN"),
		chromedp.Env("LANGUAGE=zh_CN", "LANG=zh_CN.UTF-8", "LC_ALL="),
		chromedp.Flag("font-render-hinting", "none"), // the same letters on every machine
		chromedp.Flag("disable-lcd-text", true),
		chromedp.Flag("hide-scrollbars", true),
		// Nothing leaves the machine. Names below .test are other sites on it.
		chromedp.Flag("host-resolver-rules", "MAP *.test 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"),
		chromedp.Flag("no-proxy-server", true),
		// A plain connection to the machine itself is not to be made a secure one.
		chromedp.Flag("disable-features", "Translate,BlinkGenPropertyTrees,HttpsUpgrades,HttpsFirstBalancedModeAutoEnable"),
	)
	allocator, end := chromedp.NewExecAllocator(ctx, options...)
	window, closed := chromedp.NewContext(allocator)
	b := &Browser{ctx: window, cancel: func() { closed(); end() }}
	if err := chromedp.Do(window); err != nil {
		b.cancel()
		return nil, fmt.Errorf("start %s: %w", path, err)
	}
	v, err := chromedp.CallBrowser(window, browser.GetVersion, cdp.Empty{})
	if err != nil {
		b.cancel()
		return nil, err
	}
	b.agent = v.UserAgent
	return b, nil
}

// Close ends the browser and waits until its process is gone.
func (b *Browser) Close() error {
	err := chromedp.Cancel(b.ctx)
	b.cancel()
	return err
}

// Visitor is who looks at pages, and with what.
type Visitor struct {
	// Home is where the console is, as in http://127.0.0.1:8443. Requests elsewhere are
	// trouble.
	Home string
	// Language that the browser asks for, zh-CN when empty.
	Language string
	// Width and Height of the window in pixels, 1280 and 900 when 0.
	Width, Height int64
	// NoScript switches the scripts of pages off.
	NoScript bool
	// Patience is how long something may take, a minute when 0.
	Patience time.Duration
}

// Widths of windows.
const (
	Desk  = 1280
	Phone = 375
)
