package site

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
)

// registerAll registers the authorisation of every added family and of some of the
// province's own households.
func (s *Site) registerAll(ctx context.Context) error {
	clerk := s.accounts["intake01"]
	for _, f := range s.Families {
		if err := s.register(ctx, clerk, f); err != nil {
			return fmt.Errorf("%s (%s): %w", f.Number, f.Why, err)
		}
	}
	return s.registerOrdinary(ctx, clerk)
}

// register registers a family's authorisation. A hostile name that is refused, because
// nothing of it is left that could be a name, gives way to a plain one.
func (s *Site) register(ctx context.Context, clerk *Account, f *Family) error {
	for range len(f.People) + 1 {
		r, err := s.Ask(ctx, clerk, http.MethodPost, "/api/v1/authorizations", f.Registration(s.Day), nil)
		if err == nil || r == nil || f.Why != hostileFamily {
			return err
		}
		refused := false
		_, fields := r.Refusal()
		for i := range f.People {
			if strings.Contains(fields, fmt.Sprintf("members[%d].name:", i+1)) {
				s.Refused = append(s.Refused, f.People[i].Name)
				f.People[i].Name, refused = fmt.Sprintf("改名%d", i+1), true
			}
		}
		if !refused {
			return err
		}
	}
	return errors.New("no name of the family is taken")
}

// ordinary is how many of the province's own households are registered.
const ordinary = 60

// registerOrdinary registers what requests of the province's batch claim, where a claim
// is good on the day.
func (s *Site) registerOrdinary(ctx context.Context, clerk *Account) error {
	text, err := os.ReadFile(filepath.Join(s.province.dir, "batch.jsonl"))
	if err != nil {
		return err
	}
	for line := range bytes.Lines(text) {
		if len(s.Ordinary) == ordinary {
			return nil
		}
		var q struct {
			Number string `json:"household_id"`
			Region string `json:"region"`
			Scheme string `json:"scheme"`
			Claim  *struct {
				Number string   `json:"number"`
				From   string   `json:"valid_from"`
				To     string   `json:"valid_to"`
				Signed []string `json:"signed_by"`
			} `json:"authorization"`
			Members []struct {
				Name   string `json:"name"`
				Number string `json:"id_number"`
				Type   string `json:"id_type"`
				Born   string `json:"birth_date"`
			} `json:"members"`
		}
		today := s.Day.Format("2006-01-02")
		if json.Unmarshal(line, &q) != nil || q.Claim == nil || q.Scheme != "dibao" || len(q.Region) < 4 || q.Region[:4] != "3401" || q.Claim.From > today || q.Claim.To < today || len(q.Members) == 0 {
			continue
		}
		var members []any
		for _, m := range q.Members {
			member := map[string]any{"name": m.Name, "id_number": m.Number, "signed_on": q.Claim.From}
			if m.Type != "" {
				member["id_type"] = m.Type
			}
			if m.Born != "" {
				member["birth_date"] = m.Born
			}
			members = append(members, member)
		}
		r, err := s.Send(ctx, clerk, http.MethodPost, "/api/v1/authorizations", map[string]any{
			"number": q.Claim.Number, "household": q.Number, "division": q.Region, "purposes": []string{"dibao"}, "data_classes": sources,
			"valid_from": q.Claim.From, "valid_to": q.Claim.To, "scan_digest": fmt.Sprintf("%064x", len(s.Ordinary)+1), "members": members,
		})
		if err != nil {
			return err
		}
		if r.Status < http.StatusMultipleChoices { // some people of the batch are wrong on purpose
			s.Ordinary = append(s.Ordinary, bytes.TrimSpace(bytes.Clone(line)))
		}
	}
	return nil
}

// Check checks a family as the verifier and notes its verdict and case.
func (s *Site) Check(ctx context.Context, f *Family) error {
	verifier := s.accounts["verifier01"]
	r, err := s.Ask(ctx, verifier, http.MethodPost, "/api/v1/checks", f.Request(), nil)
	if err != nil {
		return fmt.Errorf("%s (%s): %w", f.Number, f.Why, err)
	}
	f.Verdict = r.Header.Get("X-Verdict-Id")
	if f.Verdict == "" {
		return fmt.Errorf("%s (%s): no verdict: %s", f.Number, f.Why, bytes.TrimSpace(r.Body))
	}
	var v struct {
		Case string `json:"case"`
	}
	if _, err := s.Ask(ctx, verifier, http.MethodGet, "/api/v1/verdicts/"+f.Verdict, nil, &v); err != nil {
		return err
	}
	f.Case = v.Case
	return nil
}

// Act takes a step of a case.
func (s *Site) Act(ctx context.Context, who, id, step, reason string) error {
	_, err := s.Ask(ctx, s.accounts[who], http.MethodPost, "/api/v1/cases/"+id+"/"+step, map[string]any{"version": 0, "reason": reason}, nil)
	return err
}

// Evidence are the numbers of the records that a case rests on, and the verdict that has
// them.
func (s *Site) Evidence(ctx context.Context, f *Family) (verdict string, numbers []int, err error) {
	var c struct {
		Verdict  string `json:"verdict"`
		Evidence []struct {
			Number int `json:"number"`
		} `json:"evidence"`
	}
	if _, err := s.Ask(ctx, s.accounts["reviewer01"], http.MethodGet, "/api/v1/cases/"+f.Case, nil, &c); err != nil {
		return "", nil, err
	}
	for _, e := range c.Evidence {
		numbers = append(numbers, e.Number)
	}
	return c.Verdict, numbers, nil
}

// OpenAll opens every record that a case rests on.
func (s *Site) OpenAll(ctx context.Context, who string, f *Family) error {
	verdict, numbers, err := s.Evidence(ctx, f)
	if err != nil {
		return err
	}
	for _, n := range numbers {
		if _, err := s.Ask(ctx, s.accounts[who], http.MethodPost, fmt.Sprintf("/api/v1/verdicts/%s/evidence/%d/open", verdict, n), nil, nil); err != nil {
			return err
		}
	}
	return nil
}

// Family is the added family that is here for a reason.
func (s *Site) Family(why string) *Family {
	for _, f := range s.Families {
		if f.Why == why {
			return f
		}
	}
	return nil
}
