package main

import (
	"context"
	"errors"

	"github.com/hedui/hedui/engine/desk/front"
	"github.com/hedui/hedui/engine/report"
	"github.com/hedui/hedui/engine/report/press"
)

// noBrowser in the configuration says that no PDF is made.
const noBrowser = "off"

// newPress is what prints reports: signed with the key of a file where there is one, PDF
// where there is a browser.
func newPress(keyFile, browser string) (*press.Press, error) {
	p := &press.Press{}
	if keyFile != "" {
		key, err := readPrivateKey(keyFile)
		if err != nil {
			return nil, err
		}
		p.Signer = key
	}
	if browser == noBrowser {
		return p, nil
	}
	pool, err := press.NewPool(press.PoolOptions{Browser: browser})
	switch {
	case err == nil:
		p.Pool = pool
	case browser != "" || !errors.Is(err, press.ErrNoBrowser):
		return nil, err
	}
	return p, nil
}

// closePress ends the browser, if one was started.
func closePress(p *press.Press) error {
	if p == nil || p.Pool == nil {
		return nil
	}
	return p.Pool.Close()
}

// printer prints reports as the front asks for them.
type printer struct{ press *press.Press }

// Print implements front.Printer.
func (p printer) Print(ctx context.Context, d *report.Document, form string) ([]byte, error) {
	out, err := p.press.Print(ctx, d, press.Form(form))
	if errors.Is(err, press.ErrNoBrowser) {
		return nil, errors.Join(front.ErrNoPrinter, err)
	}
	return out, err
}
