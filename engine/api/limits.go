package api

import (
	"runtime"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Limits bound what one request, one account and all together may take. A zero field
// is filled from DefaultLimits.
type Limits struct {
	// Of a request.
	Body       int64         // bytes
	Header     int           // bytes of the request line and all headers
	Parameters int           // in the query
	HeaderTime time.Duration // to send the headers
	BodyTime   time.Duration // to send the body
	AnswerTime time.Duration // to take the answer
	IdleTime   time.Duration // between two requests on a connection
	WorkTime   time.Duration // to be answered in

	// Of a file of a batch, which comes or goes in the bulk lane.
	File     int64         // bytes
	FileTime time.Duration // to send it
	BulkTime time.Duration // to be answered in, and to take the answer

	// Of connections. One that has not sent a request yet makes room for a new one when
	// all are taken.
	Connections int

	// Of one account, and of one address that tries to sign in.
	AccountRate  float64 // requests a second
	AccountBurst int
	SignInRate   float64
	SignInBurst  int

	// Of the lanes.
	InteractiveSlots, InteractiveQueue int
	InteractiveWait                    time.Duration
	HeavySlots, HeavyQueue             int
	HeavyWait                          time.Duration
	BulkSlots, BulkQueue               int
	BulkWait                           time.Duration
	BatchSlots, BatchQueue             int
	BatchWait                          time.Duration
	BatchSlice                         time.Duration // of batch work before it looks whether somebody waits
	BatchPause                         time.Duration // that it waits for them at most

	// HideTime is the grain of the time after which "not found" is said, so that the
	// time does not tell what is there.
	HideTime time.Duration

	// StopTime is how long a stop waits for what was begun.
	StopTime time.Duration
}

// DefaultLimits are those of a server on this machine.
func DefaultLimits() Limits {
	cores := runtime.GOMAXPROCS(0)
	return Limits{
		Body: 1 << 20, Header: 16 << 10, Parameters: 32,
		HeaderTime: 5 * time.Second, BodyTime: 10 * time.Second, AnswerTime: 30 * time.Second,
		IdleTime: 2 * time.Minute, WorkTime: 10 * time.Second,
		File: 64 << 20, FileTime: 5 * time.Minute, BulkTime: 15 * time.Minute,
		Connections: 4096,
		AccountRate: 200, AccountBurst: 400, SignInRate: 2, SignInBurst: 20,
		InteractiveSlots: 64, InteractiveQueue: 256, InteractiveWait: 25 * time.Millisecond,
		HeavySlots: max(1, cores/2), HeavyQueue: 16, HeavyWait: 2 * time.Second,
		BulkSlots: 3, BulkQueue: 16, BulkWait: 10 * time.Second,
		BatchSlots: max(1, cores/2), BatchQueue: 64, BatchWait: time.Minute,
		BatchSlice: 3 * time.Millisecond, BatchPause: 25 * time.Millisecond,
		HideTime: 4 * time.Millisecond,
		StopTime: 20 * time.Second,
	}
}

// filled returns the limits with the defaults where nothing was said.
func (l Limits) filled() Limits {
	d := DefaultLimits()
	fill(&l.Body, d.Body)
	fill(&l.Header, d.Header)
	fill(&l.Parameters, d.Parameters)
	fill(&l.HeaderTime, d.HeaderTime)
	fill(&l.BodyTime, d.BodyTime)
	fill(&l.AnswerTime, d.AnswerTime)
	fill(&l.IdleTime, d.IdleTime)
	fill(&l.WorkTime, d.WorkTime)
	fill(&l.File, d.File)
	fill(&l.FileTime, d.FileTime)
	fill(&l.BulkTime, d.BulkTime)
	fill(&l.BulkSlots, d.BulkSlots)
	fill(&l.BulkQueue, d.BulkQueue)
	fill(&l.BulkWait, d.BulkWait)
	fill(&l.Connections, d.Connections)
	fill(&l.AccountRate, d.AccountRate)
	fill(&l.AccountBurst, d.AccountBurst)
	fill(&l.SignInRate, d.SignInRate)
	fill(&l.SignInBurst, d.SignInBurst)
	fill(&l.InteractiveSlots, d.InteractiveSlots)
	fill(&l.InteractiveQueue, d.InteractiveQueue)
	fill(&l.InteractiveWait, d.InteractiveWait)
	fill(&l.HeavySlots, d.HeavySlots)
	fill(&l.HeavyQueue, d.HeavyQueue)
	fill(&l.HeavyWait, d.HeavyWait)
	fill(&l.BatchSlots, d.BatchSlots)
	fill(&l.BatchQueue, d.BatchQueue)
	fill(&l.BatchWait, d.BatchWait)
	fill(&l.BatchSlice, d.BatchSlice)
	fill(&l.BatchPause, d.BatchPause)
	fill(&l.HideTime, d.HideTime)
	fill(&l.StopTime, d.StopTime)
	return l
}

func fill[T comparable](v *T, d T) {
	var zero T
	if *v == zero {
		*v = d
	}
}

// maxBuckets bounds how many callers a rates remembers.
const maxBuckets = 10000

// rates gives each caller a bucket of its own.
type rates struct {
	rate  rate.Limit
	burst int

	mu      sync.Mutex
	buckets map[string]*bucket
}

type bucket struct {
	limiter *rate.Limiter
	used    time.Time
}

func newRates(perSecond float64, burst int) *rates {
	return &rates{rate: rate.Limit(perSecond), burst: burst, buckets: map[string]*bucket{}}
}

// take takes one of the caller's tokens. When there is none it says how long until
// there is.
func (r *rates) take(who string, now time.Time) (wait time.Duration, ok bool) {
	r.mu.Lock()
	b := r.buckets[who]
	if b == nil {
		if len(r.buckets) >= maxBuckets {
			r.sweep(now)
		}
		b = &bucket{limiter: rate.NewLimiter(r.rate, r.burst)}
		r.buckets[who] = b
	}
	b.used = now
	r.mu.Unlock()
	if b.limiter.AllowN(now, 1) {
		return 0, true
	}
	return max(time.Second, time.Duration(float64(time.Second)/float64(r.rate))), false
}

// sweep forgets whose bucket is full again, and when that is nobody, everybody: a
// flood of made-up callers must not take memory.
func (r *rates) sweep(now time.Time) {
	full := time.Duration(float64(r.burst) / float64(r.rate) * float64(time.Second))
	for who, b := range r.buckets {
		if now.Sub(b.used) > full {
			delete(r.buckets, who)
		}
	}
	if len(r.buckets) >= maxBuckets {
		clear(r.buckets)
	}
}
