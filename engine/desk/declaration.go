package desk

import (
	"encoding/json"
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
}

func declarationOf(line []byte, v *household.Verdict) *declaration {
	d := &declaration{Line: line}
	for i := range v.Findings {
		for j := range v.Findings[i].Evidence {
			d.Evidence = append(d.Evidence, placeOf(i+1, &v.Findings[i].Evidence[j]))
		}
	}
	return d
}

func placeOf(finding int, e *household.Evidence) place {
	key, _ := e.Key.AppendBinary(nil) // never fails
	return place{finding, key, e.Source, e.Provider, e.Snapshot, e.File, e.Row}
}

func (d *declaration) body() ([]byte, error) { return json.Marshal(d) }

func declarationIn(r *ledger.Request) (*declaration, error) {
	var d declaration
	if len(r.Body) == 0 || json.Unmarshal(r.Body, &d) != nil {
		return nil, fmt.Errorf("request %s: its body is no declaration", r.ID) // the decoder's words may quote it
	}
	return &d, nil
}
