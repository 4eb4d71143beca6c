package desk

import (
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/engine/ledger"
)

// A list in pages is the list of what may be seen, and ends where the last of it is.
func TestListedEndsWithWhatIsSeen(t *testing.T) {
	for n := range 1 << 8 { // which of eight entries may be seen
		var want []int
		for i := range 8 {
			if n>>i&1 == 1 {
				want = append(want, i)
			}
		}
		for limit := 1; limit <= 9; limit++ {
			read := func(q ledger.Query) (page []int, next string, err error) {
				from, _ := strconv.Atoi(q.Cursor)
				to := min(8, from+q.Limit)
				for i := from; i < to; i++ {
					page = append(page, i)
				}
				if to < 8 {
					next = strconv.Itoa(to)
				}
				return page, next, nil
			}
			var got []int
			q, pages := ledger.Query{Limit: limit}, 0
			for {
				list, next, err := listed(q, read, func(i int) (int, bool, error) { return i, n>>i&1 == 1, nil })
				if err != nil {
					t.Fatal(err)
				}
				got, q.Cursor = append(got, list...), next
				if pages++; next == "" {
					break
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("%08b in pages of %d:\n%s", n, limit, diff)
			}
			if most := max(1, (len(want)+limit-1)/limit); pages != most {
				t.Fatalf("%08b in pages of %d: %d pages, want %d", n, limit, pages, most)
			}
		}
	}
}
