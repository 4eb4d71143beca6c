package ledger

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
)

// Between the owner and its clients goes HTTP with JSON over a socket in the ledger's
// directory: requests end with their context, run beside each other and reuse their
// connection without a protocol of our own. What is on the way is never more than one
// change or one page.

const (
	wirePath  = "/v1/"
	wireBytes = 24 << 20 // of a request or an answer: base64 of the largest, and more
)

// errors by their code on the wire.
func wireErrors() map[string]error {
	return map[string]error{
		"not_found": ErrNotFound,
		"erased":    ErrErased,
		"conflict":  ErrConflict,
		"fenced":    ErrFenced,
		"invalid":   ErrInvalid,
		"too_large": ErrTooLarge,
		"space":     ErrSpace,
		"damaged":   ErrDamaged,
		"closed":    ErrClosed,
	}
}

// wireError is an error as it travels, and what a client gets.
type wireError struct {
	Code     string         `json:"code"`
	Text     string         `json:"text"`
	Conflict *ConflictError `json:"conflict,omitempty"`
}

func toWire(err error) wireError {
	w := wireError{Code: "internal", Text: err.Error()}
	_ = errors.As(err, &w.Conflict)
	for code, e := range wireErrors() {
		if errors.Is(err, e) {
			w.Code = code
		}
	}
	return w
}

func (w *wireError) Error() string { return w.Text }

// Unwrap is the error it was at the owner.
func (w *wireError) Unwrap() error {
	if w.Conflict != nil {
		return w.Conflict
	}
	return wireErrors()[w.Code]
}

// getRequest asks for one entry, by id or by a unique name.
type getRequest struct {
	Kind Kind   `json:"kind"`
	Name string `json:"name"`
}

// handler answers for a ledger.
func handler(l Ledger) http.Handler {
	mux := http.NewServeMux()
	answer(mux, "get", func(ctx context.Context, r getRequest) (Row, error) { return l.Get(ctx, r.Kind, r.Name) })
	answer(mux, "find", func(ctx context.Context, r getRequest) (Row, error) { return l.Find(ctx, r.Kind, r.Name) })
	answer(mux, "list", l.List)
	answer(mux, "many", func(ctx context.Context, asks []Ask) ([]reply, error) { return many(ctx, l, asks) })
	mux.HandleFunc("POST "+wirePath+"scan", serveScan(l))
	answer(mux, "commit", func(ctx context.Context, c Change) (struct{}, error) { return struct{}{}, l.Commit(ctx, c) })
	answer(mux, "digest", func(ctx context.Context, _ struct{}) (string, error) { return l.Digest(ctx) })
	answer(mux, "verify", func(ctx context.Context, _ struct{}) (Report, error) { return l.Verify(ctx) })
	if s, ok := l.(Streamer); ok {
		stream(mux, s)
	}
	return mux
}

func answer[In, Out any](mux *http.ServeMux, name string, do func(context.Context, In) (Out, error)) {
	mux.HandleFunc("POST "+wirePath+name, func(w http.ResponseWriter, r *http.Request) {
		var in In
		d := json.NewDecoder(http.MaxBytesReader(w, r.Body, wireBytes))
		d.DisallowUnknownFields()
		var out Out
		err := d.Decode(&in)
		if err != nil {
			err = errors.Join(ErrInvalid, errors.New("a request that is not one of this version")) // its own words may quote
		} else {
			out, err = do(r.Context(), in)
		}
		var b []byte
		status := http.StatusOK
		if err == nil {
			b, err = json.Marshal(out)
		}
		if err != nil {
			status = http.StatusConflict
			if b, err = json.Marshal(toWire(err)); err != nil {
				return
			}
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = w.Write(b) // a client that went away asked for nothing more
	})
}
