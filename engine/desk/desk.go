package desk

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/dock"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/store"
	"github.com/hedui/hedui/rules"
)

// Audit is the audit log as the desk uses it; *audit.Log is one.
type Audit interface {
	Begin(l audit.Look) (audit.Token, error)
	End(t audit.Token, outcomes []household.Outcome) error
	Note(e audit.Event) error
}

// Options of a desk.
type Options struct {
	Store  store.Store
	Ledger ledger.Ledger
	Audit  Audit
	// Packs are the rules that each scheme is judged by.
	Packs map[string]*rules.Pack
	Now   func() time.Time
	// Program is what judges, its name and version: a recheck by another verifies
	// everybody.
	Program string
	// Location is where the centre's days begin; nil is China's.
	Location *time.Location
	Limits   Limits
	// Exports keeps the marks of lists that leave; without it none does.
	Exports Shelf
	// Upper is asked for the sources that this node lacks; nil asks nobody.
	Upper dock.Upper
	// Answers signs what this node answers to those below; nil answers none.
	Answers dock.Signer
}

// Limits bound what a desk keeps and lets happen. A zero is the usual one.
type Limits struct {
	Verifiers   int // kept for each generation: pairs of a pack and a date
	RequestSize int // bytes of one request
	WindowDays  int // in which a household may contest what was confirmed
}

func (l Limits) withDefaults() Limits {
	set := func(v *int, usual int) {
		if *v <= 0 {
			*v = usual
		}
	}
	set(&l.Verifiers, 8)
	set(&l.RequestSize, 512<<10) // with what is kept beside it below what the ledger takes
	set(&l.WindowDays, 10)
	return l
}

// Desk does what is asked of it. It is safe for use by several goroutines.
type Desk struct {
	o       Options
	current *current
	schemes []string // in their order
	seenBy  counter  // who saw fields in full

	supplied supplied
	tallies  tallies // for statistics
}

// Caller is who asks, and from where.
type Caller struct {
	access.Subject

	Request string // number of the request; "" when the desk should give it one
	Address string // the other end of the connection
}

// New returns a desk. There need not be a current generation yet.
func New(o Options) (*Desk, error) {
	if o.Store == nil || o.Ledger == nil || o.Audit == nil || o.Now == nil {
		return nil, errors.New("a desk needs a store, a ledger, an audit log and a clock")
	}
	if len(o.Packs) == 0 {
		return nil, errors.New("a desk needs the rules of at least one scheme")
	}
	for scheme, p := range o.Packs {
		if !p.Accepts(scheme) {
			return nil, fmt.Errorf("pack %s does not judge the scheme %s", p.Name, scheme)
		}
	}
	if o.Location == nil {
		o.Location = time.FixedZone("CST", 8*60*60)
	}
	o.Limits = o.Limits.withDefaults()
	d := &Desk{o: o, schemes: slices.Sorted(maps.Keys(o.Packs))}
	d.current = newCurrent(o.Store, func(g store.Generation) *generation { return newGeneration(g, o.Limits.Verifiers, o.Program) })
	return d, nil
}

// Close lets the generations go when the last reader is done with them. The ledger,
// the audit log and the store belong to whoever opened them.
func (d *Desk) Close() error {
	d.tallies.close()
	return d.current.close()
}

// Today is the day at the centre.
func (d *Desk) Today() household.Date { return d.today(d.o.Now()) }

// Program is what judges, its name and version.
func (d *Desk) Program() string { return d.o.Program }

// ContestDays is how long a household may contest what is confirmed.
func (d *Desk) ContestDays() int { return d.o.Limits.WindowDays }

// Judges reports whether a pack of this name judges some scheme here.
func (d *Desk) Judges(pack string) bool {
	for _, p := range d.o.Packs {
		if p.Name == pack {
			return true
		}
	}
	return false
}

// today is the civil date at the centre.
func (d *Desk) today(now time.Time) household.Date { return dateIn(now, d.o.Location) }

func dateIn(now time.Time, where *time.Location) household.Date {
	y, m, day := now.In(where).Date()
	date, _ := household.NewDate(y, int(m), day)
	return date
}

// newID is a number that nobody has and nobody can guess.
func newID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	return idText(b[:])
}

// idText writes 16 bytes as a number of the ledger: in groups, so that no run of digits
// is ever long enough to be taken for a resident's number.
func idText(b []byte) string {
	text := hex.EncodeToString(b[:16])
	return text[:8] + "-" + text[8:16] + "-" + text[16:24] + "-" + text[24:]
}
