package main

import (
	"errors"
	"math"
	"strconv"
	"strings"
)

var errNotASize = errors.New("not a size, want a number with KiB, MiB or GiB, as in 256MiB")

// sizeFlag is a flag whose value is a number of bytes.
type sizeFlag struct{ bytes int64 }

// sizeUnits are the units of a size, largest first.
var sizeUnits = []struct {
	name  string
	bytes int64
}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"B", 1}}

func (f *sizeFlag) String() string {
	for _, u := range sizeUnits {
		if f.bytes != 0 && f.bytes%u.bytes == 0 {
			return strconv.FormatInt(f.bytes/u.bytes, 10) + u.name
		}
	}
	return ""
}

func (f *sizeFlag) Set(text string) error {
	for _, u := range sizeUnits {
		number, ok := strings.CutSuffix(text, u.name)
		if !ok {
			continue
		}
		n, err := strconv.ParseInt(number, 10, 64)
		if err != nil || n < 1 || n > math.MaxInt64/u.bytes {
			return errNotASize
		}
		f.bytes = n * u.bytes
		return nil
	}
	return errNotASize
}

func (*sizeFlag) Type() string { return "size" }
