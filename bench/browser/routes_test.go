package browser

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hedui/hedui/bench/browser/drive"
	"github.com/hedui/hedui/engine/api"
	"github.com/hedui/hedui/engine/console"
)

// routes are the pages of the console, as its own route table has them.
var routes = sync.OnceValues(func() ([]api.Page, error) {
	c, err := console.New(console.Options{Desk: struct{ console.Desk }{}, Now: time.Now})
	if err != nil {
		return nil, err
	}
	return c.Pages(), nil
})

// patterns finds the route of an address.
var patterns = sync.OnceValues(func() (*http.ServeMux, error) {
	all, err := routes()
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	for _, p := range all {
		mux.HandleFunc(p.Method+" "+p.Path, func(http.ResponseWriter, *http.Request) {})
	}
	return mux, nil
})

// pattern is the route of an address, "" for none.
func pattern(t testing.TB, method, path string) string {
	t.Helper()
	mux, err := patterns()
	must(t, err)
	r, err := http.NewRequest(method, "http://x"+path, nil)
	if err != nil {
		return ""
	}
	_, p := mux.Handler(r)
	return p
}

// reached is every route that a browser asked for, with how often.
var reached struct {
	sync.Mutex
	routes map[string]int
}

// reach notes what a window was shown.
func reach(t testing.TB, all []drive.Visit) {
	t.Helper()
	reached.Lock()
	defer reached.Unlock()
	if reached.routes == nil {
		reached.routes = map[string]int{}
	}
	for _, v := range all {
		if v.Path == "/" || strings.HasPrefix(v.Path, "/console") {
			reached.routes[pattern(t, v.Method, v.Path)]++
		}
	}
}

// found are the pages that links lead to.
var found struct {
	sync.Once
	all []place
	err error
}

// files are the routes that answer with something to keep: no pages.
var files = downloads{routes: map[string]string{}}

type downloads struct {
	sync.Mutex
	routes map[string]string
}

func (d *downloads) add(route, path string) {
	d.Lock()
	defer d.Unlock()
	d.routes[route] = path
}
