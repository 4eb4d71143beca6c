package batches

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// small is evidence of a run in which everything went as it must: two topics one after the
// other, two partitions, requests that came twice, and messages that are set aside.
func small() *evidence {
	e := &evidence{requests: map[string]kept{}, want: map[string][]byte{}, looks: map[string]bool{}}
	for i := range 20 {
		s := sent{batch: "b", key: fmt.Sprintf("k%d", i), value: fmt.Appendf(nil, `{"n":%d}`, i), id: fmt.Sprintf("r%d", i), household: fmt.Sprintf("h%d", i)}
		switch i {
		case 7:
			s.reason, s.id = "not_a_request", ""
		case 8:
			s.reason, s.id, s.value = oversize, "", make([]byte, 1<<20+1)
		default:
			e.want[s.id] = fmt.Appendf(nil, `{"verdict":%d}`, i)
			k := kept{verdict: "v" + s.id, line: e.want[s.id]}
			if i%3 == 0 {
				k.verdict, k.refusal = "", "unknown"
			} else {
				e.looks["b "+s.household] = true
			}
			e.requests[s.id] = k
		}
		e.sent = append(e.sent, s)
	}
	for topic := range 2 {
		r := reading{nil, nil}
		for _, i := range append([]int{3, 3, 12}, seq(topic*10, 20)...) {
			p, s := i%2, e.sent[i]
			r[p] = append(r[p], record{partition: int32(p), offset: int64(len(r[p])), key: []byte(s.key), value: s.value, headers: map[string]string{"batch": "b"}})
		}
		e.readings = append(e.readings, r)
		for p := range r {
			e.answer(r[p], int64(topic+1), topic == 0)
		}
	}
	return e
}

func seq(from, to int) (list []int) {
	for i := from; i < to; i++ {
		list = append(list, i)
	}
	return list
}

// answer is what a worker leaves of a partition, of all of it or of its beginning.
func (e *evidence) answer(list []record, epoch int64, begun bool) {
	if begun {
		list = list[:8]
	}
	for from := 0; from < len(list); from += 4 {
		x := part{partition: list[0].partition, epoch: epoch}
		for _, r := range list[from:min(from+4, len(list))] {
			s := e.sent[slices.IndexFunc(e.sent, func(s sent) bool { return s.key == string(r.key) })]
			x.items = append(x.items, item{Offset: r.offset, Request: s.id, Dead: s.reason != "", Refusal: s.reason})
			if s.reason == "" {
				h := map[string]string{"schema": "hedui.verdict.v1", "id": s.id, "verdict": e.requests[s.id].verdict}
				e.verdicts = append(e.verdicts, record{offset: int64(len(e.verdicts)), key: []byte("pseudonym"), value: e.want[s.id], headers: h})
				continue
			}
			h := map[string]string{
				"schema": "hedui.dead-letter.v1", "reason": s.reason, "tries": "1", "batch": "b",
				"partition": fmt.Sprint(r.partition), "offset": fmt.Sprint(r.offset),
			}
			d := record{offset: int64(len(e.dead)), key: r.key, value: r.value, headers: h}
			if s.reason == oversize {
				d.value = nil
			}
			e.dead = append(e.dead, d)
		}
		e.parts = append(e.parts, x)
	}
}

// The check finds nothing where nothing is wrong, and every fault that is planted.
func TestCheckFinds(t *testing.T) {
	if wrong := small().check(); len(wrong) > 0 {
		t.Fatalf("nothing is wrong, and it finds %q", wrong)
	}
	without := func(list []record, gone func(*record) bool) []record {
		return slices.DeleteFunc(list, func(r record) bool { return gone(&r) })
	}
	for _, c := range []struct {
		name  string
		plant func(*evidence)
		want  string
	}{
		{"a verdict is dropped", func(e *evidence) {
			e.verdicts = without(e.verdicts, func(r *record) bool { return r.headers["id"] == "r4" })
		}, "request r4 has no verdict"},
		{"a byte of one of two is changed", func(e *evidence) {
			for i := range e.verdicts {
				if e.verdicts[i].headers["id"] == "r3" {
					e.verdicts[i].value = bytes.Replace(e.verdicts[i].value, []byte("3"), []byte("4"), 1)
					return
				}
			}
		}, "r3 is in the topic with other bytes"},
		{"a verdict is other than verify's", func(e *evidence) { e.want["r5"] = []byte("other") }, "r5 is not what verify"},
		{"a verdict nobody asked for", func(e *evidence) { e.verdicts[2].headers["id"] = "r99" }, "r99 is in the topic"},
		{"a verdict says a member", func(e *evidence) { e.verdicts[2].key = []byte(`"verdict"`) }, "wrong schema or key"},
		{"another verdict's number", func(e *evidence) { e.verdicts[0].headers["verdict"] = "vx" }, "another verdict than the ledger"},
		{"a request is doubled", func(e *evidence) { e.requests["r4 again"] = e.requests["r4"] }, "r4 again is in the ledger and nobody"},
		{"a request is lost", func(e *evidence) { delete(e.requests, "r4") }, "r4 is not in the ledger"},
		{"the ledger has other bytes", func(e *evidence) { e.requests["r4"] = kept{verdict: "vr4", line: []byte("x")} }, "r4 has another answer in the ledger"},
		{"a look without a word", func(e *evidence) { delete(e.looks, "b h4") }, "r4 was looked at"},
		{"an offset is skipped", func(e *evidence) {
			for i := range e.parts {
				if x := &e.parts[i]; x.epoch == 2 && x.partition == 1 && x.items[0].Offset == 4 {
					x.items = x.items[1:]
				}
			}
		}, "partition 1: nothing in the ledger is of offset 4"},
		{"a part is lost", func(e *evidence) {
			e.parts = slices.DeleteFunc(e.parts, func(x part) bool { return x.epoch == 2 && x.partition == 0 })
		}, "partition 0: nothing in the ledger is of offset 1"},
		{"a message is answered as another", func(e *evidence) { e.parts[0].items[0].Request = "r19" }, "what can't be of it"},
		{"a request is set aside", func(e *evidence) { e.parts[0].items[0] = item{Offset: 0, Dead: true, Refusal: "quota"} }, "what can't be of it"},
		{"poison is not set aside", func(e *evidence) {
			e.dead = without(e.dead, func(r *record) bool { return string(r.key) == "k7" })
		}, "k7 (not_a_request) was not set aside"},
		{"poison is set aside with other bytes", func(e *evidence) {
			for i := range e.dead {
				if string(e.dead[i].key) == "k7" {
					e.dead[i].value = []byte("x")
				}
			}
		}, "no message of 1/"},
		{"the wrong reason", func(e *evidence) { e.dead[1].headers["reason"] = "failed" }, "set aside as"},
		{"too many tries", func(e *evidence) { e.dead[0].headers["tries"] = "4" }, "4 tries"},
		{"another batch", func(e *evidence) { e.dead[1].headers["batch"] = "x" }, "names the batch"},
	} {
		e := small()
		c.plant(e)
		if wrong := strings.Join(e.check(), "\n"); !strings.Contains(wrong, c.want) {
			t.Errorf("%s: it finds %q", c.name, wrong)
		}
	}
}
