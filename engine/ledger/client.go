package ledger

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"sync/atomic"

	"github.com/hedui/hedui/engine/durable"
)

// Client is the ledger in a process that does not own it.
type Client struct {
	http      *http.Client
	transport *http.Transport
	pseudonym func([]byte) [16]byte
	closed    atomic.Bool
}

// Connect speaks to the owner of the ledger of a data directory. The error is
// ErrUnreachable when there is none.
func Connect(ctx context.Context, data string, opt Options) (*Client, error) {
	dir := filepath.Join(data, "ledger")
	c := &Client{}
	c.transport = &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			name, hold, err := socketPath(dir)
			if err != nil {
				return nil, err
			}
			defer hold.Close()
			return new(net.Dialer).DialContext(ctx, "unix", name)
		},
		MaxIdleConns:        64,
		MaxIdleConnsPerHost: 64,
		DisableCompression:  true,
	}
	c.http = &http.Client{Transport: c.transport}
	// Whether somebody is there, before the key: a new ledger's owner makes it.
	if _, err := c.Get(ctx, KindUser, "nobody"); err != nil && !errors.Is(err, ErrNotFound) && !errors.Is(err, ErrErased) {
		return nil, errors.Join(err, c.Close())
	}
	var err error
	if c.pseudonym, err = pseudonymOf(opt, dir, false, durable.Disk{}); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// post sends one request; the caller closes the body of the answer.
func (c *Client) post(ctx context.Context, what string, in any) (*http.Response, error) {
	if c.closed.Load() {
		return nil, ErrClosed
	}
	b, err := json.Marshal(in)
	if err != nil {
		return nil, fmt.Errorf("ask the owner of the ledger: %w", err)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://ledger"+wirePath+what, bytes.NewReader(b))
	if err != nil {
		return nil, fmt.Errorf("ask the owner of the ledger: %w", err)
	}
	answer, err := c.http.Do(r)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	return answer, nil
}

// ask sends one request and reads its answer.
func (c *Client) ask(ctx context.Context, what string, in, out any) error {
	answer, err := c.post(ctx, what, in)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(io.LimitReader(answer.Body, wireBytes))
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	if answer.StatusCode == http.StatusOK {
		if err := json.Unmarshal(b, out); err != nil {
			return errors.New("the owner of the ledger answers in another version")
		}
		return nil
	}
	var w wireError
	if json.Unmarshal(b, &w) != nil || w.Code == "" {
		return fmt.Errorf("the owner of the ledger answers in another version: status %d", answer.StatusCode)
	}
	return &w
}

// Get reads one entry.
func (c *Client) Get(ctx context.Context, kind Kind, id string) (row Row, err error) {
	err = c.ask(ctx, "get", getRequest{kind, id}, &row)
	return row, err
}

// Find reads the entry that has a unique name.
func (c *Client) Find(ctx context.Context, kind Kind, unique string) (row Row, err error) {
	err = c.ask(ctx, "find", getRequest{kind, unique}, &row)
	return row, err
}

// List reads a page.
func (c *Client) List(ctx context.Context, q Query) (page Page, err error) {
	err = c.ask(ctx, "list", q, &page)
	return page, err
}

// Commit writes a change. When the owner ends meanwhile the error is ErrUnreachable,
// and the change may or may not be written.
func (c *Client) Commit(ctx context.Context, change Change) error {
	if err := change.Validate(); err != nil {
		return err
	}
	return c.ask(ctx, "commit", change, &struct{}{})
}

// Pseudonym is how the ledger speaks of a person or a record.
func (c *Client) Pseudonym(d Domain, plain []byte) Pseudonym {
	return pseudonym(c.pseudonym, d, plain)
}

// Digest is that of the owner.
func (c *Client) Digest(ctx context.Context) (digest string, err error) {
	err = c.ask(ctx, "digest", struct{}{}, &digest)
	return digest, err
}

// Verify lets the owner verify.
func (c *Client) Verify(ctx context.Context) (r Report, err error) {
	err = c.ask(ctx, "verify", struct{}{}, &r)
	return r, err
}

// Close ends the connections.
func (c *Client) Close() error {
	c.closed.Store(true)
	c.transport.CloseIdleConnections()
	return nil
}
