package submission

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ledger"
)

// Row is one row of a batch as its sender gets it.
type Row struct {
	Number    int64 // from 1; of a topic the offset
	Partition int32 // of a topic
	Household string
	Division  string // that its authorisation is registered for
	Region    string // that the row itself says, where nothing is registered or it was not read
	Case      string // that people decide
	Outcome   household.Outcome
	Refusal   string // code: of the authorisation, of a row that could not be read, of a message set aside
	Unread    *Unread
	Dead      bool
	Request   string // id of the answer
	Verdict   string // id in the ledger
	Line      []byte // the verdict, as verify writes it; nil of what is unread or set aside
	Waiting   bool   // not answered yet
}

// Unread says why no request could be made of a row of a file, for people.
type Unread struct {
	Code  string         `json:"code"`
	Place string         `json:"place"` // sheet and cell, or line and column
	Text  household.Text `json:"text"`  // what is wrong and what to do

	Household string   `json:"household,omitempty"` // whose row it is, where it says
	Region    string   `json:"region,omitempty"`    // and where it lives
	Also      []Unread `json:"also,omitempty"`      // what else is wrong with it
}

// size is about how many bytes of a part it takes.
func (u *Unread) size() (n int) {
	if u == nil {
		return 0
	}
	for i := range u.Also {
		n += u.Also[i].size()
	}
	return n + len(u.Code) + len(u.Place) + len(u.Text.Zh) + len(u.Text.En) + len(u.Household) + 80
}

// Coming is one row as it comes: a request, or why there is none.
type Coming struct {
	Number int64
	Line   []byte
	Unread *Unread
}

// item is a row in a part.
type item struct {
	Number int64   `json:"n"`
	Unread *Unread `json:"unread,omitempty"`
	// Of an answer.
	Request   string `json:"request,omitempty"`
	Household string `json:"household,omitempty"`
	Division  string `json:"division,omitempty"`
	Region    string `json:"region,omitempty"` // that it says, where nothing is registered
	Case      string `json:"case,omitempty"`
	Outcome   string `json:"outcome,omitempty"`
	Refusal   string `json:"refusal,omitempty"`
	Verdict   string `json:"verdict,omitempty"`
	Again     bool   `json:"again,omitempty"` // it had been answered before
	// Of a message that was set aside.
	Dead  bool   `json:"dead,omitempty"`
	Tries int    `json:"tries,omitempty"`
	Key   []byte `json:"key,omitempty"`
	Batch string `json:"batch,omitempty"` // that it names, when that is none
	// Size is how many bytes of it follow: the request before it is answered, then the
	// answer that is nowhere else, or the message that was set aside.
	Size int `json:"size,omitempty"`

	line []byte
}

// What a part holds at most. Its answers must go into few changes of the ledger.
const (
	partRows  = 128
	partBytes = 512 << 10
)

// encodeItems is the body of a part: the items as JSON in one line, then what belongs to
// them, one after the other.
func encodeItems(items []item) []byte {
	n := 0
	for i := range items {
		items[i].Size = len(items[i].line)
		n += items[i].Size
	}
	head, _ := json.Marshal(items) // always can be
	b := make([]byte, 0, len(head)+1+n)
	b = append(append(b, head...), '\n')
	for i := range items {
		b = append(b, items[i].line...)
	}
	return b
}

var errPart = errors.New("its body is not one")

func decodeItems(p *ledger.Part) ([]item, error) {
	head, rest, ok := bytes.Cut(p.Body, []byte("\n"))
	var items []item
	if !ok || json.Unmarshal(head, &items) != nil || int64(len(items)) != p.Rows {
		return nil, fmt.Errorf("part %s: %w", p.Key(), errPart)
	}
	for i := range items {
		if n := items[i].Size; n < 0 || n > len(rest) {
			return nil, fmt.Errorf("part %s: %w", p.Key(), errPart)
		} else if n > 0 {
			items[i].line, rest = rest[:n:n], rest[n:]
		}
	}
	if len(rest) > 0 {
		return nil, fmt.Errorf("part %s: %w", p.Key(), errPart)
	}
	return items, nil
}

// countItems says what became of items.
func countItems(items []item) (c ledger.Counts) {
	c.Outcomes, c.Refusals = map[string]int64{}, map[string]int64{}
	for i := range items {
		x := &items[i]
		if x.Again {
			c.Again++
		}
		switch {
		case x.Unread != nil:
			c.Unread++
			c.Refusals[x.Unread.Code]++
		case x.Dead:
			c.Dead++
			c.Refusals[x.Refusal]++
		case x.Refusal != "":
			c.Refused++
			c.Refusals[x.Refusal]++
			c.Outcomes[x.Outcome]++
		default:
			c.Answered++
			c.Outcomes[x.Outcome]++
		}
	}
	return c
}
