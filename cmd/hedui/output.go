package main

import (
	"encoding/json"
	"io"
)

// printJSON prints one JSON object on one line, Chinese text unescaped.
func printJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}
