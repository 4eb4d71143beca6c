package ingest

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/hedui/hedui/connectors"
	"github.com/hedui/hedui/engine/durable"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/keyring"
	"github.com/hedui/hedui/engine/snapshot"
)

// Options say what is ingested and how.
type Options struct {
	Dir        string // the data directory
	Department *connectors.Department
	Provider   string // "" for the name of the source
	AsOf       household.Date
	Covers     household.Months    // the months files of flows are complete for
	Encoding   string              // "" to find it out
	Mapping    *connectors.Mapping // nil for files that follow the contract
	Files      []string            // numbered from 1 in this order
	Feeds      []Feed              // numbered behind the files

	Supersede          bool // replaces the provider's snapshot of the same date
	AcceptShrink       bool // takes far fewer rows than last time
	AcceptInstitutions bool // takes other banks than last time
	MaxShrinkPercent   int  // 0 means 20

	MemoryBudget int64          // bytes for rows in work; 0 means 512 MiB
	Progress     func(Progress) // called from one goroutine at a time; may be nil
	Disk         durable.Disk   // the zero value is what a program uses
	Keys         *keyring.Ring  // of an encrypted data directory, nil for one that is not

	piece int // bytes of text that are read at once; 0 for the connectors' default
}

// Feed is a delivery that comes in rows instead of a file.
type Feed struct {
	connectors.Feed
	// Span is what of a stream it is; the manifest keeps it.
	Span *snapshot.Span
}

// paths is the number of files and feeds.
func (o *Options) paths() int { return len(o.Files) + len(o.Feeds) }

// open opens the tables of a file or feed, counted from 0.
func (o *Options) open(ctx context.Context, i int) (tables []*connectors.Table, err error) {
	if i < len(o.Files) {
		return connectors.Open(o.Files[i], o.Department, o.connectors())
	}
	t, err := connectors.OpenFeed(ctx, o.Feeds[i-len(o.Files)].Feed, o.Department, o.connectors())
	if err != nil {
		return nil, err
	}
	return []*connectors.Table{t}, nil
}

// size is about how many bytes a file or feed has.
func (o *Options) size(i int) (int64, error) {
	if i >= len(o.Files) {
		return o.Feeds[i-len(o.Files)].Size(), nil
	}
	info, err := os.Stat(o.Files[i])
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// name is what a file or feed is called in an error.
func (o *Options) name(i int) string {
	if i < len(o.Files) {
		return filepath.Base(o.Files[i])
	}
	return o.Feeds[i-len(o.Files)].Name
}

// Progress is how far an ingest is.
type Progress struct {
	Stage       string // "read" or "write"
	Done, Total int64  // bytes of the files in "read", rows in "write"
	Rows        int64  // rows read so far
}

// Result says what became of the rows.
type Result struct {
	Snapshot       string // id
	Source         household.Source
	Provider       string
	State          snapshot.State
	RowsIn         int64
	Accepted       int64
	Quarantined    int64
	Duplicates     int64
	Unlinked       int64
	Persons        int64
	QuarantineFile string // path; it has a header also when no row is in it
	Files          []snapshot.FileAccount
	ByCode         map[string]int64
	Sums           []snapshot.ColumnSum
	UnknownColumns []string // of all files, each once
	SpilledBytes   int64    // written to temporary files
}

const (
	defaultBudget = 512 << 20
	defaultShrink = 20
	progressEvery = 200 * time.Millisecond
)

// validate fills in the defaults and refuses options that do not fit together.
func (o *Options) validate() error {
	if o.Department == nil || o.paths() == 0 || o.AsOf == 0 {
		return fmt.Errorf("%w: an ingest needs a source, an as-of date and a file", ErrUsage)
	}
	if flow := o.Department.Source.IsFlow(); flow && o.Covers.From == 0 {
		return ErrCoversMissing
	} else if !flow && o.Covers != (household.Months{}) {
		return ErrCoversRefused
	}
	if o.Mapping != nil && o.Mapping.Source != 0 && o.Mapping.Source != o.Department.Source {
		return fmt.Errorf("%w: the mapping is for %s, not for %s", ErrUsage, o.Mapping.Source, o.Department.Source)
	}
	if o.Provider == "" && o.Mapping != nil {
		o.Provider = o.Mapping.Provider
	}
	if o.Provider == "" {
		o.Provider = o.Department.Source.String()
	}
	if err := checkProvider(o.Provider); err != nil {
		return err
	}
	if o.MaxShrinkPercent == 0 {
		o.MaxShrinkPercent = defaultShrink
	}
	if o.MaxShrinkPercent < 0 || o.MaxShrinkPercent > 100 {
		return fmt.Errorf("%w: a share that a file may shrink is between 0 and 100 percent", ErrUsage)
	}
	if o.MemoryBudget <= 0 {
		o.MemoryBudget = defaultBudget
	}
	return nil
}

// Run ingests the files as one snapshot. When it returns nil the snapshot is
// durable, in the catalogue and active. With a *HeldError the snapshot is durable
// but held; the result is complete. Every other error leaves the directory as it
// was: a refusal by ErrCoversMissing, ErrCoversRefused, ErrExists or an
// *InstitutionsError, a *connectors.FileError, a *snapshot.SpaceError,
// snapshot.ErrBusy, keyring.ErrLocked, or what ctx says.
func Run(ctx context.Context, o Options) (r Result, err error) {
	if err := o.validate(); err != nil {
		return Result{}, err
	}
	tables, size, err := look(ctx, &o)
	if err != nil {
		return Result{}, err
	}
	dir, err := snapshot.OpenDirWith(o.Dir, snapshot.Options{Disk: o.Disk, Keys: o.Keys})
	if err != nil {
		return Result{}, err
	}
	lock, err := dir.Lock()
	if err != nil {
		return Result{}, err
	}
	defer func() { err = errors.Join(err, lock.Unlock()) }()
	if err := precheck(dir, &o); err != nil {
		return Result{}, err
	}
	// The rows in work may take twice the files, the snapshot not more than they do.
	if err := lock.NeedSpace(3*size + 64<<20); err != nil {
		return Result{}, err
	}
	j := &job{o: &o, dir: dir, lock: lock, total: size}
	if j.temporary, err = lock.Temporary(); err != nil {
		return Result{}, err
	}
	for range tables {
		j.perPath = append(j.perPath, nil)
	}
	n := 0
	for i, count := range tables {
		for range count {
			n++
			w := &fileWork{faults: &spool{name: filepath.Join(lock.Tmp(), fmt.Sprintf("faults-%06d", n)), key: j.temporary}}
			j.files = append(j.files, w)
			j.perPath[i] = append(j.perPath[i], w)
		}
	}
	return j.run(ctx)
}

// look opens every file and reads its header, so that nothing is begun with files
// that cannot be read. It returns the number of tables of each and their size.
func look(ctx context.Context, o *Options) (tables []int, size int64, err error) {
	for i := range o.paths() {
		n, err := o.size(i)
		if err != nil {
			return nil, 0, err
		}
		size += n
		opened, err := o.open(ctx, i)
		if err != nil {
			return nil, 0, err
		}
		for _, t := range opened {
			if closeErr := t.Close(); closeErr != nil {
				err = errors.Join(err, closeErr)
			}
		}
		if err != nil {
			return nil, 0, err
		}
		tables = append(tables, len(opened))
	}
	return tables, size, nil
}

func (o *Options) connectors() connectors.Options {
	return connectors.Options{Encoding: o.Encoding, Mapping: o.Mapping, Covers: o.Covers, Piece: o.piece}
}

// precheck refuses early what decide would refuse after all the work.
func precheck(dir *snapshot.Dir, o *Options) error {
	entries, err := dir.List()
	if err != nil {
		return err
	}
	e := snapshot.Entry{Source: o.Department.Source, Provider: o.Provider, AsOf: o.AsOf}
	if sameDate(entries, &e) != nil && !o.Supersede {
		return ErrExists
	}
	return nil
}

// job is one ingest at work.
type job struct {
	o       *Options
	dir     *snapshot.Dir
	lock    *snapshot.Lock
	files   []*fileWork
	perPath [][]*fileWork
	total   int64 // bytes of all files
	// temporary seals what is written below tmp, nil where nothing is sealed.
	temporary *keyring.Key
	rows      atomic.Int64

	mu     sync.Mutex // guards what follows
	tables []*connectors.Table
	last   time.Time
}

func (j *job) run(ctx context.Context) (Result, error) {
	converters := runtime.GOMAXPROCS(0)
	s := newSorter(j.lock.Tmp(), j.o.MemoryBudget, converters, j.temporary)
	if err := j.parse(ctx, s, converters); err != nil {
		s.fail(err)
		s.work.Wait()
		return Result{}, errors.Join(err, s.close())
	}
	m, digest, err := j.write(ctx, s)
	if err = errors.Join(err, s.close()); err != nil {
		return Result{}, err
	}
	r := j.result(m)
	r.SpilledBytes = s.spilled
	entries, err := j.dir.List()
	if err != nil {
		return Result{}, err
	}
	next, held, err := decide(entries, m, j.o, j.manifest)
	if err != nil {
		return Result{}, err
	}
	if digest, err = j.lock.Adopt(j.staging(), m, digest); err != nil {
		return Result{}, err
	}
	for i := range next {
		if next[i].ID == m.ID {
			next[i].Manifest = digest
		}
	}
	if err := j.lock.SetCatalogue(next); err != nil {
		return Result{}, err
	}
	if held != nil {
		r.State = snapshot.Held
		return r, held
	}
	return r, nil
}

func (j *job) staging() string { return filepath.Join(j.lock.Tmp(), "snapshot") }

func (j *job) manifest(id string) (*snapshot.Manifest, error) {
	s, err := j.dir.Open(id)
	if err != nil {
		return nil, err
	}
	return s.Manifest(), s.Close()
}

// parse reads all files, several at a time, into the sorter.
func (j *job) parse(ctx context.Context, s *sorter, converters int) error {
	g, ctx := errgroup.WithContext(ctx)
	next := atomic.Int64{}
	first := make([]int, len(j.perPath))
	for i := range first {
		first[i] = 1
		if i > 0 {
			first[i] = first[i-1] + len(j.perPath[i-1])
		}
	}
	out := make(chan work, converters)
	for range converters {
		g.Go(func() error { return (&converter{dept: j.o.Department, sorter: s, rows: &j.rows}).run(ctx, out) })
	}
	pool := newPool(2*converters + 2)
	var readers sync.WaitGroup
	for range min(j.o.paths(), converters) {
		r := &reading{dept: j.o.Department, out: out, pool: pool}
		readers.Add(1)
		g.Go(func() error {
			defer readers.Done()
			for {
				i := int(next.Add(1)) - 1
				if i >= j.o.paths() {
					return nil
				}
				if err := r.path(ctx, j.o, i, first[i], j.perPath[i], j.watch); err != nil {
					return err
				}
			}
		})
	}
	g.Go(func() error {
		readers.Wait()
		close(out)
		return nil
	})
	stop := j.ticker()
	err := g.Wait()
	stop()
	for i, f := range j.o.Feeds {
		for _, w := range j.perPath[len(j.o.Files)+i] {
			w.account.Stream = f.Span
		}
	}
	for _, w := range j.files {
		for _, n := range w.byCode {
			w.account.Quarantined += n
		}
	}
	j.readProgress(true)
	return err
}

func (j *job) watch(t *connectors.Table) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.tables = append(j.tables, t)
}

// ticker tells the progress of reading from time to time.
func (j *job) ticker() (stop func()) {
	if j.o.Progress == nil {
		return func() {}
	}
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		t := time.NewTicker(progressEvery)
		defer t.Stop()
		for {
			select {
			case <-done:
				return
			case <-t.C:
				j.readProgress(false)
			}
		}
	}()
	return func() { close(done); <-ended }
}

func (j *job) readProgress(end bool) {
	if j.o.Progress == nil {
		return
	}
	p := Progress{Stage: "read", Total: j.total, Rows: j.rows.Load()}
	j.mu.Lock()
	for _, t := range j.tables {
		done, _ := t.Progress()
		p.Done += done
	}
	j.mu.Unlock()
	p.Done = min(p.Done, p.Total)
	if end {
		p.Done = p.Total
	}
	j.o.Progress(p)
}

// write merges what was parsed into the files of the snapshot and seals them.
func (j *job) write(ctx context.Context, s *sorter) (*snapshot.Manifest, string, error) {
	runs, err := s.merge()
	if err != nil {
		return nil, "", err
	}
	key, err := j.lock.Key()
	if err != nil {
		return nil, "", err
	}
	w, err := snapshot.NewWriter(j.staging(), key)
	if err != nil {
		return nil, "", err
	}
	defer w.Abort()
	if err := j.copyFaults(w.Quarantine()); err != nil {
		return nil, "", err
	}
	assemblers, err := j.assemble(ctx, runs, w)
	if err != nil {
		return nil, "", err
	}
	m := &snapshot.Manifest{
		Source: j.o.Department.Source, Provider: j.o.Provider, AsOf: j.o.AsOf, Covers: j.o.Covers, Encoding: j.o.Encoding,
	}
	if j.o.Mapping != nil {
		m.MappingDigest = hex.EncodeToString(j.o.Mapping.Digest[:])
	}
	if err := j.fill(m, assemblers); err != nil {
		return nil, "", err
	}
	digest, err := w.Seal(m)
	return m, digest, err
}

// assemble writes the entries of all people. What was counted on the way is in the
// assemblers.
func (j *job) assemble(ctx context.Context, runs []*run, w *snapshot.Writer) ([]*assembler, error) {
	assemblers := make([]*assembler, min(runtime.GOMAXPROCS(0), maxAssemblers))
	for i := range assemblers {
		assemblers[i] = &assembler{
			dept: j.o.Department, institutions: map[string]string{},
			counts: make([]snapshot.Counts, len(j.files)), sums: make([]snapshot.Total, len(j.o.Department.Amounts)),
			log: rowLog{spool: spool{name: filepath.Join(j.lock.Tmp(), fmt.Sprintf("record-%d", i+1)), key: j.temporary}},
		}
	}
	done := int64(0)
	err := newAssembly(runs, w, len(assemblers)).run(ctx, assemblers, func(items int64) {
		done += items
		j.writeProgress(done, j.rows.Load())
	})
	for _, a := range assemblers {
		err = errors.Join(err, a.log.spool.close())
	}
	return assemblers, err
}

func (j *job) writeProgress(done, total int64) {
	if j.o.Progress == nil || time.Since(j.last) < progressEvery {
		return
	}
	j.last = time.Now()
	j.o.Progress(Progress{Stage: "write", Done: min(done, total), Total: total, Rows: total})
}

func (j *job) result(m *snapshot.Manifest) Result {
	r := Result{
		Snapshot: m.ID, Source: m.Source, Provider: m.Provider, State: snapshot.Active,
		RowsIn: m.Counts.RowsIn, Accepted: m.Counts.Accepted, Quarantined: m.Counts.Quarantined,
		Duplicates: m.Counts.Duplicates, Unlinked: m.Counts.Unlinked, Persons: m.Persons,
		QuarantineFile: j.dir.QuarantineFile(m.ID), Files: m.Files, ByCode: m.ByCode, Sums: m.Sums,
	}
	seen := map[string]bool{}
	for _, f := range m.Files {
		for _, c := range f.UnknownColumns {
			if !seen[c] {
				seen[c] = true
				r.UnknownColumns = append(r.UnknownColumns, c)
			}
		}
	}
	return r
}

// checkProvider refuses names that could not be shown in a line or stored.
func checkProvider(name string) error {
	if len(name) > 200 {
		return fmt.Errorf("%w: the provider's name is longer than 200 bytes", ErrUsage)
	}
	for _, c := range name {
		if c < ' ' || c == 0x7f || c == '\ufffd' {
			return fmt.Errorf("%w: the provider's name holds a character that cannot be printed", ErrUsage)
		}
	}
	return nil
}
