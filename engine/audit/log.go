package audit

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/hedui/hedui/engine/durable"
	"github.com/hedui/hedui/engine/household"
)

// Subject is one household that is about to be looked at.
type Subject struct{ Household, Authorization string }

// Look says what is about to be looked at and by which rules.
type Look struct {
	Action     string // check, verify or conflicts
	Batch      string // digest of the batch file; "" for a single check
	Generation string
	Rules      string // name, version and digest of the pack
	On         household.Date
	Reveal     bool      // the answer shows names and numbers unmasked
	Subjects   []Subject // none when all that is held is looked at
}

// Token is what Begin hands out for the matching End.
type Token struct {
	look   Look
	begins []int64 // seq of each begin entry
}

// Options of Open.
type Options struct {
	Actor string           // who looks; must not be empty
	Now   func() time.Time // the clock that entries are stamped with
	Disk  durable.Disk
}

// Log appends to the audit log of a data directory. It is safe for use by
// several goroutines, and several processes may append to one log.
type Log struct {
	o    Options
	dir  string
	mu   sync.Mutex
	tail head // last entry this process has seen
	buf  []byte
}

// head names the newest entry and the length of the log with it.
type head struct {
	Seq   int64  `json:"seq"`
	Hash  string `json:"hash"`
	Bytes int64  `json:"bytes"`
}

// householdsPerEntry keeps a line well below a megabyte.
const householdsPerEntry = 4096

// ErrDamaged is returned when the log does not end in the entry that its head
// names. Nothing may be looked at until somebody has found out why; Verify
// names the place.
var ErrDamaged = errors.New("the audit log is damaged: `hedui audit verify` names the place")

// Open opens the audit log of a data directory, which is made when there is
// none. Moving a torn tail aside and checking the last entry happen at every
// append, since another process may have died since.
func Open(dataDir string, o Options) (*Log, error) {
	if o.Actor == "" || o.Now == nil {
		return nil, errors.New("the audit log needs to know who looks and a clock")
	}
	a := &Log{o: o, dir: filepath.Join(dataDir, "audit")}
	if err := o.Disk.MkdirAll(a.dir); err != nil {
		return nil, err
	}
	return a, a.begin()
}

// begin gives an empty log its head, so that a log without one was tampered with.
func (a *Log) begin() error {
	lock, err := durable.WaitLock(a.path("audit.lock"))
	if err != nil {
		return fmt.Errorf("audit log: %w", err)
	}
	defer lock.Unlock()
	for _, name := range []string{"audit.head", "audit.log"} {
		if _, err := os.Stat(a.path(name)); !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return a.writeHead(head{Hash: zeroHash})
}

func (a *Log) writeHead(h head) error {
	text, err := json.Marshal(h)
	if err != nil {
		return err
	}
	if err := a.o.Disk.WriteFile(a.path("audit.head"), append(text, '\n'), 0o600); err != nil {
		return fmt.Errorf("audit log: %w", err)
	}
	return nil
}

func (a *Log) path(name string) string { return filepath.Join(a.dir, name) }

// Begin takes down what is about to be looked at. When it returns without an error
// its entries are on the disk; otherwise nothing may be read.
func (a *Log) Begin(l Look) (Token, error) {
	t := Token{look: l}
	var entries []*entry
	for rest := l.Subjects; ; {
		n := min(len(rest), householdsPerEntry)
		e := &entry{Action: l.Action, Phase: "begin", Batch: l.Batch, Generation: l.Generation, Rules: l.Rules, On: l.On.String(), Reveal: l.Reveal}
		for _, s := range rest[:n] {
			e.Households = append(e.Households, [2]string{s.Household, s.Authorization})
		}
		entries = append(entries, e)
		if rest = rest[n:]; len(rest) == 0 {
			break
		}
	}
	if err := a.append(entries); err != nil {
		return Token{}, err
	}
	for _, e := range entries {
		t.begins = append(t.begins, e.Seq)
	}
	return t, nil
}

// End takes down what a look came to: the outcomes in the order of its subjects.
// Fewer outcomes than subjects mean that the look failed on the way.
func (a *Log) End(t Token, outcomes []household.Outcome) error {
	phase := "end"
	if len(outcomes) != len(t.look.Subjects) {
		phase = "failed"
	}
	return a.finish(t, phase, outcomes)
}

// Fail takes down that a look failed, for one whose subjects don't tell: one at
// everything that is held has none.
func (a *Log) Fail(t Token) error { return a.finish(t, "failed", nil) }

func (a *Log) finish(t Token, phase string, outcomes []household.Outcome) error {
	var entries []*entry
	for i, begin := range t.begins {
		from, to := min(len(outcomes), i*householdsPerEntry), min(len(outcomes), (i+1)*householdsPerEntry)
		entries = append(entries, &entry{Action: t.look.Action, Phase: phase, Batch: t.look.Batch, Begin: begin, Outcomes: letters(outcomes[from:to])})
	}
	return a.append(entries)
}

// append writes entries as one piece: lock, find the end, write, sync, move the head.
func (a *Log) append(entries []*entry) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	lock, err := durable.WaitLock(a.path("audit.lock"))
	if err != nil {
		return fmt.Errorf("audit log: %w", err)
	}
	defer lock.Unlock()
	f, err := os.OpenFile(a.path("audit.log"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("audit log: %w", err)
	}
	defer f.Close()
	tail, torn, err := a.end(f)
	if err != nil {
		return err
	}
	if torn > 0 {
		entries = append([]*entry{{Action: "recover", Phase: "end", TornBytes: torn}}, entries...)
	}
	now := a.o.Now().UTC().Format(time.RFC3339)
	a.buf = a.buf[:0]
	next := tail
	for _, e := range entries {
		e.Seq, e.Time, e.Actor, e.Prev = next.Seq+1, now, a.o.Actor, next.Hash
		if a.buf, next.Hash, err = appendEntry(a.buf, e); err != nil {
			return err
		}
		next.Seq++
	}
	if _, err := f.WriteAt(a.buf, tail.Bytes); err != nil {
		return fmt.Errorf("audit log: %w", err)
	}
	if err := a.o.Disk.SyncFile(a.path("audit.log")); err != nil {
		return fmt.Errorf("audit log: %w", err)
	}
	if tail.Bytes == 0 {
		if err := a.o.Disk.SyncDir(a.dir); err != nil {
			return fmt.Errorf("audit log: %w", err)
		}
	}
	next.Bytes = tail.Bytes + int64(len(a.buf))
	if err := a.writeHead(next); err != nil {
		return err
	}
	a.tail = next
	return nil
}

// end finds the last whole entry. What stands after it was being written when a
// process died: it is moved to a file of its own and cut off; torn is its length.
func (a *Log) end(f *os.File) (tail head, torn int64, err error) {
	info, err := f.Stat()
	if err != nil {
		return head{}, 0, fmt.Errorf("audit log: %w", err)
	}
	want, err := readHead(a.path("audit.head"))
	if err != nil {
		return head{}, 0, err
	}
	size := info.Size()
	if a.tail.Bytes == size && a.tail == want {
		return a.tail, 0, nil // nobody wrote since
	}
	if size < want.Bytes {
		return head{}, 0, ErrDamaged
	}
	// Entries after the head were synced, but their process died before it moved
	// the head: walk them. From the head on this is a few entries at most.
	if tail, err = a.checkHead(f, want); err != nil {
		return head{}, 0, err
	}
	rest := make([]byte, size-want.Bytes)
	if _, err := f.ReadAt(rest, want.Bytes); err != nil && !errors.Is(err, io.EOF) {
		return head{}, 0, fmt.Errorf("audit log: %w", err)
	}
	for {
		line, n, whole := cutLine(rest)
		if !whole {
			break
		}
		e, hash, err := parseEntry(line)
		if err != nil || e.Seq != tail.Seq+1 || e.Prev != tail.Hash {
			return head{}, 0, ErrDamaged
		}
		tail = head{Seq: e.Seq, Hash: hash, Bytes: tail.Bytes + int64(n)}
		rest = rest[n:]
	}
	if len(rest) == 0 {
		return tail, 0, nil
	}
	aside := a.path(fmt.Sprintf("audit.torn-%d", tail.Seq+1))
	if err := a.o.Disk.WriteFile(aside, rest, 0o600); err != nil {
		return head{}, 0, fmt.Errorf("audit log: %w", err)
	}
	if err := f.Truncate(tail.Bytes); err != nil {
		return head{}, 0, fmt.Errorf("audit log: %w", err)
	}
	return tail, int64(len(rest)), nil
}

// checkHead proves that the entry which the head names ends where it says.
func (a *Log) checkHead(f *os.File, want head) (head, error) {
	if want.Seq == 0 {
		return head{Hash: zeroHash}, nil
	}
	end := make([]byte, hashLen+1)
	if _, err := f.ReadAt(end, want.Bytes-int64(len(end))); err != nil {
		return head{}, ErrDamaged
	}
	if string(end) != hashKey+want.Hash+"\"}\n" {
		return head{}, ErrDamaged
	}
	return want, nil
}

// readHead reads the head. A log always has one.
func readHead(path string) (head, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return head{}, ErrDamaged
	}
	if err != nil {
		return head{}, fmt.Errorf("audit log: %w", err)
	}
	var h head
	if err := json.Unmarshal(text, &h); err != nil || len(h.Hash) != len(zeroHash) || h.Seq < 0 || (h.Seq == 0) != (h.Bytes == 0) ||
		h.Seq == 0 && h.Hash != zeroHash || h.Seq > 0 && h.Bytes <= int64(hashLen) {
		return head{}, ErrDamaged
	}
	return h, nil
}

// cutLine takes the first line off b; whole is false when its break is missing. n
// counts the break.
func cutLine(b []byte) (line []byte, n int, whole bool) {
	for i, c := range b {
		if c == '\n' {
			return b[:i], i + 1, true
		}
	}
	return b, len(b), false
}
