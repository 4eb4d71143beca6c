package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/authorization"
	"github.com/hedui/hedui/engine/desk"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/store"
	"github.com/hedui/hedui/rules"
)

// division is the province that all accounts work for.
const division = "34"

// site is a data directory that serves, and who works there.
type site struct {
	hedui  string // the program
	data   string
	work   string // where the driver keeps its own files
	on     household.Date
	bodies string // file of the requests that look, a line each
	lines  [][]byte
	people people
	// profiles is where the server shows profiles, "" for nowhere.
	profiles string
	began    time.Time // of the driver
}

// register gives every household of a batch an authorisation as its request claims it,
// from the first day that it claims until two years from now, through the desk, so that
// the audit log has each. It keeps the requests that may look by it.
func (s *site) register(ctx context.Context, batch string, most int) (err error) {
	st, err := store.OpenDir(s.data)
	if err != nil {
		return err
	}
	l, err := ledger.Open(s.data, ledger.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	log, err := audit.Open(s.data, audit.Options{Actor: "counter", Now: time.Now})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	pack, err := rules.Load("reference")
	if err != nil {
		return err
	}
	d, err := desk.New(desk.Options{Store: st, Ledger: l, Audit: log, Packs: map[string]*rules.Pack{"dibao": pack}, Now: time.Now})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	text, err := os.ReadFile(batch)
	if err != nil {
		return err
	}
	r := registrar{desk: d, on: s.on, at: time.Now(), caller: desk.Caller{Subject: access.Subject{
		Account: "counter", Person: "P0", Roles: access.RolesOf(access.Intake), Division: division, Purposes: []string{"dibao"}, Classes: access.AllClasses(),
	}}}
	s.lines, err = r.all(ctx, text, most)
	if err != nil {
		return err
	}
	s.bodies = filepath.Join(s.work, "bodies.jsonl")
	return os.WriteFile(s.bodies, append(bytes.Join(s.lines, []byte("\n")), '\n'), 0o600)
}

// registrar registers authorisations, many at once.
type registrar struct {
	desk   *desk.Desk
	caller desk.Caller
	on     household.Date
	at     time.Time
}

func (r *registrar) all(ctx context.Context, batch []byte, most int) ([][]byte, error) {
	var all [][]byte
	for line := range bytes.Lines(batch) {
		if line = bytes.TrimSpace(line); len(line) > 0 && (most == 0 || len(all) < most) {
			all = append(all, line)
		}
	}
	good := make([]bool, len(all))
	errs := make([]error, 64)
	var next atomic.Int64
	var wg sync.WaitGroup
	for w := range errs {
		wg.Go(func() {
			for i := next.Add(1) - 1; int(i) < len(all) && errs[w] == nil; i = next.Add(1) - 1 {
				good[i], errs[w] = r.one(ctx, all[i])
			}
		})
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	var keep [][]byte
	for i, ok := range good {
		if ok {
			keep = append(keep, all[i])
		}
	}
	if len(keep) == 0 {
		return nil, errors.New("no household of the batch may be looked at")
	}
	return keep, nil
}

// one reports whether the household may be looked at by what was registered.
func (r *registrar) one(ctx context.Context, line []byte) (bool, error) {
	q, err := household.ParseRequest(line)
	if err != nil || q.Scheme != "dibao" || len(q.Invalid) > 0 {
		return false, nil //nolint:nilerr // there are such requests, and they are refused
	}
	a := authorizationOf(q, r.at)
	claim := authorization.ClaimOf(q, q.Scheme, r.on, r.at)
	if a == nil {
		return false, nil
	}
	if code, _ := authorization.Judge(a, claim); code != "" {
		return false, nil
	}
	_, err = r.desk.RegisterAuthorization(ctx, r.caller, *a)
	switch refused, ok := desk.Refused(err); {
	case err == nil, ok && refused.Code == desk.Exists:
		return true, nil
	case ok && refused.Code == desk.InvalidField:
		return false, nil
	}
	return false, err
}

// authorizationOf is the authorisation that a request claims, nil when it claims none.
func authorizationOf(q *household.Request, at time.Time) *authorization.Authorization {
	c := q.Authorization
	if c == nil || c.ValidFrom == 0 {
		return nil
	}
	a := &authorization.Authorization{
		Number: c.Number, Household: q.HouseholdID, Division: q.Region, Purposes: []string{"dibao"}, Classes: authorization.AllClasses(),
		From: c.ValidFrom, To: authorization.Day(at.AddDate(2, 0, 0)), ScanDigest: strings.Repeat("0f", 32), Version: 1,
	}
	if c.ClassesGiven {
		a.Classes = authorization.Classes(c.Classes)
		a.Classes[household.Register] = false
	}
	signed := func(id household.IDNumber) authorization.Signature {
		if !slices.Contains(c.SignedBy, id) {
			return authorization.Signature{}
		}
		return authorization.Signature{Ref: "p1", On: c.ValidFrom}
	}
	var guardian *authorization.Guardian
	for i := range q.Members {
		m := &q.Members[i]
		if s := signed(m.IDNumber); guardian == nil && s != (authorization.Signature{}) {
			guardian = &authorization.Guardian{DocumentType: m.IDType, Document: m.IDNumber, Name: m.Name, Signature: s}
		}
	}
	for i := range q.Members {
		m := &q.Members[i]
		x := authorization.Member{
			DocumentType: m.IDType, Document: m.IDNumber, Name: m.Name, Born: m.BirthDate, Relation: m.Relation, Signature: signed(m.IDNumber),
		}
		if guardian != nil && x.Signature == (authorization.Signature{}) {
			x.Guardian = guardian
		}
		a.Members = append(a.Members, x)
	}
	return a
}

// configure writes the configuration of the server: what the load needs, and beside it
// the defaults of the program.
func (s *site) configure(ctx context.Context, address, more string) (string, error) {
	key := filepath.Join(s.work, "audit.key")
	anchor := filepath.Join(s.work, "anchor")
	if err := os.MkdirAll(anchor, 0o700); err != nil {
		return "", err
	}
	if _, err := os.Stat(key); errors.Is(err, os.ErrNotExist) {
		if _, err := s.run(ctx, "audit", "keygen", "--private", key, "--public", key+".pub"); err != nil {
			return "", err
		}
	}
	text := fmt.Sprintf("data: %s\nschemes:\n  dibao: reference\nlisten: %s\naudit:\n  key: %s\n  anchor: %s\n  every: 1m\nlimits:\n  per_minute: 600000\n%s",
		s.data, address, key, anchor, more)
	name := filepath.Join(s.work, "hedui.yaml")
	return name, os.WriteFile(name, []byte(text), 0o600)
}
