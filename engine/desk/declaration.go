package desk

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ledger"
)

// declaration is the body of the request that a verdict was made for: the request
// itself, so that the household can be verified again, and where the evidence lies. The
// verdict says that too, except under whose key.
type declaration struct {
	Line     []byte  `json:"line"`
	Evidence []place `json:"evidence,omitempty"` // of all findings, in their order
}

// place is where one record of evidence lies in the verdict's generation.
type place struct {
	Finding  int              `json:"finding"` // from 1
	Person   []byte           `json:"person"`  // binary form of the key
	Source   household.Source `json:"source"`
	Provider string           `json:"provider"`
	Snapshot string           `json:"snapshot"`
	File     int              `json:"file"`
	Row      int64            `json:"row"`

	// Of a record that another node sent: which one, of what day the record is, and the
	// record itself, since this node holds no generation that has it.
	Node  string         `json:"node,omitempty"`
	AsOf  household.Date `json:"as_of,omitempty"`
	Entry []byte         `json:"entry,omitempty"`
}

func declarationOf(k *kept, v *household.Verdict) (*declaration, error) {
	d := &declaration{Line: k.line}
	for i := range v.Findings {
		for j := range v.Findings[i].Evidence {
			p, err := k.placeOf(i+1, &v.Findings[i].Evidence[j])
			if err != nil {
				return nil, err
			}
			d.Evidence = append(d.Evidence, p)
		}
	}
	return d, nil
}

func (k *kept) placeOf(finding int, e *household.Evidence) (place, error) {
	key, _ := e.Key.AppendBinary(nil) // never fails
	p := place{
		Finding: finding, Person: key, Source: e.Source, Provider: e.Provider, Snapshot: e.Snapshot, File: e.File, Row: e.Row, Node: e.Node,
	}
	if e.Node == "" {
		return p, nil
	}
	if k.look == nil {
		return p, errors.New("internal: a verdict of many cites a record of another node")
	}
	var err error
	p.Entry, p.AsOf, err = k.look.worker.Sent(e)
	return p, err
}

func (d *declaration) body() ([]byte, error) { return json.Marshal(d) }

func declarationIn(r *ledger.Request) (*declaration, error) {
	var d declaration
	if len(r.Body) == 0 || json.Unmarshal(r.Body, &d) != nil {
		return nil, fmt.Errorf("request %s: its body is no declaration", r.ID) // the decoder's words may quote it
	}
	return &d, nil
}
