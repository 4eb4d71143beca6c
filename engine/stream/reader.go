package stream

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"time"

	"github.com/segmentio/kafka-go"
)

// reader is a Reader. It asks only when it has handed out all it has, so that a slow
// caller holds the broker back and nothing else.
type reader struct {
	c         *cluster
	topic     string
	partition int32
	next, end int64
	until     int64 // −1 for no end
	asked     int32
	// askedAt is where the last answer began that had records.
	askedAt int64
	dead    error

	// id is the topic's when the reader was opened, seen when it was last found the same.
	id   string
	seen time.Time

	conn net.Conn
	addr string
	in   *bufio.Reader
	// left is how much of the answer is not read yet.
	left int
	buf  []byte
	b    *batch
	// gone are transactions that were given up, open those of them that are not over
	// where the reader is.
	gone []aborted
	open map[int64]bool

	// Up to faultTo every offset is handed out as this fault.
	faultTo int64
	fault   Message
	// suspect is a batch whose checksum was wrong once, and was asked for again.
	suspect, condemned head

	// since is when something was last let go of, or nothing was there to let go of.
	since   time.Time
	missing time.Time
	reopens int
	tries   int
}

func (c *cluster) Read(ctx context.Context, topic string, partition int32, from int64) (Reader, error) {
	r := &reader{c: c, topic: topic, partition: partition, next: from, end: from, until: -1, askedAt: -1, faultTo: -1}
	var err error
	if r.id, err = c.TopicID(ctx, topic); err != nil {
		return nil, err
	}
	if err := r.inBounds(ctx); err != nil {
		return nil, err
	}
	return r, nil
}

func (r *reader) inBounds(ctx context.Context) error {
	first, next, err := r.c.Bounds(ctx, r.topic, r.partition)
	switch {
	case err != nil:
		return err
	case r.next < first:
		return fmt.Errorf("%s: %w: it begins at %d", place(r.topic, r.partition, r.next), ErrGone, first)
	case r.next > next:
		return fmt.Errorf("%s: %w: it ends at %d", place(r.topic, r.partition, r.next), ErrBeyond, next)
	}
	r.end = next
	return nil
}

func (r *reader) Until(to int64) { r.until = to }

func (r *reader) Offset() int64 { return r.next }
func (r *reader) Lag() int64    { return max(r.end-r.next, 0) }

func (r *reader) Close() error {
	r.drop()
	r.dead = or(r.dead, error(net.ErrClosed))
	return nil
}

// drop gives the connection up, and what of its answer is not read.
func (r *reader) drop() {
	if r.b != nil {
		r.b.close()
		r.b = nil
	}
	if r.conn != nil {
		r.conn.Close()
		r.conn = nil
	}
	r.left, r.askedAt = 0, -1
}

func (r *reader) Next(ctx context.Context) (Message, error) {
	for r.dead == nil {
		if err := ctx.Err(); err != nil {
			return Message{}, err
		}
		if r.until >= 0 && r.next >= r.until {
			return Message{}, io.EOF
		}
		if r.next <= r.faultTo {
			m := r.fault
			m.Offset = r.next
			return r.hand(m), nil
		}
		var m Message
		var err error
		switch {
		case r.b != nil:
			if m, err = r.record(); err == nil && r.until >= 0 && m.Offset >= r.until {
				// It comes again, should there be no end any more.
				r.drop()
				r.to(r.until)
				continue
			}
			if err == nil {
				return r.hand(m), nil
			}
			continue
		case r.left > 0:
			err = r.io(ctx, r.batch)
		case r.conn != nil:
			err = r.io(ctx, r.ask)
		default:
			err = r.connect(ctx)
		}
		if err != nil {
			if ctx.Err() != nil {
				r.drop()
				return Message{}, ctx.Err()
			}
			r.failed(ctx, err)
		}
	}
	return Message{}, r.dead
}

// hand hands a message out: the reader is behind it then.
func (r *reader) hand(m Message) Message {
	m.Topic, m.Partition = r.topic, r.partition
	r.to(m.Offset + 1)
	return m
}

// to moves the reader forward, which is progress.
func (r *reader) to(next int64) {
	if next > r.next {
		r.next = next
		r.since, r.reopens, r.tries = time.Time{}, 0, 0
	}
}

// record takes a record out of the batch; an error says that the batch is done with.
func (r *reader) record() (Message, error) {
	m, err := r.b.next(r.c.o.MaxMessage)
	switch {
	case err == nil && m.Offset >= r.next:
		return m, nil
	case err == nil:
		// A batch may begin before the offset that was asked for.
		return m, errAgain
	case errors.Is(err, io.EOF):
		r.to(r.b.last + 1)
	case errors.Is(err, errUnpacked):
		r.faultTo, r.fault = r.b.last, Message{Oversize: r.c.o.MaxBatch * unpackedFactor}
	default:
		r.faultTo, r.fault = r.b.last, Message{Corrupt: true}
	}
	r.b.close()
	r.b = nil
	return m, err
}

// errAgain asks for another turn.
var errAgain = errors.New("again")

// io runs something on the connection that ends with ctx, or when it takes too long.
func (r *reader) io(ctx context.Context, f func() error) error {
	conn := r.conn
	limit, cancel := context.WithTimeout(ctx, r.c.o.Timeout)
	defer cancel()
	if t, ok := limit.Deadline(); ok {
		conn.SetDeadline(t) //nolint:errcheck // a connection without deadlines fails at the next read
	}
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	return f()
}

func (r *reader) connect(ctx context.Context) error {
	limit, cancel := r.c.asked(ctx)
	defer cancel()
	t, err := r.c.client.Metadata(limit, &kafka.MetadataRequest{Topics: []string{r.topic}})
	if err != nil {
		return err
	}
	r.addr = ""
	for _, topic := range t.Topics {
		if topic.Error != nil {
			return topic.Error
		}
		for _, p := range topic.Partitions {
			if p.ID == int(r.partition) && p.Leader.Host != "" {
				r.addr = net.JoinHostPort(p.Leader.Host, strconv.Itoa(p.Leader.Port))
			}
		}
	}
	if r.addr == "" {
		return kafka.LeaderNotAvailable
	}
	conn, err := r.c.d.authenticated(limit, r.addr)
	if err != nil {
		return err
	}
	r.conn, r.in, r.left, r.seen = conn, bufio.NewReaderSize(conn, 64<<10), 0, time.Time{}
	return nil
}

// ask asks for what comes at next.
func (r *reader) ask() error {
	if r.askedAt == r.next {
		r.askedAt = -1
		return errHeld
	}
	if err := r.same(); err != nil {
		return err
	}
	r.asked++
	if _, err := r.conn.Write(fetchRequest(r.asked, r.c.o.Client, r.topic, r.partition, r.next, r.c.o)); err != nil {
		return err
	}
	a, err := readAnswer(r.in, r.asked)
	if err != nil {
		return err
	}
	if a.code != 0 {
		return a.code
	}
	r.end, r.left, r.gone, r.open = a.end, a.records, a.aborted, make(map[int64]bool)
	slices.SortFunc(r.gone, func(a, b aborted) int { return int(min(max(a.first-b.first, -1), 1)) })
	r.missing, r.seen = time.Time{}, time.Now()
	switch {
	case a.end <= r.next:
		r.since, r.reopens, r.tries = time.Time{}, 0, 0
	case a.records == 0:
		return errHeld
	default:
		r.askedAt = r.next
	}
	return nil
}

// How far behind the end that the same answer names a batch may reach. The end is
// taken a moment before the records; a batch far from it has a damaged offset.
const maxAhead = 1 << 40

// errHeld is an answer without anything new of a broker that has more.
var errHeld = errors.New("the broker holds messages back")

// batch reads the next batch of the answer.
func (r *reader) batch() error {
	if r.left < batchHead {
		// The rest of a batch that did not fit into the answer.
		return r.discard(r.left)
	}
	front, err := r.in.Peek(batchHead)
	if err != nil {
		return err
	}
	h, err := parseHead(front)
	switch {
	case err != nil || h.last > r.end+maxAhead:
		return r.condemn(h)
	case h.size > r.left:
		if h.size <= r.c.o.MaxBatch && h.last >= r.next && h.base <= r.next {
			// The very first batch is always sent whole.
			return r.discardHeld(h)
		}
		return r.discard(r.left)
	case h.last < r.next:
		return r.discard(h.size)
	case h.size > r.c.o.MaxBatch:
		r.faultTo, r.fault = h.last, Message{Oversize: h.size}
		return r.discard(h.size)
	}
	r.buf = slices.Grow(r.buf[:0], h.size)[:h.size]
	if _, err := io.ReadFull(r.in, r.buf); err != nil {
		return err
	}
	r.left -= h.size
	b, err := openBatch(r.buf, h, r.c.o.MaxBatch)
	if err != nil {
		return r.condemn(h)
	}
	r.b = b
	if r.skipped(h) {
		r.b.close()
		r.b = nil
		r.to(h.last + 1)
	}
	return nil
}

// discardHeld passes the rest of an answer by that ends within its first batch.
func (r *reader) discardHeld(head) error {
	if err := r.discard(r.left); err != nil {
		return err
	}
	return errHeld
}

func (r *reader) discard(n int) error {
	_, err := r.in.Discard(n)
	r.left -= n
	return err
}

// condemn asks for a batch again that can't be read; the second time it hands out the
// one offset it stands at as corrupt. How many offsets the batch has can't be believed.
func (r *reader) condemn(h head) error {
	if err := r.discard(r.left); err != nil {
		return err
	}
	switch h {
	case r.condemned, r.suspect:
		r.condemned = h
		r.faultTo, r.fault = r.next, Message{Corrupt: true, Oversize: h.size}
		return nil
	}
	r.suspect = h
	r.drop()
	return nil
}

// skipped says whether nothing of a batch is handed out: it marks the end of a
// transaction, or is of one that was given up.
func (r *reader) skipped(h head) bool {
	for len(r.gone) > 0 && r.gone[0].first <= h.last {
		r.open[r.gone[0].producer] = true
		r.gone = r.gone[1:]
	}
	if h.control() {
		// The key of its one record says whether it gives up (0) or commits.
		if m, err := r.b.next(r.c.o.MaxMessage); err == nil && len(m.Key) >= 4 && m.Key[2] == 0 && m.Key[3] == 0 {
			delete(r.open, h.producer)
		}
		return true
	}
	return h.transactional() && r.open[h.producer]
}

// failed looks at what went wrong, waits, and ends the reader where waiting is no use.
func (r *reader) failed(ctx context.Context, err error) {
	o := r.c.o
	now := time.Now()
	var code kafka.Error
	held := errors.Is(err, errHeld)
	var timeout net.Error
	silent := r.conn != nil && errors.As(err, &timeout) && timeout.Timeout()
	switch {
	case errors.Is(err, errAnew):
		r.dead = fmt.Errorf("%s: %w", place(r.topic, r.partition, r.next), err)
	case errors.As(err, &code) && code == kafka.OffsetOutOfRange:
		if bounds := r.inBounds(ctx); bounds != nil && (errors.Is(bounds, ErrGone) || errors.Is(bounds, ErrBeyond)) {
			r.dead = bounds
		}
	case errors.As(err, &code) && code == kafka.UnknownTopicOrPartition:
		if r.missing.IsZero() {
			r.missing = now
		}
		if now.Sub(r.missing) > o.Patience {
			r.dead = fmt.Errorf("%s: %w", place(r.topic, r.partition, r.next), ErrNoTopic)
		}
	case errors.Is(plainly(err), ErrDenied), errors.Is(err, ErrPlain):
		r.dead = fmt.Errorf("%s: %w", place(r.topic, r.partition, r.next), plainly(err))
	case held || silent:
		if r.since.IsZero() {
			r.since = now
		}
		if held && now.Sub(r.since) < o.Stall {
			pause(ctx, 0)
			return
		}
		r.since = now
		if r.reopens++; r.reopens > o.Reopens {
			r.dead = fmt.Errorf("broker %s: %s: %w (%w)", r.addr, place(r.topic, r.partition, r.next), ErrStalled, err)
		}
	}
	if r.dead == nil {
		o.Logger.WarnContext(ctx, "reading again", "broker", r.addr, "topic", r.topic, "partition", r.partition, "offset", r.next, "error", plainly(err))
	}
	r.drop()
	if r.dead == nil && ctx.Err() == nil {
		pause(ctx, r.tries)
		r.tries++
	}
}
