package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/hedui/hedui/bench/visitor"
	"github.com/hedui/hedui/engine/household"
)

// caseVersion reads the version of a case out of what the ledger keeps of it.
func caseVersion(body []byte) (int, error) {
	var s struct {
		Case struct {
			Version int `json:"version"`
		} `json:"case"`
	}
	if err := json.Unmarshal(body, &s); err != nil {
		return 0, errors.New("the body of a case can't be read")
	}
	return s.Case.Version, nil
}

// hand asks for one thing after another, as a caseworker and the city's machine do, and
// takes down what was acknowledged.
type hand struct {
	s      *site
	books  *books
	random *rand.Rand
	name   string
	mine   [][]byte // requests of the households that only this hand asks about
	papers []string // authorisations that it registered and has not withdrawn
	cases  []string
	state  map[string]string // of a case, as it was answered
	asked  map[string]int    // things done, by name
	n      int
}

// hands are many of them, each with households of its own.
func (s *site) hands(b *books, n int, random *rand.Rand) []*hand {
	list := make([]*hand, n)
	for i := range list {
		list[i] = &hand{
			s: s, books: b, random: rand.New(rand.NewPCG(random.Uint64(), 1)), name: fmt.Sprintf("%06x-%d", random.Uint32()>>8, i),
			state: map[string]string{}, asked: map[string]int{},
		}
	}
	for i, line := range s.lines {
		h := list[i%n]
		h.mine = append(h.mine, line)
	}
	return list
}

// work has everybody work until the context ends or the server is gone. Another error is
// one of the server's.
func work(ctx context.Context, list []*hand, base string) (done int64, err error) {
	var n atomic.Int64
	errs := make([]error, len(list))
	var wg sync.WaitGroup
	for i, h := range list {
		wg.Go(func() {
			c := visitor.New(base)
			defer c.Close()
			for ctx.Err() == nil {
				err := h.one(ctx, c)
				if status, ok := errors.AsType[*visitor.StatusError](err); ok {
					if status.Status == http.StatusServiceUnavailable || status.Status == http.StatusTooManyRequests {
						continue
					}
					errs[i] = err
					return
				}
				if err != nil {
					return // the server is gone
				}
				n.Add(1)
			}
		})
	}
	wg.Wait()
	return n.Load(), errors.Join(errs...)
}

// one does one thing.
func (h *hand) one(ctx context.Context, c *visitor.Client) error {
	switch d := h.random.IntN(100); {
	case d < 60:
		return h.check(ctx, c)
	case d < 75:
		return h.register(ctx, c)
	case d < 85 && len(h.papers) > 0:
		return h.withdraw(ctx, c)
	case len(h.cases) > 0:
		return h.step(ctx, c)
	}
	return h.check(ctx, c)
}

// ack takes down what an answer acknowledges.
func (h *hand) ack(r *visitor.Reply, what string, f func()) {
	h.asked[what]++
	h.books.note(func() {
		h.books.requests[r.Header.Get("X-Request-Id")] = what
		if f != nil {
			f()
		}
	})
}

// doubtful is something that was asked for by name: until it is answered it may be so or
// not.
func (h *hand) doubtful(name string, yes bool) {
	h.books.note(func() {
		if yes {
			h.books.unsure[name] = true
		} else {
			delete(h.books.unsure, name)
		}
	})
}

func (h *hand) check(ctx context.Context, c *visitor.Client) error {
	line := h.mine[h.random.IntN(len(h.mine))]
	r, err := c.As(h.s.people.Machine, "").Do(ctx, http.MethodPost, "/api/v1/checks?on="+h.s.on.String(), line, nil)
	if err != nil {
		return err
	}
	id := r.Header.Get("X-Verdict-Id")
	if id == "" {
		return &visitor.StatusError{Method: http.MethodPost, Path: "/api/v1/checks", Code: "no_verdict", Status: http.StatusOK}
	}
	h.ack(r, "check", func() { h.books.verdicts[id] = r.Header.Get("X-Request-Id") })
	if len(h.cases) > 20 || !strings.Contains(string(r.Body), `"outcome":"suspected_ineligible"`) {
		return nil
	}
	q, err := household.ParseRequest(line)
	if err != nil {
		return err
	}
	var list struct {
		Items []wireCase `json:"items"`
	}
	if _, err := c.As("", h.s.people.verifier).Do(ctx, http.MethodGet, "/api/v1/cases?household="+q.HouseholdID, nil, &list); err != nil {
		return err
	}
	for _, x := range list.Items {
		if h.state[x.ID] == "" {
			h.cases = append(h.cases, x.ID)
			h.know(&x)
		}
	}
	return nil
}

// wireCase is what of a case a hand needs.
type wireCase struct {
	ID      string `json:"id"`
	State   string `json:"state"`
	Version int    `json:"version"`
}

func (h *hand) know(x *wireCase) {
	h.state[x.ID] = x.State
	h.books.note(func() { h.books.cases[x.ID] = x.Version })
}

// register registers another authorisation of a household.
func (h *hand) register(ctx context.Context, c *visitor.Client) error {
	q, err := household.ParseRequest(h.mine[h.random.IntN(len(h.mine))])
	if err != nil {
		return err
	}
	h.n++
	number := fmt.Sprintf("SQ-%s-%d", h.name, h.n)
	a := authorizationOf(q, h.s.began)
	var members []map[string]any
	for i := range a.Members {
		m := map[string]any{"name": a.Members[i].Name.Reveal(), "id_number": a.Members[i].Document.Reveal()}
		if a.Members[i].Signature.On != 0 {
			m["signed_on"] = a.From.String()
		}
		if a.Members[i].Guardian != nil {
			for j := range a.Members {
				if a.Members[j].Document == a.Members[i].Guardian.Document {
					m["guardian"] = j + 1
				}
			}
		}
		if t := a.Members[i].DocumentType; t > household.ResidentID {
			return nil // a hand writes resident identity cards
		}
		members = append(members, m)
	}
	r, err := c.As(h.s.people.Machine, "").Do(ctx, http.MethodPost, "/api/v1/authorizations", map[string]any{
		"number": number, "household": a.Household, "division": a.Division, "members": members, "purposes": []string{"dibao"},
		"data_classes": []string{"tax", "bank"}, "valid_from": a.From.String(), "valid_to": a.To.String(), "scan_digest": a.ScanDigest,
	}, nil)
	if err != nil {
		return err
	}
	h.ack(r, "authorization.register", func() { h.books.authorizations[number] = false })
	h.papers = append(h.papers, number)
	return nil
}

func (h *hand) withdraw(ctx context.Context, c *visitor.Client) error {
	i := h.random.IntN(len(h.papers))
	number := h.papers[i]
	h.papers = append(h.papers[:i], h.papers[i+1:]...)
	h.doubtful(number, true)
	r, err := c.As("", h.s.people.verifier).Do(ctx, http.MethodPost, "/api/v1/authorizations/"+number+"/withdraw", map[string]string{"reason": "withdrawn in a test"}, nil)
	if err != nil {
		return err
	}
	h.doubtful(number, false)
	h.ack(r, "authorization.withdraw", func() { h.books.authorizations[number] = true })
	return nil
}

// step takes a case on: it is proposed, taken up, returned, and proposed again.
func (h *hand) step(ctx context.Context, c *visitor.Client) error {
	id := h.cases[h.random.IntN(len(h.cases))]
	var x wireCase
	h.books.mu.Lock()
	unsure := h.books.unsure[id]
	h.books.mu.Unlock()
	if unsure {
		// A step was asked for and never answered: see what became of it.
		if _, err := c.As("", h.s.people.verifier).Do(ctx, http.MethodGet, "/api/v1/cases/"+id, nil, &x); err != nil {
			return err
		}
		h.know(&x)
		h.doubtful(id, false)
	}
	who, path, reason := h.s.people.reviewer, "", "a reason"
	switch h.state[id] {
	case "proposed":
		path, reason = "take-up", ""
	case "under_review":
		path = "return"
	case "returned":
		who, path = h.s.people.verifier, "propose"
	default:
		return nil
	}
	h.doubtful(id, true)
	r, err := c.As("", who).Do(ctx, http.MethodPost, "/api/v1/cases/"+id+"/"+path, map[string]any{"version": h.version(id), "reason": reason}, &x)
	if status, ok := errors.AsType[*visitor.StatusError](err); ok && status.Status == http.StatusConflict {
		return nil // a check moved it; it is looked at before the next step
	}
	if err != nil {
		return err
	}
	h.ack(r, "case."+path, nil)
	h.know(&x)
	h.doubtful(id, false)
	return nil
}

func (h *hand) version(id string) int {
	h.books.mu.Lock()
	defer h.books.mu.Unlock()
	return h.books.cases[id]
}
