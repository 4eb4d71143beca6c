package drive

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"testing"
)

// A picture keeps its size and what is on it when it gets a palette.
func TestShrink(t *testing.T) {
	full := image.NewRGBA(image.Rect(0, 0, 64, 48))
	for y := range 48 {
		for x := range 64 {
			full.Set(x, y, color.RGBA{255, 255, 255, 255})
			if y > 40 {
				full.Set(x, y, color.RGBA{uint8(4 * x), uint8(5 * y), 9, 255}) // more colours than a palette has
			}
			if x < 10 && y < 10 {
				full.Set(x, y, color.RGBA{0, 64, 96, 255})
			}
		}
	}
	var in bytes.Buffer
	if err := png.Encode(&in, full); err != nil {
		t.Fatal(err)
	}
	out, err := shrink(in.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	got, err := png.Decode(bytes.NewReader(out))
	if err != nil {
		t.Fatal(err)
	}
	p, ok := got.(*image.Paletted)
	if !ok || len(p.Palette) > 256 || got.Bounds() != full.Bounds() {
		t.Fatalf("%T of %v", got, got.Bounds())
	}
	for at, want := range map[image.Point]color.RGBA{{30, 30}: {255, 255, 255, 255}, {5, 5}: {0, 64, 96, 255}} {
		if c := color.RGBAModel.Convert(got.At(at.X, at.Y)); c != want {
			t.Errorf("at %v: %v, want %v", at, c, want)
		}
	}
	if _, err := shrink([]byte("no picture")); err == nil {
		t.Error("what is no picture was shrunk")
	}
}
