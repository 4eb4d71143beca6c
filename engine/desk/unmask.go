package desk

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/ledger"
)

// Unmasked is one field of a record in full.
type Unmasked struct {
	Value string
	Left  int // how many more the caller may see before the limit
}

// unmaskable are the fields of records that are masked, by what they are to the policy.
var unmaskable = map[string]access.Field{
	"name": access.FieldName, "plate": access.FieldPlate, "vin": access.FieldAccount, "account_no": access.FieldAccount,
	"unit_code": access.FieldAccount, "certificate_no": access.FieldAccount,
	"income": access.FieldAmount, "own_insurance": access.FieldAmount, "tax": access.FieldAmount, "value": access.FieldAmount,
	"balance": access.FieldAmount, "average_balance": access.FieldAmount, "base": access.FieldAmount, "benefit": access.FieldAmount,
}

// storedUnmask is the body of a request to see a field in full. The audit log has words
// only; why somebody asked is a text, and stays here.
type storedUnmask struct {
	Verdict  string `json:"verdict"`
	Evidence int    `json:"evidence"`
	Field    string `json:"field"`
	Reason   string `json:"reason"`
}

// Unmask shows one field of a record in full, with a reason, to so many an hour. Who saw
// it and why is on the disk before it is read.
func (d *Desk) Unmask(ctx context.Context, c Caller, verdict string, n int, field, reason string) (*Unmasked, error) {
	kind, known := unmaskable[field]
	if !known {
		return nil, &Refusal{Code: InvalidField, Fields: []string{"field: not one that is masked"}}
	}
	v, at, decision, e, err := d.evidence(ctx, &c, access.Unmask, verdict, n, access.Object{Field: kind}, reason)
	if err != nil {
		return nil, err
	}
	now := d.o.Now()
	left, after := d.seenBy.take(c.Person, decision.Limit, now)
	if left < 0 {
		refused := d.deny(e, access.Decision{Reason: access.Reason(TooMany)})
		if r, ok := Refused(refused); ok {
			r.Code, r.Reason, r.After = TooMany, "", after
		}
		return nil, refused
	}
	e.Fields = []string{field}
	r := &ledger.Request{
		ID: newID(), Household: v.Household, Authorization: v.request.Authorization, Scheme: v.Scheme, On: d.today(now),
		Requester: c.Account, Division: v.request.Division, Channel: "unmask", Verdict: verdict, At: ledger.At(now),
	}
	if r.Body, err = json.Marshal(storedUnmask{verdict, n, field, reason}); err != nil {
		return nil, err
	}
	if err := d.o.Ledger.Commit(ctx, ledger.Change{Ops: []ledger.Op{ledger.Put(r)}}); err != nil {
		return nil, ledgerError(err)
	}
	e.Request = r.ID
	out, err := d.open(ctx, &c, v, at, n, decision.Masks, e)
	if err != nil {
		return nil, err
	}
	for _, f := range out.Fields {
		if f.Name != field {
			continue
		}
		if f.Amount != nil {
			return &Unmasked{strconv.FormatInt(int64(f.Amount.Fen), 10), left}, nil
		}
		return &Unmasked{f.Value, left}, nil
	}
	return nil, &Refusal{Code: InvalidField, Fields: []string{"field: the record has none"}}
}

// Seen is a field that a person has seen in full.
type Seen struct {
	Person string
	At     time.Time
}

// Recall tells a desk what was seen before the process began, in any order, so that limits
// hold over a restart. It is for the time before the first caller.
func (d *Desk) Recall(list []Seen) {
	list = slices.SortedFunc(slices.Values(list), func(a, b Seen) int { return a.At.Compare(b.At) })
	for _, s := range list {
		d.seenBy.add(s.Person, s.At)
	}
}

// counter counts what persons did lately, in the order of time. It begins anew with the
// process; see Recall.
type counter struct {
	mu   sync.Mutex
	done map[string][]time.Time
}

// take counts one more, and returns how many are left after it: −1 when there was none,
// and when there will be one.
func (c *counter) take(person string, limit access.Limit, now time.Time) (left int, after time.Duration) {
	if limit.Count <= 0 {
		return 0, 0
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.done == nil {
		c.done = map[string][]time.Time{}
	}
	list := c.done[person]
	for len(list) > 0 && now.Sub(list[0]) >= limit.Per {
		list = list[1:]
	}
	if len(list) >= limit.Count {
		c.done[person] = list
		return -1, limit.Per - now.Sub(list[0])
	}
	c.done[person] = append(list, now)
	return limit.Count - len(list) - 1, 0
}

func (c *counter) add(person string, at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.done == nil {
		c.done = map[string][]time.Time{}
	}
	c.done[person] = append(c.done[person], at)
}
