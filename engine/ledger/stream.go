package ledger

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// Streamer gives all of a ledger as it is at one moment, while changes go on. What Dial
// returns is one: the owner, or a client for whom the owner does it.
type Streamer interface {
	// Backup writes the state of now to w and returns the digest of what it wrote. When
	// it fails what was written is no backup.
	Backup(ctx context.Context, w io.Writer) (digest string, err error)
}

var (
	_ Streamer = (*Owner)(nil)
	_ Streamer = (*Client)(nil)
)

// The trailer of a stream says how it ended. A stream without one was cut short, however
// whole it looks.
const (
	trailerDigest = "Ledger-Digest"
	trailerError  = "Ledger-Error" // the code of a wireError
)

// stream answers for a Streamer. Errors come after bytes were sent, so they travel in
// the trailer.
func stream(mux *http.ServeMux, s Streamer) {
	mux.HandleFunc("POST "+wirePath+"backup", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Trailer", trailerDigest+", "+trailerError)
		w.Header().Set("Content-Type", "application/octet-stream")
		digest, err := s.Backup(r.Context(), w)
		if err != nil {
			w.Header().Set(trailerError, toWire(err).Code)
			return
		}
		w.Header().Set(trailerDigest, digest)
	})
}

// Backup lets the owner write its state.
func (c *Client) Backup(ctx context.Context, w io.Writer) (digest string, err error) {
	if c.closed.Load() {
		return "", ErrClosed
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://ledger"+wirePath+"backup", http.NoBody)
	if err != nil {
		return "", fmt.Errorf("ask the owner of the ledger: %w", err)
	}
	answer, err := c.http.Do(r)
	if err != nil {
		return "", lost(ctx, err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return "", fmt.Errorf("the owner of the ledger answers in another version: status %d", answer.StatusCode)
	}
	to := &writing{w: w}
	if _, err := io.CopyBuffer(to, answer.Body, make([]byte, 256<<10)); err != nil {
		if to.err != nil {
			return "", fmt.Errorf("back the ledger up: %w", to.err)
		}
		return "", lost(ctx, err)
	}
	if code := answer.Trailer.Get(trailerError); code != "" {
		return "", fmt.Errorf("back the ledger up: %w", &wireError{Code: code, Text: "the owner says " + code})
	}
	if digest = answer.Trailer.Get(trailerDigest); digest == "" {
		return "", lost(ctx, errors.New("the stream ended early"))
	}
	return digest, nil
}

// lost is what a client says when the way to the owner broke.
func lost(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return fmt.Errorf("%w: %w", ErrUnreachable, err)
}

// writing keeps the error of a writer apart from that of what is read.
type writing struct {
	w   io.Writer
	err error
}

func (w *writing) Write(b []byte) (n int, err error) {
	n, w.err = w.w.Write(b)
	return n, w.err
}
