package ledger

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/options"

	"github.com/hedui/hedui/engine/durable"
)

// Sizes of the database. Nothing in it goes to the value log.
const (
	memTable       = 32 << 20 // also bounds one transaction, to 15 % of it
	memTables      = 3
	blockCache     = 0 // tables are not compressed, so they are read where they lie
	indexCache     = 32 << 20
	valueLog       = 1 << 20
	valueThreshold = 1 << 20
	tableSize      = 8 << 20
	defaultReserve = 256 << 20
)

// Owner is the ledger in the process that owns it.
type Owner struct {
	dir       string // of the ledger
	opt       Options
	disk      durable.Disk
	lock      *durable.Lock
	db        *badger.DB
	wal       *wal
	codec     *codec
	pseudonym func([]byte) [16]byte
	head      *head
	server    *server

	waiting chan *pending
	stop    chan struct{} // closed when no more changes are taken
	done    chan struct{} // closed when the committer has ended

	closing   sync.RWMutex // held for reading by every call
	closed    bool
	closeOnce sync.Once
	closeErr  error

	seq uint64 // of the newest transaction; the committer's

	failed struct { // the first write that the disk refused
		sync.Mutex
		err error
	}
}

// Dial gives the ledger of a data directory: it becomes the owner when nobody is,
// and a client of the owner otherwise.
func Dial(ctx context.Context, data string, opt Options) (Ledger, error) {
	for {
		o, err := Open(data, opt)
		if err == nil {
			return o, nil
		}
		if !errors.Is(err, ErrOwned) {
			return nil, err
		}
		c, err := Connect(ctx, data, opt)
		if err == nil {
			return c, nil
		}
		// The owner is on its way: it opens, or it ends and the lock becomes free.
		if !errors.Is(err, ErrUnreachable) {
			return nil, err
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("%w: %w", err, ctx.Err())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// Open becomes the owner of the ledger of a data directory, and makes one when there
// is none. The error is ErrOwned when another process is the owner, and ErrDamaged
// when anything that was written is missing or another.
func Open(data string, opt Options) (*Owner, error) {
	o, err := own(data, opt)
	if err != nil {
		return nil, err
	}
	if err := o.begin(); err != nil {
		return nil, errors.Join(err, o.release())
	}
	go o.commitAll()
	if o.server, err = serve(o); err != nil {
		close(o.stop)
		<-o.done
		return nil, errors.Join(err, o.release())
	}
	return o, nil
}

// own takes the lock and opens the database, whatever is in it.
func own(data string, opt Options) (_ *Owner, err error) {
	if err := durable.Usable(data); err != nil {
		return nil, err
	}
	if opt.Reserve == 0 {
		opt.Reserve = defaultReserve
	}
	if opt.freeBytes == nil {
		opt.freeBytes = durable.FreeBytes
	}
	o := &Owner{
		dir: filepath.Join(data, "ledger"), opt: opt,
		waiting: make(chan *pending, 256), stop: make(chan struct{}), done: make(chan struct{}),
	}
	if err := o.disk.MkdirAll(o.dir); err != nil {
		return nil, fmt.Errorf("make the ledger: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, o.release())
		}
	}()
	pidFile := filepath.Join(o.dir, "owner.pid")
	if o.lock, err = durable.TryLock(filepath.Join(o.dir, "owner.lock")); err != nil {
		if !errors.Is(err, durable.ErrLocked) {
			return nil, fmt.Errorf("own the ledger: %w", err)
		}
		pid, _ := os.ReadFile(pidFile) // only for the message
		return nil, fmt.Errorf("%w: process %s", ErrOwned, strings.TrimSpace(string(pid)))
	}
	if err := os.WriteFile(pidFile, []byte(strconv.Itoa(os.Getpid())+"\n"), 0o600); err != nil {
		return nil, fmt.Errorf("own the ledger: %w", err)
	}
	if err := enough(opt, o.dir); err != nil {
		return nil, err
	}
	files := filepath.Join(o.dir, "badger")
	if err := checkFiles(files); err != nil {
		return nil, err
	}
	if err := o.disk.MkdirAll(files); err != nil {
		return nil, fmt.Errorf("make the ledger: %w", err)
	}
	if err := removeEmpty(o.disk, files); err != nil {
		return nil, err
	}
	if o.db, err = openBadger(files, opt); err != nil {
		return nil, err
	}
	if o.wal, err = openWAL(files, o.disk); err != nil {
		return nil, err
	}
	o.codec, err = newCodec(opt.Sealer)
	return o, err
}

// openBadger opens the database. checkFiles has seen every table, so that Badger
// need not: what it does with a damaged one is to go on without it.
func openBadger(dir string, opt Options) (db *badger.DB, err error) {
	defer recovered(&err, dir)
	var log badger.Logger
	if opt.Logger != nil {
		log = background{opt.Logger}
	}
	db, err = badger.Open(badger.DefaultOptions(dir).
		WithSyncWrites(!syncsItself).
		WithNumVersionsToKeep(1).
		WithDetectConflicts(false). // one goroutine writes
		WithCompression(options.None).
		WithMemTableSize(memTable).
		WithNumMemtables(memTables).
		WithBlockCacheSize(blockCache).
		WithIndexCacheSize(indexCache).
		WithValueLogFileSize(valueLog).
		WithValueThreshold(valueThreshold).
		WithBaseTableSize(tableSize).
		WithNumCompactors(2).
		WithMetricsEnabled(false).
		WithChecksumVerificationMode(options.NoVerification).
		WithLogger(log))
	if err != nil {
		return nil, damaged("open %s: %v", dir, err)
	}
	return db, nil
}

// begin reads what a ledger says of itself, or writes it into a new one.
func (o *Owner) begin() error {
	var err error
	if o.seq, err = o.readJournal(); err != nil {
		return err
	}
	name := filepath.Join(o.dir, "head")
	last, err := readHead(name)
	if err != nil {
		return err
	}
	if o.seq < last {
		return damaged("%s: %d transactions were acknowledged, %d are there", o.dir, last, o.seq)
	}
	// A new ledger is told before its head: a crash between them leaves one
	// transaction and no head.
	if last == 0 && o.seq > 1 {
		return damaged("%s is missing", name)
	}
	isNew := o.seq == 0
	if isNew {
		if err := o.mustBeEmpty(); err != nil {
			return err
		}
	}
	if o.pseudonym, err = pseudonymOf(o.opt, o.dir, isNew, o.disk); err != nil {
		return err
	}
	if o.head, err = openHead(name); err != nil {
		return err
	}
	if isNew {
		if err := o.disk.SyncDir(o.dir); err != nil {
			return fmt.Errorf("make the ledger: %w", err)
		}
		return o.writeMeta()
	}
	return o.checkMeta()
}

// release gives back what Open took.
func (o *Owner) release() error {
	var errs []error
	if o.db != nil {
		errs = append(errs, closeBadger(o.db), o.wal.close())
	}
	if o.codec != nil {
		o.codec.close()
	}
	if o.head != nil {
		errs = append(errs, o.head.close())
	}
	if o.lock != nil {
		o.lock.Unlock()
	}
	return errors.Join(errs...)
}

func closeBadger(db *badger.DB) (err error) {
	defer recovered(&err, db.Opts().Dir)
	if err := db.Close(); err != nil {
		return fmt.Errorf("close the ledger: %w", err)
	}
	return nil
}

// Close ends the ledger: changes that were handed over are committed first, later
// ones are refused.
func (o *Owner) Close() error {
	o.closeOnce.Do(func() {
		o.server.close()
		close(o.stop)
		<-o.done
		o.closing.Lock() // waits for readers
		o.closed = true
		o.closing.Unlock()
		o.closeErr = o.release()
	})
	return o.closeErr
}

// enough refuses when the disk is nearly full: Badger writes through a mapping, and
// a mapping on a full disk kills the process.
func enough(opt Options, dir string) error {
	free, known, err := opt.freeBytes(dir)
	if err != nil {
		return fmt.Errorf("ask for free space: %w", err)
	}
	if known && free < opt.Reserve {
		return fmt.Errorf("%w: %d MiB free at %s, %d MiB are kept", ErrSpace, free>>20, dir, opt.Reserve>>20)
	}
	return nil
}
