package browser

import (
	"context"
	"flag"
	"fmt"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/hedui/hedui/bench/browser/drive"
)

var (
	withBrowser = flag.Bool("browser", false, "run what needs Chromium")
	only        = flag.String("only", "", "look at the pages whose route holds this `text` only")
	pictures    = flag.String("pictures", "", "`folder` to write a picture of every page into")
)

// seen counts the documents that browsers were shown.
var seen atomic.Int64

// Every test whose name begins with TestBrowser needs a browser, TestBrowserPictures a
// folder, and the one that looks whether every route was asked for a whole run.
func TestMain(m *testing.M) {
	flag.Parse()
	skip := ""
	switch {
	case !*withBrowser:
		skip = "^TestBrowser"
	case *pictures == "" && (part() || *only != ""):
		skip = "^TestBrowser(Pictures|ZEveryRoute)$"
	case *pictures == "":
		skip = "^TestBrowserPictures$"
	case part() || *only != "":
		skip = "^TestBrowserZEveryRoute$"
	}
	if own := flag.Lookup("test.skip").Value.String(); own != "" && skip != "" {
		skip = own + "|" + skip
	}
	if skip != "" {
		if err := flag.Set("test.skip", skip); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	code := m.Run()
	closeAll()
	if *withBrowser && code == 0 && seen.Load() == 0 {
		fmt.Fprintln(os.Stderr, "FAIL: no page was visited")
		code = 1
	}
	os.Exit(code)
}

// part reports whether only some tests were asked for.
func part() bool {
	return flag.Lookup("test.run").Value.String() != "" || flag.Lookup("test.skip").Value.String() != ""
}

// browser is the one process that all tests open their windows in.
var browser struct {
	sync.Once
	b   *drive.Browser
	err error
}

// closers end what all tests share.
var closers []func()

func closeAll() {
	for _, end := range slices.Backward(closers) {
		end()
	}
}

// window opens a window. What went wrong in it without anybody looking fails the test
// when it ends.
func window(t testing.TB, v drive.Visitor) *drive.Page {
	t.Helper()
	p := loose(t, v)
	t.Cleanup(func() {
		if trouble := p.Trouble(); !trouble.None() {
			t.Errorf("in the window of %s:\n%s", t.Name(), trouble)
		}
	})
	return p
}

// loose opens a window in which trouble is expected.
func loose(t testing.TB, v drive.Visitor) *drive.Page {
	t.Helper()
	browser.Do(func() {
		browser.b, browser.err = drive.Start(context.Background())
		if browser.err == nil {
			closers = append(closers, func() { _ = browser.b.Close() })
		}
	})
	if browser.err != nil {
		t.Fatal(browser.err)
	}
	p, err := browser.b.Visit(v)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		seen.Add(int64(len(p.Visited())))
		reach(t, p.Visited())
		p.Close()
	})
	return p
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
