//go:build !linux && !darwin && !freebsd

package audit_test

import "errors"

func limitFiles(uint64) error { return errors.New("not on this system") }
