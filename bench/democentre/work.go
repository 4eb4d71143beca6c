package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/hedui/hedui/bench/visitor"
)

// How many households of the batch have registered authorisations, and of them how many
// are checked.
const (
	registered = 150
	checked    = 120
)

// request is what the demonstration reads of a line of the batch.
type request struct {
	Household     string `json:"household_id"`
	Region        string `json:"region"`
	Scheme        string `json:"scheme"`
	Authorization *struct {
		Number   string   `json:"number"`
		From     string   `json:"valid_from"`
		SignedBy []string `json:"signed_by"`
	} `json:"authorization"`
	Members []struct {
		Name     string `json:"name"`
		IDNumber string `json:"id_number"`
		IDType   string `json:"id_type"`
	} `json:"members"`

	line []byte
}

// registration is the authorisation that a request claims, for a year and a half; nil when
// it claims none that could be registered.
func (r *request) registration() map[string]any {
	a := r.Authorization
	if a == nil || a.From == "" || len(a.SignedBy) == 0 || r.Scheme != "dibao" {
		return nil
	}
	guardian := slices.IndexFunc(r.Members, func(m struct {
		Name     string `json:"name"`
		IDNumber string `json:"id_number"`
		IDType   string `json:"id_type"`
	},
	) bool {
		return slices.Contains(a.SignedBy, m.IDNumber)
	}) + 1
	if guardian == 0 {
		return nil
	}
	var members []map[string]any
	for _, m := range r.Members {
		x := map[string]any{"name": m.Name, "id_number": m.IDNumber}
		if m.IDType != "" {
			x["id_type"] = m.IDType
		}
		if slices.Contains(a.SignedBy, m.IDNumber) {
			x["signed_on"] = a.From
		} else {
			x["guardian"] = guardian
		}
		members = append(members, x)
	}
	return map[string]any{
		"number": a.Number, "household": r.Household, "division": r.Region, "members": members, "purposes": []string{"dibao"},
		"data_classes": []string{"tax", "vehicle", "property", "bank", "insurance"}, "valid_from": a.From,
		"valid_to": time.Now().AddDate(1, 6, 0).Format(time.DateOnly), "scan_digest": strings.Repeat("0f", 32),
	}
}

// work lets the people of the centre do what they do, so that there is something to see.
func (c *centre) work(ctx context.Context, nobody *visitor.Client) error {
	as := func(account string) *visitor.Client { return nobody.As("", c.staff.sessions[account]) }
	text, err := os.ReadFile(filepath.Join(c.file("province"), "batch.jsonl"))
	if err != nil {
		return err
	}
	var households []*request
	for line := range bytes.Lines(text) {
		r := &request{line: bytes.Clone(bytes.TrimSpace(line))}
		if len(households) == registered {
			break
		}
		if json.Unmarshal(r.line, r) != nil {
			continue
		}
		paper := r.registration()
		if paper == nil {
			continue
		}
		if _, err := as("shouli01").Do(ctx, http.MethodPost, "/api/v1/authorizations", paper, nil); err == nil {
			households = append(households, r)
		}
	}
	if len(households) < checked {
		return fmt.Errorf("only %d households of the batch could be registered", len(households))
	}
	for _, r := range households[:checked] {
		if _, err := as("hedui01").Do(ctx, http.MethodPost, "/api/v1/checks", r.line, nil); err != nil {
			return err
		}
	}
	return c.decide(ctx, as)
}

// entry is a case of the queue.
type entry struct {
	ID       string `json:"id"`
	Verdict  string `json:"verdict"`
	Outcome  string `json:"outcome"`
	Version  int    `json:"version"`
	Evidence []struct {
		Number int `json:"number"`
	} `json:"evidence"`
}

// decide brings cases to every stage.
func (c *centre) decide(ctx context.Context, as func(string) *visitor.Client) error {
	var queue struct {
		Items []entry `json:"items"`
	}
	if _, err := as("hedui01").Do(ctx, http.MethodGet, "/api/v1/cases?limit=100", nil, &queue); err != nil {
		return err
	}
	act := func(account string, e *entry, step string, body map[string]any) error {
		if body == nil {
			body = map[string]any{}
		}
		body["version"] = 0 // whatever it is now
		_, err := as(account).Do(ctx, http.MethodPost, "/api/v1/cases/"+e.ID+"/"+step, body, nil)
		return err
	}
	open := func(account string, e *entry) error {
		for _, x := range e.Evidence {
			if _, err := as(account).Do(ctx, http.MethodPost, fmt.Sprintf("/api/v1/verdicts/%s/evidence/%d/open", e.Verdict, x.Number), nil, nil); err != nil {
				return err
			}
		}
		return nil
	}
	n := 0
	for i := range queue.Items {
		e := &queue.Items[i]
		if len(e.Evidence) == 0 {
			continue
		}
		var err error
		switch n++; n % 6 {
		case 0: // left in the queue
		case 1:
			err = act("hedui01", e, "propose", map[string]any{"reason": "查得情况与申报不一致，已电话核实"})
		case 2:
			err = errors.Join(act("hedui01", e, "propose", map[string]any{"reason": "余额超过限额"}), act("fuhe01", e, "take-up", nil))
		case 3:
			err = errors.Join(act("hedui01", e, "propose", map[string]any{"reason": "名下车辆未申报"}), open("fuhe01", e), open("shenpi01", e), act("fuhe01", e, "take-up", nil))
			if err == nil {
				_ = act("shenpi01", e, "confirm", map[string]any{"reason": "依据齐全，与申报不符"}) // of a source that did not answer in full it can't be
			}
		case 4:
			err = errors.Join(act("hedui01", e, "propose", map[string]any{"reason": "入户调查未见异常"}), open("fuhe01", e), act("fuhe01", e, "take-up", nil))
			if err == nil {
				_ = open("shenpi01", e)
				_ = act("shenpi01", e, "clear", map[string]any{"reason": "车辆已报废，有回收证明"})
			}
		case 5:
			var o struct {
				ID string `json:"id"`
			}
			if _, err = as("shouli01").Do(ctx, http.MethodPost, "/api/v1/cases/"+e.ID+"/objections", map[string]any{"evidence": e.Evidence[0].Number, "ground": "该账户已于五月注销，有银行证明"}, &o); err == nil && n%12 == 5 {
				_, err = as("shenpi01").Do(ctx, http.MethodPost, "/api/v1/objections/"+o.ID+"/decide", map[string]any{"upheld": n%24 == 5, "reason": "已与银行核实"}, nil)
			}
		}
		if err != nil {
			return err
		}
	}
	if n < 12 {
		return fmt.Errorf("only %d cases rest on records", n)
	}
	return nil
}
