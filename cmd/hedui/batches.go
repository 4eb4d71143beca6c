package main

import (
	"context"
	"errors"
	"time"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/account"
	"github.com/hedui/hedui/engine/desk"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/staff"
	"github.com/hedui/hedui/engine/submission"
)

// batchConfig bounds what one sender of batches may have, in the configuration of serve and
// worker.
type batchConfig struct {
	Rows       int64  `yaml:"rows"`       // of one batch
	Unfinished int    `yaml:"unfinished"` // batches of one sender
	Daily      int64  `yaml:"daily"`      // rows of one sender
	Upload     string `yaml:"upload"`     // size of a file
	Elsewhere  bool   `yaml:"elsewhere"`  // serve leaves them to hedui worker

	upload int64
}

const defaultUpload = 64 << 20

func (c *batchConfig) settle() (key, problem string) {
	if c.Rows < 0 || c.Unfinished < 0 || c.Daily < 0 {
		return "batches", "numbers must be 1 or more"
	}
	c.upload = defaultUpload
	if c.Upload != "" {
		var size sizeFlag
		if err := size.Set(c.Upload); err != nil || size.bytes > 1<<30 {
			return "batches.upload", "a size up to 1GiB, as in 64MiB"
		}
		c.upload = size.bytes
	}
	return "", ""
}

func (c *batchConfig) limits() submission.Limits {
	return submission.Limits{Rows: c.Rows, Unfinished: c.Unfinished, Daily: c.Daily}
}

// newBatchOffice is where batches are kept and answered. name is that of this process among
// those that answer them, "" for one that nobody else has.
func newBatchOffice(a *app, l ledger.Ledger, d *desk.Desk, log desk.Audit, accounts *account.Accounts, o submission.Options) (*submission.Office, error) {
	o.Desk, o.Ledger, o.Audit, o.Now, o.Log = d, l, log, time.Now, a.logger
	o.Standing = func(ctx context.Context, name string) (access.Subject, error) {
		who, err := accounts.Standing(ctx, name)
		if err != nil {
			return access.Subject{}, err
		}
		return staff.Subject(&who), nil
	}
	return submission.New(o)
}

// noAccounts reports whether a ledger has no account yet.
func noAccounts(ctx context.Context, l ledger.Ledger) (bool, error) {
	q := ledger.Every(ledger.KindUser)
	q.Limit, q.Bare = 1, true
	page, err := l.List(ctx, q)
	return err == nil && len(page.Rows) == 0, err
}

// errNoOwner says that nobody answers for the ledger any more.
var errNoOwner = errors.New("nobody answers for the ledger any more: start hedui serve, or this again")

// mostKept is how many rows of a batch serve keeps in one change: whoever is at the counter
// waits for one of them at most.
const mostKept = 8

// answerBatches answers batches, one at a time, in the lane of batch work.
func (s *service) answerBatches(ctx context.Context) {
	for ctx.Err() == nil {
		turn, err := s.server.Lanes().Batch(ctx)
		if err != nil { // others wait for it
			select {
			case <-ctx.Done():
			case <-time.After(time.Second):
			}
			continue
		}
		s.turn.Store(turn)
		s.batches.Run(ctx)
		s.turn.Store(nil)
		turn.End()
	}
}

// giveWay lets those at the counter go first, between two households of a batch.
func (s *service) giveWay(ctx context.Context) error {
	if turn := s.turn.Load(); turn != nil {
		return turn.Yield(ctx)
	}
	return ctx.Err()
}
