package dock

import (
	"bytes"
	"context"
	"time"

	"github.com/hedui/hedui/engine"
	"github.com/hedui/hedui/engine/household"
)

// Answer is what a node says to a question.
type Answer struct {
	Version    int    `json:"version"`
	Question   string `json:"question"` // its digest
	Nonce      string `json:"nonce"`
	At         string `json:"at"`
	Generation string `json:"generation"`
	// Refusal is the code by which the node's own judgement of the authorisation refuses;
	// then there are no persons.
	Refusal string `json:"refusal,omitempty"`
	Persons []Held `json:"persons,omitempty"`
}

// Held is what is held of one person: nothing, which is said, or an entry.
type Held struct {
	Person []byte `json:"person"`
	None   bool   `json:"none,omitempty"`
	Entry  []byte `json:"entry,omitempty"`
}

// SealAnswer signs what is held of each person of a question, in their order; nothing where
// an entry is empty.
func SealAnswer(s Signer, q *Question, generation string, entries [][]byte, at time.Time) (*Sealed, error) {
	if len(entries) != len(q.Persons) {
		return nil, fail(Persons)
	}
	a := answerTo(q, generation, at)
	for i, e := range entries {
		a.Persons = append(a.Persons, Held{Person: q.Persons[i], None: len(e) == 0, Entry: e})
	}
	return seal(s, anAnswer, a)
}

// SealRefusal signs that a question is refused by the node's judgement of the
// authorisation.
func SealRefusal(s Signer, q *Question, generation, code string, at time.Time) (*Sealed, error) {
	a := answerTo(q, generation, at)
	a.Refusal = code
	return seal(s, anAnswer, a)
}

func answerTo(q *Question, generation string, at time.Time) *Answer {
	return &Answer{Version: version, Question: q.Digest(), Nonce: q.Nonce, At: timeText(at), Generation: generation}
}

// OpenAnswer reads the answer to a question: an entry for each person, nil where nothing
// is held. The error is a *Failure; Denied when the node refuses.
func OpenAnswer(s *Sealed, by PublicKey, q *Question, now time.Time) ([][]byte, error) {
	var a Answer
	if err := s.open(by, anAnswer, &a); err != nil {
		return nil, err
	}
	switch {
	case a.Nonce != q.Nonce:
		return nil, fail(Nonce)
	case a.Question != q.Digest():
		return nil, fail(Another)
	case !fresh(a.At, now):
		return nil, fail(Time)
	case a.Version != version:
		return nil, fail(Version)
	case a.Generation != q.Generation:
		return nil, fail(Outdated)
	case a.Refusal != "" && (len(a.Persons) > 0 || !household.IsSlug(a.Refusal)):
		return nil, fail(Form)
	case a.Refusal != "":
		return nil, &Failure{Code: Denied, Detail: a.Refusal}
	case len(a.Persons) != len(q.Persons):
		return nil, fail(Persons)
	}
	entries := make([][]byte, len(q.Persons))
	for i := range a.Persons {
		h := &a.Persons[i]
		if !bytes.Equal(h.Person, q.Persons[i]) || h.None != (len(h.Entry) == 0) {
			return nil, fail(Persons)
		}
		entries[i] = h.Entry
	}
	return entries, nil
}

// Upper is a node that can be asked. It is safe for use by several goroutines.
type Upper interface {
	// Known is what the node holds as far as it has said, without asking. The same is
	// returned until it says otherwise.
	Known() *engine.Upstream
	// Refresh asks what it holds. The error is a *Failure.
	Refresh(ctx context.Context) error
	// Ask asks about people: what is held of each in their order, nil for nothing. It fills
	// in the nonce and who is asked. With patience it waits as long as the context lets it,
	// otherwise no longer than somebody at the counter should. The error is a *Failure.
	Ask(ctx context.Context, q *Question, patience bool) ([][]byte, error)
}
