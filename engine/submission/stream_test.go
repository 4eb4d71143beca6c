package submission_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/desk"
	"github.com/hedui/hedui/engine/desk/desktest"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/submission"
)

// topic is one partition of a topic of requests, and what was sent for it.
type topic struct {
	messages []submission.Message
	first    int64
	verdicts map[string][][]byte // by result id
	dead     map[int64]string    // reason by offset
	tries    map[int64]string
}

func newTopic() *topic {
	return &topic{verdicts: map[string][][]byte{}, dead: map[int64]string{}, tries: map[int64]string{}}
}

func (p *topic) add(batch string, values ...[]byte) {
	for _, v := range values {
		p.messages = append(p.messages, submission.Message{Offset: p.first + int64(len(p.messages)), Batch: batch, Key: []byte("k"), Value: v})
	}
}

func (p *topic) log() submission.Log {
	return submission.Log{First: p.first, Next: p.first + int64(len(p.messages)), At: func(_ context.Context, at int64) (submission.Message, bool, error) {
		return p.messages[at-p.first], true, nil
	}}
}

func (p *topic) send(s submission.Sending) {
	for _, m := range s.Messages {
		h := map[string]string{}
		for _, x := range m.Headers {
			h[x.Name] = x.Value
		}
		if m.Dead {
			var at int64
			fmt.Sscan(h["offset"], &at)
			p.dead[at], p.tries[at] = h["reason"], h["tries"]
			continue
		}
		p.verdicts[h["id"]] = append(p.verdicts[h["id"]], m.Value)
	}
}

// consume works off what the topic has, as a worker does.
func (p *topic) consume(ctx context.Context, s *submission.Stream, most int) error {
	from, err := s.Claim(ctx, p.log(), false)
	if err != nil {
		return err
	}
	if err := s.Unsent(ctx, func(x submission.Sending) error { p.send(x); s.Settle(x); return nil }); err != nil {
		return err
	}
	for from < p.first+int64(len(p.messages)) {
		rest := p.messages[from-p.first:]
		rest = rest[:min(len(rest), most)]
		out, err := s.Answer(ctx, rest)
		if err != nil {
			return err
		}
		for _, x := range out {
			p.send(x)
			s.Settle(x)
		}
		from = rest[len(rest)-1].Offset + 1
	}
	return s.Idle(ctx)
}

func (w *world) open(rows int64) *submission.Batch {
	w.T.Helper()
	b, err := w.office.Open(w.T.Context(), centre, submission.Order{Scheme: "dibao", Rows: rows})
	must(w.T, err)
	return b
}

// The same households by a topic and in a file have the same verdicts; a batch whose rows
// have all come is over.
func TestStreamAnswersAsFile(t *testing.T) {
	w := newWorld(t, 300)
	lines := w.households(200)
	file, stream := w.submit(lines...), w.open(200)
	w.work(w.office)
	p := newTopic()
	p.add(stream.ID, lines...)
	p.add(stream.ID, lines[:20]...) // delivered again
	must(t, p.consume(t.Context(), w.office.Stream("requests", 0), 150))
	got, err := w.office.Get(t.Context(), centre, stream.ID)
	must(t, err)
	if got.State != submission.Done || got.Counts.Again != 20 || got.Finished() != 220 {
		t.Errorf("%s with %+v", got.State, got.Counts)
	}
	a, b := w.rows(centre, file.ID), w.rows(centre, stream.ID)
	if len(a) != 200 || len(b) != 200 {
		t.Fatalf("%d and %d rows", len(a), len(b))
	}
	for i := range a {
		if !bytes.Equal(a[i].Line, b[i].Line) || a[i].Verdict != b[i].Verdict {
			t.Errorf("row %d differs", i+1)
		}
		sent := p.verdicts[b[i].Request]
		if len(sent) == 0 || slices.ContainsFunc(sent, func(x []byte) bool { return !bytes.Equal(x, a[i].Line) }) {
			t.Errorf("row %d was sent %d times", i+1, len(sent))
		}
	}
	if len(p.verdicts) != 200 || len(p.dead) != 0 {
		t.Errorf("%d verdicts, %d dead", len(p.verdicts), len(p.dead))
	}
}

// What can't be answered is set aside with its reason, and what is behind it is answered.
func TestStreamSetsAside(t *testing.T) {
	w := newWorld(t, 300)
	lines := w.households(20)
	b := w.open(12)
	over := w.open(1)
	_, err := w.office.Finish(t.Context(), centre, over.ID)
	must(t, err)
	file := w.submit(lines[0])
	p := newTopic()
	p.add(b.ID, lines[0], []byte("no json"), []byte(`{"a":1}`+"\n"+`{}`), nil, []byte(`["x"]`), lines[1])
	p.add("", lines[2])
	p.add("no such batch", lines[2])
	p.add("no\x00such", lines[2])
	p.add(over.ID, lines[2])
	p.add(file.ID, lines[2])
	p.add(b.ID, lines[4:8]...)
	p.messages = append(p.messages, submission.Message{Offset: 15, Batch: b.ID, Oversize: 5 << 20})
	l := &failing{Ledger: w.Ledger, id: "SQ" + desktest.Number(5)}
	o := w.newOffice(l, submission.Limits{})
	must(t, p.consume(t.Context(), o.Stream("requests", 3), 100))
	want := map[int64]string{
		1: "not_a_request", 2: "not_a_request", 3: "not_a_request", 4: "not_a_request", 6: "no_batch", 7: "unknown_batch", 8: "unknown_batch",
		9: "batch_over", 10: "unknown_batch", 12: "failed", 15: "oversize",
	}
	if fmt.Sprint(p.dead) != fmt.Sprint(want) {
		t.Errorf("set aside: %v\nwant %v", p.dead, want)
	}
	if p.tries[12] != "3" || p.tries[1] != "1" {
		t.Errorf("tries: %v", p.tries)
	}
	if len(p.verdicts) != 5 {
		t.Errorf("%d verdicts", len(p.verdicts))
	}
	got, err := w.office.Get(t.Context(), centre, b.ID)
	must(t, err)
	if got.Counts.Dead != 6 || got.Counts.Answered != 5 || got.State != submission.Open {
		t.Errorf("%+v", got.Counts)
	}
	// What is said to be sent is not kept a second time.
	must(t, ledger.All(t.Context(), w.Ledger, ledger.Every(ledger.KindPart), func(x *ledger.Part) error {
		if x.Batch != file.ID && (x.State != "done" || bytes.Contains(x.Body, lines[2]) || bytes.Contains(x.Body, []byte("no json"))) {
			t.Errorf("part %s is %s", x.Key(), x.State)
		}
		return nil
	}))
}

// failing is a ledger that can't read one authorisation.
type failing struct {
	ledger.Ledger

	id string
}

func (l *failing) Get(ctx context.Context, k ledger.Kind, id string) (ledger.Row, error) {
	if k == ledger.KindAuthorization && id == l.id {
		return ledger.Row{}, errors.New("it can't be read")
	}
	return l.Ledger.Get(ctx, k, id)
}

// More rows than its sender announced are not answered.
func TestStreamQuota(t *testing.T) {
	w := newWorld(t, 50)
	lines := w.households(30)
	b := w.open(10)
	p := newTopic()
	p.add(b.ID, lines[:25]...)
	must(t, p.consume(t.Context(), w.office.Stream("requests", 0), 7))
	if len(p.verdicts) != 10 || len(p.dead) != 15 {
		t.Errorf("%d answered, %d set aside", len(p.verdicts), len(p.dead))
	}
}

// A row that comes twice within what is answered together is one row, also when there is
// room for no more.
func TestStreamQuotaOfRepeated(t *testing.T) {
	w := newWorld(t, 50)
	lines := w.households(10)
	b := w.open(10)
	p := newTopic()
	p.add(b.ID, lines...)
	p.add(b.ID, lines[9], lines[8], lines[9])
	must(t, p.consume(t.Context(), w.office.Stream("requests", 0), 20))
	if len(p.verdicts) != 10 || len(p.dead) != 0 {
		t.Errorf("%d answered, set aside: %v", len(p.verdicts), p.dead)
	}
}

// What can't be read as a request is set aside: an answer to it would name the offset, which
// is another when it comes again.
func TestStreamUnreadable(t *testing.T) {
	w := newWorld(t, 50)
	b := w.open(10)
	p := newTopic()
	for range 2 {
		p.add(b.ID, []byte(`{"a":1}`), []byte(`{"household_id":"341221-1","region":5}`))
	}
	must(t, p.consume(t.Context(), w.office.Stream("requests", 0), 3))
	if len(p.verdicts) != 0 || len(p.dead) != 4 || p.dead[0] != "not_a_request" || p.dead[3] != "not_a_request" {
		t.Errorf("%d answered, set aside: %v", len(p.verdicts), p.dead)
	}
}

// Workers that die anywhere between two steps leave every message answered once, whatever
// of it is sent twice.
func TestStreamWorkersDie(t *testing.T) {
	w := newWorld(t, 400)
	lines := w.households(300)
	b := w.open(300)
	p := newTopic()
	p.add(b.ID, lines...)
	dead := errors.New("killed")
	rnd := rand.New(rand.NewPCG(1, 8))
	for n := 0; ; n++ {
		if n > 300 {
			t.Fatal("it does not end")
		}
		l := &watched{Ledger: w.Ledger}
		left, after := rnd.IntN(6), rnd.IntN(2) == 0
		l.fail = func(c ledger.Change) error {
			if left--; left >= 0 {
				return nil
			}
			if after && left == -1 {
				if err := w.Ledger.Commit(t.Context(), c); err != nil {
					return err
				}
			}
			return dead
		}
		err := p.consume(t.Context(), w.newOffice(l, submission.Limits{}).Stream("requests", 0), 1+rnd.IntN(40))
		if err == nil {
			break
		}
		if !errors.Is(err, dead) && !errors.Is(err, ledger.ErrFenced) {
			t.Fatal(err)
		}
	}
	if len(p.verdicts) != 300 || len(p.dead) != 0 {
		t.Errorf("%d of 300 have a verdict, %d are set aside", len(p.verdicts), len(p.dead))
	}
	for id, sent := range p.verdicts {
		for _, v := range sent {
			if !bytes.Equal(v, sent[0]) {
				t.Errorf("%s was sent with other bytes", id)
			}
		}
	}
	w.Pass(2 * time.Second)
	must(t, p.consume(t.Context(), w.office.Stream("requests", 0), 100))
	if got, err := w.office.Get(t.Context(), centre, b.ID); err != nil || got.State != submission.Open && got.State != submission.Done || got.Finished() != 300 || got.Counts.Again != 0 {
		t.Errorf("%s with %+v, %v", got.State, got.Counts, err)
	}
}

// A worker that was thought dead writes nothing when it wakes up.
func TestStreamOldWorker(t *testing.T) {
	w := newWorld(t, 50)
	b := w.open(20)
	p := newTopic()
	p.add(b.ID, w.households(20)...)
	old := w.office.Stream("requests", 0)
	_, err := old.Claim(t.Context(), p.log(), false)
	must(t, err)
	next := w.office.Stream("requests", 0)
	_, err = next.Claim(t.Context(), p.log(), false)
	must(t, err)
	before, err := w.Ledger.Digest(t.Context())
	must(t, err)
	if _, err := old.Answer(t.Context(), p.messages[:5]); !errors.Is(err, ledger.ErrFenced) {
		t.Errorf("the old worker: %v", err)
	}
	if after, err := w.Ledger.Digest(t.Context()); err != nil || after != before {
		t.Error("it left something behind")
	}
	if _, err := next.Answer(t.Context(), p.messages[:5]); err != nil {
		t.Error(err)
	}
	if _, err := next.Answer(t.Context(), p.messages[3:5]); err == nil {
		t.Error("offsets that were worked off are answered again")
	}
}

// A topic that was made anew is told by its end, or by the message before the position; one
// that lost messages stops the worker.
func TestTopicMadeAnew(t *testing.T) {
	w := newWorld(t, 60)
	lines := w.households(60)
	b := w.open(60)
	p := newTopic()
	p.add(b.ID, lines[:20]...)
	must(t, p.consume(t.Context(), w.office.Stream("requests", 0), 100))
	shorter := newTopic()
	shorter.add(b.ID, lines[10:25]...) // ends before the position
	must(t, shorter.consume(t.Context(), w.office.Stream("requests", 0), 100))
	longer := newTopic()
	longer.add(b.ID, lines[20:60]...) // has other messages where the position is
	must(t, longer.consume(t.Context(), w.office.Stream("requests", 0), 100))
	all := map[string][]byte{}
	for _, p := range []*topic{p, shorter, longer} {
		for id, v := range p.verdicts {
			if all[id] != nil && !bytes.Equal(all[id], v[0]) {
				t.Error("a verdict has other bytes")
			}
			all[id] = v[0]
		}
	}
	if len(all) != 60 || len(longer.verdicts) != 40 {
		t.Errorf("%d households have a verdict, %d of the last topic", len(all), len(longer.verdicts))
	}
	restarts := 0
	for _, e := range w.Audit.Events() {
		if e.Operation == "topic_restarted" {
			restarts++
		}
	}
	if restarts != 2 {
		t.Errorf("%d restarts are in the audit log", restarts)
	}
	lost := newTopic()
	lost.first = 50
	s := w.office.Stream("requests", 0)
	var loss *submission.LossError
	if _, err := s.Claim(t.Context(), lost.log(), false); !errors.As(err, &loss) || loss.From != 40 || loss.To != 50 {
		t.Errorf("messages that are gone: %v", err)
	}
	if from, err := s.Claim(t.Context(), lost.log(), true); err != nil || from != 50 {
		t.Errorf("it goes on at %d, %v", from, err)
	}
}

// Households of others are refused by themselves; the key of an answer tells nothing.
func TestStreamScope(t *testing.T) {
	w := newWorld(t, 20)
	lines := w.households(3)
	b, err := w.office.Open(t.Context(), stranger, submission.Order{Scheme: "dibao", Rows: 5})
	must(t, err)
	p := newTopic()
	p.add(b.ID, lines...)
	s := w.office.Stream("requests", 0)
	_, err = s.Claim(t.Context(), p.log(), false)
	must(t, err)
	out, err := s.Answer(t.Context(), p.messages)
	must(t, err)
	for _, x := range out {
		for _, m := range x.Messages {
			if !strings.Contains(string(m.Value), "authorization_unknown") || strings.Contains(string(m.Key), "340104") || len(m.Key) != 32 {
				t.Errorf("answered %s", m.Key)
			}
		}
	}
	if len(w.Audit.Looks()) > 0 {
		t.Error("somebody was looked at")
	}
	e := w.Audit.Events()
	if last := e[len(e)-1]; last.Outcome != "denied" || len(last.Subjects) != 3 {
		t.Errorf("the log has %+v", last)
	}
	// The account is gone: what comes is set aside, and the partition goes on.
	w.mu.Lock()
	w.accounts[stranger.Account] = access.Subject{}
	w.mu.Unlock()
	w.Pass(2 * time.Second)
	p.add(b.ID, desktest.Request(9))
	out, err = s.Answer(t.Context(), p.messages[3:])
	must(t, err)
	if !out[0].Messages[0].Dead {
		t.Error("it is answered")
	}
	var r *desk.Refusal
	if _, err := w.office.Finish(t.Context(), stranger, b.ID); !errors.As(err, &r) || r.Code != desk.StateRefuses {
		t.Errorf("the batch: %v", err)
	}
}

// A topic of another id is read from its beginning, also when the message before the position
// is the same.
func TestStreamTopicOfAnotherID(t *testing.T) {
	w := newWorld(t, 50)
	lines := w.households(20)
	b := w.open(20)
	p := newTopic()
	p.add(b.ID, lines[:10]...)
	must(t, p.consume(t.Context(), w.office.Stream("requests", 0), 20))
	for _, c := range []struct {
		id   string
		from int64
	}{{"", 10}, {"one", 10}, {"one", 10}, {"", 10}, {"two", 10}, {"three", 0}} {
		log := p.log()
		log.ID = c.id
		from, err := w.office.Stream("requests", 0).Claim(t.Context(), log, false)
		must(t, err)
		if from != c.from {
			t.Errorf("%q goes on from %d, not %d", c.id, from, c.from)
		}
	}
}

// Messages that are set aside, and are large or many, hold nothing up.
func TestStreamLargeSetAside(t *testing.T) {
	w := newWorld(t, 50)
	lines := w.households(20)
	for name, garbage := range map[string][][]byte{
		"one as large as a worker reads": {bytes.Repeat([]byte("x"), 1<<20)},
		"large ones":                     slices.Repeat([][]byte{bytes.Repeat([]byte("y"), 300_000)}, 20),
		"a key and a batch as large":     {append([]byte("{"), bytes.Repeat([]byte("k"), 10)...)},
		"many":                           slices.Repeat([][]byte{bytes.Repeat([]byte("z"), 20_000)}, 120),
	} {
		b := w.open(20)
		p := newTopic()
		p.add(b.ID, lines[:10]...)
		p.add(b.ID, garbage...)
		p.add("", garbage...)
		p.add(b.ID, lines[10:]...)
		if strings.HasPrefix(name, "a key") {
			p.messages[10].Key, p.messages[11].Batch = bytes.Repeat([]byte("k"), 1<<20), strings.Repeat("b", 1<<20)
		}
		s := w.office.Stream("requests of "+name, 0)
		must(t, p.consume(t.Context(), s, 128))
		if len(p.verdicts) != 20 || len(p.dead) != 2*len(garbage) {
			t.Errorf("%s: %d answered, %d set aside", name, len(p.verdicts), len(p.dead))
		}
	}
}

// Two batches whose messages come in turn are answered in as few parts as one after the other.
func TestStreamBatchesInTurn(t *testing.T) {
	w := newWorld(t, 300)
	lines := w.households(256)
	one, two := w.open(128), w.open(128)
	p := newTopic()
	for i := range 128 {
		p.add(one.ID, lines[i])
		p.add(two.ID, lines[128+i])
	}
	must(t, p.consume(t.Context(), w.office.Stream("requests", 0), 128))
	for _, b := range []*submission.Batch{one, two} {
		got, err := w.office.Get(t.Context(), centre, b.ID)
		must(t, err)
		if got.State != submission.Done || got.Different() != 128 {
			t.Errorf("%s with %d", got.State, got.Different())
		}
		parts := 0
		must(t, ledger.All(t.Context(), w.Ledger, ledger.PartsOf(b.ID), func(*ledger.Part) error { parts++; return nil }))
		if parts != 2 {
			t.Errorf("%d parts", parts)
		}
	}
	if len(p.verdicts) != 256 || len(p.dead) > 0 {
		t.Errorf("%d answered, %d set aside", len(p.verdicts), len(p.dead))
	}
}

// A worker that answers the last row of a batch and ends has it ended by whoever takes the
// partition over, though no message comes any more.
func TestStreamEndsWhatIsComplete(t *testing.T) {
	w := newWorld(t, 20)
	b := w.open(9)
	p := newTopic()
	p.add(b.ID, w.households(9)...)
	dead := w.office.Stream("requests", 0)
	_, err := dead.Claim(t.Context(), p.log(), false)
	must(t, err)
	_, err = dead.Answer(t.Context(), p.messages)
	must(t, err)
	must(t, p.consume(t.Context(), w.office.Stream("requests", 0), 100))
	if got, err := w.office.Get(t.Context(), centre, b.ID); err != nil || got.State != submission.Done {
		t.Errorf("it is %s, %v", got.State, err)
	}
}
