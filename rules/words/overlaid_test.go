package words_test

import (
	"io/fs"
	"testing/fstest"
)

// overlaid is a folder with one file changed.
type overlaid struct {
	fs.FS
	name    string
	content []byte
}

func (o overlaid) Open(name string) (fs.File, error) {
	if name == o.name {
		return fstest.MapFS{name: {Data: o.content}}.Open(name)
	}
	return o.FS.Open(name)
}
