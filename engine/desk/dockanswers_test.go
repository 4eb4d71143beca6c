package desk_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/authorization"
	"github.com/hedui/hedui/engine/desk"
	"github.com/hedui/hedui/engine/dock"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/profile"
)

// Whatever is wrong with an answer, the source is pending and the log says why; nothing is
// ever taken for none.
func TestNothingButAGoodAnswerCounts(t *testing.T) {
	other, _, err := audit.NewKey()
	must(t, err)
	stranger, err := audit.ParsePrivateKey(other)
	must(t, err)
	edit := func(change func(a *dock.Answer)) func(d *docked) {
		return func(d *docked) {
			d.link.after = func(_ *dock.Question, s *dock.Sealed) *dock.Sealed {
				var a dock.Answer
				must(d.t, json.Unmarshal(s.Body, &a))
				change(&a)
				return resealed(d, &a)
			}
		}
	}
	for wantCode, tests := range map[string]map[string]func(d *docked){
		"unreachable": {"down": func(d *docked) { d.link.down = true }},
		"signature": {
			"another key": func(d *docked) {
				d.link.after = func(q *dock.Question, _ *dock.Sealed) *dock.Sealed {
					sealed, err := dock.SealAnswer(stranger, q, q.Generation, make([][]byte, len(q.Persons)), d.clock.Now())
					must(d.t, err)
					return sealed
				}
			},
			"another key with the number of the right one": func(d *docked) {
				d.link.after = func(q *dock.Question, s *dock.Sealed) *dock.Sealed {
					sealed, err := dock.SealAnswer(stranger, q, q.Generation, make([][]byte, len(q.Persons)), d.clock.Now())
					must(d.t, err)
					sealed.Key = s.Key
					return sealed
				}
			},
			"a byte is another": func(d *docked) {
				d.link.after = func(_ *dock.Question, s *dock.Sealed) *dock.Sealed {
					s.Body = []byte(strings.Replace(string(s.Body), `"entry"`, `"Entry"`, 1))
					return s
				}
			},
			"no signature": func(d *docked) {
				d.link.after = func(_ *dock.Question, s *dock.Sealed) *dock.Sealed { s.Signature = ""; return s }
			},
		},
		"nonce": {
			"an earlier answer": func(d *docked) {
				first := d.link.past
				d.link.after = func(*dock.Question, *dock.Sealed) *dock.Sealed { return first }
			},
			"another nonce": edit(func(a *dock.Answer) { a.Nonce = strings.Repeat("7", 32) }),
		},
		"another": {
			"of other sources": func(d *docked) {
				d.link.before = func(q *dock.Question) *dock.Question { x := *q; x.Sources = []string{"tax"}; return &x }
			},
			"of another day": func(d *docked) {
				d.link.before = func(q *dock.Question) *dock.Question { x := *q; x.On = "2026-10-31"; return &x }
			},
			"of another person": func(d *docked) {
				d.link.before = func(q *dock.Question) *dock.Question {
					x := *q
					b, _ := household.PersonKey{Num: resident(4)}.AppendBinary(nil)
					x.Persons = [][]byte{b, b}
					return &x
				}
			},
		},
		"persons": {
			"somebody is left out": edit(func(a *dock.Answer) { a.Persons = a.Persons[:1] }),
			"nobody is there":      edit(func(a *dock.Answer) { a.Persons = nil }),
			"they are swapped": edit(func(a *dock.Answer) {
				a.Persons[0].Person, a.Persons[1].Person = a.Persons[1].Person, a.Persons[0].Person
			}),
			"nothing is said of one":  edit(func(a *dock.Answer) { a.Persons[0].Entry = nil }),
			"both are said of one":    edit(func(a *dock.Answer) { a.Persons[0].None = true }),
			"somebody else is answer": edit(func(a *dock.Answer) { a.Persons[0].Person = []byte{1, 2, 3, 4, 5, 6, 7, 8} }),
		},
		"time":     {"signed long ago": edit(func(a *dock.Answer) { a.At = "2026-10-31T00:00:00Z" }), "signed tomorrow": edit(func(a *dock.Answer) { a.At = "2026-11-02T04:00:00Z" })},
		"outdated": {"of another generation": edit(func(a *dock.Answer) { a.Generation = strings.Repeat("0", 32) })},
		"form": {
			"an entry that is none":   edit(func(a *dock.Answer) { a.Persons[0].Entry = []byte("no entry") }),
			"more than was asked for": edit(func(a *dock.Answer) { a.Persons[0].Entry = taxEntry() }),
			"a refusal with records":  edit(func(a *dock.Answer) { a.Refusal = "no" }),
		},
		"version": {"of another version": edit(func(a *dock.Answer) { a.Version = 2 })},
		"refused.forbidden": {
			"no certificate":           func(d *docked) { d.node.Certificate = false },
			"a token for other things": func(d *docked) { d.node.Scopes = []access.Operation{access.Check} },
		},
		"refused.not_found": {"a node of another city": func(d *docked) { d.node.Division = "3402" }},
		"denied.authorization_withdrawn": {"withdrawn above": func(d *docked) {
			_, err := d.above.desk.WithdrawAuthorization(d.t.Context(), intake, "SQ340104-000001", "撤回")
			must(d.t, err)
		}},
	} {
		for what, spoil := range tests {
			t.Run(wantCode+"/"+what, func(t *testing.T) {
				d := newDocked(t, 9)
				d.register(1, 3, 4)
				good := d.check(verifier, request(1, 3, 4)) // the node above knows the authorisation, and has answered once
				if c := bankOf(t, good); c.State != household.Upstream {
					t.Fatalf("%+v", c)
				}
				spoil(d)
				a := d.check(verifier, request(1, 3, 4))
				if c := bankOf(t, a); c.State != household.Pending || c.Providers[0].State != household.Pending {
					t.Errorf("bank %+v", c)
				}
				if v := parsed(t, a.JSON); v.Outcome == household.NoDiscrepancy || v.Assets.Financial != 0 {
					t.Errorf("%s", a.JSON)
				}
				last := d.audit.last()
				if last.Operation != "dock.ask" || last.Outcome != audit.Failed || last.Code != wantCode {
					t.Errorf("the log has %+v, want %s", last, wantCode)
				}
				w := d.waits(desk.TaskOpen)[householdNumber(1)]
				if w == nil || !strings.Contains(string(w.Body), wantCode) {
					t.Errorf("task %+v", w)
				}
			})
		}
	}
}

func resealed(d *docked, a *dock.Answer) *dock.Sealed {
	body, err := json.Marshal(a)
	must(d.t, err)
	signature, key, err := d.key.Sign(append([]byte("hedui dock answer 1\n"), body...))
	must(d.t, err)
	return &dock.Sealed{Body: body, Key: key, Signature: fmt.Sprintf("%x", signature)}
}

func taxEntry() []byte {
	var b profile.Builder
	b.Reset()
	r := household.Record{Tax: household.TaxRecord{RecordNo: []byte("T1"), Period: 2026*12 + 1, IncomeType: 1, Income: 1}}
	b.Add(household.Tax, profile.Origin{Snapshot: 1, File: 1, Row: 1}, profile.AppendOwner(nil, profile.Owner{Name: name}), profile.AppendContent(nil, household.Tax, &r))
	return b.Append(nil)
}

// The node above judges by its own register. What the city has amended since it learns by
// the authorisation itself, and takes it from nobody else.
func TestTheUpperNodeJudges(t *testing.T) {
	d := newDocked(t, 9)
	q := func(change func(q *dock.Question)) *dock.Question {
		key, _ := household.PersonKey{Num: resident(3)}.AppendBinary(nil)
		x := &dock.Question{
			Nonce: strings.Repeat("1", 32), Node: "省平台", Generation: d.link.known.Generation, Household: householdNumber(1), Authorization: "SQ340104-000001",
			Division: county, Scheme: "dibao", On: "2026-11-01", Sources: []string{"bank"}, Persons: [][]byte{key},
		}
		change(x)
		return x
	}
	paperOf := func(change func(a *authorization.Authorization)) []byte {
		a := paper(1, 3)
		a.RegisteredBy, a.RegisteredAt, a.Version = "x", noon, 1
		change(&a)
		return authorization.Encode(&a)
	}
	as := func(*dock.Question) {}
	says := func(q *dock.Question) string {
		s, err := d.above.desk.DockEvidence(t.Context(), d.node, q)
		if r, ok := desk.Refused(err); ok {
			return string(r.Code)
		}
		must(t, err)
		_, err = dock.OpenAnswer(s, d.by, q, d.clock.Now())
		if f, ok := errors.AsType[*dock.Failure](err); ok {
			return f.Detail
		}
		must(t, err)
		return "answers"
	}
	limited := func(a *authorization.Authorization) { a.Classes = authorization.Classes{household.Tax: true} }
	unsigned := func(a *authorization.Authorization) { a.Members[0].Signature = authorization.Signature{} }
	with := func(change func(a *authorization.Authorization)) func(q *dock.Question) {
		return func(q *dock.Question) { q.Paper = paperOf(change) }
	}
	reads := d.above.store.count()
	for _, tt := range []struct {
		what string
		q    *dock.Question
		want string
	}{
		{"no paper", q(as), "authorization_unknown"},
		{"no paper at all", q(func(q *dock.Question) { q.Paper = []byte("x") }), "invalid_field"},
		{"the paper of another household", q(with(func(a *authorization.Authorization) { a.Household = householdNumber(2) })), "invalid_field"},
		{"a paper of another city", q(func(q *dock.Question) {
			q.Division = "340203"
			q.Paper = paperOf(func(a *authorization.Authorization) { a.Division = "340203" })
		}), "not_found"},
		{"a paper of a scheme that is not the node's", q(with(func(a *authorization.Authorization) { a.Purposes = []string{"tekun"} })), "not_found"},
		{"a paper without the bank", q(with(limited)), "authorization_data_class"},
		{"the same again, without it", q(as), "authorization_data_class"},
		{"a later state that nobody signed", q(with(func(a *authorization.Authorization) { unsigned(a); a.Version = 2 })), "invalid_field"},
		{"the same state said otherwise", q(with(func(*authorization.Authorization) {})), "authorization_data_class"},
		{"the day is outside", q(func(q *dock.Question) {
			q.On = "2027-01-01"
			q.Paper = paperOf(func(a *authorization.Authorization) { a.Version = 3 })
		}), "authorization_expired"},
		{"another household's number", q(func(q *dock.Question) { q.Household = householdNumber(2) }), "authorization_household"},
		{"somebody who is not on it", q(func(q *dock.Question) { q.Persons[0], _ = household.PersonKey{Num: resident(4)}.AppendBinary(nil) }), "authorization_members"},
		{"another scheme", q(func(q *dock.Question) { q.Scheme = "tekun" }), "authorization_unknown"},
		{"nobody", q(func(q *dock.Question) { q.Persons = nil }), "invalid_field"},
		{"no source", q(func(q *dock.Question) { q.Sources = nil }), "invalid_field"},
		{"the register of people", q(func(q *dock.Question) { q.Sources = []string{"register"} }), "invalid_field"},
		{"a document for a number", q(func(q *dock.Question) { q.Household = idNumber(3) }), "invalid_field"},
		{"another generation", q(func(q *dock.Question) { q.Generation = strings.Repeat("0", 32) }), "changed"},
	} {
		if got := says(tt.q); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.what, got, tt.want)
		}
	}
	if n := d.above.store.count() - reads; n != 0 || len(d.above.audit.looks) != 0 {
		t.Errorf("%d reads, %d looks", n, len(d.above.audit.looks))
	}
	if got := says(q(as)); got != "answers" || len(d.above.audit.looks) != 1 {
		t.Errorf("%s, %d looks", got, len(d.above.audit.looks))
	}
	// Of the sources asked for and no others.
	other := q(func(q *dock.Question) { q.Sources = []string{"tax", "vehicle"} })
	sealed, err := d.above.desk.DockEvidence(t.Context(), d.node, other)
	must(t, err)
	if held, err := dock.OpenAnswer(sealed, d.by, other, d.clock.Now()); err != nil || held[0] != nil {
		t.Errorf("asked for taxes it says %d bytes, %v", len(held[0]), err)
	}
	// One that somebody registered here is theirs.
	d.above.register(2, 5)
	theirs := q(func(q *dock.Question) {
		q.Household, q.Authorization = householdNumber(2), "SQ340104-000002"
		q.Paper = paperOf(func(a *authorization.Authorization) {
			a.Household, a.Number, a.Version = householdNumber(2), "SQ340104-000002", 9
		})
	})
	if got := says(theirs); got != "authorization_members" {
		t.Errorf("%s: the node has put its paper in the place of another's", got)
	}
	// And nothing without the log.
	d.above.audit.fail = errBoom
	if _, err := d.above.desk.DockEvidence(t.Context(), d.node, q(as)); err == nil {
		t.Error("answered without the log")
	}
}
