package account

import (
	"time"
)

// Attempts are the failures of one user name or one address. The zero value has
// none. A store may forget them at Expires.
type Attempts struct {
	Key     Hash        `json:"key"`
	Recent  []time.Time `json:"recent,omitempty"`
	Locks   int         `json:"locks,omitempty"` // locks so far; each doubles the next
	Until   time.Time   `json:"until,omitzero"`
	Last    time.Time   `json:"last,omitzero"`
	Expires time.Time   `json:"expires,omitzero"`
	Version uint64      `json:"version"`
}

// attemptsKey names what is counted by a hash: a name nobody has may be a password
// typed into the wrong field.
func attemptsKey(kind, name string) Hash { return HashOf(Secret("attempts/" + kind + "/" + name)) }

// wait is how long tries are refused yet. A clock set back never makes it longer
// than the longest lock.
func (l LockoutPolicy) wait(a Attempts, now time.Time) time.Duration {
	return min(max(a.Until.Sub(now), 0), l.Longest)
}

// fail counts one more failure.
func (l LockoutPolicy) fail(a Attempts, now time.Time) Attempts {
	if now.Sub(a.Last) > l.Forget {
		a.Recent, a.Locks = nil, 0
	}
	recent := make([]time.Time, 0, len(a.Recent)+1)
	for _, t := range a.Recent {
		if now.Sub(t) < l.Window {
			recent = append(recent, t)
		}
	}
	recent = append(recent, now)
	a.Last = now
	if len(recent) >= l.Failures {
		pause := l.First
		for i := 0; i < a.Locks && pause < l.Longest; i++ {
			pause *= 2
		}
		pause = min(pause, l.Longest)
		a.Until = now.Add(pause)
		a.Locks++
		// What is older than the lock decides nothing any more.
		recent = recent[len(recent)-l.Failures:]
	}
	a.Recent = recent
	a.Expires = now.Add(l.Forget + l.Longest)
	return a
}

// undo takes a failure back that turned out to be none, and the lock it made.
func (l LockoutPolicy) undo(a Attempts, at time.Time) Attempts {
	recent := make([]time.Time, 0, len(a.Recent))
	done := false
	for _, t := range a.Recent {
		if !done && t.Equal(at) {
			done = true
			continue
		}
		recent = append(recent, t)
	}
	if done && len(a.Recent) >= l.Failures && a.Last.Equal(at) && a.Locks > 0 {
		a.Locks--
		a.Until = time.Time{}
	}
	a.Recent = recent
	return a
}
