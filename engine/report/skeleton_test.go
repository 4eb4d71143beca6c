package report_test

import (
	"strings"

	"golang.org/x/net/html"
)

// skeletonOf is the elements of a page with their attributes' names, as a browser would
// read them. The values of a few attributes are of the page and not of the document.
func skeletonOf(page string) string {
	z := html.NewTokenizer(strings.NewReader(page))
	var b strings.Builder
	for {
		switch kind := z.Next(); kind {
		case html.ErrorToken:
			return b.String()
		case html.TextToken:
		case html.CommentToken:
			b.WriteString("<!---->")
		default:
			token := z.Token()
			b.WriteString(kind.String() + " " + token.Data)
			for _, a := range token.Attr {
				b.WriteString(" " + a.Key)
				if a.Key == "class" || a.Key == "href" || a.Key == "src" {
					b.WriteString("=" + a.Val)
				}
			}
			b.WriteString("\n")
		}
	}
}
