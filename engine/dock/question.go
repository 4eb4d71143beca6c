package dock

import (
	"encoding/hex"
	"encoding/json"
	"log/slog"

	"github.com/emmansun/gmsm/sm3"

	"github.com/hedui/hedui/engine/household"
)

// Question is what one node asks another: what it holds of some people, of which sources,
// on what warrant. A question that is asked again is another only by its nonce.
type Question struct {
	Nonce         string   // made up for this question
	Node          string   // who is asked, by the name that the asker knows
	Generation    string   // that its catalogue named
	Household     string   // number
	Authorization string   // number
	Division      string   // that the authorisation is registered in
	Scheme        string   // what for
	On            string   // day of the check
	Sources       []string // by name
	Persons       [][]byte // keys of the people, in their binary form
	// Paper is the authorisation itself, as the ledger stores it, when the node that is
	// asked did not have it or has an earlier state of it.
	Paper []byte
}

// MaxPersons is how many people one question may be about.
const MaxPersons = 64

// Digest is what an answer says the question was.
func (q *Question) Digest() string {
	text, _ := json.Marshal(q) // texts and bytes: never fails
	sum := sm3.Sum(message("question", text))
	return hex.EncodeToString(sum[:])
}

// Keys are the people that are asked about. The error is a *Failure.
func (q *Question) Keys() ([]household.PersonKey, error) {
	if len(q.Persons) == 0 || len(q.Persons) > MaxPersons {
		return nil, fail(Form)
	}
	var out []household.PersonKey
	for _, b := range q.Persons {
		k, err := household.ParsePersonKey(b)
		if err != nil || !k.Linked() {
			return nil, fail(Form)
		}
		out = append(out, k)
	}
	return out, nil
}

// Set are the sources that are asked for. The error is a *Failure.
func (q *Question) Set() (set [household.NumChecked]bool, err error) {
	for _, name := range q.Sources {
		s, ok := household.ParseSource(name)
		if !ok || s >= household.NumChecked || set[s] {
			return set, fail(Form)
		}
		set[s] = true
	}
	if len(q.Sources) == 0 {
		return set, fail(Form)
	}
	return set, nil
}

// String is the numbers of the question, without its people.
func (q *Question) String() string { return "question " + q.Household + " " + q.Authorization }

// LogValue keeps its people out of logs.
func (q *Question) LogValue() slog.Value { return slog.StringValue(q.String()) }
