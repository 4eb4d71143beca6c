package store

import (
	"errors"
	"sync/atomic"
	"testing"
)

func TestInParallel(t *testing.T) {
	var sum atomic.Int64
	if err := inParallel(100, func(i int) error { sum.Add(int64(i)); return nil }); err != nil || sum.Load() != 4950 {
		t.Errorf("%v, sum %d", err, sum.Load())
	}
	if err := inParallel(0, func(int) error { return errors.New("called") }); err != nil {
		t.Error(err)
	}
	lowest := errors.New("3")
	for range 100 {
		err := inParallel(20, func(i int) error {
			switch {
			case i == 3:
				return lowest
			case i > 3:
				return errors.New("above")
			}
			return nil
		})
		if !errors.Is(err, lowest) {
			t.Fatal(err)
		}
	}
}
