package index

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"

	"github.com/cespare/xxhash/v2"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/match/names"
)

// Route says under which key a candidate was found. Routes are bits.
type Route uint16

// The routes, in the order of their trust.
const (
	Former    Route = 1 << iota // the register knows another number of the person
	Typo                        // K9: the recorded number is one typing error away
	NameBirth                   // K4: name and birth date
	NameArea                    // K5: name, birth year and county
	NameMask                    // K6: name and the last four characters of a masked number
	Pinyin                      // K7: name in letters, and birth date
	Illegible                   // birth date and the legible part of a name
)

// HotKey is the most references that are kept under one key. A key with more
// keeps only their number: whoever looks there is told that it is too common.
const HotKey = 200

// The domains of hashed keys, which keep the routes apart. They are stored.
const (
	domainFormer     = 2
	domainBirth      = 4
	domainArea       = 5
	domainMask       = 6
	domainPinyin     = 7
	domainSpelled    = 8 // a birth date that some name with letters has; in the filter only
	domainIllegible  = 9
	domainOldMask    = 10 // masked numbers of 15 places
	domainNumberless = 11 // a name that rows without a number have; in the filter only
	domainName       = 20
	domainHousehold  = 30
)

// maxPlace is the last place of a name at which its first legible character is
// looked for. Longer names with more lost before it are found by number only.
const maxPlace = 7

// The keys are made in a buffer of the caller and hashed; fields of fixed length
// come first, so that no two contents share the bytes.

func head(b []byte, domain byte, birth household.Date) []byte {
	return binary.LittleEndian.AppendUint32(append(b[:0], domain), uint32(birth))
}

func dated(b []byte, domain byte, birth household.Date, text string) ([]byte, uint64) {
	b = append(head(b, domain, birth), text...)
	return b, xxhash.Sum64(b)
}

func areaKey(b []byte, name string, birth household.Date, county uint32) ([]byte, uint64) {
	b = head(b, domainArea, household.Date(birth.Year()))
	b = binary.LittleEndian.AppendUint32(b, county)
	b = append(b, name...)
	return b, xxhash.Sum64(b)
}

// maskKey has no prefix of the number in it although most masks show one: masks
// of 6+4, 4+4 and 3+4 must all answer to one key. The prefix is confirmed on the
// record.
func maskKey(b []byte, domain byte, name string, last4 [4]byte) ([]byte, uint64) {
	b = append(append(b[:0], domain), last4[:]...)
	b = append(b, name...)
	return b, xxhash.Sum64(b)
}

func illegibleKey(b []byte, birth household.Date, length, place int, r rune) ([]byte, uint64) {
	b = head(b, domainIllegible, birth)
	b = binary.LittleEndian.AppendUint16(b, uint16(length))
	b = binary.LittleEndian.AppendUint32(append(b, byte(place)), uint32(r))
	return b, xxhash.Sum64(b)
}

func spelledKey(b []byte, birth household.Date) ([]byte, uint64) {
	b = head(b, domainSpelled, birth)
	return b, xxhash.Sum64(b)
}

func formerKey(b []byte, key household.PersonKey) ([]byte, uint64) {
	b = binary.LittleEndian.AppendUint64(append(b[:0], domainFormer), key.Num)
	b = append(b, key.Text...)
	return b, xxhash.Sum64(b)
}

func textKey(b []byte, domain byte, text string) ([]byte, uint64) {
	b = append(append(b[:0], domain), text...)
	return b, xxhash.Sum64(b)
}

// firstLegible finds the first character of a folded name that is not lost.
func firstLegible(folded string) (place, length int, r rune, ok bool) {
	place = -1
	for _, c := range folded {
		if c != utf8.RuneError && place < 0 {
			place, r = length, c
		}
		length++
	}
	return place, length, r, place >= 0 && place <= maxPlace && length <= 0xffff
}

// legible is the folded name for keys, empty when there is none to look under.
func legible(n names.Name) string {
	if n.Lost() > 0 {
		return ""
	}
	return n.FoldedKey()
}

// A resident number of 18 characters is 18 digits to the base 11, X being ten:
// below 2^63, so the packed number is exact and a changed character is one
// addition.

var powers = [18]uint64{
	505447028499293771, 45949729863572161, 4177248169415651, 379749833583241, 34522712143931, 3138428376721,
	285311670611, 25937424601, 2357947691, 214358881, 19487171, 1771561, 161051, 14641, 1331, 121, 11, 1,
}

// digits18 reads 17 digits and a check character, or that with an X one place too
// early, which is how the last two are exchanged.
func digits18(text string) (d [18]uint8, ok bool) {
	if len(text) != 18 {
		return d, false
	}
	for i := range d {
		switch c := text[i]; {
		case c >= '0' && c <= '9':
			d[i] = c - '0'
		case c == 'X' && i >= 16:
			d[i] = 10
		default:
			return d, false
		}
	}
	return d, true
}

func pack(d *[18]uint8) uint64 {
	n := uint64(0)
	for _, v := range d {
		n = n*11 + uint64(v)
	}
	return n
}

// mix spreads a packed number over 64 bits, without loss.
func mix(n uint64) uint64 {
	n ^= n >> 30
	n *= 0xbf58476d1ce4e5b9
	n ^= n >> 27
	n *= 0x94d049bb133111eb
	return n ^ n>>31
}

// county reads the first six digits of a division code; 0 when there are none.
func county(division string) uint32 {
	if len(division) < 6 {
		return 0
	}
	n := uint32(0)
	for i := range 6 {
		c := division[i]
		if c < '0' || c > '9' {
			return 0
		}
		n = n*10 + uint32(c-'0')
	}
	return n
}

// scale maps a hash to 0..n-1 in order, so that sorted hashes fill a filter from
// its beginning to its end.
func scale(h, n uint64) uint64 {
	hi, _ := bits.Mul64(h, n)
	return hi
}
