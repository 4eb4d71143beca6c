package ingest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"sync/atomic"

	"github.com/hedui/hedui/connectors"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/match"
	"github.com/hedui/hedui/engine/profile"
	"github.com/hedui/hedui/engine/snapshot"
)

// fileWork is one table on its way: what the parser found and counted. It belongs
// to the parser of its path until all parsers are done.
type fileWork struct {
	account snapshot.FileAccount
	byCode  [connectors.NumCodes]int64
	faults  *spool
}

// parser turns the tables of one path into items.
type parser struct {
	ctx     context.Context
	dept    *connectors.Department
	sorter  *sorter
	slab    *slab
	file    int // ordinal from 1
	buf     []byte
	content []byte
	cold    []byte
	written []byte
	rows    *atomic.Int64
}

// parsePath reads every table of a path into files, whose ordinals begin at first.
func (p *parser) parsePath(path string, o connectors.Options, first int, files []*fileWork, watch func(*connectors.Table)) error {
	tables, err := connectors.Open(path, p.dept, o)
	if err != nil {
		return err
	}
	defer func() {
		for _, t := range tables {
			_ = t.Close()
		}
	}()
	if len(tables) != len(files) {
		return fmt.Errorf("%s: %w", filepath.Base(path), errChanged)
	}
	for i, t := range tables {
		watch(t)
		p.file = first + i
		if err := p.parseTable(t, files[i]); err != nil {
			return err
		}
	}
	return nil
}

func (p *parser) parseTable(t *connectors.Table, w *fileWork) error {
	var rec household.Record
	n := int64(0)
	for {
		err := t.Next(&rec)
		if errors.Is(err, io.EOF) {
			break
		}
		if n++; n&1023 == 0 {
			p.rows.Add(1024)
			if p.ctx.Err() != nil {
				return context.Cause(p.ctx)
			}
		}
		var fault *connectors.Fault
		switch {
		case err == nil:
			err = p.record(&rec)
		case errors.As(err, &fault):
			err = p.fault(&rec, fault, w)
		}
		if err != nil {
			return err
		}
	}
	p.rows.Add(n & 1023)
	info := t.Info()
	w.account = snapshot.FileAccount{
		Name: info.Name, Bytes: info.Bytes, SHA256: hex.EncodeToString(info.SHA256[:]), FileFormat: info.Format,
		Encoding: info.Encoding, UnknownColumns: slices.Clone(info.UnknownColumns),
		Counts: snapshot.Counts{RowsIn: n},
	}
	for _, c := range w.byCode {
		w.account.Quarantined += c
	}
	return nil
}

// fault writes the row to the quarantine and leaves a mark on its person.
func (p *parser) fault(rec *household.Record, f *connectors.Fault, w *fileWork) error {
	w.byCode[f.Code]++
	if err := w.faults.line(p.file, f.Row, f.Line, f.Column, f.Code, f.Excerpt); err != nil {
		return err
	}
	if rec.IDType == 0 {
		return nil // the type could not be read, so nobody knows whose number it is
	}
	doc := match.ParseDocument(rec.IDType, rec.IDNumber)
	if !doc.Valid {
		return nil
	}
	p.buf = binary.BigEndian.AppendUint64(p.buf[:0], doc.Key.Num)
	p.buf = append(p.buf, kindMark)
	p.buf = appendText(p.buf, doc.Key.Text)
	return p.emit()
}

// record turns a good row into an item.
func (p *parser) record(rec *household.Record) error {
	s := p.dept.Source
	doc := match.ParseDocument(rec.IDType, rec.IDNumber)
	name := match.NormalName(rec.Name)
	p.content = profile.AppendContent(p.content[:0], s, rec)
	p.cold, p.written = appendCold(p.cold[:0], p.written[:0], s, rec, p.content, &doc, name)

	b := p.buf[:0]
	if doc.Given {
		b = binary.BigEndian.AppendUint64(b, doc.Key.Num)
		b = append(b, kindRecord)
		b = appendText(b, doc.Key.Text)
	} else {
		b = binary.BigEndian.AppendUint64(b, household.NoDocument)
		b = append(b, kindRecord)
		b = appendText(b, name)
	}
	b = appendRecordKey(b, s, rec, p.content)
	b = append(b, byte(doc.Form))
	b = binary.AppendUvarint(b, uint64(p.file))
	b = binary.AppendUvarint(b, uint64(rec.Row))
	b = binary.AppendUvarint(b, uint64(rec.Line))
	b = appendBytes(b, name)
	b = appendBytes(b, p.content)
	b = appendBytes(b, p.cold)
	b = appendBytes(b, p.written)
	for i := range p.dept.Amounts {
		b = binary.AppendUvarint(b, uint64(p.dept.Amounts[i].Get(rec)))
	}
	p.buf = b
	return p.emit()
}

// emit hands the item in buf to the sorter.
func (p *parser) emit() error {
	for {
		if p.slab == nil {
			var err error
			if p.slab, err = p.sorter.get(); err != nil {
				return err
			}
		}
		if p.slab.add(p.buf) {
			return nil
		}
		p.sorter.put(p.slab)
		p.slab = nil
	}
}

// finish hands the last slab over.
func (p *parser) finish() {
	if p.slab != nil {
		p.sorter.put(p.slab)
		p.slab = nil
	}
}

// maxKeyText is the longest text of a person key, in bytes. Only texts that are
// neither a document nor a name are longer; their digest keeps them apart.
const maxKeyText = 8 << 10

func appendText[T string | []byte](b []byte, s T) []byte {
	if len(s) <= maxKeyText {
		b = binary.AppendUvarint(b, uint64(len(s)))
		return append(b, s...)
	}
	sum := sha256.Sum256([]byte(s))
	digest := hex.EncodeToString(sum[:])
	b = binary.AppendUvarint(b, uint64(maxKeyText))
	b = append(b, s[:maxKeyText-len(digest)]...)
	return append(b, digest...)
}

// appendRecordKey appends the key that makes two rows of a person the same record.
// The normalised parts are read from the content.
func appendRecordKey(b []byte, s household.Source, rec *household.Record, content []byte) []byte {
	r := reader{b: content}
	switch s {
	case household.Tax:
		return appendBytes(b, rec.Tax.RecordNo)
	case household.Insurance:
		return appendBytes(b, rec.Insurance.RecordNo)
	case household.Vehicle:
		return appendBytes(b, r.bytes())
	case household.Property:
		unit := r.bytes()
		if len(unit) == 0 {
			unit = r.bytes()
		}
		return appendBytes(b, unit)
	case household.Bank:
		institution, account := r.bytes(), r.bytes()
		// The account comes first because it tells more; its length at the end keeps
		// the parts apart.
		b = binary.AppendUvarint(b, uint64(len(account)+len(institution)+8))
		b = append(b, account...)
		b = append(b, institution...)
		b = binary.BigEndian.AppendUint32(b, uint32(rec.Bank.BalanceOn))
		return binary.BigEndian.AppendUint32(b, uint32(len(account)))
	}
	return appendBytes(b, nil)
}

// recordKeyColumn is the column that a conflict is reported at.
func recordKeyColumn(s household.Source) string {
	switch s {
	case household.Vehicle:
		return "vin"
	case household.Property:
		return "unit_code"
	case household.Bank:
		return "account_no"
	}
	return "record_no"
}

// appendCold appends the text the check does not read: to cold what duplicates
// must agree in, to written what may be written differently.
func appendCold(cold, written []byte, s household.Source, rec *household.Record, content []byte, doc *match.Document, name []byte) (c, w []byte) {
	var key, normal []byte
	r := reader{b: content}
	switch s {
	case household.Tax:
		cold = snapshot.AppendText(cold, snapshot.PayerName, rec.Tax.PayerName)
		cold = snapshot.AppendText(cold, snapshot.PayerCode, rec.Tax.PayerCode)
		written = snapshot.AppendText(written, snapshot.RecordNo, rec.Tax.RecordNo)
	case household.Insurance:
		cold = snapshot.AppendText(cold, snapshot.EmployerName, rec.Insurance.EmployerName)
		cold = snapshot.AppendText(cold, snapshot.EmployerCode, rec.Insurance.EmployerCode)
		written = snapshot.AppendText(written, snapshot.RecordNo, rec.Insurance.RecordNo)
	case household.Vehicle:
		key, normal = rec.Vehicle.VIN, r.bytes()
	case household.Property:
		cold = snapshot.AppendText(cold, snapshot.Address, rec.Property.Address)
		if key, normal = rec.Property.UnitCode, r.bytes(); len(key) == 0 {
			key, normal = rec.Property.CertificateNo, r.bytes()
		}
	case household.Bank:
		_ = r.bytes()
		key, normal = rec.Bank.AccountNo, r.bytes()
	}
	cold = snapshot.AppendText(cold, snapshot.Country, rec.Country)
	if rec.BirthDate != 0 {
		var date [16]byte
		text, _ := rec.BirthDate.AppendText(date[:0])
		cold = snapshot.AppendText(cold, snapshot.BirthDate, text)
	}
	if rec.Sex != 0 {
		cold = snapshot.AppendText(cold, snapshot.Sex, []byte(household.Sexes.At(rec.Sex).Name))
	}
	cold = snapshot.AppendText(cold, snapshot.Division, rec.Division)

	if !bytes.Equal(key, normal) {
		written = snapshot.AppendText(written, snapshot.WrittenRecord, key)
	}
	// An exact resident number is its own normalised form; an invalid number or
	// another document is kept as written where that differs from the key.
	if doc.Given && !(doc.Valid && doc.Form == match.FormExact) && string(rec.IDNumber) != doc.Key.Text {
		written = snapshot.AppendText(written, snapshot.WrittenDocument, rec.IDNumber)
	}
	if !bytes.Equal(rec.Name, name) {
		written = snapshot.AppendText(written, snapshot.WrittenName, rec.Name)
	}
	return cold, written
}
