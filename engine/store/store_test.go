package store_test

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/hedui/hedui/engine/store"
	"github.com/hedui/hedui/engine/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestDir(t *testing.T) {
	storetest.Run(t, func(tb testing.TB) store.Store {
		s, err := store.OpenDir(tb.TempDir())
		if err != nil {
			tb.Fatal(err)
		}
		return s
	})
}

func TestMemory(t *testing.T) {
	storetest.Run(t, func(testing.TB) store.Store { return store.NewMemory() })
}

func BenchmarkDir(b *testing.B) {
	storetest.Bench(b, func(tb testing.TB) store.Store {
		s, err := store.OpenDir(tb.TempDir())
		if err != nil {
			tb.Fatal(err)
		}
		return s
	})
}

func BenchmarkMemory(b *testing.B) {
	storetest.Bench(b, func(testing.TB) store.Store { return store.NewMemory() })
}
