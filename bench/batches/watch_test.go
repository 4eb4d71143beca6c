package batches

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/hedui/hedui/engine/ledger"
)

// watcher looks again and again whether a position is behind a message that is not answered.
type watcher struct {
	s      *site
	x      *sender
	client *kgo.Client

	mu      sync.Mutex
	at      map[int32]*ledger.Position // as last seen
	stale   map[int32]int64            // the epoch up to which a position is of a topic that is gone
	samples int
	asked   int // messages that were looked for
	wrong   []string
}

// most is how many messages below a position are looked for at once.
const most = 100

func watch(s *site, x *sender) *watcher {
	return &watcher{s: s, x: x, client: client(s.t, s), at: map[int32]*ledger.Position{}, stale: map[int32]int64{}}
}

// run looks until ctx ends.
func (w *watcher) run(ctx context.Context) {
	random := rand.New(rand.NewPCG(*seed, 3))
	for ctx.Err() == nil {
		l, err := ledger.Connect(ctx, w.s.data, ledger.Options{})
		for err == nil && ctx.Err() == nil {
			if err = w.look(ctx, l, random); err == nil {
				time.Sleep(200 * time.Millisecond)
			}
		}
		if l != nil {
			_ = l.Close() // it was only read
		}
		time.Sleep(100 * time.Millisecond) // nobody answers for the ledger for a moment
	}
}

// look takes one sample.
func (w *watcher) look(ctx context.Context, l ledger.Ledger, random *rand.Rand) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	// First what the brokers were told, then how far the ledger is: it is never less.
	limit, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
	told, _ := committed(limit, w.client, *partitions) // the broker may be away
	cancel()
	for p := range int32(*partitions) {
		now, err := ledger.Get[ledger.Position](ctx, l, ledger.PositionID(topicRequests, p))
		if errors.Is(err, ledger.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		was := w.at[p]
		w.at[p] = now
		if now.Epoch <= w.stale[p] {
			continue
		}
		delete(w.stale, p)
		if told[p] > now.Offset {
			w.wrong = append(w.wrong, fmt.Sprintf("partition %d: the brokers were told %d, the ledger is at %d", p, told[p], now.Offset))
		}
		from := int64(0)
		if was != nil && was.Epoch == now.Epoch {
			from = was.Offset
		}
		if err := w.below(ctx, p, from, now.Offset, random, func(id string) error {
			_, err := l.Get(ctx, ledger.KindRequest, id)
			return err
		}); err != nil {
			return err
		}
	}
	w.samples++
	return nil
}

// below looks for the answers to messages before a position: to the last, and to some.
func (w *watcher) below(ctx context.Context, p int32, from, to int64, random *rand.Rand, get func(id string) error) error {
	for n := range min(most, to-from) {
		offset := to - 1
		if n > 0 {
			offset = from + random.Int64N(to-from)
		}
		m, known := w.x.at(place{w.x.topic, p, offset})
		if !known || m.reason != "" {
			continue
		}
		w.asked++
		if err := get(m.id); errors.Is(err, ledger.ErrNotFound) {
			w.wrong = append(w.wrong, fmt.Sprintf("partition %d: the position is %d and offset %d is not answered", p, to, offset))
		} else if err != nil {
			return err
		}
	}
	return ctx.Err()
}

// around does something that leaves positions of a topic that is gone.
func (w *watcher) around(do func() error) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	for p, x := range w.at {
		w.stale[p] = x.Epoch
	}
	return do()
}

// still looks at a ledger that was killed, as it lies there: no position may be behind a
// message that is not answered.
func (w *watcher) still(ctx context.Context) (err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	dir, err := os.MkdirTemp(w.s.dir, "still-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := copyFiles(filepath.Join(w.s.data, "ledger"), filepath.Join(dir, "ledger")); err != nil {
		return err
	}
	l, err := ledger.Open(dir, ledger.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	positions := map[int32]*ledger.Position{}
	for p := range int32(*partitions) {
		if x, err := ledger.Get[ledger.Position](ctx, l, ledger.PositionID(topicRequests, p)); err == nil && x.Epoch > w.stale[p] {
			positions[p] = x
		}
	}
	w.x.mu.Lock()
	places := make([]place, 0, len(w.x.places))
	for at := range w.x.places {
		if x := positions[at.partition]; x != nil && at.topic == w.x.topic && at.offset < x.Offset {
			places = append(places, at)
		}
	}
	w.x.mu.Unlock()
	for _, at := range places {
		m, _ := w.x.at(at)
		if m.reason != "" {
			continue
		}
		w.asked++
		if _, err := l.Get(ctx, ledger.KindRequest, m.id); errors.Is(err, ledger.ErrNotFound) {
			w.wrong = append(w.wrong, fmt.Sprintf("killed: partition %d: the position is %d and offset %d is not answered", at.partition, positions[at.partition].Offset, at.offset))
		} else if err != nil {
			return err
		}
	}
	return nil
}

func copyFiles(from, to string) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		switch {
		case d.IsDir():
			return os.MkdirAll(filepath.Join(to, rel), 0o700)
		case !d.Type().IsRegular():
			return nil
		}
		in, err := os.Open(path)
		if err != nil {
			return err
		}
		defer in.Close()
		out, err := os.Create(filepath.Join(to, rel))
		if err != nil {
			return err
		}
		_, err = io.Copy(out, in)
		return errors.Join(err, out.Close())
	})
}

// state is where it all stands, for whoever asks why nothing moves.
func (w *watcher) state() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	text := ""
	for p := range int32(*partitions) {
		if x := w.at[p]; x != nil {
			text += fmt.Sprintf(" %d:%d@%d", p, x.Offset, x.Epoch)
		}
	}
	return text
}

// ended returns what was wrong in all samples.
func (w *watcher) ended() (wrong []string, samples, asked int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.wrong), w.samples, w.asked
}
