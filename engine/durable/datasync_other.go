//go:build !linux

package durable

import "os"

// dataSync makes the content of an open file durable.
func dataSync(f *os.File) error { return f.Sync() }
