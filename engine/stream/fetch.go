package stream

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/segmentio/kafka-go"
)

// A reader speaks the one request it needs itself, Fetch in version 10 (brokers from
// 2.1 on): kafka-go holds a whole answer in memory, unpacks what is compressed without
// a bound, and where a batch can't be read it neither says which offsets it leaves out
// nor gets past them.

const (
	fetchKey     = 1
	fetchVersion = 10
	// The most that is left of an answer behind which the records stand: names, and a
	// list of aborted transactions.
	answerHead = 1 << 20
)

// errForm is an answer or a batch that is not in the form it must have.
var errForm = errors.New("not in the form of a fetch answer")

// aborted is a transaction that was given up, from its first offset on.
type aborted struct{ producer, first int64 }

// answer is what stands before the records of a fetch answer.
type answer struct {
	code kafka.Error
	// end is where what may be read ends: behind the last message of a transaction that
	// is over.
	end     int64
	aborted []aborted
	// records is how many bytes of records follow.
	records int
}

// fetchRequest returns the frame that asks for records of one partition.
func fetchRequest(id int32, client, topic string, partition int32, from int64, o Options) []byte {
	b := make([]byte, 4, 128)
	i8 := func(v int8) { b = append(b, byte(v)) }
	i16 := func(v int) { b = binary.BigEndian.AppendUint16(b, uint16(v)) }
	i32 := func(v int32) { b = binary.BigEndian.AppendUint32(b, uint32(v)) }
	i64 := func(v int64) { b = binary.BigEndian.AppendUint64(b, uint64(v)) }
	text := func(s string) { i16(len(s)); b = append(b, s...) }
	i16(fetchKey)
	i16(fetchVersion)
	i32(id)
	text(client)
	i32(-1) // no replica
	i32(int32(o.Wait.Milliseconds()))
	i32(1) // a single byte is worth an answer
	i32(int32(o.Fetch))
	i8(1)   // what is of no open or aborted transaction
	i32(0)  // no session,
	i32(-1) // nor a new one
	i32(1)
	text(topic)
	i32(1)
	i32(partition)
	i32(-1) // whichever epoch of the leader
	i64(from)
	i64(-1) // not a replica's log
	i32(int32(o.Fetch))
	i32(0) // nothing forgotten
	binary.BigEndian.PutUint32(b, uint32(len(b)-4))
	return b
}

// readAnswer reads an answer up to its records.
func readAnswer(r *bufio.Reader, id int32) (answer, error) {
	in := &intake{r: r}
	frame := int(in.i32())
	in.left = min(frame, answerHead)
	if got := in.i32(); in.err == nil && got != id {
		return answer{}, fmt.Errorf("%w: answer %d to question %d", errForm, got, id)
	}
	in.i32() // throttled
	code := in.i16()
	in.i32() // session
	if in.err == nil && code != 0 {
		return answer{code: kafka.Error(code)}, nil
	}
	if topics := in.i32(); in.err == nil && topics != 1 {
		return answer{}, fmt.Errorf("%w: %d topics", errForm, topics)
	}
	in.skip(int(in.i16()))
	if partitions := in.i32(); in.err == nil && partitions != 1 {
		return answer{}, fmt.Errorf("%w: %d partitions", errForm, partitions)
	}
	in.i32() // its number
	a := answer{code: kafka.Error(in.i16())}
	in.i64() // high watermark
	a.end = in.i64()
	in.i64() // beginning of the log
	n := int(in.i32())
	if in.err == nil && n > in.left/16 {
		return answer{}, fmt.Errorf("%w: %d aborted transactions", errForm, n)
	}
	for range max(n, 0) {
		if in.err != nil {
			break
		}
		a.aborted = append(a.aborted, aborted{in.i64(), in.i64()})
	}
	a.records = max(int(in.i32()), 0)
	if in.err != nil {
		return answer{}, in.err
	}
	// Only the records of one partition follow, to the end of the frame.
	if rest := frame - in.taken + 4; a.records != rest && a.code == 0 {
		return answer{}, fmt.Errorf("%w: %d bytes of records in a rest of %d", errForm, a.records, rest)
	}
	return a, nil
}

// intake reads numbers, as long as there are enough bytes and no error.
type intake struct {
	r           *bufio.Reader
	left, taken int
	err         error
	buf         [8]byte
}

func (in *intake) take(n int) []byte {
	b := in.buf[:n]
	clear(b)
	if in.err != nil {
		return b
	}
	// The length of the frame itself is not in the frame.
	if in.taken > 0 {
		if in.left < n {
			in.err = fmt.Errorf("%w: too short", errForm)
			return b
		}
		in.left -= n
	}
	in.taken += n
	_, in.err = io.ReadFull(in.r, b)
	return b
}

func (in *intake) i16() int16 { return int16(binary.BigEndian.Uint16(in.take(2))) }
func (in *intake) i32() int32 { return int32(binary.BigEndian.Uint32(in.take(4))) }
func (in *intake) i64() int64 { return int64(binary.BigEndian.Uint64(in.take(8))) }

func (in *intake) skip(n int) {
	if in.err != nil || n <= 0 {
		return
	}
	if in.left < n {
		in.err = fmt.Errorf("%w: too short", errForm)
		return
	}
	in.left -= n
	in.taken += n
	_, in.err = in.r.Discard(n)
}
