package province

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// request is what a planted household's line of the batch has besides its members.
type request struct {
	unauthorized bool
	from, to     day
	purpose      string
	classes      []string // nil for all five
	guardian     *person  // signs besides the members
	oldSigner    bool     // the head signs with 15 digits
	edits        [][2]string
	line         string // the whole line, when it is not a request at all
}

// appendRequest appends the household's line of the batch, without the line end.
func (p *plan) appendRequest(b []byte, h *household) ([]byte, error) {
	req := request{from: p.cal.on/10000*10000 + 101, to: p.cal.on/10000*10000 + 1231}
	var edits [][2]string
	if h.planted != nil {
		req, edits = h.planted.request, h.planted.request.edits
		if req.line != "" {
			return append(b, req.line...), nil
		}
	}
	start := len(b)
	b = append(b, `{"household_id":"`...)
	b = p.appendHouseholdID(b, h)
	b = append(b, `","region":"`...)
	b = appendDigits(b, uint64(homeCounties[h.home].code), 6)
	b = append(b, `","scheme":"dibao","residence":"`...)
	if h.rural {
		b = append(b, `rural"`...)
	} else {
		b = append(b, `urban"`...)
	}
	if !req.unauthorized {
		b = p.appendAuthorization(b, h, &req)
	}
	b = append(b, `,"members":[`...)
	for i := range h.members {
		if i > 0 {
			b = append(b, ',')
		}
		b = p.appendMember(b, &h.members[i])
	}
	b = append(b, `],"declared_assets":{"financial_fen":`...)
	b = strconv.AppendInt(b, h.declared.financial, 10)
	b = append(b, `,"vehicles":[`...)
	for i, v := range h.declared.vehicles {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '"')
		b = appendPlate(b, h, v)
		b = append(b, '"')
	}
	b = append(b, `],"properties":[`...)
	for i, u := range h.declared.properties {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '"')
		if u.cert {
			b = appendCertificate(b, h, u.number)
		} else {
			b = appendUnit(b, h, u.number)
		}
		b = append(b, '"')
	}
	b = append(b, `]}}`...)
	for _, e := range edits {
		if !bytes.Contains(b[start:], []byte(e[0])) {
			return b, fmt.Errorf("planted case %s: no %s in the request", h.planted.kase.name, e[0])
		}
		b = append(b[:start], bytes.Replace(b[start:], []byte(e[0]), []byte(e[1]), 1)...)
	}
	return b, nil
}

func (p *plan) appendAuthorization(b []byte, h *household, req *request) []byte {
	b = append(b, `,"authorization":{"number":"SQ`...)
	b = p.appendHouseholdID(b, h)
	b = append(b, `","valid_from":"`...)
	b = appendDay(b, req.from)
	b = append(b, `","valid_to":"`...)
	b = appendDay(b, req.to)
	b = append(b, `","signed_by":[`...)
	signed := false
	sign := func(m *person) {
		if signed {
			b = append(b, ',')
		}
		signed = true
		b = append(b, '"')
		b = appendDocument(b, m, m.idForm)
		b = append(b, '"')
	}
	for i := range h.members {
		m := &h.members[i]
		if m.birth.age(p.cal.on) >= adult && !m.unsigned && m.twinOf == 0 {
			sign(m)
		}
	}
	if req.guardian != nil {
		sign(req.guardian)
	}
	if req.oldSigner {
		old := h.members[0]
		old.idForm = docOld
		sign(&old)
	}
	b = append(b, `],"purpose":"`...)
	if req.purpose != "" {
		b = append(b, req.purpose...)
	} else {
		b = append(b, "dibao"...)
	}
	if len(p.Purposes) > 0 {
		b = append(b, `","purposes":["`...)
		if req.purpose == "" { // or the list would take back what the scheme implies
			b = append(b, `dibao","`...)
		}
		b = append(b, strings.Join(p.Purposes, `","`)...)
		b = append(b, `"],"data_classes":[`...)
	} else {
		b = append(b, `","data_classes":[`...)
	}
	classes := req.classes
	if classes == nil {
		classes = sourceNames[:]
	}
	for i, c := range classes {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(append(b, '"'), c...), '"')
	}
	return append(b, `]}`...)
}

func (p *plan) appendMember(b []byte, m *person) []byte {
	b = append(b, `{"name":"`...)
	b = p.names.append(b, p.seed, m)
	b = append(b, `","id_number":"`...)
	b = appendDocument(b, m, m.idForm)
	b = append(b, `","id_type":"`...)
	b = append(b, idTypes[m.idType].en...)
	b = append(b, `","relation":"`...)
	b = append(b, relationNames[m.relation]...)
	b = append(b, '"')
	if m.idType != residentID {
		b = append(b, `,"birth_date":"`...)
		b = appendDay(b, m.birth)
		b = append(b, `","sex":"`...)
		b = append(b, sexes[m.sex].en...)
		b = append(b, '"')
	}
	if m.excluded != "" {
		b = append(b, `,"excluded":"`...)
		b = append(b, m.excluded...)
		b = append(b, '"')
	}
	if m.declared != [4]int64{} {
		b = append(b, `,"declared_income":[`...)
		first := true
		for l, fen := range m.declared {
			if fen == 0 {
				continue
			}
			if !first {
				b = append(b, ',')
			}
			first = false
			b = append(b, `{"type":"`...)
			b = append(b, lineNames[l]...)
			b = append(b, `","monthly_fen":`...)
			b = strconv.AppendInt(b, fen, 10)
			b = append(b, '}')
		}
		b = append(b, ']')
	}
	return append(b, '}')
}

// batchSummary says what writeBatch wrote.
type batchSummary struct {
	lines, planted int
	bytes          int64
}

// writeBatch writes batch.jsonl and truth.jsonl, households in random order.
func (p *plan) writeBatch(ctx context.Context) (sum batchSummary, err error) {
	var order []uint32
	for index := range p.households() {
		if p.inBatch(index) {
			order = append(order, uint32(index))
		}
	}
	r := newStream(p.seed, topicOrder, 0)
	for i := len(order) - 1; i > 0; i-- {
		j := r.n(i + 1)
		order[i], order[j] = order[j], order[i]
	}

	batchFile, err := os.Create(filepath.Join(p.Out, "batch.jsonl"))
	if err != nil {
		return sum, err
	}
	truthFile, err := os.Create(filepath.Join(p.Out, "truth.jsonl"))
	if err != nil {
		return sum, errors.Join(err, batchFile.Close())
	}
	batch, truth := bufio.NewWriterSize(batchFile, 1<<18), bufio.NewWriterSize(truthFile, 1<<16)
	var h household
	var b []byte
	for i, index := range order {
		if i%4096 == 0 && ctx.Err() != nil {
			err = ctx.Err()
			break
		}
		if err = p.loadAll(&h, int(index)); err != nil {
			break
		}
		if b, err = p.appendRequest(b[:0], &h); err != nil {
			break
		}
		sum.lines++
		_, _ = batch.Write(append(b, '\n')) // a failure stays until Flush
		if h.planted != nil {
			sum.planted++
			b = h.planted.appendTruth(b[:0], sum.lines)
			_, _ = truth.Write(append(b, '\n'))
		}
	}
	err = errors.Join(err, batch.Flush(), truth.Flush())
	n1, err := closeFile(batchFile, err)
	n2, err := closeFile(truthFile, err)
	sum.bytes = n1 + n2
	return sum, err
}

// appendTruth appends the household's line of truth.jsonl. The line counts the lines
// of the batch from 1: some lines of it have no household_id.
func (s *sketch) appendTruth(b []byte, line int) []byte {
	b = append(b, `{"line":`...)
	b = strconv.AppendInt(b, int64(line), 10)
	b = append(b, `,"household_id":"`...)
	if s.request.line == "" {
		b = s.appendHouseholdID(b, s.h)
	}
	b = append(b, `","case":"`...)
	b = append(b, s.kase.name...)
	b = append(b, `","with_second":`...)
	b = strconv.AppendBool(b, s.kase.second.outcome != "")
	b = append(b, `,"expect":`...)
	b = s.want.append(b)
	b = append(b, `,"expect_with_second":`...)
	b = s.second.append(b)
	return append(b, '}')
}

func (e expectation) append(b []byte) []byte {
	b = append(b, `{"outcome":"`...)
	b = append(b, e.outcome...)
	b = append(b, `","findings":[`...)
	for i, f := range e.findings {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(append(b, '"'), f...), '"')
	}
	return append(b, `]}`...)
}
