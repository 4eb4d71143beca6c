package store

import (
	"context"

	"github.com/hedui/hedui/engine/block"
	"github.com/hedui/hedui/engine/household"
)

// The sections of today's generations. A generation may have others; a reader asks
// for those it knows.
const (
	SectionPeople   = "people"   // profiles of identified people
	SectionUnlinked = "unlinked" // rows that belong to no identified person
)

// Store holds sealed generations, one of which may be the current one. It is safe
// for use by several goroutines.
type Store interface {
	// Begin starts loading a generation. Only one is loaded at a time: ErrBusy is
	// returned while another is. A *SpaceError is returned when the disk cannot
	// hold what the options expect.
	Begin(BuildOptions) (Builder, error)
	// Open opens a sealed generation for reading. The caller closes it. It returns
	// ErrNotFound, ErrFormat or a *DamageError.
	Open(id string) (Generation, error)
	// Activate makes a sealed generation the current one, atomically and durably.
	Activate(id string) error
	// Current is the id of the current generation, ErrNoCurrent when none was ever
	// activated, or a *DamageError.
	Current() (id string, err error)
	// List returns the ids of all sealed generations, ascending.
	List() ([]string, error)
	// Drop removes a generation that is not the current one (ErrCurrent). Those who
	// have it open go on reading it.
	Drop(id string) error
}

// BuildOptions says how a generation is loaded. The zero value is good.
type BuildOptions struct {
	// ExpectedBytes is about how much the blocks will take. The disk must have 1.3
	// times that and 64 MiB free before anything is written.
	ExpectedBytes int64
	// BlockPeople is the most people in a block; 0 means 128.
	BlockPeople int
	// BlockBytes is the size at which a block is closed; 0 means 48 KiB. A larger
	// entry gets a block of its own.
	BlockBytes int
}

const (
	defaultBlockPeople = 128
	defaultBlockBytes  = 48 << 10
)

func (o BuildOptions) withDefaults() BuildOptions {
	if o.BlockPeople <= 0 {
		o.BlockPeople = defaultBlockPeople
	}
	if o.BlockBytes <= 0 {
		o.BlockBytes = defaultBlockBytes
	}
	return o
}

// Contents is what a generation's maker knows about it and the store does not.
type Contents struct {
	ProfileVersion int
	// Snapshots are what the generation was made of, by ascending ordinal.
	Snapshots []SnapshotRef
}

// Builder loads one generation. It belongs to one goroutine.
type Builder interface {
	// Section starts the next section. The one before must be closed. The version
	// is that of its payloads, 0 to 65535, and written into every block.
	Section(name string, version int) (SectionWriter, error)
	// Seal finishes the generation: it is flushed, read back, digested, synced and
	// given its name. When the same content is already held intact, what was loaded
	// is discarded and the manifest of that one returned. It is not made current.
	// After Seal, also a failed one, the builder is done.
	Seal(Contents) (*Manifest, error)
	// Abort throws away what was loaded. After Seal or Abort it does nothing.
	Abort() error
}

// SectionWriter takes the entries of one section.
type SectionWriter interface {
	// Add appends the entry of one person. Keys ascend strictly over the whole
	// section (block.ErrOrder). Key and entry are copied.
	Add(key household.PersonKey, entry []byte) error
	// Close ends the section. A section without entries still proves absence.
	Close() error
}

// Generation reads one sealed generation. It is safe for use by several
// goroutines. What it returns or passes on was verified against the seal; anything
// else is a *DamageError.
type Generation interface {
	// Manifest is the manifest of the generation. It must not be changed.
	Manifest() *Manifest
	// View calls fn with the block of the section that covers the key. The block is
	// borrowed until fn returns. ErrNoSection is returned for an unknown section.
	View(section string, key household.PersonKey, fn func(block.Block) error) error
	// Walk calls fn with blocks of the section in key order, the first being the one
	// that covers from. fn returns the key it wants next and whether it wants more;
	// a key inside or below the block means the next block. Blocks between are
	// skipped. The block is borrowed until fn returns.
	Walk(ctx context.Context, section string, from household.PersonKey, fn func(block.Block) (next household.PersonKey, more bool, err error)) error
	// Sweep reads and verifies everything: every file and every block. progress,
	// which may be nil, is told the bytes done and their total, by one goroutine at a
	// time.
	Sweep(ctx context.Context, progress func(done, total int64)) error
	// Close waits for readers and gives everything back. Reading afterwards returns
	// ErrClosed; closing again does nothing. fn of View and Walk must not call it.
	Close() error
}
