package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/authorization"
	"github.com/hedui/hedui/engine/desk"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/store"
	"github.com/hedui/hedui/rules"
)

// registerAll registers the authorisation that each request of a batch claims, as of whenever
// the test runs, and checks the household: "enrol data batch".
func registerAll(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: enrol data batch")
	}
	ts.Check(enrolAll(ts.MkAbs(args[0]), []byte(ts.ReadFile(args[1]))))
}

func enrolAll(data string, batch []byte) (err error) {
	st, err := store.OpenDir(data)
	if err != nil {
		return err
	}
	l, err := ledger.Open(data, ledger.Options{Reserve: 1})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	log, err := audit.Open(data, audit.Options{Actor: "test", Now: time.Now})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	pack, err := rules.Load("reference")
	if err != nil {
		return err
	}
	d, err := desk.New(desk.Options{Store: st, Ledger: l, Audit: log, Packs: map[string]*rules.Pack{"dibao": pack}, Now: time.Now, Program: program()})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	who := desk.Caller{Subject: access.Subject{
		Account: "test", Person: "P1", Roles: access.RolesOf(access.Intake, access.Verifier), Division: "34", Purposes: []string{"dibao"}, Classes: access.AllClasses(),
	}}
	var buffer household.RequestBuffer
	for line := range bytes.Lines(batch) {
		line = bytes.TrimSpace(line)
		q, err := buffer.Parse(line)
		if err != nil || q.Authorization == nil || q.Authorization.Number == "" {
			continue
		}
		a := authorization.Authorization{
			Number: q.Authorization.Number, Household: q.HouseholdID, Division: q.Region, Purposes: []string{"dibao"}, Classes: authorization.AllClasses(),
			From: 20200101, To: 20991231, ScanDigest: strings.Repeat("0a", 32),
		}
		for i := range q.Members {
			m := &q.Members[i]
			s := authorization.Signature{Ref: "1", On: 20200101}
			x := authorization.Member{DocumentType: m.IDType, Document: m.IDNumber, Name: m.Name, Born: m.BirthDate}
			if slices.Contains(q.Authorization.SignedBy, m.IDNumber) {
				x.Signature = s
			} else {
				x.Guardian = &authorization.Guardian{DocumentType: q.Members[0].IDType, Document: q.Members[0].IDNumber, Name: q.Members[0].Name, Signature: s}
			}
			a.Members = append(a.Members, x)
		}
		if _, err := d.RegisterAuthorization(context.Background(), who, a); err != nil {
			if _, refused := desk.Refused(err); refused {
				continue // the batch has some that nobody would register
			}
			return err
		}
		if _, err := d.Check(context.Background(), who, bytes.Clone(line), desk.CheckOptions{On: 20261101}); err != nil {
			return err
		}
	}
	return nil
}

// beside runs hedui while this process owns the ledger, as a service does: "beside data
// hedui args…".
func beside(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: beside data hedui args…")
	}
	l, err := ledger.Open(ts.MkAbs(args[0]), ledger.Options{Reserve: 1})
	ts.Check(err)
	defer func() { ts.Check(l.Close()) }()
	ts.Check(ts.Exec(args[1], args[2:]...))
}

// richer writes a bank's file again, with ten times as much and more on every third
// account: "richer from to".
func richer(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: richer from to")
	}
	var out strings.Builder
	balance := -1
	for i, line := range strings.Split(strings.TrimSpace(ts.ReadFile(args[0])), "\n") {
		fields := strings.Split(line, ",")
		switch {
		case i == 0:
			balance = slices.Index(fields, "balance")
		case i%3 == 0 && balance >= 0 && fields[balance] != "" && !strings.Contains(line, `"`):
			fields[balance] = "99" + fields[balance]
		}
		out.WriteString(strings.Join(fields, ",") + "\n")
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(out.String()), 0o600))
}
