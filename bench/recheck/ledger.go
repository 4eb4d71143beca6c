package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/cespare/xxhash/v2"

	"github.com/hedui/hedui/engine"
	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/authorization"
	"github.com/hedui/hedui/engine/batch"
	"github.com/hedui/hedui/engine/desk"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/match"
	"github.com/hedui/hedui/engine/register"
	"github.com/hedui/hedui/engine/store"
	"github.com/hedui/hedui/rules"
)

const scheme = "dibao"

// noon is when everything happens: the ledgers of two runs are then comparable.
func noon() time.Time { return time.Date(2026, 11, 1, 4, 0, 0, 0, time.UTC) }

// centre is a ledger, an audit log and a desk over the store.
type centre struct {
	ledger *ledger.Owner
	audit  *audit.Log
	desk   *desk.Desk
}

func openCentre(dir, data, pack string) (*centre, error) {
	c := &centre{}
	st, err := store.OpenDir(data)
	if err != nil {
		return nil, err
	}
	p, err := rules.Load(pack)
	if err != nil {
		return nil, err
	}
	if c.ledger, err = ledger.Open(dir, ledger.Options{}); err != nil {
		return nil, err
	}
	if c.audit, err = audit.Open(dir, audit.Options{Actor: "bench", Now: noon}); err != nil {
		return nil, err
	}
	c.desk, err = desk.New(desk.Options{Store: st, Ledger: c.ledger, Audit: c.audit, Packs: map[string]*rules.Pack{scheme: p}, Now: noon, Program: "bench"})
	return c, err
}

func (c *centre) close() error { return errors.Join(c.desk.Close(), c.audit.Close(), c.ledger.Close()) }

// paper is the authorisation that a request claims, as somebody would have registered it.
// Whoever has not signed is a child of the first who has.
func paper(q *household.Request) *authorization.Authorization {
	claim := q.Authorization
	a := &authorization.Authorization{
		Number: claim.Number, Household: q.HouseholdID, Division: q.Region, Purposes: []string{scheme}, Classes: authorization.AllClasses(),
		From: claim.ValidFrom, To: claim.ValidTo, ScanDigest: strings.Repeat("0a", 32), RegisteredBy: "bench", RegisteredAt: noon(), Version: 1,
	}
	for i := range q.Members {
		m := &q.Members[i]
		who := authorization.Member{DocumentType: m.IDType, Document: m.IDNumber, Name: m.Name, Born: m.BirthDate}
		signature := authorization.Signature{Ref: "1", On: claim.ValidFrom}
		if slices.Contains(claim.SignedBy, m.IDNumber) {
			who.Signature = signature
		} else {
			who.Guardian = &authorization.Guardian{DocumentType: q.Members[0].IDType, Document: q.Members[0].IDNumber, Name: q.Members[0].Name, Signature: signature}
		}
		a.Members = append(a.Members, who)
	}
	return a
}

// enrol registers the authorisation of every request, many in one change.
func (c *centre) enrol(ctx context.Context, lines [][]byte) (kept []byte, n int, err error) {
	var buffer household.RequestBuffer
	seen := map[string]bool{}
	var change ledger.Change
	flush := func() error {
		err := c.ledger.Commit(ctx, change)
		change = ledger.Change{}
		return err
	}
	for _, line := range lines {
		q, err := buffer.Parse(line)
		if err != nil || q.Authorization == nil || q.Scheme != scheme || seen[q.HouseholdID] || seen[q.Authorization.Number] || len(q.Members) == 0 {
			continue
		}
		a := paper(q)
		if a.Validate() != nil { // what nobody would have registered
			continue
		}
		e := &ledger.Authorization{Number: strings.Clone(a.Number), Household: strings.Clone(a.Household), Division: strings.Clone(a.Division), From: a.From, To: a.To, At: ledger.At(a.RegisteredAt)}
		for i := range a.Members {
			key, _ := match.ParseDocument(a.Members[i].DocumentType, []byte(a.Members[i].Document.Reveal())).Key.AppendBinary(nil)
			e.Persons = append(e.Persons, c.ledger.Pseudonym(ledger.Person, key))
		}
		e.Body = authorization.Encode(a)
		seen[e.Household], seen[e.Number] = true, true
		change.Ops = append(change.Ops, ledger.Put(e))
		kept = append(append(kept, line...), '\n')
		if n++; len(change.Ops) == 1000 {
			if err := flush(); err != nil {
				return nil, 0, err
			}
		}
	}
	return kept, n, flush()
}

// nowhere is where verdicts go after they are kept.
type nowhere struct{}

func (nowhere) Open(int)  {}
func (nowhere) Begin(int) {}
func (nowhere) Judged(_ int, h *batch.Household) (household.Outcome, error) {
	return h.Verdicts[0].Outcome, nil
}
func (nowhere) Write(int, int) error        { return nil }
func (nowhere) Commit(batch.Position) error { return nil }

// fill registers everybody and keeps their verdicts on the generation before.
func fill(ctx context.Context, o *options, dir string, lines [][]byte) (err error) {
	c, err := openCentre(dir, o.data, o.rules)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	kept, _, err := c.enrol(ctx, lines)
	if err != nil {
		return err
	}
	st, err := store.OpenDir(o.data)
	if err != nil {
		return err
	}
	g, err := st.Open(o.before)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, g.Close()) }()
	p, err := rules.Load(o.rules)
	if err != nil {
		return err
	}
	on, _ := household.ParseDate([]byte(o.on))
	v, err := engine.NewVerifier(g.Manifest(), p, on)
	if err != nil {
		return err
	}
	if err := v.Link(ctx, g); err != nil {
		return err
	}
	caller := desk.Caller{Subject: access.Subject{
		Account: "bench", Roles: access.RolesOf(access.Centre), Division: "34", Purposes: []string{scheme}, Classes: access.AllClasses(),
	}}
	v.Warrant(c.desk.BatchWarrants(ctx, caller))
	_, err = batch.Pass(ctx, batch.PassOptions{
		Batch: "bench", Lines: kept, Generation: g, Judges: []batch.Judge{{Verifier: v}}, Look: audit.Look{Action: "verify"}, Audit: c.audit,
	}, c.desk.Keeper(ctx, caller, "bench", g, []*engine.Verifier{v}, nowhere{}))
	return err
}

// ledgerReport is what -ledger prints.
type ledgerReport struct {
	Registered int64               `json:"registered"`
	Fill       step                `json:"registering_and_first_verdicts"`
	Each       step                `json:"reading_every_state"`
	Delta      step                `json:"recheck"`
	Full       step                `json:"full"`
	DeltaOf    []*desk.Rechecked   `json:"recheck_found"`
	FullOf     []*desk.Rechecked   `json:"full_found"`
	Kept       []map[string]string `json:"kept"` // digests of what both leave, equal
	Bytes      int64               `json:"ledger_bytes"`
}

// overLedger measures a recheck and a full run through the ledger, each from the same
// start, and fails when they leave something else.
func overLedger(ctx context.Context, o *options) error {
	text, err := os.ReadFile(o.batch)
	if err != nil {
		return err
	}
	lines := bytes.Split(bytes.TrimSpace(text), []byte("\n"))
	if o.households > 0 {
		lines = lines[:min(len(lines), o.households)]
	}
	var r ledgerReport
	start := filepath.Join(o.ledger, "start")
	if _, err := os.Stat(start); err != nil {
		if err := r.Fill.time(func() error { return fill(ctx, o, start, lines) }); err != nil {
			return err
		}
	}
	for range o.rounds {
		delta, err := overCopy(ctx, o, start, &r, false)
		if err != nil {
			return err
		}
		full, err := overCopy(ctx, o, start, &r, true)
		if err != nil {
			return err
		}
		for what, digest := range full {
			if delta[what] != digest {
				return fmt.Errorf("a recheck leaves other %s than a full run", what)
			}
		}
		r.Kept = append(r.Kept, delta)
	}
	out := json.NewEncoder(os.Stdout)
	out.SetIndent("", "  ")
	return out.Encode(&r)
}

// overCopy runs a recheck over a copy of the start and digests what it leaves.
func overCopy(ctx context.Context, o *options, start string, r *ledgerReport, full bool) (kept map[string]string, err error) {
	dir := filepath.Join(o.ledger, "run")
	if err := os.RemoveAll(dir); err != nil {
		return nil, err
	}
	if err := copyTree(dir, start); err != nil {
		return nil, err
	}
	c, err := openCentre(dir, o.data, o.rules)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	on, _ := household.ParseDate([]byte(o.on))
	each, into, found := &r.Each, &r.Delta, &r.DeltaOf
	if full {
		into, found = &r.Full, &r.FullOf
	} else {
		err := each.time(func() error {
			var d register.Decoder
			var s register.State
			return c.ledger.Scan(ctx, ledger.KindHousehold, func(row *ledger.Row) error { return d.Decode(row.Body, &s) })
		})
		if err != nil {
			return nil, err
		}
	}
	err = into.time(func() error {
		x, err := c.desk.Recheck(ctx, desk.Caller{Subject: access.Subject{Account: "bench"}}, desk.RecheckOptions{Scheme: scheme, On: on, Full: full})
		*found = append(*found, x)
		if err == nil {
			r.Registered = x.Registered
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return digests(ctx, c.ledger)
}

// digests are those of what a ledger keeps of households, by kind, without which
// generation was looked at last and why.
func digests(ctx context.Context, l ledger.Ledger) (map[string]string, error) {
	out := map[string]string{}
	var d register.Decoder
	var s register.State
	for _, kind := range []ledger.Kind{ledger.KindVerdict, ledger.KindCase, ledger.KindTask, ledger.KindHousehold} {
		h, n := xxhash.New(), 0
		err := l.Scan(ctx, kind, func(row *ledger.Row) error {
			n++
			body := row.Body
			switch kind {
			case ledger.KindTask:
				var c register.Change
				if err := json.Unmarshal(body, &c); err != nil {
					return err
				}
				c.Reasons = nil
				body = fmt.Append(nil, c)
			case ledger.KindHousehold:
				if err := d.Decode(body, &s); err != nil {
					return err
				}
				body = fmt.Append(nil, s.Substance, s.Outcome, s.Findings, s.Keys, s.States)
			}
			_, err := fmt.Fprintf(h, "%s %d %s %d %s ", row.ID, len(row.Fields), row.Fields, len(body), body)
			return err
		})
		if err != nil {
			return nil, err
		}
		out[kind.String()] = fmt.Sprintf("%d %016x", n, h.Sum64())
	}
	return out, nil
}

func copyTree(to, from string) error {
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		return err
	}
	return filepath.WalkDir(to, func(path string, d os.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			err = os.Chmod(path, 0o700) //nolint:gosec // a directory
		}
		return err
	})
}
