package press

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/hedui/hedui/engine/report"
)

// Press prints documents. It is safe for use by several goroutines.
type Press struct {
	Signer Signer // nil: files are sealed without a signature
	Pool   *Pool  // nil: there is no PDF
}

// Print makes the file of a document: its form, sealed.
func (p *Press) Print(ctx context.Context, d *report.Document, form Form) ([]byte, error) {
	var out bytes.Buffer
	var err error
	switch form {
	case HTML, PDF:
		var o report.HTMLOptions
		if o.QR, err = p.SlipText(d); err != nil {
			return nil, err
		}
		err = report.HTML(&out, d, o)
	case XLSX:
		err = report.XLSX(&out, d)
	default:
		return nil, fmt.Errorf("there is no form %q", form)
	}
	if err != nil {
		return nil, err
	}
	file := out.Bytes()
	if form == PDF {
		if p.Pool == nil {
			return nil, ErrNoBrowser
		}
		if file, err = p.Pool.Print(ctx, file, d.Head.Number); err != nil {
			return nil, fmt.Errorf("report %s: %w", d.Head.Number, err)
		}
	}
	return Seal(file, form, d.Head.Number, d.Code(), p.Signer)
}

// SlipText is what the square code of a document says: its facts, signed where there is a
// key.
func (p *Press) SlipText(d *report.Document) (string, error) {
	s := slipOf(d)
	return s.text(p.Signer)
}

// ErrNoBrowser is returned where PDF is asked for and no Chromium is installed or may be
// used.
var ErrNoBrowser = errors.New("PDF needs Chromium: on Debian `apt-get install chromium fonts-noto-cjk fonts-babelstone-han`; or print the page of the report from a browser")
