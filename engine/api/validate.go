package api

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"

	"github.com/hedui/hedui/engine/api/wire"
)

// Valid judges what a page has read from a form as the interface judges a body: by the
// tags of its type. It returns a refusal that names the fields.
func Valid(v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	var value any
	if err := json.Unmarshal(text, &value); err != nil {
		return err
	}
	forms.Lock()
	defer forms.Unlock()
	if forms.registry == nil {
		forms.registry = huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer)
	}
	schema := forms.registry.Schema(reflect.TypeOf(v), false, "")
	var found huma.ValidateResult
	huma.Validate(forms.registry, schema, huma.NewPathBuffer(nil, 0), huma.ModeWriteToServer, value, &found)
	if len(found.Errors) == 0 {
		return nil
	}
	r := &wire.Refusal{Code: wire.InvalidField}
	for _, err := range found.Errors {
		var d huma.ErrorDetailer
		if errors.As(err, &d) && len(r.Fields) < 20 {
			detail := d.ErrorDetail() // of our own names: the value has no others
			r.Fields = append(r.Fields, wire.Field{Name: strings.TrimPrefix(detail.Location, "."), Rule: ruleOf(detail.Message)})
		}
	}
	return r
}

// forms keeps the shapes that were judged by.
var forms struct { //nolint:gochecknoglobals // shapes of types, made once
	sync.Mutex

	registry huma.Registry
}
