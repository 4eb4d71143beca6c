package api

import (
	"bytes"
	"encoding/json"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// table makes an empty route table. What huma adds by itself is left out: pages that
// load from other hosts, addresses of schemas, and links to them in answers.
func (s *Server) table() *table {
	t := &table{server: s, mux: s.mux}
	config := huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{
				Title:       "hedui 核对",
				Version:     "1",
				Description: "居民家庭经济状况核对 / Household economic status verification. 引擎只作提示，由人决定 / The engine flags; people decide.",
			},
			Components: &huma.Components{
				Schemas: huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer),
				SecuritySchemes: map[string]*huma.SecurityScheme{
					"token":   {Type: "http", Scheme: "bearer", Description: "API token"},
					"session": {Type: "apiKey", In: "cookie", Name: s.cookieName(), Description: "Cookie of POST /api/v1/sign-in"},
				},
			},
		},
		Formats: map[string]huma.Format{
			"application/json": huma.DefaultJSONFormat,
			"json":             huma.DefaultJSONFormat,
		},
		DefaultFormat: "application/json",
	}
	t.api = humago.New(t, config)
	return t
}

// document writes the document of the interface.
func document(api huma.API) ([]byte, error) {
	text, err := json.Marshal(api.OpenAPI())
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := json.Indent(&out, text, "", " "); err != nil {
		return nil, err
	}
	out.WriteByte('\n')
	return out.Bytes(), nil
}

// Document is the OpenAPI 3.1 document of the interface.
func (s *Server) Document() []byte { return bytes.Clone(s.document) }

func (s *Server) showDocument(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(s.document) // a client that has gone away gets no answer
}
