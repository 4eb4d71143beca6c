package audit

import (
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/hedui/hedui/engine/household"
)

// Subject is one household that is about to be looked at.
type Subject struct{ Household, Authorization string }

// Who acts, for whom and from where. It names an account, never a person.
type Who struct {
	Actor    string // account; "" is the actor of the log's options
	Role     string
	Division string // of the body the actor belongs to
	Client   string // address the request came from
}

// Look says what is about to be looked at and by which rules.
type Look struct {
	Who        Who
	Action     string // the operation: check, verify, conflicts …
	Request    string // id of the request; "" when there is none
	Purpose    string
	Batch      string // digest of the batch file; "" for a single check
	Generation string
	Rules      string // name, version and digest of the pack
	On         household.Date
	Reveal     bool      // the answer shows names and numbers unmasked
	Fields     []string  // that the answer shows unmasked, when it is not all of them
	Reason     string    // why they are shown, as a word
	Subjects   []Subject // none when all that is held is looked at
}

// Event is something that happened and is over: somebody signed in, an authorisation
// was withdrawn, a field was unmasked, an access was denied.
type Event struct {
	Who       Who
	Operation string // a word: sign_in, withdraw, unmask, backup …
	Outcome   string // Done, Denied or Failed
	Code      string // why it was denied, as authorization_withdrawn
	Request   string // id of the request; "" when there is none
	Purpose   string
	Object    string    // number of what it was done to: authorisation, case, account, key
	Fields    []string  // what was seen unmasked or exported
	Reason    string    // why, as a word; a text that a person wrote stays in the ledger
	Subjects  []Subject // households it is about, at most 4,096
}

// The outcomes of an event.
const (
	Done   = "done"
	Denied = "denied"
	Failed = "failed"
)

// ErrEvent is returned for what the log does not take: nothing was written.
var ErrEvent = errors.New("the audit log does not take this")

// Token is what Begin hands out for the matching End.
type Token struct {
	look   Look
	begins []int64 // seq of each begin entry
}

// householdsPerEntry keeps a line well below a megabyte.
const householdsPerEntry = 4096

// Begin takes down what is about to be looked at. When it returns without an error
// its entries are on the disk; otherwise nothing may be read.
func (a *Log) Begin(l Look) (Token, error) {
	if err := valid(l.Who, []string{l.Action}, []string{l.Purpose, l.Reason}, l.Request, l.Fields); err != nil {
		return Token{}, err
	}
	t := Token{look: l}
	t.look.Fields = nil // only the begin entry says them
	var entries []*Entry
	for rest := l.Subjects; ; {
		n := min(len(rest), householdsPerEntry)
		e := &Entry{
			Action: l.Action, Phase: "begin", Request: l.Request, Purpose: l.Purpose, Reason: l.Reason, Fields: l.Fields,
			Batch: l.Batch, Generation: l.Generation, Rules: l.Rules, On: l.On.String(), Reveal: l.Reveal,
			Households: pairs(rest[:n]),
		}
		e.by(l.Who)
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
	var entries []*Entry
	for i, begin := range t.begins {
		from, to := min(len(outcomes), i*householdsPerEntry), min(len(outcomes), (i+1)*householdsPerEntry)
		entries = append(entries, &Entry{
			Actor: t.look.Who.Actor, Action: t.look.Action, Phase: phase, Request: t.look.Request, Batch: t.look.Batch,
			Begin: begin, Outcomes: letters(outcomes[from:to]),
		})
	}
	return a.append(entries)
}

// Note takes down an event. When it returns without an error the event is on the
// disk; otherwise what it tells of must not be acknowledged.
func (a *Log) Note(e Event) error {
	if err := e.Validate(); err != nil {
		return err
	}
	x := &Entry{
		Action: e.Operation, Phase: "note", Request: e.Request, Purpose: e.Purpose, Object: e.Object, Outcome: e.Outcome,
		Code: e.Code, Reason: e.Reason, Fields: e.Fields, Households: pairs(e.Subjects),
	}
	x.by(e.Who)
	return a.append([]*Entry{x})
}

// Validate says what Note would refuse, for who must know before something is done.
func (e *Event) Validate() error {
	if err := valid(e.Who, []string{e.Operation, e.Outcome}, []string{e.Code, e.Purpose, e.Reason}, e.Request, e.Fields); err != nil {
		return err
	}
	switch {
	case e.Outcome != Done && e.Outcome != Denied && e.Outcome != Failed:
		return fmt.Errorf("%w: an event is done, denied or failed", ErrEvent)
	case !printable(e.Object):
		return fmt.Errorf("%w: the object of an event is a number or a name without spaces", ErrEvent)
	case len(e.Subjects) > householdsPerEntry:
		return fmt.Errorf("%w: an event about %d households", ErrEvent, len(e.Subjects))
	}
	return nil
}

func (e *Entry) by(w Who) {
	e.Actor, e.Role, e.Division, e.Client = w.Actor, w.Role, w.Division, w.Client
}

func pairs(subjects []Subject) [][2]string {
	if len(subjects) == 0 {
		return nil
	}
	out := make([][2]string, len(subjects))
	for i, s := range subjects {
		out[i] = [2]string{s.Household, s.Authorization}
	}
	return out
}

// valid refuses what could carry text that a person wrote, and with it something
// personal: the log holds words and numbers. Errors name the member, not what it held.
func valid(w Who, need, may []string, request string, fields []string) error {
	for _, s := range need {
		if !word(s) || s == "" {
			return fmt.Errorf("%w: operations and outcomes are words", ErrEvent)
		}
	}
	for _, s := range may {
		if !word(s) {
			return fmt.Errorf("%w: roles, purposes, codes and reasons are words", ErrEvent)
		}
	}
	if !word(w.Role) || !word(w.Division) || !printable(w.Client) || !printable(w.Actor) || !printable(request) {
		return fmt.Errorf("%w: who acts is an account, a role, a division and an address", ErrEvent)
	}
	for _, s := range fields {
		if !word(s) || s == "" {
			return fmt.Errorf("%w: fields are named by words", ErrEvent)
		}
	}
	return nil
}

// word reports whether s is at most 64 of a-z, A-Z, 0-9 and _ - . : /.
func word(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9', c >= 'A' && c <= 'Z', c == '_', c == '-', c == '.', c == ':', c == '/':
		default:
			return false
		}
	}
	return len(s) <= 64 && !identityNumber(s)
}

// printable reports whether s is at most 128 bytes of text without spaces and controls.
func printable(s string) bool {
	if len(s) > 128 || !utf8.ValidString(s) || identityNumber(s) {
		return false
	}
	for _, c := range s {
		if c <= ' ' || c == 0x7f {
			return false
		}
	}
	return true
}

// identityNumber reports whether s holds a resident's number: 18 digits, the last
// perhaps X, whose check digit is right. The one thing above all that must not get in.
func identityNumber(s string) bool {
	const weights = "\x07\x09\x0a\x05\x08\x04\x02\x01\x06\x03\x07\x09\x0a\x05\x08\x04\x02"
	for i := 0; i+18 <= len(s); i++ {
		sum, ok := 0, true
		for k := 0; k < 17 && ok; k++ {
			c := s[i+k]
			ok = c >= '0' && c <= '9'
			sum += int(c-'0') * int(weights[k])
		}
		if last := s[i+17]; ok && (last == "10X98765432"[sum%11] || last == 'x' && sum%11 == 2) {
			return true
		}
	}
	return false
}
