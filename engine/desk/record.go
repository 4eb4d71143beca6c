package desk

import (
	"cmp"
	"encoding/json"
	"fmt"

	"github.com/hedui/hedui/engine"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ledger"
)

// States of an objection.
const (
	objectionOpen     = "open"
	objectionUpheld   = "upheld"
	objectionRejected = "rejected"
)

// record is one record of a department: where it was read, and by what it is found
// again in another generation.
type record struct {
	Person     []byte           `json:"person"` // binary form of the key under which it lies
	Source     household.Source `json:"source"`
	Content    uint64           `json:"content"` // profile.ContentDigest
	Provider   string           `json:"provider"`
	Generation string           `json:"generation"`
	Snapshot   string           `json:"snapshot"`
	File       int              `json:"file"`
	Row        int64            `json:"row"`
	Node       string           `json:"node,omitempty"` // that sent it; the generation is then the one it was used with
}

// key is the key under which the record lies.
func (r *record) key() (household.PersonKey, error) { return household.ParsePersonKey(r.Person) }

// storedObjection is the body of an objection in the ledger.
type storedObjection struct {
	Record    record `json:"record"`
	Ref       string `json:"ref"`
	Verdict   string `json:"verdict"`
	Evidence  int    `json:"evidence"` // counted from 1 over all findings
	Ground    string `json:"ground"`
	FiledBy   string `json:"filed_by"` // account
	DecidedBy string `json:"decided_by,omitempty"`
	DecidedAt int64  `json:"decided_at,omitempty"`
	Reason    string `json:"reason,omitempty"`
}

func objectionBody(o *ledger.Objection) (*storedObjection, error) {
	var s storedObjection
	if err := json.Unmarshal(o.Body, &s); err != nil {
		return nil, fmt.Errorf("objection %s: its body is not one", o.ID)
	}
	return &s, nil
}

// withheldBy is the record that an objection keeps from counting, if it does.
func withheldBy(o *ledger.Objection) (w engine.Withheld, counts bool, err error) {
	if o.State != objectionOpen && o.State != objectionUpheld {
		return w, false, nil
	}
	s, err := objectionBody(o)
	if err != nil {
		return w, false, err
	}
	key, err := s.Record.key()
	if err != nil {
		return w, false, fmt.Errorf("objection %s: %w", o.ID, err)
	}
	return engine.Withheld{Key: key, Source: s.Record.Source, Content: s.Record.Content, Upheld: o.State == objectionUpheld}, true, nil
}

// compareWithheld orders records, of one record the upheld objection first.
func compareWithheld(a, b engine.Withheld) int {
	upheld := func(w engine.Withheld) int {
		if w.Upheld {
			return 0
		}
		return 1
	}
	return cmp.Or(a.Key.Compare(b.Key), cmp.Compare(a.Source, b.Source), cmp.Compare(a.Content, b.Content), cmp.Compare(upheld(a), upheld(b)))
}
