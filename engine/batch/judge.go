package batch

import (
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/hedui/hedui/engine/profile"
)

// pieceLines is how many households are judged between two writes: few enough for what
// is written of them to be in the cache still.
const pieceLines = 256

// worker holds what one goroutine reuses from household to household.
type worker struct {
	reader
	profiles []*profile.Profile
	asked    []*profile.Profile // those of one plan
	found    Household
}

// judge has every judge answer the lines of a chunk, in pieces that are taken in order;
// each is judged into a slot of the sink and written from there in order, while others
// are judged.
func (r *pass) judge(c *chunk) error {
	pieces := (c.lines + pieceLines - 1) / pieceLines
	done := make([]chan int, pieces) // the slot of each
	for i := range done {
		done[i] = make(chan int, 1)
	}
	var taken atomic.Int64
	stop := make(chan struct{})
	var first error
	var once sync.Once
	fail := func(err error) {
		once.Do(func() {
			first = err
			close(stop)
		})
	}
	var g sync.WaitGroup
	for i := range r.workers {
		w := &r.workers[i]
		g.Go(func() {
			for {
				// First the slot, so that the earliest piece that is not written always
				// has one.
				var slot int
				select {
				case slot = <-r.slots:
				case <-stop:
					return
				}
				piece := int(taken.Add(1)) - 1
				if piece >= pieces {
					r.slots <- slot
					return
				}
				if err := r.judgePiece(w, c, slot, piece*pieceLines, min(c.lines, (piece+1)*pieceLines)); err != nil {
					fail(err)
					return
				}
				done[piece] <- slot
			}
		})
	}
	g.Go(func() {
		for piece := range pieces {
			var slot int
			select {
			case slot = <-done[piece]:
			case <-stop:
				return
			}
			if err := r.sink.Write(slot, min(pieceLines, c.lines-piece*pieceLines)); err != nil {
				fail(err)
				return
			}
			r.slots <- slot
		}
	})
	g.Wait()
	return first
}

func (r *pass) judgePiece(w *worker, c *chunk, slot, from, to int) error {
	r.sink.Begin(slot)
	for i := from; i < to; i++ {
		s := c.spans[i]
		if err := r.decode(w, c.entries[s.entry:s.entry+s.keys]); err != nil {
			return err
		}
		plans := c.kept[i]
		if plans == nil {
			plans = w.plan(r, c, i)
		}
		slots := c.slots[s.slot:]
		for j := range plans {
			keys := len(plans[j].Keys())
			w.asked = w.asked[:0]
			for _, slot := range slots[:keys] {
				w.asked = append(w.asked, w.profiles[slot])
			}
			slots = slots[keys:]
			if err := w.judges[j].Verify(&plans[j], w.asked, &w.found.Verdicts[j]); err != nil {
				return err
			}
		}
		w.found.Line, w.found.Request = c.line(i), plans[0].Request
		w.found.Receiving, w.found.ReceivingGiven = plans[0].Receiving()
		var err error
		if c.outcomes[i], err = r.sink.Judged(slot, &w.found); err != nil {
			return err
		}
	}
	return nil
}

// decode decodes what is held of the members of one household.
func (r *pass) decode(w *worker, entries [][]byte) error {
	for len(w.profiles) < len(entries) {
		w.profiles = append(w.profiles, &profile.Profile{})
	}
	for k, entry := range entries {
		if entry == nil {
			w.profiles[k].Reset()
		} else if err := profile.Decode(entry, w.profiles[k]); err != nil {
			return fmt.Errorf("generation %s: %w", r.Generation.Manifest().ID, err)
		}
	}
	return nil
}
