package topic

import (
	"context"
	"fmt"
	"io"

	"github.com/hedui/hedui/connectors"
	"github.com/hedui/hedui/engine/ingest"
	"github.com/hedui/hedui/engine/snapshot"
	"github.com/hedui/hedui/engine/stream"
)

// Feeds returns the deliveries of spans. With columns each message is a line of CSV with
// these fields, without one JSON object. The broker must stay open until the ingest is
// over.
func Feeds(b stream.Broker, spans []snapshot.Span, columns []string) []ingest.Feed {
	out := make([]ingest.Feed, len(spans))
	for i, s := range spans {
		out[i] = ingest.Feed{Span: &s, Feed: connectors.Feed{
			Name:    fmt.Sprintf("topic %s partition %d", s.Topic, s.Partition),
			Rows:    s.To - s.From,
			Columns: columns,
			Open:    func(ctx context.Context) (connectors.FeedRows, error) { return open(ctx, b, s) },
		}}
	}
	return out
}

// open reads a span from its beginning.
func open(ctx context.Context, b stream.Broker, s snapshot.Span) (connectors.FeedRows, error) {
	if s.From == s.To {
		return connectors.FeedRows{
			Next:  func() (connectors.FeedRow, error) { return connectors.FeedRow{}, io.EOF },
			Close: func() error { return nil },
		}, nil
	}
	r, err := b.Read(ctx, s.Topic, s.Partition, s.From)
	if err != nil {
		return connectors.FeedRows{}, err
	}
	r.Until(s.To)
	next := func() (connectors.FeedRow, error) {
		for {
			m, err := r.Next(ctx)
			switch {
			case err != nil:
				return connectors.FeedRow{}, err
			case isMark(m):
				continue
			case m.Corrupt || m.Oversize > 0:
				m.Value = nil
			}
			return connectors.FeedRow{Number: m.Offset + 1, Text: m.Value}, nil
		}
	}
	return connectors.FeedRows{Next: next, Close: r.Close}, nil
}
