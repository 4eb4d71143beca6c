package main

import (
	"math"
	"math/bits"
	"time"
)

// histogram counts times, each to within one part in 64, from a microsecond on.
type histogram struct {
	count int64
	sum   time.Duration
	max   time.Duration
	cells [64 * 40]int64
}

func cell(d time.Duration) int {
	us := uint64(max(0, d.Microseconds()))
	if us < 64 {
		return int(us)
	}
	shift := bits.Len64(us) - 7
	return min(64*(shift+1)+int(us>>shift)-64, 64*40-1)
}

// top is the longest time that falls into a cell.
func top(c int) time.Duration {
	if c < 128 {
		return time.Duration(c+1) * time.Microsecond
	}
	shift := c/64 - 1
	return time.Duration((c%64+64+1)<<shift) * time.Microsecond
}

func (h *histogram) add(d time.Duration) {
	h.count++
	h.sum += d
	h.max = max(h.max, d)
	h.cells[cell(d)]++
}

func (h *histogram) merge(o *histogram) {
	h.count += o.count
	h.sum += o.sum
	h.max = max(h.max, o.max)
	for i, n := range o.cells {
		h.cells[i] += n
	}
}

func (h *histogram) at(share float64) time.Duration {
	left := int64(math.Ceil(share * float64(h.count)))
	for c, n := range h.cells {
		if left -= n; left <= 0 && n > 0 {
			return min(top(c), h.max)
		}
	}
	return h.max
}

// spread is what is said of a histogram, in milliseconds.
type spread struct {
	Count int64   `json:"count"`
	Mean  float64 `json:"mean_ms"`
	P50   float64 `json:"p50_ms"`
	P90   float64 `json:"p90_ms"`
	P99   float64 `json:"p99_ms"`
	P999  float64 `json:"p999_ms"`
	Max   float64 `json:"max_ms"`
}

func (h *histogram) spread() spread {
	if h.count == 0 {
		return spread{}
	}
	ms := func(d time.Duration) float64 { return math.Round(float64(d.Microseconds())) / 1000 }
	return spread{
		Count: h.count, Mean: ms(h.sum / time.Duration(h.count)), P50: ms(h.at(.5)), P90: ms(h.at(.9)),
		P99: ms(h.at(.99)), P999: ms(h.at(.999)), Max: ms(h.max),
	}
}
