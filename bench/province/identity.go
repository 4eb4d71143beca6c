package province

import (
	"bufio"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
)

// identityFile lists, for rows that don't carry their person's own number and name,
// whose they are.
const identityFile = "identity.csv"

// identityHeader begins identityFile.
const identityHeader = "source,file,row,person,corruption\n"

// identityList is the part of identity.csv of one delivery, in a file of its own
// until all are written.
type identityList struct {
	*corrupter
	file   *os.File
	out    *bufio.Writer
	line   []byte
	rows   int64
	counts [codeCount]int64
}

func (d *delivery) openIdentityList() error {
	if d.corrupt == nil || d.stale || d.source == register {
		return nil
	}
	f, err := os.CreateTemp(d.Out, "."+identityFile+"-*")
	if err != nil {
		return err
	}
	d.identities = &identityList{corrupter: newCorrupter(d.plan), file: f, out: bufio.NewWriterSize(f, 1<<16)}
	return nil
}

// remove gives up the part.
func (l *identityList) remove() error {
	return errors.Join(l.file.Close(), os.Remove(l.file.Name()))
}

// note lists a row, the last one written to f.
func (l *identityList) note(s source, f *outputFile, m *person, codes codeSet) error {
	if codes == 0 {
		return nil
	}
	b := append(l.line[:0], s.String()...)
	b = append(b, ',')
	b = append(b, f.name...)
	b = append(b, ',')
	b = strconv.AppendInt(b, f.rows, 10)
	b = append(b, ',')
	if m.idType != residentID && m.idType != hmtPermit {
		b = append(append(b, idTypes[m.idType].en...), ':')
	}
	b = appendDocument(b, m, docPlain)
	separator := byte(',')
	for code := range codeCount {
		if codes.has(code) {
			b = append(append(b, separator), corruptionCodes[code]...)
			separator = '+'
			l.counts[code]++
		}
	}
	b = append(b, '\n')
	l.line = b
	l.rows++
	_, err := l.out.Write(b)
	return err
}

// writeIdentity fills the columns that all sources have, of a corrupted province, and
// lists the row when it doesn't carry its person's own number and name.
func (d *delivery) writeIdentity(r *row, h *household, e entry, f *outputFile) error {
	r.reset()
	sub := h.subject(d.source, e.row())
	m := &h.members[sub.member]
	l := d.identities
	var id identity
	switch ordinary := h.planted == nil && l != nil; {
	case !ordinary:
		r.text = appendDocument(r.text, m, sub.form)
		r.end()
		r.text = d.names.appendForm(r.text, d.seed, m, sub.named)
		r.end()
		id.idType = m.idType
	default:
		switch e.spoil() {
		case noDocument: // the fault is put in later
			id.codes.add(codeMissing)
		case invalidDocument:
			id.codes.add(codeSubstituted)
		case noName:
			id.codes.add(codeNoName)
		default:
			id = l.corrupt(h, d.source, e.row())
		}
		if id.number == nil && id.name == "" {
			id.number = appendDocument(nil, m, docPlain)
			id.name = string(d.names.append(nil, d.seed, m))
			id.idType = m.idType
			if m.namesake > 0 {
				id.codes.add(codeDecoy)
			}
		}
		r.text = append(r.text, id.number...)
		r.end()
		r.string(id.name)
		if err := l.note(d.source, f, m, id.codes); err != nil {
			return err
		}
	}
	if (d.source == bank || d.source == tax) && id.idType == residentID {
		r.end() // the document says it
	} else {
		r.code(idTypes[id.idType])
	}
	r.end() // country
	d.writeDescription(r, h, m, e.row())
	return nil
}

// writeDescription writes birth date, sex and division, which ordinary rows leave out
// or get wrong now and then. A wrong one is no corruption of the identity and is not
// listed.
func (d *delivery) writeDescription(r *row, h *household, m *person, k int) {
	draw := newStream(d.seed, topicDescription+uint64(d.source)<<8, uint64(h.index)<<12|uint64(k))
	right := h.planted != nil
	wrong := func() bool { return draw.million(columnWrongMillion) && !right }

	if draw.chance(columnFilled) || right && m.idType != residentID {
		birth := m.birth
		if wrong() {
			birth = wrongDay(birth, &draw)
		}
		r.day(birth)
	} else {
		r.end()
	}
	if draw.chance(columnFilled) || right && m.idType != residentID {
		sex := m.sex
		if wrong() {
			sex = 1 - sex
		}
		r.code(sexes[sex])
	} else {
		r.end()
	}
	if draw.chance(columnFilled) {
		division := homeCounties[h.home].code
		if draw.n(4) == 0 && m.idType != passport { // of first issue
			division = divisionCode(m.origin)
		}
		if wrong() {
			division = homeCounties[(int(h.home)+1+draw.n(len(homeCounties)-1))%len(homeCounties)].code
		}
		r.text = appendDigits(r.text, uint64(division), 6)
	}
	r.end()
}

// wrongDay swaps day and month where that gives another day, else it mistakes one
// digit.
func wrongDay(d day, r *stream) day {
	year, month, dom := d/10000, d/100%100, d%100
	if dom <= 12 && dom != month && r.n(2) == 0 {
		return year*10000 + dom*100 + month
	}
	if dom < 10 && r.n(2) == 0 {
		return d + 10
	}
	other := d/100000*100000 + (year%10+1+day(r.n(9)))%10*10000 + d%10000
	if other%10000 == 229 {
		other--
	}
	return other
}

// writeIdentities joins the lists of all deliveries, in the order of the sources.
func writeIdentities(out string, deliveries []*delivery, sum *Summary) (err error) {
	f, err := os.Create(filepath.Join(out, identityFile))
	if err != nil {
		return err
	}
	_, err = f.WriteString(identityHeader)
	sum.Corruptions = map[string]int64{}
	for s := range sourceCount {
		for _, d := range deliveries {
			l := d.identities
			if d.source != s || l == nil || err != nil {
				continue
			}
			if _, err = l.file.Seek(0, io.SeekStart); err == nil {
				_, err = io.Copy(f, l.file)
			}
			sum.IdentityRows += l.rows
			for code, n := range l.counts {
				if n > 0 {
					sum.Corruptions[corruptionCodes[code]] += n
				}
			}
		}
	}
	n, err := closeFile(f, err)
	sum.Bytes += n
	return err
}
