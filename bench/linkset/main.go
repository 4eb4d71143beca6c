// Command linkset makes two CSV files of people who do not exist, of whom most are
// in both, the second time with slips and gaps, some with relatives at the same
// address. The column person says who is who. The same seed makes the same files.
//
//	go run ./bench/linkset -people 50000 -out DIR
package main

import (
	"bufio"
	"encoding/csv"
	"flag"
	"fmt"
	"log"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

func main() {
	people := flag.Int("people", 50_000, "rows of each file, about")
	seed := flag.Uint64("seed", 1, "seed")
	out := flag.String("out", ".", "directory for a.csv and b.csv")
	flag.Parse()
	m := newMaker(*seed, *people)
	left, err := create(filepath.Join(*out, "a.csv"))
	if err != nil {
		log.Fatal(err)
	}
	right, err := create(filepath.Join(*out, "b.csv"))
	if err != nil {
		log.Fatal(err)
	}
	last := m.person()
	for i := range *people {
		p := m.person()
		if m.IntN(10) == 0 { // a relative of the one before
			relative := append([]string(nil), last...)
			relative[given], relative[born] = p[given], p[born]
			p = relative
		}
		last = p
		left.row(i, "a", p)
		switch {
		case m.IntN(5) > 0:
			right.row(i, "b", m.spoil(p))
		default: // somebody who is in the second file only
			right.row(*people+i, "b", m.person())
		}
	}
	for _, f := range []*file{left, right} {
		if err := f.close(); err != nil {
			log.Fatal(err)
		}
	}
}

// The columns behind unique_id and person.
const (
	given = iota
	surname
	number
	street
	suburb
	postcode
	state
	born
)

var header = []string{"unique_id", "person", "given_name", "surname", "street_number", "address_1", "suburb", "postcode", "state", "date_of_birth"}

type file struct {
	csv  *csv.Writer
	buf  *bufio.Writer
	file *os.File
}

func create(path string) (*file, error) {
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	buf := bufio.NewWriterSize(f, 1<<20)
	out := &file{csv.NewWriter(buf), buf, f}
	return out, out.csv.Write(header)
}

func (f *file) row(person int, side string, values []string) {
	id := strconv.Itoa(person)
	_ = f.csv.Write(append([]string{side + id, id}, values...)) // the error stays until close
}

func (f *file) close() error {
	f.csv.Flush()
	if err := f.csv.Error(); err != nil {
		return err
	}
	if err := f.buf.Flush(); err != nil {
		return err
	}
	return f.file.Close()
}

// maker draws people.
type maker struct {
	*rand.Rand
	given, surname, street, suburb []string
	codes, states                  []string // by suburb
}

func newMaker(seed uint64, people int) *maker {
	m := &maker{Rand: rand.New(rand.NewPCG(seed, seed))}
	m.given, m.surname = m.words(1500, 2), m.words(max(2000, people/10), 3)
	m.street, m.suburb = m.words(max(2000, people/20), 3), m.words(max(300, people/100), 3)
	for i := range m.street {
		m.street[i] += []string{" street", " road", " place", " court"}[m.IntN(4)]
	}
	for range m.suburb {
		m.codes = append(m.codes, strconv.Itoa(1000+m.IntN(8000)))
		m.states = append(m.states, []string{"nsw", "vic", "qld", "wa", "sa", "act"}[m.IntN(6)])
	}
	return m
}

func (m *maker) words(n, syllables int) []string {
	parts := strings.Fields("ba ko li mu ner sta vel dor chi wen qua fry tho mas son er an ie ro la")
	out := make([]string, n)
	for i := range out {
		for range syllables + m.IntN(2) {
			out[i] += parts[m.IntN(len(parts))]
		}
	}
	return out
}

// often is a place in a list, the first ones more often than the last.
func (m *maker) often(n int) int { return int(float64(n) * m.Float64() * m.Float64()) }

func (m *maker) person() []string {
	s := m.often(len(m.suburb))
	return []string{
		m.given[m.often(len(m.given))], m.surname[m.often(len(m.surname))], strconv.Itoa(1 + m.IntN(300)),
		m.street[m.IntN(len(m.street))], m.suburb[s], m.codes[s], m.states[s],
		fmt.Sprintf("%04d%02d%02d", 1930+m.IntN(80), 1+m.IntN(12), 1+m.IntN(28)),
	}
}

// spoil is a second record of a person.
func (m *maker) spoil(p []string) []string {
	out := append([]string(nil), p...)
	for f := range out {
		switch x := m.IntN(100); {
		case x < 18:
			out[f] = m.slip(out[f])
		case x < 24:
			out[f] = ""
		case x < 27 && f != born: // another value altogether: moved, married
			out[f] = m.person()[f]
		}
	}
	return out
}

// slip makes one typing error, now and then two.
func (m *maker) slip(text string) string {
	b := []byte(text)
	letters := "abcdefghijklmnopqrstuvwxyz"
	if text[0] >= '0' && text[0] <= '9' {
		letters = "0123456789"
	}
	k, c := m.IntN(len(b)), letters[m.IntN(len(letters))]
	switch m.IntN(4) {
	case 0:
		b[k] = c
	case 1:
		b = append(b[:k], b[k+1:]...)
	case 2:
		b = append(b[:k], append([]byte{c}, b[k:]...)...)
	default:
		if k > 0 {
			b[k-1], b[k] = b[k], b[k-1]
		}
	}
	if len(b) > 1 && m.IntN(5) == 0 {
		return m.slip(string(b))
	}
	return string(b)
}
