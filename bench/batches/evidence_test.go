package batches

import (
	"bytes"
	"fmt"
	"strconv"
	"unicode/utf8"
)

// sent is a message as its sender has it in its list.
type sent struct {
	batch, key string
	value      []byte
	reason     string // why it is to be set aside; "" of a request
	id         string // of the answer of a request
	household  string // its number
}

// oversize is the reason of a message whose value does not come back.
const oversize = "oversize"

// record is a message as a topic has it.
type record struct {
	partition  int32
	offset     int64
	key, value []byte
	headers    map[string]string
}

// reading is all of a topic of requests: of every partition its messages from offset 0 on.
type reading [][]record

// kept is a request as the ledger has it.
type kept struct {
	verdict, refusal string
	line             []byte // what it was answered
}

// part is what the ledger says of messages that were answered together.
type part struct {
	partition int32
	epoch     int64
	items     []item
}

// item is one message of a part.
type item struct {
	Offset  int64  `json:"n"`
	Request string `json:"request"` // number of its answer
	Dead    bool   `json:"dead"`
	Refusal string `json:"refusal"` // of what is set aside, why
}

// evidence is what was sent, and what is found of it when nothing runs any more.
type evidence struct {
	sent     []sent
	readings []reading // of every topic that there was, one after the other
	verdicts []record
	dead     []record
	requests map[string]kept   // in the ledger, by id
	parts    []part            // in the ledger
	want     map[string][]byte // by id: what hedui verify writes
	looks    map[string]bool   // in the audit log, by batch and number of the household

	wrong []string
}

// miss takes a fault down. It holds numbers, never what was sent.
func (e *evidence) miss(format string, args ...any) {
	e.wrong = append(e.wrong, fmt.Sprintf(format, args...))
}

// check returns everything that is not as it must be.
func (e *evidence) check() []string {
	e.wrong = nil
	e.checkVerdicts()
	e.checkLedger()
	e.checkDead()
	e.checkParts()
	return e.wrong
}

// checkVerdicts: every request has its verdict in the topic, always the same, as verify
// writes it, and there is no other.
func (e *evidence) checkVerdicts() {
	said := map[string][]byte{}
	for i := range e.verdicts {
		r := &e.verdicts[i]
		id := r.headers["id"]
		if before, again := said[id]; again && !bytes.Equal(before, r.value) {
			e.miss("verdict %s is in the topic with other bytes, at %d/%d", id, r.partition, r.offset)
		}
		said[id] = r.value
		if want, known := e.want[id]; !known {
			e.miss("verdict %s is in the topic, at %d/%d, and nobody asked for it", id, r.partition, r.offset)
		} else if !bytes.Equal(want, r.value) {
			e.miss("verdict %s is not what verify writes", id)
		}
		if k, held := e.requests[id]; held && k.verdict != r.headers["verdict"] {
			e.miss("verdict %s names another verdict than the ledger", id)
		}
		if r.headers["schema"] != "hedui.verdict.v1" || len(r.key) == 0 || holds(r.key, r.value) {
			e.miss("verdict %s has a wrong schema or key", id)
		}
	}
	for i := range e.sent {
		if s := &e.sent[i]; s.reason == "" && said[s.id] == nil {
			e.miss("request %s has no verdict in the topic", s.id)
			said[s.id] = []byte{}
		}
	}
}

// holds reports whether a key is something that stands in the message.
func holds(key, value []byte) bool {
	return utf8.Valid(key) && len(key) > 5 && bytes.Contains(value, key)
}

// checkLedger: every request is in the ledger once, with its answer, behind an entry of the
// audit log when somebody was looked at, and nothing else is.
func (e *evidence) checkLedger() {
	asked := map[string]bool{}
	for i := range e.sent {
		s := &e.sent[i]
		if s.reason != "" || asked[s.id] {
			continue
		}
		asked[s.id] = true
		k, held := e.requests[s.id]
		switch {
		case !held:
			e.miss("request %s is not in the ledger", s.id)
		case !bytes.Equal(k.line, e.want[s.id]):
			e.miss("request %s has another answer in the ledger than verify writes", s.id)
		case k.refusal == "" && !e.looks[s.batch+" "+s.household]:
			e.miss("request %s was looked at without a word in the audit log", s.id)
		}
	}
	for id := range e.requests {
		if !asked[id] {
			e.miss("request %s is in the ledger and nobody asked for it", id)
		}
	}
}

// at finds what stood at a place in any of the topics that there were.
func (e *evidence) at(partition int32, offset int64, fits func(*record) bool) *record {
	for _, r := range e.readings {
		if int(partition) < len(r) && offset >= 0 && offset < int64(len(r[partition])) {
			if x := &r[partition][offset]; fits(x) {
				return x
			}
		}
	}
	return nil
}

// checkDead: what can't be answered is set aside with its reason and as it came, what can be
// is not.
func (e *evidence) checkDead() {
	byKey := map[string]*sent{}
	for i := range e.sent {
		byKey[e.sent[i].key] = &e.sent[i]
	}
	found := map[string]bool{}
	for i := range e.dead {
		r := &e.dead[i]
		h := r.headers
		offset, err := strconv.ParseInt(h["offset"], 10, 64)
		partition, err2 := strconv.ParseInt(h["partition"], 10, 32)
		tries, err3 := strconv.Atoi(h["tries"])
		if err != nil || err2 != nil || err3 != nil || h["schema"] != "hedui.dead-letter.v1" {
			e.miss("dead letter %d/%d: its headers are wrong", r.partition, r.offset)
			continue
		}
		was := e.at(int32(partition), offset, func(x *record) bool {
			return h["reason"] == oversize && len(r.value) == 0 && len(x.value) > 512<<10 || bytes.Equal(x.value, r.value) && bytes.Equal(x.key, r.key)
		})
		if was == nil {
			e.miss("dead letter %d/%d: no message of %d/%d was like that", r.partition, r.offset, partition, offset)
			continue
		}
		s := byKey[string(was.key)]
		switch {
		case s == nil:
			e.miss("dead letter %d/%d: nobody sent that", r.partition, r.offset)
			continue
		case s.reason != h["reason"]:
			e.miss("dead letter %d/%d: set aside as %q, must be %q", r.partition, r.offset, h["reason"], s.reason)
		case tries < 1 || tries > 3:
			e.miss("dead letter %d/%d: %d tries", r.partition, r.offset, tries)
		case s.batch != h["batch"]:
			e.miss("dead letter %d/%d (%s): names the batch %q", r.partition, r.offset, s.reason, h["batch"])
		}
		found[s.key] = true
	}
	for i := range e.sent {
		if s := &e.sent[i]; s.reason != "" && !found[s.key] {
			e.miss("%s (%s) was not set aside", s.key, s.reason)
		}
	}
}

// checkParts: every message of the topic as it is has its answer in a part, or was set aside
// in one, and there is nothing in a part that was never sent.
func (e *evidence) checkParts() {
	byKey := map[string]*sent{}
	for i := range e.sent {
		byKey[e.sent[i].key+" "+string(e.sent[i].value)] = &e.sent[i]
	}
	of := func(r *record) *sent { return byKey[string(r.key)+" "+string(r.value)] }
	last := e.readings[len(e.readings)-1]
	done := make([][]bool, len(last))
	for p := range last {
		done[p] = make([]bool, len(last[p]))
	}
	for _, x := range e.parts {
		for _, m := range x.items {
			fits := func(r *record) bool {
				s := of(r)
				return s != nil && m.Dead == (s.reason != "") && (m.Dead && m.Refusal == s.reason || !m.Dead && m.Request == s.id)
			}
			if e.at(x.partition, m.Offset, fits) == nil {
				e.miss("partition %d: the ledger has of offset %d what can't be of it", x.partition, m.Offset)
			}
			if p := int(x.partition); p < len(last) && m.Offset < int64(len(last[p])) && fits(&last[p][m.Offset]) {
				done[p][m.Offset] = true
			}
		}
	}
	for p := range done {
		for o, is := range done[p] {
			if !is {
				e.miss("partition %d: nothing in the ledger is of offset %d", p, o)
			}
		}
	}
}
