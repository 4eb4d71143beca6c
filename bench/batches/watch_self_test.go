package batches

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hedui/hedui/engine/ledger"
)

// A position that is behind a message without an answer is found, and one behind messages that
// are answered or set aside is not.
func TestWatcherFinds(t *testing.T) {
	x := &sender{sent: []sent{{id: "r0"}, {id: "r1"}, {reason: "not_a_request"}, {id: "r3"}}, places: map[place]int{}}
	for i := range x.sent {
		x.places[place{0, 2, int64(i)}] = i
	}
	for _, c := range []struct {
		answered string
		to       int64
		wrong    bool
	}{{"r0 r1 r3", 4, false}, {"r0 r1", 3, false}, {"r0 r1", 4, true}, {"r1 r3", 4, true}, {"r0 r3", 4, true}, {"", 0, false}} {
		w, random := &watcher{x: x}, rand.New(rand.NewPCG(1, 1))
		for range 50 { // it looks at some of them each time
			err := w.below(t.Context(), 2, 0, c.to, random, func(id string) error {
				if strings.Contains(c.answered, id) {
					return nil
				}
				return ledger.ErrNotFound
			})
			must(t, err)
		}
		if wrong := len(w.wrong) > 0; wrong != c.wrong || c.to > 0 && w.asked == 0 {
			t.Errorf("%q up to %d: %q", c.answered, c.to, w.wrong)
		}
	}
}

// A name or a number in a log is found.
func TestLeaksFinds(t *testing.T) {
	secret := whose([][]byte{[]byte(`{"members":[{"name":"王秀英","id_number":"341202197209274999"}]}`), []byte("no request")})
	for text, want := range map[string]int{
		"time=now level=INFO msg=serving": 0, "failed for 王秀英": 1, "x341202197209274999y 王秀英": 2, "34120219720927": 0,
	} {
		s := &site{t: t, dir: t.TempDir()}
		must(t, os.WriteFile(filepath.Join(s.dir, "worker0.log"), []byte(text), 0o600))
		if n, size := s.leaks(secret); n != want || size != int64(len(text)) {
			t.Errorf("%q: %d in %d bytes", text, n, size)
		}
	}
}
