package connectors

import (
	"archive/zip"
	"cmp"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"unicode/utf8"

	"github.com/klauspost/compress/gzip"
)

// Limits of archives. Real tables compress ten to thirty times.
const (
	maxEntries = 1000
	maxRatio   = 100
	ratioGrace = 64 << 20 // bytes that may come out of an archive whatever its ratio
)

// guard stops reading an archive that unpacks to far more than it holds.
type guard struct {
	src  io.Reader
	out  int64
	in   func() int64
	name string
}

func (g *guard) Read(p []byte) (int, error) {
	n, err := g.src.Read(p)
	g.out += int64(n)
	if g.out > ratioGrace && g.out/maxRatio > g.in() {
		return n, bomb(g.name)
	}
	return n, err
}

func bomb(name string) error {
	return &FileError{
		File: name, What: fmt.Sprintf("it unpacks to more than %d times its size", maxRatio),
		Hint: "unpack it yourself and give the inner file, if it is what it should be",
	}
}

// openGzip opens the table in a gzip file.
func (t *Table) openGzip(src io.Reader) error {
	z, err := gzip.NewReader(src)
	if err != nil {
		return t.wrap(err)
	}
	return t.openStream(&guard{src: z, in: t.progress.Load, name: t.Name}, 1)
}

// openZip opens every entry of an archive, or the sheets of a workbook. file
// is the template of the tables; it is open only to be looked at.
func openZip(path string, raw *rawFile, file *Table) ([]*Table, error) {
	z, err := zip.NewReader(raw.file, raw.size)
	if err != nil && z == nil {
		return nil, file.wrap(fmt.Errorf("not a zip archive that can be read: %w", err))
	}
	if p := checkArchive(z); p != nil {
		return nil, p.at(file.Name, 0)
	}
	digest := sync.OnceValues(func() ([32]byte, error) { return digestFile(path) })
	if has(z, "xl/workbook.xml") {
		return openWorkbook(path, file, digest)
	}
	if has(z, "[Content_Types].xml") || has(z, "content.xml") {
		return nil, (&problem{
			what: "the document is no workbook that can be read (.xlsb, .ods, .docx and others are not)",
			hint: "save the table as .xlsx or CSV",
		}).at(file.Name, 0)
	}
	var tables []*Table
	closeAll := func() {
		for _, t := range tables {
			_ = t.Close()
		}
	}
	for i, f := range z.File {
		if f.FileInfo().IsDir() || isLitter(f.Name) {
			continue
		}
		t := *file
		t.Name = file.Name + "/" + entryName(f)
		t.info.Name = t.Name
		t.closers, t.raw, t.digest = nil, nil, digest
		t.progress, t.total = new(atomic.Int64), int64(f.CompressedSize64)
		t.open = func(t *Table) error { return t.openEntry(path, i) }
		// The header is read now, so that a bad entry refuses the archive; the rows
		// are read when their time comes, so that only one entry is open.
		err := t.open(&t)
		if relErr := t.release(); err == nil {
			err = relErr
		}
		if err != nil {
			closeAll()
			return nil, err
		}
		t.progress.Store(0)
		tables = append(tables, &t)
	}
	if len(tables) == 0 {
		return nil, (&problem{what: "the archive holds no file", hint: "expected at least one table"}).at(file.Name, 0)
	}
	return tables, nil
}

// openEntry opens one entry of an archive.
func (t *Table) openEntry(path string, index int) error {
	raw, err := openRaw(path)
	if err != nil {
		return t.wrap(err)
	}
	t.closers = append(t.closers, raw)
	z, err := zip.NewReader(raw.file, raw.size)
	if err != nil || index >= len(z.File) {
		return (&problem{what: "the archive changed while it was read", hint: "try again"}).at(t.Name, 0)
	}
	f := z.File[index]
	r, err := f.Open()
	if err != nil {
		return t.wrap(err)
	}
	t.closers = append(t.closers, unpacker{r})
	// How much of the entry's compressed bytes was read is not told; what came out,
	// scaled to its size, is close enough to show.
	size := max(1, int64(f.UncompressedSize64))
	in := func() int64 { return int64(f.CompressedSize64) }
	return t.openStream(&progressReader{
		src: &guard{src: r, in: in, name: t.Name}, done: t.progress, total: t.total, size: size,
	}, 1)
}

// progressReader reports what it reads as a part of total.
type progressReader struct {
	src         io.Reader
	done        *atomic.Int64
	total, size int64
	read        int64
}

func (p *progressReader) Read(b []byte) (int, error) {
	n, err := p.src.Read(b)
	p.read += int64(n)
	p.done.Store(int64(float64(p.total) * min(1, float64(p.read)/float64(p.size))))
	return n, err
}

func has(z *zip.Reader, name string) bool {
	return slices.ContainsFunc(z.File, func(f *zip.File) bool { return f.Name == name })
}

// isLitter reports whether an entry is what file managers leave behind.
func isLitter(name string) bool {
	base := path.Base(name)
	return strings.HasPrefix(name, "__MACOSX/") || base == ".DS_Store" || strings.EqualFold(base, "thumbs.db") || base == "desktop.ini"
}

// entryName is the name of an entry. Archives made on Chinese systems write it
// in GBK and do not set the flag for UTF-8.
func entryName(f *zip.File) string {
	if f.NonUTF8 || !utf8.ValidString(f.Name) {
		if text, ok := appendGB18030(nil, []byte(f.Name)); ok && !utf8.ValidString(f.Name) {
			return string(text)
		}
	}
	return strings.ToValidUTF8(f.Name, "?")
}

// checkArchive looks for what no honest archive has, before anything is unpacked.
func checkArchive(z *zip.Reader) *problem {
	if len(z.File) > maxEntries {
		return &problem{what: fmt.Sprintf("the archive has %d entries, more than %d", len(z.File), maxEntries), hint: "split it"}
	}
	type span struct{ from, to int64 }
	var spans []span
	seen := make(map[string]bool, len(z.File))
	for n, f := range z.File {
		name := strings.ReplaceAll(entryName(f), `\`, "/")
		entry := fmt.Sprintf("entry %d of the archive", n+1)
		switch {
		case strings.HasPrefix(name, "/"), len(name) > 1 && name[1] == ':', slices.Contains(strings.Split(name, "/"), ".."), strings.ContainsRune(name, 0):
			return &problem{what: entry + " has a path that leads out of it", hint: "make the archive again with plain names"}
		case f.Flags&1 != 0:
			return &problem{what: entry + " is encrypted", hint: "unpack it with its password and give the inner file"}
		case f.FileInfo().IsDir():
			continue
		case !f.Mode().IsRegular():
			return &problem{what: entry + " is a link or a special file", hint: "make the archive again with plain files"}
		case f.Method != zip.Store && f.Method != zip.Deflate:
			return &problem{what: entry + " has an unknown compression", hint: "make the archive again with the usual compression"}
		case seen[strings.ToLower(name)]:
			return &problem{what: entry + " has the name of an earlier one", hint: "make the archive again with distinct names"}
		case f.UncompressedSize64 > ratioGrace && f.UncompressedSize64/maxRatio > f.CompressedSize64:
			return &problem{what: fmt.Sprintf("%s unpacks to more than %d times its size", entry, maxRatio), hint: "unpack it yourself, if it is what it should be"}
		}
		seen[strings.ToLower(name)] = true
		from, err := f.DataOffset()
		if err != nil {
			return &problem{what: entry + " cannot be found in it: the archive is damaged", hint: "send it again"}
		}
		spans = append(spans, span{from, from + int64(f.CompressedSize64)})
	}
	slices.SortFunc(spans, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	for i := 1; i < len(spans); i++ {
		if spans[i].from < spans[i-1].to {
			return &problem{what: "entries of the archive overlap", hint: "make the archive again"}
		}
	}
	return nil
}
