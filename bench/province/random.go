package province

import "math/bits"

// mix is a bijection of 64-bit numbers that looks random (splitmix64).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// stream is a cheap seeded source of random numbers. Its zero value is a valid
// stream; a stream belongs to one goroutine.
type stream struct{ state uint64 }

// Topics keep the streams of one household apart, so that the rows of one source
// can be drawn without drawing those of the others.
const (
	topicSize uint64 = iota + 1
	topicPeople
	topicName
	topicBatch
	topicClass
	topicOrder
	topicDirty
	topicDeclare
	topicSketch
	topicRecords                            // + source
	topicRow     = topicRecords + iota + 16 // corruption of a row, + source<<8
	topicPerson                             // what else a person is known by
	topicFormerName
	topicDecoy
	topicRegister
	topicDeparted
	topicMoved
	topicDescription // of a row, + source<<8
)

func newStream(seed, topic, number uint64) stream {
	return stream{mix(mix(seed^topic*0xd6e8feb86659fd93) ^ number)}
}

func (r *stream) next() uint64 {
	r.state += 0x9e3779b97f4a7c15
	return mix(r.state)
}

// n returns a number in [0, n).
func (r *stream) n(n int) int {
	hi, _ := bits.Mul64(r.next(), uint64(n))
	return int(hi)
}

// fen returns an amount in [0, limit).
func (r *stream) fen(limit int64) int64 {
	if limit <= 0 {
		return 0
	}
	return int64(r.n(int(limit)))
}

// chance is true in per out of 1000 draws.
func (r *stream) chance(per int) bool { return r.n(1000) < per }

// million is true in per out of 1,000,000 draws.
func (r *stream) million(per int) bool { return r.n(1_000_000) < per }

// scramble40 is a bijection of the numbers below 2^40: it makes running numbers
// look drawn while keeping them unique.
func scramble40(x uint64) uint64 {
	x = (x * 0x5851f42d4c957f2d) & (1<<40 - 1)
	x ^= x >> 21
	return (x * 0x2545f4914f6cdd1d) & (1<<40 - 1)
}
