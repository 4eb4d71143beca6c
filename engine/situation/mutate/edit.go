package mutate

import (
	"bytes"
	"cmp"
	"io/fs"
	"slices"
	"strings"
)

// edit replaces bytes of a file.
type edit struct {
	from, to int
	by       string
}

// apply makes the changed file. The edits don't overlap.
func apply(content []byte, edits []edit) []byte {
	sorted := slices.SortedFunc(slices.Values(edits), func(a, b edit) int { return cmp.Compare(a.from, b.from) })
	var out bytes.Buffer
	at := 0
	for _, e := range sorted {
		out.Write(content[at:e.from])
		out.WriteString(e.by)
		at = e.to
	}
	out.Write(content[at:])
	return out.Bytes()
}

// dropEntry takes a key with its value out of a mapping; nil when nothing would be
// left of an item of a list.
func (d *document) dropEntry(m *node, i int) []edit {
	e := &m.entries[i]
	switch {
	case m.flow:
		return d.dropFlow(len(m.entries), i, func(j int) (int, int) { return m.entries[j].from, m.entries[j].end() })
	case len(m.entries) == 1 && m.parent != nil && m.parent.kind == sequence:
		return nil
	case i == 0 && len(m.entries) > 1 && len(bytes.TrimSpace(d.content[d.lineStart(e.from):e.from])) > 0:
		// After the dash of a list: the next key moves up to it.
		return []edit{{from: e.from, to: m.entries[1].from}}
	}
	return []edit{{from: d.lineStart(e.from), to: d.lineEnd(e.end() - 1)}}
}

// dropItem takes an item out of a list; nil when it does not stand on lines of its
// own.
func (d *document) dropItem(s *node, i int) []edit {
	if s.flow {
		return d.dropFlow(len(s.items), i, func(j int) (int, int) { return s.items[j].from, s.items[j].to })
	}
	x := s.items[i]
	begin := d.lineStart(x.from)
	if x.to == 0 || strings.TrimSpace(string(d.content[begin:x.from])) != "-" {
		return nil
	}
	return []edit{{from: begin, to: d.lineEnd(x.to - 1)}}
}

// dropFlow takes part i of n out of brackets, with one comma.
func (d *document) dropFlow(n, i int, bounds func(j int) (int, int)) []edit {
	from, to := bounds(i)
	switch {
	case n == 1:
	case i == 0:
		to, _ = bounds(1)
	default:
		_, from = bounds(i - 1)
	}
	return []edit{{from: from, to: to}}
}

// addItem adds a word to the end of a list.
func (d *document) addItem(s *node, word string) []edit {
	if len(s.items) == 0 {
		if s.flow {
			return []edit{{from: s.to - 1, to: s.to - 1, by: word}}
		}
		return nil
	}
	last := s.items[len(s.items)-1]
	if s.flow {
		return []edit{{from: last.to, to: last.to, by: ", " + word}}
	}
	at := d.lineEnd(last.to - 1)
	lead := string(d.content[d.lineStart(last.from):last.from])
	if at == len(d.content) && !bytes.HasSuffix(d.content, []byte("\n")) {
		return []edit{{from: at, to: at, by: "\n" + lead + word}}
	}
	return []edit{{from: at, to: at, by: lead + word + "\n"}}
}

// exchange puts two values in each other's place.
func (d *document) exchange(a, b *node) []edit {
	return []edit{{a.from, a.to, d.raw(b)}, {b.from, b.to, d.raw(a)}}
}

// changedFS is a folder some of whose files have other contents.
type changedFS struct {
	fs.FS
	files map[string][]byte
}

// Open opens a file, changed or not.
func (c changedFS) Open(name string) (fs.File, error) {
	f, err := c.FS.Open(name)
	if content, ok := c.files[name]; ok && err == nil {
		return &changedFile{f, bytes.NewReader(content)}, nil
	}
	return f, err
}

// ReadFile reads a file, changed or not.
func (c changedFS) ReadFile(name string) ([]byte, error) {
	if content, ok := c.files[name]; ok {
		return content, nil
	}
	return fs.ReadFile(c.FS, name)
}

// changedFile is a file of which only the content is another.
type changedFile struct {
	fs.File
	content *bytes.Reader
}

func (c *changedFile) Read(p []byte) (int, error) { return c.content.Read(p) }
