package api

import (
	"context"
	"net/http"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/api/wire"
)

// AddUnknown makes a table with a route that the policy doesn't know, or a handler
// that no route speaks of.
func AddUnknown(handlerOnly bool) error {
	installErrors()
	s := &Server{mux: http.NewServeMux()}
	t := s.table()
	if handlerOnly {
		t.HandleFunc("GET /behind", func(http.ResponseWriter, *http.Request) {})
	} else {
		route(t, access.Operation(65000), get, "/x", say{"某", "x"}, Direct,
			func(context.Context, wire.Caller, *None) (*None, error) { return nil, nil })
	}
	_, err := t.finish()
	return err
}
