package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"

	"github.com/hedui/hedui/engine/household"
)

// verdictFile is a file that hedui verify wrote, read verdict by verdict.
type verdictFile struct {
	*lines

	file       *os.File
	size, read int64
}

func openVerdicts(path string) (*verdictFile, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	v := &verdictFile{lines: newLines(f, filepath.Base(path)), file: f}
	if info, err := f.Stat(); err == nil {
		v.size = info.Size()
	}
	return v, nil
}

func (f *verdictFile) close() { f.file.Close() }

// verdict is the next one; io.EOF after the last.
func (f *verdictFile) verdict() (*household.Verdict, error) {
	text, err := f.next()
	if err != nil {
		return nil, err
	}
	f.read += int64(len(text)) + 1
	v, err := household.ParseVerdict(bytes.TrimSpace(text))
	if err != nil {
		return nil, withHint(f.at(errors.New("it is no verdict")), "a file of hedui verify with --rules, of one scheme")
	}
	return v, nil
}

// about is how many verdicts the file has, by the length of those so far.
func (f *verdictFile) about() int64 { return f.line * f.size / max(1, f.read) }
