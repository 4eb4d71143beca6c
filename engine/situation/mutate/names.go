package mutate

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/hedui/hedui/rules"
)

// named is a name that a pack gives, with its kind: the unit of a parameter, what a
// set or an attribute is of.
type named struct{ name, kind string }

// vocabulary is what a pack, and what it extends, gives names to.
type vocabulary struct {
	parameters, sets, attributes, expenses, codes []named
	extends                                       bool
	everywhere                                    []string // codes of rules that are not an overlay's
	valued, unresolved                            []string // parameters that somewhere have a value; likewise none
}

// ownFiles are the files of a pack that mutate changes, in the order of their names:
// all but the words for people, the policy of links (a language of its own, with
// tests of its own) and the situations.
func ownFiles(dir fs.FS) ([]string, error) {
	var out []string
	err := fs.WalkDir(dir, ".", func(name string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir():
			if name != "." && name != "overlays" && !strings.HasPrefix(name, "overlays/") || e.Name() == "tests" {
				return fs.SkipDir
			}
		case path.Ext(name) == ".yaml" && e.Name() != "messages.yaml" && e.Name() != "policy.yaml":
			out = append(out, name)
		}
		return nil
	})
	return out, err
}

// documents reads the files of a pack's own folder.
func documents(dir fs.FS) ([]*document, error) {
	files, err := ownFiles(dir)
	if err != nil {
		return nil, err
	}
	var out []*document
	for _, name := range files {
		content, err := fs.ReadFile(dir, name)
		if err != nil {
			return nil, err
		}
		if !utf8.Valid(content) {
			return nil, fmt.Errorf("%s: not UTF-8, so that places in it can't be told", name)
		}
		d, err := parse(name, content)
		if err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	return out, nil
}

// maxExtends bounds the chain of packs that extend each other.
const maxExtends = 8

// newVocabulary reads the names of documents and of the packs beneath them.
func newVocabulary(docs []*document) (*vocabulary, error) {
	v := &vocabulary{}
	for depth := range maxExtends {
		v.add(docs)
		base := ""
		for _, d := range docs {
			if d.name == "pack.yaml" {
				base = d.root.word("extends")
			}
		}
		if base == "" {
			break
		}
		v.extends = v.extends || depth == 0
		dir, err := rules.Open(base)
		if err != nil {
			return nil, err
		}
		if docs, err = documents(dir); err != nil {
			return nil, err
		}
	}
	return v, nil
}

func (v *vocabulary) add(docs []*document) {
	put := func(list *[]named, name, kind string) {
		i := slices.IndexFunc(*list, func(n named) bool { return n.name == name })
		switch {
		case i < 0:
			*list = append(*list, named{name, kind})
		case (*list)[i].kind == "": // the text of an overlay need not say it again
			(*list)[i].kind = kind
		}
	}
	for _, d := range docs {
		switch d.base {
		case "parameters.yaml":
			for _, e := range d.root.entries {
				put(&v.parameters, e.name, e.value.word("unit"))
				for _, x := range e.value.get("values").list() {
					if x.get("value") != nil || x.get("urban") != nil || x.get("sizes") != nil {
						v.valued = append(v.valued, e.name)
					}
					if x.get("unresolved") != nil {
						v.unresolved = append(v.unresolved, e.name)
					}
				}
			}
		case "assets.yaml":
			if sets := d.root.get("sets"); sets != nil {
				for _, e := range sets.entries {
					put(&v.sets, e.name, e.value.word("of"))
				}
			}
		case "attributes.yaml":
			if list := d.root.get("attributes"); list != nil {
				for _, e := range list.entries {
					put(&v.attributes, e.name, e.value.word("of"))
				}
			}
			if list := d.root.get("expenses"); list != nil {
				for _, e := range list.entries {
					put(&v.expenses, e.name, "")
				}
			}
		case "rules.yaml":
			if list := d.root.get("rules"); list != nil {
				for _, r := range list.items {
					put(&v.codes, r.word("code"), "")
					if !d.overlay {
						v.everywhere = append(v.everywhere, r.word("code"))
					}
				}
			}
		}
	}
}

// find gives the kind of a name in a list.
func find(list []named, name string) (kind string, ok bool) {
	for _, n := range list {
		if n.name == name {
			return n.kind, true
		}
	}
	return "", false
}

// ofKind are the names of one kind.
func ofKind(list []named, kind string) []string {
	var out []string
	for _, n := range list {
		if n.kind == kind {
			out = append(out, n.name)
		}
	}
	return out
}
