package browser

import (
	"net/http"
	"testing"
)

// unvisited are routes of the console that no window asks for, and why.
var unvisited = map[string]string{
	"GET /console/assets/{name}": "every page loads them, and none shows one by itself",
}

// Every route of the console was asked for by a browser. It runs last, and only where
// everything ran before it.
func TestBrowserZEveryRoute(t *testing.T) {
	all, err := routes()
	must(t, err)
	reached.Lock()
	defer reached.Unlock()
	visited := 0
	for _, r := range all {
		name := r.Method + " " + r.Path
		why, excused := unvisited[name]
		switch n := reached.routes[name]; {
		case n > 0 && excused:
			t.Errorf("%s is asked for, and listed as if it were not", name)
		case n > 0:
			visited++
		case excused && why != "":
		default:
			if _, file := files.routes[name]; file && r.Method == http.MethodGet {
				visited++ // what is kept is fetched, not shown
				continue
			}
			t.Errorf("%s: no window asks for it", name)
		}
	}
	for name := range unvisited {
		known := false
		for _, r := range all {
			known = known || r.Method+" "+r.Path == name
		}
		if !known {
			t.Errorf("%s is listed and is no route", name)
		}
	}
	if visited == 0 {
		t.Error("nothing was visited")
	}
	t.Logf("%d of %d routes", visited, len(all))
}
