//go:build !linux

package upkeep

import "github.com/hedui/hedui/engine/durable"

// systemOf asks the machine for the one thing that can be asked everywhere.
func systemOf(dir string) System {
	s := System{Free: -1, Files: -1, Core: -1}
	if free, known, err := durable.FreeBytes(dir); err == nil && known {
		s.Free = free
	}
	return s
}
