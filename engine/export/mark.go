package export

import (
	"crypto/hmac"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/emmansun/gmsm/sm3"
)

// Slip says for whom and why an export was made.
type Slip struct {
	Number    string    `json:"number"`
	Recipient string    `json:"recipient"`
	Purpose   string    `json:"purpose"`
	By        string    `json:"by"` // account
	At        time.Time `json:"at"`
}

// Foot is what people read of a slip on the file. Times are told where it says.
func (s *Slip) Foot(where *time.Location) []string {
	return []string{
		footMark + " " + s.Number,
		"接收方 " + s.Recipient,
		"导出时间 " + s.At.In(where).Format("2006-01-02 15:04:05"),
		"用途 " + s.Purpose,
		"本件仅供所列用途使用，每份均可追溯到接收方",
	}
}

// Key is the secret of a data directory from which every mark is made. Without it nobody
// can tell a mark from chance, or make one.
type Key struct{ secret []byte }

// NewKey returns the key of a secret.
func NewKey(secret []byte) (Key, error) {
	if len(secret) < 32 {
		return Key{}, fmt.Errorf("a secret of %d bytes is too short", len(secret))
	}
	return Key{secret}, nil
}

func (k Key) hmac(what string, parts ...[]byte) []byte {
	h := hmac.New(sm3.New, k.secret)
	for _, p := range append([][]byte{[]byte("hedui export 1 " + what)}, parts...) {
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(p)))
		_, _ = h.Write(n[:])
		_, _ = h.Write(p)
	}
	return h.Sum(nil)
}

// group is how many rows change places among one another: a list stays in its order but for
// that. It is a power of two.
const group = 32

// bits are those of one group of a recipient's copy.
func (k Key) bits(s *Slip, groupNumber int) uint32 {
	sum := k.hmac("order", []byte(s.Number), []byte(s.Recipient), binary.BigEndian.AppendUint64(nil, uint64(groupNumber)))
	return binary.BigEndian.Uint32(sum)
}

// Order says in which order the rows of a list go into a copy: at each place the number of
// the row in the list's own order. Rows change places within groups of 32: a keyed bit says
// whether the rows of each pair do, another whether the pairs of each two do, and so on, so
// that of whichever rows are left nearly each tells a bit.
func (k Key) Order(s *Slip, rows int) []int {
	out := make([]int, 0, rows)
	for first := 0; first < rows; first += group {
		out = appendOrder(out, k.bits(s, first/group), first, min(group, rows-first))
	}
	return out
}

// appendOrder appends the rows of one group.
func appendOrder(out []int, bits uint32, first, n int) []int {
	var halves func(from, to int)
	halves = func(from, to int) {
		if to-from == 1 {
			out = append(out, first+from)
			return
		}
		mid := middle(from, to)
		if bits>>mid&1 == 1 {
			halves(mid, to)
			halves(from, mid)
			return
		}
		halves(from, mid)
		halves(mid, to)
	}
	halves(0, n)
	return out
}

// middle is where the second half of some rows of a group begins. No two parts of a group
// have the same, so that it numbers the bits.
func middle(from, to int) int {
	half := 1
	for half*2 < to-from {
		half *= 2
	}
	return from + half
}

// Marker writes the rows of a table in the order of one recipient's copy and keeps their
// marks. It is a Writer itself; its Finish writes the slip at the foot.
type Marker struct {
	w     Writer
	key   Key
	slip  Slip
	where *time.Location
	marks *Marks
	rows  [][]Cell // of the group that is not full yet
}

// NewMarker returns a marker that writes to w. Rows must come in an order that does not
// depend on the recipient.
func NewMarker(w Writer, k Key, s Slip, where *time.Location) *Marker {
	return &Marker{w: w, key: k, slip: s, where: where, marks: NewMarks(s)}
}

// Row implements Writer.
func (m *Marker) Row(cells []Cell) error {
	m.rows = append(m.rows, append([]Cell(nil), cells...))
	m.marks.Take(m.key, cells)
	if len(m.rows) == group {
		return m.flush()
	}
	return nil
}

func (m *Marker) flush() error {
	bits := m.key.bits(&m.slip, (m.marks.Rows()-1)/group)
	for _, i := range appendOrder(nil, bits, 0, len(m.rows)) {
		if err := m.w.Row(m.rows[i]); err != nil {
			return err
		}
	}
	m.rows = m.rows[:0]
	return nil
}

// Finish implements Writer. Lines of a foot come after those of the slip.
func (m *Marker) Finish(foot []string) error {
	if len(m.rows) > 0 {
		if err := m.flush(); err != nil {
			return err
		}
	}
	return m.w.Finish(append(m.slip.Foot(m.where), foot...))
}

// Marks are those of what was written. They must be kept before the file leaves.
func (m *Marker) Marks() *Marks { return m.marks }
