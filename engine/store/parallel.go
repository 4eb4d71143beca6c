package store

import (
	"runtime"
	"sync"
)

// inParallel calls fn with the numbers below n, in order, in as many goroutines as
// there are processors. After an error no more are begun; that of the lowest number is
// returned, so what is said does not depend on how many there are.
func inParallel(n int, fn func(i int) error) error {
	var mu sync.Mutex
	var failed error
	next, lowest := 0, n
	take := func() (int, bool) {
		mu.Lock()
		defer mu.Unlock()
		if next == n || failed != nil {
			return 0, false
		}
		next++
		return next - 1, true
	}
	var all sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) {
		all.Go(func() {
			for i, ok := take(); ok; i, ok = take() {
				if err := fn(i); err != nil {
					mu.Lock()
					if i < lowest {
						failed, lowest = err, i
					}
					mu.Unlock()
				}
			}
		})
	}
	all.Wait()
	return failed
}
