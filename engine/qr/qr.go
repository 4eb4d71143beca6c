// Package qr draws a text as a picture that a telephone reads.
//
// Main type: Picture, made by Draw.
//
// Invariant: the same text gives the same picture.
//
// What it does not do: decide what stands in it, or write SVG; whoever shows it puts Size
// and Path into a page of their own.
package qr

import (
	"errors"
	"strconv"
	"strings"

	"rsc.io/qr"
)

// Picture is a square of Size by Size modules with its quiet zone, dark along Path: the
// attribute d of an SVG path in units of a module.
type Picture struct {
	Size int
	Path string
}

// quiet is how many modules stay white around the picture, as the standard wants.
const quiet = 4

// Draw draws a text of up to about 2,300 bytes, with the medium level of correction: the
// picture is still read with 15 % of it gone.
func Draw(text string) (Picture, error) {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return Picture{}, errors.New("the text is too long for a picture") // the error may quote it
	}
	var d strings.Builder
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			from := x
			for x < code.Size && code.Black(x, y) {
				x++
			}
			if x > from {
				d.WriteString("M" + strconv.Itoa(from+quiet) + " " + strconv.Itoa(y+quiet) + "h" + strconv.Itoa(x-from) + "v1h-" + strconv.Itoa(x-from) + "z")
			}
		}
	}
	return Picture{Size: code.Size + 2*quiet, Path: d.String()}, nil
}
