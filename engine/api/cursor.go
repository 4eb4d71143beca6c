package api

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"reflect"
	"strings"

	"github.com/hedui/hedui/engine/api/wire"
)

// tagSize is how much of the seal goes into a cursor: enough that none can be guessed.
const tagSize = 12

// cursors seal where a page ended. A cursor is good for the list, the filter and the
// account that it was made for; whoever changes one gets nothing.
type cursors struct{ key []byte }

func newCursors(key []byte) cursors {
	if len(key) == 0 {
		key = make([]byte, 32)
		_, _ = rand.Read(key) // never fails
	}
	return cursors{key: key}
}

func (c cursors) tag(list, at string) []byte {
	h := hmac.New(sha256.New, c.key)
	_, _ = fmt.Fprintf(h, "%d:%s%s", len(list), list, at) // a hash takes everything
	return h.Sum(nil)[:tagSize]
}

// seal makes a cursor of where a page ended; "" at the end.
func (c cursors) seal(list, at string) string {
	if at == "" {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(append(c.tag(list, at), at...))
}

// open returns where the page ended that a cursor was made at.
func (c cursors) open(list, cursor string) (string, error) {
	if cursor == "" {
		return "", nil
	}
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || len(b) <= tagSize {
		return "", wire.Refuse(wire.BadCursor)
	}
	at := string(b[tagSize:])
	if !hmac.Equal(b[:tagSize], c.tag(list, at)) {
		return "", wire.Refuse(wire.BadCursor)
	}
	return at, nil
}

// listed names a list: the operation, its filter and who asks.
func listed(caller wire.Caller, query any) string {
	v := reflect.ValueOf(query)
	var name strings.Builder
	name.WriteString(caller.Account + "\x00" + v.Type().Name())
	for f, value := range v.Fields() {
		if f.Type != reflect.TypeFor[wire.Page]() {
			_, _ = fmt.Fprintf(&name, "\x00%s=%q", f.Name, fmt.Sprint(value.Interface())) // it takes everything
		}
	}
	return name.String()
}
