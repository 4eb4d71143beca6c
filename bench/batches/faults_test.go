package batches

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/ledger"
)

// session is after how long without a sign a worker has left its group.
const session = 10 * time.Second

// chaos is requests on their way while everything breaks.
type chaos struct {
	s       *site
	x       *sender
	w       *watcher
	l       *listener
	random  *rand.Rand
	workers []*process
	batches []string
	old     []reading // topics that are gone
	frozen  sync.WaitGroup
	did     map[string]int
}

// Requests that go through a broker while brokers, workers and the owner of the ledger are
// killed, workers are frozen, join and leave, and the topic is made anew: each has one
// verdict, that of hedui verify; nothing is lost and nothing is besides.
func TestBrokerFaults(t *testing.T) {
	t.Logf("seed %d, %d requests", *seed, *requests)
	began := time.Now()
	c := newChaos(t, *requests)
	t.Logf("the centre serves after %s", time.Since(began).Round(time.Second))
	began = time.Now()
	c.run()
	t.Logf("%d requests answered in %s under %v; %s", *requests, time.Since(began).Round(time.Second), c.did, c.s.serve)
	for _, p := range c.workers {
		t.Log(p)
	}
	began = time.Now()
	c.check()
	t.Logf("checked in %s", time.Since(began).Round(time.Second))
}

func newChaos(t *testing.T, n int) *chaos {
	s := newSite(t, n)
	c := &chaos{s: s, random: rand.New(rand.NewPCG(*seed, 2)), did: map[string]int{}}
	rows := make([]int, 3)
	for i := range n {
		rows[batchOf(i, len(rows), n)]++
	}
	for _, k := range rows {
		c.batches = append(c.batches, s.open(k))
	}
	admin := client(t, s)
	for topic, n := range map[string]int{topicRequests: *partitions, topicVerdicts: *partitions, topicDead: 1} {
		must(t, makeTopic(t.Context(), admin, topic, n))
	}
	c.x = newSender(s, c.batches, c.random)
	c.x.connect()
	c.l, c.w = s.listen(t.Context()), watch(s, c.x)
	for i := range 3 {
		c.workers = append(c.workers, s.worker(i))
	}
	return c
}

// run sends everything and breaks things while it is answered.
func (c *chaos) run() {
	t := c.s.t
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var done sync.WaitGroup
	defer done.Wait()
	defer cancel()
	done.Go(func() { c.w.run(ctx) })
	sentAll := make(chan error, 1)
	want, poisoned := c.x.different()
	ahead := max(1500, len(c.x.order)/7)
	done.Go(func() {
		sentAll <- c.x.run(ctx, ahead, func() int {
			verdicts, dead, _, _ := c.l.heard()
			return (verdicts + dead) * len(c.x.order) / (want + poisoned)
		})
	})
	faults := c.faults()
	for i, f := range faults {
		c.await(want * (i + 1) / (len(faults) + 1))
		c.did[f]++
		if err := c.fault(ctx, f); err != nil {
			t.Fatalf("%s, %d. fault: %v", f, i+1, err)
		}
	}
	c.frozen.Wait()
	must(t, <-sentAll)
	c.await(want)
	answered.Add(int64(want))
	c.settled(ctx)
}

// faults are what is done, in some order. The topic is made anew in the middle.
func (c *chaos) faults() (list []string) {
	for what, n := range map[string]int{"broker": *kills, "worker": *kills, "owner": *owners, "freeze": *freezes, "join": *storm} {
		for range n {
			list = append(list, what)
		}
	}
	slices.Sort(list)
	c.random.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	middle := len(list) / 2
	return append(list[:middle:middle], append([]string{"anew"}, list[middle:]...)...)
}

// await waits until so many requests have a verdict in the topic.
func (c *chaos) await(n int) {
	c.s.t.Helper()
	for {
		verdicts, dead, said, since := c.l.heard()
		if verdicts >= n {
			return
		}
		if since > 3*time.Minute {
			want, poisoned := c.x.different()
			c.s.t.Fatalf("nothing was answered for %s: %d of %d requests, %d of %d set aside, %d messages; positions%s",
				since.Round(time.Second), verdicts, want, dead, poisoned, said, c.w.state())
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// settled waits until every message is worked off, and what is said is all said.
func (c *chaos) settled(ctx context.Context) {
	t := c.s.t
	t.Helper()
	admin := client(t, c.s)
	l, err := ledger.Connect(ctx, c.s.data, ledger.Options{})
	must(t, err)
	defer func() { must(t, l.Close()) }()
	for deadline := time.Now().Add(2 * time.Minute); ; time.Sleep(100 * time.Millisecond) {
		end, err := ends(ctx, admin, topicRequests, *partitions)
		must(t, err)
		open := 0
		for p, n := range end {
			x, err := ledger.Get[ledger.Position](ctx, l, ledger.PositionID(topicRequests, p))
			if n > 0 && (err != nil || x.Offset != n) {
				open++
			}
		}
		_, _, _, since := c.l.heard()
		if open == 0 && since > 2*time.Second {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d partitions are not worked off; positions%s of %v", open, c.w.state(), end)
		}
	}
}

// fault does one thing.
func (c *chaos) fault(ctx context.Context, what string) error {
	victim := c.workers[c.random.IntN(len(c.workers))]
	switch what {
	case "broker":
		if err := c.s.node.Kill(); err != nil {
			return err
		}
		time.Sleep(time.Duration(c.random.IntN(2000)) * time.Millisecond)
		if err := c.s.node.Restart(ctx); err == nil {
			return nil
		}
		// On a machine that is short of processors Kafka's controller may starve while it starts.
		c.did["broker that did not come back"]++
		if err := c.s.node.Kill(); err != nil {
			return err
		}
		return c.s.node.Restart(ctx)
	case "worker":
		victim.kill(nil)
	case "owner":
		var err error
		c.s.serve.kill(func() {
			if c.did[what]%2 == 1 { // and a worker, which is back before it
				victim.kill(nil)
			}
			err = c.w.still(ctx)
		})
		return err
	case "freeze":
		c.frozen.Go(func() { victim.freeze(2 * session) })
	case "join":
		more := c.s.worker(len(c.workers) + c.did[what])
		time.Sleep(time.Duration(500+c.random.IntN(3000)) * time.Millisecond)
		more.end()
	case "anew":
		// One worker is away for less than its session: what it reads next is of the other topic.
		c.frozen.Go(func() { victim.freeze(session / 3) })
		time.Sleep(200 * time.Millisecond)
		return c.w.around(func() error {
			old, err := c.x.anew(ctx, c.random)
			c.old = append(c.old, old)
			return err
		})
	}
	return nil
}

// check stops everything and looks at what is there.
func (c *chaos) check() {
	t, ctx := c.s.t, c.s.t.Context()
	t.Helper()
	for _, p := range c.workers {
		p.end()
	}
	e := &evidence{sent: c.x.sent, requests: map[string]kept{}, want: map[string][]byte{}, looks: map[string]bool{}}
	now, err := c.s.readAll(ctx, topicRequests, *partitions)
	must(t, err)
	e.readings = append(c.old, now)
	for topic, into := range map[string]*[]record{topicVerdicts: &e.verdicts, topicDead: &e.dead} {
		n := *partitions
		if topic == topicDead {
			n = 1
		}
		all, err := c.s.readAll(ctx, topic, n)
		must(t, err)
		for _, p := range all {
			*into = append(*into, p...)
		}
	}
	c.s.serve.end()
	must(t, c.read(ctx, e))
	lines, took := c.s.verify(c.s.batchFile())
	if len(lines) != len(c.s.lines) {
		t.Fatalf("verify writes %d lines for %d requests", len(lines), len(c.s.lines))
	}
	for i := range lines {
		e.want[c.x.sent[i].id] = lines[i]
	}
	c.s.run("", "audit", "verify", "--data", c.s.data)
	wrong, samples, asked := c.w.ended()
	wrong = append(wrong, e.check()...)
	found, size := c.s.leaks(whose(c.s.lines))
	if found > 0 {
		wrong = append(wrong, fmt.Sprintf("%d names or numbers of people are in the logs", found))
	}
	t.Logf("%d verdicts and %d dead letters in the topics, %d requests and %d parts in the ledger; verify took %s", len(e.verdicts), len(e.dead), len(e.requests), len(e.parts), took.Round(time.Millisecond))
	t.Logf("%d samples of the positions, %d messages looked for behind them; %d bytes of logs", samples, asked, size)
	if c.s.serve.itself > 0 {
		t.Errorf("%s", c.s.serve)
	}
	if samples == 0 || asked == 0 {
		t.Error("the positions were never looked at")
	}
	if len(wrong) > 0 {
		t.Errorf("seed %d: %d things are wrong, the first:\n%s", *seed, len(wrong), strings.Join(wrong[:min(20, len(wrong))], "\n"))
		must(t, os.WriteFile(filepath.Join(c.s.dir, "wrong.txt"), []byte(strings.Join(wrong, "\n")), 0o600))
	}
}

// read reads the ledger and the audit log of a directory that nobody serves.
func (c *chaos) read(ctx context.Context, e *evidence) (err error) {
	l, err := ledger.Open(c.s.data, ledger.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	verdicts := map[string][]byte{}
	if err := ledger.All(ctx, l, ledger.Every(ledger.KindVerdict), func(v *ledger.Verdict) error {
		verdicts[v.ID] = v.Body
		return nil
	}); err != nil {
		return err
	}
	if err := ledger.All(ctx, l, ledger.Every(ledger.KindRequest), func(r *ledger.Request) error {
		k := kept{verdict: r.Verdict, refusal: r.Refusal, line: verdicts[r.Verdict]}
		if r.Refusal != "" {
			k.line = refusal(r.Body)
		}
		e.requests[r.ID] = k
		return nil
	}); err != nil {
		return err
	}
	if err := ledger.All(ctx, l, ledger.Every(ledger.KindPart), func(p *ledger.Part) error {
		if p.State != "done" {
			c.w.wrong = append(c.w.wrong, fmt.Sprintf("a part of partition %d from %d is %s", p.Partition, p.First, p.State))
		}
		x := part{partition: p.Partition, epoch: p.Epoch}
		head, _, _ := bytes.Cut(p.Body, []byte("\n"))
		if err := json.Unmarshal(head, &x.items); err != nil || int64(len(x.items)) != p.Rows {
			c.w.wrong = append(c.w.wrong, fmt.Sprintf("a part of partition %d from %d can't be read", p.Partition, p.First))
		}
		e.parts = append(e.parts, x)
		return nil
	}); err != nil {
		return err
	}
	for _, id := range c.batches {
		b, err := ledger.Get[ledger.Batch](ctx, l, id)
		if err != nil {
			return err
		}
		if b.State != "done" {
			c.w.wrong = append(c.w.wrong, fmt.Sprintf("batch %s is %s", id, b.State))
		}
	}
	return audit.Entries(ctx, c.s.data, func(x *audit.Entry) error {
		if x.Phase == "begin" {
			for _, h := range x.Households {
				e.looks[x.Batch+" "+h[0]] = true
			}
		}
		return nil
	})
}

// refusal is what a request was told that may not be looked up.
func refusal(body []byte) []byte {
	var r struct {
		Verdict string `json:"verdict"`
	}
	_ = json.Unmarshal(body, &r) // then it was told nothing, which is found
	return []byte(r.Verdict)
}
