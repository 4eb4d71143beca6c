package ingest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"sync/atomic"

	"github.com/hedui/hedui/connectors"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/match"
	"github.com/hedui/hedui/engine/profile"
	"github.com/hedui/hedui/engine/snapshot"
)

// converter turns rows into items.
type converter struct {
	dept   *connectors.Department
	sorter *sorter
	rows   *atomic.Int64
	slab   *slab
	file   int

	division *division // that reader is of
	reader   *connectors.PieceReader
	row      household.Record

	buf     []byte
	owner   []byte
	content []byte
	cold    []byte
	written []byte
}

// run converts what readers hand over, until there is no more.
func (p *converter) run(ctx context.Context, in <-chan work) error {
	defer p.finish()
	for w := range in {
		var err error
		if w.piece != nil {
			p.rows.Add(w.piece.Rows())
			err = p.piece(ctx, w.piece)
		} else {
			p.rows.Add(int64(w.batch.n))
			err = p.batch(ctx, w.batch)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// batch converts the rows of a batch.
func (p *converter) batch(ctx context.Context, b *batch) error {
	p.file = b.file
	for i := range b.n {
		convert := p.record
		if b.bad[i] {
			convert = p.mark
		}
		if err := convert(ctx, &b.rows[i]); err != nil {
			return err
		}
	}
	b.free <- b
	return nil
}

// mark leaves the mark of a quarantined row on its person.
func (p *converter) mark(ctx context.Context, rec *household.Record) error {
	doc := match.ParseDocument(rec.IDType, rec.IDNumber)
	if !doc.Valid {
		return nil
	}
	p.buf = binary.BigEndian.AppendUint64(p.buf[:0], doc.Key.Num)
	p.buf = append(p.buf, kindMark)
	p.buf = appendText(p.buf, doc.Key.Text)
	return p.emit(ctx)
}

// record turns a good row into an item.
func (p *converter) record(ctx context.Context, rec *household.Record) error {
	s := p.dept.Source
	doc := match.ParseDocument(rec.IDType, rec.IDNumber)
	name := match.NormalName(rec.Name)
	p.owner = profile.AppendOwner(p.owner[:0], profile.OwnerOf(rec, name))
	p.content = profile.AppendContent(p.content[:0], s, rec)
	key, more := keyTexts(s, p.content)
	p.cold, p.written = appendCold(p.cold[:0], p.written[:0], s, rec, key, more, &doc, name)

	kind := kindOf(s)
	b := p.buf[:0]
	if doc.Given {
		b = binary.BigEndian.AppendUint64(b, doc.Key.Num)
		b = append(b, kind)
		b = appendText(b, doc.Key.Text)
	} else {
		b = binary.BigEndian.AppendUint64(b, household.NoDocument)
		b = append(b, kind)
		b = appendText(b, name)
	}
	if kind == kindRecord {
		b = appendBytes(b, recordNumber(s, rec))
	}
	b = appendBytes(b, p.content)
	b = appendBytes(b, p.owner)
	b = appendBytes(b, p.cold)
	b = appendBytes(b, p.written)
	b = append(b, byte(doc.Form))
	b = binary.AppendUvarint(b, uint64(p.file))
	b = binary.AppendUvarint(b, uint64(rec.Row))
	b = binary.AppendVarint(b, rec.Line-rec.Row)
	for i := range p.dept.Amounts {
		b = binary.AppendUvarint(b, uint64(p.dept.Amounts[i].Get(rec)))
	}
	p.buf = b
	return p.emit(ctx)
}

// emit hands the item in buf to the sorter.
func (p *converter) emit(ctx context.Context) error {
	for {
		if p.slab == nil {
			var err error
			if p.slab, err = p.sorter.get(ctx); err != nil {
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
func (p *converter) finish() {
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

// keyTexts reads the normalised texts that a content begins with, of which the key of
// its record is made: of a bank's record the institution and the account, of a
// vehicle's or a property's the number it is known by.
func keyTexts(s household.Source, content []byte) (first, second []byte) {
	switch s {
	case household.Vehicle:
		first, _ = cutText(content)
	case household.Property:
		var rest []byte
		if first, rest = cutText(content); len(first) == 0 {
			first, _ = cutText(rest)
		}
	case household.Bank:
		first, second = cutText(content)
		second, _ = cutText(second)
	}
	return first, second
}

// cutText cuts the text, with its length before it, that b begins with.
func cutText(b []byte) (text, rest []byte) {
	if n := int(b[0]); n < 0x80 {
		return b[1 : 1+n], b[1+n:]
	}
	r := profile.NewCursor(b)
	text = r.Bytes()
	return text, r.Rest()
}

// recordNumber is the record key of a flow.
func recordNumber(s household.Source, rec *household.Record) []byte {
	if s == household.Insurance {
		return rec.Insurance.RecordNo
	}
	return rec.Tax.RecordNo
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
	case household.Register:
		return "name"
	}
	return "record_no"
}

// appendCold appends the text the check does not read: to cold what duplicates
// must agree in, to written what may be written differently.
func appendCold(cold, written []byte, s household.Source, rec *household.Record, normal, more []byte, doc *match.Document, name []byte) (c, w []byte) {
	var key []byte // as written, of which normal is the normalised form
	switch s {
	case household.Tax:
		cold = snapshot.AppendText(cold, snapshot.PayerName, rec.Tax.PayerName)
		cold = snapshot.AppendText(cold, snapshot.PayerCode, rec.Tax.PayerCode)
	case household.Insurance:
		cold = snapshot.AppendText(cold, snapshot.EmployerName, rec.Insurance.EmployerName)
		cold = snapshot.AppendText(cold, snapshot.EmployerCode, rec.Insurance.EmployerCode)
	case household.Vehicle:
		key = rec.Vehicle.VIN
	case household.Property:
		cold = snapshot.AppendText(cold, snapshot.Address, rec.Property.Address)
		if key = rec.Property.UnitCode; len(key) == 0 {
			key = rec.Property.CertificateNo
		}
	case household.Bank:
		key, normal = rec.Bank.AccountNo, more
	case household.Register:
		cold = snapshot.AppendText(cold, snapshot.FormerNames, rec.Register.FormerNames)
		cold = snapshot.AppendText(cold, snapshot.FormerNumbers, rec.Register.FormerNumbers)
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
	if doc.Given && (!doc.Valid || doc.Form != match.FormExact) && string(rec.IDNumber) != doc.Key.Text {
		written = snapshot.AppendText(written, snapshot.WrittenDocument, rec.IDNumber)
	}
	if !bytes.Equal(rec.Name, name) {
		written = snapshot.AppendText(written, snapshot.WrittenName, rec.Name)
	}
	return cold, written
}
