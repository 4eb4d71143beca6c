package main

import (
	"os"
	"strconv"
	"syscall"
)

// niceness is how far a process stands back: a tenth of the processor beside one that
// does not.
const niceness = 10

// lowerPriority lowers that of every thread: on Linux each has its own, and hands it to
// those that it starts.
func lowerPriority() {
	for range 2 { // a thread that was started meanwhile is found by the second pass
		threads, err := os.ReadDir("/proc/self/task")
		if err != nil {
			return
		}
		for _, t := range threads {
			if id, err := strconv.Atoi(t.Name()); err == nil {
				_ = syscall.Setpriority(syscall.PRIO_PROCESS, id, niceness) // as far as the system lets
			}
		}
	}
}
