package drive

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/png"
	"slices"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// tallest is where a picture of a page ends.
const tallest = 1400

// Picture is the page from its top, as wide as the window: a PNG with at most 256
// colours, which a page of text does not miss.
func (p *Page) Picture() ([]byte, error) {
	s, err := ask[struct {
		Width  int64 `json:"width"`
		Height int64 `json:"height"`
	}](p, "size")
	if err != nil {
		return nil, err
	}
	width, height := p.Width, min(max(s.Height, 200), tallest)
	r, err := chromedp.Call(p.ctx, page.CaptureScreenshot, page.CaptureScreenshotParams{
		Format: page.CaptureScreenshotFormatPng, CaptureBeyondViewport: new(true),
		Clip: &page.Viewport{Width: float64(width), Height: float64(height), Scale: 1},
	})
	if err != nil {
		return nil, err
	}
	return shrink(r.Data)
}

// shrink writes a picture with a palette of its most frequent colours.
func shrink(picture []byte) ([]byte, error) {
	full, err := png.Decode(bytes.NewReader(picture))
	if err != nil {
		return nil, err
	}
	b := full.Bounds()
	if b.Empty() {
		return nil, errors.New("the picture is empty")
	}
	// Colours are counted in steps of 4: the eye does not see less in a text's edges.
	count := map[color.RGBA]int{}
	at := func(x, y int) color.RGBA {
		r, g, bl, _ := full.At(x, y).RGBA()
		const step = 0xfc
		c := color.RGBA{uint8(r>>8) & step, uint8(g>>8) & step, uint8(bl>>8) & step, 255}
		if c.R == step && c.G == step && c.B == step {
			c = color.RGBA{255, 255, 255, 255}
		}
		return c
	}
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			count[at(x, y)]++
		}
	}
	all := make([]color.RGBA, 0, len(count))
	for c := range count {
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b color.RGBA) int {
		if d := count[b] - count[a]; d != 0 {
			return d
		}
		return int(a.R)<<16 + int(a.G)<<8 + int(a.B) - (int(b.R)<<16 + int(b.G)<<8 + int(b.B))
	})
	var palette color.Palette
	for _, c := range all[:min(len(all), 256)] {
		palette = append(palette, c)
	}
	near := map[color.RGBA]uint8{}
	out := image.NewPaletted(image.Rect(0, 0, b.Dx(), b.Dy()), palette)
	for y := range b.Dy() {
		for x := range b.Dx() {
			c := at(b.Min.X+x, b.Min.Y+y)
			i, ok := near[c]
			if !ok {
				i = uint8(palette.Index(c)) //nolint:gosec // a palette has 256
				near[c] = i
			}
			out.SetColorIndex(x, y, i)
		}
	}
	var to bytes.Buffer
	err = (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&to, out)
	return to.Bytes(), err
}

// Print is the page as a PDF on A4, as somebody prints it.
func (p *Page) Print() ([]byte, error) {
	return chromedp.Run(p.ctx, chromedp.PrintToPDF(chromedp.PDFPaper(chromedp.PaperA4), chromedp.PDFPreferCSSPageSize(), chromedp.PDFPrintBackground()))
}
